//! What each word says by itself: a second opinion beside phrases, conditions and masks.
//!
//! Phrases are written by people, who think of what is typical; words are weighed by counting (`tests/rows/words.py`), which
//! knows nothing of senses and misses nothing that is frequent. The two err for different reasons, so their log-odds are
//! added. A text's words share its opinion: the more of them there are, and the rarer they are, the less each one counts.
//!
//! ```text
//! start + Σ what a word adds · ORDINARY / max(√(Σ rarity²), SHORTEST)
//! ```
//!
//! Each word, and each beginning of four letters (`chem*`), has a slot of one line of the cache, with a byte for every
//! target; where a word has its own, its beginning's is added in already, so that a word costs one look-up and one addition of 52
//! bytes. The opinion on a category is that of the passage
//! with the highest one, as with phrases; on topics and intents that of the whole text.

use std::borrow::Cow;

use super::image::{Flat, Reader, Writer};
use super::matcher::Layer;
use super::pack::{Entry, Target, WORD};
use super::parse::Case;
use super::phrases::{THREE, start_hash};
use super::screen::{CHANNELS, HALF};
use crate::finding::CategoryId;
use crate::text::{Shape, Text, Token};

mod collect;

pub(super) use collect::Collector;

/// Targets that a pack's words may speak for.
const LANES: usize = 52;

/// Bytes of a slot: four of the hash, four and two of where the row stands, two of what it adds to a text's length, then the
/// lanes.
const SLOT: usize = 64;

/// Where the lanes of a slot begin.
const HEAD: usize = SLOT - LANES;

/// What words add is kept in bytes: so many steps a unit of log-odds …
const STEPS: f32 = 20.0;

/// … and the rarity in hundredths.
const RARITY: f32 = 100.0;

/// √(Σ rarity²) of a text of ordinary length, for which the numbers are written; tests/rows/words.py has the same.
const ORDINARY: f32 = 2.6;

/// A text of fewer known words than come to this is taken for as long: one word (“why?”) is no opinion.
const SHORTEST: f32 = 1.5;

/// What words say of one text, in log-odds by channel of the [screen](super::screen).
#[derive(Debug, Clone)]
pub struct Opinion {
    by_channel: [f32; CHANNELS],
    /// The channels on which there is one.
    known: u64,
}

impl Default for Opinion {
    fn default() -> Self {
        Opinion { by_channel: [0.0; CHANNELS], known: 0 }
    }
}

impl Opinion {
    /// On one channel; zero where the words speak of no such thing.
    #[inline(always)]
    pub fn of(&self, channel: u8) -> f32 {
        self.by_channel[usize::from(channel) % CHANNELS]
    }

    /// On every channel.
    #[inline(always)]
    pub(super) fn channels(&self) -> &[f32; CHANNELS] {
        &self.by_channel
    }

    /// Whether there is one on a channel.
    pub fn has(&self, channel: u8) -> bool {
        self.known >> (usize::from(channel) % CHANNELS) & 1 == 1
    }
}

/// The words of a pack.
#[derive(Debug, Default)]
pub struct Words {
    slots: Flat<SLOT>,
    /// Places that a hash can fall on; a few slots more stand behind them.
    room: u32,
    /// By lane: its channel.
    channels: Flat<4>,
    /// By lane: what every text starts from, as the bits of a float.
    starts: Flat<4>,
}

/// A word that speaks for a verdict.
#[derive(Debug, Clone, Copy)]
pub struct Reason {
    /// Its place in the text.
    pub token: usize,
    /// What it adds there, in log-odds.
    pub weight: f32,
    file: u16,
    at: u32,
}

impl Reason {
    /// The reason as an entry of the lexicon.
    pub fn entry(&self, category: CategoryId) -> Entry {
        Entry {
            target: Target::Category(category),
            layer: Layer::Sensitive,
            weight: self.weight,
            case: Case::Any,
            needs: None,
            unless: None,
            file: self.file,
            at: self.at,
            line: WORD,
        }
    }
}

