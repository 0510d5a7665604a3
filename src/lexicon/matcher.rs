//! Finding the phrases of a pack in a text: whole words, in one pass over the tokens.
//!
//! ```text
//! tokens ─ filter ─► few places ─ table ─► candidates ─ letters ─► hits, of the layers asked for
//!                                    └────► screen: can any layer come to something?
//! ```
//!
//! A phrase is keyed by its first word if it has one word, by its first *two* words if it has more: first words alone
//! ("the", "my", "a") would make a third of all tokens candidates. One Bloom filter holds all keys, so that a token that
//! starts nothing costs two probes of the cache and no branch that the processor cannot foresee. What passes is looked up
//! and extended word by word; its hash makes it a [`Candidate`]. Only [`Matcher::confirm`] compares letters, so equal hashes
//! never make a hit, and the candidates of messages that come to nothing are never compared at all.
//!
//! Phrases live in layers ([`Layer`]). In each layer, matches are greedy, leftmost-longest and do not overlap; the layers do
//! not see one another, so that an ad phrase never hides a sensitive word.

use super::phrase::{MAX_WORDS, NUMBER_HASH, Word};
use super::screen::{Bounds, HALF, Limits, Screen};
use super::table::{Bloom, NO_PHRASE, PREFIX, Prefixes, Table};
use crate::text::{ByHash, Shape, Text, Token, hash_word, mix};

/// Which matches compete for the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The policy's categories, masks and genres.
    Sensitive = 0,
    /// Ad topics.
    Topics = 1,
    /// Commercial intent.
    Intent = 2,
    /// Categories that are on no list of the policy, and masks.
    Unlisted = 3,
    /// Proxies: what gives a category away without stating it.
    Proxies = 4,
}

/// Every layer, in the order in which matches at one place are told.
pub const LAYERS: [Layer; 5] = [Layer::Sensitive, Layer::Topics, Layer::Intent, Layer::Unlisted, Layer::Proxies];

/// The bits of all layers.
pub const ALL_LAYERS: u8 = (1 << LAYERS.len()) - 1;

/// A match: `phrase` covers the tokens `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// First token.
    pub start: u32,
    /// One past the last token.
    pub end: u32,
    /// Which phrase.
    pub phrase: u32,
    /// In which layer it won.
    pub layer: Layer,
}

/// A place where, by the hashes, a phrase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// First token.
    pub start: u32,
    /// Which phrase.
    pub phrase: u32,
}

/// Tokens that are looked through at once: half a passage, so that the screen can tell passages apart.
const CHUNK: usize = HALF;

#[derive(Debug)]
struct Phrase {
    /// First of its words in [`Matcher::words`].
    first: u32,
    words: u16,
    layers: u8,
}

/// A word of a phrase: what must stand there, and where its letters are in [`Matcher::letters`].
#[derive(Debug, Clone, Copy)]
struct Piece {
    kind: Kind,
    start: u32,
    end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exact,
    Prefix,
    Number,
}

/// The compiled phrases of one pack. The phrases lie in three flat lists, because a pack has a hundred thousand of them and
/// a program that explains one line should not spend its time on allocating them.
#[derive(Debug, Default)]
pub struct Matcher {
    phrases: Vec<Phrase>,
    words: Vec<Piece>,
    letters: Vec<u8>,
    /// Hash of all words → phrase, while phrases are added.
    known: ByHash<u32>,
    table: Table,
    prefixes: Prefixes,
    bloom: Bloom,
    /// Some phrase has a number in it.
    numbers: bool,
    /// Some phrase of several words ends in a prefix.
    ends: bool,
}

/// Which hash a number in the text has: its own, or the one that stands for any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    Written,
    Any,
}

impl Numbers {
    #[inline(always)]
    fn hash(self, token: &Token) -> u64 {
        if self == Numbers::Any && token.shape == Shape::Number { NUMBER_HASH } else { token.hash }
    }
}

impl Matcher {
    /// Adds a phrase to a layer and says its number; the same words always get the same number.
    pub fn add(&mut self, words: &[Word], layer: Layer) -> u32 {
        let bit = 1 << layer as u8;
        let mut hash = words.iter().fold(0, |hash, word| mix(hash, word.hash()));
        while let Some(&phrase) = self.known.get(&hash) {
            if self.is_phrase(phrase, words) {
                self.phrases[phrase as usize].layers |= bit;
                return phrase;
            }
            hash = mix(hash, 1);
        }
        let phrase = self.phrases.len() as u32;
        self.known.insert(hash, phrase);
        self.phrases.push(Phrase { first: self.words.len() as u32, words: words.len() as u16, layers: bit });
        for word in words {
            let (kind, letters) = spelled(word);
            let start = self.letters.len() as u32;
            self.letters.extend_from_slice(letters.as_bytes());
            self.words.push(Piece { kind, start, end: self.letters.len() as u32 });
        }
        phrase
    }

