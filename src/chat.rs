//! What comes in: a conversation, as every reader yields it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The owner of the export, talking to an assistant.
    User,
    /// The assistant.
    Assistant,
    /// A human in a thread of several humans, not known to be the owner.
    Participant,
}

impl Role {
    /// The name used in records: `user`, `assistant`, `participant`.
    pub fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Participant => "participant",
        }
    }

    /// Reads the name used in records.
    pub fn from_name(name: &str) -> Option<Self> {
        [Role::User, Role::Assistant, Role::Participant].into_iter().find(|r| r.name() == name)
    }
}

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
///
/// Printed as RFC 3339 in UTC, with three decimals of the second unless they are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Year, month from 1, day from 1.
    pub fn date(self) -> (i64, i64, i64) {
        // Howard Hinnant's civil-from-days: exact over the proleptic Gregorian calendar, no allocation, no table.
        let z = self.0.div_euclid(86_400_000) + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let mp = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    /// The calendar month, `YYYY-MM`.
    pub fn month(self) -> String {
        self.to_string()[..7].to_owned()
    }

    /// The calendar day, `YYYY-MM-DD`.
    pub fn day(self) -> String {
        self.to_string()[..10].to_owned()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let ms = self.0.rem_euclid(86_400_000);
        let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}")?;
        if ms % 1000 != 0 {
            write!(f, ".{:03}", ms % 1000)?;
        }
        f.write_str("Z")
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The export's own id; for generic rows the row's `id`.
    pub id: Option<String>,
    /// Who wrote it.
    pub role: Role,
    /// The display name, where the format has one.
    pub author: Option<String>,
    /// When it was sent; never inherited from a neighbour.
    pub sent_at: Option<Timestamp>,
    /// The time was local and had no zone: `sent_at` is written as if it were UTC.
    pub local_time: bool,
    /// The text, trimmed; may be empty when there are attachments.
    pub text: String,
    /// Texts that were pasted or extracted from attached files.
    pub attachments: Vec<String>,
    /// A language the row itself states (generic rows); not guessed.
    pub language: Option<String>,
}

impl Message {
    /// A message with a role and a text and nothing else.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Message {
            id: None,
            role,
            author: None,
            sent_at: None,
            local_time: false,
            text: text.into(),
            attachments: Vec::new(),
            language: None,
        }
    }

    /// Whether there is nothing to read: no text and no attachment text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.attachments.is_empty()
    }
}

/// A conversation, or for a file of unrelated rows a run of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Where it was written: `chatgpt`, `claude`, `meta_ai`, `generic`, …
    pub platform: &'static str,
    /// The door: `web`, `messenger`, `instagram`, `whatsapp`, `meta_ai_app`, `cli`; none for corpora.
    pub surface: Option<&'static str>,
    /// The export's id, or what the format's convention makes of it.
    pub id: String,
    /// The id was made from a title or name that the user wrote, so reports must not show it.
    pub id_is_title: bool,
    /// The id only counts within its file (a row's number, a file's stem): two files may both have it, so it tells no
    /// copies apart.
    pub id_is_local: bool,
    /// The title, where there is one. Reports show it only on request.
    pub title: Option<String>,
    /// The export's last-change time: decides between two copies of one conversation.
    pub updated_at: Option<Timestamp>,
    /// Index of `messages[0]` in the whole conversation; not 0 only where a long run of rows comes in pieces.
    pub first_index: u64,
    /// The messages belong together and may explain one another; false for unrelated rows of a file.
    pub threaded: bool,
    /// The messages of the current branch, oldest first.
    pub messages: Vec<Message>,
}

impl Conversation {
    /// An empty conversation.
    pub fn new(platform: &'static str, surface: Option<&'static str>, id: impl Into<String>) -> Self {
        Conversation {
            platform,
            surface,
            id: id.into(),
            id_is_title: false,
            id_is_local: false,
            title: None,
            updated_at: None,
            first_index: 0,
            threaded: true,
            messages: Vec::new(),
        }
    }

    /// Length of all texts in bytes: the second criterion between two copies of one conversation.
    pub fn text_bytes(&self) -> u64 {
        self.messages.iter().map(|m| m.text.len() + m.attachments.iter().map(String::len).sum::<usize>()).sum::<usize>()
            as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn timestamps_print_as_rfc_3339() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp(1_768_035_601_500).to_string(), "2026-01-10T09:00:01.500Z");
        assert_eq!(Timestamp(951_782_400_000).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(253_402_300_799_000).month(), "9999-12");
    }
}
