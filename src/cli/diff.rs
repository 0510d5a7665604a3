//! `diff`: what changed between two runs or two exports, and why.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Parser;
use serde_json::{Value, json};

use super::records::{Form, Records, Target};
use super::scan::{Job, use_threads};
use super::{Cli, Command, DONE, DiffArgs, FOUND, PARTLY, output};
use crate::input::Member;
use crate::read::Catalog;
use crate::report;
use crate::report::compare::{Comparison, Grounds, Row, Side, Totals};

/// A longer line is no record: memory stays bounded whatever is given.
const LONGEST: u64 = 64 << 20;

pub(super) fn run(arguments: &DiffArgs) -> Result<u8> {
    use_threads(arguments.threads)?;
    let mut before = Given::open(&arguments.before, arguments)?;
    let mut after = Given::open(&arguments.after, arguments)?;
    if let [one, other] = &arguments.manifests[..] {
        (before.manifest, after.manifest) = (Some(document(one)?), Some(document(other)?));
    }
    let asked = match (manifest_of(&before.manifest), manifest_of(&after.manifest)) {
        (Some(one), Some(other)) => differences(one, other),
        _ => Vec::new(),
    };
    let told = Told { known: before.manifest.is_some() && after.manifest.is_some(), asked };
    match (&before.records, &after.records) {
        (Some(one), Some(other)) => records(arguments, &before, &after, one, other, &told),
        (None, None) => reports(arguments, &before, &after, &told),
        _ => bail!("one side has records, the other is a report: compare two of a kind"),
    }
}

/// One side of the comparison.
struct Given {
    /// Files of records; none where only a report or a manifest is given.
    records: Option<Vec<Source>>,
    /// The manifest, or the report that it stands in.
    manifest: Option<Value>,
    /// Keeps the records of an export that had to be scanned.
    _scanned: Option<tempfile::TempDir>,
}

/// A file of records.
struct Source {
    member: Member,
    is_table: bool,
}

/// What two manifests say of the difference.
struct Told {
    known: bool,
    asked: Vec<(String, Value, Value)>,
}

impl Given {
    fn open(path: &str, arguments: &DiffArgs) -> Result<Given> {
        let catalog = Catalog::open(path)?;
        if let [entry] = &catalog.entries[..]
            && is_document(&entry.head)
        {
            return Ok(Given { records: None, manifest: Some(document(Path::new(path))?), _scanned: None });
        }
        let sources = sources(&catalog);
        if sources.is_empty() {
            return Given::scan(path, arguments);
        }
        let beside = beside(path);
        let manifest = beside.exists().then(|| document(&beside)).transpose()?;
        Ok(Given { records: Some(sources), manifest, _scanned: None })
    }

    /// Scans an export; its records wait in a temporary file.
    fn scan(path: &str, arguments: &DiffArgs) -> Result<Given> {
        let folder = tempfile::Builder::new().prefix(".offlimits-").tempdir()?;
        super::interrupt::begin(folder.path());
        let records = folder.path().join("records.jsonl").display().to_string();
        let words = ["offlimits", "scan", "--quiet", "--records", &records, "--", path];
        let Command::Scan(mut scan) = Cli::try_parse_from(words)?.command else { bail!("not a scan") };
        (scan.policy, scan.lexicon) = (arguments.policy.clone(), arguments.lexicon.clone());
        let mut job = Job::new(&scan)?;
        job.digests = true;
        let (report, outcome, _) = job.read()?;
        outcome.complain();
        if outcome.is_failure() {
            bail!("{path}: nothing to compare");
        }
        let manifest = Some(report::json::manifest(&report));
        let sources = sources(&Catalog::open(&records)?);
        Ok(Given { records: Some(sources), manifest, _scanned: Some(folder) })
    }
}

/// Whether a file is a report or a manifest rather than lines of records.
fn is_document(head: &str) -> bool {
    head.starts_with("{\n") && (head.contains("\"lexicon_sha256\"") || head.contains("\"schema_version\""))
}

