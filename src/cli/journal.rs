//! How far a run has come, kept beside its records, so that `--resume` can go on after any end.
//!
//! Law: the journal is replaced as a whole, and only after everything that it vouches for is on the disk.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::records::{Reached, Records, Target, private};
use crate::report::InputFile;
use crate::tally::Saved;

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct Entry {
    /// What the run was asked for: a run that is asked for something else cannot go on with it.
    pub(super) asked: Value,
    /// The inputs begun so far.
    pub(super) inputs: Vec<InputFile>,
    /// The last batch that is in the counts and in the records: the input, and the place in it.
    pub(super) last: (usize, (usize, u32)),
    pub(super) records: Reached,
    pub(super) tally: Saved,
}

/// Keeps the journal of a run.
pub(super) struct Journal {
    path: PathBuf,
    asked: Value,
    every: Duration,
    written: Instant,
}

impl Journal {
    /// The journal of these records, with what an interrupted run has left in it.
    pub(super) fn open(target: &Target, asked: Value, every: Duration) -> Result<(Journal, Option<Entry>)> {
        let path = target.beside("journal");
        let place = || path.display().to_string();
        let left = if path.exists() {
            // The codes in the counts point into this text, to the end of the program.
            let text: &'static str = fs::read_to_string(&path).with_context(place)?.leak();
            let entry: Entry = serde_json::from_str(text).with_context(|| format!("{}: is no journal", place()))?;
            if let Some(difference) = difference(&entry.asked, &asked) {
                bail!(
                    "{}: the interrupted run was asked for something else ({difference}); \
                     ask for the same, or delete the journal to begin anew",
                    place()
                );
            }
            Some(entry)
        } else {
            None
        };
        Ok((Journal { path, asked, every, written: Instant::now() }, left))
    }

    /// Whether it is time for another entry.
    pub(super) fn is_due(&self) -> bool {
        self.written.elapsed() >= self.every
    }

    /// Notes how far the run has come.
    pub(super) fn note(
        &mut self,
        inputs: &[InputFile],
        last: (usize, (usize, u32)),
        records: &mut Records,
        tally: Saved,
    ) -> Result<()> {
        let reached = records.reached()?;
        let entry = Entry { asked: self.asked.clone(), inputs: inputs.to_vec(), last, records: reached, tally };
        replace(&self.path, &serde_json::to_vec(&entry)?).with_context(|| self.path.display().to_string())?;
        self.written = Instant::now();
        Ok(())
    }

    /// The run is over: nothing needs to be gone on with.
    pub(super) fn close(self, target: &Target) {
        let _ = fs::remove_file(&self.path);
        let partial = target.beside("partial");
        if partial.is_file() {
            let _ = fs::remove_file(partial);
        }
    }
}

/// Replaces a file as a whole, safely even if the power goes.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("journal.new");
    let mut file = private(&new)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&new, path)
}

/// The first thing that two runs were not both asked for.
pub(super) fn difference(before: &Value, now: &Value) -> Option<String> {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            let keys: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
            keys.into_iter().find_map(|key| {
                let (one, other) = (before.get(key).unwrap_or(&Value::Null), now.get(key).unwrap_or(&Value::Null));
                difference(one, other)
                    .map(|inner| if inner.is_empty() { key.clone() } else { format!("{key}.{inner}") })
            })
        }
        _ => (before != now).then(String::new),
    }
}
