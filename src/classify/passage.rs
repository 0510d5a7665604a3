//! Adding up evidence over the best passage of a text, not over all of it: in a long text many faint words are found by
//! chance, and one strong passage is enough.

use super::evidence::{Item, Outcome};
use crate::finding::CategoryId;
use crate::lexicon::pack::Target;
use crate::lexicon::screen::HALF;

/// Length of a passage in words. A message up to this long is one passage; a longer one is cut into passages that overlap
/// by half, so that what stands together is never parted in all of them.
pub const PASSAGE: usize = 2 * HALF;

/// A text longer than this many words says so much that a word or two of any field occur in it by chance …
const LONG: f32 = 44.0;

/// … for which so much is taken off, in log-odds for each time that it is e times as long. Measured: on labelled rows of 20
/// to 150 words it halves the false alarms of the long ones and loses one true verdict in a hundred.
const CHANCE: f32 = 1.5;

/// What chance alone is worth in a text of so many words, in log-odds; a passage is as long as it gets.
pub fn chance(words: usize) -> f32 {
    CHANCE * (words.min(PASSAGE) as f32 / LONG).max(1.0).ln()
}

/// Marks of genre weigh at most this much against a category: a recipe may still be for a diabetic.
const GENRE_FLOOR: f32 = -3.0;

/// The evidence of one category in its best passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// Which category.
    pub category: CategoryId,
    /// Sum of weights, marks of genre included, the prior not.
    pub sum: f32,
    /// First token of the passage.
    pub start: usize,
    /// One past its last token.
    pub end: usize,
}

impl Passage {
    /// What speaks for or against the category in the passage.
    pub fn evidence<'i>(&self, items: &'i [Item]) -> impl Iterator<Item = &'i Item> {
        let Passage { category, start, end, .. } = *self;
        items.iter().filter(move |item| item.category() == Some(category) && item.start >= start && item.end <= end)
    }
}

/// Remembers which lines of the lexicon were counted already, without clearing anything between passages.
#[derive(Debug, Default)]
pub struct Seen {
    stamps: Vec<u32>,
    now: u32,
    /// By category: the sum of a passage.
    sums: Vec<Option<f32>>,
}

impl Seen {
    /// Forgets everything; `lines` is the number of lines of the pack.
    pub fn begin(&mut self, lines: u32) {
        if self.stamps.len() < lines as usize || self.now == u32::MAX {
            self.stamps.clear();
            self.stamps.resize(lines as usize, 0);
            self.now = 0;
        }
        self.now += 1;
    }

    /// Whether the line is counted for the first time.
    pub fn first(&mut self, line: u32) -> bool {
        let stamp = &mut self.stamps[line as usize];
        std::mem::replace(stamp, self.now) != self.now
    }
}

/// For each category that an item speaks for, or that is told `alone` (one bit each), by the words themselves, the passage with
/// the greatest sum; by category.
pub fn best(items: &[Item], lines: u32, categories: usize, alone: u64, seen: &mut Seen) -> Vec<Passage> {
    if alone == 0 && !items.iter().any(|i| i.outcome == Outcome::Counted && i.category().is_some()) {
        return Vec::new();
    }
    let mut found: Vec<Passage> = Vec::new();
    let mut sums = std::mem::take(&mut seen.sums);
    let last = items.iter().map(|i| i.end).max().unwrap_or(0);
    let mut start = 0;
    let mut first = 0;
    loop {
        let end = start + PASSAGE;
        seen.begin(lines);
        sums.clear();
        sums.extend((0..categories).map(|number| (number < 64 && alone >> number & 1 == 1).then_some(0.0)));
        let mut marks = 0.0;
        while items.get(first).is_some_and(|i| i.start < start) {
            first += 1;
        }
        let inside = items[first..].iter().take_while(|i| i.start < end).filter(|i| i.outcome == Outcome::Counted);
        for item in inside.filter(|i| i.end <= end) {
            match item.entry.target {
                Target::Category(id) if seen.first(item.entry.line) => {
                    *sums[id.0 as usize].get_or_insert(0.0) += item.entry.weight
                }
                Target::Genre if seen.first(item.entry.line) => marks += item.entry.weight,
                _ => {}
            }
        }
        for (number, sum) in (0u8..).zip(&sums) {
            let Some(sum) = sum.map(|s| s + f32::max(marks, GENRE_FLOOR)) else { continue };
            let new = Passage { category: CategoryId(number), sum, start, end };
            match found.iter_mut().find(|known| known.category == new.category) {
                Some(known) if sum > known.sum => *known = new,
                Some(_) => {}
                None => found.push(new),
            }
        }
        if end >= last {
            break;
        }
        start += HALF;
    }
    found.sort_unstable_by_key(|passage| passage.category);
    seen.sums = sums;
    found
}
