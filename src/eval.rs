//! Scores against labelled rows: precision, recall and F1 with 95 % intervals, the false-alarm rate on rows that are about
//! nothing sensitive, disclosure, ad topics and intent.
//!
//! A gold row counts for a label only where `labelled` names it; anything else is unknown, never a negative. Intervals of
//! shares are Wilson's; those of F1 come from a bootstrap over rows with a fixed seed, so that a rerun prints the same.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::chat::Role;
use crate::classify::{Classifier, Request, Scratch};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Assessment;

/// A labelled row.
#[derive(Debug, Clone, Deserialize)]
pub struct Gold {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// Language tag.
    #[serde(default)]
    pub lang: Option<String>,
    /// `user` or `assistant`.
    #[serde(default)]
    pub role: Option<String>,
    /// The message.
    pub text: String,
    /// What is known of this row.
    #[serde(default)]
    pub labelled: Vec<String>,
    /// Categories that it is about or reveals.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// Whom each is about.
    #[serde(default)]
    pub disclosure: BTreeMap<String, String>,
    /// Ad topics, by tier-1 name.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Further defensible topics.
    #[serde(default)]
    pub topics_ok: Vec<String>,
    /// `purchase`, `interest` or `none`.
    #[serde(default)]
    pub intent: Option<String>,
    /// Where the row comes from.
    #[serde(default)]
    pub source: String,
}

/// Reads gold rows from JSON lines.
pub fn read_gold(file: &str, text: &str) -> Result<Vec<Gold>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|e| Error::new(ErrorKind::Malformed, e.to_string()).at(format!("{file}:{}", number + 1)))
        })
        .collect()
}

/// What the classifier said of one row, in names.
#[derive(Debug, Clone)]
struct Answer {
    /// (category, disclosure)
    sensitive: Vec<(String, &'static str)>,
    topics: Vec<String>,
    intent: &'static str,
}

/// True and false positives and negatives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Flagged and gold.
    pub tp: u32,
    /// Flagged, not gold.
    pub fp: u32,
    /// Gold, not flagged.
    #[serde(rename = "fn")]
    pub fn_: u32,
    /// Neither.
    pub tn: u32,
}

impl Confusion {
    fn add(&mut self, gold: bool, said: bool) {
        *match (gold, said) {
            (true, true) => &mut self.tp,
            (false, true) => &mut self.fp,
            (true, false) => &mut self.fn_,
            (false, false) => &mut self.tn,
        } += 1;
    }

    /// Share of the flagged that are gold; 1 when nothing was flagged and nothing missed.
    pub fn precision(&self) -> f64 {
        if self.tp + self.fp == 0 { f64::from(u8::from(self.fn_ == 0)) } else { share(self.tp, self.tp + self.fp) }
    }

    /// Share of the gold that was flagged.
    pub fn recall(&self) -> f64 {
        share(self.tp, self.tp + self.fn_)
    }

    /// Harmonic mean of the two.
    pub fn f1(&self) -> f64 {
        share(2 * self.tp, 2 * self.tp + self.fp + self.fn_)
    }

    /// Rows with the label.
    pub fn positives(&self) -> u32 {
        self.tp + self.fn_
    }

    /// Rows known to be without it.
    pub fn negatives(&self) -> u32 {
        self.fp + self.tn
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

/// Wilson's 95 % interval of a share.
pub fn wilson(part: u32, whole: u32) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 1.0);
    }
    const Z: f64 = 1.959_963_985;
    let (n, p) = (f64::from(whole), share(part, whole));
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / (1.0 + Z * Z / n);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// The scores of one set of rows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Scores {
    /// Rows.
    pub rows: u32,
    /// Category id and its counts, in the taxonomy's order.
    pub categories: Vec<(String, Confusion)>,
    /// 95 % interval of each category's F1, in the same order.
    pub f1_intervals: Vec<(f64, f64)>,
    /// 95 % interval of the macro-F1.
    pub macro_interval: (f64, f64),
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
}

impl Scores {
    /// Mean F1 over the categories with at least one gold row.
    pub fn macro_f1(&self) -> f64 {
        macro_f1(self.categories.iter().map(|(_, c)| c))
    }
}

fn macro_f1<'a>(confusions: impl Iterator<Item = &'a Confusion>) -> f64 {
    let f1: Vec<f64> = confusions.filter(|c| c.positives() > 0).map(Confusion::f1).collect();
    if f1.is_empty() { 0.0 } else { f1.iter().sum::<f64>() / f1.len() as f64 }
}

/// A row that was judged wrongly, by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The row's id.
    pub id: String,
    /// Which category.
    pub category: String,
    /// Flagged though not gold, or gold though not flagged.
    pub false_alarm: bool,
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
    /// What went wrong where.
    pub mistakes: Vec<Mistake>,
}

