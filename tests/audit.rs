//! From a corpus to corrected shares, as a researcher goes: scan, sample, code, agree, adjudicate, estimate.

#![allow(clippy::unwrap_used, reason = "outside test functions clippy does not know that this is a test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_offlimits")).args(arguments).current_dir(folder).output().unwrap()
}

fn stdout(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// 200 conversations of three messages; in one of ten, the writer tells of an illness, in one of forty without a telling word.
fn corpus() -> String {
    let mut out = String::new();
    for number in 0..200 {
        let first = match number {
            n if n % 10 == 0 => "I was diagnosed with lupus last week and my rheumatologist put me on prednisolone.",
            n if n % 40 == 7 => "they took it out on Monday and now it itches under the plaster",
            _ => "What is the capital of Australia?",
        };
        let texts = [first, "Can you write that as a list please?", "Thanks, and which trains go there on Sunday?"];
        let messages: Vec<Value> =
            texts.iter().map(|text| serde_json::json!({"role": "user", "content": text})).collect();
        let row = serde_json::json!({"id": format!("c{number}"), "source": "made-up", "messages": messages});
        out.push_str(&format!("{row}\n"));
    }
    out
}

/// Fills a sheet in: `self` under health where the text tells of an illness.
fn code(sheet: &str, careless: bool) -> String {
    let mut out = String::new();
    for (number, line) in sheet.lines().enumerate() {
        let ill = line.contains("lupus") || line.contains("plaster");
        let line = match (number, ill && !(careless && line.contains("plaster"))) {
            (0, _) => line.to_owned(),
            (_, true) => format!("{}self,,,,,,,,", line.strip_suffix(",,,,,,,,").unwrap()),
            (_, false) => format!("{}x,", line.strip_suffix(',').unwrap()),
        };
        out.push_str(&format!("{line}\n"));
    }
    out
}

#[test]
fn a_corpus_is_sampled_coded_and_estimated() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    fs::write(folder.join("corpus.jsonl"), corpus()).unwrap();
    stdout(folder, &["scan", "corpus.jsonl", "--records", "records.jsonl", "--quiet"]);
    stdout(folder, &["scan", "corpus.jsonl", "--records", "records.parquet", "--quiet"]);
    let said = stdout(folder, &["sample", "corpus.jsonl", "-n", "120", "--quote", "--out", "coding"]);
    assert!(said.starts_with("120 of 600 messages"), "{said}");
    assert!(!said.contains("lupus"));
    // A second sample must not overwrite what has perhaps been coded, and the same seed draws the same.
    assert_eq!(run(folder, &["sample", "corpus.jsonl", "-n", "120", "--out", "coding"]).status.code(), Some(2));
    stdout(folder, &["sample", "corpus.jsonl", "-n", "120", "--out", "again"]);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(read("coding/key.jsonl"), read("again/key.jsonl"));
    assert!(!read("again/coder-1.csv").contains("Australia") && !read("coding/key.jsonl").contains("Australia"));
    for (number, careless) in [(1, false), (2, true)] {
        let name = format!("coding/coder-{number}.csv");
        fs::write(folder.join(&name), code(&read(&name), careless)).unwrap();
    }
    let sheets = ["coding/coder-1.csv", "coding/coder-2.csv"];
    let agreed: Value =
        serde_json::from_str(&stdout(folder, &["agreement", sheets[0], sheets[1], "--json", "--bootstrap", "50"]))
            .unwrap();
    assert!(agreed[0]["cohen"]["value"].as_f64().is_some_and(|kappa| kappa > 0.5), "{agreed}");
    adjudicate_and_estimate(folder, &sheets);
}

fn adjudicate_and_estimate(folder: &Path, sheets: &[&str; 2]) {
    let open = run(folder, &["adjudicate", sheets[0], sheets[1], "--disputes", "disputes.csv"]);
    let disputes = fs::read_to_string(folder.join("disputes.csv")).unwrap();
    assert_eq!(open.status.code(), Some(i32::from(disputes.lines().count() > 1)));
    assert!(disputes.lines().skip(1).all(|line| line.contains("plaster") && line.contains("health: self | no")));
    fs::write(folder.join("disputes.csv"), disputes.replace(",?,", ",self,")).unwrap();
    let all = ["--decisions", "disputes.csv", "--key", "coding/key.jsonl", "--gold", "gold.jsonl"];
    stdout(folder, &[&["adjudicate"], sheets.as_slice(), all.as_slice()].concat());
    let estimate = |records: &str| -> Value {
        let asked =
            ["prevalence", records, "--gold", "gold.jsonl", "--category", "health", "--json", "--bootstrap", "200"];
        serde_json::from_str(&stdout(folder, &asked)).unwrap()
    };
    let found = estimate("records.jsonl");
    assert_eq!(found["shares"], estimate("records.parquet")["shares"]);
    let messages = &found["shares"][0];
    assert_eq!((messages["method"].as_str(), messages["of"].as_u64()), (Some("stratified_sample"), Some(600)));
    // 20 that are told and 5 that are hinted at.
    let truth = 25.0 / 600.0;
    let ends = |key: &str| messages["corrected"]["interval"][key].as_f64().unwrap();
    // A bound may lie on the truth but for the last binary digit.
    let hair = 1e-9;
    assert!(ends("low") - hair <= truth && truth <= ends("high") + hair, "{messages}");
    assert!(stdout(folder, &["eval", "gold.jsonl", "--bootstrap", "50"]).contains("weighted to the corpus"));
}

#[test]
fn what_is_on_no_list_is_counted_where_it_is_named_and_never_under_any() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let row = |text: &str, label: &str| {
        serde_json::json!({"id": text, "lang": "en", "text": text, "labelled": ["finances"],
            "sensitive": if label.is_empty() { vec![] } else { vec![label] }})
        .to_string()
    };
    let debt = "The bailiffs came about my payday loan and I'm bankrupt.";
    let gold: Vec<String> = vec![row(debt, "finances"), row("What is the capital of Australia?", "")];
    fs::write(folder.join("gold.jsonl"), gold.join("\n")).unwrap();
    stdout(folder, &["scan", "gold.jsonl", "--records", "records.jsonl", "--quiet"]);
    let shares = |category: &str| -> Vec<(String, u64)> {
        let asked = ["prevalence", "records.jsonl", "--gold", "gold.jsonl", "--category", category, "--json"];
        let found: Value = serde_json::from_str(&stdout(folder, &asked)).unwrap();
        let rows = found["shares"].as_array().unwrap().iter().filter(|row| row["unit"] == "messages");
        rows.map(|row| (row["category"].as_str().unwrap().to_owned(), row["flagged"].as_u64().unwrap())).collect()
    };
    assert_eq!(shares("finances,any"), [("finances".to_owned(), 1), ("any".to_owned(), 0)]);
    let by_itself = stdout(folder, &["prevalence", "records.jsonl"]);
    assert!(by_itself.contains("health") && !by_itself.contains("finances"), "{by_itself}");
}
