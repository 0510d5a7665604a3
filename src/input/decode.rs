//! From bytes to UTF-8 text, decided by content: byte-order mark, the NULs of UTF-16, else UTF-8, else Windows-1252.
//!
//! Law: decoding never fails; what cannot be decoded becomes U+FFFD.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How much of the beginning the decision looks at.
pub(crate) const HEAD: usize = 256 << 10;

/// The encoding of a text that begins with `head`; `cut` when more follows.
pub(crate) fn encoding_of(head: &[u8], cut: bool) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    if let Some(encoding) = utf_16_without_mark(head) {
        return encoding;
    }
    let (good, bad) = count_sequences(head, cut);
    // A stray broken byte in a UTF-8 text must not turn every other accent into mojibake.
    if bad == 0 || good > 4 * bad { UTF_8 } else { WINDOWS_1252 }
}

/// Decodes a head to text; `cut` when more follows, so that a broken last character is left out.
pub(crate) fn text_of(head: &[u8], cut: bool) -> String {
    let encoding = encoding_of(head, cut);
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(head.len()).unwrap_or(head.len() * 3));
    let _ = decoder.decode_to_string(head, &mut text, !cut);
    text.shrink_to_fit();
    text
}

/// Whether these are the bytes of no text at all.
pub(crate) fn is_binary(head: &[u8]) -> bool {
    head.contains(&0) && encoding_of(head, true) != UTF_16LE && encoding_of(head, true) != UTF_16BE
}

fn utf_16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(1024)];
    let pairs = head.len() / 2;
    let nul = |offset: usize| head.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    let (first, second) = (nul(0), nul(1));
    if pairs == 0 || (first > 0 && second > 0) {
        return None;
    }
    // ASCII syntax (quotes, braces, digits) keeps the share of NULs high in any script's JSON.
    let enough = pairs.div_ceil(4);
    if second >= enough {
        Some(UTF_16LE)
    } else if first >= enough {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Counts the well-formed multi-byte sequences and the ill-formed ones.
fn count_sequences(mut head: &[u8], cut: bool) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    loop {
        match std::str::from_utf8(head) {
            Ok(text) => return (good + count_leads(text.as_bytes()), bad),
            Err(error) => {
                let (valid, rest) = head.split_at(error.valid_up_to());
                good += count_leads(valid);
                match error.error_len() {
                    Some(len) => {
                        bad += 1;
                        head = &rest[len..];
                    }
                    // An unfinished last character: the head's end or the file's cut, unless there are no others to go by.
                    None => return (good, bad + usize::from(!cut && good == 0)),
                }
            }
        }
    }
}

fn count_leads(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b >= 0xC0).count()
}

/// A reader of UTF-8 over bytes in whatever encoding.
pub(crate) struct Utf8Reader<R> {
    bytes: R,
    decoder: Decoder,
    input: Vec<u8>,
    from: usize,
    to: usize,
    at_end: bool,
    done: bool,
    spare: [u8; 16],
    spare_from: usize,
    spare_to: usize,
}

impl<R: Read> Utf8Reader<R> {
    /// Reads the head and decides.
    pub(crate) fn new(mut bytes: R) -> io::Result<Self> {
        let mut input = Vec::with_capacity(HEAD);
        (&mut bytes).take(HEAD as u64).read_to_end(&mut input)?;
        let at_end = input.len() < HEAD;
        let decoder = encoding_of(&input, !at_end).new_decoder_with_bom_removal();
        let to = input.len();
        input.resize(HEAD, 0);
        Ok(Utf8Reader {
            bytes,
            decoder,
            input,
            from: 0,
            to,
            at_end,
            done: false,
            spare: [0; 16],
            spare_from: 0,
            spare_to: 0,
        })
    }

    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.from == self.to && !self.at_end {
                self.from = 0;
                self.to = read_some(&mut self.bytes, &mut self.input)?;
                self.at_end = self.to == 0;
            }
            if self.done {
                return Ok(0);
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.input[self.from..self.to], out, self.at_end);
            self.from += read;
            self.done = self.at_end && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.len() >= 16 && self.spare_from == self.spare_to {
            return self.decode(out);
        }
        // The decoder wants room for a whole character; a caller with less is served from a spare buffer.
        if out.is_empty() {
            return Ok(0);
        }
        if self.spare_from == self.spare_to {
            let mut spare = self.spare;
            self.spare_to = self.decode(&mut spare)?;
            self.spare = spare;
            self.spare_from = 0;
        }
        let count = out.len().min(self.spare_to - self.spare_from);
        out[..count].copy_from_slice(&self.spare[self.spare_from..self.spare_from + count]);
        self.spare_from += count;
        Ok(count)
    }
}

fn read_some(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut text = String::new();
        Utf8Reader::new(bytes).and_then(|mut r| r.read_to_string(&mut text)).expect("never fails");
        assert_eq!(text, text_of(bytes, false));
        text
    }

    #[test]
    fn marks_and_patterns_decide() {
        let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(decoded("\u{feff}{\"é\"}".as_bytes()), "{\"é\"}");
        assert_eq!(decoded(&utf_16("\u{feff}[1,\"é\"]")), "[1,\"é\"]");
        assert_eq!(decoded(&utf_16("[{\"a\":\"привет\"}]")), "[{\"a\":\"привет\"}]");
        assert_eq!(decoded(b"H\xf6rger\xe4t"), "Hörgerät");
        assert_eq!(
            decoded("größer, schöner, früher, später, Öl \u{20ac} ".as_bytes()),
            "größer, schöner, früher, später, Öl € "
        );
    }

    #[test]
    fn one_broken_byte_does_not_spoil_a_utf_8_text() {
        let mut bytes = "äöüßäöüß".as_bytes().to_vec();
        bytes.push(0xff);
        assert_eq!(decoded(&bytes), "äöüßäöüß\u{fffd}");
        assert_eq!(text_of(&"aé".as_bytes()[..2], true), "a");
    }

    #[test]
    fn small_reads_see_the_same_text() {
        let text = "aé€😀".repeat(50);
        let mut reader = Utf8Reader::new(text.as_bytes()).expect("memory");
        let (mut all, mut one) = (Vec::new(), [0u8; 3]);
        while let Ok(count @ 1..) = reader.read(&mut one) {
            all.extend_from_slice(&one[..count]);
        }
        assert_eq!(all, text.as_bytes());
    }
}
