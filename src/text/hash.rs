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

/// Hash of a folded word: two multiplications over 8-byte pieces. Not for tables that an enemy fills; matches are confirmed
/// by comparing bytes.
pub fn hash_word(word: &[u8]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = K ^ (word.len() as u64);
    let mut chunks = word.chunks_exact(8);
    for chunk in &mut chunks {
        let mut piece = [0; 8];
        piece.copy_from_slice(chunk);
        hash = mix(hash, u64::from_le_bytes(piece));
    }
    let rest = chunks.remainder();
    let mut piece = [0; 8];
    piece[..rest.len()].copy_from_slice(rest);
    mix(hash, u64::from_le_bytes(piece))
}

/// Folds `next` into `hash`; also chains the hashes of a phrase's words.
pub fn mix(hash: u64, next: u64) -> u64 {
    let wide = u128::from(hash ^ next.rotate_left(29)) * 0xd6e8_feb8_6659_fd93_u128;
    (wide as u64) ^ ((wide >> 64) as u64)
}
