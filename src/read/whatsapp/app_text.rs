//! What the app writes in an author's place: media left out, deletions, notices, the mark of an edit.

use super::header::is_mark;

/// The mark that the app sets before its own words on iOS.
const APP_MARK: char = '\u{200e}';

/// Stand-ins for media, without brackets, marks and final stops, in lower case.
const MEDIA: &[&str] = &[
    "media omitted",
    "medien ausgeschlossen",
    "medien weggelassen",
    "multimedia omitido",
    "archivo omitido",
    "mídia oculta",
    "arquivo de mídia oculto",
    "ficheiro não revelado",
    "médias omis",
    "media weggelaten",
    "media omessi",
    "pominięto multimedia",
    "multimedia pominięto",
    "media utelämnat",
    "media utelatt",
    "uteladte medier",
    "media jätettiin pois",
    "media dilewatkan",
    "medya dahil edilmedi",
    "medya atlanmış",
    "без медиафайлов",
    "файл пропущен",
];

/// The last word of iOS's stand-ins (`image omitted`, `Bild weggelassen`), and the words before it.
const OMITTED: &[&str] = &[
    "omitted",
    "weggelassen",
    "omitido",
    "omitida",
    "omitidos",
    "oculta",
    "oculto",
    "omise",
    "omis",
    "absente",
    "absent",
    "weggelaten",
    "omesso",
    "omessa",
    "omessi",
    "pominięto",
    "utelämnad",
    "udeladt",
    "utelatt",
    "dahil edilmedi",
];

/// What iOS leaves out.
const THINGS: &[&str] = &[
    "image",
    "video",
    "audio",
    "gif",
    "sticker",
    "document",
    "video note",
    "contact card",
    "bild",
    "audio",
    "dokument",
    "kontaktkarte",
    "imagen",
    "vídeo",
    "documento",
    "imagem",
    "figurinha",
    "vidéo",
    "document",
    "afbeelding",
    "immagine",
    "adesivo",
    "autocollant",
    "voice message",
    "sprachnachricht",
    "view once voice message",
    "videonachricht",
];

/// Words with which Android marks an attached file, whose name stands before them.
const ATTACHED: &[&str] = &[
    "file attached",
    "datei angehängt",
    "archivo adjunto",
    "arquivo anexado",
    "ficheiro anexado",
    "fichier joint",
    "bestand bijgevoegd",
    "file allegato",
    "załączono plik",
    "bifogad fil",
    "bilaga",
    "vedhæftet fil",
    "vedlagt fil",
    "tiedosto liitetty",
    "ekli dosya",
    "файл добавлен",
    "dosya ekli",
];

/// Words with which iOS marks an attached file, before its name.
const ATTACHMENT_LABELS: &[&str] = &[
    "attached",
    "anhang",
    "adjunto",
    "anexado",
    "pièce jointe",
    "bijlage",
    "bijgevoegd",
    "allegato",
    "bifogad",
    "załącznik",
];

/// Stand-ins for deleted messages, without final stops.
const DELETED: &[&str] = &[
    "this message was deleted",
    "you deleted this message",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
    "se eliminó este mensaje",
    "este mensaje fue eliminado",
    "eliminaste este mensaje",
    "mensagem apagada",
    "esta mensagem foi apagada",
    "você apagou esta mensagem",
    "apagou esta mensagem",
    "ce message a été supprimé",
    "vous avez supprimé ce message",
    "dit bericht is verwijderd",
    "je hebt dit bericht verwijderd",
    "u hebt dit bericht verwijderd",
    "questo messaggio è stato eliminato",
    "hai eliminato questo messaggio",
    "ta wiadomość została usunięta",
    "det här meddelandet raderades",
    "du raderade det här meddelandet",
    "denne besked blev slettet",
    "denne meldingen ble slettet",
    "tämä viesti poistettiin",
    "bu mesaj silindi",
    "данное сообщение удалено",
    "このメッセージは削除されました",
    "此消息已删除",
];

/// Marks of an edit, inside `<…>`, without final stops.
const EDITED: &[&str] = &[
    "this message was edited",
    "diese nachricht wurde bearbeitet",
    "se editó este mensaje",
    "este mensaje fue editado",
    "mensagem editada",
    "esta mensagem foi editada",
    "ce message a été modifié",
    "dit bericht is bewerkt",
    "dit bericht is gewijzigd",
    "questo messaggio è stato modificato",
    "ta wiadomość została zmieniona",
    "ta wiadomość została edytowana",
    "det här meddelandet har redigerats",
    "tätä viestiä muokattiin",
    "bu mesaj düzenlendi",
    "данное сообщение изменено",
];

/// Notices that Android writes without a mark.
const NOTICES: &[&str] =
    &["waiting for this message. this may take a while", "warte auf diese nachricht. dies kann etwas dauern"];

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
    if DELETED.contains(&inner) || inner.starts_with("this message was deleted by admin ") {
        Some("deleted")
    } else if NOTICES.contains(&inner) {
        Some("app_line")
    } else {
        (is_media(inner, line.starts_with('<')) || is_attached(&line)).then_some("attachment")
    }
}

/// Lower case, without marks and a final stop.
fn plain(line: &str) -> String {
    let bare: String = line.chars().filter(|c| !is_mark(*c)).map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
    bare.trim().trim_end_matches('.').to_lowercase()
}

fn is_media(inner: &str, bracketed: bool) -> bool {
    let label = inner.split_once(':').map_or("", |(label, _)| label.trim());
    let omitted = || OMITTED.iter().find_map(|word| inner.strip_suffix(word)).map(str::trim);
    MEDIA.contains(&inner)
        || bracketed && ATTACHMENT_LABELS.contains(&label)
        || omitted().is_some_and(|thing| THINGS.contains(&thing))
}

/// `IMG-1.jpg (file attached)`.
fn is_attached(line: &str) -> bool {
    let Some((name, note)) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")) else { return false };
    ATTACHED.contains(&note) && name.contains('.')
}

/// The text without what the app put at its end: the mark of an edit, or (behind the app's mark) anything in brackets.
fn without_tail(text: &str) -> &str {
    let Some(open) = text.rfind('<').filter(|_| text.ends_with('>')) else { return without_omitted(text) };
    let inner = plain(&text[open + 1..text.len() - 1]);
    let marked = text[..open].ends_with(APP_MARK);
    if !marked && !EDITED.contains(&inner.trim_end_matches('.')) {
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
