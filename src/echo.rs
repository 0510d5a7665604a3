//! Whether a report echoes what was said: runs of five words of a message that stand in it.
//!
//! Reports hold counts, fixed words, and a few texts of the input: paths, ids, listed interests. The runs of a report are
//! those of its finished text, less those of the same report with these few texts taken out; what remains can only come from
//! the input. Every message is then looked up, so memory does not grow with the input.
//!
//! Words are compared as the classifier reads them: whatever the case, accents or punctuation. Numbers are no words: they
//! are left out on both sides, since any table of counts would otherwise echo any list of figures.

use std::collections::VecDeque;

use crate::text::{Hashes, Shape, Text, mix};

/// How many words make a run.
pub const RUN: usize = 5;

/// The runs of some texts, as hashes.
#[derive(Debug, Clone, Default)]
pub struct Runs(Hashes);

/// Reads texts for their runs; keep one a thread.
#[derive(Debug, Default)]
pub struct Reader {
    text: Text,
    last: VecDeque<u64>,
}

impl Reader {
    /// Calls `each` with the hash of every run of [`RUN`] words.
    fn runs(&mut self, text: &str, mut each: impl FnMut(u64)) {
        self.text.read(text);
        self.last.clear();
        for token in self.text.tokens().iter().filter(|token| token.shape != Shape::Number) {
            if self.last.len() == RUN {
                self.last.pop_front();
            }
            self.last.push_back(token.hash);
            if self.last.len() == RUN {
                each(self.last.iter().fold(0, |hash, word| mix(hash, *word)));
            }
        }
    }

    /// How many runs of `text` are among `runs`.
    pub fn echoes(&mut self, runs: &Runs, text: &str) -> u64 {
        let mut found = 0;
        self.runs(text, |run| found += u64::from(runs.0.contains(&run)));
        found
    }
}

impl Runs {
    /// Adds the runs of a plain text.
    pub fn add(&mut self, text: &str) {
        Reader::default().runs(text, |run| {
            self.0.insert(run);
        });
    }

    /// Adds the runs of a page: of its source, so that no attribute is missed, and of its text without the tags, so that no
    /// tag parts a run.
    pub fn add_html(&mut self, page: &str) {
        self.add(&entities(page));
        let (mut text, mut inside) = (String::with_capacity(page.len() / 2), false);
        for character in page.chars() {
            match character {
                '<' => inside = true,
                '>' if inside => {
                    inside = false;
                    text.push(' ');
                }
                _ if inside => {}
                _ => text.push(character),
            }
        }
        self.add(&entities(&text));
    }

    /// Adds the runs of every key and every text of a JSON document.
    pub fn add_json(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => self.add(text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.add_json(item)),
            serde_json::Value::Object(members) => members.iter().for_each(|(key, member)| {
                self.add(key);
                self.add_json(member);
            }),
            _ => {}
        }
    }

    /// Takes away the runs that are also among `others`.
    pub fn subtract(&mut self, others: &Runs) {
        self.0.retain(|run| !others.0.contains(run));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The characters that templates write as entities, back again.
fn entities(text: &str) -> String {
    let marks = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<")];
    let mut plain = text.to_owned();
    for (entity, mark) in marks.into_iter().chain([("&#38;", "&"), ("&amp;", "&")]) {
        plain = plain.replace(entity, mark);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Reader, Runs};

    fn found(runs: &Runs, text: &str) -> u64 {
        Reader::default().echoes(runs, text)
    }

    #[test]
    fn five_words_are_found_however_they_are_written() {
        let mut runs = Runs::default();
        runs.add("The list: my doctor’s 3 résumés are here.");
        assert_eq!(found(&runs, "is MY DOCTOR'S resumes, 44 are — gone"), 1);
        assert_eq!(found(&runs, "my doctor’s résumés"), 0, "four words");
        assert_eq!(found(&runs, "my doctor’s two résumés are"), 0, "another word between");
        assert_eq!(found(&runs, "1 2 3 4 5 6"), 0);
    }

    #[test]
    fn neither_tags_nor_attributes_nor_escapes_hide_a_run() {
        let mut runs = Runs::default();
        runs.add_html("<p>one <b>two</b> three&#39;s <i>four</i></p><a title=\"alpha beta gamma delta epsilon\">x</a>");
        assert_eq!(found(&runs, "one two three's four"), 1);
        assert_eq!(found(&runs, "alpha beta gamma delta epsilon"), 1);
        let mut json = Runs::default();
        json.add_json(&serde_json::json!({"a": ["uno dos\ntres \"cuatro\" cinco"]}));
        assert_eq!(found(&json, "uno dos tres cuatro cinco"), 1);
    }

    #[test]
    fn what_the_report_says_by_itself_is_no_echo() {
        let (mut page, mut own) = (Runs::default(), Runs::default());
        page.add("Nothing was said about any of these: tell me about my rash please");
        own.add("Nothing was said about any of these");
        page.subtract(&own);
        assert_eq!(found(&page, "nothing was said about any of these"), 0);
        assert!(found(&page, "tell me about my rash") == 1 && !page.is_empty());
    }
}
