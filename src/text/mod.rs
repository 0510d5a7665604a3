//! A text as the classifier sees it: folded words with spans that point into the original bytes.
//!
//! One pass, buffers reused from message to message. Words are runs of letters and digits; apostrophes and hyphens part
//! words (`l'hôpital` is `l` + `hopital`), numbers part from the letters behind them (`20mg` is `20` + `mg`), hashtags part
//! at capitals (`#BlackLivesMatter`), and characters of scripts without spaces are words of their own.
//!
//! ```text
//! bytes ─ masks ─► runs of word bytes ─ reader ─► tokens { span, hash, sentence, shape, script }
//!                       plain ASCII: hashed where it stands in the lower-cased copy
//!                       the rest:    character by character through the table of `fold`
//! ```
//!
//! Law: `Text::read` of the bytes under a token's span yields that token again, unless it was respelled.

mod fold;
mod hash;
pub mod language;
mod masks;
mod reader;
mod script;

pub use hash::{ByHash, Hashes, hash_word, mix};
pub use reader::letters_of;
pub use script::Script;

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// No capital first letter.
    Lower,
    /// A capital first letter, not all capitals.
    Title,
    /// Two or more letters, all capitals.
    Upper,
    /// Digits only.
    Number,
}

/// One word.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// First byte in the original text.
    pub start: u32,
    /// One past its last byte in the original text.
    pub end: u32,
    /// Hash of the folded word.
    pub hash: u64,
    /// First byte of the folded word in [`Text::folded`]'s buffer.
    fold_start: u32,
    /// One past its last byte.
    fold_end: u32,
    /// The first four bytes of the folded word, zeros behind a shorter one.
    pub letters: u32,
    /// Number of the sentence, from 0.
    pub sentence: u32,
    /// How it is written.
    pub shape: Shape,
    /// Its script.
    pub script: Script,
}

impl Token {
    /// Length of the folded word in bytes.
    pub fn fold_len(&self) -> usize {
        (self.fold_end - self.fold_start) as usize
    }
}

/// A text's words. Make one and read many texts with it: the buffers stay.
#[derive(Debug, Default, Clone)]
pub struct Text {
    tokens: Vec<Token>,
    /// The text in ASCII lower case, some zeros, then the words that folding changes in more than case.
    folded: String,
    masks: Vec<masks::Letters>,
}

/// Behind the lower-cased copy and at the end, so that every word can be loaded as 16 bytes.
const PADDING: &str = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

impl Text {
    /// Reads `text`, forgetting what was read before.
    pub fn read(&mut self, text: &str) {
        self.read_start(text, usize::MAX);
    }

    /// Reads the first `words` words of `text`; a few more may come.
    pub fn read_start(&mut self, text: &str, words: usize) {
        self.tokens.clear();
        self.folded.clear();
        self.folded.push_str(text);
        self.folded.make_ascii_lowercase();
        self.folded.push_str(PADDING);
        reader::Reader::new(text, words, self).run();
        self.folded.push_str(PADDING);
    }

    /// A new text of `text`.
    pub fn of(text: &str) -> Text {
        let mut new = Text::default();
        new.read(text);
        new
    }

    /// The words.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Reads another word, which must be folded, in the place of a token; the token keeps its span.
    pub fn respell(&mut self, place: usize, word: &str) {
        let start = self.folded.len() as u32;
        self.folded.push_str(word);
        let end = self.folded.len() as u32;
        self.folded.push_str(PADDING);
        if let Some(token) = self.tokens.get_mut(place) {
            (token.fold_start, token.fold_end) = (start, end);
            (token.hash, token.letters) = (hash_word(word.as_bytes()), letters_of(word.as_bytes()));
        }
    }

    /// The folded form of a token of this text.
    pub fn folded(&self, token: &Token) -> &str {
        &self.folded[token.fold_start as usize..token.fold_end as usize]
    }

    /// A word in ASCII lower case, its accents kept.
    pub fn lower(&self, token: &Token) -> &str {
        self.folded.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// What stands before the word `at`, behind the word before it; at the end of the text, its last few characters.
    pub fn gap(&self, at: usize) -> &str {
        let from = at.checked_sub(1).map_or(0, |before| self.tokens[before].end as usize);
        let to = self.tokens.get(at).map(|token| token.start as usize);
        let rest = self.folded.get(from..).unwrap_or_default();
        match to {
            Some(to) => rest.get(..to.saturating_sub(from)).unwrap_or_default(),
            None => rest.split('\0').next().unwrap_or_default(),
        }
    }

    /// [`Text::folded`] as bytes, for comparing.
    pub fn folded_bytes(&self, token: &Token) -> &[u8] {
        &self.folded.as_bytes()[token.fold_start as usize..token.fold_end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::{Shape, Text};

    fn words(text: &str) -> Vec<String> {
        let read = Text::of(text);
        read.tokens().iter().map(|t| read.folded(t).to_owned()).collect()
    }

    #[test]
    fn words_part_where_readers_part_them() {
        for (text, expected) in [
            ("L’Hôpital d’à côté", "l hopital d a cote"),
            ("state-of-the-art", "state of the art"),
            ("I take 20mg, not 4c or 5G", "i take 20 mg not 4c or 5g"),
            ("#BlackLivesMatter BlackLives", "black lives matter blacklives"),
            ("de\u{ad}pressed e\u{301}t\u{e9}", "depressed ete"),
            ("don\u{a0}t — “quoted”…", "don t quoted"),
            ("日本語 ok", "日 本 語 ok"),
            ("🏳️‍🌈 pride", "🏳 🌈 pride"),
            ("covid19 b12", "covid19 b12"),
        ] {
            assert_eq!(words(text).join(" "), expected);
        }
    }

    #[test]
    fn sentences_and_shapes_are_kept() {
        let text = Text::of("It costs 3.5 euros. AIDS? Polish\nnail");
        let sentences: Vec<u32> = text.tokens().iter().map(|t| t.sentence).collect();
        assert_eq!(sentences, [0, 0, 0, 0, 0, 1, 2, 3]);
        let shapes: Vec<Shape> = text.tokens().iter().map(|t| t.shape).collect();
        assert_eq!(shapes[5], Shape::Upper);
        assert_eq!(shapes[6], Shape::Title);
        assert_eq!(shapes[2], Shape::Number);
    }

    #[test]
    fn spans_point_into_the_original() {
        let original = "Ça va, l'ÉTÉ 2024mg ?";
        let text = Text::of(original);
        for token in text.tokens() {
            let again = Text::of(&original[token.start as usize..token.end as usize]);
            assert_eq!(again.tokens().len(), 1);
            assert_eq!(again.folded(&again.tokens()[0]), text.folded(token));
        }
    }
}
