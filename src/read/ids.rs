//! The id of a conversation, found in its record without parsing it.
//!
//! Looking for copies needs the ids of all conversations before the first is handed on. Parsing everything for that would
//! cost as much as the reading itself; stepping over the members of the record's object costs a fraction of it, and often
//! the id stands first, or within the last bytes of the record.
//!
//! Law: whatever id the format's parser would find, this finds as well. It may find one where the parser finds none (a
//! broken record): the ids are only hints, and copies are judged by what is parsed.

use std::hash::{DefaultHasher, Hash, Hasher};

/// So near its end the id of a record is looked for before the record is stepped through.
const TAIL: usize = 2048;

/// Hash of an id as a parsed conversation holds it.
pub(super) fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The hash of the id that stands under the first of `keys` that has one.
pub(super) fn of_record(record: &[u8], keys: &[&str]) -> Option<u64> {
    let mut best: Option<(usize, u64)> = None;
    let mut walk = Walk { bytes: record, at: 0 };
    walk.blank();
    walk.take(b'{').then_some(())?;
    let mut first = true;
    loop {
        walk.blank();
        if walk.take(b',') {
            continue;
        }
        let Some(key) = walk.string() else { break };
        // Keys with escapes in them are none of ours; a parser would find them equal, but no program writes `id` so.
        let rank = keys.iter().position(|wanted| wanted.as_bytes() == key);
        // Where the id does not stand first, the whole conversation may stand before it: its end is nearer.
        if std::mem::take(&mut first)
            && rank != Some(0)
            && let Some(id) = keys.first().and_then(|key| near_the_end(record, key))
        {
            return Some(id);
        }
        walk.blank();
        walk.take(b':').then_some(())?;
        walk.blank();
        let start = walk.at;
        walk.value();
        if let (Some(rank), Some(id)) = (rank, id_of(&record[start..walk.at]))
            && best.is_none_or(|(other, _)| rank < other)
        {
            best = Some((rank, id));
            if rank == 0 {
                break;
            }
        }
    }
    best.map(|(_, id)| id)
}

/// The id under `key`, if the key is a member of the record's own object and stands near its end.
fn near_the_end(record: &[u8], key: &str) -> Option<u64> {
    let from = record.len().saturating_sub(TAIL);
    let quoted = format!("\"{key}\"");
    let place = from + memchr::memmem::rfind(&record[from..], quoted.as_bytes())?;
    // Behind a backslash the quote belongs to a text; before a colon it is a key and nothing else.
    if place == 0 || record[place - 1] == b'\\' {
        return None;
    }
    let mut walk = Walk { bytes: record, at: place + quoted.len() };
    walk.blank();
    walk.take(b':').then_some(())?;
    walk.blank();
    let start = walk.at;
    walk.value();
    let id = id_of(&record[start..walk.at])?;
    // From a member of the record's own object, one brace is left to be closed, and it is the record's last byte.
    loop {
        walk.blank();
        if walk.take(b',') {
            walk.blank();
            walk.string()?;
            walk.blank();
            walk.take(b':').then_some(())?;
            walk.blank();
            walk.value();
            continue;
        }
        walk.take(b'}').then_some(())?;
        walk.blank();
        return (walk.at == record.len()).then_some(id);
    }
}

/// What [`super::json::Id`] takes for an id: a string that is not empty, or an integer.
fn id_of(value: &[u8]) -> Option<u64> {
    match value.first()? {
        b'"' if !value.contains(&b'\\') => {
            let id = std::str::from_utf8(value.get(1..value.len() - 1)?).ok()?;
            (!id.is_empty()).then(|| hash(id))
        }
        b'"' => super::json::parse::<super::json::Id>(value).ok()?.0.map(|id| hash(&id)),
        b'-' | b'0'..=b'9' => std::str::from_utf8(value).ok().map(hash),
        _ => None,
    }
}

/// Steps over JSON without looking at what it says.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over a string and answers what is between its quotes, as written.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.take(b'"').then_some(())?;
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                return None;
            };
            self.at += found + 1;
            if rest[found] == b'"' {
                return Some(&self.bytes[start..self.at - 1]);
            }
            self.at = (self.at + 1).min(self.bytes.len());
        }
    }

    /// Steps over a value.
    fn value(&mut self) {
        let mut depth = 0;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' if depth == 0 => return,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{hash, of_record};

    #[test]
    fn ids_are_those_that_a_parser_finds() {
        let find = |record: &str| of_record(record.as_bytes(), &["conversation_id", "id"]);
        let long = "x".repeat(5000);
        for (record, id) in [
            (r#"{"id": "a"}"#.to_owned(), Some("a")),
            (r#"{ "id":"a","m":{"conversation_id":"b"} , "conversation_id" : "c" }"#.to_owned(), Some("c")),
            (r#"{"id":"a","m":{"conversation_id":"b"}}"#.to_owned(), Some("a")),
            (r#"{"id":"a","m":[{"conversation_id":"b"}],"conversation_id":null}"#.to_owned(), Some("a")),
            (r#"{"id":7,"m":"\"conversation_id\":\"b\""}"#.to_owned(), Some("7")),
            (r#"{"conversation_id":"","id":"\u0061é"}"#.to_owned(), Some("aé")),
            (format!(r#"{{"conversation_id":"c","m":["{long}",{{"id":"b"}}]}}"#), Some("c")),
            (format!(r#"{{"m":"{long}\\","id":"a","conversation_id":"c","n":[{{}}]}}"#), Some("c")),
            (r#"{"m":{"conversation_id":"b"}}"#.to_owned(), None),
            (r#"["id"]"#.to_owned(), None),
            (r#"{"id":"a"#.to_owned(), None),
        ] {
            assert_eq!(find(&record), id.map(hash), "{record}");
        }
    }
}
