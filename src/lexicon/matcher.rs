//! Finding the phrases of a pack in a text: whole words, in one pass over the tokens.
//!
//! ```text
//! tokens ─ filter ─► few places ─ table ─► candidates ─ letters ─► hits, of the layers asked for
//!                                    │          └─────── letters ─► cues
//!                                    └────► screen: can any layer come to something?
//! ```
//!
//! A phrase is keyed by its first word if it has one word, by its first *two* words if it has more: first words alone
//! ("the", "my", "a") would make a third of all tokens candidates. One Bloom filter holds all keys, so that a token that
//! starts nothing costs two probes of the cache and no branch that the processor cannot foresee. What passes is looked up
//! and extended word by word; its hash makes it a [`Candidate`]. Only [`Matcher::confirm`] and [`Matcher::cues`] compare
//! letters, so equal hashes never make a hit, and the candidates of messages that come to nothing are never compared at all.
//!
//! Phrases live in layers ([`Layer`]). In each layer, matches are greedy, leftmost-longest and do not overlap; the layers do
//! not see one another, so that an ad phrase never hides a sensitive word. Cues are phrases of the same table, so that no
//! second pass looks for them; they may overlap.

use super::image::{Reader, Writer};
pub use super::layer::{ALL_LAYERS, LAYERS, Layer};
use super::layer::{CONDITIONAL, CUE, RESPELLED, layers_of};
use super::phrase::{MAX_WORDS, NUMBER_HASH};
use super::phrases::{Phrases, THREE, hashes, of_long_start, start_hash};
use super::screen::{Bounds, HALF, Limits, Screen};
use super::table::{Bloom, NO_PHRASE, Slot, Starts, Table};
use super::words::Opinion;
use crate::text::{Shape, Text, Token, mix};

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
    bounds: Bounds,
    /// The bits of its layers, and what else it is used for.
    uses: u8,
}

impl Candidate {
    /// Whether it is in one of these layers, and what it counts for depends on cues.
    pub fn is_conditional(&self, layers: u8) -> bool {
        self.uses & CONDITIONAL != 0 && self.uses & layers != 0
    }
}

/// Tokens that are looked through at once: half a passage, so that the screen can tell passages apart.
const CHUNK: usize = HALF;

/// The compiled phrases of one pack.
#[derive(Debug, Default)]
pub struct Matcher {
    phrases: Phrases,
    table: Table,
    bloom: Bloom,
    /// How the one-word phrases that end in a prefix begin.
    starts: Starts,
    /// Phrases that are in some layer; the others are cues only, and come behind them.
    in_layers: usize,
    /// One of them begins with three letters only: words are looked up by four, and by three where need be.
    short: bool,
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
    /// Adds a phrase, as [`super::phrase::compile`] spells it, to a layer and says its number; the same spelling always gets
    /// the same number.
    pub fn add(&mut self, spelled: &str, layer: Layer) -> u32 {
        let number = self.phrases.add(spelled, 1 << layer as u8);
        self.in_layers = self.in_layers.max(number as usize + 1);
        number
    }

    /// Adds a cue, behind the last phrase of a layer.
    pub fn add_cue(&mut self, spelled: &str) -> u32 {
        self.phrases.add(spelled, CUE)
    }

    /// Adds a misspelt word, behind the last phrase of a layer.
    pub fn add_respelling(&mut self, spelled: &str) -> u32 {
        self.phrases.add(spelled, RESPELLED)
    }

    /// Notes that what a phrase counts for depends on cues.
    pub fn set_conditional(&mut self, phrase: u32) {
        self.phrases.set(phrase, CONDITIONAL);
    }

