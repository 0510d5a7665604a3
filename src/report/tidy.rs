//! The tidy table: one row a message and category, for statistics programs (CSV, RFC 4180).
//!
//! A message with nothing has one row of kind `none`, so that the table also counts the messages. `offlimits codebook --variables`
//! explains every column and value.

use super::csv::field;
use super::names::Names;
use super::record;
use crate::finding::Finding;

/// The columns, in order.
pub const COLUMNS: &[&str] = &[
    "source",
    "platform",
    "surface",
    "conversation_id",
    "message_id",
    "index",
    "role",
    "timestamp",
    "lang",
    "kind",
    "code",
    "name",
    "score",
    "disclosure",
    "rule",
    "intent",
    "scope",
    "ad_use",
];

/// What a row can be about.
pub const KINDS: &[&str] = &["sensitive", "unlisted", "implied", "topic", "none"];

/// What a row says besides the message.
#[derive(Default)]
struct Said<'a> {
    kind: &'static str,
    code: &'a str,
    name: &'a str,
    score: Option<f32>,
    disclosure: &'static str,
    rule: &'a str,
}

/// Appends the header line.
pub fn header(out: &mut Vec<u8>) {
    out.extend_from_slice(COLUMNS.join(",").as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Appends the rows of `finding`.
pub fn rows(out: &mut Vec<u8>, finding: &Finding, names: &Names) {
    let said = &finding.assessment;
    let before = out.len();
    for (kind, verdicts) in [(KINDS[0], &said.sensitive), (KINDS[1], &said.unlisted)] {
        for verdict in verdicts {
            let (code, name) = (names.category_id(verdict.category), names.category_in_english(verdict.category));
            let (score, disclosure) = (Some(verdict.score), verdict.disclosure.name());
            row(out, finding, &Said { kind, code, name, score, disclosure, rule: "" });
        }
    }
    for implied in &said.implies {
        let (code, name) = (names.category_id(implied.category), names.category_in_english(implied.category));
        let score = Some(implied.score);
        row(out, finding, &Said { kind: KINDS[2], code, name, score, disclosure: "", rule: &implied.rule });
    }
    for estimate in &said.topics {
        let Some(topic) = names.topic(estimate.topic) else { continue };
        let name = topic.path.last().map_or(topic.name.as_str(), String::as_str);
        let score = Some(estimate.score);
        row(out, finding, &Said { kind: KINDS[3], code: &topic.id, name, score, disclosure: "", rule: "" });
    }
    if out.len() == before {
        row(out, finding, &Said { kind: KINDS[4], ..Said::default() });
    }
}

fn row(out: &mut Vec<u8>, finding: &Finding, said: &Said) {
    let mut cell = Vec::new();
    let next = |out: &mut Vec<u8>, value: &[u8]| {
        field(out, value);
        out.push(b',');
    };
    for text in [
        finding.source.as_ref(),
        finding.platform,
        finding.surface.unwrap_or_default(),
        &finding.conversation_id,
        finding.message_id.as_deref().unwrap_or_default(),
    ] {
        next(out, text.as_bytes());
    }
    next(out, finding.index.to_string().as_bytes());
    next(out, finding.role.name().as_bytes());
    finding.sent_at.iter().for_each(|at| record::display(&mut cell, at));
    next(out, &cell);
    next(out, finding.assessment.language.as_bytes());
    for text in [said.kind, said.code, said.name] {
        next(out, text.as_bytes());
    }
    cell.clear();
    said.score.iter().for_each(|score| record::score(&mut cell, *score));
    next(out, &cell);
    for text in [said.disclosure, said.rule, finding.assessment.intent.name(), finding.scope.scope.name()] {
        next(out, text.as_bytes());
    }
    field(out, finding.scope.ad_use.name().as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, header, rows};
    use crate::report::sample;

    #[test]
    fn every_category_has_a_row_and_every_message_at_least_one() {
        let (mut out, findings) = (Vec::new(), sample::findings(60));
        header(&mut out);
        findings.iter().for_each(|finding| rows(&mut out, finding, &sample::names()));
        let mut reader = csv::Reader::from_reader(out.as_slice());
        assert_eq!(reader.headers().unwrap(), COLUMNS);
        let table: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let kinds: Vec<&str> = table.iter().filter(|row| &row[4] == "m0").map(|row| &row[9]).collect();
        assert_eq!(kinds, ["sensitive", "unlisted", "implied", "topic"]);
        assert_eq!([&table[0][10], &table[0][12], &table[0][13]], ["health", "0.97", "self"]);
        let messages: std::collections::BTreeSet<&str> = table.iter().map(|row| &row[4]).collect();
        assert_eq!(messages.len(), findings.len());
        let said: usize = findings
            .iter()
            .map(|f| &f.assessment)
            .map(|said| (said.sensitive.len() + said.unlisted.len() + said.implies.len() + said.topics.len()).max(1))
            .sum();
        assert_eq!(table.len(), said);
    }
}
