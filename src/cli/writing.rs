//! Files that appear whole or not at all, and what is told of the account.

use std::path::Path;

use anyhow::Result;

use super::records::{Form, Records, Target, is_stdout};
use super::{DrawingArgs, PolicyArgs, output};
use crate::chat::Timestamp;
use crate::policy::{self, Account, Policy};

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
