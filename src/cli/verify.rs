//! `verify`: whether a run can be derived again to the byte, and what differs if not.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Parser;
use serde_json::{Value, json};

use super::scan::{Job, use_threads};
use super::{Cli, Command, DONE, FOUND, VerifyArgs, digest, output};
use crate::report::{self, InputFile, WrittenRecords};

/// Parts of a manifest that say what the run was asked for.
const ASKED: &[&str] = &["version", "lexicon_sha256", "lexicon", "policy", "options", "thresholds"];

pub(super) fn run(arguments: &VerifyArgs) -> Result<u8> {
    use_threads(arguments.threads)?;
    let manifest = read(&arguments.manifest)?;
    let mut findings = Findings::default();
    let inputs: Vec<InputFile> = part(&manifest, "inputs")?;
    let paths = paths(&inputs, &arguments.input)?;
    let found = compare_inputs(&inputs, &paths, &mut findings);
    let records: Option<WrittenRecords> = part(&manifest, "records")?;
    if let Some(records) = &records {
        compare_files(records, &mut findings);
    }
    let mut words = vec!["offlimits".to_owned(), "scan".to_owned()];
    words.extend(scan_words(&manifest, records.as_ref())?);
    words.push("--".into());
    words.extend(paths);
    let Command::Scan(mut scan) = Cli::try_parse_from(words)?.command else { bail!("the manifest is of no scan") };
    scan.no_progress = arguments.no_progress;
    let mut job = Job::new(&scan)?;
    (job.digests, job.nowhere, job.labels) = (true, true, inputs.into_iter().map(|input| input.path).collect());
    let asked = report::json::asked(&job.manifest(Vec::new()), job.policy());
    for key in ASKED {
        findings.compare(key, &manifest[*key], &asked[*key]);
    }
    if found {
        let (report, outcome, _) = job.read()?;
        outcome.complain_further();
        let now = report::json::manifest(&report);
        for key in ["counts", "told_by_download"] {
            findings.compare(key, &manifest[key], &now[key]);
        }
        findings.compare("records", &manifest["records"]["parts"], &now["records"]["parts"]);
    }
    findings.print(arguments.json, found)?;
    Ok(if findings.differences.is_empty() { DONE } else { FOUND })
}

fn read(path: &Path) -> Result<Value> {
    let place = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(place)?;
    let mut document: Value = serde_json::from_str(&text).with_context(|| format!("{}: is no manifest", place()))?;
    if document["manifest"].is_object() {
        document = document["manifest"].take();
    }
    if !document["inputs"].is_array() || document["lexicon_sha256"].as_str().is_none_or(str::is_empty) {
        bail!("{}: is no manifest of a scan", place());
    }
    Ok(document)
}

fn part<T: for<'a> serde::Deserialize<'a>>(manifest: &Value, key: &str) -> Result<T> {
    serde_json::from_value(manifest[key].clone()).with_context(|| format!("the manifest's {key}"))
}

fn paths(inputs: &[InputFile], instead: &[String]) -> Result<Vec<String>> {
    if instead.len() > inputs.len() {
        bail!("--input: the manifest names {} inputs, not {}", inputs.len(), instead.len());
    }
    let named = inputs.iter().map(|input| &input.path).skip(instead.len());
    let paths: Vec<String> = instead.iter().chain(named).cloned().collect();
    if paths.iter().any(|path| path == "-") {
        bail!("the run read standard input, which cannot be had again: save it and name it with --input");
    }
    Ok(paths)
}

/// Whether all inputs are there to be scanned again.
fn compare_inputs(inputs: &[InputFile], paths: &[String], findings: &mut Findings) -> bool {
    let mut found = true;
    for (input, path) in inputs.iter().zip(paths) {
        let now = digest::of_input(path);
        let name = format!("input {}", input.path);
        if fs::metadata(path).is_err() {
            found = false;
            findings.differences.push(Difference { what: name, before: json!(input.bytes), now: Value::Null });
        } else if input.sha256.is_some() {
            findings.compare(
                &name,
                &json!({"bytes": input.bytes, "sha256": input.sha256}),
                &json!({"bytes": now.bytes, "sha256": now.sha256}),
            );
        }
    }
    found
}

