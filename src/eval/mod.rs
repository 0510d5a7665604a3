//! Scores against labelled rows: precision, recall, F1 and false-positive rate with 95 % intervals, by category, language and
//! whom a message is about; which categories are taken for which; whether scores are probabilities; which thresholds to take.
//!
//! A gold row counts for a label only where `labelled` names it; anything else is unknown, never a negative. Intervals of
//! shares are Wilson's; those of F1 come from a bootstrap over rows with a fixed seed, so that a rerun prints the same.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::classify::Classifier;
use crate::stats::calibration::{Calibration, calibration};
use crate::stats::sweep::{Aim, Point, Suggestion, suggest, sweep};

pub mod answer;
pub mod gold;
pub mod score;
pub mod tables;
pub mod weighted;

pub use crate::stats::confusion::Confusion;
pub use answer::{Answer, answers, listed, unlisted};
pub use gold::{Gold, read_gold, spell_out};
pub use score::{Cell, Scores};

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Flagged though not gold.
    FalseAlarm,
    /// Gold though not flagged.
    Missed,
    /// Flagged rightly, but said to be about somebody else.
    Disclosure,
}

/// A row that was judged wrongly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// Its place among the rows.
    #[serde(skip)]
    pub row: usize,
    /// The row's id.
    pub id: String,
    /// Its language.
    pub lang: String,
    /// Which category.
    pub category: String,
    /// What is wrong.
    pub kind: Kind,
    /// Whom it is about, in the gold row.
    pub gold: Option<String>,
    /// Whom it was said to be about.
    pub said: Option<String>,
    /// The category's probability.
    pub score: Option<f64>,
}

/// How the scores of one category do as probabilities, and as thresholds.
#[derive(Debug, Clone, Serialize)]
pub struct Scoring {
    /// Category id.
    pub category: String,
    /// The threshold in force.
    pub threshold: f64,
    /// What it does.
    pub now: Confusion,
    /// Reliability.
    pub calibration: Calibration,
    /// Every threshold.
    pub sweep: Vec<Point>,
    /// The one to take for the highest F1.
    pub best_f1: Option<Suggestion>,
    /// The one to take for the wanted precision, where one was wanted and can be had.
    pub best_at_precision: Option<Suggestion>,
}

/// Scores of all rows, and by language.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Evaluation {
    /// All rows.
    pub all: Scores,
    /// By language tag.
    pub by_language: BTreeMap<String, Scores>,
    /// By source.
    pub by_source: BTreeMap<String, Scores>,
    /// Where the rows are a stratified sample: the same, weighted to the corpus that it was drawn from.
    pub weighted: Vec<weighted::Weighted>,
    /// Scores as probabilities and as thresholds, by category.
    pub scoring: Vec<Scoring>,
    /// Reliability of all categories' scores together.
    pub calibration: Option<Calibration>,
    /// What went wrong where.
    pub mistakes: Vec<Mistake>,
}

/// What is asked besides the plain scores.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question {
    /// Bootstrap draws; 0 for none.
    pub resamples: u32,
    /// Suggest thresholds that reach this precision.
    pub precision: Option<f64>,
}

/// Classifies every row and scores the answers with so many bootstrap draws.
pub fn evaluate(classifier: &Classifier, rows: &[Gold], resamples: u32) -> Evaluation {
    evaluate_with(classifier, rows, &Question { resamples, precision: None })
}

/// Classifies every row and scores the answers.
pub fn evaluate_with(classifier: &Classifier, rows: &[Gold], question: &Question) -> Evaluation {
    let answers = answers(classifier, rows);
    let listed = answer::labelled(classifier, rows);
    let taxonomy = &classifier.lexicon().taxonomy;
    let number = |id: &String| taxonomy.find_category(id).map_or(usize::MAX, |category| usize::from(category.0));
    let places: Vec<usize> = listed.iter().map(number).collect();
    let pairs: Vec<(&Gold, &Answer)> = rows.iter().zip(&answers).collect();
    let by = |key: &dyn Fn(&Gold) -> String, resamples: u32| -> BTreeMap<String, Scores> {
        let mut groups: BTreeMap<String, Vec<(&Gold, &Answer)>> = BTreeMap::new();
        pairs.iter().for_each(|pair| groups.entry(key(pair.0)).or_default().push(*pair));
        groups.into_iter().map(|(name, group)| (name, score::score(&listed, &group, resamples))).collect()
    };
    let scored = |place: usize| -> Vec<(f64, bool)> {
        let known = pairs.iter().filter(|(gold, answer)| gold.knows(&listed[place]) && !answer.scores.is_empty());
        let scored =
            known.filter_map(|(gold, answer)| Some((*answer.scores.get(places[place])?, gold.is(&listed[place]))));
        scored.collect()
    };
    let all: Vec<(f64, bool)> = (0..listed.len()).flat_map(scored).collect();
    Evaluation {
        all: score::score(&listed, &pairs, question.resamples),
        by_language: by(&|gold| gold.lang.clone().unwrap_or_else(|| "und".into()), question.resamples),
        by_source: by(&|gold| gold.source.clone(), 0),
        weighted: weighted::weigh(&listed, &pairs, question.resamples),
        scoring: (0..listed.len())
            .filter_map(|place| scoring(classifier, &listed[place], &scored(place), question))
            .collect(),
        calibration: calibration(&all),
        mistakes: mistakes((&listed, &places), &pairs),
    }
}

fn scoring(classifier: &Classifier, id: &str, scores: &[(f64, bool)], question: &Question) -> Option<Scoring> {
    let place = classifier.lexicon().taxonomy.find_category(id)?;
    let threshold = f64::from(classifier.thresholds()[usize::from(place.0)]);
    let mut now = Confusion::default();
    scores.iter().for_each(|(score, gold)| now.add(*gold, *score >= threshold));
    Some(Scoring {
        category: id.to_owned(),
        threshold,
        now,
        calibration: calibration(scores)?,
        sweep: sweep(scores),
        best_f1: suggest(scores, Aim::F1),
        best_at_precision: question.precision.and_then(|wanted| suggest(scores, Aim::Precision(wanted))),
    })
}

fn mistakes((listed, places): (&[String], &[usize]), pairs: &[(&Gold, &Answer)]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (row, (gold, answer)) in pairs.iter().enumerate() {
        for (place, category) in listed.iter().enumerate().filter(|(_, category)| gold.knows(category)) {
            let (about, said) = (gold.about(category), answer.sensitive.get(category));
            let kind = match (gold.is(category), said) {
                (false, Some(_)) => Kind::FalseAlarm,
                (true, None) => Kind::Missed,
                (true, Some(said)) if about.is_some_and(|about| about != said) => Kind::Disclosure,
                _ => continue,
            };
            mistakes.push(Mistake {
                row,
                id: gold.id.clone(),
                lang: gold.lang.clone().unwrap_or_default(),
                category: category.clone(),
                kind,
                gold: about.map(str::to_owned),
                said: said.cloned(),
                score: answer.scores.get(places[place]).copied(),
            });
        }
    }
    mistakes
}
