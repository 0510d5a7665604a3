//! A category of one's own: a folder with a piece of taxonomy and a list of phrases is enough, and it is in every output.

#![allow(clippy::unwrap_used, reason = "outside test functions clippy does not know that this is a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lexicon-own");

const ROWS: &str = concat!(
    r#"{"id":"1","text":"My landlord wants to evict me before my lease ends."}"#,
    "\n",
    r#"{"id":"2","text":"My landlord wants to evict me, and I have breast cancer."}"#,
    "\n",
    r#"{"id":"3","text":"Which bread keeps longest?"}"#,
    "\n"
);

fn offlimits(folder: &Path, words: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_offlimits"))
        .args(words.split_whitespace())
        .current_dir(folder)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn it_is_in_every_output() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows.jsonl"), ROWS).unwrap();
    let scan = format!("scan rows.jsonl --lexicon {OWN} -q");
    let (code, records, error) = offlimits(folder.path(), &format!("{scan} --records - --json r.json --html r.html"));
    assert_eq!(code, 0, "{error}");
    let rows: Vec<serde_json::Value> = records.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = |row: &serde_json::Value| -> Vec<String> {
        let list = row["sensitive"].as_array().unwrap().iter();
        let mut names: Vec<String> = list.map(|one| one["category"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(said(&rows[0]), ["housing"]);
    assert_eq!(said(&rows[1]), ["health", "housing"], "the built-in ones are still there");
    assert!(said(&rows[2]).is_empty());
    let report: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(report["summary"]["categories"]["housing"]["messages"], 2);
    assert!(fs::read_to_string(folder.path().join("r.html")).unwrap().contains("Losing one"));
    for (name, wanted) in [("r.csv", "housing"), ("r.parquet", "housing")] {
        assert_eq!(offlimits(folder.path(), &format!("{scan} --records {name}")).0, 0);
        let bytes = fs::read(folder.path().join(name)).unwrap();
        assert!(memchr::memmem::find(&bytes, wanted.as_bytes()).is_some(), "{name}");
    }
    let gold = ROWS.replace("\"}", "\",\"labelled\":[\"housing\"],\"sensitive\":[\"housing\"]}");
    fs::write(folder.path().join("gold.jsonl"), gold).unwrap();
    let (_, out, error) = offlimits(folder.path(), &format!("eval gold.jsonl --lexicon {OWN} --json"));
    assert!(out.contains("housing"), "{out}{error}");
    assert_eq!(offlimits(folder.path(), &format!("{scan} --fail-on housing")).0, 1);
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    fs::create_dir_all(own.join("en")).unwrap();
    fs::write(folder.path().join("rows.jsonl"), ROWS).unwrap();
    let taxonomy = fs::read_to_string(format!("{OWN}/taxonomy.toml")).unwrap();
    let terms = fs::read_to_string(format!("{OWN}/en/housing.tsv")).unwrap();
    let cases: &[(&str, &str, &str)] = &[
        (&taxonomy.replace("id =", "ID ="), &terms, "own/taxonomy.toml:2: "),
        (&taxonomy.replace("housing", "topics"), &terms, "own/taxonomy.toml:1: `topics` cannot be the id"),
        (&format!("{taxonomy}threshold = 7\n"), &terms, "own/taxonomy.toml:1: threshold 7"),
        (&taxonomy.replace("housing", "home"), &terms, "own/en/housing.tsv:2: no category `housing`"),
        (&taxonomy, &terms.replace("\t5", "\tlots"), "own/en/housing.tsv:2: `lots` is no weight"),
        (&taxonomy, &terms.replace("landlord\t3", "landlord"), "own/en/housing.tsv:3: 1 columns instead of 2"),
    ];
    for (taxonomy, terms, told) in cases {
        fs::write(own.join("taxonomy.toml"), taxonomy).unwrap();
        fs::write(own.join("en/housing.tsv"), terms).unwrap();
        let (code, _, error) = offlimits(folder.path(), "scan rows.jsonl -q --lexicon own");
        assert_eq!((code, error.contains(told)), (2, true), "{told}: {error}");
    }
}

#[test]
fn a_category_a_topic_and_a_proxy_can_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    fs::create_dir_all(own.join("en")).unwrap();
    fs::write(
        folder.path().join("rows.jsonl"),
        "{\"text\":\"My visa expired and I fear deportation; is there a yurt fair?\"}\n",
    )
    .unwrap();
    let taxonomy = "[[category]]\nid = \"immigration\"\nname = \"Immigration\"\nlisted = true\n";
    fs::write(own.join("taxonomy.toml"), taxonomy).unwrap();
    fs::write(own.join("topics.tsv"), "id\tparent\tname\tuse\nown-1\t\tYurts\tad\n").unwrap();
    fs::write(own.join("en/topics.tsv"), "phrase\tweight\tsense\nyurt\t6\tYurts\n").unwrap();
    let (code, out, error) = offlimits(folder.path(), "scan rows.jsonl --records - --lexicon own");
    let row: serde_json::Value = serde_json::from_str(out.trim()).unwrap_or_else(|_| panic!("{code} {out}{error}"));
    assert_eq!(row["sensitive"][0]["category"], "immigration", "listed now: {row}");
    assert_eq!(row["topics"][0]["name"], "Yurts", "{row}");
}
