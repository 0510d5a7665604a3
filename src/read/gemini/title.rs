//! The title of an activity: a verb, and for prompts what the person said.

use std::sync::LazyLock;

use regex::Regex;

/// Verbs after which the person's words follow, the longer before those that begin like them.
const SPEECH: &[&str] = &[
    "Prompted with: ",
    "Prompted ",
    "Asked Gemini: ",
    "Asked Bard: ",
    "Asked ",
    "Said ",
    "Branched ",
    "Answered ",
    "Submitted query ",
    "Fez uma pergunta: ",
    "Preguntó: ",
];

/// Verbs of things done, not said.
const DEEDS: &[&str] = &[
    "Created",
    "Used",
    "Gave",
    "Selected",
    "Shared",
    "Deleted",
    "Cleared",
    "Viewed",
    "Visited",
    "Opened",
    "Turned",
    "Started",
    "Pinned",
    "Unpinned",
    "Renamed",
    "Reported",
    "Downloaded",
    "Exported",
    "Removed",
    "Enabled",
    "Disabled",
    "Connected",
    "Disconnected",
    "Added",
    "Updated",
    "Saved",
    "Copied",
    "Rated",
    "Uploaded",
    "Listened",
    "Played",
];

/// What a title says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Title<'a> {
    /// A known verb of speech, and the words.
    Said(&'a str),
    /// No message.
    Done,
    /// A verb of another language: the whole title, which counts only with a reply.
    Unknown(&'a str),
}

static ATTACHED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)\s*(?:\bAttached \d+ files?\.?(?:\s*\n-.*)?|\b\d+ attachments?\.?)\s*$").ok());

/// Reads a title.
pub(crate) fn read(title: &str) -> Title<'_> {
    let title = title.trim();
    if let Some(words) = SPEECH.iter().find_map(|verb| after_verb(title, verb)) {
        return Title::Said(without_attachments(words));
    }
    let verb = title.split([' ', '\u{a0}']).next().unwrap_or_default();
    if DEEDS.contains(&verb) { Title::Done } else { Title::Unknown(without_attachments(title)) }
}

/// The rest of a title behind a verb; any space of the verb may be a no-break space.
fn after_verb<'a>(title: &'a str, verb: &str) -> Option<&'a str> {
    let mut rest = title.chars();
    for wanted in verb.chars() {
        match rest.next() {
            Some(c) if c == wanted || wanted == ' ' && c == '\u{a0}' => {}
            // A title of a verb alone has been trimmed.
            None if wanted == ' ' => {}
            _ => return None,
        }
    }
    Some(rest.as_str().trim())
}

fn without_attachments(words: &str) -> &str {
    let cut = ATTACHED.as_ref().and_then(|regex| regex.find(words)).map_or(words.len(), |found| found.start());
    words[..cut].trim_end()
}

#[cfg(test)]
mod tests {
    use super::{Title, read};

    #[test]
    fn verbs() {
        assert_eq!(read("Prompted\u{a0}is it?"), Title::Said("is it?"));
        assert_eq!(read("Prompted with: is it?"), Title::Said("is it?"));
        assert_eq!(read("Asked Bard: who won?"), Title::Said("who won?"));
        assert_eq!(read("Asked who won?"), Title::Said("who won?"));
        assert_eq!(read("Fez uma pergunta:\u{a0}olá"), Title::Said("olá"));
        assert_eq!(read("Used an Assistant feature"), Title::Done);
        assert_eq!(read("Usedom ist schön"), Title::Unknown("Usedom ist schön"));
        assert_eq!(read("Prompted"), Title::Said(""));
    }

    #[test]
    fn attachments_are_cut() {
        assert_eq!(read("Prompted and with wine? Attached 1 file."), Title::Said("and with wine?"));
        assert_eq!(read("Prompted this\nAttached 2 files.\n- a.jpg\n- b.jpg"), Title::Said("this"));
        assert_eq!(read("Prompted sum up 3 attachments."), Title::Said("sum up"));
        assert_eq!(read("Prompted Attached 1 file. why?"), Title::Said("Attached 1 file. why?"));
    }
}
