//! One language's lexicon, compiled: phrases, entries, conditions, and the grammar words that tell whom a message is about.
//!
//! Compiling (`compile`) and using are two things: the packs that are part of the program are compiled when it is
//! built and used where they lie in it ([`super::image`]).

use std::sync::{Arc, OnceLock};

use super::condition::Conditions;
use super::cue::Cues;
pub use super::grammar::{Grammar, Wording};
use super::image::{Flat, Reader, Writer, number};
use super::matcher::{LAYERS, Layer, Matcher};
use super::parse::{self, Case, Row};
use super::source::{PackHeader, PackSource, PackText};
use super::spelling::Spelling;
use super::words::Words;
use crate::finding::{CategoryId, Intent, RuleId, TopicId};

/// What an entry speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A sensitive category.
    Category(CategoryId),
    /// Every category: the marks of a genre.
    Genre,
    /// Nothing: it only silences the words in it.
    Mask,
    /// An ad topic.
    Topic(TopicId),
    /// A commercial intent.
    Intent(Intent),
    /// A rule of `proxies.tsv`.
    Proxy(RuleId),
}

/// An entry, compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// What it speaks for.
    pub target: Target,
    /// Which matches its phrases compete with.
    pub layer: Layer,
    /// Log-odds.
    pub weight: f32,
    /// Capitals that the match must have.
    pub case: Case,
    /// Number of a condition that must hold.
    pub needs: Option<u32>,
    /// Number of a condition that must not hold.
    pub unless: Option<u32>,
    /// Where it was written: the place of the file among the pack's texts …
    pub file: u16,
    /// … and the row's first byte in it.
    pub at: u32,
    /// Number of the row in the whole pack: every form of it counts once a passage.
    pub line: u32,
}

/// Stands for the line of a word that speaks by itself ([`super::words`]): it is counted with the others, not by its line.
pub(super) const WORD: u32 = u32::MAX;

/// Bytes of an entry in an image.
pub(super) const ENTRY: usize = 28;

/// Stands for no condition.
const NONE: u32 = u32::MAX;

impl Entry {
    /// Whether it is a word that speaks by itself, not a phrase of the lexicon.
    pub fn is_word(&self) -> bool {
        self.line == WORD
    }

    pub(super) fn write(&self) -> [u8; ENTRY] {
        let (kind, id) = match self.target {
            Target::Category(id) => (0, u16::from(id.0)),
            Target::Genre => (1, 0),
            Target::Mask => (2, 0),
            Target::Topic(id) => (3, id.0),
            Target::Intent(intent) => (4, intent as u16),
            Target::Proxy(id) => (5, id.0),
        };
        let mut bytes = [0; ENTRY];
        bytes[0] = kind;
        bytes[1] = self.layer as u8;
        bytes[2] = self.case as u8;
        bytes[4..6].copy_from_slice(&id.to_le_bytes());
        bytes[6..8].copy_from_slice(&self.file.to_le_bytes());
        let numbers =
            [self.weight.to_bits(), self.needs.unwrap_or(NONE), self.unless.unwrap_or(NONE), self.at, self.line];
        bytes[8..].copy_from_slice(numbers.map(u32::to_le_bytes).as_flattened());
        bytes
    }

    #[inline(always)]
    fn read(bytes: &[u8; ENTRY]) -> Entry {
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let (id, condition) = (short(4), |at: usize| Some(long(at)).filter(|place| *place != NONE));
        Entry {
            target: match bytes[0] {
                0 => Target::Category(CategoryId(id as u8)),
                1 => Target::Genre,
                3 => Target::Topic(TopicId(id)),
                4 => Target::Intent(intent(id)),
                5 => Target::Proxy(RuleId(id)),
                _ => Target::Mask,
            },
            layer: LAYERS[usize::from(bytes[1]) % LAYERS.len()],
            weight: f32::from_bits(long(8)),
            case: match bytes[2] {
                0 => Case::Any,
                1 => Case::Title,
                _ => Case::Upper,
            },
            needs: condition(12),
            unless: condition(16),
            file: short(6),
            at: long(20),
            line: long(24),
        }
    }
}

