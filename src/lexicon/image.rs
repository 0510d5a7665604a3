//! A compiled pack as bytes, in the form in which it is used: what the build script writes, the program reads where it lies.
//!
//! No pointers and no alignment that anything rests on: lists of pieces of one size, numbers little-endian. Reading costs
//! nothing but the pages that are looked at, so that a program that explains one line need not compile a hundred thousand.
//! A pack that is compiled at run time (a user's own terms) holds the same lists as owned ones.
//!
//! Law: a pack read from its image does what the pack does that the image was written from.

use std::borrow::Cow;

/// Pieces of one size, in the program or owned.
pub(super) type Flat<const N: usize> = Cow<'static, [[u8; N]]>;

/// Lists begin at multiples of this many bytes, so that no piece of a table lies across two lines of the cache.
const LINE: usize = 64;

/// Writes an image.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn number(&mut self, number: u32) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn list<const N: usize>(&mut self, pieces: &[[u8; N]]) {
        self.number(pieces.len() as u32);
        self.bytes.resize(self.bytes.len().next_multiple_of(LINE), 0);
        self.bytes.extend_from_slice(pieces.as_flattened());
    }

    /// The image.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads an image.
#[derive(Debug)]
pub struct Reader {
    bytes: &'static [u8],
    at: usize,
}

impl Reader {
    /// A reader of a whole image.
    pub fn new(bytes: &'static [u8]) -> Reader {
        Reader { bytes, at: 0 }
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        let number = self.bytes.get(self.at..)?.first_chunk()?;
        self.at += number.len();
        Some(u32::from_le_bytes(*number))
    }

    /// A list of single bytes.
    pub(super) fn letters(&mut self) -> Option<Cow<'static, [u8]>> {
        Some(match self.list::<1>()? {
            Cow::Borrowed(letters) => Cow::Borrowed(letters.as_flattened()),
            Cow::Owned(letters) => Cow::Owned(letters.into_flattened()),
        })
    }

    pub(super) fn list<const N: usize>(&mut self) -> Option<Flat<N>> {
        let count = self.number()? as usize;
        let start = self.at.next_multiple_of(LINE);
        let bytes = self.bytes.get(start..start + count * N)?;
        self.at = start + bytes.len();
        Some(Cow::Borrowed(bytes.as_chunks().0))
    }
}

/// A number of a list of numbers.
#[inline(always)]
pub(super) fn number(list: &[[u8; 4]], place: usize) -> Option<u32> {
    list.get(place).map(|bytes| u32::from_le_bytes(*bytes))
}

/// A list of numbers.
pub(super) fn numbers(list: impl IntoIterator<Item = u32>) -> Flat<4> {
    list.into_iter().map(u32::to_le_bytes).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::{Reader, Writer, number, numbers};

    #[test]
    fn lists_come_back() {
        let mut writer = Writer::default();
        writer.number(7);
        writer.list(b"abcdefgh".as_chunks::<2>().0);
        writer.list(&numbers([1, 2, u32::MAX]));
        let bytes: &'static [u8] = writer.finish().leak();
        let mut reader = Reader::new(bytes);
        assert_eq!(reader.number(), Some(7));
        assert_eq!(reader.list::<2>().unwrap()[3], *b"gh");
        let list = reader.list().unwrap();
        assert_eq!((number(&list, 2), number(&list, 3)), (Some(u32::MAX), None));
        assert!(reader.number().is_none() && reader.list::<4>().is_none());
        assert!(Reader::new(&bytes[..70]).list::<16>().is_none(), "an image that is cut short");
    }
}
