//! What a download lists about the person, as `tests/exports/*/EXPECTED_INTERESTS.jsonl` says.

use std::path::{Path, PathBuf};

use offlimits::read::{Catalog, FORMATS, Interest, plan};

fn exports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports")
}

fn interests(catalog: &mut Catalog) -> Vec<Interest> {
    plan(catalog, None).expect("plans");
    FORMATS.iter().flat_map(|format| format.interests(catalog)).collect()
}

/// `source kind value subject`.
fn told(interest: &Interest) -> String {
    let Interest { source, kind, value, subject } = interest;
    format!("{source} | {kind} | {value} | {}", subject.as_deref().unwrap_or("-"))
}

fn one(name: &str, text: &str) -> Vec<String> {
    let mut catalog = Catalog::from_bytes("input", vec![(name, text.as_bytes().to_vec())]).expect("opens");
    interests(&mut catalog).iter().map(told).collect()
}

#[test]
fn samples_list_as_expected() {
    let text = std::fs::read_to_string(exports().join("meta/EXPECTED_INTERESTS.jsonl")).expect("a file");
    let rows: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let manifest = std::fs::read_to_string(exports().join("meta/MANIFEST.jsonl")).expect("a file");
    for case in manifest.lines() {
        let case: serde_json::Value = serde_json::from_str(case).expect("JSON");
        let input = case["input"].as_str().expect("a path");
        let mut catalog = Catalog::open(&exports().join(input).to_string_lossy()).expect("opens");
        let got: Vec<String> = interests(&mut catalog).iter().map(told).collect();
        let word = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or("-").to_owned();
        let line = |row| ["source", "kind", "value", "subject"].map(|key| word(row, key)).join(" | ");
        let wanted: Vec<String> = rows.iter().filter(|row| row["file"] == input).map(line).collect();
        assert_eq!(got, wanted, "{input}");
    }
}

#[test]
fn other_shapes_of_the_same_files() {
    let german = r#"[{"timestamp":1,"media":[],"label_values":[{"label":"Interesse","value":"Die Person mag Yoga"},{"label":"Zeit","timestamp_value":1}]}]"#;
    assert_eq!(
        one("interest_categories.json", german),
        ["instagram | ai_interest | Die Person mag Yoga | Die Person mag Yoga"]
    );
    let nested = r#"{"label_values":[{"ent_field_name":"x","label":"Categories","vec":[{"dict":[{"label":"Name","value":"Hiking"},{"label":"On","timestamp_value":5}]}]}]}"#;
    assert_eq!(one("your_preferred_categories.json", nested), ["meta | ad_preference | Categories / Name: Hiking | -"]);
    let topics = r#"{"topics_your_topics":[{"title":"","string_map_data":{"Nom":{"href":"","value":"Voile","timestamp":0},"A":{"value":"x"}}}]}"#;
    assert_eq!(one("your_topics.json", topics), ["instagram | topic | Voile | -"]);
    let met = r#"{"history_v2":[{"title":"Velo AG","action":"Clicked","timestamp":1},{"title":"Velo AG","action":"Seen","timestamp":2}]}"#;
    assert_eq!(one("advertisers_you've_interacted_with.json", met), ["meta | advertiser | Velo AG | -"]);
    assert_eq!(one("advertisers_you_ve_interacted_with.json", met).len(), 1);
    let off = r#"{"apps_and_websites_off_meta_activity":[{"name":"Velo AG","events":[{"id":1,"type":"PAGE_VIEW","timestamp":1}]}]}"#;
    assert_eq!(one("your_activity_off_meta_technologies.json", off), ["instagram | advertiser | Velo AG | -"]);
    assert_eq!(one("renamed.json", r#"{"topics_v2":["Chess"]}"#), ["facebook | ads_interest | Chess | -"]);
}

#[test]
fn nothing_is_listed_from_damaged_or_other_files() {
    assert!(one("ads_interests.json", r#"{"topics_v2":["Chess""#).is_empty());
    assert!(one("ads_interests.json", "[]").is_empty());
    assert!(one("chat.json", r#"[{"role":"user","content":"ads_interests"}]"#).is_empty());
}

#[test]
fn what_a_download_tells_of_the_account_is_read_whatever_its_labels() {
    let told = |name: &str, text: &str| {
        let mut catalog = Catalog::from_bytes("input", vec![(name, text.as_bytes().to_vec())]).expect("opens");
        plan(&mut catalog, None).expect("plans");
        let all = FORMATS.iter().map(|format| format.told(&catalog));
        all.reduce(|a, b| if b == Default::default() { a } else { b }).expect("formats")
    };
    let place = r#"{"label_values":[{"label":"Juridiction","value":"\u00c3\u0089tats-Unis"}],"timestamp":5}"#;
    let facts = told("preferences/your_privacy_jurisdiction.json", place);
    assert!(facts.jurisdiction.contains(&"États-Unis".to_owned()), "{facts:?}");
    assert!(facts.location.is_empty() && facts.notices.is_empty());
    assert_eq!(told("x/primary_location.json", r#"[{"a":{"b":"Lyon, France"}}]"#).location, ["Lyon, France"]);
    let notice = r#"{"x":[{"label":"Shown","timestamp_value":1760000000}]}"#;
    let notices = told("notification_of_meta_privacy_policy_update.json", notice).notices;
    assert_eq!(notices.iter().map(|at| at.day()).collect::<Vec<_>>(), ["2025-10-09"]);
    assert_eq!(told("your_privacy_jurisdiction.json", r#"{"a":["#), Default::default(), "damaged");
}