    fn is_phrase(&self, phrase: u32, words: &[Word]) -> bool {
        let pieces = self.pieces(&self.phrases[phrase as usize]);
        pieces.len() == words.len()
            && pieces.iter().zip(words).all(|(piece, word)| {
                let (kind, letters) = spelled(word);
                piece.kind == kind && self.letters(piece) == letters.as_bytes()
            })
    }

    fn pieces(&self, phrase: &Phrase) -> &[Piece] {
        &self.words[phrase.first as usize..][..usize::from(phrase.words)]
    }

    fn letters(&self, piece: &Piece) -> &[u8] {
        &self.letters[piece.start as usize..piece.end as usize]
    }

    /// The hashes of a phrase's words. In a phrase with a wildcard for numbers, every number is hashed as any number:
    /// the text is read a second time so where it has numbers.
    fn hashes(&self, pieces: &[Piece]) -> Vec<u64> {
        let wild = pieces.iter().any(|piece| piece.kind == Kind::Number);
        let number = |letters: &[u8]| wild && letters.iter().all(u8::is_ascii_digit);
        let hash = |piece: &Piece| match self.letters(piece) {
            letters if piece.kind == Kind::Prefix => start_hash(start_of(letters)),
            letters if number(letters) => NUMBER_HASH,
            letters => hash_word(letters),
        };
        pieces.iter().map(hash).collect()
    }

    /// Builds the tables; call once after the last [`Matcher::add`]. `bounds` says how much a phrase can add to what.
    pub fn finish(&mut self, bounds: impl Fn(u32) -> Bounds) {
        self.known = ByHash::default();
        self.numbers = self.words.iter().any(|piece| piece.kind == Kind::Number);
        let ends = |phrase: &Phrase| phrase.words > 1 && self.pieces(phrase).iter().any(|p| p.kind == Kind::Prefix);
        self.ends = self.phrases.iter().any(ends);
        // A phrase of three and more words has a second key, for its length.
        let longer = self.phrases.iter().filter(|phrase| phrase.words > 2).count();
        let mut table = Table::with_room(self.phrases.len() + longer);
        let (mut keys, mut prefixes) = (Vec::with_capacity(self.phrases.len()), Vec::new());
        for (number, phrase) in (0u32..).zip(&self.phrases) {
            let pieces = self.pieces(phrase);
            if let [Piece { kind: Kind::Prefix, .. }] = pieces {
                prefixes.push((start_of(self.letters(&pieces[0])), number, bounds(number)));
                continue;
            }
            let hashes = self.hashes(pieces);
            let Some((&first, rest)) = hashes.split_first() else { continue };
            let whole = rest.iter().fold(first, |hash, next| mix(hash, *next));
            let key = rest.first().map_or(first, |second| mix(first, *second));
            table.add_phrase(whole, number, bounds(number));
            if pieces.len() > 2 {
                table.add_length(key, pieces.len());
            }
            keys.push(key);
        }
        keys.sort_unstable();
        keys.dedup();
        self.bloom = Bloom::of(keys.into_iter());
        self.table = table;
        self.prefixes = Prefixes::of(prefixes.into_iter());
    }

    /// Number of phrases, all forms counted.
    pub fn len(&self) -> usize {
        self.phrases.len()
    }

    /// Whether there are no phrases.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// The words of a phrase, folded, with single spaces; none where it has a wildcard.
    pub fn spelled(&self, phrase: u32) -> Option<String> {
        let pieces = self.pieces(self.phrases.get(phrase as usize)?);
        let words: Option<Vec<&str>> = pieces
            .iter()
            .map(|piece| std::str::from_utf8(self.letters(piece)).ok().filter(|_| piece.kind == Kind::Exact))
            .collect();
        Some(words?.join(" "))
    }

    /// The layers that a phrase is in, one bit each.
    pub fn layers(&self, phrase: u32) -> u8 {
        self.phrases[phrase as usize].layers
    }

