//! Rows of chats that no vendor wrote: objects or table lines with a column of text, told by their columns' names.
//!
//! Names are compared without case, spaces and underscores. Columns that mean nothing here are stepped over.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::roles::{Speaker, speaker};
use super::{Shape, Sink, time};
use crate::chat::{Message, Role};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Text,
    Question,
    Answer,
    Role,
    Conversation,
    Time,
    Id,
    Language,
}

const COLUMNS: usize = 8;

/// The names of columns, the best first: where a row has several, the first of this list is taken.
const NAMES: &[(Column, &[&str])] = &[
    (
        Column::Text,
        &["text", "content", "message", "body", "value", "utterance", "messagetext", "messagecontent", "msg", "parts"],
    ),
    (Column::Question, &["prompt", "question", "instruction", "query", "userprompt", "usermessage", "input"]),
    (Column::Answer, &["response", "answer", "output", "completion", "reply", "assistantresponse", "botresponse"]),
    (Column::Role, &["role", "speaker", "sender", "author", "from", "sendertype", "authorrole", "participant"]),
    (
        Column::Conversation,
        &[
            "conversationid",
            "sessionid",
            "threadid",
            "chatid",
            "dialogid",
            "dialogueid",
            "conversation",
            "session",
            "thread",
            "chat",
            "chatname",
        ],
    ),
    (Column::Time, &["timestamp", "time", "datetime", "date", "createdat", "createtime", "sentat", "created", "ts"]),
    (Column::Id, &["id", "messageid", "uuid", "msgid"]),
    (Column::Language, &["lang", "language", "locale"]),
];

/// What a column's name means, and its rank among the names of the same meaning.
pub(crate) fn column(name: &str) -> Option<(Column, usize)> {
    if name.len() > 40 {
        return None;
    }
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.iter().find_map(|(column, names)| Some((*column, names.iter().position(|n| *n == name)?)))
}

/// Whether the records of a JSON document are rows: a column of text (or of questions) that is no structure itself.
pub(crate) fn are_rows(shape: &Shape) -> bool {
    let names = shape.record_keys();
    let has_role = names.iter().any(|key| matches!(column(key), Some((Column::Role, _))));
    let holds_text = |key: &str| {
        let below = |path: &str| shape.has_record(&format!("{key}{path}"));
        let is_leaf = !below(".*") && !below("[].*");
        // A text in parts is only believed where somebody says it.
        is_leaf || has_role && (below("[].text") || below(".parts") || below(".text"))
    };
    names.into_iter().any(|key| matches!(column(key), Some((Column::Text | Column::Question, _))) && holds_text(key))
}

/// Whether lists of rows with speakers stand somewhere below the top of a JSON document.
pub(crate) fn have_rows_inside(shape: &Shape) -> bool {
    let is = |path: &str, wanted: &[Column]| {
        let key = path.rsplit(['.', ']']).next().unwrap_or_default();
        column(key).is_some_and(|(column, _)| wanted.contains(&column))
    };
    let list_of = |path: &'_ String| path.rfind("[].").map(|at| at + 3).filter(|at| !path[*at..].contains(['.', '[']));
    let speakers = shape.paths.iter().filter(|path| is(path, &[Column::Role]));
    let mut lists = speakers.filter_map(|path| list_of(path).map(|at| &path[..at]));
    lists.any(|list| {
        let siblings = shape.paths.range(list.to_owned()..).take_while(|path| path.starts_with(list));
        let mut own = siblings.filter(|path| !path[list.len()..].contains(['.', '[']));
        own.any(|path| is(path, &[Column::Text]))
    })
}

/// Whether the records name their conversations.
pub(crate) fn have_conversations(shape: &Shape) -> bool {
    shape.record_keys().into_iter().any(|key| matches!(column(key), Some((Column::Conversation, _))))
}

/// One row: the columns that mean something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    cells: [Option<(usize, String)>; COLUMNS],
}

impl Row {
    /// Puts a cell where its column's name is better than what is there.
    pub(crate) fn put(&mut self, (column, rank): (Column, usize), value: String) {
        let cell = &mut self.cells[column as usize];
        if !value.trim().is_empty() && cell.as_ref().is_none_or(|(other, _)| rank < *other) {
            *cell = Some((rank, value));
        }
    }

    fn get(&self, column: Column) -> Option<&str> {
        self.cells[column as usize].as_ref().map(|(_, value)| value.as_str())
    }

    fn take(&mut self, column: Column) -> Option<String> {
        self.cells[column as usize].take().map(|(_, value)| value)
    }

    /// The conversation's id.
    pub(crate) fn conversation(&self) -> Option<&str> {
        self.get(Column::Conversation).map(str::trim)
    }

    /// Bytes of all cells.
    pub(crate) fn size(&self) -> u64 {
        self.cells.iter().flatten().map(|(_, value)| value.len() as u64).sum()
    }

    /// Whether the row is a question with its answer.
    pub(crate) fn is_pair(&self) -> bool {
        self.get(Column::Text).is_none() && self.get(Column::Answer).is_some()
    }

