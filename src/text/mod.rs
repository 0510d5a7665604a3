//! A text as the classifier sees it: folded words with spans that point into the original bytes.
//!
//! One pass, one buffer, reused from message to message. Words are runs of letters and digits; apostrophes and hyphens part
//! words (`l'hôpital` is `l` + `hopital`), numbers part from the letters behind them (`20mg` is `20` + `mg`), hashtags part
//! at capitals (`#BlackLivesMatter`), and characters of scripts without spaces are words of their own.
//!
//! Law: `Text::read` of the bytes under a token's span yields that token again.

mod fold;
mod hash;
pub mod language;

use fold::{Class, class, fold_char};
pub use hash::{ByHash, Hashes, hash_word, mix};

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

/// The writing system of a word, as far as telling languages apart needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Tamil,
    Thai,
    Lao,
    Khmer,
    Myanmar,
    Gurmukhi,
    Gujarati,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Georgian,
    Armenian,
    Ethiopic,
    Han,
    Kana,
    Hangul,
    Other,
}

/// Every script with the ranges of code points by which it is known.
const SCRIPTS: &[(Script, u32, u32)] = &[
    (Script::Latin, 0x41, 0x24f),
    (Script::Latin, 0x1e00, 0x1eff),
    (Script::Greek, 0x370, 0x3ff),
    (Script::Greek, 0x1f00, 0x1fff),
    (Script::Cyrillic, 0x400, 0x52f),
    (Script::Armenian, 0x530, 0x58f),
    (Script::Hebrew, 0x590, 0x5ff),
    (Script::Arabic, 0x600, 0x77f),
    (Script::Devanagari, 0x900, 0x97f),
    (Script::Bengali, 0x980, 0x9ff),
    (Script::Gurmukhi, 0xa00, 0xa7f),
    (Script::Gujarati, 0xa80, 0xaff),
    (Script::Tamil, 0xb80, 0xbff),
    (Script::Telugu, 0xc00, 0xc7f),
    (Script::Kannada, 0xc80, 0xcff),
    (Script::Malayalam, 0xd00, 0xd7f),
    (Script::Sinhala, 0xd80, 0xdff),
    (Script::Thai, 0xe00, 0xe7f),
    (Script::Lao, 0xe80, 0xeff),
    (Script::Myanmar, 0x1000, 0x109f),
    (Script::Georgian, 0x10a0, 0x10ff),
    (Script::Hangul, 0x1100, 0x11ff),
    (Script::Ethiopic, 0x1200, 0x139f),
    (Script::Khmer, 0x1780, 0x17ff),
    (Script::Kana, 0x3040, 0x30ff),
    (Script::Han, 0x3400, 0x9fff),
    (Script::Hangul, 0xac00, 0xd7af),
];

impl Script {
    /// The script's name in `languages.tsv`.
    pub fn from_name(name: &str) -> Option<Script> {
        SCRIPTS.iter().map(|(script, ..)| *script).find(|s| format!("{s:?}") == name)
    }

    fn of(c: char) -> Script {
        if c.is_ascii_alphabetic() {
            return Script::Latin;
        }
        let code = c as u32;
        let found = SCRIPTS.iter().find(|(_, first, last)| (*first..=*last).contains(&code));
        found.map_or(Script::Other, |(script, ..)| if c.is_alphabetic() { *script } else { Script::Other })
    }
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
    folded: String,
}

const SEPARATOR: u8 = 0;
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 3;
const WIDE: u8 = 4;

/// The class of each first byte; a table, because the branch it replaces is the hottest of the program.
const CLASSES: [u8; 256] = {
    let mut table = [SEPARATOR; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            0x80.. => WIDE,
            _ => SEPARATOR,
        };
        byte += 1;
    }
    table
};

