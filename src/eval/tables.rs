//! An evaluation as tables: for people, and one tidy table for programs.

use std::collections::BTreeSet;

use super::{Evaluation, Kind, Scores, Scoring};
use crate::stats::calibration::Calibration;
use crate::stats::confusion::Confusion;
use crate::stats::proportion::{share, wilson};
use crate::stats::sweep::Suggestion;
use crate::stats::{Estimate, Interval};
use crate::table::{Table, decimal, range, with_range};

/// Which tables are wanted besides the plain scores.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sections {
    /// By whom a message is about.
    pub disclosure: bool,
    /// Which category is taken for which.
    pub confusion: bool,
    /// Reliability, Brier score, calibration error.
    pub calibration: bool,
    /// Thresholds to take.
    pub thresholds: bool,
}

/// The tables for people.
pub fn tables(evaluation: &Evaluation, sections: Sections) -> Vec<Table> {
    let mut tables = vec![scores("all rows", &evaluation.all)];
    if evaluation.by_language.len() > 1 {
        tables.extend(evaluation.by_language.iter().map(|(language, found)| scores(language, found)));
    }
    tables.extend(weighted(evaluation));
    if sections.disclosure {
        tables.push(disclosure(&evaluation.all));
    }
    if sections.confusion {
        tables.push(confusion(&evaluation.all));
    }
    if sections.calibration {
        tables.extend(calibration(evaluation));
    }
    if sections.thresholds {
        tables.push(thresholds(&evaluation.scoring));
    }
    tables
}

const SCORES: [&str; 6] = ["", "gold", "precision", "recall", "F1", "FPR"];

fn score_row(name: String, confusion: &Confusion, f1: Interval, draws: bool) -> Vec<String> {
    // Of nothing there is no share, and its interval would say so at length.
    let or_dash = |known: u32, words: String| if known == 0 { "-".to_owned() } else { words };
    let f1_words = if draws { with_range(confusion.f1(), f1) } else { decimal(confusion.f1()) };
    vec![
        name,
        confusion.positives().to_string(),
        or_dash(confusion.flagged(), with_range(confusion.precision(), confusion.precision_interval())),
        or_dash(confusion.positives(), with_range(confusion.recall(), confusion.recall_interval())),
        or_dash(confusion.positives(), f1_words),
        or_dash(confusion.negatives(), with_range(confusion.fpr(), confusion.fpr_interval())),
    ]
}

fn scores(title: &str, scores: &Scores) -> Table {
    let mut table = Table::new(format!("{title} ({} rows)", scores.rows), SCORES);
    let draws = scores.macro_interval != Interval::UNKNOWN;
    for cell in scores.cells.iter().filter(|cell| cell.disclosure == "any" && cell.confusion.rows() > 0) {
        table.row(score_row(cell.category.clone(), &cell.confusion, cell.f1_interval, draws));
    }
    table.row(score_row("micro".to_owned(), &scores.micro, scores.micro_interval, draws));
    let interval = |interval| if draws { format!(" {}", range(interval)) } else { String::new() };
    table.note(format!("macro-F1 {}{}", decimal(scores.macro_f1), interval(scores.macro_interval)));
    let mut line = |what: &str, (part, whole): (u32, u32)| {
        if whole > 0 {
            let (part, whole) = (f64::from(part), f64::from(whole));
            table.note(format!("{what} {} ({part} of {whole})", with_range(share(part, whole), wilson(part, whole))));
        }
    };
    line("false alarms on rows without anything sensitive:", scores.false_alarms);
    line("disclosure right where the category is:", scores.disclosure);
    line("intent right:", scores.intent);
    line("ad topics given to rows without one:", scores.topic_false_alarms);
    let topics = &scores.topics;
    if topics.positives() > 0 {
        let [precision, recall, f1] = [topics.precision(), topics.recall(), topics.f1()].map(decimal);
        table.note(format!("ad topics: precision {precision}, recall {recall}, F1 {f1}"));
    }
    table
}

fn weighted(evaluation: &Evaluation) -> Option<Table> {
    let mut table = Table::new("weighted to the corpus that the rows were drawn from", SCORES);
    table.header[1] = "rows".to_owned();
    for found in &evaluation.weighted {
        let cell = |estimate: Estimate| with_range(estimate.value, estimate.interval);
        let measures = [found.precision, found.recall, found.f1, found.fpr].map(cell);
        table.row([found.category.clone(), found.rows.to_string()].into_iter().chain(measures));
    }
    table.note(
        "The rows are a stratified sample: the tables above describe the sample, this one the corpus. Where few missed \
         messages stand for many, recall is uncertain, and its interval wide.",
    );
    (!table.rows.is_empty()).then_some(table)
}

fn disclosure(scores: &Scores) -> Table {
    let mut table = Table::new("by whom the message is about", SCORES);
    let draws = scores.macro_interval != Interval::UNKNOWN;
    for cell in scores.cells.iter().filter(|cell| cell.disclosure != "any" && cell.confusion.positives() > 0) {
        let name = format!("{} {}", cell.category, cell.disclosure);
        table.row(score_row(name, &cell.confusion, cell.f1_interval, draws));
    }
    table.note("Right is only a row that is flagged for the category and said to be about the right person.");
    table
}

