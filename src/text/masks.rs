//! Where words are, 64 bytes at a time: one bit a byte, set where the byte belongs to a word.
//!
//! Letters, digits, and every byte of a character outside ASCII count as word bytes here; the few runs that hold such
//! characters are looked at more closely by [`super::reader`].

pub(super) use crate::simd::{BLOCK, Letters};

/// The masks of every block of `bytes`, the last one filled up with bytes of no word; and one of no words behind them.
pub(super) fn words(bytes: &[u8], masks: &mut Vec<Letters>) {
    masks.clear();
    masks.reserve(bytes.len() / BLOCK + 2);
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    masks.extend(blocks.iter().map(crate::simd::letters));
    if !rest.is_empty() {
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        masks.push(crate::simd::letters(&last));
    }
    masks.push(Letters::default());
}

/// What the bytes of a short run say: bit `n` is of its byte `n`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Every byte of it.
    pub(super) all: u64,
    pub(super) uppers: u64,
    pub(super) digits: u64,
    pub(super) wide: u64,
}

impl Run {
    /// The run of `length` bytes, fewer than a block, that begins at `start`; none behind the end of the text.
    #[inline(always)]
    pub(super) fn of(masks: &[Letters], start: usize, length: usize) -> Option<Run> {
        let (block, place) = (start / BLOCK, start % BLOCK);
        let [here, next] = masks.get(block..block + 2)? else { return None };
        let all = (1 << length) - 1;
        // Moved up by one and then by the rest: by a whole block it could not be moved.
        let cut = |here: u64, next: u64| (here >> place | next << 1 << (BLOCK - 1 - place)) & all;
        Some(Run {
            all,
            uppers: cut(here.uppers, next.uppers),
            digits: cut(here.digits, next.digits),
            wide: cut(here.wide, next.wide),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Run, words};

    #[test]
    fn every_byte_at_every_place() {
        for length in [0, 1, 7, 8, 63, 64, 65, 300] {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 37 % 256) as u8).collect();
            let mut masks = Vec::new();
            words(&bytes, &mut masks);
            assert_eq!(masks.pop().unwrap().words, 0, "nothing behind the end");
            for place in 0..masks.len() * BLOCK {
                let is_word = bytes.get(place).is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
                assert_eq!(masks[place / BLOCK].words >> (place % BLOCK) & 1 == 1, is_word, "at {place}");
            }
        }
    }

    #[test]
    fn runs_are_cut_out_across_blocks() {
        let bytes: Vec<u8> = (0..300).map(|n| (n * 37 % 256) as u8).collect();
        let mut masks = Vec::new();
        words(&bytes, &mut masks);
        for start in 0..280 {
            let run = Run::of(&masks, start, 16).unwrap();
            for (place, byte) in bytes[start..start + 16].iter().enumerate() {
                let is = |mask: u64| mask >> place & 1 == 1;
                assert!(is(run.all));
                assert_eq!(is(run.uppers), byte.is_ascii_uppercase());
                assert_eq!(is(run.digits), byte.is_ascii_digit());
                assert_eq!(is(run.wide), !byte.is_ascii());
            }
            assert_eq!(run.all >> 16 | run.uppers >> 16 | run.digits >> 16 | run.wide >> 16, 0);
        }
    }
}
