//! Where words are, 64 bytes at a time: one bit a byte, set where the byte belongs to a word.
//!
//! Letters, digits, and every byte of a character outside ASCII count as word bytes here; the few runs that hold such
//! characters are looked at more closely by [`super::reader`].

/// Bytes a mask speaks for.
pub(super) const BLOCK: usize = 64;

/// The mask of every block of `bytes`; the last one is filled up with bytes of no word.
pub(super) fn words(bytes: &[u8], masks: &mut Vec<u64>) {
    masks.clear();
    masks.reserve(bytes.len() / BLOCK + 1);
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    masks.extend(blocks.iter().map(block));
    if !rest.is_empty() {
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        masks.push(block(&last));
    }
}

/// One block, eight bytes in a register: works on every machine, and at 4 GB/s is no bottleneck.
fn block(bytes: &[u8; BLOCK]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |mask, (place, eight)| mask | u64::from(eight_bytes(*eight)) << (8 * place))
}

const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

fn eight_bytes(bytes: [u8; 8]) -> u8 {
    const HIGH: u64 = all(0x80);
    let eight = u64::from_le_bytes(bytes);
    let low = eight & !HIGH;
    // Adding carries into the high bit of each byte that is at least so great; no byte can overflow into its neighbour.
    let at_least = |value: u64, byte: u8| value + all(0x80 - byte);
    let lower = low | all(0x20);
    let letter = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
    let digit = at_least(low, b'0') & !at_least(low, b'9' + 1);
    let found = (letter | digit | eight) & HIGH;
    // Gathers the eight high bits in the top byte.
    ((found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_byte_at_every_place() {
        for length in [0, 1, 7, 8, 63, 64, 65, 300] {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 37 % 256) as u8).collect();
            let mut masks = Vec::new();
            words(&bytes, &mut masks);
            for (place, byte) in bytes.iter().enumerate() {
                let expected = byte.is_ascii_alphanumeric() || !byte.is_ascii();
                assert_eq!(masks[place / 64] >> (place % 64) & 1 == 1, expected, "{byte} at {place}");
            }
            let behind = masks.last().map_or(0, |mask| (mask >> ((length.max(1) - 1) % 64)) >> 1);
            assert_eq!(behind, 0, "nothing behind the end");
        }
    }
}