/// Sums over the words of half a passage.
#[derive(Clone, Copy)]
struct Sums {
    lanes: [i16; LANES],
    length: u32,
}

impl Default for Sums {
    fn default() -> Self {
        Sums { lanes: [0; LANES], length: 0 }
    }
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, slot: &[u8; SLOT]) {
        for (sum, byte) in self.lanes.iter_mut().zip(&slot[HEAD..]) {
            *sum += i16::from(*byte as i8);
        }
        self.length += u32::from(length(slot));
    }

    fn and(&self, other: &Sums) -> Sums {
        let mut both = *self;
        both.lanes.iter_mut().zip(&other.lanes).for_each(|(sum, more)| *sum += more);
        both.length += other.length;
        both
    }
}

/// What a slot adds to the length of a text: half the square of its rarity; none is zero where the slot is taken.
#[inline(always)]
fn length(slot: &[u8; SLOT]) -> u16 {
    u16::from_le_bytes([slot[10], slot[11]])
}

/// What turns a sum of steps into log-odds, in a text of which the squares of rarities add up to twice `length`.
fn scale(length: u32) -> f32 {
    ORDINARY * RARITY / STEPS / (2.0 * length as f32).sqrt().max(SHORTEST * RARITY)
}

/// Of a language that only parts of a text are in, the few words known would speak far too loudly.
static NONE: Words =
    Words { room: 0, slots: Cow::Borrowed(&[]), channels: Cow::Borrowed(&[]), starts: Cow::Borrowed(&[]) };

