//! What a scan writes: the fixed form of its records, the same bytes whatever the threads, and nobody's words unasked.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

const SAMPLE: &str = "tests/exports/sample/chatgpt-export.zip";
const FACEBOOK: &str = "tests/exports/sample/facebook-reneecastillo-2026-02-11-Qw3rTy78.zip";
const WHATSAPP: &str = "tests/exports/sample/WhatsApp Chat with Meta AI.zip";

const KEYS: &str = "source platform surface conversation_id message_id index role timestamp lang chars sensitive unlisted \
                    topics intent implies scope scope_reasons ad_use";
const QUOTE_KEYS: &str = "author text attachments evidence";

/// What the program writes to standard output.
fn offlimits(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_offlimits"))
        .args(arguments)
        .env("LC_ALL", "C")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The keys of a JSON object, in the order in which they stand.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Keys;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn keys(line: &str) -> String {
    serde_json::from_str::<Keys>(line).expect("a JSON object").0.join(" ")
}

fn is_probability(value: &Value) -> bool {
    value.as_f64().is_some_and(|score| (0.0..=1.0).contains(&score))
}

fn one_of(value: &Value, words: &str) -> bool {
    value.as_str().is_some_and(|word| words.split(' ').any(|known| known == word))
}

#[test]
fn records_have_the_fixed_form() {
    let lines = offlimits(&["scan", SAMPLE, WHATSAPP, "--records", "-"]);
    assert_eq!(lines.lines().count(), 148);
    for line in lines.lines() {
        assert_eq!(keys(line), KEYS);
        let record: Value = serde_json::from_str(line).expect("JSON");
        for verdict in record["sensitive"].as_array().expect("a list") {
            let categories = "health religion politics orientation ethnicity philosophy union";
            assert!(one_of(&verdict["category"], categories) && is_probability(&verdict["score"]), "{line}");
            assert!(one_of(&verdict["disclosure"], "self other topic"), "{line}");
        }
        for topic in record["topics"].as_array().expect("a list") {
            let path = topic["path"].as_array().expect("a path");
            assert!(topic["name"] == path[0] && topic["id"].is_string() && is_probability(&topic["score"]), "{line}");
        }
        assert!(one_of(&record["intent"], "purchase interest none"), "{line}");
        assert!(one_of(&record["scope"], "in out unknown"), "{line}");
        assert!(one_of(&record["ad_use"], "excluded available out_of_scope unknown"), "{line}");
    }
}

#[test]
fn quoted_spans_are_the_words_of_the_text() {
    let lines = offlimits(&["scan", SAMPLE, "--records", "-", "--quote"]);
    let mut spans = 0;
    for line in lines.lines() {
        assert_eq!(keys(line), format!("{KEYS} {QUOTE_KEYS}"));
        let record: Value = serde_json::from_str(line).expect("JSON");
        let text = record["text"].as_str().expect("a text");
        for evidence in record["evidence"].as_array().expect("a list") {
            let at = |place: usize| evidence["span"][place].as_u64().expect("an offset") as usize;
            let found = text.get(at(0)..at(1)).expect("a span within the text, at the bounds of characters");
            assert!(!found.is_empty() && found.trim() == found, "{found:?}");
            spans += 1;
        }
    }
    assert!(spans > 100);
}

#[test]
fn a_table_says_what_the_lines_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("records.csv");
    offlimits(&["scan", SAMPLE, "-q", "--records", &path.to_string_lossy()]);
    let mut table = csv::Reader::from_path(&path).expect("a table");
    assert_eq!(table.headers().expect("a header").iter().collect::<Vec<_>>().join(" "), KEYS);
    let lines = offlimits(&["scan", SAMPLE, "--records", "-"]);
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), lines.lines().count());
    for (row, line) in rows.iter().zip(lines.lines()) {
        let record: Value = serde_json::from_str(line).expect("JSON");
        for (key, cell) in KEYS.split_whitespace().zip(row) {
            let same = match &record[key] {
                Value::Null => cell.is_empty(),
                Value::String(text) => cell == text,
                other => serde_json::from_str::<Value>(cell).is_ok_and(|cell| cell == *other),
            };
            assert!(same, "{key}: {cell} is not {}", record[key]);
        }
    }
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let records =
        |threads: &str| offlimits(&["scan", SAMPLE, FACEBOOK, "--records", "-", "--quote", "--threads", threads]);
    assert_eq!(records("1"), records("2"));
    let report = |threads: &str| offlimits(&["scan", SAMPLE, FACEBOOK, "--json", "-", "--threads", threads]);
    assert_eq!(report("1"), report("2"));
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// Every run of five words.
fn runs(text: &str) -> HashSet<String> {
    words(text).windows(5).map(|five| five.join(" ")).collect()
}

