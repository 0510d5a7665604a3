//! Finding the phrases of a pack in a text: whole words, in one pass over the tokens.
//!
//! A phrase is keyed by its first word if it has one word, by its first *two* words if it has more: first words alone
//! ("the", "my", "a") would make a third of all tokens candidates. One Bloom filter holds all keys, so that a token that
//! starts nothing costs two probes of the cache and no branch that the processor cannot foresee. What passes is looked up,
//! extended word by word, and confirmed by comparing bytes, so equal hashes never make a match.
//!
//! Phrases live in layers ([`Layer`]). In each layer, matches are greedy, leftmost-longest and do not overlap; the layers do
//! not see one another, so that an ad phrase never hides a sensitive word.

use super::phrase::{MIN_PREFIX, NUMBER_HASH, Word};
use super::table::{Bloom, Item, Table};
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
    /// Key → phrases, longest first; and the lengths of phrases that begin with two words.
    keys: Table,
    /// Hash of the first [`MIN_PREFIX`] letters → one-word prefix phrases, longest prefix first.
    prefixes: Table,
    bloom: Bloom,
    prefix_bloom: Bloom,
    /// Some phrase has a number in it.
    numbers: bool,
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

    fn hash(&self, piece: &Piece) -> u64 {
        match piece.kind {
            Kind::Number => NUMBER_HASH,
            Kind::Exact | Kind::Prefix => hash_word(self.letters(piece)),
        }
    }

    /// Builds the tables; call once after the last [`Matcher::add`].
    pub fn finish(&mut self) {
        self.known = ByHash::default();
        self.numbers = self.words.iter().any(|piece| piece.kind == Kind::Number);
        let mut numbers: Vec<u32> = (0..self.phrases.len() as u32).collect();
        // Longest first; of equal length exact words before prefixes, longer prefixes before shorter.
        numbers.sort_by_key(|&number| {
            let pieces = self.pieces(&self.phrases[number as usize]);
            let prefix = match pieces.last() {
                Some(piece) if piece.kind == Kind::Prefix => u32::MAX - (piece.end - piece.start),
                _ => 0,
            };
            (usize::MAX - pieces.len(), prefix, number)
        });
        let (mut keys, mut longer, mut prefixes) = (Vec::with_capacity(2 * numbers.len()), Vec::new(), Vec::new());
        for number in numbers {
            match self.pieces(&self.phrases[number as usize]) {
                [one] if one.kind == Kind::Prefix => {
                    prefixes.push((hash_word(&self.letters(one)[..MIN_PREFIX]), Item::Phrase(number)));
                }
                // A second word that is a prefix has no hash of its own: keyed by the first word.
                [one] => keys.push((self.hash(one), Item::Phrase(number))),
                [one, two] if two.kind == Kind::Prefix => keys.push((self.hash(one), Item::Phrase(number))),
                [one, two, rest @ ..] => {
                    let pair = mix(self.hash(one), self.hash(two));
                    if rest.iter().all(|piece| piece.kind == Kind::Exact) && !rest.is_empty() {
                        let whole = rest.iter().fold(pair, |hash, piece| mix(hash, self.hash(piece)));
                        longer.push((whole, Item::Phrase(number)));
                        keys.push((pair, Item::Length(2 + rest.len() as u32)));
                    } else {
                        keys.push((pair, Item::Phrase(number)));
                    }
                }
                [] => {}
            }
        }
        self.bloom = filter(&keys);
        self.prefix_bloom = filter(&prefixes);
        keys.append(&mut longer);
        self.keys = Table::of(keys);
        self.prefixes = Table::of(prefixes);
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

    /// Appends the greedy matches of each layer to `hits`, by start; at one start the sensitive layer first.
    pub fn find(&self, text: &Text, hits: &mut Vec<Hit>) {
        let mut free = [0u32; LAYERS.len()];
        self.each_candidate(text, |at, may| {
            let mut best: [Option<(u16, u32)>; LAYERS.len()] = [None; LAYERS.len()];
            self.each_phrase_at(text, at, may, |number, phrase| {
                for (layer, slot) in best.iter_mut().enumerate() {
                    if phrase.layers & (1 << layer) != 0 && slot.is_none_or(|(other, _)| phrase.words > other) {
                        *slot = Some((phrase.words, number));
                    }
                }
            });
            for (slot, layer) in best.into_iter().zip(LAYERS) {
                if let Some((length, phrase)) = slot.filter(|_| at as u32 >= free[layer as usize]) {
                    let (start, end) = (at as u32, at as u32 + u32::from(length));
                    free[layer as usize] = end;
                    hits.push(Hit { start, end, phrase, layer });
                }
            }
        });
    }

    /// Appends every match of every layer to `hits`, overlapping ones too: by start, longer ones first. Which of them hold
    /// the words is for those to say who know their conditions.
    pub fn candidates(&self, text: &Text, hits: &mut Vec<Hit>) {
        self.each_candidate(text, |at, pair| {
            let first = hits.len();
            self.each_phrase_at(text, at, pair, |phrase, found| {
                let (start, end) = (at as u32, at as u32 + u32::from(found.words));
                let layers = LAYERS.into_iter().filter(|layer| found.layers & (1 << *layer as u8) != 0);
                hits.extend(layers.map(|layer| Hit { start, end, phrase, layer }));
            });
            hits[first..].sort_by_key(|hit| std::cmp::Reverse(hit.end));
        });
    }

    /// Calls `found(start, end, phrase)` for every match, overlapping ones too, by start.
    pub fn find_all(&self, text: &Text, mut found: impl FnMut(usize, usize, u32)) {
        self.each_candidate(text, |at, may| {
            self.each_phrase_at(text, at, may, |number, phrase| found(at, at + usize::from(phrase.words), number));
        });
    }

    /// Calls `look` for each token at which a phrase may start, with what the filters say of it.
    ///
    /// The filters are asked for 64 tokens before any is looked up: their answers become bits, not branches, and few of them
    /// are set. What a filter denies is not looked up: the table is larger than the processor's nearer caches.
    #[inline]
    fn each_candidate(&self, text: &Text, mut look: impl FnMut(usize, May)) {
        let tokens = text.tokens();
        for (chunk, start) in tokens.chunks(64).zip((0..).step_by(64)) {
            let (mut words, mut pairs, mut numbers, mut starts) = (0u64, 0u64, 0u64, 0u64);
            for (place, token) in chunk.iter().enumerate() {
                let pair = tokens.get(start + place + 1).map_or(0, |next| mix(token.hash, next.hash));
                words |= u64::from(self.bloom.may_hold(token.hash)) << place;
                pairs |= u64::from(self.bloom.may_hold(pair)) << place;
            }
            if self.numbers {
                for (place, token) in chunk.iter().enumerate() {
                    let next = tokens.get(start + place + 1);
                    let number = token.shape == Shape::Number || next.is_some_and(|n| n.shape == Shape::Number);
                    numbers |= u64::from(number) << place;
                }
            }
            if !self.prefixes.is_empty() {
                for (place, token) in chunk.iter().enumerate() {
                    let long = token.fold_len() >= MIN_PREFIX;
                    starts |= u64::from(long && self.prefix_bloom.may_hold(text.start_hash(token))) << place;
                }
            }
            let mut candidates = words | pairs | numbers | starts;
            while candidates != 0 {
                let place = candidates.trailing_zeros();
                candidates &= candidates - 1;
                let is = |mask: u64| mask >> place & 1 == 1;
                let may = May { word: is(words), pair: is(pairs), number: is(numbers), start: is(starts) };
                look(start + place as usize, may);
            }
        }
    }

    /// Calls `found` for each phrase that stands at a token; of those of one length, the exact ones before prefixes.
    ///
    /// Hundreds of phrases begin with "how to" or "i have": comparing each with the text was half the time of matching. So
    /// only their lengths stand under two words, and for each length there is one look-up of all its words.
    #[inline]
    fn each_phrase_at(&self, text: &Text, at: usize, may: May, mut found: impl FnMut(u32, &Phrase)) {
        let tokens = text.tokens();
        let mut compare = |list: &[u32]| {
            for &number in list {
                let phrase = &self.phrases[number as usize];
                if self.is_at(text, at, phrase) {
                    found(number, phrase);
                }
            }
        };
        let mut offer = |key: u64| {
            let under = self.keys.get(key);
            let (mut lengths, mut hash, mut words) = (under.lengths >> 3, key, 2);
            while lengths != 0 {
                let Some(token) = tokens.get(at + words) else { break };
                hash = mix(hash, token.hash);
                words += 1;
                if lengths & 1 == 1 {
                    compare(self.keys.get(hash).phrases);
                }
                lengths >>= 1;
            }
            compare(under.phrases);
        };
        let token = &tokens[at];
        let next = tokens.get(at + 1);
        let is_number = |token: &Token| may.number && token.shape == Shape::Number;
        if let Some(next) = next {
            if may.pair {
                offer(mix(token.hash, next.hash));
            }
            if is_number(next) {
                offer(mix(token.hash, NUMBER_HASH));
            }
            if is_number(token) {
                offer(mix(NUMBER_HASH, next.hash));
            }
            if is_number(token) && is_number(next) {
                offer(mix(NUMBER_HASH, NUMBER_HASH));
            }
        }
        if may.word {
            offer(token.hash);
        }
        if is_number(token) {
            offer(NUMBER_HASH);
        }
        if may.start {
            compare(self.prefixes.get(text.start_hash(token)).phrases);
        }
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

/// What the filters say of a token: which look-ups are worth making.
#[derive(Debug, Clone, Copy)]
struct May {
    /// Phrases of this word, or of it and a prefix.
    word: bool,
    /// Phrases that begin with it and the next word.
    pair: bool,
    /// It or the next word is a number.
    number: bool,
    /// Prefixes of its first letters.
    start: bool,
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

fn filter(pairs: &[(u64, Item)]) -> Bloom {
    let mut keys: Vec<u64> = pairs.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    Bloom::of(keys.into_iter())
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
    use super::{Layer, Matcher};
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
        matcher.finish();
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
        let phrases =
            ["cancer", "tropic of cancer", "breast cancer", "cancer screening", "depress*", "my depress*", "# mg"];
        assert_eq!(find(&phrases, "The Tropic of Cancer, not cancer"), ["tropic of cancer", "cancer"]);
        assert_eq!(find(&phrases, "breast cancer screening"), ["breast cancer"]);
        assert_eq!(find(&phrases, "my depression; depressed, depres"), ["my depression", "depressed"]);
        assert_eq!(find(&phrases, "take 20mg or 40 MG, 3mgs"), ["20 mg", "40 mg"]);
        assert_eq!(find(&phrases, "cancerous"), Vec::<String>::new());
    }

    #[test]
    fn layers_do_not_hide_each_other() {
        let mut matcher = Matcher::default();
        let words = |p: &str| phrase::compile(p, "", &BTreeMap::new()).unwrap().remove(0);
        matcher.add(&words("kosher"), Layer::Sensitive);
        matcher.add(&words("kosher caterer"), Layer::Topics);
        matcher.finish();
        let mut hits = Vec::new();
        matcher.find(&Text::of("a kosher caterer"), &mut hits);
        assert_eq!(hits.len(), 2);
    }
}
