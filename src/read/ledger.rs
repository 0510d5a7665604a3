//! The ledger: what was found, read, and left out, and why. Nothing is dropped without a line here.

use std::fmt;

use super::Counts;
use crate::error::{Error, ErrorKind};

/// Every reason for leaving something out, with the words that the reports print. Codes are fixed; add, never rename.
pub const REASONS: &[(&str, &str)] = &[
    // members
    ("not_chat", "file of this download without chats"),
    ("media", "picture, sound, video or other media"),
    ("resource_fork", "macOS bookkeeping file"),
    ("duplicate_rendering", "second rendering of chats that were read from JSON"),
    ("beside", "file beside the chats, of no known kind"),
    ("unrecognised", "not a known chat export"),
    ("empty", "empty file"),
    ("encrypted", "password-protected"),
    ("unreadable", "damaged or cut short"),
    ("not_opened", "could not be opened"),
    ("human_only", "thread without an AI"),
    ("limit", "over a safety limit"),
    // messages
    ("no_text", "no text"),
    ("hidden", "hidden by the platform"),
    ("system", "system or developer text"),
    ("tool", "tool call or tool output"),
    ("reasoning", "the model's reasoning"),
    ("profile", "custom instructions or saved memory"),
    ("app_line", "line written by the app, not by a person"),
    ("deleted", "deleted or unsent"),
    ("other_branch", "edited or regenerated away"),
    ("other_product", "activity of another product"),
    ("duplicate", "second copy of a conversation"),
    ("bad_record", "record that could not be parsed"),
    ("attachment", "attachment without text in the export"),
];

/// What happened to one member of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// The file, or `archive!member`.
    pub place: String,
    /// The format that read it; none when it was skipped.
    pub format: Option<&'static str>,
    /// A reason code when it was not (wholly) read.
    pub reason: Option<&'static str>,
    /// What went wrong or what was seen, in words; never message text.
    pub detail: String,
}

impl FileLine {
    /// The line of an input that could not be opened at all.
    pub fn failed(path: &str, error: &Error) -> FileLine {
        let reason = match error.kind() {
            ErrorKind::Encrypted => "encrypted",
            ErrorKind::Limit => "limit",
            ErrorKind::Unrecognised => "unrecognised",
            ErrorKind::Io if is_out_of_reach(error) => "not_opened",
            _ => "unreadable",
        };
        FileLine { place: path.to_owned(), format: None, reason: Some(reason), detail: error.message().to_owned() }
    }

    /// Whether something that should have been read was not: such a line makes a scan end with exit code 3.
    pub fn is_trouble(&self) -> bool {
        matches!(self.reason, Some("unrecognised" | "empty" | "encrypted" | "unreadable" | "not_opened" | "limit"))
    }
}

/// Whether the file itself could not be had, as opposed to what is in it.
fn is_out_of_reach(error: &Error) -> bool {
    let io = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    io.is_some_and(|io| matches!(io.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied))
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words =
            self.reason.and_then(|code| REASONS.iter().find(|(known, _)| *known == code)).map_or("read", |(_, w)| w);
        write!(f, "{}: {words}", self.place)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

/// Counts of everything seen while reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// One line a member, in reading order.
    pub files: Vec<FileLine>,
    /// Conversations read.
    pub conversations: u64,
    /// Messages read.
    pub messages: u64,
    /// Bytes of members read (after inflating).
    pub bytes: u64,
    /// Messages, branches, attachments left out, by reason code.
    pub skipped: Counts,
}

impl Ledger {
    /// Counts `count` things left out for `reason`.
    pub fn skip(&mut self, reason: &'static str, count: u64) {
        *self.skipped.entry(reason).or_default() += count;
    }

    /// Adds another ledger's counts and lines behind this one's.
    pub fn merge(&mut self, other: Ledger) {
        self.files.extend(other.files);
        self.conversations += other.conversations;
        self.messages += other.messages;
        self.bytes += other.bytes;
        for (reason, count) in other.skipped {
            self.skip(reason, count);
        }
    }
}
