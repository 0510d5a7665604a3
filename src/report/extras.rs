//! What a report can hold besides its counts: titles and messages, where they were asked for, and what became of its check.

use std::collections::BTreeMap;

use super::Report;
use super::quote::Quotes;
use crate::tally::Exposure;

/// Titles of conversations, by source and id.
pub type Titles = BTreeMap<(String, String), String>;

/// What came of looking every message up in the finished report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Check {
    /// Messages looked up.
    pub messages: u64,
    /// Runs of words of a message that stand in the report.
    pub echoes: u64,
}

/// What was made besides the report; by default nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras<'a> {
    /// The check of the report against its input.
    pub check: Option<Check>,
    /// Titles to be shown.
    pub titles: Option<&'a Titles>,
    /// Messages to be shown.
    pub quotes: Option<&'a Quotes>,
}

impl<'a> Extras<'a> {
    /// The title of a conversation, where it may be shown.
    pub(super) fn title(&self, exposure: &Exposure) -> Option<&'a str> {
        let key = (exposure.source.clone(), exposure.conversation_id.clone());
        self.titles?.get(&key).map(String::as_str).filter(|title| !title.is_empty())
    }
}

impl Report {
    /// The report without any text that came from the input or the command line: what is left are counts and words of the
    /// program's own. By the types there is nothing else, for every other text is `&'static`.
    #[must_use]
    pub fn without_input(&self) -> Report {
        let mut report = self.clone();
        for exposure in &mut report.summary.exposures {
            exposure.source.clear();
            exposure.conversation_id.clear();
        }
        for file in &mut report.ledger.files {
            file.place.clear();
            file.detail.clear();
        }
        for input in &mut report.manifest.inputs {
            input.path.clear();
        }
        let options = &mut report.manifest.options;
        options.lexicons.clear();
        for list in [&mut options.linked, &mut options.unlinked] {
            list.clear();
        }
        report.listed.clear();
        report
    }
}

#[cfg(test)]
mod tests {
    use crate::report::{Words, html, json, sample};

    #[test]
    fn nothing_of_the_input_is_left() {
        let (_, report) = sample::reports().swap_remove(0);
        let own = report.without_input();
        let words = Words::new("en").unwrap();
        for (whole, bare) in [
            (html::write(&report, words).unwrap(), html::write(&own, words).unwrap()),
            (json::write(&report), json::write(&own)),
        ] {
            for of_input in ["export.zip", "notes.bin", "0000-4000-8000", "7F 45 4C 46"] {
                assert!(whole.contains(of_input) && !bare.contains(of_input), "{of_input}");
            }
        }
    }
}
