//! Texts that have to wait until a file has been read: few stay in memory, many go to a temporary file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crate::error::Result;

/// Up to here the texts stay in memory.
const IN_MEMORY: usize = 32 << 20;

/// Where a text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    start: u64,
    length: u64,
}

impl Place {
    /// Whether the text has nothing in it.
    pub(crate) fn is_empty(self) -> bool {
        self.length == 0
    }
}

/// The texts, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// What is not in the file yet.
    tail: Vec<u8>,
    file: Option<File>,
    filed: u64,
}

impl Store {
    /// Keeps a text.
    pub(crate) fn put(&mut self, text: &str) -> Result<Place> {
        let place = Place { start: self.filed + self.tail.len() as u64, length: text.len() as u64 };
        self.tail.extend_from_slice(text.as_bytes());
        if self.tail.len() > IN_MEMORY {
            let mut file = match self.file.take() {
                Some(file) => file,
                None => tempfile::tempfile()?,
            };
            file.seek(SeekFrom::End(0))?;
            file.write_all(&self.tail)?;
            self.filed += self.tail.len() as u64;
            self.tail.clear();
            self.file = Some(file);
        }
        Ok(place)
    }

    /// The text at a place.
    pub(crate) fn get(&mut self, place: Place) -> Result<String> {
        let bytes = match (&mut self.file, place.start.checked_sub(self.filed)) {
            (_, Some(start)) => {
                let start = start as usize;
                self.tail.get(start..start + place.length as usize).unwrap_or_default().to_vec()
            }
            (Some(file), None) => {
                let mut bytes = Vec::new();
                file.seek(SeekFrom::Start(place.start))?;
                file.take(place.length).read_to_end(&mut bytes)?;
                bytes
            }
            (None, None) => Vec::new(),
        };
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Store;

    #[test]
    fn texts_come_back_from_memory_and_from_the_file() {
        let mut store = Store::default();
        let long = "é".repeat(super::IN_MEMORY / 3);
        let places: Vec<_> = ["a", &long, "", &long, "b"].map(|text| store.put(text).expect("kept")).to_vec();
        assert!(store.file.is_some() && places[2].is_empty());
        for (place, text) in places.into_iter().zip(["a", &long, "", &long, "b"]) {
            assert!(store.get(place).expect("there") == text);
        }
    }
}
