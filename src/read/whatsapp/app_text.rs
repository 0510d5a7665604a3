//! What the app writes in an author's place: media left out, deletions, notices, the mark of an edit.

use super::header::is_mark;
use super::words;

/// The mark that the app sets before its own words on iOS.
const APP_MARK: char = '\u{200e}';

/// The text that the person wrote; otherwise the reason why there is none.
pub(crate) fn strip(text: &str) -> Result<String, &'static str> {
    // Some versions write this for what they cannot export; "Null" is a German zero.
    if text == "null" {
        return Err("attachment");
    }
    let (first, below) = text.split_once('\n').map_or((text, ""), |(first, below)| (first, below));
    let kind = line_kind(first);
    if first.starts_with(APP_MARK) && kind != Some("attachment") {
        return Err(kind.unwrap_or("app_line"));
    }
    let kept = match kind {
        // A caption stands below the line of its file.
        Some("attachment") if !below.trim().is_empty() => below,
        Some(reason) if below.trim().is_empty() => return Err(reason),
        _ => text,
    };
    let kept = without_tail(kept.trim()).trim().to_owned();
    if kept.is_empty() { Err("no_text") } else { Ok(kept) }
}

/// The reason to drop a line of the app; none when a person wrote it.
fn line_kind(line: &str) -> Option<&'static str> {
    let line = plain(line);
    let inner = line.strip_prefix('<').and_then(|line| line.strip_suffix('>')).unwrap_or(&line);
    let inner = inner.trim_end_matches('.');
    if words::is("deleted", inner) || words::all("deleted by").iter().any(|start| inner.starts_with(start)) {
        Some("deleted")
    } else if words::is("notices", inner) {
        Some("app_line")
    } else {
        (is_media(inner, line.starts_with('<')) || is_attached(&line)).then_some("attachment")
    }
}

/// Lower case, without marks and a final stop.
fn plain(line: &str) -> String {
    let spaced = |c| if matches!(c, '\u{a0}' | '\u{202f}') { ' ' } else { c };
    let bare: String = line.chars().filter(|c| !is_mark(*c)).map(spaced).collect();
    bare.trim().trim_end_matches(['.', '。', '।']).to_lowercase()
}

fn is_media(inner: &str, bracketed: bool) -> bool {
    let label = inner.split_once([':', '：']).map_or("", |(label, _)| label.trim());
    let omitted = || words::all("omitted").iter().filter_map(|word| inner.strip_suffix(word)).map(str::trim);
    words::is("media", inner)
        || bracketed && words::is("labels", label)
        || omitted().any(|thing| words::is("things", thing.trim_end_matches('이')))
}

/// `IMG-1.jpg (file attached)`; behind a name that only the app gives, in any language.
fn is_attached(line: &str) -> bool {
    let Some((name, note)) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")) else { return false };
    words::is("attached", note) && name.contains('.') || is_own_name(name)
}

/// `IMG-20250213-WA0001.jpg`.
fn is_own_name(name: &str) -> bool {
    let mut parts = name.splitn(3, '-');
    let (kind, day, rest) = (parts.next(), parts.next(), parts.next());
    kind.is_some_and(|kind| matches!(kind, "img" | "vid" | "aud" | "ptt" | "doc" | "stk"))
        && day.is_some_and(|day| day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()))
        && rest.is_some_and(|rest| rest.starts_with("wa") && rest.contains('.') && !rest.contains(' '))
}

/// The text without what the app put at its end: the mark of an edit, or (behind the app's mark) anything in brackets.
fn without_tail(text: &str) -> &str {
    let Some(open) = text.rfind('<').filter(|_| text.ends_with('>')) else { return without_omitted(text) };
    let inner = plain(&text[open + 1..text.len() - 1]);
    let marked = text[..open].ends_with(APP_MARK);
    if !marked && !words::is("edited", &inner) {
        return text;
    }
    without_tail(text[..open].trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()))
}

/// The text without a stand-in for media behind the app's mark. A document's own name is left of it, with ` • `.
fn without_omitted(text: &str) -> &str {
    let Some((before, after)) = text.rsplit_once(APP_MARK) else { return text };
    if line_kind(after) != Some("attachment") {
        return text;
    }
    if before.contains(" • ") && !before.contains('\n') { "" } else { before.trim_end() }
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn what_the_app_writes_is_dropped() {
        for (text, reason) in [
            ("<Media omitted>", "attachment"),
            ("<Médias omis>", "attachment"),
            ("\u{200e}image omitted", "attachment"),
            ("Bild weggelassen", "attachment"),
            ("GIF omitted", "attachment"),
            ("<attached: 0001-PHOTO.jpg>", "attachment"),
            ("IMG-1.jpg (Datei angehängt)", "attachment"),
            ("null", "attachment"),
            ("report.pdf • 3 pages \u{200e}document omitted", "no_text"),
            ("This message was deleted.", "deleted"),
            ("\u{200e}You deleted this message.", "deleted"),
            ("\u{200e}Nachrichten sind verschlüsselt.\nMehr", "app_line"),
            ("", "no_text"),
        ] {
            assert_eq!(strip(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn what_people_write_is_kept() {
        for (text, kept) in [
            ("ok <This message was edited>", "ok"),
            ("ok \u{200e}<anything here>", "ok"),
            ("is <b> a tag>", "is <b> a tag>"),
            ("IMG-1.jpg (file attached)\nmy rash", "my rash"),
            ("\u{200e}<attached: 1.jpg>\nmy rash", "my rash"),
            ("look \u{200e}<attached: 1.jpg>", "look"),
            ("media omitted from the report", "media omitted from the report"),
            ("the image was omitted", "the image was omitted"),
            ("Null", "Null"),
            ("a\n\nb", "a\n\nb"),
        ] {
            assert_eq!(strip(text).as_deref(), Ok(kept), "{text:?}");
        }
    }
}
