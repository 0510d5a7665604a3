//! Microsoft Copilot's activity history: one CSV of all chats, newest first.

use std::collections::HashMap;
use std::sync::Arc;

use super::catalog::Content;
use super::roles::{Speaker, speaker};
use super::{Catalog, Entry, Format, How, Sink, Task, time};
use crate::chat::{Conversation, Message, Timestamp};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

/// The headers of the two files that were seen, and where they have conversation, time, author and message.
const HEADERS: &[(&str, [usize; 4])] =
    &[("Conversation,Time,Author,Message", [0, 1, 2, 3]), ("CreatedAt,MessageContent,Author,ChatName", [3, 0, 2, 1])];

/// The format.
pub(crate) struct Copilot;

impl Format for Copilot {
    fn id(&self) -> &'static str {
        "copilot"
    }

    fn about(&self) -> &'static str {
        "Microsoft Copilot activity history (CSV with the columns Conversation,Time,Author,Message)"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let found = catalog.free(|entry| entry.content == Content::Text && columns(entry).is_some());
        let task = |entry: usize| {
            let columns = columns(&catalog.entries[entry]).unwrap_or_default();
            let members = vec![catalog.claim(entry, self.id())];
            let stream = move |members: &[Member], sink: &mut dyn Sink| {
                members.iter().try_for_each(|member| read(member, columns, sink))
            };
            Task { format: self.id(), members, how: How::Stream(Arc::new(stream)) }
        };
        found.into_iter().map(task).collect()
    }
}

fn columns(entry: &Entry) -> Option<[usize; 4]> {
    let header = entry.head.lines().next()?.trim().replace('"', "");
    HEADERS.iter().find(|(known, _)| *known == header).map(|&(_, columns)| columns)
}

/// A row: the chat's title and a message.
type Row = (String, Message);

fn read(member: &Member, columns: [usize; 4], sink: &mut dyn Sink) -> Result<()> {
    let mut rows: Vec<Row> = Vec::new();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(member.open()?);
    for (number, record) in reader.records().enumerate() {
        match record {
            Ok(record) => match row(&record, columns) {
                Ok(row) => rows.push(row),
                Err(reason) => sink.skip(reason, 1),
            },
            Err(error) if error.is_io_error() => {
                return Err(Error::new(ErrorKind::Io, error.to_string()).at(member.place()));
            }
            Err(error) => sink.trouble(&format!("row {}", number + 2), &error.to_string()),
        }
    }
    // A prompt and its reply share the second: only the file's direction tells their order.
    if !is_oldest_first(&rows) {
        rows.reverse();
    }
    grouped(rows).into_iter().try_for_each(|conversation| sink.conversation(conversation))
}

fn row(record: &csv::StringRecord, [title, at, author, text]: [usize; 4]) -> std::result::Result<Row, &'static str> {
    let field = |column: usize| record.get(column);
    let (Some(title), Some(at), Some(author), Some(text)) = (field(title), field(at), field(author), field(text))
    else {
        return Err("bad_record");
    };
    let role = match speaker(author) {
        Speaker::Known(role) => role,
        Speaker::LeftOut(reason) => return Err(reason),
        Speaker::Unknown => return Err("bad_record"),
    };
    let mut message = Message::new(role, text);
    let at = time::from_text(at);
    message.sent_at = at.map(|(at, _)| at);
    message.local_time = at.is_some_and(|(_, local)| local);
    Ok((title.to_owned(), message))
}

/// Someone has turned the file round: its times rise, and never fall.
fn is_oldest_first(rows: &[Row]) -> bool {
    let times: Vec<Timestamp> = rows.iter().filter_map(|(_, message)| message.sent_at).collect();
    times.first() < times.last() && times.is_sorted()
}

/// Chats by title, in the order of their first messages.
fn grouped(rows: Vec<Row>) -> Vec<Conversation> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut conversations: Vec<Conversation> = Vec::new();
    for (title, message) in rows {
        let place = *places.entry(title).or_insert_with_key(|title| {
            let mut conversation = Conversation::new("copilot", Some("web"), title.as_str());
            conversation.id_is_title = true;
            conversation.title = Some(title.clone()).filter(|title| !title.is_empty());
            conversations.push(conversation);
            conversations.len() - 1
        });
        conversations[place].updated_at = conversations[place].updated_at.max(message.sent_at);
        conversations[place].messages.push(message);
    }
    conversations
}
