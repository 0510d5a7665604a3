//! Tar archives, which are one stream: what is wanted of it is spooled in one go, everything else passed over.

use std::io::{self, Read};

use super::archive::{MAX_ENTRIES, damaged};

/// Everything in a tar comes in blocks of this size.
const BLOCK: u64 = 512;
/// A long name or an extended header is no longer than this.
const MAX_NAME: u64 = 1 << 20;

/// Whether a file begins like a tar archive.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// A file of the archive: its path, and where its bytes are in the stream that [`Contents`] yields; none where it was
/// passed over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TarMember {
    pub(crate) path: String,
    pub(crate) range: Option<(u64, u64)>,
}

/// The wanted files' bytes one after the other, and the list of all files.
pub(crate) struct Contents<R, W> {
    tar: R,
    wanted: W,
    pub(crate) members: Vec<TarMember>,
    /// Bytes yielded so far.
    at: u64,
    /// Bytes left of the current file, and of the padding behind it.
    left: u64,
    padding: u64,
    at_end: bool,
}

impl<R: Read, W: Fn(&str) -> bool> Contents<R, W> {
    /// Over the archive's bytes; `wanted` is asked with each path.
    pub(crate) fn new(tar: R, wanted: W) -> Self {
        Contents { tar, wanted, members: Vec::new(), at: 0, left: 0, padding: 0, at_end: false }
    }

    /// Goes on to the next wanted file.
    fn advance(&mut self) -> io::Result<()> {
        let (mut long_name, mut long_size) = (None, None);
        loop {
            let padding = std::mem::take(&mut self.padding);
            self.pass_over(padding)?;
            let mut block = [0; BLOCK as usize];
            let got = read_full(&mut self.tar, &mut block)?;
            if got == 0 || block.iter().all(|b| *b == 0) {
                self.at_end = true;
                return Ok(());
            }
            if got < block.len() || !is_tar(&block) {
                return Err(damaged("the tar archive is damaged or cut short"));
            }
            let size = long_size.unwrap_or(number(&block[124..136]));
            self.padding = size.next_multiple_of(BLOCK) - size;
            match block[156] {
                b'L' => long_name = Some(text(&self.small(size)?)),
                b'x' => {
                    let header = self.small(size)?;
                    long_name = extended(&header, "path").or(long_name);
                    long_size = extended(&header, "size").and_then(|size| size.parse().ok());
                }
                b'0' | 0 => {
                    let path = long_name.take().unwrap_or_else(|| name(&block)).replace('\\', "/");
                    let path = path.trim_start_matches("./").trim_start_matches('/').to_owned();
                    if self.members.len() >= MAX_ENTRIES {
                        return Err(damaged("the tar archive lists too many files"));
                    }
                    let wanted = (self.wanted)(&path);
                    self.members.push(TarMember { path, range: wanted.then_some((self.at, size)) });
                    long_size = None;
                    if wanted && size > 0 {
                        self.left = size;
                        return Ok(());
                    }
                    self.pass_over(size)?;
                }
                _ => {
                    (long_name, long_size) = (None, None);
                    self.pass_over(size)?;
                }
            }
        }
    }

    fn small(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MAX_NAME {
            return Err(damaged("the tar archive is damaged"));
        }
        let mut bytes = Vec::new();
        (&mut self.tar).take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn pass_over(&mut self, count: u64) -> io::Result<()> {
        io::copy(&mut (&mut self.tar).take(count), &mut io::sink()).map(drop)
    }
}

impl<R: Read, W: Fn(&str) -> bool> Read for Contents<R, W> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.at_end {
            self.advance()?;
        }
        if self.at_end || out.is_empty() {
            return Ok(0);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let count = self.tar.read(&mut out[..wanted])?;
        if count == 0 {
            return Err(damaged("the tar archive is cut short"));
        }
        self.left -= count as u64;
        self.at += count as u64;
        Ok(count)
    }
}

fn read_full(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < out.len() {
        match reader.read(&mut out[got..]) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// A size: octal digits, or for very large files a binary number.
fn number(field: &[u8]) -> u64 {
    if field[0] & 0x80 != 0 {
        let low = field[field.len() - 8..].iter();
        return low.fold(0, |n, b| n << 8 | u64::from(*b)).min(1 << 62);
    }
    let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| (b'0'..=b'7').contains(*b));
    digits.fold(0, |n, b| n << 3 | u64::from(b - b'0')) & ((1 << 36) - 1)
}

fn text(field: &[u8]) -> String {
    let end = memchr::memchr(0, field).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn name(block: &[u8; BLOCK as usize]) -> String {
    let (name, prefix) = (text(&block[..100]), text(&block[345..500]));
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// A value of an extended header: records of `length key=value\n`.
fn extended(header: &[u8], key: &str) -> Option<String> {
    let header = String::from_utf8_lossy(header);
    let values = header.lines().filter_map(|line| line.split_once(' ')?.1.split_once('='));
    values.filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned()).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        block[156] = kind;
        block[257..262].copy_from_slice(b"ustar");
        block.extend_from_slice(bytes);
        block.resize(block.len().next_multiple_of(512), 0);
        block
    }

    #[test]
    fn wanted_files_and_long_names() {
        let mut tar = entry("./a.txt", b'0', b"hello");
        tar.extend(entry("b.jpg", b'0', &[7; 1000]));
        tar.extend(entry("folder/", b'5', b""));
        tar.extend(entry("x", b'x', "30 path=Takeout/Gemini \u{e4}.json\n".as_bytes()));
        tar.extend(entry("c", b'0', b"world"));
        tar.extend([0; 1024]);
        let mut contents = Contents::new(&tar[..], |path| !path.ends_with(".jpg"));
        let mut all = String::new();
        contents.read_to_string(&mut all).expect("sound");
        assert_eq!(all, "helloworld");
        let member = |path: &str, range| TarMember { path: path.to_owned(), range };
        let wanted =
            [member("a.txt", Some((0, 5))), member("b.jpg", None), member("Takeout/Gemini \u{e4}.json", Some((5, 5)))];
        assert_eq!(contents.members, wanted);
        assert!(Contents::new(&tar[..514], |_| true).read_to_string(&mut all).is_err());
    }
}
