//! A share corrected for the classifier's errors.
//!
//! A classifier with sensitivity se and specificity sp flags the share q = p·se + (1−p)(1−sp) where p is true; solved for p:
//!
//! ```text
//! p = (q + sp − 1) / (se + sp − 1)
//! ```
//!
//! W. J. Rogan & B. Gladen, *Estimating prevalence from the results of a screening test*, American Journal of Epidemiology 107
//! (1978). The interval is a bootstrap over the gold rows *and* the corpus, of a kind that stays honest with small counts: each
//! draw takes se from Beta(found + ½, missed + ½), sp from Beta(quiet + ½, alarms + ½) and q from Beta(flagged + ½, rest + ½), the
//! last with the effective number of messages of [`Clusters`](super::cluster::Clusters), and corrects with them; 2.5 % are cut off
//! at either end. The halves are Jeffreys' prior. Without them (the plain percentile bootstrap) a gold set in which no false
//! alarm happens to stand gives sp = 1 in every draw, and the interval holds the true share in as few as 41 of 100 cases.
//!
//! `tests/coverage.rs` measures how often the interval holds the true share:
#![doc = include_str!("COVERAGE.md")]

use serde::Serialize;

use super::bootstrap::percentiles;
use super::proportion::share;
use super::random::Random;
use super::{Estimate, Interval};

/// What gold rows say of the classifier's errors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Errors {
    /// Gold and flagged.
    pub found: f64,
    /// Gold, not flagged.
    pub missed: f64,
    /// Not gold, flagged.
    pub alarms: f64,
    /// Neither.
    pub quiet: f64,
}

impl Errors {
    /// Share of the gold that is flagged.
    pub fn sensitivity(&self) -> f64 {
        share(self.found, self.found + self.missed)
    }

    /// Share of the rest that is not.
    pub fn specificity(&self) -> f64 {
        share(self.quiet, self.quiet + self.alarms)
    }

    /// Whether there is a row of either kind.
    pub fn are_known(&self) -> bool {
        self.found + self.missed > 0.0 && self.quiet + self.alarms > 0.0
    }

    /// Sensitivity and specificity as they may well be.
    pub fn draw(&self, random: &mut Random) -> (f64, f64) {
        (random.beta(self.found + 0.5, self.missed + 0.5), random.beta(self.quiet + 0.5, self.alarms + 0.5))
    }
}

/// A share that was seen, with how many independent messages it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// The share.
    pub share: f64,
    /// Effective number.
    pub effective: f64,
}

impl Seen {
    /// The share as it may well be.
    pub fn draw(&self, random: &mut Random) -> f64 {
        let flagged = self.share * self.effective;
        random.beta(flagged + 0.5, (self.effective - flagged).max(0.0) + 0.5)
    }
}

/// What must be said beside a corrected share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Caveat {
    /// Gold rows of one kind, or of both, are missing: nothing is known of the errors.
    NoGold,
    /// Sensitivity + specificity ≤ 1: flags tell nothing, so nothing can be corrected.
    NoInformation,
    /// Sensitivity + specificity might well be ≤ 1: the interval says that nothing is known.
    PerhapsNoInformation,
    /// The flags of the corpus cannot come about with the errors of the gold rows, beyond chance: rows and corpus are not alike.
    Unlike,
    /// Fewer were flagged than false alarms alone would explain: the corrected share was below 0 and is put as 0.
    BelowZero,
    /// The corrected share was above 1 and is put as 1.
    AboveOne,
}

/// A corrected share, where there is one, and what must be said of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Corrected {
    /// The share with its interval.
    pub estimate: Option<Estimate>,
    /// What must be said.
    pub caveat: Option<Caveat>,
}

impl Corrected {
    /// No figure, for this reason.
    pub fn none(caveat: Caveat) -> Corrected {
        Corrected { estimate: None, caveat: Some(caveat) }
    }

