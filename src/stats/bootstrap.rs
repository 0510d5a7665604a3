//! Percentile intervals of what was computed again and again.

use super::Interval;

/// The 95 % percentile interval of draws; what is no number does not count. Everything where no draw is left.
///
/// Quantiles interpolate between the two nearest draws (Hyndman & Fan 1996, type 7: the default of R and numpy). B. Efron &
/// R. Tibshirani, *An Introduction to the Bootstrap*, 1993, ch. 13.
pub fn percentiles(draws: &mut Vec<f64>) -> Interval {
    draws.retain(|draw| draw.is_finite());
    if draws.is_empty() {
        return Interval::UNKNOWN;
    }
    draws.sort_by(f64::total_cmp);
    Interval { low: quantile(draws, 0.025), high: quantile(draws, 0.975) }
}

/// A quantile of sorted values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * share;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - place.floor())
}

#[cfg(test)]
mod tests {
    use super::percentiles;

    /// numpy 1.26.4 `quantile([3, 1, 4, 1, 5, 9, 2, 6], [.025, .975])`.
    #[test]
    fn quantiles_are_those_of_numpy() {
        let mut draws = vec![3.0, 1.0, 4.0, f64::NAN, 1.0, 5.0, 9.0, 2.0, 6.0];
        let interval = percentiles(&mut draws);
        assert!((interval.low - 1.0).abs() < 1e-12 && (interval.high - 8.475).abs() < 1e-12, "{interval:?}");
        assert!(percentiles(&mut Vec::new()).holds(1.0));
    }
}