fn confusion(scores: &Scores) -> Table {
    let mut names: BTreeSet<&String> = scores.confused.keys().collect();
    names.extend(scores.confused.values().flat_map(|row| row.keys()));
    let short = |name: &str| name.chars().take(6).collect::<String>();
    let header: Vec<String> = names.iter().map(|name| short(name)).collect();
    let mut table =
        Table::new("gold (rows) flagged as (columns)", [""].into_iter().chain(header.iter().map(String::as_str)));
    for (gold, row) in &scores.confused {
        let cells = names.iter().map(|name| row.get(*name).map_or("·".to_owned(), u32::to_string));
        table.row(std::iter::once(gold.clone()).chain(cells));
    }
    table.note(
        "Off the diagonal: rows of that gold category that were flagged for another one, which is not gold, instead or \
         besides. A row can stand in several cells. Only rows with all categories labelled.",
    );
    table
}

fn calibration(evaluation: &Evaluation) -> Vec<Table> {
    let Some(pooled) = &evaluation.calibration else { return Vec::new() };
    let mut reliability =
        Table::new("reliability of the scores, all categories", ["score", "rows", "mean score", "gold"]);
    for bin in &pooled.reliability {
        let scores = format!("{:.1}–{:.1}", bin.from, bin.to);
        let cells = [scores, bin.rows.to_string(), decimal(bin.score), with_range(bin.observed, bin.interval)];
        reliability.row(cells);
    }
    let mut table = Table::new("calibration", ["", "rows", "Brier", "base rate's", "ECE"]);
    let mut row = |name: &str, found: &Calibration| {
        let [brier, base, ece] = [found.brier, found.brier_of_base_rate, found.ece].map(|value| format!("{value:.4}"));
        table.row([name.to_owned(), found.rows.to_string(), brier, base, ece]);
    };
    evaluation.scoring.iter().for_each(|scoring| row(&scoring.category, &scoring.calibration));
    row("all", pooled);
    table.note(
        "Brier: mean squared error of the scores; below the base rate's is better than always saying how common the \
         category is here. ECE: expected calibration error over ten bins. A score is a probability under the mix of these \
         rows; in a corpus where a category is rarer, fewer of the flagged are right.",
    );
    vec![reliability, table]
}

fn thresholds(scoring: &[Scoring]) -> Table {
    let wanted = scoring.iter().any(|found| found.best_at_precision.is_some());
    let aim = if wanted { "at that precision" } else { "for best F1" };
    let mut table = Table::new(
        format!("thresholds: now, and {aim}"),
        ["", "now", "P", "R", "F1", "take", "P", "R", "F1", "F1 unseen"],
    );
    let counts = |found: &Confusion| [found.precision(), found.recall(), found.f1()].map(decimal);
    for found in scoring {
        let now = [found.category.clone(), decimal(found.threshold)].into_iter().chain(counts(&found.now));
        let suggestion: Option<&Suggestion> =
            if wanted { found.best_at_precision.as_ref() } else { found.best_f1.as_ref() };
        let take = suggestion.map_or(vec!["none".to_owned()], |best| {
            let first = [decimal(best.threshold)].into_iter().chain(counts(&best.seen));
            first.chain([decimal(best.unseen.f1())]).collect()
        });
        table.row(now.chain(take));
    }
    table.note(
        "A threshold looks better on the rows that it was chosen on. The last column is what such thresholds reach on rows \
         that they were not chosen on (ten folds). Use one with --threshold CATEGORY=P.",
    );
    table
}

/// One row a language, category and disclosure: for programs.
pub fn tidy(evaluation: &Evaluation) -> Table {
    let header = [
        "lang",
        "category",
        "disclosure",
        "gold",
        "not_gold",
        "tp",
        "fp",
        "fn",
        "tn",
        "precision",
        "precision_low",
        "precision_high",
        "recall",
        "recall_low",
        "recall_high",
        "f1",
        "f1_low",
        "f1_high",
        "fpr",
        "fpr_low",
        "fpr_high",
    ];
    let mut table = Table::new("", header);
    let sets = std::iter::once(("all", &evaluation.all));
    for (language, scores) in sets.chain(evaluation.by_language.iter().map(|(name, found)| (name.as_str(), found))) {
        for cell in scores.cells.iter().filter(|cell| cell.confusion.rows() > 0) {
            let c = &cell.confusion;
            let counts = [c.positives(), c.negatives(), c.tp, c.fp, c.fn_, c.tn].map(|count| count.to_string());
            let shares = [
                (c.precision(), c.precision_interval()),
                (c.recall(), c.recall_interval()),
                (c.f1(), cell.f1_interval),
                (c.fpr(), c.fpr_interval()),
            ];
            let shares = shares.into_iter().flat_map(|(value, i)| [value, i.low, i.high].map(|v| format!("{v:.6}")));
            let names = [language, &cell.category, &cell.disclosure].map(str::to_owned);
            table.row(names.into_iter().chain(counts).chain(shares));
        }
    }
    table
}

/// The wrongly judged rows; `text` gives the text of a row where it shall be shown.
pub fn mistakes(evaluation: &Evaluation, text: Option<&dyn Fn(usize) -> String>) -> Table {
    let header = ["what", "category", "gold", "said", "score", "id"];
    let mut table = Table::new("wrongly judged", header.into_iter().chain(text.map(|_| "text")));
    for mistake in &evaluation.mistakes {
        let what = match mistake.kind {
            Kind::FalseAlarm => "false alarm",
            Kind::Missed => "missed",
            Kind::Disclosure => "disclosure",
        };
        let or_dash = |words: &Option<String>| words.clone().unwrap_or_else(|| "-".to_owned());
        let score = mistake.score.map_or("-".to_owned(), decimal);
        let cells = [what.to_owned(), mistake.category.clone(), or_dash(&mistake.gold), or_dash(&mistake.said), score];
        table.row(cells.into_iter().chain([mistake.id.clone()]).chain(text.map(|text| text(mistake.row))));
    }
    table
}