    /// A share clamped to 0..=1, with an interval made of draws.
    pub fn of(raw: f64, mut draws: Vec<f64>, wanted: u32) -> Corrected {
        let clamped = if raw < 0.0 { Some(Caveat::BelowZero) } else { (raw > 1.0).then_some(Caveat::AboveOne) };
        let value = raw.clamp(0.0, 1.0);
        draws.retain(|draw| draw.is_finite());
        // Draws that could not be corrected are no evidence for the others.
        let unsure = (draws.len() as f64) < 0.975 * f64::from(wanted);
        let interval = if unsure { Interval::UNKNOWN } else { percentiles(&mut draws) };
        if interval.high < 0.0 || interval.low > 1.0 {
            return Corrected::none(Caveat::Unlike);
        }
        let interval = interval.within_shares();
        // Percentiles of skewed draws may leave out the estimate itself.
        let interval = Interval { low: interval.low.min(value), high: interval.high.max(value) };
        let caveat = if unsure { Some(Caveat::PerhapsNoInformation) } else { clamped };
        Corrected { estimate: Some(Estimate { value, interval }), caveat }
    }
}

/// Rogan & Gladen's estimate, not clamped; none where se + sp ≤ 1.
pub fn rogan_gladen(share: f64, sensitivity: f64, specificity: f64) -> Option<f64> {
    let informative = sensitivity + specificity - 1.0;
    (informative > 1e-9).then(|| (share + specificity - 1.0) / informative)
}

/// The share corrected for the errors, with its interval from so many draws.
pub fn corrected(seen: Seen, errors: &Errors, draws: u32, seed: u64) -> Corrected {
    if !errors.are_known() {
        return Corrected::none(Caveat::NoGold);
    }
    let Some(raw) = rogan_gladen(seen.share, errors.sensitivity(), errors.specificity()) else {
        return Corrected::none(Caveat::NoInformation);
    };
    let mut random = Random::new(seed);
    let drawn = (0..draws).filter_map(|_| {
        let (sensitivity, specificity) = errors.draw(&mut random);
        rogan_gladen(seen.draw(&mut random), sensitivity, specificity)
    });
    let drawn = drawn.collect();
    Corrected::of(raw, drawn, draws)
}

#[cfg(test)]
mod tests {
    use super::{Caveat, Errors, Seen, corrected, rogan_gladen};

    #[test]
    fn the_estimate_undoes_the_errors() {
        for p in [0.0, 0.002, 0.2, 1.0] {
            let flagged = p * 0.8 + (1.0 - p) * 0.03;
            assert!((rogan_gladen(flagged, 0.8, 0.97).unwrap() - p).abs() < 1e-12);
        }
        assert!(rogan_gladen(0.1, 0.5, 0.5).is_none());
    }

    #[test]
    fn edges_are_said() {
        let errors = Errors { found: 80.0, missed: 20.0, alarms: 30.0, quiet: 970.0 };
        let seen = |share| Seen { share, effective: 1e4 };
        let good = corrected(seen(0.1), &errors, 500, 1);
        assert!(good.caveat.is_none() && good.estimate.unwrap().interval.holds(0.0909));
        let low = corrected(seen(0.027), &errors, 500, 1);
        assert_eq!((low.caveat, low.estimate.unwrap().value), (Some(Caveat::BelowZero), 0.0));
        let high = corrected(seen(0.83), &errors, 500, 1);
        assert_eq!((high.caveat, high.estimate.unwrap().value), (Some(Caveat::AboveOne), 1.0));
        for share in [0.001, 0.999] {
            let unlike = corrected(seen(share), &errors, 500, 1);
            assert!(unlike.caveat == Some(Caveat::Unlike) && unlike.estimate.is_none());
        }
        let chance = Errors { found: 3.0, missed: 97.0, alarms: 30.0, quiet: 970.0 };
        assert_eq!(corrected(seen(0.1), &chance, 500, 1).caveat, Some(Caveat::NoInformation));
        let nearly = Errors { found: 3.0, missed: 47.0, alarms: 30.0, quiet: 970.0 };
        let nearly = corrected(seen(0.04), &nearly, 500, 1);
        assert_eq!(nearly.caveat, Some(Caveat::PerhapsNoInformation));
        assert!(nearly.estimate.unwrap().interval.holds(1.0));
        assert_eq!(corrected(seen(0.1), &Errors::default(), 500, 1).caveat, Some(Caveat::NoGold));
    }
}
