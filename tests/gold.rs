//! Accuracy floors: what the built-in lexicon reaches on the rows of `tests/gold/LANGUAGE.jsonl`, against `tests/gold/floors.toml`.
//!
//! The rows were written without looking at the lexicon. Never add a phrase because a row of these is missed: their worth is
//! that nothing was fitted to them. Raise a floor when a change has earned it; never lower one to let a change pass.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use offlimits::classify::Classifier;
use offlimits::eval::{Gold, Scores, evaluate, read_gold};
use offlimits::lexicon::Lexicon;
use serde::Deserialize;

/// What a language must reach.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floors {
    macro_f1: f64,
    /// At most so many rows without anything sensitive may be flagged.
    false_alarms: f64,
    disclosure: f64,
    /// None where the rows say nothing of ad topics …
    topics_f1: Option<f64>,
    /// … or intents.
    intent: Option<f64>,
    /// By category.
    f1: BTreeMap<String, f64>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold")
}

fn rows(language: &str) -> Vec<Gold> {
    let path = folder().join(format!("{language}.jsonl"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    read_gold(&path.display().to_string(), &text).expect("gold rows")
}

fn floors() -> BTreeMap<String, Floors> {
    let text = fs::read_to_string(folder().join("floors.toml")).expect("floors");
    toml::from_str(&text).expect("floors")
}

/// Prints a line of the table; whether the floor holds.
fn line(table: &mut String, what: &str, reached: f64, floor: f64, holds: bool) -> bool {
    let mark = if holds { "" } else { "  <- broken" };
    writeln!(table, "  {what:<14} {reached:>6.3}  {floor:>6.3}{mark}").expect("memory");
    holds
}

fn share((part, whole): (u32, u32)) -> f64 {
    f64::from(part) / f64::from(whole.max(1))
}

/// The table of one language, and whether all its floors hold.
fn compare(table: &mut String, language: &str, scores: &Scores, floors: &Floors) -> bool {
    writeln!(table, "{language} ({} rows)   reached   floor", scores.rows).expect("memory");
    let mut holds = true;
    let mut least = |table: &mut String, what: &str, reached: f64, floor: f64| {
        holds &= line(table, what, reached, floor, reached >= floor);
    };
    for (category, confusion) in &scores.categories {
        let floor = *floors.f1.get(category).unwrap_or_else(|| panic!("no floor for {language} {category}"));
        least(table, category, confusion.f1(), floor);
    }
    least(table, "macro-F1", scores.macro_f1(), floors.macro_f1);
    least(table, "disclosure", share(scores.disclosure), floors.disclosure);
    if let Some(floor) = floors.topics_f1 {
        least(table, "topics F1", scores.topics.f1(), floor);
    }
    if let Some(floor) = floors.intent {
        least(table, "intent", share(scores.intent), floor);
    }
    let alarms = share(scores.false_alarms);
    line(table, "false alarms", alarms, floors.false_alarms, alarms <= floors.false_alarms) && holds
}

#[test]
fn the_lexicon_reaches_the_floors() {
    let classifier = Classifier::new(Arc::new(Lexicon::builtin().expect("the built-in lexicon is sound")));
    let mut table = String::new();
    let mut hold = true;
    for (language, floors) in floors() {
        let evaluation = evaluate(&classifier, &rows(&language), 0);
        hold &= compare(&mut table, &language, &evaluation.all, &floors);
    }
    assert!(hold, "below a floor of tests/gold/floors.toml:\n{table}");
}

#[test]
fn gold_rows_are_sound() {
    for language in floors().keys() {
        let rows = rows(language);
        let mut seen = std::collections::HashSet::new();
        for row in &rows {
            assert!(seen.insert(&row.text) && seen.insert(&row.id), "{} stands twice", row.id);
            assert_eq!(row.lang.as_deref(), language.split('-').next(), "{}", row.id);
            assert_eq!(row.sensitive.len(), row.disclosure.len(), "{}", row.id);
            assert!(row.sensitive.iter().all(|category| row.disclosure.contains_key(category)), "{}", row.id);
            let known = matches!(row.intent.as_deref(), Some("purchase" | "interest" | "none"));
            assert!(known || !row.knows("intent"), "{}", row.id);
        }
    }
}
