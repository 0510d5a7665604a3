//! Runs that others can repeat: the same bytes at any number of threads, after any interruption, and when derived again; and
//! what is said when something is not the same.

#![allow(clippy::unwrap_used, reason = "outside test functions clippy does not know that this is a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Sentences of several categories, so that records differ.
const SAID: &[&str] = &[
    "Which bread keeps longest?",
    "My oncologist moved my appointment to Tuesday.",
    "What does a union rep do at a hearing?",
    "Plan a weekend in Ghent with two children.",
    "I was baptised last spring and want to thank my godmother.",
    "Explain the Doppler effect.",
];

/// A folder of its own, with a corpus of that many rows in it.
fn folder(rows: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let line = |n: usize| {
        let text = SAID[n % SAID.len()];
        format!("{{\"id\":\"m{n}\",\"conversation_id\":\"c{}\",\"role\":\"user\",\"text\":\"{text} ({n})\"}}\n", n / 5)
    };
    fs::write(folder.path().join("corpus.jsonl"), (0..rows).map(line).collect::<String>()).unwrap();
    folder
}

fn command(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offlimits"));
    command.args(words.split_whitespace()).current_dir(folder).env("LC_ALL", "C");
    command
}

/// The exit code, standard output and standard error.
fn offlimits(folder: &Path, words: &str) -> (i32, String, String) {
    let output = command(folder, words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    if path.is_file() {
        return vec![(String::new(), fs::read(path).unwrap())];
    }
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut paths: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn records_are_the_same_at_any_number_of_threads() {
    let folder = folder(5_000);
    let at = |name: &str| folder.path().join(name);
    for (name, more) in [("r.jsonl", ""), ("r.csv", ""), ("r.parquet", ""), ("parts/", "--partition-rows 1500")] {
        let runs: Vec<_> = [1, 3]
            .iter()
            .map(|threads| {
                let words =
                    format!("scan corpus.jsonl -q --records {name} {more} --threads {threads} --manifest m.json");
                assert_eq!(offlimits(folder.path(), &words).0, 0, "{words}");
                (files(&at(name)), fs::read(at("m.json")).unwrap())
            })
            .collect();
        assert!(runs.windows(2).all(|pair| pair[0] == pair[1]), "{name}");
        if name == "parts/" {
            let names: Vec<&str> = runs[0].0.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet", "part-00003.parquet"]);
            let parts = json(&at("m.json"))["records"]["parts"].clone();
            let rows: Vec<u64> = parts.as_array().unwrap().iter().map(|part| part["rows"].as_u64().unwrap()).collect();
            assert_eq!(rows, [1500, 1500, 1500, 500]);
        }
    }
}

/// Runs until the journal says something new, and kills it there; whether the run was over before.
fn kill_after_an_entry(folder: &Path, words: &str, journal: &Path) -> bool {
    let before = fs::read(journal).unwrap_or_default();
    let mut child = command(folder, words).stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(120) {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{words}");
            return true;
        }
        if fs::read(journal).is_ok_and(|now| now != before) {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("no journal: {words}")
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let folder = folder(12_500);
    let at = |name: &str| folder.path().join(name);
    for (name, more) in [("r.jsonl", ""), ("r.csv", ""), ("r.parquet", ""), ("parts", "--partition-rows 3000")] {
        let whole =
            format!("whole{}", Path::new(name).extension().map_or(String::new(), |e| format!(".{}", e.display())));
        offlimits(folder.path(), &format!("scan corpus.jsonl -q --records {whole} {more} --json whole.json"));
        let words = format!("scan corpus.jsonl -q --records {name} {more} --resume --checkpoint 0 --json r.json");
        let journal = at(&format!("{name}.journal"));
        let killed = (0..3).filter(|_| !kill_after_an_entry(folder.path(), &words, &journal)).count();
        assert!(killed > 0, "{name}: no run was killed");
        assert!(!at(name).exists() || files(&at(name)) == files(&at(&whole)), "{name}: stands before it is whole");
        assert_eq!(offlimits(folder.path(), &words).0, 0, "{words}");
        assert!(files(&at(name)) == files(&at(&whole)), "{name}: not the same bytes after {killed} kills");
        let (resumed, plain) = (json(&at("r.json")), json(&at("whole.json")));
        for part in ["summary", "ledger", "policy"] {
            assert_eq!(resumed[part], plain[part], "{name}: {part}");
        }
        let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<String> = left.map(|name| name.to_string_lossy().into_owned()).collect();
        assert!(!left.iter().any(|name| name.contains("partial") || name.contains("journal")), "{left:?}");
        fs::remove_dir_all(at(&whole)).or_else(|_| fs::remove_file(at(&whole))).unwrap();
        fs::remove_dir_all(at(name)).or_else(|_| fs::remove_file(at(name))).unwrap();
    }
}

#[test]
fn a_run_does_not_go_on_with_what_is_not_its_own() {
    let folder = folder(12_500);
    let words = "scan corpus.jsonl -q --records r.jsonl --resume --checkpoint 0";
    let journal = folder.path().join("r.jsonl.journal");
    assert!(!kill_after_an_entry(folder.path(), words, &journal), "was over too soon");
    let refused = |words: &str, why: &str| {
        let (code, _, error) = offlimits(folder.path(), words);
        assert_eq!((code, error.contains(why)), (2, true), "{error}");
        assert!(!folder.path().join("r.jsonl").exists());
    };
    refused(&format!("{words} --region US"), "options.region");
    refused(&format!("{words} --threshold health=0.9"), "threshold");
    refused("scan corpus.jsonl --records - --resume", "--resume");
    refused("scan corpus.jsonl --resume", "--records");
    let corpus = folder.path().join("corpus.jsonl");
    let text = fs::read(&corpus).unwrap();
    fs::write(&corpus, &text[..text.len() - 200]).unwrap();
    refused(words, "not what it was");
    fs::write(&corpus, text).unwrap();
    let partial = folder.path().join("r.jsonl.partial");
    let mut records = fs::read(&partial).unwrap();
    records[20] ^= 1;
    fs::write(&partial, records).unwrap();
    refused(words, "not what the interrupted run wrote");
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_written_file() {
    let folder = folder(9_000);
    for name in ["r.jsonl", "r.parquet", "parts/"] {
        // A limit on the size of files fails as a full disk does, halfway through.
        let limited = format!(
            "trap '' XFSZ; ulimit -f 20; exec {} scan corpus.jsonl -q --records {name}",
            env!("CARGO_BIN_EXE_offlimits")
        );
        let output = Command::new("sh").args(["-c", &limited]).current_dir(folder.path()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {error}");
        assert!(error.contains(name.trim_end_matches('/')) && error.contains("too large"), "{name}: {error}");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["corpus.jsonl"], "{name}");
    }
    if Path::new("/dev/full").exists() {
        std::os::unix::fs::symlink("/dev/full", folder.path().join("full.jsonl")).unwrap();
        for words in ["scan corpus.jsonl -q --records full.jsonl", "scan corpus.jsonl -q --json /dev/full"] {
            let (code, _, error) = offlimits(folder.path(), words);
            assert_eq!((code, error.contains("No space left")), (2, true), "{words}: {error}");
        }
    }
}

#[test]
fn a_run_is_derived_again_and_what_differs_is_told() {
    let folder = folder(60);
    let at = |name: &str| folder.path().join(name);
    let verify = |more: &str| offlimits(folder.path(), &format!("verify m.json {more}"));
    let scan = "scan corpus.jsonl -q --records r.csv --manifest m.json --json r.json --region US --threshold health=0.7 --quote";
    assert_eq!(offlimits(folder.path(), scan).0, 0);
    assert_eq!(json(&at("r.json"))["manifest"], json(&at("m.json")));
    let (code, out, _) = verify("");
    assert_eq!((code, out.contains("to the byte")), (0, true), "{out}");
    assert_eq!(offlimits(folder.path(), "verify r.json").0, 0, "a report holds its manifest");
    fs::rename(at("corpus.jsonl"), at("elsewhere.jsonl")).unwrap();
    let (code, out, _) = verify("");
    assert_eq!((code, out.contains("input corpus.jsonl: was") && out.contains("gone")), (1, true), "{out}");
    let (code, out, _) = verify("--input elsewhere.jsonl");
    assert_eq!(code, 0, "records call the input what it was called: {out}");
    let text = fs::read_to_string(at("elsewhere.jsonl")).unwrap();
    fs::write(at("corpus.jsonl"), text.replace("oncologist", "hairdresser")).unwrap();
    let (code, out, _) = verify("");
    for told in ["input corpus.jsonl.sha256", "records", "same     lexicon", "same     file r.csv"] {
        assert!(out.contains(told), "{told}: {out}");
    }
    assert_eq!(code, 1);
    fs::write(at("corpus.jsonl"), text).unwrap();
    fs::write(at("r.csv"), "").unwrap();
    assert!(verify("").1.contains("differs  file r.csv"));
    let manifest = fs::read_to_string(at("m.json")).unwrap();
    let lexicon = json(&at("m.json"))["lexicon"]["en"].as_str().unwrap().to_owned();
    fs::write(at("m.json"), manifest.replace(&lexicon, "0").replace("\"version\": \"0.1", "\"version\": \"0.0"))
        .unwrap();
    let (code, out, _) = verify("--json");
    assert_eq!((code, out.contains("lexicon.en"), out.contains("\"version\"")), (1, true, true), "{out}");
    fs::write(at("m.json"), "{}").unwrap();
    assert_eq!(verify("").0, 2);
}

#[test]
fn two_runs_are_compared_with_the_cause() {
    let folder = folder(60);
    let run = |name: &str, more: &str| {
        let manifest = name.replace(".jsonl", "").replace(".parquet", "").replace(".csv", "");
        let words = format!("scan corpus.jsonl -q --records {name} --manifest {manifest}.manifest.json {more}");
        assert_eq!(offlimits(folder.path(), &words).0, 0, "{words}");
    };
    let diff = |words: &str| {
        let (code, out, error) = offlimits(folder.path(), &format!("diff --json {words}"));
        (code, serde_json::from_str::<Value>(&out).unwrap_or_else(|_| panic!("{out}{error}")))
    };
    run("a.jsonl", "");
    run("same.parquet", "");
    run("same.csv", "");
    for other in ["same.parquet", "same.csv", "corpus.jsonl"] {
        let (code, out) = diff(&format!("a.jsonl {other}"));
        assert_eq!((code, &out["totals"]["same"]), (0, &Value::from(60)), "{other}: {out}");
    }
    run("high.jsonl", "--threshold health=1");
    let (code, out) = diff("a.jsonl high.jsonl --changes changes.jsonl");
    assert_eq!((code, &out["totals"]["categories"]["health"]["lost"]), (1, &Value::from(10)), "{out}");
    assert_eq!(out["totals"]["causes"]["threshold"], 10);
    let changes = fs::read_to_string(folder.path().join("changes.jsonl")).unwrap();
    assert_eq!((changes.lines().count(), changes.contains("oncologist")), (10, false));
    run("us.jsonl", "--as-if --region US");
    let (_, out) = diff("a.jsonl us.jsonl");
    assert_eq!(out["totals"]["causes"]["account"], 60, "{out}");
    let text = fs::read_to_string(folder.path().join("corpus.jsonl")).unwrap();
    let later: String = text.lines().skip(1).map(|line| line.replace("bread", "rye bread") + "\n").collect();
    fs::write(folder.path().join("later.jsonl"), later + &text.replace("\"m", "\"n").replace("\"c", "\"d")).unwrap();
    let (_, out) = diff("corpus.jsonl later.jsonl");
    let totals = &out["totals"];
    assert_eq!((&totals["new"], &totals["gone"], &totals["changed"]), (&60.into(), &1.into(), &9.into()), "{totals}");
    assert_eq!(totals["causes"]["text"], 9);
    assert_eq!(out["by_source"], false);
}
