//! How common each category is: as flagged, and corrected for the classifier's errors.
//!
//! What correction can do depends on the unit. A share of *messages* is corrected by Rogan & Gladen's formula, or, where the gold
//! rows are a stratified sample of this very corpus, read off the sample. A share of *conversations* or of *people* cannot be
//! corrected from errors on messages alone: it depends on whether errors fall together. So two bounds are given. Low: false alarms
//! fall on messages independently, and no conversation that holds such a message is missed. High: false alarms pile up in the same
//! conversations, and a conversation is found no more often than a single message. The truth lies between, if gold rows and corpus
//! are alike.

use std::collections::BTreeMap;

use serde::Serialize;

use super::count::Group;
use super::errors::{GoldErrors, Known};
use super::hide::hide;
use crate::stats::bootstrap::percentiles;
use crate::stats::cluster::Clusters;
use crate::stats::prevalence::{Caveat, Corrected, Seen, corrected, rogan_gladen};
use crate::stats::random::Random;
use crate::stats::stratified::{Sample, Stratum};
use crate::stats::{Estimate, Interval};

/// The seed of all draws.
const SEED: u64 = 7;

/// What a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Messages.
    Messages,
    /// Conversations with at least one such message.
    Conversations,
    /// People with at least one such message.
    Users,
}

impl Unit {
    /// The name used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Messages => "messages",
            Unit::Conversations => "conversations",
            Unit::Users => "users",
        }
    }
}

/// How a corrected share came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Rogan & Gladen.
    RoganGladen,
    /// The weighted gold of a stratified sample of this corpus.
    StratifiedSample,
    /// Bounds: see the module.
    Bounds,
}

/// One share: of one unit, in one group, of one category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Of what it is a share.
    pub unit: Unit,
    /// What it is grouped by; empty for all.
    pub dimension: String,
    /// The group.
    pub value: String,
    /// Category id, or `any`.
    pub category: String,
    /// Fewer than so many are behind it: nothing else is told.
    pub hidden_below: Option<u64>,
    /// How many units.
    pub of: Option<u64>,
    /// How many of them are flagged.
    pub flagged: Option<u64>,
    /// Design effect of the clusters.
    pub design_effect: Option<f64>,
    /// The share flagged, with Wilson's interval for clustered units.
    pub seen: Option<Estimate>,
    /// The share corrected for the classifier's errors; of messages.
    pub corrected: Option<Estimate>,
    /// The two bounds of a share of conversations or users.
    pub bounds: Option<Interval>,
    /// 95 % interval around both bounds: gold rows and corpus are samples.
    pub bounds_interval: Option<Interval>,
    /// How it was corrected.
    pub method: Option<Method>,
    /// What must be said of it.
    pub caveat: Option<Caveat>,
    /// Corrected with the errors of all languages' gold rows, because those of this language are too few.
    pub pooled: bool,
}

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Category ids, in the order of the counts; `any` comes last by itself.
    pub categories: Vec<String>,
    /// Only these, and `any` by that name; all where there is none.
    pub only: Vec<String>,
    /// Draws for the intervals of corrected shares.
    pub draws: u32,
    /// Hide what rests on fewer flagged (or fewer in all) than this.
    pub min_cell: u64,
}

/// Shares of every group.
pub fn rows(groups: &[Group], gold: Option<&GoldErrors>, wanted: &Wanted) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in groups {
        let units = [
            (Unit::Messages, &group.messages, None),
            (Unit::Conversations, &group.conversations, Some(&group.conversation_lengths)),
            (Unit::Users, &group.users, Some(&group.user_lengths)),
        ];
        for (unit, sums, lengths) in units {
            for (place, sum) in sums.iter().enumerate().filter(|(_, sum)| sum.messages > 0) {
                let category = wanted.categories.get(place).map_or("any", String::as_str);
                if !wanted.only.is_empty() && !wanted.only.iter().any(|id| id == category) {
                    continue;
                }
                let mut row = plain(unit, group, category, sum);
                if let Some(gold) = gold {
                    let (known, pooled) = gold.find(place, group);
                    row.pooled = pooled;
                    match lengths {
                        None => messages(&mut row, sum, group, known, wanted.draws),
                        Some(lengths) => bounds(&mut row, sum, lengths, known, wanted.draws),
                    }
                }
                rows.push(row);
            }
        }
    }
    hide(&mut rows, groups, wanted);
    rows
}

