//! From word bytes to tokens.
//!
//! Nearly every word is a run of ASCII letters: it is read from the lower-cased copy of the text with one 16-byte load and
//! one multiplication, without looking at its bytes one by one. Everything else (accents, hashtags, numbers with letters
//! behind them, scripts without spaces) is walked through character by character.

use super::fold::{Class, Letter, letter};
use super::hash::{WINDOW, hash_window, hash_word};
use super::masks::{self, BLOCK, Letters, Run};
use super::{Script, Shape, Text, Token};

pub(super) struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    sentence: u32,
    /// A sentence has ended since the last token.
    break_pending: bool,
    /// End of the last run of word bytes.
    gap: usize,
    limit: usize,
    out: &'a mut Text,
}

impl<'a> Reader<'a> {
    /// A reader that stops when `limit` words are read (a few more may come).
    pub(super) fn new(text: &'a str, limit: usize, out: &'a mut Text) -> Self {
        Reader { text, bytes: text.as_bytes(), sentence: 0, break_pending: false, gap: 0, limit, out }
    }

    pub(super) fn run(mut self) {
        let mut masks = std::mem::take(&mut self.out.masks);
        masks::words(self.bytes, &mut masks);
        let mut open: Option<usize> = None;
        let mut before = 0;
        for (block, mask) in masks.iter().map(|letters| letters.words).enumerate() {
            // Set where a run begins and where one has just ended.
            let mut borders = mask ^ (mask << 1 | before);
            before = mask >> (BLOCK - 1);
            while borders != 0 {
                let at = block * BLOCK + borders.trailing_zeros() as usize;
                borders &= borders - 1;
                match open.take() {
                    Some(start) => self.word_bytes(&masks, start, at),
                    None => open = Some(at),
                }
            }
            if self.out.tokens.len() >= self.limit {
                open = None;
                break;
            }
        }
        if let Some(start) = open {
            self.word_bytes(&masks, start, self.bytes.len());
        }
        self.out.masks = masks;
    }

    /// A whole run of word bytes.
    #[inline(always)]
    fn word_bytes(&mut self, masks: &[Letters], start: usize, end: usize) {
        let length = end - start;
        if start != self.gap + 1 || self.bytes[self.gap] != b' ' {
            self.gap(start);
        }
        self.gap = end;
        let (Some(lower), true) = (self.out.folded.as_bytes()[start..].first_chunk(), length <= WINDOW) else {
            return self.characters(start, end);
        };
        let Some(run) = Run::of(masks, start, length) else { return };
        if run.wide != 0
            || (run.digits & 1 == 1 && run.digits != run.all)
            || (start > 0 && self.bytes[start - 1] == b'#')
        {
            return self.characters(start, end);
        }
        let script = if run.digits == run.all { Script::Other } else { Script::Latin };
        let (hash, letters) = (hash_window(lower, length), first_letters(lower, length));
        self.push(start, end, (start, end), (hash, letters), shape(run), script);
    }

