//! One record a message, as JSON lines: fixed keys in a fixed order, `null` where something is unknown.
//!
//! Written by hand into a buffer: a corpus has millions of records, and nothing here allocates beyond the buffer.

use std::io::Write;

use super::names::Names;
use crate::chat::Message;
use crate::finding::{Evidence, Finding, Implication, TopicEstimate, Verdict};

/// Keys of a record, in order.
pub const KEYS: &[&str] = &[
    "source",
    "platform",
    "surface",
    "conversation_id",
    "message_id",
    "index",
    "role",
    "timestamp",
    "lang",
    "chars",
    "sensitive",
    "unlisted",
    "topics",
    "intent",
    "implies",
    "scope",
    "scope_reasons",
    "ad_use",
];

/// Keys that a quoting record has besides.
pub const QUOTE_KEYS: &[&str] = &["author", "text", "attachments", "evidence"];

/// Appends the record of `finding` and a line end. `quote` is the message where its text shall be shown.
pub fn write(out: &mut Vec<u8>, finding: &Finding, names: &Names, quote: Option<&Message>) {
    what(out, finding);
    said(out, finding, names);
    if let Some(message) = quote {
        quoted(out, &finding.assessment.evidence, message);
    }
    out.extend_from_slice(b"}\n");
}

/// Which message it is.
fn what(out: &mut Vec<u8>, finding: &Finding) {
    out.extend_from_slice(b"{\"source\":");
    string(out, &finding.source);
    key(out, "platform");
    string(out, finding.platform);
    key(out, "surface");
    optional(out, finding.surface);
    key(out, "conversation_id");
    string(out, &finding.conversation_id);
    key(out, "message_id");
    optional(out, finding.message_id.as_deref());
    key(out, "index");
    number(out, finding.index);
    key(out, "role");
    string(out, finding.role.name());
    key(out, "timestamp");
    match finding.sent_at {
        Some(at) => {
            out.push(b'"');
            display(out, at);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}

/// What it says, and what the policy makes of it.
fn said(out: &mut Vec<u8>, finding: &Finding, names: &Names) {
    let said = &finding.assessment;
    key(out, "lang");
    string(out, &said.language);
    key(out, "chars");
    number(out, finding.chars);
    key(out, "sensitive");
    verdicts(out, &said.sensitive, names);
    key(out, "unlisted");
    verdicts(out, &said.unlisted, names);
    key(out, "topics");
    topics(out, &said.topics, names);
    key(out, "intent");
    string(out, said.intent.name());
    key(out, "implies");
    implications(out, &said.implies, names);
    key(out, "scope");
    string(out, finding.scope.scope.name());
    key(out, "scope_reasons");
    list(out, &finding.scope.reasons, |out, reason| string(out, reason));
    key(out, "ad_use");
    string(out, finding.scope.ad_use.name());
}

fn quoted(out: &mut Vec<u8>, found: &[Evidence], message: &Message) {
    key(out, "author");
    optional(out, message.author.as_deref());
    key(out, "text");
    string(out, &message.text);
    key(out, "attachments");
    list(out, &message.attachments, |out, text| string(out, text));
    key(out, "evidence");
    evidence(out, found);
}

fn key(out: &mut Vec<u8>, name: &str) {
    out.push(b',');
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writing into a `Vec` cannot fail.
pub(super) fn display(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

/// A whole number; the formatting machinery would take ten times as long, and a record has several.
fn number(out: &mut Vec<u8>, value: u64) {
    if value >= 10 {
        number(out, value / 10);
    }
    out.push(b'0' + (value % 10) as u8);
}

pub(super) fn list<T>(out: &mut Vec<u8>, items: &[T], mut one: impl FnMut(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        one(out, item);
    }
    out.push(b']');
}

pub(super) fn verdicts(out: &mut Vec<u8>, verdicts: &[Verdict], names: &Names) {
    list(out, verdicts, |out, verdict| {
        out.extend_from_slice(b"{\"category\":");
        string(out, names.category_id(verdict.category));
        key(out, "score");
        score(out, verdict.score);
        key(out, "disclosure");
        string(out, verdict.disclosure.name());
        out.push(b'}');
    });
}

pub(super) fn topics(out: &mut Vec<u8>, topics: &[TopicEstimate], names: &Names) {
    list(out, topics, |out, estimate| {
        let name = names.topic(estimate.topic);
        out.extend_from_slice(b"{\"id\":");
        string(out, name.map_or("", |name| &name.id));
        key(out, "name");
        string(out, name.map_or("", |name| &name.name));
        key(out, "path");
        list(out, name.map_or(&[], |name| &name.path), |out, step| string(out, step));
        key(out, "score");
        score(out, estimate.score);
        out.push(b'}');
    });
}

pub(super) fn implications(out: &mut Vec<u8>, implications: &[Implication], names: &Names) {
    list(out, implications, |out, implication| {
        out.extend_from_slice(b"{\"category\":");
        string(out, names.category_id(implication.category));
        key(out, "score");
        score(out, implication.score);
        key(out, "rule");
        string(out, &implication.rule);
        out.push(b'}');
    });
}

/// Spans are byte offsets into `text`; evidence in the n-th attachment says so with `part`.
pub(super) fn evidence(out: &mut Vec<u8>, evidence: &[Evidence]) {
    list(out, evidence, |out, found| {
        out.extend_from_slice(b"{\"span\":[");
        display(out, found.span.0);
        out.push(b',');
        display(out, found.span.1);
        out.push(b']');
        key(out, "phrase");
        string(out, &found.phrase);
        key(out, "category");
        string(out, &found.category);
        key(out, "weight");
        score(out, found.weight);
        if found.part > 0 {
            key(out, "part");
            display(out, found.part);
        }
        out.push(b'}');
    });
}

/// A number rounded to four decimals, without trailing zeros; what is no number is 0.
pub(super) fn score(out: &mut Vec<u8>, value: f32) {
    // `as` turns NaN into 0 and saturates, so no value can break the JSON.
    let scaled = (f64::from(value) * 10_000.0).round() as i64;
    let (whole, mut rest) = (scaled.unsigned_abs() / 10_000, scaled.unsigned_abs() % 10_000);
    if scaled < 0 {
        out.push(b'-');
    }
    number(out, whole);
    out.push(b'.');
    let mut unit = 1_000;
    loop {
        out.push(b'0' + (rest / unit) as u8);
        rest %= unit;
        if rest == 0 || unit == 1 {
            break;
        }
        unit /= 10;
    }
}

fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// A JSON string; only what must be escaped is.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    // Ids and names hold nothing to escape; one pass without branches tells.
    if !bytes.iter().fold(false, |any, byte| any | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\')) {
        out.extend_from_slice(bytes);
        out.push(b'"');
        return;
    }
    for (place, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[start..place]);
        start = place + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                let _ = write!(out, "\\u{byte:04x}");
            }
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::{KEYS, QUOTE_KEYS, score, string};
    use crate::chat::{Message, Role};
    use crate::report::sample;

    fn line(quote: Option<&Message>, n: usize) -> String {
        let mut out = Vec::new();
        super::write(&mut out, &sample::findings(8)[n], &sample::names(), quote);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_record_reads_as_the_interface_says() {
        assert_eq!(
            line(None, 0),
            concat!(
                r#"{"source":"conversations.json","platform":"chatgpt","surface":"web","conversation_id":"c0","#,
                r#""message_id":"m0","index":0,"role":"user","timestamp":"2026-01-10T09:00:00Z","lang":"en","chars":58,"#,
                r#""sensitive":[{"category":"health","score":0.97,"disclosure":"self"}],"#,
                r#""unlisted":[{"category":"finances","score":0.9,"disclosure":"self"}],"#,
                r#""topics":[{"id":"653","name":"Travel","path":["Travel","Travel Locations"],"score":0.8123}],"#,
                r#""intent":"purchase","implies":[{"category":"religion","score":0.7,"rule":"halal"}],"#,
                r#""scope":"out","scope_reasons":["other_platform"],"ad_use":"out_of_scope"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn keys_keep_their_order() {
        let message = Message { author: None, ..Message::new(Role::User, "a \"b\"\n\u{1}é") };
        let quoted = line(Some(&message), 3);
        let value: serde_json::Value = serde_json::from_str(&quoted).unwrap();
        assert_eq!(value["text"], "a \"b\"\n\u{1}é");
        let mut places: Vec<usize> =
            KEYS.iter().chain(QUOTE_KEYS).map(|key| quoted.find(&format!("\"{key}\":")).unwrap()).collect();
        let seen = places.clone();
        places.sort_unstable();
        assert_eq!(places, seen);
        assert_eq!(value.as_object().unwrap().len(), KEYS.len() + QUOTE_KEYS.len());
    }

    #[test]
    fn scores_have_four_decimals_at_most() {
        let cases = [
            (0.97, "0.97"),
            (1.0, "1.0"),
            (0.0, "0.0"),
            (0.123_46, "0.1235"),
            (0.000_04, "0.0"),
            (-2.5, "-2.5"),
            (f32::NAN, "0.0"),
            (0.05, "0.05"),
        ];
        for (value, wanted) in cases {
            let mut out = Vec::new();
            score(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
        let mut out = Vec::new();
        string(&mut out, "\u{7f}\u{2028}");
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), "\u{7f}\u{2028}");
    }
}
