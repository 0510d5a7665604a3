//! Brackets and strings of JSON, 64 bytes at a time: one bit a byte.
//!
//! ```text
//! bytes ─ compare ─► quotes, backslashes, brackets ─ escapes ─► quotes that count ─ sums ─► strings ─► brackets that count
//! ```
//!
//! The scanner that steps from byte to byte stays, for what is shorter than a block and for what is no JSON.

pub(super) use crate::simd::BLOCK;
use crate::simd::signs;

/// What a block begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Carry {
    /// It begins inside a string.
    pub(super) in_string: bool,
    /// Its first byte is escaped.
    pub(super) escaped: bool,
}

/// What a block says: the brackets outside of strings, and what the next block begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Brackets {
    pub(super) opens: u64,
    pub(super) closes: u64,
    pub(super) carry: Carry,
}

impl Brackets {
    /// Reads a block; none where a backslash stands outside of strings, which is no JSON: that is left to the slow scanner.
    #[inline]
    pub(super) fn of(block: &[u8; BLOCK], carry: Carry) -> Option<Brackets> {
        let signs = signs(block);
        let (escaped, after) = escaped(signs.backslashes, carry.escaped);
        let quotes = signs.quotes & !escaped;
        // The bytes inside strings, opening quotes among them.
        let strings = sums(quotes) ^ if carry.in_string { u64::MAX } else { 0 };
        if signs.backslashes & !strings != 0 {
            return None;
        }
        let carry = Carry { in_string: strings >> (BLOCK - 1) == 1, escaped: after };
        Some(Brackets { opens: signs.opens & !strings, closes: signs.closes & !strings, carry })
    }
}

/// The bytes behind an odd number of backslashes, and whether the next block begins with one.
#[inline]
fn escaped(backslashes: u64, first: bool) -> (u64, bool) {
    if backslashes == 0 {
        return (u64::from(first), false);
    }
    let (mut escaped, mut left) = (u64::from(first), backslashes & !u64::from(first));
    // Each backslash that is not escaped itself escapes the byte behind it.
    while left != 0 {
        let place = left.trailing_zeros();
        if place == BLOCK as u32 - 1 {
            return (escaped, true);
        }
        escaped |= 2 << place;
        left &= !(3 << place);
    }
    (escaped, false)
}

/// For each bit, whether the bits up to it, itself among them, are odd in number.
#[inline]
fn sums(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Brackets, Carry};

    /// Blocks of the bytes that matter and of some that nearly do.
    fn blocks() -> impl Iterator<Item = [u8; BLOCK]> {
        let bytes = *b"\"\\{}[]\"\\ a\x02\xfb\xdb;\x0c,";
        let mut state = 7u64;
        (0..4000).map(move |round| {
            [0; BLOCK].map(|_: u8| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let draw = (state >> 40) as usize;
                if draw % 5 < round % 5 { b'x' } else { bytes[draw / 5 % bytes.len()] }
            })
        })
    }

    #[test]
    fn brackets_are_those_that_one_finds_byte_by_byte() {
        let mut carry = Carry { in_string: false, escaped: false };
        for block in blocks() {
            let (mut now, mut sound) = (carry, true);
            let (mut opens, mut closes) = (0, 0);
            for (place, byte) in block.iter().enumerate() {
                match byte {
                    _ if now.escaped => now.escaped = false,
                    b'\\' if now.in_string => now.escaped = true,
                    b'\\' => sound = false,
                    b'"' => now.in_string = !now.in_string,
                    b'{' | b'[' if !now.in_string => opens |= 1u64 << place,
                    b'}' | b']' if !now.in_string => closes |= 1u64 << place,
                    _ => {}
                }
            }
            match Brackets::of(&block, carry) {
                Some(found) => {
                    assert!(sound);
                    assert_eq!((found.opens, found.closes, found.carry), (opens, closes, now));
                }
                None => assert!(!sound),
            }
            carry = now;
        }
    }
}