    /// Builds the tables; call once after the last phrase. `bounds` says how much a phrase of a layer can add to what.
    pub fn finish(&mut self, bounds: impl Fn(u32) -> Bounds) {
        self.phrases.finish();
        // A phrase of three and more words has a second key, for its length.
        let longer = self.phrases.iter().filter(|(phrase, _)| phrase.words > 2).count();
        let room = self.phrases.len() + longer;
        let (mut table, mut keys) = (Table::with_room(room), Vec::with_capacity(room));
        for (number, (phrase, spelled)) in (0u32..).zip(self.phrases.iter()) {
            let bounds = if (number as usize) < self.in_layers { bounds(number) } else { Bounds::NOTHING };
            let slot = Slot::of(number, phrase.uses, bounds);
            self.numbers |= spelled.contains('#');
            let start = spelled.strip_suffix('*');
            if let Some(start) = start.filter(|_| phrase.words == 1) {
                let key = of_long_start(start);
                self.short |= start.len() < 4;
                self.starts.add(key);
                table.add_phrase(key, slot);
                continue;
            }
            self.ends |= start.is_some();
            let mut hashes = hashes(spelled);
            let Some(first) = hashes.next() else { continue };
            let key = hashes.next().map_or(first, |second| mix(first, second));
            let whole = hashes.fold(key, mix);
            table.add_phrase(whole, slot);
            keys.push(whole);
            if phrase.words > 2 {
                table.add_length(key, usize::from(phrase.words));
                keys.push(key);
            }
        }
        self.bloom = Bloom::of(keys.into_iter());
        self.table = table;
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.number(self.in_layers as u32);
        image.number(u32::from(self.short) | u32::from(self.numbers) << 1 | u32::from(self.ends) << 2);
        self.phrases.write(image);
        self.table.write(image);
        self.bloom.write(image);
        self.starts.write(image);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Matcher> {
        let (in_layers, signs) = (image.number()? as usize, image.number()?);
        Some(Matcher {
            phrases: Phrases::read(image)?,
            table: Table::read(image)?,
            bloom: Bloom::read(image)?,
            starts: Starts::read(image)?,
            in_layers,
            short: signs & 1 != 0,
            numbers: signs & 2 != 0,
            ends: signs & 4 != 0,
        })
    }

    /// Number of phrases in layers, all forms counted.
    pub fn len(&self) -> usize {
        self.in_layers
    }

    /// Whether there are no phrases in layers.
    pub fn is_empty(&self) -> bool {
        self.in_layers == 0
    }

    /// The words of a phrase, folded, with single spaces; none where it has a wildcard.
    pub fn spelled(&self, phrase: u32) -> Option<String> {
        let spelled = self.phrases.spelled(phrase);
        self.is_exact(phrase).then(|| String::from_utf8_lossy(spelled).into_owned())
    }

    /// Appends every candidate to `candidates`, by start, and says which layers may come to something, one bit each.
    pub fn screen(
        &self,
        text: &Text,
        (limits, opinion): (&Limits, &Opinion),
        screen: &mut Screen,
        candidates: &mut Vec<Candidate>,
    ) -> u8 {
        screen.begin(limits, opinion);
        let mut from = 0;
        while from < text.tokens().len() {
            let known = candidates.len();
            self.look_through(text, from, candidates);
            candidates[known..].iter().for_each(|candidate| screen.add(candidate.bounds));
            screen.end_half(limits);
            from += CHUNK;
        }
        screen.finish(limits)
    }

    /// Every candidate of a text, by start, in place of what `candidates` held.
    pub fn candidates(&self, text: &Text, candidates: &mut Vec<Candidate>) {
        candidates.clear();
        for from in (0..text.tokens().len()).step_by(CHUNK) {
            self.look_through(text, from, candidates);
        }
    }

    /// Appends the hits among the candidates in the layers whose bits are set, overlapping ones too: by start, longer ones
    /// first. Which of them hold the words is for those to say who know their conditions.
    pub fn confirm(&self, text: &Text, candidates: &[Candidate], layers: u8, hits: &mut Vec<Hit>) {
        let (mut first, mut start) = (hits.len(), 0);
        for candidate in candidates.iter().filter(|candidate| candidate.uses & layers != 0) {
            let Some(end) = self.phrases.end(text, candidate) else { continue };
            if candidate.start != start {
                (first, start) = (hits.len(), candidate.start);
            }
            // Few phrases begin at one word: sorting them in is quicker than sorting them.
            let place = first + hits[first..].iter().take_while(|hit| hit.end >= end).count();
            for (further, layer) in layers_of(candidate.uses & layers).enumerate() {
                hits.insert(place + further, Hit { start, end, phrase: candidate.phrase, layer });
            }
        }
    }

    /// Calls `found(start, end, phrase)` for every cue among the candidates, by start.
    pub fn cues(&self, text: &Text, candidates: &[Candidate], mut found: impl FnMut(u32, u32, u32)) {
        for candidate in candidates.iter().filter(|candidate| candidate.uses & CUE != 0) {
            if let Some(end) = self.phrases.end(text, candidate) {
                found(candidate.start, end, candidate.phrase);
            }
        }
    }

    /// Calls `found(token, phrase)` for every misspelt word among the candidates.
    pub(super) fn respelled(&self, text: &Text, candidates: &[Candidate], mut found: impl FnMut(u32, u32)) {
        for candidate in candidates.iter().filter(|candidate| candidate.uses & RESPELLED != 0) {
            if self.phrases.end(text, candidate).is_some() {
                found(candidate.start, candidate.phrase);
            }
        }
    }

    /// Appends the greedy matches of each layer to `hits`, by start; at one start the sensitive layer first. What
    /// `candidates` held is lost.
    pub fn find(&self, text: &Text, candidates: &mut Vec<Candidate>, hits: &mut Vec<Hit>) {
        self.candidates(text, candidates);
        let mut free = [0u32; LAYERS.len()];
        for here in candidates.chunk_by(|one, other| one.start == other.start) {
            let mut best: [Option<Hit>; LAYERS.len()] = [None; LAYERS.len()];
            for candidate in here.iter().filter(|candidate| candidate.uses & ALL_LAYERS != 0) {
                let Some(end) = self.phrases.end(text, candidate) else { continue };
                let (start, phrase) = (candidate.start, candidate.phrase);
                for layer in layers_of(candidate.uses) {
                    // Of one length, the exact phrase before the one with a wildcard.
                    let better = |known: &Hit| (end, self.is_exact(phrase)) > (known.end, self.is_exact(known.phrase));
                    let slot = &mut best[layer as usize];
                    if start >= free[layer as usize] && slot.as_ref().is_none_or(better) {
                        *slot = Some(Hit { start, end, phrase, layer });
                    }
                }
            }
            for hit in best.into_iter().flatten() {
                free[hit.layer as usize] = hit.end;
                hits.push(hit);
            }
        }
    }

    fn is_exact(&self, phrase: u32) -> bool {
        !self.phrases.spelled(phrase).iter().any(|byte| matches!(byte, b'#' | b'*'))
    }

    /// Appends the candidates in the chunk of tokens that begins at `from`, by start.
    ///
    /// The filter is asked for a whole chunk before anything is looked up: its answers become bits, not branches, and few of
    /// them are set. What it denies is not looked up: the table is larger than the processor's nearer caches.
    fn look_through(&self, text: &Text, from: usize, candidates: &mut Vec<Candidate>) {
        let tokens = text.tokens();
        let chunk = &tokens[from..tokens.len().min(from + CHUNK)];
        let (mut words, mut pairs, mut starts, mut numbers) = (0u64, 0u64, 0u64, 0u64);
        let (bloom, ends, short) = (self.bloom.view(), self.ends, self.short);
        let behind = tokens.get(from + CHUNK);
        let mut next = behind.map_or((0, 0), |token| (token.hash, start_hash(token.letters & THREE)));
        // Backwards, so that what follows a word is known already.
        for (place, token) in chunk.iter().enumerate().rev() {
            let start = start_hash(token.letters & THREE);
            words |= u64::from(bloom.may_hold(token.hash)) << place;
            pairs |= u64::from(bloom.may_hold(mix(token.hash, next.0))) << place;
            if ends {
                pairs |= u64::from(bloom.may_hold(mix(token.hash, next.1))) << place;
            }
            let begins = self.starts.may_hold(start_hash(token.letters)) | (short & self.starts.may_hold(start));
            starts |= u64::from(begins) << place;
            numbers |= u64::from(token.shape == Shape::Number) << place;
            next = (token.hash, start);
        }
        if self.numbers {
            // A number may stand second: its forerunner is looked at, too.
            let behind = behind.is_some_and(|token| token.shape == Shape::Number);
            numbers |= numbers >> 1 | u64::from(behind) << (CHUNK - 1);
        } else {
            numbers = 0;
        }
        let mut places = words | pairs | numbers | starts;
        self.fetch(tokens, from, words, pairs);
        while places != 0 {
            let place = places.trailing_zeros();
            places &= places - 1;
            let at = from + place as usize;
            let is = |mask: u64| mask >> place & 1 == 1;
            if is(words) {
                self.look(tokens[at].hash, at, candidates);
            }
            if is(pairs) {
                self.look_up(text, at, Numbers::Written, candidates);
            }
            // Phrases are at most eight words long; of what stands behind the chunk nothing is known here.
            let ahead = numbers >> place & 0xff != 0 || place as usize + MAX_WORDS > CHUNK;
            if self.numbers && (is(numbers) || (is(pairs) && ahead)) {
                self.look_up_numbers(text, at, candidates);
            }
            if is(starts) {
                self.look(start_hash(tokens[at].letters), at, candidates);
                if self.short && tokens[at].letters > THREE {
                    self.look(start_hash(tokens[at].letters & THREE), at, candidates);
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

    /// [`Matcher::look`] where the filter was not asked yet: what it denies costs no miss of the cache.
    #[inline(always)]
    fn ask(&self, key: u64, at: usize, candidates: &mut Vec<Candidate>) -> u8 {
        if self.bloom.may_hold(key) { self.look(key, at, candidates) } else { 0 }
    }

    /// Appends the phrases of a key and says the lengths of the phrases that begin with it.
    #[inline(always)]
    fn look(&self, key: u64, at: usize, candidates: &mut Vec<Candidate>) -> u8 {
        let mut lengths = 0;
        for slot in self.table.get(key) {
            lengths |= slot.lengths();
            if slot.phrase != NO_PHRASE {
                candidates.push(Candidate::of(at, &slot));
            }
        }
        lengths
    }

    /// The phrases of two and more words. Hundreds begin with "how to" or "i have": only their lengths stand under two words,
    /// and for each length there is one look-up of all its words.
    fn look_up(&self, text: &Text, at: usize, numbers: Numbers, candidates: &mut Vec<Candidate>) {
        let tokens = text.tokens();
        let (Some(first), Some(second)) = (tokens.get(at), tokens.get(at + 1)) else { return };
        let number = |token: &Token| token.shape == Shape::Number;
        // A second reading is for numbers: without one among the words it would find the same again.
        let mut due = numbers == Numbers::Written || number(first) || number(second);
        let begun = numbers.hash(first);
        let mut hash = mix(begun, numbers.hash(second));
        let mut lengths = if due {
            self.ask(hash, at, candidates)
        } else {
            self.table.get(hash).fold(0, |all, slot| all | slot.lengths())
        };
        if self.ends && due {
            self.ask(mix(begun, start_hash(second.letters & THREE)), at, candidates);
        }
        for token in &tokens[at + 2..] {
            if lengths == 0 {
                break;
            }
            let before = hash;
            hash = mix(hash, numbers.hash(token));
            due |= number(token);
            if lengths & 1 == 1 && due {
                self.ask(hash, at, candidates);
                if self.ends {
                    self.ask(mix(before, start_hash(token.letters & THREE)), at, candidates);
                }
            }
            lengths >>= 1;
        }
    }

    /// The phrases with a wildcard for a number, where there is one.
    #[cold]
    fn look_up_numbers(&self, text: &Text, at: usize, candidates: &mut Vec<Candidate>) {
        if text.tokens()[at].shape == Shape::Number {
            self.look(NUMBER_HASH, at, candidates);
        }
        self.look_up(text, at, Numbers::Any, candidates);
    }
}

impl Candidate {
    #[inline(always)]
    fn of(at: usize, slot: &Slot) -> Candidate {
        Candidate { start: at as u32, phrase: slot.phrase, bounds: slot.bounds, uses: slot.uses }
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
        matcher.find(&text, &mut Vec::new(), &mut hits);
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
        matcher.find(&Text::of("a kosher caterer"), &mut Vec::new(), &mut hits);
        assert_eq!(hits.len(), 2);
    }
}