/// The files of the records, where they still lie where they were written.
fn compare_files(records: &WrittenRecords, findings: &mut Findings) {
    let path = Path::new(&records.path);
    for part in &records.parts {
        let file = if records.part_rows.is_some() { path.join(&part.name) } else { path.to_owned() };
        let Ok(opened) = File::open(&file) else { continue };
        if let Ok(digested) = digest::of_file(opened) {
            let name = format!("file {}", file.display());
            findings.compare(&name, &json!(part.sha256), &json!(digested.hex()));
        }
    }
}

/// The options as they stood on the command line.
fn scan_words(manifest: &Value, records: Option<&WrittenRecords>) -> Result<Vec<String>> {
    let options = &manifest["options"];
    let mut words = vec!["--quiet".to_owned()];
    let mut add = |name: &str, value: &str| words.push(format!("--{name}={value}"));
    let text = |key: &str| options[key].as_str();
    let list = |key: &str| -> Vec<String> {
        let items = options[key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    add("policy", manifest["policy"]["id"].as_str().context("the manifest names no policy")?);
    for key in ["region", "plan", "since", "until", "lang", "format", "by"] {
        text(key).into_iter().for_each(|value| add(key, value));
    }
    for key in ["linked", "unlinked", "roles"] {
        Some(list(key).join(",")).filter(|value| !value.is_empty()).iter().for_each(|value| add(key, value));
    }
    list("lexicons").iter().for_each(|path| add("lexicon", path));
    for key in ["value", "threshold"] {
        for (name, value) in options[key].as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            add(key, &format!("{name}={value}"));
        }
    }
    for (key, flag) in [("as_if", "--as-if"), ("no_builtin", "--no-builtin"), ("quote", "--quote")] {
        if options[key] == json!(true) {
            words.push(flag.to_owned());
        }
    }
    if let Some(records) = records {
        let path = if records.path == "-" { "records.jsonl" } else { &records.path };
        words.push(format!("--records={path}"));
        words.extend(records.part_rows.map(|rows| format!("--partition-rows={rows}")));
    }
    Ok(words)
}

/// Something that is not what it was.
struct Difference {
    what: String,
    before: Value,
    now: Value,
}

#[derive(Default)]
struct Findings {
    same: Vec<String>,
    differences: Vec<Difference>,
}

impl Findings {
    /// Compares two values, key by key.
    fn compare(&mut self, what: &str, before: &Value, now: &Value) {
        let old = self.differences.len();
        self.walk(what, before, now);
        if self.differences.len() == old {
            self.same.push(what.to_owned());
        }
    }

    fn walk(&mut self, what: &str, before: &Value, now: &Value) {
        match (before, now) {
            (Value::Object(one), Value::Object(other)) => {
                let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                for key in keys {
                    self.walk(&format!("{what}.{key}"), &before[key.as_str()], &now[key.as_str()]);
                }
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                for (place, (one, other)) in one.iter().zip(other).enumerate() {
                    self.walk(&format!("{what}[{place}]"), one, other);
                }
            }
            _ if before != now => {
                let difference = Difference { what: what.to_owned(), before: before.clone(), now: now.clone() };
                self.differences.push(difference);
            }
            _ => {}
        }
    }

    fn print(&self, as_json: bool, derived: bool) -> Result<()> {
        if as_json {
            let differences: Vec<Value> = self
                .differences
                .iter()
                .map(|one| json!({"what": one.what, "was": one.before, "is": one.now}))
                .collect();
            let document = json!({"same": self.same, "derived_again": derived, "differences": differences});
            output::write((serde_json::to_string_pretty(&document)? + "\n").as_bytes())?;
            return Ok(());
        }
        let mut text = String::new();
        for what in &self.same {
            text.push_str(&format!("same     {what}\n"));
        }
        for Difference { what, before, now } in &self.differences {
            let now = if now.is_null() { "gone".to_owned() } else { short(now) };
            text.push_str(&format!("differs  {what}: was {}, is {now}\n", short(before)));
        }
        if !derived {
            text.push_str("An input is gone, so nothing was scanned again.\n");
        }
        text.push_str(match self.differences.len() {
            0 => "The run was derived again, to the byte.\n",
            _ => "The run is not the same.\n",
        });
        output::write(text.as_bytes()).map(drop)
    }
}

/// Digests are known by their beginning.
fn short(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.len() == 64 => format!("{}…", &text[..12]),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}