fn sources(catalog: &Catalog) -> Vec<Source> {
    let known = catalog.entries.iter().filter_map(|entry| {
        let first = entry.head.lines().next().unwrap_or_default();
        let is_table = first.starts_with("source,platform,surface,conversation_id,");
        let is_lines = first.starts_with("{\"source\":") && first.contains("\"ad_use\":");
        (is_table || is_lines).then(|| Source { member: entry.member.clone(), is_table })
    });
    known.collect()
}

/// `x.manifest.json` for `x.jsonl` and for the folder `x`.
fn beside(path: &str) -> PathBuf {
    let path = Path::new(path.trim_end_matches('/'));
    path.with_extension("manifest.json")
}

fn document(path: &Path) -> Result<Value> {
    let place = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(place)?;
    serde_json::from_str(&text).with_context(|| format!("{}: is no report", place()))
}

/// The manifest in a report, or the manifest itself.
fn manifest_of(document: &Option<Value>) -> Option<&Value> {
    let document = document.as_ref()?;
    Some(if document["manifest"].is_object() { &document["manifest"] } else { document })
}

/// What two runs were not both asked for, and the inputs that are not the same.
fn differences(one: &Value, other: &Value) -> Vec<(String, Value, Value)> {
    let mut found = Vec::new();
    let keys = ["version", "lexicon", "policy", "options", "thresholds", "told_by_download", "inputs"];
    keys.iter().for_each(|key| walk(key, &one[*key], &other[*key], &mut found));
    found
}

fn walk(what: &str, one: &Value, other: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                walk(&format!("{what}.{key}"), &one[key.as_str()], &other[key.as_str()], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (place, (one, other)) in a.iter().zip(b).enumerate() {
                walk(&format!("{what}[{place}]"), one, other, found);
            }
        }
        _ if one != other => found.push((what.to_owned(), one.clone(), other.clone())),
        _ => {}
    }
}

/// Hands the records of one side on, one at a time.
struct Lines<'a> {
    left: std::slice::Iter<'a, Source>,
    open: Option<Open>,
}

enum Open {
    Lines(BufReader<Box<dyn Read + Send>>),
    Table(csv::StringRecord, csv::StringRecordsIntoIter<Box<dyn Read + Send>>),
}

impl Lines<'_> {
    /// The next record as a JSON line; false at the end.
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool> {
        loop {
            line.clear();
            match &mut self.open {
                Some(Open::Lines(input)) => {
                    let read = input.take(LONGEST).read_until(b'\n', line)?;
                    if read > 0 && line.iter().all(u8::is_ascii_whitespace) {
                        continue;
                    }
                    if read > 0 {
                        return Ok(true);
                    }
                }
                Some(Open::Table(header, rows)) => {
                    if let Some(row) = rows.next() {
                        *line = of_table(header, &row?).to_string().into_bytes();
                        return Ok(true);
                    }
                }
                None => {}
            }
            let Some(source) = self.left.next() else { return Ok(false) };
            let input = source.member.open()?;
            self.open = Some(if source.is_table {
                let mut table = csv::Reader::from_reader(input);
                Open::Table(table.headers()?.clone(), table.into_records())
            } else {
                Open::Lines(BufReader::with_capacity(1 << 18, input))
            });
        }
    }
}

/// A row of a table as the object that it was made of.
fn of_table(header: &csv::StringRecord, row: &csv::StringRecord) -> Value {
    let cell = |(key, cell): (&str, &str)| {
        let value = match key {
            "index" | "chars" | "sensitive" | "unlisted" | "topics" | "implies" | "scope_reasons" => {
                serde_json::from_str(cell).unwrap_or(Value::Null)
            }
            _ if cell.is_empty() => Value::Null,
            _ => json!(cell),
        };
        (key.to_owned(), value)
    };
    Value::Object(header.iter().zip(row).map(cell).collect())
}

