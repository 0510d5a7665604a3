//! Misspelt words and the spellings of chats, read as the words that are meant: `alergic` as *allergic*, `xke` as *perché*.
//!
//! What is written so is a phrase of the matcher's table like any other, so that a text without any costs nothing. Where one
//! stands, the word meant takes its place and the text is matched again: phrases, cues and grammar need not know of it.
//!
//! Law: the word in the text keeps its span, so that evidence points to what was written.

use std::borrow::Cow;

use super::image::{Flat, Reader, Writer};
use super::matcher::{Candidate, Matcher};
use crate::text::Text;

/// Bytes of a respelling in an image: its phrase, and where the word meant begins and ends.
const PIECE: usize = 12;

/// All respellings of a pack.
#[derive(Debug, Default)]
pub struct Spelling {
    /// By phrase number.
    list: Flat<PIECE>,
    /// The words meant, one behind the other.
    letters: Cow<'static, [u8]>,
}

impl Spelling {
    /// Those of phrases of a matcher, each with the word meant, folded.
    pub(super) fn of(mut words: Vec<(u32, String)>) -> Spelling {
        words.sort();
        // Of two lines for one word the later one in the alphabet would win by chance: `lexicon check` tells of them.
        words.dedup_by_key(|(phrase, _)| *phrase);
        let (mut list, mut letters) = (Vec::with_capacity(words.len()), Vec::new());
        for (phrase, meant) in words {
            let start = letters.len() as u32;
            letters.extend_from_slice(meant.as_bytes());
            let piece = [phrase, start, letters.len() as u32].map(u32::to_le_bytes);
            let mut bytes = [0; PIECE];
            bytes.copy_from_slice(piece.as_flattened());
            list.push(bytes);
        }
        Spelling { list: list.into(), letters: letters.into() }
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.list(&self.list);
        image.list(self.letters.as_chunks::<1>().0);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Spelling> {
        Some(Spelling { list: image.list()?, letters: image.letters()? })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Puts the words meant into the text, where candidates say that others are written; says whether there were any.
    pub fn correct(&self, matcher: &Matcher, text: &mut Text, candidates: &[Candidate]) -> bool {
        let mut found: Vec<(u32, &str)> = Vec::new();
        matcher.respelled(text, candidates, |place, phrase| found.extend(self.meant(phrase).map(|word| (place, word))));
        for (place, word) in &found {
            text.respell(*place as usize, word);
        }
        !found.is_empty()
    }

    fn meant(&self, phrase: u32) -> Option<&str> {
        let number = |piece: &[u8; PIECE], place: usize| {
            u32::from_le_bytes([piece[place], piece[place + 1], piece[place + 2], piece[place + 3]])
        };
        let place = self.list.binary_search_by_key(&phrase, |piece| number(piece, 0)).ok()?;
        let piece = &self.list[place];
        std::str::from_utf8(self.letters.get(number(piece, 4) as usize..number(piece, 8) as usize)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Spelling;
    use crate::lexicon::matcher::{Layer, Matcher};
    use crate::lexicon::screen::Bounds;
    use crate::text::Text;

    #[test]
    fn the_word_meant_takes_the_place_of_the_one_written() {
        let mut matcher = Matcher::default();
        matcher.add("allergic to nuts", Layer::Sensitive);
        let words = [("alergic", "allergic"), ("nutz", "nuts")];
        let words = words.map(|(written, meant)| (matcher.add_respelling(written), meant.to_owned()));
        let spelling = Spelling::of(words.to_vec());
        matcher.finish(|_| Bounds::NOTHING);
        let mut text = Text::of("Alergic to NUTZ?");
        let (mut candidates, mut hits) = (Vec::new(), Vec::new());
        matcher.find(&text, &mut candidates, &mut hits);
        assert!(hits.is_empty());
        assert!(spelling.correct(&matcher, &mut text, &candidates));
        matcher.find(&text, &mut candidates, &mut hits);
        assert_eq!(hits.len(), 1);
        assert!(!spelling.correct(&matcher, &mut text, &candidates), "once is enough");
        let token = text.tokens()[0];
        assert_eq!((text.folded(&token), token.start, token.end), ("allergic", 0, 7));
        assert!(!spelling.correct(&matcher, &mut Text::of("allergic to nuts"), &[]));
    }
}
