//! How far coders agree, beyond what chance would bring.
//!
//! With r(u,k) coders who put unit u into category k, and r(u) who coded it at all:
//! - observed agreement: the mean over units with two codes or more of Σₖ r(u,k)(r(u,k)−1) / r(u)(r(u)−1);
//! - πₖ: the mean over coded units of r(u,k)/r(u). Every κ here is (observed − chance) / (1 − chance), with another chance:
//! - **Cohen's κ** (J. Cohen, *A coefficient of agreement for nominal scales*, EPM 20, 1960; two coders, units that both coded):
//!   Σₖ of the product of the two coders' shares;
//! - **Fleiss' κ** (J. L. Fleiss, Psychological Bulletin 76, 1971; with missing codes as in Gwet, *Handbook of Inter-Rater
//!   Reliability*, 4th ed. 2014): Σₖ πₖ²;
//! - **Gwet's AC1** (K. L. Gwet, *Computing inter-rater reliability and its variance in the presence of high agreement*, BJMSP 61,
//!   2008): Σₖ πₖ(1−πₖ) / (q−1). Stays meaningful where a category is rare, when the kappas fall towards 0;
//! - **Krippendorff's α**, nominal (K. Krippendorff, *Computing Krippendorff's alpha-reliability*, 2011): 1 − observed / expected
//!   disagreement of the coincidence matrix, over units with two codes or more.
//!
//! `tests/agreement.rs` compares all with the Python packages `krippendorff` and `irrcac`.

use serde::Serialize;

use super::bootstrap::percentiles;
use super::proportion::share;
use super::random::Random;
use super::{Estimate, Interval};

/// Codes of several coders: a row a unit, a place a coder, nothing where a coder said nothing.
#[derive(Debug, Clone, Default)]
pub struct Ratings {
    units: Vec<Vec<Option<u16>>>,
    categories: usize,
}

/// The coefficients of one question; none where a coefficient is not defined.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// Units with two codes or more.
    pub units: usize,
    /// Share of pairs of codes that are equal.
    pub percent: Option<Estimate>,
    /// Cohen's kappa; only of two coders.
    pub cohen: Option<Estimate>,
    /// Fleiss' kappa.
    pub fleiss: Option<Estimate>,
    /// Krippendorff's alpha.
    pub alpha: Option<Estimate>,
    /// Gwet's AC1.
    pub ac1: Option<Estimate>,
}

/// All that a coefficient can be: the interval of one without bootstrap draws.
pub const UNKNOWN: Interval = Interval { low: -1.0, high: 1.0 };

/// The five coefficients, in the order of the fields of [`Agreement`].
type Five = [Option<f64>; 5];

impl Ratings {
    /// No units yet, on a scale of so many categories.
    pub fn new(categories: usize) -> Ratings {
        Ratings { units: Vec::new(), categories }
    }

    /// Adds a unit. Codes beyond the scale count as missing.
    pub fn add(&mut self, mut codes: Vec<Option<u16>>) {
        for code in &mut codes {
            *code = code.filter(|code| usize::from(*code) < self.categories);
        }
        self.units.push(codes);
    }

    /// The coefficients with percentile intervals of `draws` bootstrap samples of units.
    ///
    /// A draw in which a coefficient is not defined (all codes equal) does not count for it.
    pub fn agreement(&self, draws: u32, seed: u64) -> Agreement {
        let whole: Vec<&[Option<u16>]> = self.units.iter().map(Vec::as_slice).collect();
        let found = self.coefficients(&whole);
        let mut drawn: [Vec<f64>; 5] = Default::default();
        let mut random = Random::new(seed);
        let mut sample = whole.clone();
        for _ in 0..draws {
            sample.iter_mut().for_each(|unit| *unit = whole[random.below(whole.len())]);
            for (values, value) in drawn.iter_mut().zip(self.coefficients(&sample)) {
                values.extend(value);
            }
        }
        let mut estimates = found.into_iter().zip(&mut drawn).map(|(value, values)| {
            let interval = if values.is_empty() { UNKNOWN } else { percentiles(values) };
            value.map(|value| Estimate { value, interval })
        });
        let mut next = || estimates.next().flatten();
        Agreement {
            units: whole.iter().filter(|codes| codes.iter().flatten().count() > 1).count(),
            percent: next(),
            cohen: next(),
            fleiss: next(),
            alpha: next(),
            ac1: next(),
        }
    }