/// The sources that the records of a side name, as hashes.
fn named(side: &[Source]) -> Result<HashSet<u64>> {
    #[derive(serde::Deserialize)]
    struct Named {
        source: String,
    }
    let mut lines = Lines { left: side.iter(), open: None };
    let (mut line, mut last, mut found) = (Vec::new(), Vec::new(), HashSet::new());
    while lines.next(&mut line)? {
        // Lines of one file follow one another: their beginnings are the same.
        let head = &line[..line.len().min(64)];
        let end = memchr::memmem::find(&line, b"\",\"platform\":").map_or(head.len(), |end| end.min(4096));
        if last == line[..end] {
            continue;
        }
        last = line[..end].to_vec();
        if let Ok(Named { source }) = serde_json::from_slice(&line) {
            let mut hasher = DefaultHasher::new();
            source.hash(&mut hasher);
            found.insert(hasher.finish());
        }
    }
    Ok(found)
}

fn records(
    arguments: &DiffArgs,
    before: &Given,
    after: &Given,
    one: &[Source],
    other: &[Source],
    told: &Told,
) -> Result<u8> {
    let by_source = !arguments.ignore_source && !named(one)?.is_disjoint(&named(other)?);
    let mut changes = arguments.changes.as_ref().map(|path| {
        Records::create(Target { path: path.clone(), form: Form::Lines, part_rows: None, header: Vec::new() })
    });
    let mut changes = changes.take().transpose()?;
    let mut listed = Vec::new();
    let mut each = |line: Value| {
        if listed.len() < arguments.list {
            listed.push(line.clone());
        }
        let Some(changes) = &mut changes else { return Ok(()) };
        let text = line.to_string() + "\n";
        let written = changes.write(text.as_bytes(), &[text.len()]);
        written.map_err(|error| std::io::Error::other(error.to_string()).into())
    };
    let grounds = Grounds::of(manifest_of(&before.manifest), manifest_of(&after.manifest));
    let mut comparison = Comparison::new(by_source, grounds, &mut each);
    let mut sides = [(Side::Before, one), (Side::After, other)]
        .map(|(side, sources)| (side, Lines { left: sources.iter(), open: None }, true));
    let mut line = Vec::new();
    while sides.iter().any(|(.., open)| *open) {
        for (side, lines, open) in sides.iter_mut().filter(|(.., open)| *open) {
            *open = lines.next(&mut line)?;
            if *open {
                match Row::parse(&line) {
                    Ok(row) => comparison.add(*side, row)?,
                    Err(_) => comparison.unreadable(),
                }
            }
        }
    }
    let totals = comparison.finish()?;
    if let Some(changes) = changes {
        changes.finish()?;
    }
    let stdout_taken = arguments.changes.as_deref().is_some_and(super::records::is_stdout);
    if arguments.json {
        let asked: Vec<Value> = told.asked.iter().map(|(what, a, b)| json!({"what": what, "a": a, "b": b})).collect();
        let document = json!({"by_source": by_source, "manifests": told.known, "asked": asked, "totals": totals, "changes": listed});
        output::write((serde_json::to_string_pretty(&document)? + "\n").as_bytes())?;
    } else if !stdout_taken {
        output::write(words(arguments, &totals, &listed, told, by_source).as_bytes())?;
    }
    Ok(match (totals.unreadable, totals.changed + totals.new + totals.gone) {
        (0, 0) => DONE,
        (0, _) => FOUND,
        _ => PARTLY,
    })
}

