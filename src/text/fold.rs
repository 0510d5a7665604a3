//! Folding: one word, in whatever dress, to the bytes that it is compared by.
//!
//! Lower case, no marks (é → e, ñ → n), compatibility forms unfolded (ﬁ → fi, full-width Ａ → a), a few letters spelled out
//! (ß → ss, œ → oe, ø → o, ı → i). Marks that stand alone, soft hyphens and zero-width characters vanish. The same function
//! folds messages and lexicon phrases, so the two cannot drift apart. Folding is idempotent (a property test).

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a character does to the word that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Part of a word.
    Letter,
    /// A digit.
    Digit,
    /// A word of its own: characters of scripts without spaces, and emoji.
    Alone,
    /// Nothing: combining marks, soft hyphens, zero-width characters.
    Vanishes,
    /// Parts words.
    Gap,
}

/// The class of a character outside ASCII.
fn class(c: char) -> Class {
    match c {
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => Class::Vanishes,
        // ª and º are letters to Unicode; "nº", "1º" read better as gaps, and no lexicon phrase needs them.
        'ª' | 'º' => Class::Gap,
        _ if is_combining_mark(c) => Class::Vanishes,
        _ if is_unspaced(c) || is_pictograph(c) => Class::Alone,
        _ if c.is_numeric() => Class::Digit,
        _ if c.is_alphabetic() => Class::Letter,
        _ => Class::Gap,
    }
}

/// Scripts that part words by no spaces: Han, Kana, Thai, Lao, Khmer, Myanmar.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}')
}

/// Emoji and other pictographs that people write instead of words.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}')
}

/// A character as the reader needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letter {
    pub(super) class: Class,
    /// A capital.
    pub(super) upper: bool,
    length: u8,
    folded: [u8; FOLDED],
}

/// Room for folded forms in the table; a length beyond it says that the form must be worked out anew.
const FOLDED: usize = 5;

/// Characters below this one are looked up: Latin, Greek, Cyrillic, Hebrew, Arabic, the scripts of India, and punctuation.
const TABLE: usize = 0x2100;

/// Characters of a part of the table.
const PART: usize = 256;

/// 8,448 characters of 8 bytes. A part is worked out when a character of it turns up: all of them would take 4 ms of every
/// start, and most texts need two or three.
static LETTERS: [OnceLock<Box<[Letter]>>; TABLE / PART] = [const { OnceLock::new() }; TABLE / PART];

/// What the reader needs to know of a character.
pub(super) fn letter(c: char) -> Letter {
    let (part, place) = (c as usize / PART, c as usize % PART);
    let Some(letters) = LETTERS.get(part) else { return Letter::of(c) };
    let codes = || (part * PART..(part + 1) * PART).map(|code| char::from_u32(code as u32).unwrap_or(' '));
    letters.get_or_init(|| codes().map(Letter::of).collect()).get(place).copied().unwrap_or_else(|| Letter::of(c))
}

impl Letter {
    fn of(c: char) -> Letter {
        let class = match c {
            '0'..='9' => Class::Digit,
            'a'..='z' | 'A'..='Z' => Class::Letter,
            '\0'..='\x7f' => Class::Gap,
            _ => class(c),
        };
        let mut form = String::new();
        if (c as usize) < TABLE {
            fold_char(c, &mut form);
        }
        let mut letter = Letter { class, upper: c.is_uppercase(), length: u8::MAX, folded: [0; FOLDED] };
        if let (true, Some(room)) = ((c as usize) < TABLE, letter.folded.get_mut(..form.len())) {
            room.copy_from_slice(form.as_bytes());
            letter.length = form.len() as u8;
        }
        letter
    }

    /// Appends the folded form of `c`, whose letter this is.
    pub(super) fn fold(&self, c: char, out: &mut String) {
        match self.folded.get(..usize::from(self.length)).map(std::str::from_utf8) {
            Some(Ok(form)) => out.push_str(form),
            _ => fold_char(c, out),
        }
    }
}

/// Appends the folded form of one character to `out`.
fn fold_char(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    match c {
        'ß' | 'ẞ' => out.push_str("ss"),
        'œ' | 'Œ' => out.push_str("oe"),
        'æ' | 'Æ' => out.push_str("ae"),
        'ø' | 'Ø' => out.push('o'),
        'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
        'ł' | 'Ł' => out.push('l'),
        'ı' => out.push('i'),
        'þ' | 'Þ' => out.push_str("th"),
        _ => {
            // Lower case first, then decompose: İ lowers to i + dot above, and the dot is a mark.
            for lower in c.to_lowercase() {
                for part in std::iter::once(lower).nfkd() {
                    if part.is_ascii() {
                        if part.is_ascii_alphanumeric() {
                            out.push(part.to_ascii_lowercase());
                        }
                    } else if !is_combining_mark(part) {
                        out.extend(part.to_lowercase().filter(|c| !is_combining_mark(*c)));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fold_char;

    fn fold(word: &str) -> String {
        let mut out = String::new();
        word.chars().for_each(|c| fold_char(c, &mut out));
        out
    }

    #[test]
    fn letters_fold_as_a_reader_expects() {
        for (word, folded) in [
            ("Éléonore", "eleonore"),
            ("İstanbul", "istanbul"),
            ("ılık", "ilik"),
            ("Straße", "strasse"),
            ("Œuvre", "oeuvre"),
            ("ﬁn", "fin"),
            ("Ｋａｎｏ", "kano"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("Ёлка", "елка"),
            ("Łódź", "lodz"),
        ] {
            assert_eq!(fold(word), folded);
            assert_eq!(fold(folded), folded, "folding twice changes nothing");
        }
    }
}