    /// What stands between two runs may end a sentence.
    fn gap(&mut self, to: usize) {
        for at in self.gap..to {
            match self.bytes[at] {
                b'!' | b'?' | b'\n' => self.break_pending = true,
                // A full stop ends a sentence only before a space or the end: not in 3.5, U.S. or file.txt.
                b'.' if self.bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace) => self.break_pending = true,
                _ => {}
            }
        }
    }

    /// Walks through a run of word bytes, which may hold several words, or none.
    fn characters(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let (c, found) = self.character(at);
            match found.class {
                Class::Gap => {
                    self.break_pending |= matches!(c, '…' | '。' | '！' | '？' | '।' | '؟');
                    at += c.len_utf8();
                }
                Class::Vanishes => at += c.len_utf8(),
                Class::Alone => {
                    let (start, fold_start) = (at, self.out.folded.len());
                    self.fold(c, &found);
                    at += c.len_utf8();
                    self.push_folded(start, at, fold_start, Shape::Lower, Script::of(c));
                }
                Class::Letter | Class::Digit => at = self.word(at, end),
            }
        }
    }

    fn character(&self, at: usize) -> (char, Letter) {
        let c = self.text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
        (c, letter(c))
    }

    fn fold(&mut self, c: char, found: &Letter) {
        found.fold(c, &mut self.out.folded);
    }

    /// Reads one run of letters and digits, which is one word or, at inner borders, several; answers where it ends.
    fn word(&mut self, from: usize, end: usize) -> usize {
        let hashtag = from > 0 && self.bytes[from - 1] == b'#';
        let (mut at, mut start, mut fold_start) = (from, from, self.out.folded.len());
        let mut run = Word::default();
        let first = self.character(at).0;
        while at < end {
            let (c, found) = self.character(at);
            let width = c.len_utf8();
            let digit = match found.class {
                Class::Gap | Class::Alone => break,
                Class::Vanishes => {
                    at += width;
                    continue;
                }
                Class::Digit => true,
                Class::Letter => false,
            };
            let leaves_number = run.only_digits() && !digit && self.letter_at(at + width);
            let hump = hashtag && found.upper && run.lower_last;
            if leaves_number || hump {
                self.push_folded(start, at, fold_start, run.shape(), Script::of(first));
                (start, fold_start) = (at, self.out.folded.len());
                run = Word::default();
            }
            run.add(found.upper, digit);
            self.fold(c, &found);
            at += width;
        }
        self.push_folded(start, at, fold_start, run.shape(), Script::of(first));
        at
    }

    /// Whether a letter stands at `at`: two letters part from a number (20mg), one does not (4c, 5G).
    fn letter_at(&self, at: usize) -> bool {
        at < self.bytes.len() && self.character(at).1.class == Class::Letter
    }

    /// Pushes the word whose folded form ends the buffer, if there is anything of it.
    fn push_folded(&mut self, start: usize, end: usize, fold_start: usize, shape: Shape, script: Script) {
        let fold_end = self.out.folded.len();
        if fold_end > fold_start {
            let word = &self.out.folded.as_bytes()[fold_start..fold_end];
            let read = (hash_word(word), letters_of(word));
            self.push(start, end, (fold_start, fold_end), read, shape, script);
        }
    }

    #[inline(always)]
    fn push(
        &mut self,
        start: usize,
        end: usize,
        folded: (usize, usize),
        (hash, letters): (u64, u32),
        shape: Shape,
        script: Script,
    ) {
        if self.break_pending {
            self.break_pending = false;
            self.sentence += u32::from(!self.out.tokens.is_empty());
        }
        // Texts are cut to 4 GiB long before they come here (input limits), so the casts hold.
        self.out.tokens.push(Token {
            start: start as u32,
            end: end as u32,
            hash,
            fold_start: folded.0 as u32,
            fold_end: folded.1 as u32,
            letters,
            sentence: self.sentence,
            shape,
            script,
        });
    }
}

/// [`Token::letters`] of a folded word.
pub fn letters_of(word: &[u8]) -> u32 {
    let mut window = [0; WINDOW];
    let length = word.len().min(WINDOW);
    window[..length].copy_from_slice(&word[..length]);
    first_letters(&window, length)
}

/// [`Token::letters`] of a word of `length` bytes that begins a window.
#[inline(always)]
fn first_letters(window: &[u8; WINDOW], length: usize) -> u32 {
    let four = u32::from_le_bytes([window[0], window[1], window[2], window[3]]);
    four & ((1u64 << (8 * length.min(4))) - 1) as u32
}

/// How a run is written that holds ASCII only and begins with a letter or holds digits only.
#[inline(always)]
fn shape(run: Run) -> Shape {
    let letters = run.all & !run.digits;
    let several = letters & letters.wrapping_sub(1) != 0;
    if letters == 0 {
        Shape::Number
    } else if run.uppers == 0 {
        Shape::Lower
    } else if several && run.uppers == letters {
        Shape::Upper
    } else if run.uppers & 1 == 1 {
        Shape::Title
    } else {
        Shape::Lower
    }
}

/// What was seen of a word so far.
#[derive(Default)]
struct Word {
    letters: u32,
    digits: u32,
    uppers: u32,
    first_upper: bool,
    lower_last: bool,
}

impl Word {
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
