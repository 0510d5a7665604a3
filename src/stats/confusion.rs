//! Right and wrong answers to a yes-or-no question, and what follows from their counts.

use serde::Serialize;

use super::Interval;
use super::proportion::{share, wilson};

/// True and false positives and negatives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Flagged and gold.
    pub tp: u32,
    /// Flagged, not gold.
    pub fp: u32,
    /// Gold, not flagged.
    #[serde(rename = "fn")]
    pub fn_: u32,
    /// Neither.
    pub tn: u32,
}

impl Confusion {
    /// Counts one row.
    pub fn add(&mut self, gold: bool, said: bool) {
        *match (gold, said) {
            (true, true) => &mut self.tp,
            (false, true) => &mut self.fp,
            (true, false) => &mut self.fn_,
            (false, false) => &mut self.tn,
        } += 1;
    }

    /// Adds the counts of another set of rows.
    pub fn merge(&mut self, other: &Confusion) {
        self.tp += other.tp;
        self.fp += other.fp;
        self.fn_ += other.fn_;
        self.tn += other.tn;
    }

    /// Share of the flagged that are gold; 1 when nothing was flagged and nothing missed.
    pub fn precision(&self) -> f64 {
        if self.flagged() == 0 { f64::from(u8::from(self.fn_ == 0)) } else { ratio(self.tp, self.flagged()) }
    }

    /// Share of the gold that was flagged.
    pub fn recall(&self) -> f64 {
        ratio(self.tp, self.positives())
    }

    /// Harmonic mean of the two: 2 tp / (2 tp + fp + fn).
    pub fn f1(&self) -> f64 {
        ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn_)
    }

    /// False-positive rate: share of the rows without the label that were flagged all the same.
    pub fn fpr(&self) -> f64 {
        ratio(self.fp, self.negatives())
    }

    /// Wilson's interval of the precision.
    pub fn precision_interval(&self) -> Interval {
        wilson(f64::from(self.tp), f64::from(self.flagged()))
    }

    /// Wilson's interval of the recall.
    pub fn recall_interval(&self) -> Interval {
        wilson(f64::from(self.tp), f64::from(self.positives()))
    }

    /// Wilson's interval of the false-positive rate.
    pub fn fpr_interval(&self) -> Interval {
        wilson(f64::from(self.fp), f64::from(self.negatives()))
    }

    /// Rows with the label.
    pub fn positives(&self) -> u32 {
        self.tp + self.fn_
    }

    /// Rows known to be without it.
    pub fn negatives(&self) -> u32 {
        self.fp + self.tn
    }

    /// Rows that were flagged.
    pub fn flagged(&self) -> u32 {
        self.tp + self.fp
    }

    /// All rows whose label is known.
    pub fn rows(&self) -> u32 {
        self.positives() + self.negatives()
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    share(f64::from(part), f64::from(whole))
}

/// Mean F1 over the labels that at least one row has; 0 where none has.
pub fn macro_f1<'a>(confusions: impl Iterator<Item = &'a Confusion>) -> f64 {
    let f1: Vec<f64> = confusions.filter(|c| c.positives() > 0).map(Confusion::f1).collect();
    share(f1.iter().sum(), f1.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{Confusion, macro_f1};

    #[test]
    fn shares_are_the_textbook_ones() {
        let confusion = Confusion { tp: 8, fp: 2, fn_: 4, tn: 86 };
        assert!((confusion.precision() - 0.8).abs() < 1e-9);
        assert!((confusion.recall() - 2.0 / 3.0).abs() < 1e-9);
        assert!((confusion.f1() - 16.0 / 22.0).abs() < 1e-9);
        assert!((confusion.fpr() - 2.0 / 88.0).abs() < 1e-9);
        let silent = Confusion { tn: 5, ..Confusion::default() };
        assert!((silent.precision() - 1.0).abs() < 1e-9 && silent.recall() == 0.0);
        // A label that no row has does not drag the mean down.
        assert!((macro_f1([confusion, silent].iter()) - 16.0 / 22.0).abs() < 1e-9);
    }
}