fn plain(unit: Unit, group: &Group, category: &str, sum: &Clusters) -> Row {
    Row {
        unit,
        dimension: group.dimension.clone(),
        value: group.value.clone(),
        category: category.to_owned(),
        hidden_below: None,
        of: Some(sum.messages),
        flagged: Some(sum.flagged),
        design_effect: Some(sum.design_effect()),
        seen: Some(Estimate { value: sum.share(), interval: sum.interval() }),
        corrected: None,
        bounds: None,
        bounds_interval: None,
        method: None,
        caveat: None,
        pooled: false,
    }
}

fn messages(row: &mut Row, sum: &Clusters, group: &Group, known: &Known, draws: u32) {
    let seen = Seen { share: sum.share(), effective: sum.effective() };
    let (found, method) = match known {
        Known::Apart(errors) => (corrected(seen, errors, draws, SEED), Method::RoganGladen),
        // The sample speaks for the corpus that it was drawn from, as a whole.
        Known::Sampled(sample, _) if group.dimension.is_empty() && same_size(sample, sum) => {
            (sample.share(draws, SEED), Method::StratifiedSample)
        }
        Known::Sampled(..) => (by_sample(seen, known, draws), Method::RoganGladen),
    };
    row.method = found.estimate.map(|_| method);
    row.corrected = found.estimate;
    row.caveat = found.caveat;
}

fn same_size(sample: &Sample, sum: &Clusters) -> bool {
    let labelled = sample.strata.iter().all(|stratum: &Stratum| stratum.labelled() > 0.0);
    labelled && (sample.size() / sum.messages as f64 - 1.0).abs() < 0.01
}

/// Rogan & Gladen's estimate with the weighted errors of a sample.
fn by_sample(seen: Seen, known: &Known, draws: u32) -> Corrected {
    let errors = known.errors();
    if !errors.are_known() {
        return Corrected::none(Caveat::NoGold);
    }
    let Some(raw) = rogan_gladen(seen.share, errors.sensitivity(), errors.specificity()) else {
        return Corrected::none(Caveat::NoInformation);
    };
    let mut random = Random::new(SEED);
    let drawn = (0..draws).filter_map(|number| {
        let (sensitivity, specificity) = known.draw(number, &mut random);
        rogan_gladen(seen.draw(&mut random), sensitivity, specificity)
    });
    let drawn = drawn.collect();
    Corrected::of(raw, drawn, draws)
}

/// The share of units that hold a false alarm if there is nothing to find, and errors are independent.
fn chance_alarms(lengths: &BTreeMap<u64, u64>, specificity: f64) -> f64 {
    let units: u64 = lengths.values().sum();
    let quiet: f64 = lengths.iter().map(|(n, count)| *count as f64 * specificity.powf(*n as f64)).sum();
    1.0 - quiet / units.max(1) as f64
}

fn bounds(row: &mut Row, sum: &Clusters, lengths: &BTreeMap<u64, u64>, known: &Known, draws: u32) {
    let errors = known.errors();
    if !errors.are_known() {
        row.caveat = Some(Caveat::NoGold);
        return;
    }
    let both = |share: f64, sensitivity: f64, specificity: f64| {
        let alarms = chance_alarms(lengths, specificity);
        let low = if alarms < 1.0 { (share - alarms) / (1.0 - alarms) } else { 0.0 };
        let high = rogan_gladen(share, sensitivity, specificity)?;
        // Where hardly a unit has more than one message the two are nearly the same, and may change places.
        Some((low.min(high), high.max(low)))
    };
    let Some((low, high)) = both(sum.share(), errors.sensitivity(), errors.specificity()) else {
        row.caveat = Some(Caveat::NoInformation);
        return;
    };
    let seen = Seen { share: sum.share(), effective: sum.effective() };
    let mut random = Random::new(SEED);
    let (mut lows, mut highs) = (Vec::new(), Vec::new());
    for number in 0..draws {
        let (sensitivity, specificity) = known.draw(number, &mut random);
        if let Some((low, high)) = both(seen.draw(&mut random), sensitivity, specificity) {
            lows.push(low);
            highs.push(high);
        }
    }
    if (lows.len() as f64) < 0.975 * f64::from(draws) {
        row.caveat = Some(Caveat::PerhapsNoInformation);
        return;
    }
    let (lowest, highest) = (percentiles(&mut lows).low, percentiles(&mut highs).high);
    if highest < 0.0 || lowest > 1.0 {
        row.caveat = Some(Caveat::Unlike);
        return;
    }
    if high < 0.0 {
        row.caveat = Some(Caveat::BelowZero);
    }
    row.bounds = Some(Interval::new(low, high).within_shares());
    row.bounds_interval = Some(Interval::new(lowest.min(low), highest.max(high)).within_shares());
    row.method = Some(Method::Bounds);
}
