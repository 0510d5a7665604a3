//! Finding the phrases of a pack in a text: whole words, in one pass over the tokens.
//!
//! A phrase is keyed by its first word if it has one word, by its first *two* words if it has more: first words alone
//! ("the", "my", "a") would make a third of all tokens candidates. One Bloom filter holds all keys, so that a token that
//! starts nothing costs two probes of the cache and no branch that the processor cannot foresee. What passes is looked up,
//! extended word by word, and confirmed by comparing bytes, so equal hashes never make a match.
//!
//! Phrases live in layers ([`Layer`]). In each layer, matches are greedy, leftmost-longest and do not overlap; the layers do
//! not see one another, so that an ad phrase never hides a sensitive word.

use std::collections::HashMap;

use super::phrase::{MIN_PREFIX, NUMBER_HASH, Word};
use crate::text::{ByHash, Shape, Text, Token, hash_word, mix};

/// Which matches compete for the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Sensitive categories, masks and genres.
    Sensitive = 0,
    /// Ad topics.
    Topics = 1,
    /// Commercial intent.
    Intent = 2,
}

/// Every layer, in the order in which matches at one place are told.
const LAYERS: [Layer; 3] = [Layer::Sensitive, Layer::Topics, Layer::Intent];

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
    words: Box<[Word]>,
    layers: u8,
}

/// The compiled phrases of one pack.
#[derive(Debug, Default)]
pub struct Matcher {
    phrases: Vec<Phrase>,
    by_words: HashMap<Vec<Word>, u32>,
    /// Key → phrases, longest first.
    keys: ByHash<Vec<u32>>,
    /// Hash of the first [`MIN_PREFIX`] letters → one-word prefix phrases, longest prefix first.
    prefixes: ByHash<Vec<u32>>,
    bloom: Bloom,
    prefix_bloom: Bloom,
}

impl Matcher {
    /// Adds a phrase to a layer and says its number; the same words always get the same number.
    pub fn add(&mut self, words: Vec<Word>, layer: Layer) -> u32 {
        let bit = 1 << layer as u8;
        if let Some(&phrase) = self.by_words.get(&words) {
            self.phrases[phrase as usize].layers |= bit;
            return phrase;
        }
        let phrase = self.phrases.len() as u32;
        self.phrases.push(Phrase { words: words.clone().into_boxed_slice(), layers: bit });
        self.by_words.insert(words, phrase);
        phrase
    }

    /// Builds the tables; call once after the last [`Matcher::add`].
    pub fn finish(&mut self) {
        self.by_words = HashMap::new();
        for (number, phrase) in (0u32..).zip(&self.phrases) {
            match &phrase.words[..] {
                [Word::Prefix(start)] => {
                    self.prefixes.entry(hash_word(&start.as_bytes()[..MIN_PREFIX])).or_default().push(number);
                }
                // The second word is a prefix and has no hash of its own: keyed by the first word.
                [one] | [one, Word::Prefix(_)] => self.keys.entry(one.hash()).or_default().push(number),
                [one, two, ..] => self.keys.entry(mix(one.hash(), two.hash())).or_default().push(number),
                [] => {}
            }
        }
        let phrases = &self.phrases;
        // Longest first; of equal length exact words before prefixes, longer prefixes before shorter.
        let rank = |&number: &u32| {
            let words = &phrases[number as usize].words;
            let prefix = match words.last() {
                Some(Word::Prefix(start)) => usize::MAX - start.len(),
                _ => 0,
            };
            (usize::MAX - words.len(), prefix, number)
        };
        self.keys.values_mut().chain(self.prefixes.values_mut()).for_each(|list| list.sort_by_key(rank));
        self.bloom = Bloom::of(self.keys.keys().copied());
        self.prefix_bloom = Bloom::of(self.prefixes.keys().copied());
    }

    /// Number of phrases, all forms counted.
    pub fn len(&self) -> usize {
        self.phrases.len()
    }

    /// Whether there are no phrases.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// Appends the greedy matches of each layer to `hits`, by start; at one start the sensitive layer first.
    pub fn find(&self, text: &Text, hits: &mut Vec<Hit>) {
        let mut free = [0u32; LAYERS.len()];
        self.each_candidate(text, |at, pair| {
            let mut best: [Option<(usize, u32)>; LAYERS.len()] = [None; LAYERS.len()];
            self.each_phrase_at(text, at, pair, |number, phrase| {
                for (layer, slot) in best.iter_mut().enumerate() {
                    if phrase.layers & (1 << layer) != 0 && slot.is_none_or(|(other, _)| phrase.words.len() > other) {
                        *slot = Some((phrase.words.len(), number));
                    }
                }
            });
            for (slot, layer) in best.into_iter().zip(LAYERS) {
                if let Some((length, phrase)) = slot.filter(|_| at as u32 >= free[layer as usize]) {
                    let (start, end) = (at as u32, (at + length) as u32);
                    free[layer as usize] = end;
                    hits.push(Hit { start, end, phrase, layer });
                }
            }
        });
    }

