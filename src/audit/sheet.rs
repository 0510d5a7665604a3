//! Sheets for coders: one row a message, one empty cell a category; and what they have filled in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::eval::{Gold, read_gold, spell_out};
use crate::stats::random::Random;
use crate::table::quoted;

use super::sample::Candidate;

/// What a coder says of one category in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// It does not hold.
    No,
    /// It does, of the writer.
    Oneself,
    /// It does, of somebody else.
    Another,
    /// It does, of nobody in particular.
    Topic,
    /// It does; of whom was not said.
    Yes,
}

/// Names of [`Code`], in its order.
const CODES: [&str; 5] = ["no", "self", "other", "topic", "yes"];

impl Code {
    /// The word for it.
    pub fn name(self) -> &'static str {
        CODES[self as usize]
    }

    /// Whether the category holds.
    pub fn holds(self) -> bool {
        self != Code::No
    }

    /// Reads a cell; none where it is empty or `?`.
    fn read(cell: &str) -> std::result::Result<Option<Code>, ()> {
        Ok(Some(match cell.trim().to_lowercase().as_str() {
            "" | "?" => return Ok(None),
            "no" | "n" | "0" | "-" | "false" => Code::No,
            "self" | "s" => Code::Oneself,
            "other" | "o" => Code::Another,
            "topic" | "t" => Code::Topic,
            "yes" | "y" | "x" | "1" | "true" => Code::Yes,
            _ => return Err(()),
        }))
    }
}

/// A row of a sheet that somebody has coded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Coded {
    /// Its id.
    pub id: String,
    /// Its language.
    pub lang: Option<String>,
    /// The message, where the sheet holds it.
    pub text: Option<String>,
    /// What was said of each category; none where nothing was.
    pub codes: Vec<Option<Code>>,
}

/// A blank sheet as CSV or JSON lines, the rows in an order of its own for every seed.
pub fn blank(sample: &[Candidate], categories: &[String], lines: bool, seed: u64) -> String {
    let mut rows: Vec<&Candidate> = sample.iter().collect();
    // The order in which they were drawn tells the stratum.
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    Random::new(seed).shuffle(&mut rows);
    let quotes = sample.iter().any(|candidate| candidate.text.is_some());
    let mut out = String::new();
    if !lines {
        let text = if quotes { "text," } else { "" };
        out = format!("id,lang,{text}{},none,note\n", categories.join(","));
    }
    for row in rows {
        if lines {
            let codes: serde_json::Map<String, Value> = categories.iter().map(|id| (id.clone(), Value::Null)).collect();
            let mut value = json!({"id": row.id, "lang": row.lang, "codes": codes, "none": null, "note": null});
            if let Some(text) = &row.text {
                value["text"] = json!(text);
            }
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{value}");
            continue;
        }
        let text = row.text.as_ref().map_or(String::new(), |text| quoted(text) + ",");
        let text = if quotes && text.is_empty() { ",".to_owned() } else { text };
        let _ = writeln!(out, "{},{},{text}{},,", row.id, row.lang, ",".repeat(categories.len().saturating_sub(1)));
    }
    out
}

/// Reads what a coder filled in: a sheet, or gold rows.
///
/// In a row with anything filled in, an empty cell means no; `none` fills a row without anything. A row that is empty throughout
/// was not coded, and `?` says that the coder cannot tell.
pub fn read(file: &str, text: &str, categories: &[String]) -> Result<Vec<Coded>> {
    let text = text.trim_start_matches('\u{feff}');
    let table = file.to_ascii_lowercase().ends_with(".csv");
    let first = text.lines().next().unwrap_or_default().to_lowercase();
    let is_gold = if table { first.contains("labelled") } else { !first.contains("\"codes\"") };
    if is_gold {
        let mut rows = gold(file, text)?;
        spell_out(&mut rows, categories);
        return Ok(rows.into_iter().map(|row| from_gold(row, categories)).collect());
    }
    if table { read_table(file, text, categories) } else { read_lines(file, text, categories) }
}

/// Gold rows without their texts are labels all the same.
fn gold(file: &str, text: &str) -> Result<Vec<Gold>> {
    if file.to_ascii_lowercase().ends_with(".csv") {
        return read_gold(file, text);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(n, line)| serde_json::from_str(line).map_err(|_| bad(file, n + 1, "no row of labels".into()))).collect()
}

fn bad(file: &str, line: usize, why: String) -> Error {
    Error::new(ErrorKind::Malformed, why).at(format!("{file}:{line}"))
}

fn from_gold(row: Gold, categories: &[String]) -> Coded {
    let code = |id: &String| {
        let about = row.about(id).and_then(|about| Code::read(about).ok().flatten());
        row.knows(id).then(|| if row.is(id) { about.unwrap_or(Code::Yes) } else { Code::No })
    };
    let codes = categories.iter().map(code).collect();
    Coded { codes, id: row.id, lang: row.lang, text: Some(row.text).filter(|text| !text.is_empty()) }
}