impl Words {
    /// The words of a language that a text is not mainly written in: none.
    pub fn none() -> &'static Words {
        &NONE
    }

    /// Whether there are none: then there is no opinion on anything.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.number(self.room);
        image.list(&self.slots);
        image.list(&self.channels);
        image.list(&self.starts);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Words> {
        let words =
            Words { room: image.number()?, slots: image.list()?, channels: image.list()?, starts: image.list()? };
        (words.channels.len() <= LANES && words.starts.len() == words.channels.len()).then_some(words)
    }

    /// Where the search for a hash begins.
    #[inline(always)]
    fn place(&self, hash: u64) -> usize {
        (((hash >> 32) * u64::from(self.room)) >> 32) as usize
    }

    /// The slot of a hash.
    #[inline(always)]
    fn slot(&self, hash: u64) -> Option<&[u8; SLOT]> {
        let mut place = self.place(hash);
        loop {
            let slot = self.slots.get(place)?;
            let tag = u32::from_le_bytes([slot[0], slot[1], slot[2], slot[3]]);
            if tag == hash as u32 {
                return Some(slot);
            }
            // A free slot ends the search; the last one is free.
            if length(slot) == 0 {
                return None;
            }
            place += 1;
        }
    }

    /// The slot of a word, or else that of how it begins: where a word has its own, its beginning's is added in already.
    #[inline(always)]
    fn slot_of(&self, token: &Token) -> Option<&[u8; SLOT]> {
        if token.shape == Shape::Number {
            return None;
        }
        let begins = || if token.letters > THREE { self.slot(start_hash(token.letters)) } else { None };
        self.slot(token.hash).or_else(begins)
    }

    /// What the words of a text say.
    pub fn judge(&self, text: &Text, opinion: &mut Opinion) {
        opinion.known = 0;
        opinion.by_channel.fill(0.0);
        if self.is_empty() {
            return;
        }
        let (first, behind) = text.tokens().split_at(text.tokens().len().min(HALF));
        let first = self.add_up(first);
        if behind.is_empty() {
            // Nearly every message is one passage: then passage and whole are the same.
            let unit = scale(first.length);
            return self.tell(opinion, |lane, _| f32::from(first.lanes[lane]) * unit);
        }
        let mut best = [f32::MIN; LANES];
        let (mut whole, mut whole_length) = ([0i32; LANES], 0u32);
        let (mut before, mut now, mut rest) = (Sums::default(), first, behind);
        loop {
            let passage = now.and(&before);
            let unit = scale(passage.length);
            for (best, sum) in best.iter_mut().zip(&passage.lanes) {
                *best = best.max(f32::from(*sum) * unit);
            }
            whole.iter_mut().zip(&now.lanes).for_each(|(sum, more)| *sum += i32::from(*more));
            whole_length = whole_length.saturating_add(now.length);
            if rest.is_empty() {
                break;
            }
            let (half, behind) = rest.split_at(rest.len().min(HALF));
            (before, now, rest) = (now, self.add_up(half), behind);
        }
        let unit = scale(whole_length);
        self.tell(opinion, |lane, of_passage| if of_passage { best[lane] } else { whole[lane] as f32 * unit });
    }

    /// The sums over at most half a passage.
    #[inline(always)]
    fn add_up(&self, half: &[Token]) -> Sums {
        // All slots are asked for before one is looked at: the table does not fit into the nearer caches, and a processor that
        // must guess whether a slot is the right one waits for each of them in turn.
        let touched =
            half.iter().fold(0, |all, token| all ^ self.slots.get(self.place(token.hash)).map_or(0, |slot| slot[0]));
        std::hint::black_box(touched);
        let mut sums = Sums::default();
        half.iter().filter_map(|token| self.slot_of(token)).for_each(|slot| sums.add(slot));
        sums
    }

    /// Writes down what is `said` by each lane, which is asked whether its passages count or the whole text.
    #[inline(always)]
    fn tell(&self, opinion: &mut Opinion, said: impl Fn(usize, bool) -> f32) {
        for (lane, (channel, start)) in self.channels.iter().zip(self.starts.iter()).enumerate() {
            let (channel, of_passage) = (usize::from(channel[0]) % CHANNELS, channel[1] != 0);
            opinion.by_channel[channel] = f32::from_le_bytes(*start) + said(lane % LANES, of_passage);
            opinion.known |= 1 << channel;
        }
    }

    /// The words of a passage that speak most for a channel, the strongest first.
    pub fn reasons(&self, text: &Text, passage: std::ops::Range<usize>, channel: u8, most: usize) -> Vec<Reason> {
        let Some(lane) = self.channels.iter().position(|known| known[0] == channel) else { return Vec::new() };
        let tokens = text.tokens();
        let passage = passage.start..passage.end.min(tokens.len());
        let slots = || passage.clone().filter_map(|place| Some((place, self.slot_of(&tokens[place])?)));
        let unit = scale(slots().map(|(_, slot)| u32::from(length(slot))).sum());
        let reason = |(token, slot): (usize, &[u8; SLOT])| Reason {
            token,
            weight: f32::from(slot[HEAD + lane] as i8) * unit,
            file: u16::from_le_bytes([slot[8], slot[9]]),
            at: u32::from_le_bytes([slot[4], slot[5], slot[6], slot[7]]),
        };
        let mut found: Vec<Reason> = slots().map(reason).collect();
        found.retain(|reason| reason.weight > 0.0);
        found.sort_by(|one, other| other.weight.total_cmp(&one.weight).then(one.token.cmp(&other.token)));
        found.truncate(most);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Opinion, Words};
    use crate::lexicon::channels::Channels;
    use crate::lexicon::pack::Pack;
    use crate::lexicon::parse::Problem;
    use crate::lexicon::source::PackText;
    use crate::taxonomy::Taxonomy;
    use crate::text::Text;

    const HEAD: &str = "phrase\tweight\tsense\n";

    fn taxonomy() -> Taxonomy {
        let file =
            |name: &str| std::fs::read_to_string(format!("{}/lexicons/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        Taxonomy::parse(&file("taxonomy.toml"), &file("topics.tsv"), &file("proxies.tsv")).unwrap()
    }

    fn pack(taxonomy: &Taxonomy, rows: &str) -> (Pack, Vec<Problem>) {
        let text = PackText { path: "xx/words.tsv".into(), text: format!("{HEAD}{rows}").into() };
        let mut problems = Vec::new();
        (Pack::compile([text].into(), taxonomy, &mut problems), problems)
    }

    /// What is said of health and of pets.
    fn said(words: &Words, taxonomy: &Taxonomy, text: &str) -> (f32, f32) {
        let (channels, mut opinion) = (Channels::of(taxonomy), Opinion::default());
        words.judge(&Text::of(text), &mut opinion);
        let health = channels.category(taxonomy.find_category("health").unwrap());
        (opinion.of(health), opinion.of(channels.topic(taxonomy.find_topic("Pets").unwrap())))
    }

    const ROWS: &str = "*\t0\thealth -3; Pets -2\nchem*\t0.6\thealth 1\nchemo\t0.8\thealth 2; Pets -0.5\ncat\t1\tPets 3; health -0.1\n";

    #[test]
    fn words_share_the_opinion_of_a_text() {
        let taxonomy = taxonomy();
        let (pack, problems) = pack(&taxonomy, ROWS);
        assert!(problems.is_empty(), "{problems:?}");
        let close = |(health, pets): (f32, f32), wanted: (f32, f32)| {
            assert!((health - wanted.0).abs() < 0.06 && (pets - wanted.1).abs() < 0.06, "{health} {pets} {wanted:?}");
        };
        close(said(&pack.words, &taxonomy, "nothing known, 20 30"), (-3.0, -2.0));
        let short = 2.6 / 1.5;
        close(said(&pack.words, &taxonomy, "CHEMO!"), (-3.0 + 3.0 * short, -2.0 - 0.5 * short));
        close(said(&pack.words, &taxonomy, "chemist"), (-3.0 + short, -2.0));
        // √(.8² + .6²) = 1 for a word that is known and how it begins, and 1 for the other.
        close(said(&pack.words, &taxonomy, "the chemo cat"), (-3.0 + 2.9 * short, -2.0 + 2.5 * short));
        let unit = 2.6 / 3f32.sqrt();
        close(said(&pack.words, &taxonomy, "chemo, cat and cat"), (-3.0 + 2.8 * unit, -2.0 + 5.5 * unit));
        close(said(Words::none(), &taxonomy, "chemo cat"), (0.0, 0.0));
    }

    #[test]
    fn a_category_is_told_by_its_best_passage_and_a_topic_by_the_whole_text() {
        let taxonomy = taxonomy();
        let (pack, _) = pack(&taxonomy, ROWS);
        let long = format!("chemo {} {}", "word ".repeat(200), "cat ".repeat(200));
        let (health, pets) = said(&pack.words, &taxonomy, &long);
        assert!((health - (-3.0 + 3.0 * 2.6 / 1.5)).abs() < 0.06, "{health}: as if it stood alone");
        assert!(pets > 20.0, "{pets}");
    }

    #[test]
    fn an_image_comes_back_and_mistakes_are_told() {
        let taxonomy = taxonomy();
        let (compiled, _) = pack(&taxonomy, ROWS);
        let read = Pack::read(compiled.texts.clone(), compiled.image().leak()).unwrap();
        assert_eq!(said(&read.words, &taxonomy, "chemo cat"), said(&compiled.words, &taxonomy, "chemo cat"));
        for (row, message) in [
            ("cat\t1\tPets\n", "not a target and a number"),
            ("cat\t1\tNowhere 1\n", "no category"),
            ("cat\t1\tPets 7\n", "outside"),
            ("*\t0\tPets inf\n", "does not end in a number"),
            ("cat\t0\tPets 1\n", "rarity"),
            ("ca*\t1\tPets 1\n", ""),
            ("two words\t1\tPets 1\n", "not one word"),
        ] {
            let (_, problems) = pack(&taxonomy, row);
            assert!(problems.len() == 1 && problems[0].message.contains(message), "{row} {problems:?}");
        }
    }
}