fn intent(number: u16) -> Intent {
    let all = [Intent::Purchase, Intent::Interest, Intent::None];
    all.into_iter().find(|intent| *intent as u16 == number).unwrap_or(Intent::None)
}

/// A compiled pack.
#[derive(Debug)]
pub struct Pack {
    /// Its files.
    pub(super) texts: Arc<[PackText]>,
    /// `pack.toml`, read when it is asked for.
    pub(super) header: OnceLock<PackHeader>,
    /// As written, read when it is asked for.
    pub(super) source: OnceLock<PackSource>,
    /// Phrase finder.
    pub matcher: Matcher,
    /// Entries, by phrase number.
    pub(super) entries: Flat<ENTRY>,
    /// By phrase number: where its entries begin.
    pub(super) first: Flat<4>,
    /// Conditions of entries.
    pub conditions: Conditions,
    /// Cue sets that the conditions use.
    pub cues: Cues,
    /// Misspelt words.
    pub spelling: Spelling,
    /// What each word says by itself.
    pub words: Words,
    /// Whom it is about.
    pub grammar: Grammar,
    /// The same, told by a word's ending or place; read when it is asked for.
    pub(super) wording: OnceLock<Wording>,
    /// Rows in all files.
    pub lines: u32,
}

impl Pack {
    /// The pack as bytes that [`Pack::read`] takes.
    pub fn image(&self) -> Vec<u8> {
        let mut image = Writer::default();
        image.number(self.lines);
        self.matcher.write(&mut image);
        image.list(&self.entries);
        image.list(&self.first);
        self.conditions.write(&mut image);
        self.cues.write(&mut image);
        self.spelling.write(&mut image);
        self.words.write(&mut image);
        image.finish()
    }

    /// A pack that lies in the program; none where the bytes are no image.
    pub fn read(texts: Arc<[PackText]>, image: &'static [u8]) -> Option<Pack> {
        let mut image = Reader::new(image);
        Some(Pack {
            texts,
            header: OnceLock::new(),
            source: OnceLock::new(),
            lines: image.number()?,
            matcher: Matcher::read(&mut image)?,
            entries: image.list()?,
            first: image.list()?,
            conditions: Conditions::read(&mut image)?,
            cues: Cues::read(&mut image)?,
            spelling: Spelling::read(&mut image)?,
            words: Words::read(&mut image)?,
            grammar: Grammar::of(&mut Cues::default()).ok()?,
            wording: OnceLock::new(),
        })
    }

    /// Words that are told by their ending or place.
    pub fn wording(&self) -> &Wording {
        self.wording.get_or_init(|| Wording::of(&self.header().groups))
    }

    /// The entries of a phrase.
    #[inline]
    pub fn entries(&self, phrase: u32) -> impl ExactSizeIterator<Item = Entry> {
        let place = |place: usize| number(&self.first, place).unwrap_or(0) as usize;
        let (first, end) = (place(phrase as usize), place(phrase as usize + 1));
        self.entries.get(first..end).unwrap_or_default().iter().map(Entry::read)
    }

    /// The entries of all phrases.
    pub fn all_entries(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().map(Entry::read)
    }

    /// `pack.toml`, as written.
    pub fn header(&self) -> &PackHeader {
        self.header.get_or_init(|| PackHeader::of(&self.texts))
    }

    /// The pack as written.
    pub fn source(&self) -> &PackSource {
        self.source.get_or_init(|| PackSource::read(&self.texts, &mut Vec::new()))
    }

    /// The row that an entry was written as.
    pub fn row(&self, entry: &Entry) -> Row {
        parse::row_at(&self.texts[usize::from(entry.file)].text, entry.at)
    }

    /// The file that an entry stands in.
    pub fn file(&self, entry: &Entry) -> &str {
        &self.texts[usize::from(entry.file)].path
    }
}
