//! `messages`, `interests`, `formats`: looking at one step of the way.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;

use super::outcome::Outcome;
use super::{ReadArgs, output};
use crate::ErrorKind;
use crate::read::{self, Catalog, FORMATS};

/// Prints every message of every path.
pub(super) fn messages(arguments: &ReadArgs) -> Result<u8> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let outcome = each_plan(arguments, |catalog, plan, outcome| {
        let rows = |batch: read::Batch<'_>| {
            let mut rows = Vec::new();
            let written =
                batch.conversations.iter().try_for_each(|c| read::normal::write_rows(&mut rows, batch.input, c));
            written.map(|()| rows)
        };
        let ledger = read::drive(plan, rows, |rows| Ok(out.write_all(&rows?)?), |_| {})?;
        outcome.read(&catalog.input, &ledger, plan.advice);
        Ok(())
    })?;
    out.flush()?;
    outcome.complain();
    Ok(outcome.code())
}

/// Prints the interests that a download itself lists.
pub(super) fn interests(arguments: &ReadArgs) -> Result<u8> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let outcome = each_plan(arguments, |catalog, _, outcome| {
        let mut interests = FORMATS.iter().flat_map(|format| format.interests(catalog)).peekable();
        // A download without chats is a full answer here.
        match interests.peek() {
            Some(_) => outcome.good(),
            None => outcome.nothing(&catalog.input, "it lists no ad interests"),
        }
        interests.try_for_each(|interest| read::normal::write_interest(&mut out, &catalog.input, &interest))?;
        Ok(())
    })?;
    out.flush()?;
    outcome.complain();
    Ok(outcome.code())
}

/// Plans each path and hands it on.
fn each_plan(
    arguments: &ReadArgs,
    mut each: impl FnMut(&Catalog, &read::Plan, &mut Outcome) -> Result<()>,
) -> Result<Outcome> {
    let only = (arguments.format != "auto").then_some(arguments.format.as_str());
    let mut outcome = Outcome::default();
    for path in &arguments.paths {
        let planned =
            Catalog::open(path).and_then(|mut catalog| read::plan(&mut catalog, only).map(|plan| (catalog, plan)));
        match planned {
            Ok((catalog, plan)) => each(&catalog, &plan, &mut outcome)?,
            Err(error) if error.kind() == ErrorKind::Usage => return Err(error.into()),
            Err(error) => {
                outcome.failed(path, &error);
            }
        }
    }
    Ok(outcome)
}

/// The formats; or what each file of some paths is, with the keys of those that are not known.
pub(super) fn formats(paths: &[String]) -> Result<u8> {
    if !paths.is_empty() {
        return recognised(paths);
    }
    let mut out = String::new();
    for format in FORMATS {
        writeln!(out, "{:<28} {}", format.id(), format.about())?;
    }
    output::write(out.as_bytes())
}

fn recognised(paths: &[String]) -> Result<u8> {
    let mut outcome = Outcome::default();
    let mut out = String::new();
    for path in paths {
        let planned =
            Catalog::open(path).and_then(|mut catalog| read::plan(&mut catalog, None).map(|plan| (catalog, plan)));
        let (catalog, plan) = match planned {
            Ok(planned) => planned,
            Err(error) => {
                outcome.failed(path, &error);
                continue;
            }
        };
        outcome.good();
        for (task, member) in plan.tasks.iter().flat_map(|task| task.members.iter().map(move |member| (task, member))) {
            writeln!(out, "{}: {}", member.place(), task.format)?;
        }
        for line in &plan.left_out {
            writeln!(out, "{line}")?;
            let unknown = matches!(line.reason, Some("unrecognised" | "beside"));
            let entry = catalog.entries.iter().find(|entry| unknown && entry.member.place() == line.place);
            for path in entry.map(|entry| entry.shape().outline()).unwrap_or_default() {
                writeln!(out, "    {path}")?;
            }
        }
    }
    output::write(out.as_bytes())?;
    outcome.complain();
    Ok(outcome.code())
}
