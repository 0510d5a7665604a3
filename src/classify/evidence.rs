//! From matches to evidence: which entry of a phrase counts here, and why the others do not.

use crate::finding::CategoryId;
use crate::lexicon::cue::CueHits;
use crate::lexicon::matcher::{Hit, Layer};
use crate::lexicon::pack::{Entry, Pack, Target};
use crate::lexicon::parse::Case;
use crate::text::{Shape, Text};

/// What became of an entry whose phrase was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It counts.
    Counted,
    /// None of the cues that it needs is near.
    NeedsMissing,
    /// A cue against it is near.
    UnlessFound,
    /// The word is not written with the capitals that it needs.
    WrongCase,
    /// It is a mask: the words in it mean nothing sensitive.
    Masked,
    /// A stronger line of the same phrase and target counts.
    Outdone,
}

/// One entry at one place of a text.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// The entry.
    pub entry: Entry,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Whether it counts.
    pub outcome: Outcome,
}

impl Item {
    /// The category, if it is evidence for one.
    pub fn category(&self) -> Option<CategoryId> {
        match self.entry.target {
            Target::Category(id) => Some(id),
            _ => None,
        }
    }
}

/// Weighs the matches of one layer, from the left, the longest first. A phrase of which nothing counts does not hold its
/// words: where `the union` waits in vain for a cue, `union vote` is looked at. Intents are told by many small signs, of which
/// none replaces another: there, everything counts that stands in the text. What does not count is kept as well, for
/// `explain`.
pub fn weigh(pack: &Pack, text: &Text, hits: &[Hit], cues: &CueHits, layer: Layer, items: &mut Vec<Item>) {
    let mut free = 0;
    for hit in hits.iter().filter(|h| h.layer == layer) {
        if hit.start < free && layer.hides() {
            continue;
        }
        let first = items.len();
        weigh_one(pack, text, hit, cues, items);
        let holds = |item: &Item| matches!(item.outcome, Outcome::Counted | Outcome::Masked);
        // A mask holds the words of the unlisted layer, too, where it has no entry of its own.
        if items.len() == first || items[first..].iter().any(holds) {
            free = hit.end;
        }
    }
}

fn weigh_one(pack: &Pack, text: &Text, hit: &Hit, cues: &CueHits, items: &mut Vec<Item>) {
    let (start, end) = (hit.start as usize, hit.end as usize);
    let first = items.len();
    for entry in pack.entries(hit.phrase).filter(|entry| entry.layer == hit.layer) {
        let mut outcome = judge(pack, text, cues, &entry, start, end);
        if outcome == Outcome::Counted {
            // Of several lines for one phrase and target the strongest that holds counts.
            let rival =
                items[first..].iter_mut().find(|i| i.entry.target == entry.target && i.outcome == Outcome::Counted);
            if let Some(rival) = rival {
                if rival.entry.weight.abs() >= entry.weight.abs() {
                    outcome = Outcome::Outdone;
                } else {
                    rival.outcome = Outcome::Outdone;
                }
            }
        }
        items.push(Item { entry, start, end, outcome });
    }
}

fn judge(pack: &Pack, text: &Text, cues: &CueHits, entry: &Entry, start: usize, end: usize) -> Outcome {
    let tokens = &text.tokens()[start..end];
    let cased = match entry.case {
        Case::Any => true,
        Case::Upper => tokens.iter().all(|t| matches!(t.shape, Shape::Upper | Shape::Number)),
        Case::Title => matches!(tokens[0].shape, Shape::Title | Shape::Upper),
    };
    let holds = |condition: u32| cues.hold(pack.conditions.get(condition), text, start, end);
    if entry.target == Target::Mask {
        Outcome::Masked
    } else if !cased {
        Outcome::WrongCase
    } else if entry.needs.is_some_and(|c| !holds(c)) {
        Outcome::NeedsMissing
    } else if entry.unless.is_some_and(holds) {
        Outcome::UnlessFound
    } else {
        Outcome::Counted
    }
}
