//! The plain words that conditions ask for: looked for among the words of a text only when a condition asks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::cue::MARKS;
use super::image::{Flat, Reader, Writer};
use crate::text::{Text, hash_word};

/// Bytes of a word in an image: its hash, and where its letters begin and end.
const PIECE: usize = 16;

/// Words, by number.
#[derive(Debug, Default)]
pub(super) struct CueWords {
    list: Flat<PIECE>,
    letters: Cow<'static, [u8]>,
    /// Their numbers, while words are added.
    known: BTreeMap<String, u32>,
}

/// A word, by its number, with the part of its hash that tells most texts apart: nothing need be looked up for those.
#[derive(Debug, Clone, Copy)]
pub(super) struct CueWord {
    number: u32,
    marked: u32,
}

/// Bits of a hash that are kept with a word: as many as number the bits of [`MARKS`] words of 64.
const MARKED: u32 = 10;

/// Bits of the number of a word.
const NUMBER: u32 = 18;

/// The leading bits of a hash.
#[inline(always)]
pub(super) fn marked(hash: u64) -> u32 {
    (hash >> (u64::BITS - MARKED)) as u32
}

/// The bit for a word's leading ones: which of [`MARKS`] numbers, and the bit in it.
#[inline(always)]
pub(super) fn mark(marked: u32) -> (usize, u64) {
    ((marked >> 6) as usize % MARKS, 1 << (marked & 63))
}

impl CueWord {
    /// As a number of 28 bits.
    pub(super) fn write(self) -> u32 {
        self.marked << NUMBER | self.number
    }

    #[inline(always)]
    pub(super) fn read(written: u32) -> CueWord {
        CueWord { number: written & ((1 << NUMBER) - 1), marked: written >> NUMBER }
    }

    /// See [`mark`].
    #[inline(always)]
    pub(super) fn mark(self) -> (usize, u64) {
        mark(self.marked)
    }
}

impl CueWords {
    /// A word, which must be folded; of a quarter of a million words no more are taken, and none is answered.
    pub(super) fn add(&mut self, word: &str) -> Option<CueWord> {
        let marked = marked(hash_word(word.as_bytes()));
        if let Some(known) = self.known.get(word) {
            return Some(CueWord { number: *known, marked });
        }
        if self.list.len() >= 1 << NUMBER {
            return None;
        }
        let number = self.list.len() as u32;
        let start = self.letters.len() as u32;
        self.letters.to_mut().extend_from_slice(word.as_bytes());
        let mut piece = [0; PIECE];
        piece[..8].copy_from_slice(&hash_word(word.as_bytes()).to_le_bytes());
        piece[8..12].copy_from_slice(&start.to_le_bytes());
        piece[12..].copy_from_slice(&(self.letters.len() as u32).to_le_bytes());
        self.list.to_mut().push(piece);
        self.known.insert(word.to_owned(), number);
        Some(CueWord { number, marked })
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.list(&self.list);
        image.list(self.letters.as_chunks::<1>().0);
    }

    pub(super) fn read(image: &mut Reader) -> Option<CueWords> {
        Some(CueWords { list: image.list()?, letters: image.letters()?, known: BTreeMap::new() })
    }

    /// The hash of a word; zero where there is none of this number.
    fn hash(&self, number: u32) -> u64 {
        self.list.get(number as usize).map_or(0, |piece| u64::from_le_bytes(*piece.first_chunk().unwrap_or(&[0; 8])))
    }

    fn letters(&self, number: u32) -> &[u8] {
        let place = |piece: &[u8; PIECE], at: usize| {
            u32::from_le_bytes([piece[at], piece[at + 1], piece[at + 2], piece[at + 3]]) as usize
        };
        let piece = self.list.get(number as usize);
        piece.and_then(|piece| self.letters.get(place(piece, 8)..place(piece, 12))).unwrap_or_default()
    }

    /// Whether a word stands in the tokens `from..to` of a text, but not inside the match, where it proves nothing.
    pub(super) fn stands(&self, word: CueWord, text: &Text, (from, to): (usize, usize), matched: Range<usize>) -> bool {
        let hash = self.hash(word.number);
        let tokens = text.tokens().get(from..to).unwrap_or_default().iter().zip(from..);
        let mut here = tokens.filter(|(token, at)| token.hash == hash && !matched.contains(at));
        here.any(|(token, _)| text.folded_bytes(token) == self.letters(word.number))
    }
}

#[cfg(test)]
mod tests {
    use super::{CueWord, CueWords};
    use crate::text::Text;

    #[test]
    fn a_word_is_found_near_by_and_not_in_the_match() {
        let mut words = CueWords::default();
        let (dog, cat) = (words.add("dog").unwrap(), words.add("cat").unwrap());
        assert_eq!(words.add("dog").unwrap().number, dog.number, "the same word has the same number");
        let again = CueWord::read(cat.write());
        assert_eq!((again.number, again.mark()), (cat.number, cat.mark()));
        let text = Text::of("The DOG sleeps, the cat does not.");
        let stands = |word, range, matched| words.stands(word, &text, range, matched);
        assert!(stands(dog, (0, 3), 5..6) && stands(cat, (3, 7), 0..1));
        assert!(!stands(dog, (2, 7), 5..6) && !stands(dog, (0, 3), 1..2));
    }
}
