//! What became of the paths that were given: what to say of them, and the exit code that follows.

use super::{DONE, ERROR, PARTLY, output};
use crate::Error;
use crate::read::Ledger;
use crate::read::ledger::FileLine;

/// Kept path by path while reading.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    good: usize,
    failed: usize,
    /// Whether the complaint stands in the ledger too, and the complaint.
    complaints: Vec<(bool, String)>,
}

impl Outcome {
    /// A path that could not even be opened.
    pub(super) fn failed(&mut self, path: &str, error: &Error) -> FileLine {
        self.failed += 1;
        let line = FileLine::failed(path, error);
        self.complaints.push((true, line.to_string()));
        line
    }

    /// A path that was read, as far as its ledger says; `advice` is for one that holds nothing to read.
    pub(super) fn read(&mut self, path: &str, ledger: &Ledger, advice: Option<&str>) {
        self.good += 1;
        let trouble = ledger.files.iter().filter(|line| line.is_trouble());
        let before = self.complaints.len();
        self.complaints.extend(trouble.map(|line| (true, line.to_string())));
        // Files that are known by another name need no report.
        let unknown = |line: &FileLine| line.reason == Some("unrecognised") && line.detail.starts_with("JSON");
        if ledger.messages == 0 && ledger.files.iter().any(unknown) {
            let words = format!("`offlimits formats {path}` shows its keys without any content, to report it with");
            self.complaints.push((false, words));
        }
        if let Some(advice) = advice.filter(|_| ledger.messages == 0) {
            self.complaints.push((false, format!("{path}: {advice}")));
        }
        if self.complaints.len() == before && ledger.messages == 0 {
            let barren = match ledger.files.as_slice() {
                [] => format!("{path}: there is no file in it"),
                [line] if line.reason.is_some() => line.to_string(),
                [_] => format!("{path}: there is no message in it"),
                lines => {
                    let files: std::collections::BTreeSet<&str> =
                        lines.iter().map(|line| line.place.as_str()).collect();
                    format!("{path}: there is no message in it ({} files seen)", files.len())
                }
            };
            self.complaints.push((false, barren));
        }
    }

    /// A path that was opened and has nothing of what was asked for.
    pub(super) fn nothing(&mut self, path: &str, words: &str) {
        self.good += 1;
        self.complaints.push((false, format!("{path}: {words}")));
    }

    /// A path from which everything came that was asked for.
    pub(super) fn good(&mut self) {
        self.good += 1;
    }

    /// Whether no path could be opened.
    pub(super) fn is_failure(&self) -> bool {
        self.good == 0 && self.failed > 0
    }

    /// Says on standard error what is amiss.
    pub(super) fn complain(&self) {
        self.complaints.iter().for_each(|(_, words)| output::note(&format!("offlimits: {words}")));
    }

    /// Says what the ledger, which has been shown, does not.
    pub(super) fn complain_further(&self) {
        let unsaid = self.complaints.iter().filter(|(in_ledger, _)| !in_ledger);
        unsaid.for_each(|(_, words)| output::note(&format!("offlimits: {words}")));
    }

    /// 0 when everything was read, 3 when something was not, 2 when nothing could even be opened.
    pub(super) fn code(&self) -> u8 {
        if self.is_failure() {
            ERROR
        } else if self.complaints.is_empty() {
            DONE
        } else {
            PARTLY
        }
    }
}
