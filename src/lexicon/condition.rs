//! What an entry asks of the words around it: `a|b&c|d`, compiled.
//!
//! Each alternative asks for a set of cues or for a plain word, in some place: near by, right before or behind, or anywhere.

use super::cue::CueSet;
use super::cue_word::{CueWord, CueWords};
use super::image::{Flat, Reader, Writer, number};
use crate::text::Text;

/// How many words away a cue may stand when no sign says otherwise; it must also be in the same sentence or a neighbour.
pub const NEAR: usize = 25;

/// How many words before (`<`) or after (`>`) the phrase.
pub const ADJACENT: usize = 3;

/// How far "anywhere in the message" (`=`) reaches: in a pasted book, a cue would be everywhere.
pub const ANYWHERE: usize = 400;

/// Where a cue must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Near,
    Before,
    After,
    Message,
}

/// What an alternative asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked {
    Set(CueSet),
    Word(CueWord),
}

/// One alternative of a condition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alternative {
    pub(super) place: Place,
    pub(super) asked: Asked,
}

/// `a|b&c|d`, compiled: of each clause one alternative must hold. An alternative is a number: its set or word, which of the
/// two it is, its place in two bits, and whether it is the last of its clause.
#[derive(Debug, Clone, Copy)]
pub struct Condition<'p> {
    alternatives: &'p [[u8; 4]],
    pub(super) words: &'p CueWords,
}

impl Condition<'_> {
    /// Its alternatives, each with whether it is the last of its clause.
    pub(super) fn alternatives(self) -> impl Iterator<Item = (Alternative, bool)> {
        self.alternatives.iter().map(|bytes| {
            let written = u32::from_le_bytes(*bytes);
            let place = match written >> 1 & 3 {
                0 => Place::Near,
                1 => Place::Before,
                2 => Place::After,
                _ => Place::Message,
            };
            let number = written >> 4;
            let asked =
                if written & WORD == 0 { Asked::Set(CueSet::of(number)) } else { Asked::Word(CueWord::read(number)) };
            (Alternative { place, asked }, written & 1 == 1)
        })
    }
}

/// In an alternative: it asks for a word, not for a set.
const WORD: u32 = 1 << 3;

/// The conditions of a pack, by number.
#[derive(Debug, Default)]
pub struct Conditions {
    /// Where each ends among the alternatives.
    ends: Flat<4>,
    alternatives: Flat<4>,
    /// The plain words that they ask for.
    pub(super) words: CueWords,
}

impl Conditions {
    /// Adds one and says its number.
    pub(super) fn add(&mut self, clauses: &[Vec<Alternative>]) -> u32 {
        for clause in clauses {
            for (place, alternative) in clause.iter().enumerate() {
                let last = u32::from(place + 1 == clause.len());
                let asked = match alternative.asked {
                    Asked::Set(set) => set.number() << 4,
                    Asked::Word(word) => word.write() << 4 | WORD,
                };
                let written = asked | (alternative.place as u32) << 1 | last;
                self.alternatives.to_mut().push(written.to_le_bytes());
            }
        }
        self.ends.to_mut().push((self.alternatives.len() as u32).to_le_bytes());
        self.ends.len() as u32 - 1
    }

    /// The condition of a number.
    #[inline]
    pub fn get(&self, place: u32) -> Condition<'_> {
        let place = place as usize;
        let first = if place == 0 { 0 } else { number(&self.ends, place - 1).unwrap_or(0) };
        let end = number(&self.ends, place).unwrap_or(first);
        Condition { alternatives: &self.alternatives[first as usize..end as usize], words: &self.words }
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.list(&self.ends);
        image.list(&self.alternatives);
        self.words.write(image);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Conditions> {
        Some(Conditions { ends: image.list()?, alternatives: image.list()?, words: CueWords::read(image)? })
    }
}

/// The token range in which a place looks.
pub(super) fn window(place: Place, text: &Text, start: usize, end: usize) -> (usize, usize) {
    let tokens = text.tokens();
    match place {
        Place::Before => (start.saturating_sub(ADJACENT), start),
        Place::After => (end, (end + ADJACENT).min(tokens.len())),
        Place::Message => (start.saturating_sub(ANYWHERE), (end + ANYWHERE).min(tokens.len())),
        Place::Near => {
            let (first, last) = (tokens[start].sentence.saturating_sub(1), tokens[end - 1].sentence + 1);
            let (low, high) = (start.saturating_sub(NEAR), (end + NEAR).min(tokens.len()));
            // Sentence numbers never fall, so the borders can be searched.
            let from = low + tokens[low..start].partition_point(|t| t.sentence < first);
            let to = end + tokens[end..high].partition_point(|t| t.sentence <= last);
            (from, to)
        }
    }
}
