//! Parquet corpora: row groups in parallel yield what the same rows as JSON lines do, and of the columns only those are
//! read that a reader needs. `tests/tables/groups.parquet` has the columns of WildChat in nine row groups.

#![allow(clippy::unwrap_used, reason = "outside test functions clippy does not know that this is a test")]

use std::fs;
use std::process::Command;

use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;

fn messages(path: &str) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_offlimits")).args(["messages", path]).output().unwrap();
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let without_file = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row.as_object_mut().unwrap().remove("file");
        row
    };
    lines.lines().map(without_file).collect()
}

#[test]
fn tables_hold_what_lines_hold() {
    let lines = messages("tests/tables/groups.jsonl");
    assert_eq!(lines.len(), 240);
    assert_eq!(messages("tests/tables/groups.parquet"), lines);
}

/// Rows of the shape of quoting records: more than one row group, the first longer than the head that formats are told by.
fn table() -> Vec<u8> {
    let mut writer = offlimits::report::parquet::Writer::new(Vec::new());
    for n in 0..50_100 {
        let line = serde_json::json!({
            "source": "a", "platform": "generic", "surface": null, "conversation_id": format!("c{n}"), "message_id": null,
            "index": 0, "role": "user", "timestamp": null, "lang": "en", "chars": 9, "sensitive": [], "unlisted": [],
            "topics": [], "intent": "none", "implies": [], "scope": "out", "scope_reasons": ["other_platform"],
            "ad_use": "out_of_scope", "author": null, "text": format!("row {n}"), "attachments": [], "evidence": [],
        });
        writer.write(format!("{line}\n").as_bytes()).unwrap();
    }
    writer.finish().unwrap()
}

/// The table with the values of some columns overwritten, from the second row group on.
fn spoiled(table: &[u8], spoil: impl Fn(&str) -> bool) -> tempfile::NamedTempFile {
    let mut bytes = table.to_vec();
    let reader = SerializedFileReader::new(bytes::Bytes::from(table.to_vec())).unwrap();
    assert_eq!(reader.num_row_groups(), 2);
    for column in reader.metadata().row_group(1).columns().iter().filter(|c| spoil(&c.column_path().string())) {
        let (start, length) = column.byte_range();
        bytes[start as usize..(start + length) as usize].fill(0xff);
    }
    let file = tempfile::Builder::new().suffix(".parquet").tempfile().unwrap();
    fs::write(file.path(), bytes).unwrap();
    file
}

/// What is spoiled cannot be read: so what comes out all the same was not.
#[test]
fn columns_that_nobody_needs_are_not_read() {
    let table = table();
    let needed = ["text", "role", "author", "lang", "timestamp", "conversation_id", "message_id"];
    let file = spoiled(&table, |path| !needed.contains(&path));
    assert_eq!(messages(file.path().to_str().unwrap()).len(), 50_100);
    let file = spoiled(&table, |path| path == "text");
    let output = Command::new(env!("CARGO_BIN_EXE_offlimits")).arg("messages").arg(file.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "a column that is needed is missed");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 50_000, "what came before is still there");
}

#[test]
fn saved_records_are_asked_again_in_either_form() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_offlimits")).args(arguments).current_dir(home.path()).output();
        let output = program.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let export = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/exports/sample/chatgpt-export.zip");
    let asked = |form: &str| {
        let (saved, again) = (format!("saved.{form}"), format!("again-{form}.jsonl"));
        run(&["scan", export, "--records", &saved, "--quiet"]);
        run(&["rescope", &saved, "--region", "US", "--as-if", "--records", &again, "--quiet"]);
        fs::read_to_string(home.path().join(again)).unwrap()
    };
    let lines = asked("jsonl");
    assert!(lines.contains(r#""scope":"in""#) && lines.lines().count() == 140);
    assert_eq!(asked("parquet"), lines);
}
