//! Hashes of words and phrases, and tables keyed by them.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A table whose keys are hashes already: hashing them again would cost more than the look-up.
pub type ByHash<T> = HashMap<u64, T, BuildHasherDefault<Identity>>;

/// A set of hashes.
pub type Hashes = HashSet<u64, BuildHasherDefault<Identity>>;

/// Takes a 64-bit key as it is.
#[derive(Debug, Default, Clone, Copy)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash_word(bytes);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// Bytes that [`hash_window`] takes in one step. Nine words of ten are no longer.
pub(super) const WINDOW: usize = 16;

/// `FIRST[n]` keeps the first `n` bytes of a window.
const FIRST: [u128; WINDOW + 1] = {
    let mut masks = [u128::MAX; WINDOW + 1];
    let mut length = 0;
    while length < WINDOW {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

/// Hash of a folded word: one multiplication for every 16 bytes. Not for tables that an enemy fills; matches are confirmed
/// by comparing bytes.
pub fn hash_word(word: &[u8]) -> u64 {
    let mut hash = SEED;
    let mut rest = word;
    loop {
        let mut window = [0; WINDOW];
        let length = rest.len().min(WINDOW);
        window[..length].copy_from_slice(&rest[..length]);
        hash = step(hash, u128::from_le_bytes(window));
        rest = &rest[length..];
        if rest.is_empty() {
            return hash;
        }
    }
}

/// [`hash_word`] of the first `length` bytes of a window, of at most [`WINDOW`]; what stands behind them does not matter.
#[inline(always)]
pub(super) fn hash_window(window: &[u8; WINDOW], length: usize) -> u64 {
    step(SEED, u128::from_le_bytes(*window) & FIRST[length])
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline(always)]
fn step(hash: u64, window: u128) -> u64 {
    fold(window as u64 ^ hash, (window >> 64) as u64 ^ 0xd6e8_feb8_6659_fd93)
}

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    wide as u64 ^ (wide >> 64) as u64
}

/// Folds `next` into `hash`: chains the hashes of a phrase's words.
#[inline(always)]
pub fn mix(hash: u64, next: u64) -> u64 {
    fold(hash ^ next.rotate_left(29), 0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::{WINDOW, hash_window, hash_word};

    #[test]
    fn a_window_hashes_as_its_word() {
        let window = *b"hypochondriac, a";
        for length in 0..=WINDOW {
            assert_eq!(hash_window(&window, length), hash_word(&window[..length]));
        }
        assert_ne!(hash_word(b"a long word of no sense"), hash_word(b"a long word of no sensf"));
    }
}
