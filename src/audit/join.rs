//! What a corpus tells of its conversations and records do not: model, country, person …
//!
//! One line a conversation, JSON lines (the corpus itself, for example) or a table; memory grows with the number of
//! conversations, not with their texts.

use std::collections::HashMap;

use serde_json::Value;

use super::lines::each_line;
use crate::error::{Error, ErrorKind, Result};
use crate::text::{ByHash, hash_word};

/// Names of the column that names the conversation, the best first.
const KEYS: [&str; 4] = ["conversation_id", "conversation_hash", "chat_id", "id"];

/// Columns by conversation.
#[derive(Debug, Default)]
pub struct Join {
    fields: Vec<String>,
    values: Vec<String>,
    known: HashMap<String, u32>,
    rows: ByHash<Vec<Option<u32>>>,
}

impl Join {
    /// Reads these columns of a file; those that it does not have are left to the records.
    pub fn read(path: &str, fields: &[String]) -> Result<Join> {
        let mut join = Join { fields: fields.to_vec(), ..Join::default() };
        if path.to_ascii_lowercase().ends_with(".csv") {
            join.table(path)?;
        } else {
            each_line(path, &mut |line, _| {
                let row: Value =
                    serde_json::from_slice(line).map_err(|_| Error::new(ErrorKind::Malformed, "not a line of JSON"))?;
                join.add(&|name| scalar(row.get(name)?));
                Ok(())
            })?;
        }
        if join.rows.is_empty() {
            let words = format!("no row names a conversation ({})", KEYS.join(", "));
            return Err(Error::new(ErrorKind::Usage, words).at(path));
        }
        Ok(join)
    }

    fn table(&mut self, path: &str) -> Result<()> {
        let bad = |error: csv::Error| Error::new(ErrorKind::Malformed, error.to_string()).at(path);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(bad)?;
        let header = reader.headers().map_err(bad)?.clone();
        for record in reader.records() {
            let record = record.map_err(bad)?;
            self.add(&|name| {
                let column = header.iter().position(|title| title.trim() == name)?;
                record.get(column).filter(|cell| !cell.is_empty()).map(str::to_owned)
            });
        }
        Ok(())
    }

    fn add(&mut self, cell: &dyn Fn(&str) -> Option<String>) {
        let Some(key) = KEYS.iter().find_map(|key| cell(key)) else { return };
        let mut row = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            row.push(cell(field).map(|value| match self.known.get(&value) {
                Some(number) => *number,
                None => {
                    let number = self.values.len() as u32;
                    self.values.push(value.clone());
                    self.known.insert(value, number);
                    number
                }
            }));
        }
        self.rows.entry(hash_word(key.as_bytes())).or_insert(row);
    }

    /// What is known of a conversation.
    pub fn get(&self, conversation: &str, field: &str) -> Option<&str> {
        let column = self.fields.iter().position(|known| known == field)?;
        let value = (*self.rows.get(&hash_word(conversation.as_bytes()))?.get(column)?)?;
        self.values.get(value as usize).map(String::as_str)
    }
}

/// A value that can name a group.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}