impl Text {
    /// Reads `text`, forgetting what was read before.
    pub fn read(&mut self, text: &str) {
        self.tokens.clear();
        self.folded.clear();
        Reader { text, bytes: text.as_bytes(), at: 0, sentence: 0, break_pending: false, out: self }.run();
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

    /// The folded form of a token of this text.
    pub fn folded(&self, token: &Token) -> &str {
        &self.folded[token.fold_start as usize..token.fold_end as usize]
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    sentence: u32,
    break_pending: bool,
    out: &'a mut Text,
}

impl Reader<'_> {
    fn run(mut self) {
        while self.at < self.bytes.len() {
            match CLASSES[self.bytes[self.at] as usize] {
                SEPARATOR => self.separator(),
                WIDE => {
                    let c = self.char_at(self.at);
                    match class(c) {
                        Class::Gap => {
                            if matches!(c, '…' | '。' | '！' | '？' | '।' | '؟') {
                                self.break_pending = true;
                            }
                            self.at += c.len_utf8();
                        }
                        Class::Vanishes => self.at += c.len_utf8(),
                        Class::Alone => self.alone(c),
                        Class::Letter | Class::Digit => self.word(),
                    }
                }
                _ => self.word(),
            }
        }
    }

    fn char_at(&self, at: usize) -> char {
        self.text[at..].chars().next().unwrap_or('\0')
    }

    fn separator(&mut self) {
        match self.bytes[self.at] {
            b'!' | b'?' | b'\n' => self.break_pending = true,
            // A full stop ends a sentence only before a space or the end: not in 3.5, U.S. or file.txt.
            b'.' if self.bytes.get(self.at + 1).is_none_or(u8::is_ascii_whitespace) => self.break_pending = true,
            _ => {}
        }
        self.at += 1;
    }

    fn alone(&mut self, c: char) {
        let (start, fold_start) = (self.at, self.out.folded.len());
        fold_char(c, &mut self.out.folded);
        self.at += c.len_utf8();
        if self.out.folded.len() > fold_start {
            self.push(start, self.at, fold_start, Shape::Lower, Script::of(c));
        }
    }

    /// Reads one run of letters and digits, which is one word or, at inner borders, several.
    fn word(&mut self) {
        let hashtag = self.at > 0 && self.bytes[self.at - 1] == b'#';
        let (mut start, mut fold_start) = (self.at, self.out.folded.len());
        let mut run = Run::default();
        let first = self.char_at(self.at);
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            let kind = CLASSES[byte as usize];
            if kind == SEPARATOR {
                break;
            }
            let (c, width) = if kind == WIDE {
                let c = self.char_at(self.at);
                (c, c.len_utf8())
            } else {
                (byte as char, 1)
            };
            let upper = kind == UPPER || (kind == WIDE && c.is_uppercase());
            let digit = kind == DIGIT
                || match kind {
                    WIDE => match class(c) {
                        Class::Gap | Class::Alone => break,
                        Class::Vanishes => {
                            self.at += width;
                            continue;
                        }
                        Class::Digit => true,
                        Class::Letter => false,
                    },
                    _ => false,
                };
            let leaves_number = run.only_digits() && !digit && self.letter_at(self.at + width);
            let hump = hashtag && upper && run.lower_last;
            if leaves_number || hump {
                self.push(start, self.at, fold_start, run.shape(), Script::of(first));
                (start, fold_start) = (self.at, self.out.folded.len());
                run = Run::default();
            }
            run.add(upper, digit);
            if kind == WIDE {
                fold_char(c, &mut self.out.folded);
            } else {
                self.out.folded.push(byte.to_ascii_lowercase() as char);
            }
            self.at += width;
        }
        if self.out.folded.len() > fold_start {
            self.push(start, self.at, fold_start, run.shape(), Script::of(first));
        }
    }

    /// Whether a letter stands at `at`: two letters part from a number (20mg), one does not (4c, 5G).
    fn letter_at(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(|&b| match CLASSES[b as usize] {
            LOWER | UPPER => true,
            WIDE => class(self.char_at(at)) == Class::Letter,
            _ => false,
        })
    }

    fn push(&mut self, start: usize, end: usize, fold_start: usize, shape: Shape, script: Script) {
        if self.break_pending {
            self.break_pending = false;
            if !self.out.tokens.is_empty() {
                self.sentence += 1;
            }
        }
        let fold_end = self.out.folded.len();
        let hash = hash_word(&self.out.folded.as_bytes()[fold_start..fold_end]);
        // Texts are cut to 4 GiB long before they come here (input limits), so the casts hold.
        self.out.tokens.push(Token {
            start: start as u32,
            end: end as u32,
            hash,
            fold_start: fold_start as u32,
            fold_end: fold_end as u32,
            sentence: self.sentence,
            shape,
            script,
        });
    }
}

/// What was seen of a word so far.
#[derive(Default)]
struct Run {
    letters: u32,
    digits: u32,
    uppers: u32,
    first_upper: bool,
    lower_last: bool,
}

impl Run {
    fn add(&mut self, upper: bool, digit: bool) {
        if digit {
            self.digits += 1;
        } else {
            self.first_upper |= upper && self.letters == 0;
            self.letters += 1;
            self.uppers += u32::from(upper);
        }
        self.lower_last = !upper && !digit;
    }

    fn only_digits(&self) -> bool {
        self.letters == 0 && self.digits > 0
    }

    fn shape(&self) -> Shape {
        if self.only_digits() {
            Shape::Number
        } else if self.letters >= 2 && self.uppers == self.letters {
            Shape::Upper
        } else if self.first_upper {
            Shape::Title
        } else {
            Shape::Lower
        }
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
