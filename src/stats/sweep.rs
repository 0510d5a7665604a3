//! What every threshold would do, and which one to take.

use serde::Serialize;

use super::confusion::Confusion;

/// Folds of the check whether a threshold holds on rows that it was not chosen on.
const FOLDS: usize = 10;

/// A threshold and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Scores from here on are flagged.
    pub threshold: f64,
    /// The counts.
    #[serde(flatten)]
    pub confusion: Confusion,
}

/// The confusion at every score that occurs, highest threshold first.
pub fn sweep(scores: &[(f64, bool)]) -> Vec<Point> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = sorted.iter().filter(|(_, gold)| *gold).count() as u32;
    let mut now = Confusion { fn_: positives, tn: sorted.len() as u32 - positives, ..Confusion::default() };
    let mut points: Vec<Point> = Vec::new();
    for &(threshold, gold) in &sorted {
        if gold {
            (now.tp, now.fn_) = (now.tp + 1, now.fn_ - 1);
        } else {
            (now.fp, now.tn) = (now.fp + 1, now.tn - 1);
        }
        match points.last_mut() {
            Some(last) if last.threshold == threshold => last.confusion = now,
            _ => points.push(Point { threshold, confusion: now }),
        }
    }
    points
}

/// What a threshold is chosen for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// The highest F1.
    F1,
    /// The highest recall at no less than this precision.
    Precision(f64),
}

impl Aim {
    /// The best point; of equals the highest threshold. None where no threshold reaches the aim.
    pub fn best(self, points: &[Point]) -> Option<Point> {
        let mut best: Option<Point> = None;
        for point in points {
            let found = &point.confusion;
            let better = match (self, &best) {
                (Aim::F1, None) => found.tp > 0,
                (Aim::F1, Some(known)) => found.f1() > known.confusion.f1(),
                (Aim::Precision(wanted), known) => {
                    found.tp > 0 && found.precision() >= wanted && known.is_none_or(|k| found.tp > k.confusion.tp)
                }
            };
            if better {
                best = Some(*point);
            }
        }
        best
    }
}

/// A threshold, as chosen on some rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Suggestion {
    /// Where it lies: half way to the next lower score, so that scores as good as those seen are inside.
    pub threshold: f64,
    /// What it does on the rows that it was chosen on: flatters.
    pub seen: Confusion,
    /// What thresholds chosen in the same way on nine tenths of the rows do on the last tenth, ten times: what to expect.
    pub unseen: Confusion,
}

/// Suggests a threshold; rows are dealt to the folds in their order.
pub fn suggest(scores: &[(f64, bool)], aim: Aim) -> Option<Suggestion> {
    let points = sweep(scores);
    let best = aim.best(&points)?;
    let mut unseen = Confusion::default();
    for fold in 0..FOLDS {
        let chosen: Vec<(f64, bool)> =
            scores.iter().enumerate().filter(|(row, _)| row % FOLDS != fold).map(|(_, pair)| *pair).collect();
        let threshold = aim.best(&sweep(&chosen)).map_or(f64::INFINITY, |point| point.threshold);
        scores.iter().skip(fold).step_by(FOLDS).for_each(|(score, gold)| unseen.add(*gold, *score >= threshold));
    }
    let below = points.iter().map(|point| point.threshold).filter(|t| *t < best.threshold).fold(0.0, f64::max);
    Some(Suggestion { threshold: f64::midpoint(best.threshold, below), seen: best.confusion, unseen })
}

#[cfg(test)]
mod tests {
    use super::{Aim, suggest, sweep};

    const SCORES: [(f64, bool); 6] = [(0.9, true), (0.8, true), (0.8, false), (0.6, true), (0.3, false), (0.1, false)];

    #[test]
    fn every_score_is_a_threshold_once() {
        let points = sweep(&SCORES);
        let seen: Vec<(f64, u32, u32)> = points.iter().map(|p| (p.threshold, p.confusion.tp, p.confusion.fp)).collect();
        assert_eq!(seen, [(0.9, 1, 0), (0.8, 2, 1), (0.6, 3, 1), (0.3, 3, 2), (0.1, 3, 3)]);
        assert!(points.iter().all(|p| p.confusion.rows() == 6));
    }

    #[test]
    fn aims_are_met_or_nothing_is_suggested() {
        let f1 = suggest(&SCORES, Aim::F1).unwrap();
        assert!((f1.threshold - 0.45).abs() < 1e-12 && f1.seen.fp == 1 && f1.seen.fn_ == 0);
        assert_eq!(f1.unseen.rows(), 6);
        let precise = Aim::Precision(0.95).best(&sweep(&SCORES)).unwrap();
        assert!((precise.threshold - 0.9).abs() < 1e-12);
        assert!(suggest(&[(0.4, false)], Aim::F1).is_none() && suggest(&[], Aim::Precision(0.5)).is_none());
    }
}
