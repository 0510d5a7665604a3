//! Records as CSV (RFC 4180): the columns of the JSON records, lists as JSON strings, empty where something is unknown.

use super::names::Names;
use super::record::{self, KEYS, QUOTE_KEYS};
use crate::chat::Message;
use crate::finding::Finding;

/// Writes rows; keeps one cell's buffer between them.
#[derive(Debug, Default)]
pub struct Rows {
    cell: Vec<u8>,
}

impl Rows {
    /// Appends the header line.
    pub fn header(&self, out: &mut Vec<u8>, quoting: bool) {
        let quote_keys = if quoting { QUOTE_KEYS } else { &[] };
        for (place, key) in KEYS.iter().chain(quote_keys).enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(key.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Appends the row of `finding`. `quote` is the message where its text shall be shown.
    pub fn row(&mut self, out: &mut Vec<u8>, finding: &Finding, names: &Names, quote: Option<&Message>) {
        let said = &finding.assessment;
        field(out, finding.source.as_bytes());
        self.next(out, |cell| cell.extend_from_slice(finding.platform.as_bytes()));
        self.next(out, |cell| cell.extend_from_slice(finding.surface.unwrap_or_default().as_bytes()));
        self.next(out, |cell| cell.extend_from_slice(finding.conversation_id.as_bytes()));
        self.next(out, |cell| cell.extend_from_slice(finding.message_id.as_deref().unwrap_or_default().as_bytes()));
        self.next(out, |cell| record::display(cell, finding.index));
        self.next(out, |cell| cell.extend_from_slice(finding.role.name().as_bytes()));
        self.next(out, |cell| finding.sent_at.iter().for_each(|at| record::display(cell, at)));
        self.next(out, |cell| cell.extend_from_slice(said.language.as_bytes()));
        self.next(out, |cell| record::display(cell, finding.chars));
        self.next(out, |cell| record::verdicts(cell, &said.sensitive, names));
        self.next(out, |cell| record::verdicts(cell, &said.unlisted, names));
        self.next(out, |cell| record::topics(cell, &said.topics, names));
        self.next(out, |cell| cell.extend_from_slice(said.intent.name().as_bytes()));
        self.next(out, |cell| record::implications(cell, &said.implies, names));
        self.next(out, |cell| cell.extend_from_slice(finding.scope.scope.name().as_bytes()));
        self.next(out, |cell| record::list(cell, &finding.scope.reasons, |cell, reason| record::string(cell, reason)));
        self.next(out, |cell| cell.extend_from_slice(finding.scope.ad_use.name().as_bytes()));
        if let Some(message) = quote {
            self.next(out, |cell| cell.extend_from_slice(message.author.as_deref().unwrap_or_default().as_bytes()));
            self.next(out, |cell| cell.extend_from_slice(message.text.as_bytes()));
            self.next(out, |cell| record::list(cell, &message.attachments, |cell, text| record::string(cell, text)));
            self.next(out, |cell| record::evidence(cell, &said.evidence));
        }
        out.extend_from_slice(b"\r\n");
    }

    fn next(&mut self, out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
        self.cell.clear();
        fill(&mut self.cell);
        out.push(b',');
        field(out, &self.cell);
    }
}

/// A field, in quotes where it needs them.
pub(super) fn field(out: &mut Vec<u8>, value: &[u8]) {
    if !value.iter().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        return out.extend_from_slice(value);
    }
    out.push(b'"');
    for byte in value {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::Rows;
    use crate::chat::{Message, Role};
    use crate::report::record::{KEYS, QUOTE_KEYS};
    use crate::report::sample;

    #[test]
    fn a_csv_reader_gets_back_every_field() {
        let (mut rows, mut out) = (Rows::default(), Vec::new());
        let message = Message::new(Role::User, "one, \"two\"\r\nthree");
        rows.header(&mut out, true);
        for finding in sample::findings(8) {
            rows.row(&mut out, &finding, &sample::names(), Some(&message));
        }
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(header, [KEYS, QUOTE_KEYS].concat());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 8);
        assert_eq!(&records[0][19], "one, \"two\"\r\nthree");
        assert_eq!(&records[0][7], "2026-01-10T09:00:00Z");
        assert_eq!(&records[5][7], "", "no time");
        let sensitive: serde_json::Value = serde_json::from_str(&records[0][10]).unwrap();
        assert_eq!(sensitive[0]["category"], "health");
    }
}
