//! Shares as tables: for people, and one tidy table for programs.

use std::collections::BTreeMap;

use super::prevalence::{Method, Row, Unit};
use crate::stats::prevalence::Caveat;
use crate::stats::{Estimate, Interval};
use crate::table::{Table, percent, thousands};

fn range(interval: Interval) -> String {
    format!("{}–{}", percent(interval.low), percent(interval.high))
}

fn with_range(estimate: Estimate) -> String {
    format!("{} ({})", percent(estimate.value), range(estimate.interval))
}

/// The sign that stands for a caveat, and its explanation.
fn sign(caveat: Caveat) -> (&'static str, &'static str) {
    match caveat {
        Caveat::NoGold => {
            ("no gold", "no gold: gold rows of one kind (or both) are missing, so nothing is known of the errors.")
        }
        Caveat::NoInformation => (
            "!",
            "!: sensitivity and specificity together are not above 1; flags tell nothing, so nothing can be corrected.",
        ),
        Caveat::PerhapsNoInformation => (
            "?",
            "?: too few gold rows; sensitivity and specificity together may well not be above 1. Nothing is known.",
        ),
        Caveat::Unlike => (
            "x",
            "x: the corpus has fewer flags (or more) than could come about with the gold rows' errors, beyond chance. The rows \
             are not like the corpus and cannot correct it; draw some from it (`offlimits sample`).",
        ),
        Caveat::BelowZero => (
            "<",
            "<: fewer were flagged than false alarms alone would explain; the corrected share was below 0 and is put as 0.",
        ),
        Caveat::AboveOne => (">", ">: the corrected share was above 1 and is put as 1."),
    }
}

fn corrected(row: &Row) -> String {
    let sign = row.caveat.map_or("", |caveat| sign(caveat).0);
    let pooled = if row.pooled && row.method.is_some() { "*" } else { "" };
    let figure = match (row.corrected, row.bounds, row.bounds_interval) {
        (Some(estimate), ..) => with_range(estimate),
        (_, Some(bounds), Some(interval)) => {
            format!("{} to {} ({})", percent(bounds.low), percent(bounds.high), range(interval))
        }
        _ => return sign.to_owned(),
    };
    let parts = [figure.as_str(), sign].map(str::to_owned);
    format!("{}{pooled}", parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" "))
}

/// Tables for people: one a unit, then one a dimension and unit.
pub fn tables(rows: &[Row], gold: bool) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut families: Vec<(&str, Unit)> = Vec::new();
    for row in rows {
        let family = (row.dimension.as_str(), row.unit);
        // Of conversations and users the groups are in the other forms; here they would bury the rest.
        if !families.contains(&family) && (row.dimension.is_empty() || row.unit == Unit::Messages) {
            families.push(family);
        }
    }
    for (dimension, unit) in families {
        let own: Vec<&Row> = rows.iter().filter(|row| row.dimension == dimension && row.unit == unit).collect();
        let of = own.iter().find_map(|row| row.of).unwrap_or(0);
        let title = match (dimension, unit) {
            ("", Unit::Messages) => format!("{} messages, % by category", thousands(of)),
            ("", _) => format!("{} {}, % with at least one such message", thousands(of), unit.name()),
            _ => format!("messages by {dimension}, %"),
        };
        let mut header = if dimension.is_empty() { vec![""] } else { vec![dimension, ""] };
        header.extend(["flagged", "% flagged (95 %)"]);
        if gold {
            header.push(if unit == Unit::Messages { "% corrected (95 %)" } else { "% corrected: bounds (95 %)" });
        }
        let mut table = Table::new(title, header);
        let mut last = "";
        for row in own {
            let mut cells = Vec::new();
            if !dimension.is_empty() {
                // A group is named once.
                let named = row.of.map_or(row.value.clone(), |of| format!("{} ({})", row.value, thousands(of)));
                cells.push(if row.value == last { String::new() } else { named });
                last = &row.value;
            }
            cells.push(row.category.clone());
            match (row.hidden_below, row.flagged, row.seen) {
                (Some(_), ..) => cells.push("hidden".to_owned()),
                (None, Some(flagged), Some(seen)) => cells.extend([thousands(flagged), with_range(seen)]),
                _ => {}
            }
            if gold && row.hidden_below.is_none() {
                cells.push(corrected(row));
            }
            table.row(cells);
        }
        tables.push(table);
    }
    tables
}

