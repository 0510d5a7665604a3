//! Statistics of an audit, each with its formula and its source: small, without dependencies, and the same on every machine.
//!
//! | module | what | source |
//! |---|---|---|
//! | [`proportion`] | Wilson's interval of a share | Wilson 1927; Brown, Cai & DasGupta 2001 |
//! | [`cluster`] | shares of messages that come in conversations: ratio estimate, design effect | Cochran 1977, ch. 9A; Korn & Graubard 1998 |
//! | [`confusion`] | precision, recall, F1, false-positive rate | van Rijsbergen 1979 |
//! | [`calibration`] | reliability table, Brier score, expected calibration error | Brier 1950; Naeini et al. 2015 |
//! | [`sweep`] | every threshold, and which to take | |
//! | [`agreement`] | percent agreement, Cohen's and Fleiss' kappa, Krippendorff's alpha, Gwet's AC1 | Cohen 1960; Fleiss 1971; Krippendorff 2011; Gwet 2008 |
//! | [`prevalence`] | a share corrected for the classifier's errors | Rogan & Gladen 1978; Lang & Reiczigel 2014 |
//! | [`stratified`] | a share from labels of a stratified sample | Cochran 1977, ch. 5 |
//! | [`bootstrap`] | percentile intervals | Efron & Tibshirani 1993 |
//! | [`random`] | seeded draws | Steele, Lea & Flood 2014; Marsaglia & Tsang 2000 |
//!
//! Law: nothing here reads a clock or the machine's entropy; equal arguments give equal results.

pub mod agreement;
pub mod bootstrap;
pub mod calibration;
pub mod cluster;
pub mod confusion;
pub mod prevalence;
pub mod proportion;
pub mod random;
pub mod stratified;
pub mod sweep;

use serde::Serialize;

/// The two-sided 95 % quantile of the normal distribution.
pub const Z: f64 = 1.959_963_984_540_054;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Default for Interval {
    fn default() -> Self {
        Interval::UNKNOWN
    }
}

impl Interval {
    /// All that a share can be: nothing is known.
    pub const UNKNOWN: Interval = Interval { low: 0.0, high: 1.0 };

    /// An interval between two values.
    pub fn new(low: f64, high: f64) -> Interval {
        Interval { low, high }
    }

    /// The interval with both ends within 0..=1.
    #[must_use]
    pub fn within_shares(self) -> Interval {
        Interval { low: self.low.clamp(0.0, 1.0), high: self.high.clamp(0.0, 1.0) }
    }

    /// Whether `value` lies inside, the ends among them.
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
}