    fn coefficients(&self, units: &[&[Option<u16>]]) -> Five {
        let q = self.categories;
        let (mut observed, mut paired, mut coded) = (0.0, 0.0, 0.0);
        let mut means = vec![0.0; q];
        let (mut coincidences, mut values) = (0.0, vec![0.0; q]);
        let mut counts = vec![0.0; q];
        for codes in units {
            counts.fill(0.0);
            codes.iter().flatten().for_each(|code| counts[usize::from(*code)] += 1.0);
            let r: f64 = counts.iter().sum();
            if r == 0.0 {
                continue;
            }
            coded += 1.0;
            means.iter_mut().zip(&counts).for_each(|(mean, count)| *mean += count / r);
            if r < 2.0 {
                continue;
            }
            let equal: f64 = counts.iter().map(|count| count * (count - 1.0)).sum();
            observed += equal / (r * (r - 1.0));
            paired += 1.0;
            coincidences += equal / (r - 1.0);
            values.iter_mut().zip(&counts).for_each(|(value, count)| *value += count);
        }
        if paired == 0.0 {
            return [None; 5];
        }
        means.iter_mut().for_each(|mean| *mean /= coded);
        let percent = observed / paired;
        let squares: f64 = means.iter().map(|mean| mean * mean).sum();
        let gwet = means.iter().map(|mean| mean * (1.0 - mean)).sum::<f64>() / (q as f64 - 1.0);
        let n: f64 = values.iter().sum();
        let expected = 1.0 - values.iter().map(|value| value * (value - 1.0)).sum::<f64>() / (n * (n - 1.0));
        let alpha = (expected > 0.0).then(|| 1.0 - (1.0 - coincidences / n) / expected);
        [Some(percent), self.cohen(units), beyond(percent, squares), alpha, beyond(percent, gwet)]
    }

    fn cohen(&self, units: &[&[Option<u16>]]) -> Option<f64> {
        let mut shares = vec![(0.0, 0.0); self.categories];
        let (mut equal, mut n) = (0.0, 0.0);
        for codes in units {
            let [one, two] = codes else { return None };
            let (Some(one), Some(two)) = (one, two) else { continue };
            shares[usize::from(*one)].0 += 1.0;
            shares[usize::from(*two)].1 += 1.0;
            equal += f64::from(u8::from(one == two));
            n += 1.0;
        }
        let chance: f64 = shares.iter().map(|(one, two)| share(*one, n) * share(*two, n)).sum();
        if n > 0.0 { beyond(equal / n, chance) } else { None }
    }
}

fn beyond(observed: f64, chance: f64) -> Option<f64> {
    (chance < 1.0 - 1e-12).then(|| (observed - chance) / (1.0 - chance))
}

#[cfg(test)]
mod tests {
    use super::Ratings;

    /// The example of Krippendorff 2011, section C (four observers, twelve units, nominal): α = 0.743.
    #[test]
    fn alpha_is_that_of_the_published_example() {
        let rows = ["11.1", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", ".555", "..11", ".3.."];
        let rows = rows.map(|row| row.chars().map(|c| c.to_digit(10).map(|d| d as u16 - 1)).collect::<Vec<_>>());
        let mut ratings = Ratings::new(5);
        rows.into_iter().for_each(|row| ratings.add(row));
        let found = ratings.agreement(200, 1);
        let alpha = found.alpha.unwrap();
        assert!((alpha.value - 0.743).abs() < 5e-4, "{alpha:?}");
        assert!(alpha.interval.low < 0.743 && alpha.interval.high > 0.743 && found.cohen.is_none());
        assert_eq!(found.units, 11);
    }

    #[test]
    fn one_value_alone_leaves_the_kappas_undefined() {
        let mut ratings = Ratings::new(2);
        (0..9).for_each(|_| ratings.add(vec![Some(0), Some(0)]));
        let found = ratings.agreement(20, 1);
        assert!(found.cohen.is_none() && found.alpha.is_none() && found.fleiss.is_none());
        assert!(found.percent.is_some_and(|e| e.value == 1.0) && found.ac1.is_some_and(|e| e.value == 1.0));
        assert!(Ratings::new(2).agreement(5, 1).percent.is_none());
    }
}
