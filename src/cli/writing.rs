//! The reports that `scan` and `rescope` write, and what they are told of the account.

use std::path::Path;

use anyhow::Result;

use super::outcome::Outcome;
use super::records::{Form, Records, Target, is_stdout};
use super::{DrawingArgs, PolicyArgs, ReportArgs, output};
use crate::chat::Timestamp;
use crate::policy::{self, Account, Policy};
use crate::report::{self, Report, Words};

impl PolicyArgs {
    /// The profile that was asked for.
    pub(super) fn policy(&self) -> crate::Result<Policy> {
        Policy::builtin(&self.policy)
    }

    /// What is known of the account.
    pub(super) fn account(&self) -> crate::Result<Account> {
        let tidy = |name: &String| name.trim().to_ascii_lowercase();
        Ok(Account {
            region: self.region.as_deref().map(policy::region).transpose()?,
            plan: self.plan.as_ref().map(tidy),
            linked: self.linked.iter().map(tidy).collect(),
            unlinked: self.unlinked.iter().map(tidy).collect(),
            as_if: self.as_if,
        })
    }
}

impl ReportArgs {
    /// The sentences: of the language asked for, else of the system's, else English.
    pub(super) fn words(&self) -> crate::Result<Words> {
        match &self.ui_lang {
            Some(language) => Words::new(language),
            None => Words::new(&system_language()).or_else(|_| Words::new("en")),
        }
    }

    /// Writes the reports that were asked for, and the summary unless it would mix with one on standard output.
    pub(super) fn write(&self, report: &Report, words: Words, outcome: &Outcome) -> Result<()> {
        let mut stdout_taken = self.records.as_deref().is_some_and(is_stdout);
        if let Some(path) = &self.json {
            stdout_taken |= is_stdout(path);
            save(path, report::json::write(report).as_bytes())?;
        }
        if let Some(path) = &self.html {
            stdout_taken |= is_stdout(path);
            save(path, report::html::write(report, words)?.as_bytes())?;
        }
        if outcome.is_failure() {
            // There is nothing to sum up.
            outcome.complain();
        } else if !self.quiet && !stdout_taken {
            // Escapes are always written; the stream takes them out where nobody sees them.
            let style = report::terminal::Style { colour: true };
            output::write(report::terminal::write(report, words, style).as_bytes())?;
            outcome.complain_further();
        } else {
            outcome.complain();
        }
        Ok(())
    }
}

/// The value bands set by hand, as the manifest names them.
pub(super) fn drawn_values(drawing: &DrawingArgs) -> Vec<(String, String)> {
    drawing.value.iter().map(|(topic, band)| (topic.clone(), band.name().to_owned())).collect()
}

/// Writes a file that appears whole or not at all, or to standard output.
pub(super) fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    if is_stdout(path) {
        output::write(bytes)?;
        return Ok(());
    }
    let target = Target { path: path.to_owned(), form: Form::Lines, part_rows: None, header: Vec::new() };
    let mut file = Records::create(target)?;
    file.write(bytes, &[bytes.len()])?;
    file.finish().map(drop)
}

/// The first moment of a day, in UTC.
pub(super) fn first_moment(day: &str, option: &str) -> Result<Timestamp> {
    let date: jiff::civil::Date = day.parse().map_err(|_| anyhow::anyhow!("{option}: write the day as YYYY-MM-DD"))?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Timestamp(start.timestamp().as_millisecond()))
}

/// The language that the system speaks, as far as its environment says.
fn system_language() -> String {
    let named =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let named = named.unwrap_or_default();
    named.split(['_', '.', '-']).next().unwrap_or_default().to_ascii_lowercase()
}