    /// The row's messages: one, or two for a question with its answer.
    pub(crate) fn messages(mut self, sink: &mut dyn Sink) -> Vec<Message> {
        let (role, author) = match self.get(Column::Role).map(speaker) {
            None => (Role::User, None),
            Some(Speaker::Known(role)) => (role, None),
            Some(Speaker::Unknown) => (Role::Participant, self.take(Column::Role)),
            Some(Speaker::LeftOut(reason)) => {
                sink.skip(reason, 1);
                return Vec::new();
            }
        };
        let time = self.get(Column::Time).and_then(time::from_text);
        let (id, language) = (self.take(Column::Id), self.take(Column::Language));
        let filled = |role: Role, text: String| {
            let mut message = Message::new(role, text);
            message.id = id.clone();
            message.sent_at = time.map(|(at, _)| at);
            message.local_time = time.is_some_and(|(_, local)| local);
            message.language = language.clone();
            message
        };
        let is_pair = self.is_pair();
        if !is_pair {
            let text = self.take(Column::Text).or_else(|| self.take(Column::Question)).unwrap_or_default();
            return vec![Message { author, ..filled(role, text) }];
        }
        let question = self.take(Column::Question).map(|text| filled(Role::User, text));
        let answer = self.take(Column::Answer).map(|text| filled(Role::Assistant, text));
        question.into_iter().chain(answer).collect()
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

struct RowVisitor;

/// Anything but an object is a row without cells.
impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(key) = map.next_key::<String>()? {
            match column(&key) {
                Some(column) => {
                    if let Cell(Some(value)) = map.next_value()? {
                        row.put(column, value);
                    }
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(row)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Row, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Row::default())
    }

    fn visit_unit<E>(self) -> Result<Row, E> {
        Ok(Row::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Row, E> {
        Ok(Row::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Row, E> {
        Ok(Row::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Row, E> {
        Ok(Row::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Row, E> {
        Ok(Row::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Row, E> {
        Ok(Row::default())
    }
}

/// A cell's value as text: a string, a number, or the texts of its parts.
struct Cell(Option<String>);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Cell(as_text(&Value::deserialize(deserializer)?)))
    }
}

/// A value as a cell's text.
fn as_text(value: &Value) -> Option<String> {
    let texts = match value {
        Value::String(text) => return Some(text.clone()),
        Value::Number(number) => return Some(number.to_string()),
        Value::Array(parts) => parts.iter().filter_map(part).collect::<Vec<_>>(),
        Value::Object(object) => {
            let inside = ["parts", "text", "role", "name"].into_iter().find_map(|key| object.get(key))?;
            match inside {
                Value::Array(parts) => parts.iter().filter_map(part).collect(),
                other => other.as_str().into_iter().collect(),
            }
        }
        Value::Null | Value::Bool(_) => return None,
    };
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// The text of one part; tools and reasoning are parts of another type.
fn part(part: &Value) -> Option<&str> {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
    let text = || part.get("text").and_then(Value::as_str).filter(|_| kind.ends_with("text"));
    part.as_str().or_else(text)
}

/// Takes the lists of rows out of a document, each with the id of the object that it stands in.
pub(crate) fn rows_inside(document: &Value) -> Vec<(Option<String>, Vec<Row>)> {
    let mut found = Vec::new();
    let mut open: Vec<(&Value, Option<String>)> = vec![(document, None)];
    while let Some((value, id)) = open.pop() {
        match value {
            Value::Array(items) => {
                let rows: Vec<Row> = items.iter().filter_map(row_of).collect();
                let speakers = rows.iter().filter_map(|row| row.get(Column::Role));
                let known = speakers.filter(|name| matches!(speaker(name), Speaker::Known(_))).count();
                if known * 2 >= items.len().max(1) {
                    let named = rows.iter().find_map(|row| row.conversation().map(str::to_owned));
                    found.push((named.or(id), rows));
                } else {
                    open.extend(items.iter().rev().map(|item| (item, None)));
                }
            }
            Value::Object(object) => {
                let own = [Column::Conversation, Column::Id].into_iter().find_map(|wanted| {
                    let cells = object.iter().filter(|(key, _)| column(key).is_some_and(|(own, _)| own == wanted));
                    cells
                        .filter(|(_, value)| !value.is_array() && !value.is_object())
                        .find_map(|(_, value)| as_text(value))
                });
                // What stands in an object of an object is still of the outer one.
                open.extend(object.iter().rev().map(|(_, inner)| (inner, own.clone().or_else(|| id.clone()))));
            }
            _ => {}
        }
    }
    found
}

/// An object with a speaker and a text.
fn row_of(value: &Value) -> Option<Row> {
    let mut row = Row::default();
    for (key, value) in value.as_object()? {
        if let (Some(column), Some(text)) = (column(key), as_text(value)) {
            row.put(column, text);
        }
    }
    (row.get(Column::Role).is_some() && row.get(Column::Text).is_some()).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::json;
    use crate::read::sink::Collector;

    fn messages(row: &str) -> Vec<(String, &'static str, Option<String>)> {
        let row: Row = json::parse(row.as_bytes()).expect("tolerated");
        let messages = row.messages(&mut Collector::default());
        messages.into_iter().map(|m| (m.text, m.role.name(), m.author)).collect()
    }

    #[test]
    fn the_best_column_is_taken_whatever_else_is_there() {
        let one = |text: &str, role| vec![(text.to_owned(), role, None)];
        assert_eq!(
            messages(r#"{"note":"n","labelled":["x"],"value":3,"content":"c","Text":"t","topics":[]}"#),
            one("t", "user")
        );
        assert_eq!(messages(r#"{"content":{"a":1},"body":"b","Sender":"Bot"}"#), one("b", "assistant"));
        assert_eq!(messages(r#"{"text":"s","role":"system"}"#), []);
        assert_eq!(messages(r#"{"text":"p","author":"Ines"}"#), [("p".into(), "participant", Some("Ines".into()))]);
        let pair = messages(r#"{"prompt":"q","response":"a"}"#);
        assert_eq!(pair, [("q".into(), "user", None), ("a".into(), "assistant", None)]);
        assert_eq!(messages(r#"{"prompt":"q"}"#), one("q", "user"));
    }
}
