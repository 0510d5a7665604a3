//! The codebook: every column of the tidy table and every value that it can hold, from the data of the lexicon itself.

use std::fmt::Write;

use super::names::Names;
use super::schema::{self, Output};
use super::words::Words;
use crate::law;
use crate::policy;

/// What a codebook is made of.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Categories and topics.
    pub names: &'a Names,
    /// The threshold of every category, by category id.
    pub thresholds: &'a [(String, f32)],
    /// Digest over the lexicon.
    pub lexicon_sha256: &'a str,
    /// Languages with a lexicon.
    pub languages: &'a [String],
}

/// A value of a column.
struct Entry {
    variable: &'static str,
    value: String,
    label_en: String,
    label_fr: String,
    definition: String,
}

/// The codebook as Markdown.
pub fn markdown(source: &Source) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{text}");
    };
    line("# Codebook\n");
    line(&format!(
        "Of the tables of offlimits {}, lexicon {}. Languages with a lexicon: {}.\n",
        env!("CARGO_PKG_VERSION"),
        source.lexicon_sha256,
        source.languages.join(", ")
    ));
    line("## Columns\n\n| column | type | meaning | values |\n|---|---|---|---|");
    for [name, kind, says, values] in columns() {
        line(&format!("| `{name}` | {kind} | {says} | {values} |"));
    }
    let mut last = "";
    for entry in entries(source) {
        if entry.variable != last {
            last = entry.variable;
            line(&format!("\n## Values of `{last}`\n\n| value | English | French | meaning |\n|---|---|---|---|"));
        }
        line(&format!("| `{}` | {} | {} | {} |", entry.value, entry.label_en, entry.label_fr, entry.definition));
    }
    out
}

/// The codebook as CSV: `variable,value,label_en,label_fr,definition`; a column's own line has no value.
pub fn csv(source: &Source) -> String {
    let mut out = Vec::new();
    let mut row = |cells: [&str; 5]| {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            super::csv::field(&mut out, cell.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    };
    row(["variable", "value", "label_en", "label_fr", "definition"]);
    for [name, _, says, _] in &columns() {
        row([name, "", "", "", says]);
    }
    for entry in entries(source) {
        row([entry.variable, &entry.value, &entry.label_en, &entry.label_fr, &entry.definition]);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Name, type, meaning and fixed values of every column.
fn columns() -> Vec<[String; 4]> {
    let table: serde_json::Value = serde_json::from_str(schema::of(Output::Tidy)).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let values = |field: &serde_json::Value| {
        let values = field["constraints"]["enum"].as_array().into_iter().flatten().filter_map(|value| value.as_str());
        values.filter(|value| !value.is_empty()).map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
    };
    let column = |field: &serde_json::Value| {
        [text(&field["name"]), text(&field["type"]), text(&field["description"]), values(field)]
    };
    table["fields"].as_array().into_iter().flatten().map(column).collect()
}

fn entries(source: &Source) -> Vec<Entry> {
    let mut entries = categories(source);
    let topic = |topic: &super::TopicName| Entry {
        variable: "code (topics)",
        value: topic.id.clone(),
        label_en: topic.path.join(" > "),
        label_fr: String::new(),
        definition: String::new(),
    };
    entries.extend(source.names.topics.iter().map(topic));
    entries.extend(reasons());
    entries
}

fn categories(source: &Source) -> Vec<Entry> {
    let category = |name: &super::CategoryName| {
        let threshold = source.thresholds.iter().find(|(id, _)| *id == name.id).map_or(0.5, |(_, value)| *value);
        let laws = law::all().iter().filter_map(|law| Some((law.names(&name.id)?, law.id.as_str())));
        let laws: Vec<String> = laws.map(|(how, id)| format!("{id} ({})", how.name())).collect();
        let kind = if name.listed { "sensitive" } else { "unlisted" };
        let laws = if laws.is_empty() { "none".to_owned() } else { laws.join(", ") };
        Entry {
            variable: "code (categories)",
            value: name.id.clone(),
            label_en: name.name_en.clone(),
            label_fr: name.name_fr.clone(),
            definition: format!(
                "{} Kind: {kind}. Reported from {threshold:.2}. Lists that name it: {laws}.",
                name.definition
            ),
        }
    };
    source.names.categories.iter().map(category).collect()
}

fn reasons() -> Vec<Entry> {
    let words = |language: &str| Words::new(language).ok();
    let (english, french) = (words("en"), words("fr"));
    let label = |words: &Option<Words>, code: &str| words.map_or(String::new(), |words| words.reason(code).to_owned());
    let entry = |(code, scope): &(&str, crate::finding::Scope)| Entry {
        variable: "scope_reasons (records)",
        value: (*code).to_owned(),
        label_en: label(&english, code),
        label_fr: label(&french, code),
        definition: format!("Scope: {}.", scope.name()),
    };
    policy::REASONS.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::{Source, csv, markdown};
    use crate::report::sample;

    #[test]
    fn every_code_is_explained() {
        let names = sample::names();
        let thresholds = [("health".to_owned(), 0.6)];
        let languages = ["en".to_owned()];
        let source = Source { names: &names, thresholds: &thresholds, lexicon_sha256: "abc", languages: &languages };
        let (text, table) = (markdown(&source), csv(&source));
        for name in &names.categories {
            assert!(text.contains(&format!("| `{}` | {}", name.id, name.name_en)) && table.contains(&name.name_fr));
        }
        assert!(text.contains("Reported from 0.60") && text.contains("gdpr (named)") && text.contains("`unlisted`"));
        assert!(table.contains("scope_reasons (records),no_date,") && !table.contains(",?,"));
        let mut reader = ::csv::Reader::from_reader(table.as_bytes());
        assert!(reader.records().all(|row| row.unwrap().len() == 5));
    }
}
