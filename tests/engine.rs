//! The engine against slower ways of doing the same: words character by character, phrases by an Aho-Corasick automaton,
//! JSON byte by byte.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use offlimits::bench::whole_words;
use offlimits::lexicon::matcher::{Hit, Layer, Matcher};
use offlimits::lexicon::phrase;
use offlimits::lexicon::screen::Bounds;
use offlimits::read::Split;
use offlimits::read::split::Splitter;
use offlimits::text::Text;
use proptest::prelude::*;

/// Words that make phrases collide: common beginnings, parts of one another, accents, long and short ones.
const WORDS: &[&str] = &[
    "a",
    "an",
    "ana",
    "of",
    "tropic",
    "cancer",
    "cancers",
    "breast",
    "été",
    "ete",
    "Été",
    "l’hôpital",
    "hopital",
    "x",
    "hypochondriacs",
    "pneumonoultramicroscopic",
    "pneumonoultramicroscopics",
    "20mg",
    "20",
    "mg",
    "日本",
    "本",
    "ﬁn",
    "fin",
    "straße",
    "STRASSE",
    "İstanbul",
    "istanbul",
    "e\u{301}te",
    "de\u{ad}pressed",
    "depressed",
    "🌈",
    "привет",
    "ПРИВЕТ",
    "ıx",
];

const GAPS: &[&str] = &[" ", "  ", "\n", ", ", ". ", "-", "'", "’", "\u{a0}", " — ", "…", "! ", "\u{200b} ", " #"];

fn words(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(WORDS), 1..=most)
}

/// A text of words and gaps, with arbitrary characters now and then.
fn texts() -> impl Strategy<Value = String> {
    let odd = prop_oneof![9 => Just(String::new()), 1 => any::<String>()];
    let piece = (prop::sample::select(WORDS), prop::sample::select(GAPS), odd);
    prop::collection::vec(piece, 0..60)
        .prop_map(|pieces| pieces.into_iter().map(|(w, g, o)| format!("{w}{g}{o}")).collect())
}

fn folded(text: &Text) -> Vec<String> {
    text.tokens().iter().map(|token| text.folded(token).to_owned()).collect()
}

