//! The phrases of a pack, as they are spelled, in one flat list: a pack has a hundred thousand of them, and a program that
//! explains one line should not spend its time on allocating them.
//!
//! A phrase is spelled as [`super::phrase::compile`] writes it: folded words parted by single spaces, `#` for any number, a
//! last word that ends in `*` for any word that begins so. Folded words hold none of these signs.

use std::borrow::Cow;

use super::image::{Flat, Reader, Writer};
use super::matcher::Candidate;
use super::phrase::{MIN_PREFIX, NUMBER_HASH};
use crate::text::{ByHash, Shape, Text, hash_word, letters_of, mix};

/// Where a phrase's letters are, and what it is used for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrase {
    start: u32,
    length: u16,
    pub(super) words: u8,
    pub(super) uses: u8,
}

impl Phrase {
    fn write(&self) -> [u8; 8] {
        let [a, b, c, d] = self.start.to_le_bytes();
        let [e, f] = self.length.to_le_bytes();
        [a, b, c, d, e, f, self.words, self.uses]
    }

    #[inline(always)]
    fn read([a, b, c, d, e, f, words, uses]: [u8; 8]) -> Phrase {
        Phrase { start: u32::from_le_bytes([a, b, c, d]), length: u16::from_le_bytes([e, f]), words, uses }
    }
}

/// All phrases, by number.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    list: Flat<8>,
    letters: Cow<'static, [u8]>,
    /// Hash of the spelling → number, while phrases are added.
    known: ByHash<u32>,
}

impl Phrases {
    /// Adds a use of a phrase and says its number; the same spelling always gets the same number.
    pub(super) fn add(&mut self, spelled: &str, uses: u8) -> u32 {
        let mut hash = hash_word(spelled.as_bytes());
        while let Some(&number) = self.known.get(&hash) {
            if self.spelled(number) == spelled.as_bytes() {
                self.set(number, uses);
                return number;
            }
            hash = mix(hash, 1);
        }
        let number = self.list.len() as u32;
        self.known.insert(hash, number);
        let words = spelled.bytes().filter(|byte| *byte == b' ').count() as u8 + 1;
        let new = Phrase { start: self.letters.len() as u32, length: spelled.len() as u16, words, uses };
        self.letters.to_mut().extend_from_slice(spelled.as_bytes());
        self.list.to_mut().push(new.write());
        number
    }

    /// Ends adding.
    pub(super) fn finish(&mut self) {
        self.known = ByHash::default();
        self.list.to_mut().shrink_to_fit();
        self.letters.to_mut().shrink_to_fit();
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.list(&self.list);
        image.list(self.letters.as_chunks::<1>().0);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Phrases> {
        Some(Phrases { list: image.list()?, letters: image.letters()?, known: ByHash::default() })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Every phrase with its spelling.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Phrase, &str)> {
        let spelled = |phrase: &Phrase| std::str::from_utf8(self.letters(phrase)).unwrap_or_default();
        self.list.iter().map(|bytes| Phrase::read(*bytes)).map(move |phrase| (phrase, spelled(&phrase)))
    }

    pub(super) fn set(&mut self, number: u32, uses: u8) {
        self.list.to_mut()[number as usize][7] |= uses;
    }

    #[inline(always)]
    fn get(&self, number: u32) -> Phrase {
        Phrase::read(self.list[number as usize])
    }

    #[inline(always)]
    fn letters(&self, phrase: &Phrase) -> &[u8] {
        &self.letters[phrase.start as usize..phrase.start as usize + usize::from(phrase.length)]
    }

    pub(super) fn spelled(&self, number: u32) -> &[u8] {
        self.letters(&self.get(number))
    }

    /// One past the last token of a candidate, if it stands there by its letters.
    #[inline]
    pub(super) fn end(&self, text: &Text, candidate: &Candidate) -> Option<u32> {
        let phrase = self.get(candidate.phrase);
        let end = candidate.start + u32::from(phrase.words);
        let mut rest = self.letters(&phrase);
        if phrase.words == 1 {
            let token = text.tokens().get(candidate.start as usize)?;
            let folded = text.folded_bytes(token);
            return (same(rest, folded) || by_wildcard(rest, folded, token.shape).is_some()).then_some(end);
        }
        let tokens = text.tokens().get(candidate.start as usize..end as usize)?;
        for token in tokens {
            let folded = text.folded_bytes(token);
            rest = match rest.get(folded.len()) {
                None if same(rest, folded) => &[],
                Some(b' ') if same(&rest[..folded.len()], folded) => &rest[folded.len() + 1..],
                _ => by_wildcard(rest, folded, token.shape)?,
            };
        }
        Some(end)
    }
}

/// What is left of a spelling behind a wildcard that stands for this word.
#[cold]
fn by_wildcard<'s>(rest: &'s [u8], folded: &[u8], shape: Shape) -> Option<&'s [u8]> {
    match rest {
        [b'#'] if shape == Shape::Number => Some(&[]),
        [b'#', b' ', rest @ ..] if shape == Shape::Number => Some(rest),
        [start @ .., b'*'] if folded.starts_with(start) => Some(&[]),
        _ => None,
    }
}

/// The hashes of a spelling's words. In one with a wildcard for numbers, every number is hashed as any number: the text is
/// read a second time so where it has numbers.
pub(super) fn hashes(spelled: &str) -> impl Iterator<Item = u64> {
    let wild = spelled.bytes().any(|byte| byte == b'#');
    spelled.split(' ').map(move |word| match word.strip_suffix('*') {
        Some(start) => of_start(start),
        None if wild && (word == "#" || word.bytes().all(|byte| byte.is_ascii_digit())) => NUMBER_HASH,
        None => hash_word(word.as_bytes()),
    })
}

/// The hash of words that begin so, by their first three letters.
fn of_start(start: &str) -> u64 {
    start_hash(letters_of(start.as_bytes()) & THREE)
}

/// The hash of words that begin so, by their first four letters, if there are so many.
pub(super) fn of_long_start(start: &str) -> u64 {
    start_hash(letters_of(start.as_bytes()))
}

/// Keeps three of the four [`Token::letters`](crate::text::Token::letters): as many as the shortest prefix has.
pub(super) const THREE: u32 = 0xff_ffff;

/// The hash of a word of which only the first letters are known.
#[inline(always)]
pub(super) fn start_hash(letters: u32) -> u64 {
    mix(MIN_PREFIX as u64, u64::from(letters))
}

/// Whether two words are the same. Words are short: two overlapping 8-byte loads are quicker than a call of `memcmp`.
#[inline(always)]
fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.first_chunk::<8>(), other.first_chunk::<8>(), one.last_chunk::<8>(), other.last_chunk::<8>()) {
        (Some(a), Some(b), Some(c), Some(d)) if one.len() <= 16 => a == b && c == d,
        (None, ..) => {
            match (one.first_chunk::<4>(), other.first_chunk::<4>(), one.last_chunk::<4>(), other.last_chunk::<4>()) {
                (Some(a), Some(b), Some(c), Some(d)) => a == b && c == d,
                _ => one.iter().zip(other).all(|(a, b)| a == b),
            }
        }
        _ => one == other,
    }
}
