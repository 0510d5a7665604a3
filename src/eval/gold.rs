//! Labelled rows: JSON lines of the shared form, or a table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// A labelled row.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Gold {
    /// Its id.
    pub id: String,
    /// Language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// `user` or `assistant`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The message; may be left out where `said` stands.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What is known of this row; anything else is unknown, never a negative.
    pub labelled: Vec<String>,
    /// Categories that it is about or reveals.
    pub sensitive: Vec<String>,
    /// Whom each is about.
    pub disclosure: BTreeMap<String, String>,
    /// Ad topics, by tier-1 name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Further defensible topics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics_ok: Vec<String>,
    /// `purchase`, `interest` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// Where the row comes from.
    pub source: String,
    /// Of a stratified sample: the stratum …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stratum: Option<String>,
    /// … and how many messages of the corpus this row stands for: 1 / its inclusion probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// What the scan that was sampled said of it, category and whom it is about: used where there is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<BTreeMap<String, String>>,
}

impl Gold {
    /// Whether the row's label for something is known.
    pub fn knows(&self, label: &str) -> bool {
        self.labelled.iter().any(|known| known == label)
    }

    /// Whether the category holds.
    pub fn is(&self, category: &str) -> bool {
        self.sensitive.iter().any(|known| known == category)
    }

    /// Whom the category is about, where it holds and this is known.
    pub fn about(&self, category: &str) -> Option<&str> {
        self.disclosure.get(category).map(String::as_str)
    }
}

/// Reads gold rows: a table if the file is called `.csv`, else JSON lines.
pub fn read_gold(file: &str, text: &str) -> Result<Vec<Gold>> {
    let rows = if file.to_ascii_lowercase().ends_with(".csv") { table(file, text) } else { lines(file, text) }?;
    let silent = rows.iter().position(|row| row.text.trim().is_empty() && row.said.is_none());
    match silent {
        Some(row) => Err(bad(file, row + 1, format!("row `{}` has no text, and no `said` in its place", rows[row].id))),
        None => Ok(rows),
    }
}

fn bad(file: &str, line: usize, why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, why).at(format!("{file}:{line}"))
}

fn lines(file: &str, text: &str) -> Result<Vec<Gold>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    // The words of a JSON error can quote the row.
    lines.map(|(number, line)| serde_json::from_str(line).map_err(|e| bad(file, number + 1, place(&e)))).collect()
}

fn place(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => format!("no gold row: column {} is of an unexpected kind", error.column()),
        _ => format!("not JSON at column {}", error.column()),
    }
}

/// A table: `sensitive` and `labelled` are lists with `;` between (`health:self; religion:topic`); `labelled` may be `all`.
fn table(file: &str, text: &str) -> Result<Vec<Gold>> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|e| bad(file, 1, e.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|title| title.trim().eq_ignore_ascii_case(name));
    if column("labelled").is_none() || column("sensitive").is_none() {
        return Err(bad(file, 1, "a table of gold rows needs the columns id, text, labelled and sensitive"));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record =
            record.map_err(|e| bad(file, e.position().map_or(0, |p| p.line() as usize), "not a row of CSV"))?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        let cell =
            |name: &str| column(name).and_then(|at| record.get(at)).map(str::trim).filter(|cell| !cell.is_empty());
        let owned = |name: &str| cell(name).map(str::to_owned);
        let list = |name: &str| -> Vec<String> { cell(name).map(items).unwrap_or_default() };
        let mut row = Gold {
            id: owned("id").unwrap_or_default(),
            lang: owned("lang"),
            role: owned("role"),
            text: owned("text").unwrap_or_default(),
            labelled: list("labelled"),
            topics: list("topics"),
            topics_ok: list("topics_ok"),
            intent: owned("intent"),
            source: owned("source").unwrap_or_default(),
            stratum: owned("stratum"),
            ..Gold::default()
        };
        for item in list("sensitive") {
            let (category, about) = item.split_once(':').unwrap_or((&item, ""));
            row.sensitive.push(category.trim().to_owned());
            if !about.trim().is_empty() {
                row.disclosure.insert(category.trim().to_owned(), about.trim().to_owned());
            }
        }
        if let Some(weight) = cell("weight") {
            row.weight = Some(weight.parse().map_err(|_| bad(file, line, "`weight` is no number"))?);
        }
        rows.push(row);
    }
    Ok(rows)
}

fn items(cell: &str) -> Vec<String> {
    cell.split(';').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Puts the categories in the place of `all` in `labelled`.
pub fn spell_out(rows: &mut [Gold], categories: &[String]) {
    for row in rows {
        if let Some(place) = row.labelled.iter().position(|label| label == "all") {
            row.labelled.remove(place);
            row.labelled.extend(categories.iter().cloned());
            row.labelled.push("disclosure".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{read_gold, spell_out};

    #[test]
    fn a_table_is_read_as_its_json_lines_are() {
        let table = "id,lang,text,labelled,sensitive,weight\n1,en,\"my knee, again\",all,health:self,2.5\n2,fr,bonjour,health;union,,\n";
        let mut rows = read_gold("gold.csv", table).unwrap();
        spell_out(&mut rows, &["health".into(), "union".into()]);
        let json = concat!(
            r#"{"id":"1","lang":"en","text":"my knee, again","labelled":["health","union","disclosure"],"#,
            r#""sensitive":["health"],"disclosure":{"health":"self"},"weight":2.5}"#,
            "\n",
            r#"{"id":"2","lang":"fr","text":"bonjour","labelled":["health","union"]}"#
        );
        assert_eq!(rows, read_gold("gold.jsonl", json).unwrap());
        assert!(rows[0].is("health") && rows[0].about("health") == Some("self") && !rows[1].knows("religion"));
    }

    #[test]
    fn what_is_no_gold_row_is_named_without_its_words() {
        let error = read_gold("g.jsonl", "{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":7,\"text\":\"secret\"}").unwrap_err();
        assert_eq!(error.place(), "g.jsonl:2");
        assert!(!error.to_string().contains("secret"));
        assert!(read_gold("g.jsonl", "{\"id\":\"a\"}").unwrap_err().message().contains("no text"));
        assert!(read_gold("g.csv", "id,text\n1,x\n").is_err());
    }
}
