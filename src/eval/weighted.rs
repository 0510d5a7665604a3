//! Scores of a stratified sample, weighted to the corpus that it was drawn from.
//!
//! A sample that takes more from where the classifier flags shows a recall and a false-positive rate that the corpus does not
//! have. Rows that name their stratum and weight are put right here: see [`crate::stats::stratified`].

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Answer, Gold};
use crate::stats::Estimate;
use crate::stats::bootstrap::percentiles;
use crate::stats::prevalence::Errors;
use crate::stats::proportion::share;
use crate::stats::random::Random;
use crate::stats::stratified::{Sample, Stratum};

/// The weighted scores of one category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weighted {
    /// Category id.
    pub category: String,
    /// Labelled rows that have a weight.
    pub rows: u32,
    /// Share of the flagged that are gold.
    pub precision: Estimate,
    /// Share of the gold that is flagged.
    pub recall: Estimate,
    /// Their harmonic mean.
    pub f1: Estimate,
    /// False-positive rate.
    pub fpr: Estimate,
}

/// Whether a row is gold and whether it was flagged, where that is known.
pub type Outcome<'a> = &'a dyn Fn(&Gold, &Answer) -> Option<(bool, bool)>;

/// The strata of the rows that have a weight, as far as the question is answered; `is` says gold and flag of a row.
pub fn sample(pairs: &[(&Gold, &Answer)], is: Outcome<'_>) -> Sample {
    let mut strata: BTreeMap<&str, Stratum> = BTreeMap::new();
    for (gold, answer) in pairs {
        let (Some(name), Some(weight)) = (gold.stratum.as_deref(), gold.weight) else { continue };
        let stratum = strata.entry(name).or_default();
        stratum.size += weight;
        if let Some((is, said)) = is(gold, answer) {
            add(&mut stratum.seen, is, said);
        }
    }
    Sample { strata: strata.into_values().collect() }
}

/// Counts one row.
pub fn add(errors: &mut Errors, is: bool, said: bool) {
    *match (is, said) {
        (true, true) => &mut errors.found,
        (true, false) => &mut errors.missed,
        (false, true) => &mut errors.alarms,
        (false, false) => &mut errors.quiet,
    } += 1.0;
}

/// Precision, recall, F1, false-positive rate.
fn measures(errors: &Errors) -> [f64; 4] {
    let Errors { found, missed, alarms, quiet } = *errors;
    [
        share(found, found + alarms),
        share(found, found + missed),
        share(2.0 * found, 2.0 * found + missed + alarms),
        share(alarms, alarms + quiet),
    ]
}

/// Weighted scores of every category, where all rows have a weight.
pub(super) fn weigh(listed: &[String], pairs: &[(&Gold, &Answer)], draws: u32) -> Vec<Weighted> {
    if pairs.is_empty() || pairs.iter().any(|(gold, _)| gold.weight.is_none() || gold.stratum.is_none()) {
        return Vec::new();
    }
    let weighted = listed.iter().filter_map(|category| {
        let sample =
            sample(pairs, &|gold, answer| gold.knows(category).then(|| (gold.is(category), answer.is(category))));
        let rows = sample.strata.iter().map(Stratum::labelled).sum::<f64>() as u32;
        let mut drawn: [Vec<f64>; 4] = Default::default();
        let mut random = Random::new(7);
        for _ in 0..draws {
            drawn.iter_mut().zip(measures(&sample.draw(&mut random))).for_each(|(values, value)| values.push(value));
        }
        let mut estimates = measures(&sample.errors()).into_iter().zip(&mut drawn);
        let mut next = || estimates.next().map(|(value, values)| Estimate { value, interval: percentiles(values) });
        (rows > 0).then_some(())?;
        Some(Weighted {
            category: category.clone(),
            rows,
            precision: next()?,
            recall: next()?,
            f1: next()?,
            fpr: next()?,
        })
    });
    weighted.collect()
}
