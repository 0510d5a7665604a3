//! The scores of one set of rows.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Answer, Gold};
use crate::stats::Interval;
use crate::stats::bootstrap::percentiles;
use crate::stats::confusion::{Confusion, macro_f1};
use crate::stats::random::Random;

/// Whom a category can be about.
pub const ABOUT: [&str; 3] = ["self", "other", "topic"];

/// A category, or one that is about somebody, with its counts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cell {
    /// Category id.
    pub category: String,
    /// `any`, or whom it is about: then right is only what is also said to be about them.
    pub disclosure: String,
    /// The counts.
    pub confusion: Confusion,
    /// 95 % interval of F1.
    pub f1_interval: Interval,
}

/// The scores of one set of rows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Scores {
    /// Rows.
    pub rows: u32,
    /// Category id and its counts, in the taxonomy's order.
    pub categories: Vec<(String, Confusion)>,
    /// Each category, then each by whom it is about.
    pub cells: Vec<Cell>,
    /// All categories' counts together: for micro-averages.
    pub micro: Confusion,
    /// 95 % interval of the micro-F1.
    pub micro_interval: Interval,
    /// Mean F1 over the categories with at least one gold row.
    pub macro_f1: f64,
    /// 95 % interval of the macro-F1.
    pub macro_interval: Interval,
    /// Rows with every listed category labelled and none gold: (flagged, all).
    pub false_alarms: (u32, u32),
    /// Disclosure: (right, all) over categories that are gold and were flagged.
    pub disclosure: (u32, u32),
    /// Ad topics, micro-averaged over tier-1 names.
    pub topics: Confusion,
    /// Rows known to have no ad topic: (given one, all).
    pub topic_false_alarms: (u32, u32),
    /// Intent: (right, all).
    pub intent: (u32, u32),
    /// Of the rows that are gold for a category (or `none`): how many were flagged for it, or for another that is not gold, or
    /// not at all. Rows with every listed category labelled.
    pub confused: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Scores {
    /// Mean F1 over the categories with at least one gold row.
    pub fn macro_f1(&self) -> f64 {
        self.macro_f1
    }
}

/// Row by row, which cell it belongs to and where it is no true negative: all that a bootstrap over rows needs.
type Marks = Vec<Vec<(usize, bool, bool)>>;

/// Scores the rows; `resamples` bootstrap draws, 0 for none.
pub(super) fn score(listed: &[String], pairs: &[(&Gold, &Answer)], resamples: u32) -> Scores {
    let mut scores = Scores { rows: pairs.len() as u32, cells: cells(listed), ..Scores::default() };
    let marks: Marks = pairs.iter().map(|(gold, answer)| marks(listed, gold, answer)).collect();
    for &(cell, gold, said) in marks.iter().flatten() {
        scores.cells[cell].confusion.add(gold, said);
    }
    scores.categories = (0..listed.len()).map(|place| (listed[place].clone(), scores.cells[place].confusion)).collect();
    scores.categories.iter().for_each(|(_, confusion)| scores.micro.merge(confusion));
    scores.macro_f1 = macro_f1(scores.categories.iter().map(|(_, confusion)| confusion));
    for (gold, answer) in pairs {
        add_row(&mut scores, listed, gold, answer);
    }
    bootstrap(&mut scores, listed.len(), marks, resamples);
    scores
}

fn cells(listed: &[String]) -> Vec<Cell> {
    let cell = |category: &String, disclosure: &str| Cell {
        category: category.clone(),
        disclosure: disclosure.to_owned(),
        ..Cell::default()
    };
    let about = listed.iter().flat_map(|category| ABOUT.map(|about| cell(category, about)));
    listed.iter().map(|category| cell(category, "any")).chain(about).collect()
}

fn marks(listed: &[String], gold: &Gold, answer: &Answer) -> Vec<(usize, bool, bool)> {
    let mut marks = Vec::new();
    for (place, category) in listed.iter().enumerate().filter(|(_, category)| gold.knows(category)) {
        let said = answer.sensitive.get(category);
        marks.push((place, gold.is(category), said.is_some()));
        // A category that holds of somebody unknown says nothing of these.
        if gold.is(category) && gold.about(category).is_none() {
            continue;
        }
        for (number, about) in ABOUT.iter().enumerate() {
            let is = gold.is(category) && gold.about(category) == Some(about);
            marks.push((listed.len() + ABOUT.len() * place + number, is, said.is_some_and(|said| said == about)));
        }
    }
    marks
}

