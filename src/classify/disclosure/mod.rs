//! Whom a sensitive message is about: the writer, another person, or nobody in particular.
//!
//! No single sign tells it. "My" before the evidence speaks for the writer, a sister at the head of the sentence for the
//! sister, "what is the difference between" at the head of the message for nobody. Each sign is a [rule](crate::lexicon::whom) that gives
//! points to the three answers (`whom.tsv`); the points are added up, and the answer with the most is given. First persons of
//! a request ("help me", "I'm writing an essay on") are no signs.

use super::evidence::{Item, Outcome};
use crate::chat::Role;
use crate::finding::Disclosure;
use crate::lexicon::cue::CueHits;
use crate::lexicon::pack::Pack;
use crate::lexicon::whom::{Points, Tally};
use crate::taxonomy::{Attendants, OwnPeople};
use crate::text::Text;

mod patterns;
mod persons;
mod signs;

/// Words before and behind the evidence in which its owner is looked for.
const REACH: usize = 60;

/// What is known of the speaker.
#[derive(Debug, Clone, Copy)]
pub struct Speaker {
    /// Who wrote the message.
    pub role: Role,
    /// The category, by the hash of its name.
    pub category: u64,
    /// In this category, what these people are the writer is.
    pub own_people: Option<OwnPeople>,
    /// In this category, these people serve the writer, and what is said of them is not about them.
    pub attendants: Option<Attendants>,
}

/// The evidence of one category, in its text.
#[derive(Clone, Copy)]
pub struct Case<'c> {
    /// The text.
    pub text: &'c Text,
    /// Its cues.
    pub cues: &'c CueHits,
    /// The words of its language.
    pub pack: &'c Pack,
    /// Who speaks.
    pub speaker: Speaker,
}

/// A piece of evidence: its words, and its share of the weight of all evidence for the category.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
    share: f32,
}

impl Case<'_> {
    /// The answer with the most points; in a draw the writer before others, others before nobody.
    pub fn disclosure<'i>(&self, points: &Points, items: impl Iterator<Item = &'i Item>, words: &[Item]) -> Disclosure {
        self.tally(items, words).answer(points)
    }

    /// Every rule that holds for the evidence in `items`, and how far; where no phrase speaks for the category, for `words`.
    pub fn tally<'i>(&self, items: impl Iterator<Item = &'i Item>, words: &[Item]) -> Tally {
        let counted = items.filter(|item| item.outcome == Outcome::Counted && item.entry.weight > 0.0);
        let place = |item: &Item| Place { start: item.start, end: item.end, share: item.entry.weight };
        let mut places: Vec<Place> = counted.map(place).collect();
        if places.is_empty() {
            places.extend(words.iter().map(place));
        }
        let all: f32 = places.iter().map(|place| place.share).sum();
        places.iter_mut().for_each(|place| place.share /= all);
        let mut tally = Tally::default();
        if !places.is_empty() {
            tally.set_category(self.speaker.category);
            self.of_patterns(&places, &mut tally);
            match self.speaker.role {
                Role::Assistant => self.of_assistant(&places, &mut tally),
                _ => self.of_user(&places, &mut tally),
            }
        }
        tally
    }

    /// The words in which persons are looked for: never farther than so many from the evidence, so that long texts are not
    /// walked through for each of their categories.
    fn window(&self, places: &[Place]) -> (usize, usize) {
        let first = places.iter().map(|place| place.start).min().unwrap_or(0);
        let last = places.iter().map(|place| place.end).max().unwrap_or(0);
        (first.saturating_sub(REACH), (last + REACH).min(self.text.tokens().len()))
    }
}

#[cfg(test)]
mod tests;