    /// Appends every candidate to `candidates`, by start, and says which layers may come to something, one bit each.
    pub fn screen(&self, text: &Text, limits: &Limits, screen: &mut Screen, candidates: &mut Vec<Candidate>) -> u8 {
        let mut from = 0;
        while from < text.tokens().len() {
            self.look_through(text, from, |start, phrase, bounds| {
                candidates.push(Candidate { start, phrase });
                screen.add(bounds);
            });
            screen.end_half(limits);
            from += CHUNK;
        }
        screen.finish(limits)
    }

    /// Appends the hits among the candidates in the layers whose bits are set, overlapping ones too: by start, longer ones
    /// first. Which of them hold the words is for those to say who know their conditions.
    pub fn confirm(&self, text: &Text, candidates: &[Candidate], layers: u8, hits: &mut Vec<Hit>) {
        for here in candidates.chunk_by(|one, other| one.start == other.start) {
            let first = hits.len();
            for candidate in here {
                let phrase = &self.phrases[candidate.phrase as usize];
                if phrase.layers & layers == 0 || !self.is_at(text, candidate.start as usize, phrase) {
                    continue;
                }
                let (start, end) = (candidate.start, candidate.start + u32::from(phrase.words));
                let layers = LAYERS.into_iter().filter(|layer| phrase.layers & layers & (1 << *layer as u8) != 0);
                hits.extend(layers.map(|layer| Hit { start, end, phrase: candidate.phrase, layer }));
            }
            hits[first..].sort_by_key(|hit| std::cmp::Reverse(hit.end));
        }
    }

    /// Appends the greedy matches of each layer to `hits`, by start; at one start the sensitive layer first.
    pub fn find(&self, text: &Text, hits: &mut Vec<Hit>) {
        let mut free = [0u32; LAYERS.len()];
        let mut best: [Option<Hit>; LAYERS.len()] = [None; LAYERS.len()];
        let mut keep = |best: &mut [Option<Hit>; LAYERS.len()]| {
            for hit in best.iter_mut().filter_map(Option::take) {
                if hit.start >= free[hit.layer as usize] {
                    free[hit.layer as usize] = hit.end;
                    hits.push(hit);
                }
            }
        };
        let mut at = 0;
        self.find_all(text, |start, end, phrase| {
            if start != at {
                keep(&mut best);
                at = start;
            }
            let layers = self.phrases[phrase as usize].layers;
            for layer in LAYERS.into_iter().filter(|layer| layers & (1 << *layer as u8) != 0) {
                let slot = &mut best[layer as usize];
                let hit = Hit { start: start as u32, end: end as u32, phrase, layer };
                // Of one length, the exact phrase before the one with a wildcard.
                let better = |known: &Hit| (hit.end, self.is_exact(phrase)) > (known.end, self.is_exact(known.phrase));
                if slot.as_ref().is_none_or(better) {
                    *slot = Some(hit);
                }
            }
        });
        keep(&mut best);
    }

    fn is_exact(&self, phrase: u32) -> bool {
        self.pieces(&self.phrases[phrase as usize]).iter().all(|piece| piece.kind == Kind::Exact)
    }

    /// Calls `found(start, end, phrase)` for every match, overlapping ones too, by start.
    pub fn find_all(&self, text: &Text, mut found: impl FnMut(usize, usize, u32)) {
        let mut from = 0;
        while from < text.tokens().len() {
            self.look_through(text, from, |start, number, _| {
                let phrase = &self.phrases[number as usize];
                if self.is_at(text, start as usize, phrase) {
                    found(start as usize, start as usize + usize::from(phrase.words), number);
                }
            });
            from += CHUNK;
        }
    }

