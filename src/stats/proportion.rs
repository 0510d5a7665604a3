//! The interval of a share.

use super::{Interval, Z};

/// Wilson's 95 % score interval of `part` out of `whole`; everything where nothing was seen.
///
/// (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n). Counts need not be whole: a share with a design effect has an effective
/// sample size. E. B. Wilson, *Probable inference*, JASA 22 (1927); recommended by Brown, Cai & DasGupta, *Interval estimation
/// for a binomial proportion*, Statistical Science 16 (2001).
pub fn wilson(part: f64, whole: f64) -> Interval {
    if whole <= 0.0 {
        return Interval::UNKNOWN;
    }
    let p = part / whole;
    let scale = 1.0 + Z * Z / whole;
    let middle = (p + Z * Z / (2.0 * whole)) / scale;
    let half = Z * (p * (1.0 - p) / whole + Z * Z / (4.0 * whole * whole)).sqrt() / scale;
    // Rounding must not put an end inside of a share of 0 or 1.
    let low = if part <= 0.0 { 0.0 } else { middle - half };
    let high = if part >= whole { 1.0 } else { middle + half };
    Interval { low, high }.within_shares()
}

/// `part / whole`, 0 of nothing.
pub fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::wilson;

    /// statsmodels 0.15.0 `proportion_confint(x, n, method="wilson")`.
    #[test]
    fn wilson_is_that_of_statsmodels() {
        let cases = [
            (8.0, 10.0, 0.490_162_471_5, 0.943_317_848_5),
            (0.0, 20.0, 0.0, 0.161_125_158_1),
            (1.0, 1000.0, 0.000_176_546_4, 0.005_642_558_6),
            (383.0, 383.0, 0.990_069_681_7, 1.0),
        ];
        for (part, whole, low, high) in cases {
            let got = wilson(part, whole);
            assert!((got.low - low).abs() < 1e-8 && (got.high - high).abs() < 1e-8, "{part} of {whole}: {got:?}");
        }
        assert!(wilson(0.0, 0.0).holds(1.0));
    }
}