/// Draws rows with replacement; every cell's F1 of a draw comes from the same rows.
fn bootstrap(scores: &mut Scores, listed: usize, mut marks: Marks, resamples: u32) {
    // True negatives do not enter F1, and are most of all marks.
    marks.iter_mut().for_each(|row| row.retain(|(_, gold, said)| *gold || *said));
    let mut draws = vec![Vec::new(); scores.cells.len()];
    let (mut macros, mut micros) = (Vec::new(), Vec::new());
    let mut random = Random::new(7);
    let mut drawn = vec![Confusion::default(); scores.cells.len()];
    for _ in 0..resamples {
        drawn.fill(Confusion::default());
        for _ in 0..marks.len() {
            for &(cell, gold, said) in &marks[random.below(marks.len())] {
                drawn[cell].add(gold, said);
            }
        }
        draws.iter_mut().zip(&drawn).for_each(|(values, confusion)| values.push(confusion.f1()));
        macros.push(macro_f1(drawn[..listed].iter()));
        let mut micro = Confusion::default();
        drawn[..listed].iter().for_each(|confusion| micro.merge(confusion));
        micros.push(micro.f1());
    }
    scores.cells.iter_mut().zip(&mut draws).for_each(|(cell, values)| cell.f1_interval = percentiles(values));
    scores.macro_interval = percentiles(&mut macros);
    scores.micro_interval = percentiles(&mut micros);
}

fn add_row(scores: &mut Scores, listed: &[String], gold: &Gold, answer: &Answer) {
    if listed.iter().all(|category| gold.knows(category)) {
        let flagged = listed.iter().any(|category| answer.is(category));
        if !listed.iter().any(|category| gold.is(category)) {
            scores.false_alarms.0 += u32::from(flagged);
            scores.false_alarms.1 += 1;
        }
        confuse(&mut scores.confused, listed, gold, answer);
    }
    for (category, said) in &answer.sensitive {
        if let Some(is) = gold.disclosure.get(category) {
            scores.disclosure.0 += u32::from(is == said);
            scores.disclosure.1 += 1;
        }
    }
    let Some(intent) = answer.intent else { return };
    if gold.knows("topics") {
        add_topics(scores, gold, answer);
    }
    if let (true, Some(wanted)) = (gold.knows("intent"), &gold.intent) {
        scores.intent.0 += u32::from(wanted == intent);
        scores.intent.1 += 1;
    }
}

fn add_topics(scores: &mut Scores, gold: &Gold, answer: &Answer) {
    let fold = |names: &[String]| -> Vec<String> { names.iter().map(|n| tier_1(n)).collect() };
    let (is, fine) = (fold(&gold.topics), fold(&gold.topics_ok));
    for topic in &answer.topics {
        scores.topics.tp += u32::from(is.contains(topic));
        scores.topics.fp += u32::from(!is.contains(topic) && !fine.contains(topic));
    }
    scores.topics.fn_ += is.iter().filter(|t| !answer.topics.contains(t)).count() as u32;
    if is.is_empty() {
        scores.topic_false_alarms.0 += u32::from(answer.topics.iter().any(|t| !fine.contains(t)));
        scores.topic_false_alarms.1 += 1;
    }
}

fn confuse(confused: &mut BTreeMap<String, BTreeMap<String, u32>>, listed: &[String], gold: &Gold, answer: &Answer) {
    let none = "none".to_owned();
    let is: Vec<&String> = listed.iter().filter(|category| gold.is(category)).collect();
    let said: Vec<&String> = listed.iter().filter(|category| answer.is(category)).collect();
    let rows = if is.is_empty() { vec![&none] } else { is.clone() };
    for row in rows {
        let wrong = said.iter().filter(|category| *category == &row || !is.contains(category));
        let cells: Vec<&String> = if said.is_empty() { vec![&none] } else { wrong.copied().collect() };
        for cell in cells {
            *confused.entry(row.clone()).or_default().entry(cell.clone()).or_default() += 1;
        }
    }
}

/// Gold rows name Movies, Music and Television apart; in the taxonomy they are nodes of Entertainment.
fn tier_1(name: &str) -> String {
    let entertainment = ["Movies", "Music", "Music and Audio", "Television", "Pop Culture"];
    if entertainment.contains(&name) { "Entertainment".into() } else { name.to_owned() }
}
