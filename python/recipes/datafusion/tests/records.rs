//! The functions' verdicts are those of the program's records, row by row.
//!
//! The program is `OFFLIMITS`, or the build of this checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use datafusion::arrow::array::{Array, AsArray, StructArray};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::prelude::{JsonReadOptions, SessionConfig, SessionContext};
use serde_json::{Value, json};

/// Category, score and disclosure; by a message's id.
type Verdicts = BTreeMap<String, Vec<(String, f64, String)>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn program() -> PathBuf {
    let named = std::env::var_os("OFFLIMITS").map(PathBuf::from);
    let built = ["release", "debug"].map(|profile| root().join("target").join(profile).join("offlimits"));
    let found = named.into_iter().chain(built).find(|path| path.is_file());
    found.expect("no offlimits program: `cargo build --release` at the root, or set OFFLIMITS")
}

/// Conversations of one to nine labelled texts, with follow-ups, other speakers and empty texts between them.
fn conversations() -> Vec<Value> {
    let mut rows = Vec::new();
    let mut number = 0;
    let mut place = 0;
    for file in ["en", "fr", "de-hard", "es-hard"] {
        let path = root().join("tests/gold").join(file).with_extension("jsonl");
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let mut say = |role: Option<&str>, text: &str| {
                let id = format!("m{}", rows.len());
                rows.push(json!({"id": id, "conversation_id": format!("c{number}"), "place": place, "role": role, "text": text}));
                place += 1;
            };
            say(Some("user"), row["text"].as_str().unwrap());
            match number % 5 {
                0 => say(Some("user"), "and the side effects?"),
                1 => say(Some("assistant"), "You could see an oncologist."),
                2 => say(None, "  et pour ma sœur ?\r\n"),
                3 => say(Some("system"), "You are a helpful priest."),
                _ => say(Some("user"), " "),
            }
            if place > number % 9 {
                (number, place) = (number + 1, 0);
            }
        }
    }
    rows
}

/// What the program says of the rows.
fn records(path: &Path) -> Verdicts {
    let options = ["--format", "generic_jsonl", "--records", "-", "--no-progress", "--quiet"];
    let done = Command::new(program()).arg("scan").arg(path).args(options).output().unwrap();
    assert!(matches!(done.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&done.stderr));
    let read = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let verdict = |one: &Value| (text(&one["category"]), one["score"].as_f64().unwrap(), text(&one["disclosure"]));
        (text(&record["message_id"]), record["sensitive"].as_array().unwrap().iter().map(verdict).collect())
    };
    String::from_utf8(done.stdout).unwrap().lines().map(read).collect()
}

fn verdicts(list: &StructArray) -> Vec<(String, f64, String)> {
    let text = |column: usize, row| list.column(column).as_string::<i32>().value(row).to_owned();
    let score = |row| list.column(1).as_primitive::<Float64Type>().value(row);
    (0..list.len()).map(|row| (text(0, row), score(row), text(2, row))).collect()
}

/// What a query says, of ids and lists; rows that are not classified are left out, as among records.
async fn queried(path: &Path, query: &str) -> Verdicts {
    // Small batches on several threads, so that conversations are cut and have to be put together again.
    let context = SessionContext::new_with_config(SessionConfig::new().with_batch_size(100).with_target_partitions(3));
    offlimits_datafusion::register(&context, offlimits_datafusion::scanner().unwrap());
    let any_name = JsonReadOptions::default().file_extension("");
    context.register_json("messages", path.to_str().unwrap(), any_name).await.unwrap();
    let mut found = Verdicts::new();
    for batch in context.sql(query).await.unwrap().collect().await.unwrap() {
        let (ids, lists) = (batch.column(0).as_string::<i32>(), batch.column(1).as_list::<i32>());
        for row in (0..batch.num_rows()).filter(|row| lists.is_valid(*row)) {
            let twice = found.insert(ids.value(row).to_owned(), verdicts(lists.value(row).as_struct()));
            assert!(twice.is_none(), "{} comes twice", ids.value(row));
        }
    }
    found
}

fn write(path: &Path, rows: impl Iterator<Item = Value>) {
    std::fs::write(path, rows.map(|row| format!("{row}\n")).collect::<String>()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_judged_as_the_program_judges_them() {
    let folder = tempfile::tempdir().unwrap();
    let (in_order, mixed) = (folder.path().join("rows.jsonl"), folder.path().join("mixed.jsonl"));
    let rows = conversations();
    write(&in_order, rows.iter().cloned());
    // A prime that does not divide the number of rows: each is visited once.
    let stride = [7, 11, 13].into_iter().find(|stride| !rows.len().is_multiple_of(*stride)).unwrap();
    write(&mixed, (0..rows.len()).map(|place| rows[place * stride % rows.len()].clone()));
    let query =
        "select id, sensitive_in_context(text, role) over (partition by conversation_id order by place) from messages";
    let found = queried(&mixed, query).await;
    assert_eq!(found, records(&in_order));
    let alone = queried(&mixed, "select id, sensitive(text) from messages").await;
    assert!(found.iter().filter(|(id, verdicts)| alone[*id] != **verdicts).count() > 50, "context does nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_judged_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    let alone = |row: Value| json!({"id": row["id"], "text": row["text"]});
    write(&path, conversations().into_iter().map(alone));
    let found = queried(&path, "select id, sensitive(text) from messages").await;
    assert_eq!(found, records(&path));
    assert!(found.values().filter(|verdicts| !verdicts.is_empty()).count() > 500, "too few to tell anything");
    // The kind of text that DataFusion reads from Parquet.
    assert_eq!(found, queried(&path, "select id, sensitive(arrow_cast(text, 'Utf8View')) from messages").await);
}

#[test]
fn the_example_counts_what_the_records_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    write(&path, conversations().into_iter());
    let done = Command::new(env!("CARGO_BIN_EXE_offlimits-datafusion")).arg(&path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let shown = String::from_utf8(done.stdout).unwrap();
    let all = records(&path).into_values().flatten();
    let own = all.filter(|(category, _, disclosure)| category == "health" && disclosure == "self").count();
    let cells: Vec<String> = ["health", "self", &own.to_string()].map(str::to_owned).into();
    let rows = shown.lines().map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    assert!(rows.filter(|row| row.len() > 4).any(|row| row[1..4] == cells), "{own} in\n{shown}");
}