    /// Calls `found(start, phrase, bounds)` for each candidate in the chunk of tokens that begins at `from`, by start.
    ///
    /// The filter is asked for a whole chunk before anything is looked up: its answers become bits, not branches, and few of
    /// them are set. What it denies is not looked up: the table is larger than the processor's nearer caches.
    #[inline(always)]
    fn look_through(&self, text: &Text, from: usize, mut found: impl FnMut(u32, u32, Bounds)) {
        let tokens = text.tokens();
        let chunk = &tokens[from..tokens.len().min(from + CHUNK)];
        let (mut words, mut pairs) = (0u64, 0u64);
        for (place, token) in chunk.iter().enumerate() {
            let pair = tokens.get(from + place + 1).map_or(0, |next| mix(token.hash, next.hash));
            words |= u64::from(self.bloom.may_hold(token.hash)) << place;
            pairs |= u64::from(self.bloom.may_hold(pair)) << place;
        }
        let (mut numbers, mut starts) = (0u64, 0u64);
        if self.numbers {
            for (place, token) in chunk.iter().enumerate() {
                numbers |= u64::from(token.shape == Shape::Number) << place;
            }
            // A number may stand second: its forerunner is looked at, too.
            let behind = tokens.get(from + CHUNK).is_some_and(|token| token.shape == Shape::Number);
            numbers |= numbers >> 1 | u64::from(behind) << (CHUNK - 1);
        }
        if !self.prefixes.is_empty() {
            for (place, token) in chunk.iter().enumerate() {
                starts |= u64::from(self.prefixes.may_hold(text.start(token))) << place;
            }
        }
        if self.ends {
            for (place, token) in chunk.iter().enumerate() {
                let next = tokens.get(from + place + 1).map_or(0, |next| start_hash(text.start(next)));
                pairs |= u64::from(self.bloom.may_hold(mix(token.hash, next))) << place;
            }
        }
        let mut places = words | pairs | numbers | starts;
        self.fetch(tokens, from, words, pairs);
        while places != 0 {
            let place = places.trailing_zeros();
            places &= places - 1;
            let at = from + place as usize;
            let is = |mask: u64| mask >> place & 1 == 1;
            if is(words) {
                for slot in self.table.get(tokens[at].hash).filter(|slot| slot.phrase != NO_PHRASE) {
                    found(at as u32, slot.phrase, slot.bounds);
                }
            }
            if is(pairs) {
                self.look_up(text, at, Numbers::Written, &mut found);
            }
            // Phrases are at most eight words long; of what stands behind the chunk nothing is known here.
            let ahead = numbers >> place & 0xff != 0 || place as usize + MAX_WORDS > CHUNK;
            if self.numbers && (is(numbers) || (is(pairs) && ahead)) {
                self.look_up_numbers(text, at, &mut found);
            }
            if is(starts) {
                for (phrase, bounds) in self.prefixes.get(text.start(&tokens[at])) {
                    found(at as u32, phrase, bounds);
                }
            }
        }
    }

    /// Asks for the slots of all candidates at once, so that the memory brings them while the first is being looked at: the
    /// table does not fit into the nearer caches, and one miss after the other was half of matching.
    #[inline(always)]
    fn fetch(&self, tokens: &[Token], from: usize, mut words: u64, mut pairs: u64) {
        let mut touched = 0;
        while words != 0 {
            let at = from + words.trailing_zeros() as usize;
            words &= words - 1;
            touched ^= self.table.touch(tokens[at].hash);
        }
        while pairs != 0 {
            let at = from + pairs.trailing_zeros() as usize;
            pairs &= pairs - 1;
            let second = tokens.get(at + 1).map_or(0, |token| token.hash);
            touched ^= self.table.touch(mix(tokens[at].hash, second));
        }
        std::hint::black_box(touched);
    }

    /// The phrases of two and more words. Hundreds begin with "how to" or "i have": only their lengths stand under two words,
    /// and for each length there is one look-up of all its words.
    #[inline(always)]
    fn look_up(&self, text: &Text, at: usize, numbers: Numbers, found: &mut impl FnMut(u32, u32, Bounds)) {
        let tokens = text.tokens();
        let (Some(first), Some(second)) = (tokens.get(at), tokens.get(at + 1)) else { return };
        let number = |token: &Token| token.shape == Shape::Number;
        let mut look = |key: u64| {
            let mut lengths = 0;
            for slot in self.table.get(key) {
                lengths |= slot.lengths;
                if slot.phrase != NO_PHRASE {
                    found(at as u32, slot.phrase, slot.bounds);
                }
            }
            lengths
        };
        // A second reading is for numbers: without one among the words it would find the same again.
        let mut due = numbers == Numbers::Written || number(first) || number(second);
        let begun = numbers.hash(first);
        let mut hash = mix(begun, numbers.hash(second));
        let mut lengths = if due { look(hash) } else { self.table.get(hash).fold(0, |all, slot| all | slot.lengths) };
        if self.ends && due {
            look(mix(begun, start_hash(text.start(second))));
        }
        for token in &tokens[at + 2..] {
            if lengths == 0 {
                break;
            }
            let before = hash;
            hash = mix(hash, numbers.hash(token));
            due |= number(token);
            if lengths & 1 == 1 && due {
                look(hash);
                if self.ends {
                    look(mix(before, start_hash(text.start(token))));
                }
            }
            lengths >>= 1;
        }
    }

