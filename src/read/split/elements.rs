//! The elements of a JSON document, found by tracking brackets and strings alone.

use super::blocks::{BLOCK, Brackets, Carry};
use super::{Records, cut_short};
use crate::error::{Error, ErrorKind, Result};

/// Where in the document the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value at the top.
    Top,
    /// In the array of records, before a record; the flag says whether an object encloses the array.
    Elements(bool),
    /// In the enclosing object, before a key.
    Key,
    /// After the key: before the colon or the value.
    Value,
    /// Inside a record (or a member that is stepped over).
    Inside,
    /// After the wanted array of the enclosing object: the rest is stepped over.
    Rest,
    /// After the only document that is wanted.
    Done,
}

/// Finds the records of a JSON document: brackets and strings are tracked, nothing is parsed.
pub(super) struct Elements {
    wanted: Option<&'static str>,
    /// Stop after the first value at the top.
    once: bool,
    state: State,
    /// Where to go on after the value that is being scanned.
    back: State,
    /// Whether the value that is being scanned is a record.
    keep: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// The value is a number or a word: it ends before the next separator.
    bare: bool,
    key: Vec<u8>,
    key_open: bool,
}

impl Elements {
    pub(super) fn new(wanted: Option<&'static str>) -> Self {
        Elements {
            wanted,
            once: false,
            state: State::Top,
            back: State::Top,
            keep: false,
            depth: 0,
            in_string: false,
            escaped: false,
            bare: false,
            key: Vec::new(),
            key_open: false,
        }
    }

    /// Only the first value at the top, whatever follows it.
    pub(super) fn first() -> Self {
        Elements { once: true, ..Elements::new(None) }
    }

    /// Takes bytes up to the end of one record at most; answers how many.
    pub(super) fn feed(&mut self, bytes: &[u8], records: &mut Records) -> Result<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.state == State::Inside {
                let taken = self.inside(&bytes[at..]);
                if self.keep {
                    records.bytes.extend_from_slice(&bytes[at..at + taken]);
                }
                at += taken;
                if self.state != State::Inside && self.keep {
                    records.close();
                    return Ok(at);
                }
                continue;
            }
            if self.key_open {
                at += self.key(&bytes[at..]);
                continue;
            }
            if bytes[at].is_ascii_whitespace() || bytes[at] == b',' {
                at += 1;
                continue;
            }
            at += self.between(bytes[at])?;
        }
        Ok(at)
    }

    /// A byte outside of records; answers 0 when it is the first byte of a value.
    fn between(&mut self, byte: u8) -> Result<usize> {
        match (self.state, byte) {
            (State::Done, _) => {}
            (State::Top, b'[') => self.state = State::Elements(false),
            (State::Top, b'{') if self.wanted.is_some() => self.state = State::Key,
            (State::Top, b'{') => return Ok(self.begin(State::Top, true, byte)),
            (State::Top, _) => return Err(Error::new(ErrorKind::Malformed, "something else follows the JSON")),
            (State::Elements(wrapped), b']') => self.state = self.after_array(wrapped),
            (State::Elements(_), b'}') => {
                return Err(Error::new(ErrorKind::Malformed, "the JSON's brackets do not match"));
            }
            (State::Elements(wrapped), _) => return Ok(self.begin(State::Elements(wrapped), true, byte)),
            (State::Key | State::Rest, b'}') => self.state = State::Top,
            (State::Key, b'"') => {
                self.key.clear();
                self.key_open = true;
            }
            (State::Key, _) => return Err(Error::new(ErrorKind::Malformed, "the JSON's brackets do not match")),
            (State::Value, b':') => {}
            (State::Value, b'[') if self.wanted.is_some_and(|name| name.as_bytes() == self.key) => {
                self.state = State::Elements(true);
            }
            (State::Value, _) => return Ok(self.begin(State::Key, false, byte)),
            (State::Rest, b':') => {}
            (State::Rest, b']') => return Err(Error::new(ErrorKind::Malformed, "the JSON's brackets do not match")),
            (State::Rest, _) => return Ok(self.begin(State::Rest, false, byte)),
            (State::Inside, _) => {}
        }
        Ok(1)
    }

    fn after_array(&self, wrapped: bool) -> State {
        match (wrapped, self.once) {
            (true, _) => State::Rest,
            (false, true) => State::Done,
            (false, false) => State::Top,
        }
    }

    fn begin(&mut self, back: State, keep: bool, byte: u8) -> usize {
        self.state = State::Inside;
        self.back = back;
        self.keep = keep;
        self.depth = 0;
        self.bare = !matches!(byte, b'{' | b'[' | b'"');
        0
    }

    fn key(&mut self, bytes: &[u8]) -> usize {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.key_open = false;
                    self.state = State::Value;
                    return at + 1;
                }
                _ => {}
            }
            // Names that are asked for are short; a longer key is none of them.
            if self.key.len() < 64 {
                self.key.push(byte);
            }
        }
        bytes.len()
    }

    /// Scans inside a value; answers how many bytes belong to it.
    fn inside(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if self.depth > 0 {
                at += self.blocks(&bytes[at..]);
                if self.depth == 0 {
                    self.state = self.back;
                    return at;
                }
                if at == bytes.len() {
                    return at;
                }
            }
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else { return bytes.len() };
                at += found + 1;
                self.escaped = bytes[at - 1] == b'\\';
                self.in_string = self.escaped;
                if !self.in_string && self.depth == 0 {
                    self.state = self.back;
                    return at;
                }
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.bare && self.depth == 0 => {
                    self.state = self.back;
                    return at;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.state = self.back;
                        return at + 1;
                    }
                }
                byte if self.bare && self.depth == 0 && (byte == b',' || byte.is_ascii_whitespace()) => {
                    self.state = self.back;
                    return at;
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Scans whole blocks inside an object or a list; answers how many bytes it has taken: to the end of the value, which
    /// leaves no depth, or to where less than a block is left, or to a block that is no JSON.
    fn blocks(&mut self, bytes: &[u8]) -> usize {
        let mut carry = Carry { in_string: self.in_string, escaped: self.escaped };
        let mut at = 0;
        for block in bytes.as_chunks::<BLOCK>().0 {
            let Some(found) = Brackets::of(block, carry) else { break };
            let (opens, closes) = (found.opens.count_ones(), found.closes.count_ones());
            if closes < self.depth {
                self.depth = self.depth + opens - closes;
            } else if let Some(end) = self.end_inside(found) {
                (self.in_string, self.escaped, self.depth) = (false, false, 0);
                return at + end;
            }
            carry = found.carry;
            at += BLOCK;
        }
        (self.in_string, self.escaped) = (carry.in_string, carry.escaped);
        at
    }

    /// Follows the brackets of a block one by one; answers where the value ends, if it does.
    fn end_inside(&mut self, found: Brackets) -> Option<usize> {
        let mut brackets = found.opens | found.closes;
        while brackets != 0 {
            let place = brackets.trailing_zeros();
            brackets &= brackets - 1;
            if found.opens >> place & 1 == 1 {
                self.depth += 1;
            } else {
                self.depth -= 1;
                if self.depth == 0 {
                    return Some(place as usize + 1);
                }
            }
        }
        None
    }

    pub(super) fn finish(&mut self, records: &mut Records) -> Result<()> {
        records.bytes.truncate(records.complete());
        let complete = matches!(self.state, State::Top | State::Done) && !self.key_open;
        *self = Elements::new(self.wanted);
        if complete { Ok(()) } else { Err(cut_short()) }
    }
}
