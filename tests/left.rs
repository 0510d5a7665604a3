//! What is left for ads, as the program shows it: estimates, segments, lists of laws, the delete list, saved records asked again.

use std::process::Command;

use serde_json::Value;

const SAMPLE: &str = "tests/exports/sample/chatgpt-export.zip";
const FACEBOOK: &str = "tests/exports/sample/facebook-reneecastillo-2026-02-11-Qw3rTy78.zip";
const WHATSAPP: &str = "tests/exports/sample/WhatsApp Chat with Meta AI.zip";

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_offlimits"))
        .args(arguments)
        .env("LC_ALL", "C")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn offlimits(arguments: &[&str]) -> String {
    let (code, out, err) = run(arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {err}");
    out
}

fn report(arguments: &[&str]) -> Value {
    let out = offlimits(&[&["scan"], arguments, &["--json", "-"]].concat());
    serde_json::from_str(&out).expect("JSON")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

#[test]
fn every_topic_has_its_segments_and_an_explained_estimate() {
    let report = report(&[SAMPLE, "--as-if", "--region", "US"]);
    let tiers = list(&report["summary"]["tiers"]);
    assert!(tiers.len() > 10);
    for tier in tiers {
        assert!(tier["segment"]["meta"].is_string(), "{tier}");
        let audience = &tier["segment"]["audience_1_1"];
        assert!(audience["interest"]["id"].is_string() || audience["purchase"]["id"].is_string(), "{tier}");
        if tier["left"] == 0 {
            assert!(tier["potential"].is_null());
            continue;
        }
        let potential = &tier["potential"];
        assert_eq!(potential["is"], "estimate");
        let parts = ["strength", "recurrence", "recency", "intent", "value"]
            .map(|name| potential["parts"][name].as_f64().expect(name));
        let product: f64 = parts.iter().product();
        let points = potential["points"].as_f64().expect("points");
        assert!((product.powf(0.2) * 100.0 - points).abs() < 1.0, "the parts explain the points: {tier}");
    }
    let whole = &report["summary"]["left"]["potential"];
    assert_eq!((&whole["is"], list(&whole["does_not_know"]).len()), (&Value::from("estimate"), 4));
}

#[test]
fn value_bands_can_be_set() {
    let points = |arguments: &[&str]| {
        let report = report(&[&[SAMPLE], arguments].concat());
        let tier =
            list(&report["summary"]["tiers"]).iter().find(|tier| tier["name"] == "Travel").expect("is there").clone();
        (tier["potential"]["points"].as_u64().expect("points"), tier["potential"]["band"].clone())
    };
    let (low, high) = (points(&[]), points(&["--value", "travel=high"]));
    assert_eq!((low.1, high.1), ("low".into(), "high".into()));
    assert!(low.0 < high.0);
    let (code, _, err) = run(&["scan", SAMPLE, "--value", "Trvl=high"]);
    assert!(code == Some(2) && err.contains("no field `Trvl`"), "{err}");
}

#[test]
fn a_report_by_a_law_counts_its_categories() {
    let by = |law: &str| report(&[SAMPLE, "--by", law]);
    let (meta, gdpr, openai) = (by("meta"), by("gdpr"), by("openai-ads"));
    assert_eq!(
        report(&[SAMPLE])["summary"]["off_limits"],
        meta["summary"]["off_limits"],
        "Meta's seven are Meta's seven"
    );
    let count = |report: &Value| report["summary"]["off_limits"]["messages"].as_u64().expect("a number");
    assert!(count(&gdpr) >= count(&meta) && count(&openai) < count(&meta));
    assert_eq!(openai["summary"]["categories"]["religion"]["on_list"], false);
    assert_eq!(gdpr["summary"]["categories"]["religion"]["laws"]["google-ads"], "named");
    assert_eq!((&gdpr["list"]["id"], &gdpr["list"]["mark"]), (&"gdpr".into(), &"M".into()));
    assert_eq!(
        meta["summary"]["scope"], gdpr["summary"]["scope"],
        "a law's list does not change whom the policy covers"
    );
    assert!(offlimits(&["scan", SAMPLE, "--by", "gdpr", "--ui-lang", "fr"]).contains("Sensible selon le RGPD"));
    assert_eq!(run(&["scan", SAMPLE, "--by", "hipaa"]).0, Some(2));
}

#[test]
fn saved_records_answer_as_a_new_scan_would() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("saved.jsonl").display().to_string();
    for input in [SAMPLE, FACEBOOK, WHATSAPP] {
        offlimits(&["scan", input, "-q", "--records", &saved]);
        for question in [
            ["--region", "US", "--linked", "whatsapp"].as_slice(),
            &["--as-if", "--region", "US"],
            &["--policy", "openai-ads-us", "--region", "US", "--plan", "free"],
            &[],
        ] {
            let scanned = offlimits(&[&["scan", input, "--records", "-"], question].concat());
            let again = offlimits(&[&["rescope", &saved, "-q", "--records", "-"], question].concat());
            assert_eq!(again, scanned, "{input} {question:?}");
        }
        let summary = |arguments: &[&str]| {
            let out = offlimits(&[arguments, &["--region", "US", "-q", "--json", "-"]].concat());
            serde_json::from_str::<Value>(&out).expect("JSON")["summary"].clone()
        };
        let (mut scanned, again) = (summary(&["scan", input]), summary(&["rescope", &saved]));
        // What was never classified has no record.
        scanned["not_classified"] = Value::Object(serde_json::Map::new());
        assert_eq!(again, scanned, "{input}");
    }
}

#[test]
fn what_is_no_record_is_told() {
    let (code, out, _) = run(&["rescope", "tests/cli/inputs/rows.jsonl"]);
    assert_eq!(code, Some(3));
    assert!(out.contains("record that could not be parsed (4)"), "{out}");
    assert_eq!(run(&["rescope", "tests/cli/inputs/none.jsonl"]).0, Some(2));
    assert_eq!(run(&["rescope", "a.jsonl", "--records", "a.jsonl"]).0, Some(2));
}

#[test]
fn the_delete_list_is_a_cover_with_ids_dates_and_links() {
    let report = report(&[SAMPLE]);
    let chats = list(&report["summary"]["exposures"]);
    let number = |chat: &Value, key: &str| chat[key].as_f64().expect("a number");
    assert!(chats.len() > 10);
    let mut removed = 0.0;
    for chat in chats {
        let gain = number(chat, "gain");
        assert!(gain > 0.0 && (number(chat, "removed") - removed - gain).abs() < 0.001, "{chat}");
        removed = number(chat, "removed");
        let id = chat["conversation_id"].as_str().expect("an id");
        assert_eq!(chat["link"], format!("https://chatgpt.com/c/{id}"));
        assert!(chat["first"].is_string());
    }
    let ends = |chat: &Value| {
        list(&chat["ends"]).iter().map(|one| one.as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let ended: Vec<String> = chats.iter().flat_map(ends).collect();
    let told =
        report["summary"]["categories"].as_object().expect("a map").keys().filter(|key| ended.contains(key)).count();
    assert_eq!(told, ended.len(), "each category ends once");
}

#[test]
fn a_download_s_own_interests_are_set_beside_the_chats() {
    let report = report(&[FACEBOOK, "--region", "US"]);
    let texts = |key: &str| -> Vec<&str> {
        list(&report["crosscheck"][key]).iter().map(|one| one["interest"].as_str().expect("a name")).collect()
    };
    assert!(texts("explained").contains(&"Tacos") && texts("explained").contains(&"Sport utility vehicles"));
    assert!(texts("not_explained").contains(&"Frequent travelers"));
    assert!(list(&report["crosscheck"]["predicted_but_absent"]).contains(&"Home & Garden".into()));
    assert!(report["crosscheck"]["is"].as_str().expect("a text").starts_with("association only"));
    let without = offlimits(&["scan", SAMPLE, "--json", "-"]);
    assert!(serde_json::from_str::<Value>(&without).expect("JSON")["crosscheck"].is_null());
}

#[test]
fn the_region_is_read_from_the_download_unless_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        path
    };
    let thread = "your_facebook_activity/messages/inbox/metaai_1/message_1.json";
    std::fs::copy("tests/exports/meta/thread_dir/inbox/metaai_1/message_1.json", place(thread)).expect("copied");
    let told = r#"{"label_values":[{"label":"Privacy jurisdiction","value":"France"}]}"#;
    std::fs::write(place("preferences/your_privacy_jurisdiction.json"), told).expect("written");
    let path = folder.path().display().to_string();
    let out = report(&[&path]);
    assert_eq!(out["manifest"]["told_by_download"]["region"], "FR");
    assert!(
        out["summary"]["scope_reasons"]["region_out"].as_u64().is_some_and(|count| count > 0),
        "{}",
        out["summary"]
    );
    let given = report(&[&path, "--region", "US"]);
    assert!(given["summary"]["scope_reasons"]["region_out"].is_null(), "what is given counts more");
    let (_, text, _) = run(&["scan", &path, "--no-progress"]);
    assert!(text.contains("The download says that the account is in FR."), "{text}");
}