fn words(arguments: &DiffArgs, totals: &Totals, listed: &[Value], told: &Told, by_source: bool) -> String {
    let mut text = format!(
        "A  {}: {} records\nB  {}: {} records\n",
        arguments.before, totals.before, arguments.after, totals.after
    );
    text += &format!(
        "matched by {}conversation and message: {} the same, {} changed; {} only in A, {} only in B\n",
        if by_source { "source, " } else { "" },
        totals.same,
        totals.changed,
        totals.gone,
        totals.new
    );
    if totals.unreadable > 0 {
        text += &format!("{} lines are no records\n", totals.unreadable);
    }
    text += &asked(told);
    if !totals.causes.is_empty() {
        text += &format!("\nwhy: {}\n", counts(totals.causes.iter().map(|(name, count)| ((*name).to_owned(), *count))));
    }
    text += &format!(
        "\n{:<16} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>7} {:>10}\n",
        "category", "A", "B", "gained", "lost", "up", "down", "mean", "disclosure"
    );
    for (category, moves) in &totals.categories {
        let moved = moves.up + moves.down;
        let mean = if moved == 0 { String::new() } else { format!("{:+.3}", moves.sum_of_moves / moved as f64) };
        text += &format!(
            "{category:<16} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {mean:>7} {:>10}\n",
            moves.before, moves.after, moves.gained, moves.lost, moves.up, moves.down, moves.disclosure
        );
    }
    for (name, map) in [("ad use", &totals.ad_use), ("scope", &totals.scope)] {
        if !map.is_empty() {
            text += &format!("\n{name}: {}\n", counts(map.iter().map(|(move_, count)| (move_.clone(), *count))));
        }
    }
    if totals.topics > 0 {
        text += &format!("\nad topics, intent or proxies: {} messages\n", totals.topics);
    }
    if !listed.is_empty() {
        text.push('\n');
    }
    for line in listed {
        let id = line["message_id"].as_str().map_or_else(|| format!("#{}", line["index"]), str::to_owned);
        let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let categories = |key: &str, sign: &str| -> String {
            let list = line[key].as_array().into_iter().flatten();
            list.map(|one| format!(" {sign}{}", name(&one["category"]))).collect()
        };
        text += &format!(
            "{:<8} {} {id}{}{}{}\n",
            name(&line["change"]),
            name(&line["conversation_id"]),
            categories("gained", "+"),
            categories("lost", "-"),
            categories("moved", "~")
        );
    }
    text
}

fn counts(list: impl Iterator<Item = (String, u64)>) -> String {
    let mut list: Vec<(String, u64)> = list.collect();
    list.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    list.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

fn asked(told: &Told) -> String {
    if !told.known {
        return "no manifests: causes are told from the records alone\n".into();
    }
    if told.asked.is_empty() {
        return "the same version, lexicon, policy, options and inputs\n".into();
    }
    let short = |value: &Value| match value.as_str() {
        Some(text) if text.len() == 64 => format!("{}…", &text[..12]),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    };
    told.asked.iter().map(|(what, a, b)| format!("differs  {what}: {} → {}\n", short(a), short(b))).collect()
}

/// Two reports: only their counts can be compared.
fn reports(arguments: &DiffArgs, before: &Given, after: &Given, told: &Told) -> Result<u8> {
    let (Some(one), Some(other)) = (&before.manifest, &after.manifest) else { bail!("nothing to compare") };
    let mut rows: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (side, document) in [one, other].into_iter().enumerate() {
        let summary = &document["summary"];
        // A manifest has no summary, but a few counts.
        let counted = |key: &str| summary[key].as_u64().or_else(|| document["counts"][key].as_u64());
        let plain = ["messages", "conversations"].map(|key| (key.to_owned(), counted(key)));
        let uses = summary["ad_use"].as_object().into_iter().flatten();
        let uses = uses.map(|(name, count)| (format!("ad_use.{name}"), count.as_u64()));
        let categories = summary["categories"].as_object().into_iter().flatten();
        let categories = categories.map(|(name, tally)| (format!("category.{name}"), tally["messages"].as_u64()));
        for (name, count) in plain.into_iter().chain(uses).chain(categories) {
            let row = rows.entry(name).or_default();
            *(if side == 0 { &mut row.0 } else { &mut row.1 }) = count.unwrap_or_default();
        }
    }
    let changed = rows.values().any(|(a, b)| a != b) || !told.asked.is_empty();
    if arguments.json {
        let asked: Vec<Value> = told.asked.iter().map(|(what, a, b)| json!({"what": what, "a": a, "b": b})).collect();
        let document = json!({"asked": asked, "counts": rows});
        output::write((serde_json::to_string_pretty(&document)? + "\n").as_bytes())?;
    } else {
        let mut text = asked(told);
        text += &format!("\n{:<28} {:>10} {:>10} {:>10}\n", "count", "A", "B", "change");
        for (name, (a, b)) in &rows {
            text += &format!("{name:<28} {a:>10} {b:>10} {:>+10}\n", *b as i64 - *a as i64);
        }
        output::write(text.as_bytes())?;
    }
    Ok(if changed { FOUND } else { DONE })
}
