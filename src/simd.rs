//! Bytes compared sixteen at a time: what every byte of a block is, as one bit a byte.
//!
//! The only `unsafe` of the crate is here, and it is one of calling, not of memory: bytes come in as values, never by address.
//! SSE2 is part of every x86-64 processor and stands for all of them; wider instructions were not worth a second path, because
//! these masks are a hundredth of a scan. Elsewhere eight bytes are compared in one register.
//!
//! Law: both ways give the same masks for every block (a test of every byte at every place).

/// Bytes of a block.
pub(crate) const BLOCK: usize = 64;

/// The bytes that JSON is cut at, one bit a byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    pub(crate) quotes: u64,
    pub(crate) backslashes: u64,
    /// `{` and `[`.
    pub(crate) opens: u64,
    /// `}` and `]`.
    pub(crate) closes: u64,
}

/// The bytes that words are made of, one bit a byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Letters {
    /// ASCII letters and digits, and every byte of other characters.
    pub(crate) words: u64,
    /// ASCII capitals.
    pub(crate) uppers: u64,
    /// ASCII digits.
    pub(crate) digits: u64,
    /// Bytes that are not ASCII.
    pub(crate) wide: u64,
}

#[cfg(target_arch = "x86_64")]
pub(crate) use sse2::{letters, signs};

#[cfg(not(target_arch = "x86_64"))]
pub(crate) use portable::{letters, signs};

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
        _mm_set1_epi8,
    };

    use super::{BLOCK, Letters, Signs};

    #[inline]
    #[allow(unsafe_code)]
    pub(crate) fn signs(block: &[u8; BLOCK]) -> Signs {
        // SAFETY: the function needs SSE2 and nothing else; the x86-64 instruction set includes it.
        unsafe { signs_with_sse2(block) }
    }

    #[inline]
    #[allow(unsafe_code)]
    pub(crate) fn letters(block: &[u8; BLOCK]) -> Letters {
        // SAFETY: the function needs SSE2 and nothing else; the x86-64 instruction set includes it.
        unsafe { letters_with_sse2(block) }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn signs_with_sse2(block: &[u8; BLOCK]) -> Signs {
        let mut signs = Signs::default();
        for (place, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            let bytes = load(bytes);
            // Square and curly brackets differ in one bit, and nothing else becomes a bracket by it.
            let curly = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
            signs.quotes |= mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8)), place);
            signs.backslashes |= mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8)), place);
            signs.opens |= mask(_mm_cmpeq_epi8(curly, _mm_set1_epi8(b'{' as i8)), place);
            signs.closes |= mask(_mm_cmpeq_epi8(curly, _mm_set1_epi8(b'}' as i8)), place);
        }
        signs
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn letters_with_sse2(block: &[u8; BLOCK]) -> Letters {
        let mut letters = Letters::default();
        for (place, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            let bytes = load(bytes);
            let lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
            let upper = up_to(bytes, b'Z', 26);
            let digit = up_to(bytes, b'9', 10);
            let word = _mm_or_si128(_mm_or_si128(up_to(lower, b'z', 26), digit), bytes);
            // Of a byte that is not ASCII the high bit is set already.
            letters.words |= mask(word, place);
            letters.uppers |= mask(upper, place);
            letters.digits |= mask(digit, place);
            letters.wide |= mask(bytes, place);
        }
        letters
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(bytes: &[u8; 16]) -> __m128i {
        let both = u128::from_le_bytes(*bytes);
        _mm_set_epi64x((both >> 64) as i64, both as i64)
    }

    /// The bytes among the `count` up to `last`: moved up so that `last` is the greatest signed byte.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn up_to(bytes: __m128i, last: u8, count: i8) -> __m128i {
        _mm_cmpgt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8((127 - last) as i8)), _mm_set1_epi8(127 - count))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn mask(found: __m128i, place: usize) -> u64 {
        u64::from(_mm_movemask_epi8(found) as u32) << (16 * place)
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    use super::{BLOCK, Letters, Signs};

    const HIGH: u64 = all(0x80);

    pub(crate) fn signs(block: &[u8; BLOCK]) -> Signs {
        let mut signs = Signs::default();
        for (place, eight) in block.as_chunks::<8>().0.iter().enumerate() {
            let bytes = u64::from_le_bytes(*eight);
            let curly = bytes | all(0x20);
            signs.quotes |= gather(equal(bytes, b'"'), place);
            signs.backslashes |= gather(equal(bytes, b'\\'), place);
            signs.opens |= gather(equal(curly, b'{'), place);
            signs.closes |= gather(equal(curly, b'}'), place);
        }
        signs
    }

    pub(crate) fn letters(block: &[u8; BLOCK]) -> Letters {
        let mut letters = Letters::default();
        for (place, eight) in block.as_chunks::<8>().0.iter().enumerate() {
            let bytes = u64::from_le_bytes(*eight);
            let low = bytes & !HIGH;
            let lower = low | all(0x20);
            // Adding carries into the high bit of each byte that is at least so great; no byte can overflow into its neighbour.
            let at_least = |value: u64, byte: u8| value + all(0x80 - byte);
            let digit = at_least(low, b'0') & !at_least(low, b'9' + 1) & !bytes;
            letters.words |= gather((at_least(lower, b'a') & !at_least(lower, b'z' + 1)) | digit | bytes, place);
            letters.uppers |= gather(at_least(low, b'A') & !at_least(low, b'Z' + 1) & !bytes, place);
            letters.digits |= gather(digit, place);
            letters.wide |= gather(bytes, place);
        }
        letters
    }

    const fn all(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }

    /// The high bit of each byte that is this one.
    fn equal(bytes: u64, byte: u8) -> u64 {
        let differ = bytes ^ all(byte);
        // The high bit of each byte that has any bit set.
        !(((differ & !HIGH) + !HIGH) | differ)
    }

    /// The eight high bits as the byte of a mask.
    fn gather(found: u64, place: usize) -> u64 {
        (((found & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * place)
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Letters, Signs, letters, portable, signs};

    #[test]
    fn every_byte_at_every_place_is_told_alike() {
        for byte in 0..=u8::MAX {
            let is = |found: bool, place: usize| u64::from(found) << place;
            for place in 0..BLOCK {
                for around in [b' ', b'a', 0xff, b'"'] {
                    let mut block = [around; BLOCK];
                    block[place] = byte;
                    let (mut said, mut told) = (Signs::default(), Letters::default());
                    for (place, byte) in block.iter().enumerate() {
                        said.quotes |= is(*byte == b'"', place);
                        said.backslashes |= is(*byte == b'\\', place);
                        said.opens |= is(matches!(byte, b'{' | b'['), place);
                        said.closes |= is(matches!(byte, b'}' | b']'), place);
                        told.words |= is(byte.is_ascii_alphanumeric() || !byte.is_ascii(), place);
                        told.uppers |= is(byte.is_ascii_uppercase(), place);
                        told.digits |= is(byte.is_ascii_digit(), place);
                        told.wide |= is(!byte.is_ascii(), place);
                    }
                    assert_eq!((signs(&block), letters(&block)), (said, told), "{byte} at {place}");
                    assert_eq!((portable::signs(&block), portable::letters(&block)), (said, told), "{byte} at {place}");
                }
            }
        }
    }
}
