//! The sample exports under `tests/exports` read as their `EXPECTED.jsonl` says.
//!
//! Each folder with a `MANIFEST.jsonl` and an `EXPECTED.jsonl` is a case: add files and lines, no code. Inputs are written
//! relative to `tests/exports`.

use std::path::{Path, PathBuf};

use offlimits::read::{Batch, Catalog, Ledger, drive, normal, plan};

fn exports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports")
}

/// The normalised rows of an input, under the name `file`, and the ledger.
fn read(path: &Path, file: &str) -> (Vec<String>, Ledger) {
    let mut catalog = Catalog::open(&path.to_string_lossy()).expect("opens");
    let plan = plan(&mut catalog, None).expect("plans");
    let mut rows = Vec::new();
    let work = |batch: Batch<'_>| {
        let mut out = Vec::new();
        for conversation in &batch.conversations {
            normal::write_rows(&mut out, file, conversation).expect("memory");
        }
        String::from_utf8(out).expect("UTF-8")
    };
    let collect = |text: String| {
        rows.extend(text.lines().map(str::to_owned));
        Ok(())
    };
    let ledger = drive(&plan, work, collect, |_| ()).expect("reads");
    (rows, ledger)
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(str::to_owned).collect()
}

fn field<'a>(value: &'a serde_json::Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[test]
fn samples_read_as_expected() {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(exports()).expect("exports").flatten().map(|entry| entry.path()).collect();
    folders.retain(|folder| folder.join("MANIFEST.jsonl").exists());
    folders.sort();
    let mut failures = Vec::new();
    let mut cases = 0;
    for folder in folders {
        let expected = lines(&folder.join("EXPECTED.jsonl"));
        for line in lines(&folder.join("MANIFEST.jsonl")) {
            let case: serde_json::Value = serde_json::from_str(&line).expect("manifest");
            cases += 1;
            failures.extend(check(&case, &expected).err());
        }
    }
    assert!(failures.is_empty(), "{} of {cases} failed:\n{}", failures.len(), failures.join("\n"));
}

fn check(case: &serde_json::Value, expected: &[String]) -> Result<(), String> {
    let input = field(case, "input");
    let prefix = format!("{{\"file\": {}, ", serde_json::to_string(input).expect("a string"));
    let wanted: Vec<&String> = expected.iter().filter(|row| row.starts_with(&prefix)).collect();
    let (rows, ledger) = read(&exports().join(input), input);
    if !rows.iter().eq(wanted.iter().copied()) {
        let show = |rows: Vec<&String>| rows.iter().map(|row| format!("    {row}\n")).collect::<String>();
        let seen = format!("{:?}", ledger.files);
        return Err(format!("{input}\n  wanted\n{}  got\n{}  {seen}", show(wanted), show(rows.iter().collect())));
    }
    let told = |reason: &str| ledger.files.iter().any(|line| line.reason == Some(reason));
    match field(case, "kind") {
        "error" if !told(field(case, "error")) => {
            Err(format!("{input}: the ledger does not say {}", field(case, "error")))
        }
        "none" if !ledger.files.iter().all(|line| line.reason.is_some()) => Err(format!("{input}: no reason is told")),
        "messages" if ledger.messages != rows.len() as u64 => Err(format!("{input}: the ledger counts differently")),
        _ => Ok(()),
    }
}

#[test]
fn any_number_of_threads_reads_the_same() {
    let path = exports().join("chatgpt/sharded_export.zip");
    let here = read(&path, "x");
    assert_eq!(here.1.skipped.get("duplicate"), Some(&1));
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        assert_eq!(pool.install(|| read(&path, "x")), here);
    }
}
