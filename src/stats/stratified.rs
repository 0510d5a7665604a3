//! A share from the labels of a stratified sample, and what the sample says of the classifier's errors.
//!
//! A sample that takes more from where the classifier is sure or nearly sure sees far more positives than one drawn at random;
//! each stratum then counts by its size: p = Σ Wₕ pₕ with Wₕ = Nₕ/N (W. G. Cochran, *Sampling Techniques*, 3rd ed. 1977, ch. 5).
//! That is the corrected share of the corpus itself: with weighted sensitivity and specificity, Rogan & Gladen's formula gives
//! the same number, because the weighted share of flags is that of the corpus.
//!
//! In a stratum, f of n labelled messages are flagged; of those, a share is gold, and so of the others. Each draw takes all three
//! from Beta(count + ½, rest + ½), so that a stratum in which no gold was seen may still hold some; what was labelled is known, and
//! only the rest of the stratum is drawn for.

use super::prevalence::{Caveat, Corrected, Errors};
use super::random::Random;

/// One stratum: its size, and its labelled messages by gold and flag.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stratum {
    /// Messages in the corpus.
    pub size: f64,
    /// The labelled ones.
    pub seen: Errors,
}

/// Weighted shares of the four outcomes.
fn add(sum: &mut Errors, part: &Errors, weight: f64) {
    sum.found += weight * part.found;
    sum.missed += weight * part.missed;
    sum.alarms += weight * part.alarms;
    sum.quiet += weight * part.quiet;
}

fn all(errors: &Errors) -> f64 {
    errors.found + errors.missed + errors.alarms + errors.quiet
}

impl Stratum {
    /// How many labelled messages.
    pub fn labelled(&self) -> f64 {
        all(&self.seen)
    }

    /// The four outcomes as shares of the stratum, as they may well be.
    fn draw(&self, random: &mut Random) -> Errors {
        let seen = &self.seen;
        let (flagged, quiet) = (seen.found + seen.alarms, seen.missed + seen.quiet);
        // Where all or none are flagged, that is how the stratum was cut.
        let flags = match (flagged > 0.0, quiet > 0.0) {
            (true, true) => random.mid_p(flagged, quiet),
            (flagged, _) => f64::from(u8::from(flagged)),
        };
        let right = random.mid_p(seen.found, seen.alarms);
        let wrong = random.mid_p(seen.missed, seen.quiet);
        // The messages that nobody labelled are a draw themselves.
        let size = self.size.max(self.labelled());
        let rest = (size - self.labelled()).round() as u64;
        let flagged = random.binomial(rest, flags);
        let (found, missed) = (random.binomial(flagged, right), random.binomial(rest - flagged, wrong));
        let share = |count: u64| count as f64 / size;
        let mut drawn = Errors {
            found: share(found),
            alarms: share(flagged - found),
            missed: share(missed),
            quiet: share(rest - flagged - missed),
        };
        add(&mut drawn, seen, 1.0 / size);
        drawn
    }
}

/// A stratified sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// Its strata; those without a label count as unknown.
    pub strata: Vec<Stratum>,
}

impl Sample {
    /// Messages in all strata.
    pub fn size(&self) -> f64 {
        self.strata.iter().map(|stratum| stratum.size).sum()
    }

    /// The four outcomes as shares of the corpus; strata without labels are left out.
    pub fn errors(&self) -> Errors {
        let mut sum = Errors::default();
        for stratum in self.strata.iter().filter(|stratum| stratum.labelled() > 0.0) {
            add(&mut sum, &stratum.seen, stratum.size / stratum.labelled());
        }
        let total = all(&sum);
        let mut shares = Errors::default();
        if total > 0.0 {
            add(&mut shares, &sum, 1.0 / total);
        }
        shares
    }

    /// The four outcomes as they may well be.
    pub fn draw(&self, random: &mut Random) -> Errors {
        let (mut sum, size) = (Errors::default(), self.size());
        for stratum in self.strata.iter().filter(|stratum| stratum.size > 0.0) {
            add(&mut sum, &stratum.draw(random), stratum.size / size);
        }
        sum
    }

    /// The share of gold in the corpus that the sample was drawn from.
    pub fn share(&self, draws: u32, seed: u64) -> Corrected {
        if self.strata.iter().all(|stratum| stratum.labelled() == 0.0) {
            return Corrected::none(Caveat::NoGold);
        }
        let mut random = Random::new(seed);
        let gold = |errors: &Errors| errors.found + errors.missed;
        let drawn = (0..draws).map(|_| gold(&self.draw(&mut random))).collect();
        Corrected::of(gold(&self.errors()), drawn, draws)
    }
}

#[cfg(test)]
mod tests {
    use super::{Sample, Stratum};
    use crate::stats::prevalence::{Errors, rogan_gladen};

    fn sample() -> Sample {
        let flagged = Errors { found: 45.0, alarms: 5.0, ..Errors::default() };
        let near = Errors { missed: 10.0, quiet: 40.0, ..Errors::default() };
        let rest = Errors { missed: 1.0, quiet: 99.0, ..Errors::default() };
        let stratum = |size, seen| Stratum { size, seen };
        Sample { strata: vec![stratum(500.0, flagged), stratum(1_000.0, near), stratum(8_500.0, rest)] }
    }

    #[test]
    fn strata_count_by_their_size() {
        // 500 · 0.9 + 1000 · 0.2 + 8500 · 0.01 = 735 of 10,000.
        let found = sample().share(2_000, 1).estimate.unwrap();
        assert!((found.value - 0.073_5).abs() < 1e-12);
        assert!(found.interval.low > 0.055 && found.interval.high < 0.12 && found.interval.holds(0.0735), "{found:?}");
    }

    #[test]
    fn rogan_and_gladen_say_the_same() {
        let errors = sample().errors();
        let corrected = rogan_gladen(0.05, errors.sensitivity(), errors.specificity()).unwrap();
        assert!((corrected - 0.073_5).abs() < 1e-12);
    }

    #[test]
    fn a_stratum_that_was_labelled_whole_is_known() {
        let seen = Errors { found: 3.0, quiet: 7.0, ..Errors::default() };
        let found = Sample { strata: vec![Stratum { size: 10.0, seen }] }.share(200, 1).estimate.unwrap();
        assert!(found.interval.low == found.interval.high && (found.value - 0.3).abs() < 1e-12);
    }
}