/// Everything that people and assistants wrote in the sample, and the titles of the chats.
fn texts_and_titles() -> (Vec<String>, Vec<String>) {
    let rows = offlimits(&["messages", SAMPLE, FACEBOOK, WHATSAPP]);
    let row = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    let texts = rows.lines().map(|line| row(line)["text"].as_str().expect("a text").to_owned()).collect();
    let file = fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE)).expect("opens");
    let mut archive = zip::ZipArchive::new(file).expect("a zip");
    let chats: Value =
        serde_json::from_reader(archive.by_name("conversations.json").expect("chats")).expect("conversations");
    let titles = chats.as_array().expect("a list").iter().filter_map(|chat| chat["title"].as_str());
    (texts, titles.filter(|title| words(title).len() > 1).map(str::to_owned).collect())
}

#[test]
fn nobodys_words_get_out_unasked() {
    let (texts, titles) = texts_and_titles();
    assert!(texts.len() > 300 && titles.len() > 40);
    let secret: HashSet<String> = texts.iter().flat_map(|text| runs(text)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (lines, table, json, html) = (place("r.jsonl"), place("r.csv"), place("r.json"), place("r.html"));
    let roles = "user,assistant,participant";
    let scan = ["scan", SAMPLE, FACEBOOK, WHATSAPP, "--roles", roles, "--as-if", "--records"];
    let terminal = offlimits(&[scan.as_slice(), &[&lines, "--json", &json, "--html", &html]].concat());
    offlimits(&[scan.as_slice(), &[&table, "-q"]].concat());
    let read = |path: &str| fs::read_to_string(path).expect("was written");
    for (name, output) in [
        ("lines", read(&lines)),
        ("table", read(&table)),
        ("json", read(&json)),
        ("html", read(&html)),
        ("terminal", terminal),
    ] {
        assert!(output.len() > 500, "{name} is empty");
        let told: Vec<String> = runs(&output).intersection(&secret).cloned().collect();
        assert!(told.is_empty(), "{name} holds words of messages: {told:?}");
        for title in
            titles.iter().map(String::as_str).chain(["Renée Castillo", "Dana Whitlock", "Théo Garnier", "Ski trip"])
        {
            assert!(!output.contains(title), "{name} holds {title:?}");
        }
    }
}

#[test]
fn the_sample_reads_as_it_was_written() {
    let rows = offlimits(&["messages", SAMPLE]);
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(rows.len(), 272);
    assert_eq!(keys(rows[0]), "file conversation_id index role author timestamp text platform surface");
    let all = rows.join("\n");
    for kept in ["okay so I'm driving back from Sherbrooke", "here is the crumb", "but he always dodges", "ok on y va"]
    {
        assert!(all.contains(kept), "{kept}");
    }
    // Edited away, hidden by the platform, written by a tool or for one, thought by the model.
    for left_out in
        ["asking if she can take", "how do I get more ram", "Short answers. Metric units", "import re", "wants a short"]
    {
        assert!(!all.contains(left_out), "{left_out}");
    }
}