/// What must be said of these figures.
pub fn notes(rows: &[Row]) -> Vec<String> {
    let mut notes = Vec::new();
    let by = |method: Method| rows.iter().any(|row| row.method == Some(method));
    if rows.iter().any(|row| row.seen.is_some()) {
        let clusters = if rows.iter().any(|row| row.unit == Unit::Users) { "people" } else { "conversations" };
        let whole = |row: &&Row| row.dimension.is_empty() && row.unit == Unit::Conversations;
        let independent = rows.iter().filter(whole).any(|row| row.of == Some(1));
        notes.push(if independent {
            "There is only one conversation, so messages are taken as independent of one another.".to_owned()
        } else {
            format!("Intervals of shares flagged: Wilson, widened because messages come in {clusters}.")
        });
    }
    if by(Method::StratifiedSample) {
        notes.push(
            "Corrected: from the gold rows, a stratified sample of these messages, each stratum by its size."
                .to_owned(),
        );
    }
    if by(Method::RoganGladen) {
        notes.push(
            "Corrected: Rogan & Gladen; 95 % interval over gold rows and corpus. It holds if the classifier errs in the corpus \
             (and in each group) as it does in the gold rows."
                .to_owned(),
        );
    }
    if by(Method::Bounds) {
        notes.push(
            "Conversations and users cannot be corrected from errors on messages alone, so two bounds are given. Low: false \
             alarms are independent, and no conversation with such a message is missed. High: false alarms pile up in the same \
             conversations, which are found no more often than a single message. In brackets: 95 % around both."
                .to_owned(),
        );
    }
    if rows.iter().any(|row| row.pooled && row.method.is_some()) {
        notes.push("*: corrected with the gold rows of all languages, because this one has too few.".to_owned());
    }
    let mut seen: Vec<Caveat> = Vec::new();
    for caveat in rows.iter().filter_map(|row| row.caveat) {
        if !seen.contains(&caveat) {
            seen.push(caveat);
            notes.push(sign(caveat).1.to_owned());
        }
    }
    if let Some(least) = rows.iter().find_map(|row| row.hidden_below) {
        notes.push(format!("hidden: fewer than {least} stand behind it, or it would give such a cell away."));
    }
    notes
}

/// What to say of messages that were not judged.
pub fn unjudged(languages: &BTreeMap<String, u64>) -> Option<String> {
    let all: u64 = languages.values().sum();
    let mut most: Vec<(&String, &u64)> = languages.iter().collect();
    most.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let names: Vec<&str> = most.iter().take(6).map(|(name, _)| name.as_str()).collect();
    let more = if most.len() > 6 { " …" } else { "" };
    let words = format!("Left out, in languages without a lexicon ({}{more}): {}.", names.join(", "), thousands(all));
    (all > 0).then_some(words)
}

/// One row a unit, group and category: for programs.
pub fn tidy(rows: &[Row]) -> Table {
    let header = [
        "unit",
        "dimension",
        "value",
        "category",
        "of",
        "flagged",
        "design_effect",
        "share",
        "share_low",
        "share_high",
        "corrected",
        "corrected_low",
        "corrected_high",
        "bound_low",
        "bound_high",
        "bounds_low",
        "bounds_high",
        "method",
        "caveat",
        "pooled_languages",
        "hidden_below",
    ];
    let mut table = Table::new("", header);
    let number = |value: f64| format!("{value:.8}");
    let count = |value: Option<u64>| value.map_or(String::new(), |value| value.to_string());
    let interval = |i: Option<Interval>| i.map_or([String::new(), String::new()], |i| [number(i.low), number(i.high)]);
    let estimate = |e: Option<Estimate>| {
        let [low, high] = interval(e.map(|e| e.interval));
        [e.map_or(String::new(), |e| number(e.value)), low, high]
    };
    // The words that JSON has for them.
    let word = |value: serde_json::Result<serde_json::Value>| match value {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    };
    for row in rows {
        let first = [row.unit.name(), &row.dimension, &row.value, &row.category].map(str::to_owned);
        let counts =
            [count(row.of), count(row.flagged), row.design_effect.map_or(String::new(), |d| format!("{d:.4}"))];
        let shares = estimate(row.seen).into_iter().chain(estimate(row.corrected));
        let bounds = interval(row.bounds).into_iter().chain(interval(row.bounds_interval));
        let last = [
            word(serde_json::to_value(row.method)),
            word(serde_json::to_value(row.caveat)),
            row.pooled.to_string(),
            count(row.hidden_below),
        ];
        table.row(first.into_iter().chain(counts).chain(shares).chain(bounds).chain(last));
    }
    table
}