fn read_table(file: &str, text: &str, categories: &[String]) -> Result<Vec<Coded>> {
    // Spreadsheets of some countries save with semicolons.
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.matches(';').count() > header.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| bad(file, 1, e.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|title| title.trim().eq_ignore_ascii_case(name));
    let Some(id) = column("id") else { return Err(bad(file, 1, "a sheet needs the column id".into())) };
    let places: Vec<Option<usize>> = categories.iter().map(|id| column(id)).collect();
    if places.iter().all(Option::is_none) {
        return Err(bad(file, 1, format!("a sheet needs a column a category ({})", categories.join(", "))));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| bad(file, e.position().map_or(0, |p| p.line() as usize), "not CSV".into()))?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        let cell = |place: Option<usize>| place.and_then(|at| record.get(at)).unwrap_or_default();
        let cells: Vec<Option<&str>> = places.iter().map(|place| place.map(|at| cell(Some(at)))).collect();
        rows.push(Coded {
            id: cell(Some(id)).trim().to_owned(),
            lang: Some(cell(column("lang")).to_owned()).filter(|lang| !lang.is_empty()),
            text: Some(cell(column("text")).to_owned()).filter(|text| !text.is_empty()),
            codes: codes(&cells, cell(column("none")), categories).map_err(|why| bad(file, line, why))?,
        });
    }
    Ok(rows)
}

fn read_lines(file: &str, text: &str, categories: &[String]) -> Result<Vec<Coded>> {
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row: Value = serde_json::from_str(line).map_err(|_| bad(file, number + 1, "not a line of JSON".into()))?;
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => String::new(),
        };
        let cells: Vec<Option<String>> = categories.iter().map(|id| row["codes"].get(id).map(text)).collect();
        let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
        let codes = codes(&cells, &text(&row["none"]), categories).map_err(|why| bad(file, number + 1, why))?;
        let owned = |key: &str| Some(text(&row[key])).filter(|text| !text.is_empty());
        rows.push(Coded { id: text(&row["id"]), lang: owned("lang"), text: owned("text"), codes });
    }
    Ok(rows)
}

/// The codes of one row; a category without a column was not asked.
fn codes(cells: &[Option<&str>], none: &str, categories: &[String]) -> std::result::Result<Vec<Option<Code>>, String> {
    let touched = !none.trim().is_empty() || cells.iter().flatten().any(|cell| !cell.trim().is_empty());
    let mut codes = Vec::with_capacity(cells.len());
    for (cell, category) in cells.iter().zip(categories) {
        let Some(cell) = cell else {
            codes.push(None);
            continue;
        };
        let code = Code::read(cell).map_err(|()| {
            format!("column {category}: write self, other, topic, yes, no or ? (or nothing), not what stands there")
        })?;
        codes.push(if touched && cell.trim().is_empty() { Some(Code::No) } else { code });
    }
    let positive = codes.iter().flatten().any(|code| code.holds());
    if positive && !none.trim().is_empty() && Code::read(none) != Ok(Some(Code::No)) {
        return Err("`none` is filled in beside a category".to_owned());
    }
    Ok(codes)
}

/// Rows by id; an error where one stands twice.
pub fn by_id(file: &str, rows: Vec<Coded>) -> Result<BTreeMap<String, Coded>> {
    let mut known = BTreeMap::new();
    for row in rows {
        let id = row.id.clone();
        if id.is_empty() || known.insert(id.clone(), row).is_some() {
            let why = if id.is_empty() { "a row has no id".to_owned() } else { format!("row `{id}` stands twice") };
            return Err(Error::new(ErrorKind::Malformed, why).at(file));
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::{Code, blank, read};
    use crate::audit::sample::Candidate;

    fn categories() -> Vec<String> {
        ["health", "union"].map(str::to_owned).to_vec()
    }

    #[test]
    fn blank_sheets_tell_nothing_but_the_text() {
        let row = |id: &str| Candidate {
            id: id.into(),
            lang: "en".into(),
            stratum: "health 0.9+".into(),
            text: Some("a, \"b\"".into()),
            ..Candidate::default()
        };
        let sample = ["m-1", "m-2", "m-3", "m-4", "m-5", "m-6", "m-7"].map(row);
        let sheet = blank(&sample, &categories(), false, 1);
        assert!(sheet.starts_with("id,lang,text,health,union,none,note\n") && !sheet.contains("0.9"));
        assert!(sheet.lines().nth(1).unwrap().ends_with(",en,\"a, \"\"b\"\"\",,,,"), "{sheet}");
        assert_eq!(read("a.csv", &sheet, &categories()).unwrap().len(), 7);
        let lines = blank(&sample, &categories(), true, 1);
        assert_eq!(read("a.jsonl", &lines, &categories()).unwrap()[0].codes, [None, None]);
        assert_ne!(blank(&sample, &categories(), true, 2), lines);
    }

    #[test]
    fn empty_cells_mean_no_only_in_rows_that_were_coded() {
        let sheet = "id;lang;health;union;none\n1;en;self;;\n2;en;;;x\n3;en;;;\n4;en;?;T;\n";
        let codes: Vec<_> = read("a.csv", sheet, &categories()).unwrap().into_iter().map(|row| row.codes).collect();
        let wanted = [
            [Some(Code::Oneself), Some(Code::No)],
            [Some(Code::No), Some(Code::No)],
            [None, None],
            [None, Some(Code::Topic)],
        ];
        assert_eq!(codes, wanted);
        let wrong = read("a.csv", "id,health,union,none\n1,my knee,,\n", &categories()).unwrap_err();
        assert!(wrong.place() == "a.csv:2" && !wrong.to_string().contains("knee"));
        assert!(read("a.csv", "id,health,union,none\n1,self,,x\n", &categories()).is_err());
    }
}
