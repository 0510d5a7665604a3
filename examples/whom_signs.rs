//! Writes the signs that tell whom labelled rows are about, a line a row and category: what `tests/rows/whom.py` fits points to.
//!
//! `cargo run --release --example whom_signs -- ROWS.jsonl`

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::sync::Arc;

use offlimits::chat::Role;
use offlimits::classify::{Classifier, Request, Scratch};
use offlimits::lexicon::Lexicon;
use offlimits::text::Text;
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let classifier = Classifier::new(Arc::new(Lexicon::builtin()?));
    let mut scratch = Scratch::default();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for path in std::env::args().skip(1) {
        for line in BufReader::new(std::fs::File::open(path)?).lines() {
            let row: Value = serde_json::from_str(&line?)?;
            for found in signs(&classifier, &mut scratch, &row) {
                writeln!(out, "{found}")?;
            }
        }
    }
    Ok(())
}

/// Each category found in a row: its signs, and the row's words.
fn signs(classifier: &Classifier, scratch: &mut Scratch, row: &Value) -> Vec<Value> {
    let text = row["text"].as_str().unwrap_or_default();
    let role = if row["role"] == "assistant" { Role::Assistant } else { Role::User };
    let parts = [text];
    let stated = row["lang"].as_str();
    let request = Request { parts: &parts, role, stated, context: None, before: &[], evidence: false };
    let assessment = classifier.assess(scratch, &request);
    let words = Text::of(text);
    let words: Vec<&str> = words.tokens().iter().map(|token| words.folded(token)).collect();
    let mut found = Vec::new();
    for weighed in classifier.weigh_all(scratch, &request) {
        for (category, tally) in weighed.whom {
            let Some(verdict) = assessment.sensitive.iter().find(|verdict| verdict.category == category) else {
                continue;
            };
            let signs: Map<String, Value> = tally.signs().map(|(name, amount)| (name, json!(amount))).collect();
            let category = &classifier.lexicon().taxonomy.category(category).id;
            let known = found.iter().any(|known: &Value| known["category"] == *category);
            if !known {
                let said = verdict.disclosure.name();
                found
                    .push(json!({"id": row["id"], "category": category, "said": said, "signs": signs, "words": words}));
            }
        }
    }
    found
}