/// Classifies every row and scores the answers. `resamples` bootstrap draws; 0 for none.
pub fn evaluate(classifier: &Classifier, rows: &[Gold], resamples: u32) -> Evaluation {
    let answers: Vec<Answer> =
        rows.par_iter().map_init(Scratch::default, |scratch, row| answer(classifier, scratch, row)).collect();
    let listed: Vec<String> =
        classifier.lexicon().taxonomy.categories.iter().filter(|c| c.listed).map(|c| c.id.clone()).collect();
    let pairs: Vec<(&Gold, &Answer)> = rows.iter().zip(&answers).collect();
    let mut evaluation = Evaluation { all: score(&listed, &pairs, resamples), ..Evaluation::default() };
    let mut languages: BTreeMap<String, Vec<(&Gold, &Answer)>> = BTreeMap::new();
    let mut sources: BTreeMap<String, Vec<(&Gold, &Answer)>> = BTreeMap::new();
    for pair in &pairs {
        languages.entry(pair.0.lang.clone().unwrap_or_else(|| "und".into())).or_default().push(*pair);
        sources.entry(pair.0.source.clone()).or_default().push(*pair);
    }
    evaluation.by_language = languages.into_iter().map(|(k, v)| (k, score(&listed, &v, resamples))).collect();
    evaluation.by_source = sources.into_iter().map(|(k, v)| (k, score(&listed, &v, 0))).collect();
    for (gold, answer) in &pairs {
        for category in listed.iter().filter(|c| gold.labelled.contains(c)) {
            let (is, said) = (gold.sensitive.contains(category), answer.sensitive.iter().any(|(c, _)| c == category));
            if is != said {
                evaluation.mistakes.push(Mistake {
                    id: gold.id.clone(),
                    category: category.clone(),
                    false_alarm: said,
                });
            }
        }
    }
    evaluation
}

fn answer(classifier: &Classifier, scratch: &mut Scratch, row: &Gold) -> Answer {
    let role = row.role.as_deref().and_then(Role::from_name).unwrap_or(Role::User);
    let parts = [row.text.as_str()];
    let request =
        Request { parts: &parts, role, stated: row.lang.as_deref(), context: None, before: &[], evidence: false };
    let assessment: Assessment = classifier.assess(scratch, &request);
    let taxonomy = &classifier.lexicon().taxonomy;
    Answer {
        sensitive: assessment
            .sensitive
            .iter()
            .map(|v| (taxonomy.category(v.category).id.clone(), v.disclosure.name()))
            .collect(),
        topics: assessment.topics.iter().map(|t| taxonomy.topic(taxonomy.tier_1(t.topic)).name.clone()).collect(),
        intent: assessment.intent.name(),
    }
}

fn score(listed: &[String], pairs: &[(&Gold, &Answer)], resamples: u32) -> Scores {
    let mut scores = Scores { rows: pairs.len() as u32, ..Scores::default() };
    scores.categories = count(listed, pairs.iter().copied());
    for (gold, answer) in pairs {
        add_row(&mut scores, listed, gold, answer);
    }
    let mut draws: Vec<Vec<f64>> = vec![Vec::new(); listed.len() + 1];
    let mut random = SplitMix(7);
    for _ in 0..resamples {
        let drawn = count(listed, (0..pairs.len()).map(|_| pairs[random.below(pairs.len())]));
        for (place, (_, confusion)) in drawn.iter().enumerate() {
            draws[place].push(confusion.f1());
        }
        draws[listed.len()].push(macro_f1(drawn.iter().map(|(_, c)| c)));
    }
    let mut intervals: Vec<(f64, f64)> = draws.into_iter().map(percentiles).collect();
    scores.macro_interval = intervals.pop().unwrap_or((0.0, 1.0));
    scores.f1_intervals = intervals;
    scores
}

fn add_row(scores: &mut Scores, listed: &[String], gold: &Gold, answer: &Answer) {
    let known = |label: &str| gold.labelled.iter().any(|l| l == label);
    if listed.iter().all(|c| known(c)) && gold.sensitive.is_empty() {
        scores.false_alarms.0 += u32::from(!answer.sensitive.is_empty());
        scores.false_alarms.1 += 1;
    }
    for (category, said) in &answer.sensitive {
        if let Some(is) = gold.disclosure.get(category) {
            scores.disclosure.0 += u32::from(is == said);
            scores.disclosure.1 += 1;
        }
    }
    if known("topics") {
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
    if let (true, Some(intent)) = (known("intent"), &gold.intent) {
        scores.intent.0 += u32::from(intent == answer.intent);
        scores.intent.1 += 1;
    }
}

/// Gold rows name Movies, Music and Television apart; in the taxonomy they are nodes of Entertainment.
fn tier_1(name: &str) -> String {
    let entertainment = ["Movies", "Music", "Music and Audio", "Television", "Pop Culture"];
    if entertainment.contains(&name) { "Entertainment".into() } else { name.to_owned() }
}

fn count<'a>(listed: &[String], pairs: impl Iterator<Item = (&'a Gold, &'a Answer)>) -> Vec<(String, Confusion)> {
    let mut counts: Vec<(String, Confusion)> = listed.iter().map(|c| (c.clone(), Confusion::default())).collect();
    for (gold, answer) in pairs {
        for (category, confusion) in &mut counts {
            if gold.labelled.contains(category) {
                confusion.add(gold.sensitive.contains(category), answer.sensitive.iter().any(|(c, _)| c == category));
            }
        }
    }
    counts
}

fn percentiles(mut draws: Vec<f64>) -> (f64, f64) {
    if draws.is_empty() {
        return (0.0, 1.0);
    }
    draws.sort_by(f64::total_cmp);
    let at = |share: f64| draws[((draws.len() - 1) as f64 * share) as usize];
    (at(0.025), at(0.975))
}

/// A small generator with a fixed seed: the bootstrap must print the same on every machine.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{Confusion, wilson};

    #[test]
    fn shares_and_intervals_are_the_textbook_ones() {
        let confusion = Confusion { tp: 8, fp: 2, fn_: 4, tn: 86 };
        assert!((confusion.precision() - 0.8).abs() < 1e-9);
        assert!((confusion.recall() - 2.0 / 3.0).abs() < 1e-9);
        assert!((confusion.f1() - 16.0 / 22.0).abs() < 1e-9);
        // Wilson's interval for 8 of 10, e.g. Brown, Cai & DasGupta 2001.
        let (low, high) = wilson(8, 10);
        assert!((low - 0.4902).abs() < 1e-3 && (high - 0.9433).abs() < 1e-3);
    }
}
