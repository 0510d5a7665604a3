//! A share of messages that come in conversations, or in people: neighbours are alike, so they tell less than strangers.

use super::proportion::{share, wilson};
use super::{Interval, Z};

/// Sums over clusters, enough for the share, its variance and its design effect; merging them is adding.
///
/// The share r = Σk / Σn is a ratio of two totals. Its linearised variance is G/(G−1) · Σ(kᵢ − r nᵢ)² / (Σn)²: W. G. Cochran,
/// *Sampling Techniques*, 3rd ed. 1977, ch. 9A. Nothing but five sums is kept, so a corpus of any size needs no memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clusters {
    /// How many clusters.
    pub clusters: u64,
    /// Σn: how many messages.
    pub messages: u64,
    /// Σk: how many of them are flagged.
    pub flagged: u64,
    nn: u128,
    nk: u128,
    kk: u128,
}

impl Clusters {
    /// Adds a cluster of `messages`, of which `flagged` are.
    pub fn add(&mut self, messages: u64, flagged: u64) {
        let (n, k) = (u128::from(messages), u128::from(flagged));
        self.clusters += 1;
        self.messages += messages;
        self.flagged += flagged;
        self.nn += n * n;
        self.nk += n * k;
        self.kk += k * k;
    }

    /// The share.
    pub fn share(&self) -> f64 {
        share(self.flagged as f64, self.messages as f64)
    }

    /// The linearised variance of the share; 0 where fewer than two clusters say nothing about it.
    pub fn variance(&self) -> f64 {
        if self.clusters < 2 || self.messages == 0 {
            return 0.0;
        }
        let (r, n, g) = (self.share(), self.messages as f64, self.clusters as f64);
        let squares = self.kk as f64 - 2.0 * r * self.nk as f64 + r * r * self.nn as f64;
        (g / (g - 1.0)) * squares.max(0.0) / (n * n)
    }

    /// How many messages, each by itself, would tell as much: n divided by the design effect.
    ///
    /// Never more than there are messages, and less where few clusters make the variance itself uncertain (Korn & Graubard,
    /// *Confidence intervals for proportions with small expected number of positive counts*, Survey Methodology 24, 1998).
    /// Where none or all are flagged the variance says nothing; then as many as there are clusters of equal weight, (Σn)²/Σn².
    pub fn effective(&self) -> f64 {
        let n = self.messages as f64;
        if self.clusters < 2 || self.messages == 0 {
            return n;
        }
        let (p, variance) = (self.share(), self.variance());
        if variance <= 0.0 {
            return (n * n / self.nn as f64).min(n);
        }
        let few = (Z / student(self.clusters - 1)).powi(2);
        (few * p * (1.0 - p) / variance).min(n)
    }

    /// The design effect: how many times wider the variance is than that of as many strangers; at least 1.
    pub fn design_effect(&self) -> f64 {
        let effective = self.effective();
        if effective > 0.0 { self.messages as f64 / effective } else { 1.0 }
    }

    /// Wilson's interval with the effective number of messages.
    pub fn interval(&self) -> Interval {
        let effective = self.effective();
        wilson(self.share() * effective, effective)
    }

    /// Adds the sums of other clusters.
    pub fn merge(&mut self, other: &Clusters) {
        self.clusters += other.clusters;
        self.messages += other.messages;
        self.flagged += other.flagged;
        self.nn += other.nn;
        self.nk += other.nk;
        self.kk += other.kk;
    }
}

/// The two-sided 95 % quantile of Student's t: exact for one and two degrees of freedom, else the Cornish–Fisher expansion
/// (Abramowitz & Stegun 26.7.5), off by 0.024 at three and by less than 0.001 from seven on.
pub fn student(freedom: u64) -> f64 {
    match freedom {
        0 => f64::INFINITY,
        1 => 12.706_204_736,
        2 => 4.302_652_730,
        _ => {
            let v = freedom as f64;
            let power = |n: i32| Z.powi(n);
            Z + (power(3) + Z) / (4.0 * v)
                + (5.0 * power(5) + 16.0 * power(3) + 3.0 * Z) / (96.0 * v * v)
                + (3.0 * power(7) + 19.0 * power(5) + 17.0 * power(3) - 15.0 * Z) / (384.0 * v.powi(3))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clusters, student};

    fn of(clusters: &[(u64, u64)]) -> Clusters {
        let mut sums = Clusters::default();
        clusters.iter().for_each(|(n, k)| sums.add(*n, *k));
        sums
    }

    /// Computed apart, in Python: `g/(g-1)*sum((k-r*n)**2)/sum(n)**2`.
    #[test]
    fn the_variance_is_that_of_the_ratio_estimate() {
        let sums = of(&[(10, 2), (20, 1), (5, 0), (40, 12), (25, 5)]);
        assert!((sums.share() - 0.2).abs() < 1e-12);
        assert!((sums.variance() - 0.003_25).abs() < 1e-12, "{}", sums.variance());
        assert!(sums.design_effect() > 1.0);
    }

    #[test]
    fn alike_neighbours_widen_the_interval_and_strangers_do_not() {
        let alone: Vec<(u64, u64)> = (0..1000).map(|i| (1, u64::from(i % 10 == 0))).collect();
        let sums = of(&alone);
        assert!((sums.design_effect() - 1.0).abs() < 0.01);
        let alike: Vec<(u64, u64)> = (0..100).map(|i| (10, if i % 10 == 0 { 10 } else { 0 })).collect();
        let alike = of(&alike);
        assert!((alike.design_effect() - 10.0).abs() < 0.5, "{}", alike.design_effect());
        let none = of(&[(10, 0); 50]);
        assert!((none.effective() - 50.0).abs() < 1e-9 && none.interval().high > 0.05);
    }

    /// scipy 1.12.0 `t.ppf(.975, df)`.
    #[test]
    fn student_is_that_of_scipy() {
        for (freedom, wanted, near) in [(3, 3.182_446, 0.025), (7, 2.364_624, 1e-3), (30, 2.042_272, 1e-5)] {
            assert!((student(freedom) - wanted).abs() < near, "{freedom}: {}", student(freedom));
        }
    }
}