    /// Calls `found(start, end, phrase)` for every match, overlapping ones too, by start.
    pub fn find_all(&self, text: &Text, mut found: impl FnMut(usize, usize, u32)) {
        self.each_candidate(text, |at, pair| {
            self.each_phrase_at(text, at, pair, |number, phrase| found(at, at + phrase.words.len(), number));
        });
    }

    /// Calls `look` for each token at which a phrase may start, with the hash of its first two words.
    fn each_candidate(&self, text: &Text, mut look: impl FnMut(usize, u64)) {
        let tokens = text.tokens();
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1);
            let pair = next.map_or(0, |n| mix(token.hash, n.hash));
            let mut candidate = self.bloom.may_hold(token.hash) | self.bloom.may_hold(pair);
            candidate |= token.fold_len() >= MIN_PREFIX && self.prefix_bloom.may_hold(first_letters(text, token));
            candidate |= token.shape == Shape::Number || next.is_some_and(|n| n.shape == Shape::Number);
            if candidate {
                look(at, pair);
            }
        }
    }

    /// Calls `found` for each phrase that stands at a token; longer ones first within each list of candidates.
    fn each_phrase_at(&self, text: &Text, at: usize, pair: u64, mut found: impl FnMut(u32, &Phrase)) {
        let mut offer = |list: Option<&Vec<u32>>| {
            for &number in list.into_iter().flatten() {
                let phrase = &self.phrases[number as usize];
                if self.is_at(text, at, &phrase.words) {
                    found(number, phrase);
                }
            }
        };
        let tokens = text.tokens();
        let token = &tokens[at];
        let number = token.shape == Shape::Number;
        if let Some(next) = tokens.get(at + 1) {
            offer(self.keys.get(&pair));
            if next.shape == Shape::Number {
                offer(self.keys.get(&mix(token.hash, NUMBER_HASH)));
            }
            if number {
                offer(self.keys.get(&mix(NUMBER_HASH, next.hash)));
            }
            if number && next.shape == Shape::Number {
                offer(self.keys.get(&mix(NUMBER_HASH, NUMBER_HASH)));
            }
        }
        offer(self.keys.get(&token.hash));
        if number {
            offer(self.keys.get(&NUMBER_HASH));
        }
        if token.fold_len() >= MIN_PREFIX {
            offer(self.prefixes.get(&first_letters(text, token)));
        }
    }

    /// Whether the phrase stands at this token, by its bytes.
    fn is_at(&self, text: &Text, at: usize, words: &[Word]) -> bool {
        let tokens = text.tokens();
        tokens.len() >= at + words.len()
            && words.iter().zip(&tokens[at..]).all(|(word, token)| match word {
                Word::Exact(exact) => text.folded(token) == exact,
                Word::Prefix(start) => text.folded(token).starts_with(start.as_str()),
                Word::Number => token.shape == Shape::Number,
            })
    }
}

fn first_letters(text: &Text, token: &Token) -> u64 {
    hash_word(&text.folded(token).as_bytes()[..MIN_PREFIX])
}

/// A blocked Bloom filter: two bits of one 64-bit block a key, about 16 bits of room a key.
#[derive(Debug, Default)]
struct Bloom {
    blocks: Box<[u64]>,
    shift: u32,
}

impl Bloom {
    fn of(keys: impl ExactSizeIterator<Item = u64>) -> Bloom {
        let blocks = (keys.len() / 4 + 1).next_power_of_two();
        // A shift by 64 overflows: two blocks at least.
        let blocks = blocks.max(2);
        let mut bloom = Bloom { blocks: vec![0; blocks].into_boxed_slice(), shift: 64 - blocks.trailing_zeros() };
        for key in keys {
            let (block, bits) = bloom.place(key);
            bloom.blocks[block] |= bits;
        }
        bloom
    }

    fn place(&self, key: u64) -> (usize, u64) {
        ((key >> self.shift) as usize, 1 << (key & 63) | 1 << (key >> 6 & 63))
    }

    fn may_hold(&self, key: u64) -> bool {
        let (block, bits) = self.place(key);
        self.blocks.get(block).is_some_and(|b| b & bits == bits)
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
                matcher.add(words, Layer::Sensitive);
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
        matcher.add(words("kosher"), Layer::Sensitive);
        matcher.add(words("kosher caterer"), Layer::Topics);
        matcher.finish();
        let mut hits = Vec::new();
        matcher.find(&Text::of("a kosher caterer"), &mut hits);
        assert_eq!(hits.len(), 2);
    }
}
