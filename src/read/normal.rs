//! Normalised messages as JSON lines: one row a message, the same keys in the same order for every format.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use super::Interest;
use crate::chat::{Conversation, Message};
use crate::error::Result;

#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    conversation_id: &'a str,
    index: u64,
    role: &'static str,
    author: Option<&'a str>,
    timestamp: Option<String>,
    text: &'a str,
    platform: &'a str,
    surface: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    attachments: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ts_local: bool,
}

/// Writes a conversation's messages, one JSON object a line; `file` is the input's path as the user gave it.
pub fn write_rows(out: &mut impl Write, file: &str, conversation: &Conversation) -> Result<()> {
    for (index, message) in (conversation.first_index..).zip(&conversation.messages) {
        let row = row(file, conversation, index, message);
        row.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Spaced))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct InterestRow<'a> {
    file: &'a str,
    source: &'a str,
    kind: &'a str,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
}

/// Writes an interest that a platform's download lists, as one JSON object on a line.
pub fn write_interest(out: &mut impl Write, file: &str, interest: &Interest) -> Result<()> {
    let Interest { source, kind, value, subject } = interest;
    let row = InterestRow { file, source, kind, value, subject: subject.as_deref() };
    row.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Spaced))?;
    out.write_all(b"\n")?;
    Ok(())
}

fn row<'a>(file: &'a str, conversation: &'a Conversation, index: u64, message: &'a Message) -> Row<'a> {
    Row {
        file,
        conversation_id: &conversation.id,
        index,
        role: message.role.name(),
        author: message.author.as_deref(),
        timestamp: message.sent_at.map(|time| time.to_string()),
        text: &message.text,
        platform: conversation.platform,
        surface: conversation.surface,
        attachments: &message.attachments,
        ts_local: message.local_time && message.sent_at.is_some(),
    }
}

/// JSON on one line with a space behind commas and colons, which is easier on the eye.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
