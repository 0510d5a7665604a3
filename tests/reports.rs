//! What `scan` writes, as others read it: valid by the published schemas, loading nothing, holding none of the words.

#![allow(clippy::unwrap_used, reason = "outside test functions clippy does not know that this is a test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SAMPLES: &[&str] = &[
    "tests/exports/sample/chatgpt-export.zip",
    "tests/exports/sample/facebook-reneecastillo-2026-02-11-Qw3rTy78.zip",
    "tests/exports/sample/WhatsApp Chat with Meta AI.zip",
    "tests/exports/meta/facebook-zoemuller-2026-01-07-AbCdEf12.zip",
    "tests/exports/meta/instagram-zoe.m-2026-01-07-Zz9.zip",
];

fn offlimits(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_offlimits")).args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = offlimits(arguments);
    // 3: some samples hold files that are broken on purpose.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn validator(of: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&printed(&["schema", of])).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn valid(validator: &jsonschema::Validator, text: &str, of: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{of}: {}", wrong.join("\n"));
    value
}

#[test]
fn reports_and_records_are_valid_by_their_schemas() {
    let (report, record) = (validator("report"), validator("records"));
    let folder = tempfile::tempdir().unwrap();
    for more in [&[][..], &["--region", "US"], &["--as-if", "--by", "gdpr"], &["--titles"], &["--min-cell", "5"]] {
        let arguments = [&["scan", "--json", "-"], SAMPLES, more].concat();
        let value = valid(&report, &printed(&arguments), &format!("{more:?}"));
        assert!(value["summary"]["messages"].as_u64() > Some(100) && value["text_check"]["echoes"] == 0, "{more:?}");
        let titled = value["summary"]["exposures"].as_array().unwrap().iter().any(|one| one.get("title").is_some());
        assert_eq!(titled, more == ["--titles"]);
    }
    for more in [&[][..], &["--quote"]] {
        let records = printed(&[&["scan", "--records", "-"], SAMPLES, more].concat());
        assert!(records.lines().count() > 100);
        records.lines().for_each(|line| drop(valid(&record, line, line)));
        let saved = folder.path().join("records.jsonl");
        fs::write(&saved, records).unwrap();
        valid(&report, &printed(&["rescope", saved.to_str().unwrap(), "--region", "FR", "--json", "-"]), "rescope");
    }
    // A schema that accepts anything would prove nothing.
    let bad = [r#"{"schema_version": 1}"#, "[]"];
    assert!(bad.iter().all(|text| !report.is_valid(&serde_json::from_str(text).unwrap())));
    assert!(!record.is_valid(&serde_json::from_str(r#"{"source": 3}"#).unwrap()));
}

/// Every place in a page from which a browser would load something.
fn loads(page: &str) -> Vec<String> {
    let elements = regex::Regex::new(
        r"(?i)<(link|img|image|iframe|frame|object|embed|audio|video|source|track|base|use|portal)\b[^>]*",
    );
    let attributes =
        regex::Regex::new(r#"(?i)[\s"'](src|srcset|action|formaction|background|poster|ping|xlink:href)\s*="#);
    let styles = regex::Regex::new(r"(?i)@import|url\(|http-equiv=.refresh");
    [elements, attributes, styles]
        .iter()
        .flat_map(|bad| {
            bad.as_ref().unwrap().find_iter(page).map(|found| found.as_str().to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_page_loads_nothing_and_forbids_loading() {
    let folder = tempfile::tempdir().unwrap();
    for (name, more, scripts) in [("plain", &[][..], 0), ("quote", &["--quote"], 1), ("titles", &["--titles"], 0)] {
        let path = folder.path().join(format!("{name}.html"));
        printed(&[&["scan", "-q", "--html", path.to_str().unwrap()], SAMPLES, more].concat());
        let page = fs::read_to_string(&path).unwrap();
        assert_eq!(loads(&page), [""; 0], "{name}");
        assert_eq!(page.matches("<script").count(), scripts, "{name}");
        let policy = page.split_once(r#"http-equiv="Content-Security-Policy" content=""#).unwrap().1;
        let policy = policy.split('"').next().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("base-uri 'none'; form-action 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(policy.contains("script-src 'sha256-"), scripts > 0);
        assert!(page.find("Content-Security-Policy") < page.find("<style"), "the policy comes before what it governs");
        // What may be followed by hand: addresses of the program's own data, and places on the page.
        for link in page.split("href=\"").skip(1) {
            assert!(link.starts_with("https://") || link.starts_with('#'), "{}", &link[..20]);
        }
    }
    assert!(!loads(r#"<p><img src="x"><style>a { background: url(x) }</style>"#).is_empty());
}

/// A log of one's own, in JSON lines.
fn log(folder: &Path, name: &str, rows: &[(&str, &str)]) -> String {
    let row = |(id, text): &(&str, &str)| {
        serde_json::json!({"conversation_id": id, "role": "user", "text": text}).to_string() + "\n"
    };
    let path = folder.join(name);
    fs::write(&path, rows.iter().map(row).collect::<String>()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_report_that_echoes_a_message_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let said = "since my diagnosis with lupus I cannot sleep at all";
    let clean = log(folder.path(), "clean.jsonl", &[("c1", said)]);
    // An id that is the message itself: a careless export, and a report that shows ids.
    let careless = log(folder.path(), "careless.jsonl", &[(said, said)]);
    for (input, echoes) in [(&clean, false), (&careless, true)] {
        let [page, json, markdown] = ["a.html", "a.json", "a.md"].map(|name| folder.path().join(name));
        let written = [&page, &json, &markdown].map(|path| path.to_str().unwrap());
        let options = ["scan", input, "--html", written[0], "--json", written[1], "--markdown", written[2]];
        let told = offlimits(&options);
        let [page, json, markdown] = written.map(|path| fs::read_to_string(path).unwrap());
        let document: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(document["text_check"]["messages_looked_up"], 1);
        assert_eq!(document["text_check"]["echoes"].as_u64().unwrap() > 0, echoes);
        let words = if echoes { "of five words of messages stand" } else { "no run of five words" };
        let summary = String::from_utf8(told.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [&page, &markdown, &summary] {
            assert!(text.contains(words), "{input}: {text}");
        }
        assert_eq!(page.contains("diagnosis with lupus"), echoes);
        assert!(!markdown.contains("lupus"), "no ids in it");
    }
    // Quiet or not, it is said.
    let page = folder.path().join("b.html");
    let told = offlimits(&["scan", "-q", &careless, "--html", page.to_str().unwrap()]);
    assert!(String::from_utf8(told.stderr).unwrap().contains("of five words"));
}

#[test]
fn a_pipe_is_checked_as_well() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("a.html");
    let mut child = Command::new(env!("CARGO_BIN_EXE_offlimits"))
        .args(["scan", "-", "-q", "--ui-lang", "en", "--html", page.to_str().unwrap()])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let row = r#"{"role": "user", "text": "my psoriasis is back again this week"}"#;
    child.stdin.take().unwrap().write_all(row.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(fs::read_to_string(page).unwrap().contains("Checked against the one message read"));
}

#[test]
fn a_group_and_a_single_person_are_not_reported_together() {
    let sample = SAMPLES[0];
    for single in [&["--records", "-"][..], &["--tidy", "-"], &["--quote"], &["--titles"]] {
        let output = offlimits(&[&["scan", sample, "--min-cell", "10"], single].concat());
        assert_eq!(output.status.code(), Some(2), "{single:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("leave one of them out"));
    }
}

#[test]
fn the_tidy_table_and_the_codebook_fit() {
    let table = printed(&[&["scan", "--roles", "user,assistant", "--tidy", "-"], SAMPLES].concat());
    let codebook = printed(&["codebook", "--variables", "--csv"]);
    let mut known = std::collections::BTreeSet::new();
    for row in csv::Reader::from_reader(codebook.as_bytes()).records().map(Result::unwrap) {
        known.insert((row[0].to_owned(), row[1].to_owned()));
    }
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert!(header.iter().all(|column| known.contains(&(column.to_owned(), String::new()))), "{header:?}");
    let mut rows = 0;
    for row in reader.records().map(Result::unwrap) {
        rows += 1;
        let variable = match &row[9] {
            "topic" => "code (topics)",
            "none" => continue,
            _ => "code (categories)",
        };
        assert!(known.contains(&(variable.to_owned(), row[10].to_owned())), "{row:?}");
    }
    assert!(rows > 200);
}