    /// The phrases with a wildcard for a number, where there is one.
    fn look_up_numbers(&self, text: &Text, at: usize, found: &mut impl FnMut(u32, u32, Bounds)) {
        if text.tokens()[at].shape == Shape::Number {
            for slot in self.table.get(NUMBER_HASH).filter(|slot| slot.phrase != NO_PHRASE) {
                found(at as u32, slot.phrase, slot.bounds);
            }
        }
        self.look_up(text, at, Numbers::Any, found);
    }

    /// Whether the phrase stands at this token, by its bytes.
    #[inline]
    fn is_at(&self, text: &Text, at: usize, phrase: &Phrase) -> bool {
        let Some(tokens) = text.tokens().get(at..at + usize::from(phrase.words)) else { return false };
        self.pieces(phrase).iter().zip(tokens).all(|(piece, token)| match piece.kind {
            Kind::Exact => same(text.folded_bytes(token), self.letters(piece)),
            Kind::Prefix => text.folded_bytes(token).starts_with(self.letters(piece)),
            Kind::Number => token.shape == Shape::Number,
        })
    }
}

/// The first [`PREFIX`] letters of a word, zeros behind a shorter one.
fn start_of(letters: &[u8]) -> u32 {
    let mut start = [0; 4];
    let length = letters.len().min(PREFIX);
    start[..length].copy_from_slice(&letters[..length]);
    u32::from_le_bytes(start)
}

/// The hash of a word of which only the first letters are known.
fn start_hash(start: u32) -> u64 {
    mix(PREFIX as u64, u64::from(start))
}

/// Whether two words are the same. Words are short: two overlapping 8-byte loads are quicker than a call of `memcmp`.
#[inline(always)]
fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.first_chunk::<8>(), other.first_chunk::<8>(), one.last_chunk::<8>(), other.last_chunk::<8>()) {
        (Some(a), Some(b), Some(c), Some(d)) if one.len() <= 16 => a == b && c == d,
        (None, ..) => one.iter().zip(other).all(|(a, b)| a == b),
        _ => one == other,
    }
}

fn spelled(word: &Word) -> (Kind, &str) {
    match word {
        Word::Exact(letters) => (Kind::Exact, letters),
        Word::Prefix(letters) => (Kind::Prefix, letters),
        Word::Number => (Kind::Number, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Layer, Matcher};
    use crate::lexicon::phrase;
    use crate::text::Text;
    use std::collections::BTreeMap;

    fn find(phrases: &[&str], text: &str) -> Vec<String> {
        let mut matcher = Matcher::default();
        for phrase in phrases {
            for words in phrase::compile(phrase, "", &BTreeMap::new()).unwrap() {
                matcher.add(&words, Layer::Sensitive);
            }
        }
        matcher.finish(|_| Bounds::NOTHING);
        let text = Text::of(text);
        let mut hits = Vec::new();
        matcher.find(&text, &mut hits);
        hits.iter()
            .map(|h| {
                let words: Vec<&str> =
                    text.tokens()[h.start as usize..h.end as usize].iter().map(|t| text.folded(t)).collect();
                words.join(" ")
            })
            .collect()
    }

    #[test]
    fn matching_is_greedy_leftmost_longest_over_whole_words() {
        let phrases = [
            "cancer",
            "tropic of cancer",
            "breast cancer",
            "cancer screening",
            "depress*",
            "my depress*",
            "it is depress*",
            "# mg",
            "24 7",
            "# of # kids",
        ];
        assert_eq!(find(&phrases, "The Tropic of Cancer, not cancer"), ["tropic of cancer", "cancer"]);
        assert_eq!(find(&phrases, "breast cancer screening"), ["breast cancer"]);
        assert_eq!(
            find(&phrases, "my depression; depressed, depres, it is depressing"),
            ["my depression", "depressed", "it is depressing"]
        );
        assert_eq!(find(&phrases, "take 20mg or 40 MG, 3mgs"), ["20 mg", "40 mg"]);
        assert_eq!(find(&phrases, "24 7, and 2 of 3 kids, two of 3 kids"), ["24 7", "2 of 3 kids"]);
        assert_eq!(find(&phrases, "cancerous"), Vec::<String>::new());
    }

    #[test]
    fn layers_do_not_hide_each_other() {
        let mut matcher = Matcher::default();
        let words = |p: &str| phrase::compile(p, "", &BTreeMap::new()).unwrap().remove(0);
        matcher.add(&words("kosher"), Layer::Sensitive);
        matcher.add(&words("kosher caterer"), Layer::Topics);
        matcher.finish(|_| Bounds::NOTHING);
        let mut hits = Vec::new();
        matcher.find(&Text::of("a kosher caterer"), &mut hits);
        assert_eq!(hits.len(), 2);
    }
}
