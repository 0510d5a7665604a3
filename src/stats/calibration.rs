//! Whether a score of 0.8 is right eight times in ten.

use serde::Serialize;

use super::Interval;
use super::proportion::{share, wilson};

/// A row of the reliability table: scores of one tenth, and how often they were right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// Scores from here …
    pub from: f64,
    /// … to below here (the last bin: to 1).
    pub to: f64,
    /// How many.
    pub rows: u32,
    /// Mean score of those.
    pub score: f64,
    /// Share of those that are gold.
    pub observed: f64,
    /// Wilson's interval of that share.
    pub interval: Interval,
}

/// How well scores are probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// How many scores.
    pub rows: u32,
    /// Mean of (score − outcome)²; 0 is best. G. W. Brier, *Verification of forecasts expressed in terms of probability*,
    /// Monthly Weather Review 78 (1950).
    pub brier: f64,
    /// The Brier score of always saying the base rate, p(1 − p): what any use begins below.
    pub brier_of_base_rate: f64,
    /// Expected calibration error: Σ (rows in bin / rows) · |mean score − share gold| over ten bins of equal width. Naeini,
    /// Cooper & Hauskrecht, *Obtaining well calibrated probabilities using Bayesian binning*, AAAI 2015.
    pub ece: f64,
    /// The bins that hold a score.
    pub reliability: Vec<Bin>,
}

/// Compares scores with outcomes; none where there is no score.
pub fn calibration(scores: &[(f64, bool)]) -> Option<Calibration> {
    if scores.is_empty() {
        return None;
    }
    let n = scores.len() as f64;
    let mut bins = [(0_u32, 0.0, 0_u32); 10];
    let (mut squares, mut positives) = (0.0, 0.0);
    for &(score, gold) in scores {
        let outcome = f64::from(u8::from(gold));
        squares += (score - outcome).powi(2);
        positives += outcome;
        let (rows, sum, hits) = &mut bins[((score * 10.0) as usize).min(9)];
        (*rows, *sum, *hits) = (*rows + 1, *sum + score, *hits + u32::from(gold));
    }
    let filled = bins.iter().enumerate().filter(|(_, (rows, ..))| *rows > 0);
    let reliability: Vec<Bin> = filled
        .map(|(place, &(rows, sum, hits))| Bin {
            from: place as f64 / 10.0,
            to: (place + 1) as f64 / 10.0,
            rows,
            score: sum / f64::from(rows),
            observed: share(f64::from(hits), f64::from(rows)),
            interval: wilson(f64::from(hits), f64::from(rows)),
        })
        .collect();
    let base = positives / n;
    Some(Calibration {
        rows: scores.len() as u32,
        brier: squares / n,
        brier_of_base_rate: base * (1.0 - base),
        ece: reliability.iter().map(|bin| f64::from(bin.rows) / n * (bin.score - bin.observed).abs()).sum(),
        reliability,
    })
}

#[cfg(test)]
mod tests {
    use super::calibration;

    /// scikit-learn 1.9.1 `brier_score_loss` gives 0.0648; the ECE was added up by hand: (0.05 + 0.2 + 0.55 + 0.4 + 0.18) / 8.
    #[test]
    fn brier_is_that_of_scikit_learn() {
        let scores = [0.05, 0.0, 0.2, 0.45, 0.6, 0.9, 0.95, 0.97];
        let gold = [false, false, false, true, true, true, true, true];
        let pairs: Vec<(f64, bool)> = scores.into_iter().zip(gold).collect();
        let found = calibration(&pairs).unwrap();
        assert!((found.brier - 0.064_8).abs() < 1e-12, "{}", found.brier);
        assert!((found.ece - 0.172_5).abs() < 1e-9, "{}", found.ece);
        assert_eq!(found.reliability.iter().map(|bin| bin.rows).collect::<Vec<_>>(), [2, 1, 1, 1, 3]);
        assert!((found.brier_of_base_rate - 15.0 / 64.0).abs() < 1e-12);
        assert!(calibration(&[]).is_none() && calibration(&[(1.0, true)]).unwrap().brier == 0.0);
    }
}