/// The matches as phrases, by their first word.
fn found(matcher: &Matcher, text: &Text) -> Vec<(usize, String)> {
    let mut hits: Vec<Hit> = Vec::new();
    matcher.find(text, &mut Vec::new(), &mut hits);
    hits.iter().map(|hit| (hit.start as usize, folded(text)[hit.start as usize..hit.end as usize].join(" "))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// One word-border automaton over folded words, greedy from the left, is what the matcher must equal.
    #[test]
    fn phrases_are_those_of_an_automaton(phrases in prop::collection::vec(words(4), 1..40), text in texts()) {
        let mut matcher = Matcher::default();
        let mut patterns = Vec::new();
        for phrase in &phrases {
            // Compiled phrases may be several: joined spellings come with them.
            for words in phrase::compile(&phrase.join(" "), "", &BTreeMap::new()).unwrap_or_default() {
                let number = matcher.add(&words, Layer::Sensitive);
                patterns.extend(matcher.spelled(number));
            }
        }
        matcher.finish(|_| Bounds::NOTHING);
        let text = Text::of(&text);
        let line = folded(&text).join(" ");
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).unwrap();
        let expected: Vec<(usize, String)> = whole_words(&automaton, &line)
            .into_iter()
            .map(|(start, end)| (line[..start].matches(' ').count(), line[start..end].to_owned()))
            .collect();
        prop_assert_eq!(found(&matcher, &text), expected);
    }

    /// A zero-width space at its end sends a word the slow way, and changes nothing else.
    #[test]
    fn plain_words_read_as_the_slow_way_does(text in "[ -~\\n]{0,300}") {
        let mut slow = String::new();
        let mut inside = false;
        for c in text.chars() {
            if inside && !c.is_ascii_alphanumeric() {
                slow.push('\u{200b}');
            }
            inside = c.is_ascii_alphanumeric();
            slow.push(c);
        }
        let (fast, slow) = (Text::of(&text), Text::of(&slow));
        prop_assert_eq!(folded(&fast), folded(&slow));
        for (a, b) in fast.tokens().iter().zip(slow.tokens()) {
            prop_assert_eq!((a.hash, a.letters, a.shape), (b.hash, b.letters, b.shape));
            prop_assert_eq!((a.script, a.sentence), (b.script, b.sentence));
        }
    }

    /// The bytes under a token's span are that token, whatever the text.
    #[test]
    fn spans_yield_their_words_again(text in prop_oneof![any::<String>(), texts()]) {
        let read = Text::of(&text);
        for token in read.tokens() {
            let again = Text::of(&text[token.start as usize..token.end as usize]);
            prop_assert_eq!(folded(&again), vec![read.folded(token).to_owned()]);
            prop_assert_eq!(again.tokens()[0].hash, token.hash);
            let mut letters = [0; 4];
            read.folded(token).bytes().zip(&mut letters).for_each(|(byte, place)| *place = byte);
            prop_assert_eq!(token.letters, u32::from_le_bytes(letters));
        }
    }

    /// Buffers that have read another text read this one as new ones do, and the start of a text reads as in the whole.
    #[test]
    fn what_was_read_before_leaves_no_trace(first in texts(), second in texts()) {
        let mut reused = Text::of(&first);
        reused.read(&second);
        let new = Text::of(&second);
        prop_assert_eq!(folded(&reused), folded(&new));
        reused.read_start(&second, 5);
        let (start, whole) = (folded(&reused), folded(&new));
        prop_assert!(start.len() >= whole.len().min(5) && whole.starts_with(&start));
    }
}

/// Pieces of JSON and of what is none, long and short.
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\\"",
    "\\\\",
    ",",
    ":",
    " ",
    "\n",
    "1",
    "null",
    "é",
    "{\"a\":",
    "{\"b\":\"",
    "\"},",
    "[[",
    "a string that is longer than a block of bytes, so that nothing else stands in between, nothing at all",
];

/// The records that a document is cut into, and the trouble, with so many bytes coming at once.
fn records(json: &str, wanted: Split, at_once: usize) -> (Vec<Vec<u8>>, Option<String>) {
    struct Pieces<'a>(&'a [u8], usize);
    impl std::io::Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(out.len()).min(self.0.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }
    let mut splitter = Splitter::new(Pieces(json.as_bytes(), at_once), wanted);
    let (mut found, mut trouble) = (Vec::new(), None);
    while let Some(batch) = splitter.next_batch() {
        match batch {
            Ok(batch) => found.extend(batch.iter().map(|(_, record)| record.to_vec())),
            Err(error) => trouble = Some(error.to_string()),
        }
    }
    (found, trouble)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Sixty-four bytes at a time, JSON is cut as byte by byte, also where it is none.
    #[test]
    fn json_is_cut_as_byte_by_byte(
        sound in any::<bool>(), pieces in prop::collection::vec(prop::sample::select(JSON), 0..120), wrapped in any::<bool>()
    ) {
        let wanted = if wrapped { Split::Elements(Some("list")) } else { Split::Elements(None) };
        let start = if wrapped { "{\"list\":[" } else { "[" };
        let json = if sound {
            // Strings of anything inside objects: sound JSON, with every sign where it means nothing.
            let texts: Vec<String> = pieces.iter().map(|text| format!("{{\"a\":[{}]}}", serde_json::json!(text))).collect();
            format!("{start}{}]", texts.join(","))
        } else {
            format!("{start}{}", pieces.concat())
        };
        let slow = records(&json, wanted, 1);
        prop_assert_eq!(&records(&json, wanted, 1 << 20), &slow);
        prop_assert_eq!(&records(&json, wanted, 100), &slow);
    }
}
