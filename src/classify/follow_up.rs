//! Follow-ups: "and the side effects?" is on health if what went before was, though nothing in it says so.
//!
//! What a message says of a category is carried to the messages after it and fades with each. It counts only in a short
//! message whose first words point back (the group `follow_up` of `pack.toml`), so that a new subject starts afresh, and not
//! after a long pause: messengers keep years of talk in one thread.

use crate::chat::Timestamp;
use crate::finding::{Assessment, CategoryId, Disclosure};
use crate::lexicon::cue::CueHits;
use crate::lexicon::pack::Grammar;
use crate::taxonomy::Taxonomy;
use crate::text::Text;

/// What is left of the evidence from one message to the next.
const FADES: f32 = 0.6;

/// Evidence beyond this much carries no further: a long message does not tint a whole conversation.
const MOST: f32 = 10.0;

/// Below this it is forgotten.
const LEAST: f32 = 1.0;

/// After so long a pause, in milliseconds (twelve hours), nobody goes on about what was said before.
const PAUSE: i64 = 12 * 60 * 60 * 1000;

/// Words of the longest follow-up.
const WORDS: usize = 14;

/// Among these first words stands what points back.
const HEAD: usize = 3;

/// Evidence of one category from the messages before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Carried {
    /// Which category.
    pub category: CategoryId,
    /// Log-odds that it still adds.
    pub weight: f32,
    /// Whom it was about.
    pub disclosure: Disclosure,
}

/// What a conversation has said so far, message by message.
#[derive(Debug, Default, Clone)]
pub struct Thread {
    carried: Vec<Carried>,
    last: Option<Timestamp>,
}

impl Thread {
    /// Begins a message, sent at that time, if it is known: after a long pause nothing is left of what was said.
    pub fn begin(&mut self, at: Option<Timestamp>) {
        if let (Some(before), Some(now)) = (self.last, at)
            && now.0.saturating_sub(before.0) > PAUSE
        {
            self.carried.clear();
        }
        self.last = at.or(self.last);
    }

    /// What the next message may go on about.
    pub fn carried(&self) -> &[Carried] {
        &self.carried
    }

    /// Takes in what a message said.
    pub fn add(&mut self, taxonomy: &Taxonomy, assessment: &Assessment) {
        for carried in &mut self.carried {
            carried.weight *= FADES;
        }
        self.carried.retain(|carried| carried.weight >= LEAST);
        for verdict in assessment.sensitive.iter().chain(&assessment.unlisted) {
            let category = taxonomy.category(verdict.category);
            let score = verdict.score.clamp(0.0001, 0.9999);
            let evidence = (score / (1.0 - score)).ln() / category.slope - category.prior;
            let weight = FADES * evidence.min(MOST);
            let new = Carried { category: verdict.category, weight, disclosure: verdict.disclosure };
            match self.carried.iter_mut().find(|carried| carried.category == verdict.category) {
                Some(known) if known.weight >= weight => {}
                Some(known) => *known = new,
                None => self.carried.push(new),
            }
        }
    }
}

/// Whether a text is so short that it may be a follow-up.
pub fn is_short(text: &Text) -> bool {
    text.tokens().len() <= WORDS
}

/// Whether the first words of a text point back to what was said before.
pub fn points_back(text: &Text, cues: &CueHits, grammar: Grammar) -> bool {
    let to = text.tokens().len();
    is_short(text) && (0..to.min(HEAD)).any(|at| cues.at(grammar.follow_up, at, to).is_some())
}

#[cfg(test)]
mod tests {
    use super::{Carried, PAUSE, Thread};
    use crate::chat::Timestamp;
    use crate::finding::{CategoryId, Disclosure};

    #[test]
    fn a_long_pause_ends_what_was_said() {
        let said = Carried { category: CategoryId(0), weight: 6.0, disclosure: Disclosure::Oneself };
        let begun = |at: [Option<i64>; 2]| {
            let mut thread = Thread { carried: vec![said], last: None };
            at.into_iter().for_each(|at| thread.begin(at.map(Timestamp)));
            thread.carried().len()
        };
        assert_eq!([begun([Some(0), Some(PAUSE)]), begun([Some(0), Some(PAUSE + 1)])], [1, 0]);
        assert_eq!([begun([None, Some(PAUSE + 1)]), begun([Some(0), None])], [1, 1], "what is not known ends nothing");
    }
}
