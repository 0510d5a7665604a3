//! Adding up evidence over the best passage of a text, not over all of it: in a long text many faint words are found by
//! chance, and one strong passage is enough.

use super::evidence::{Item, Outcome};
use crate::lexicon::pack::Target;

/// Length of a passage in words. A message up to this long is one passage.
pub const PASSAGE: usize = 120;

/// Genre marks weigh at most this much against a category: a recipe may still be for a diabetic.
const GENRE_FLOOR: f32 = -3.0;

/// The evidence of one target in its best passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// Sum of weights, marks of genre included, the prior not.
    pub sum: f32,
    /// First token of the passage.
    pub start: usize,
    /// One past its last token.
    pub end: usize,
}

/// The passage with the greatest sum for `target`; none when nothing speaks for it.
pub fn best(items: &[Item<'_>], target: Target, genre: bool) -> Option<Passage> {
    let counted = |i: &&Item<'_>| i.outcome == Outcome::Counted;
    let speaks = |i: &Item<'_>| i.entry.target == target || (genre && i.entry.target == Target::Genre);
    let mut best: Option<Passage> = None;
    for first in items.iter().filter(counted).filter(|i| i.entry.target == target) {
        // A passage begins at evidence, or half a passage before it, so that what stands around counts as well.
        for start in [first.start, first.start.saturating_sub(PASSAGE / 2)] {
            let end = start + PASSAGE;
            let inside = |i: &&Item<'_>| i.start >= start && i.end <= end && speaks(i);
            let (mut sum, mut marks, mut reach) = (0.0, 0.0, first.end);
            for (place, item) in items.iter().enumerate().filter(|(_, i)| counted(i) && inside(i)) {
                let seen = items[..place].iter().any(|i| counted(&i) && inside(&i) && i.line() == item.line());
                if seen {
                    continue;
                }
                reach = reach.max(item.end);
                if item.entry.target == Target::Genre { marks += item.entry.weight } else { sum += item.entry.weight }
            }
            let sum = sum + f32::max(marks, GENRE_FLOOR);
            if best.is_none_or(|b| sum > b.sum) {
                best = Some(Passage { sum, start, end: reach });
            }
        }
        if items.last().is_some_and(|last| last.end <= PASSAGE) {
            break;
        }
    }
    best
}
