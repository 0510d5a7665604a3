//! `adjudicate`: coders' sheets become gold rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use super::agreement::{categories, coder};
use super::{DONE, FOUND, output, writing};
use crate::audit::coding::{self, Coder, Merged};
use crate::audit::sample::Candidate;

const EXAMPLES: &str = "\
Examples:
  offlimits adjudicate coder-1.csv coder-2.csv --disputes disputes.csv
      what the coders see differently; decide each `?` (self, other, topic, no) and save the sheet
  offlimits adjudicate coder-1.csv coder-2.csv --decisions disputes.csv --key key.jsonl --gold gold.jsonl
      the gold rows, with the weights of the sample

Exit code 1: something is still disputed; disputed cells are left out of the gold rows (unknown, not negative).";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AdjudicateArgs {
    /// One file a coder: sheets or gold rows (CSV or JSON lines)
    #[arg(required = true, value_name = "CODER")]
    coders: Vec<PathBuf>,
    /// A sheet of disputes with the decisions filled in
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// Let more than half of the coders decide what nobody decided (three coders or more)
    #[arg(long)]
    majority: bool,
    /// The key of the sample: gives the gold rows stratum, weight and what the scan said
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Write what must be decided (CSV); - for standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    disputes: Option<PathBuf>,
    /// Write the gold rows (JSON lines); - for standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    gold: Option<PathBuf>,
}

pub(super) fn run(arguments: &AdjudicateArgs) -> Result<u8> {
    let categories = categories()?;
    let coders: Vec<Coder> = arguments.coders.iter().map(|path| coder(path, &categories)).collect::<Result<_>>()?;
    let decisions = arguments.decisions.as_ref().map(|path| coder(path, &categories)).transpose()?;
    let merged = coding::merge(&coders, decisions.as_ref(), &categories, arguments.majority);
    if merged.units == 0 {
        bail!("nothing is coded: no row has a category, `none` or `?` filled in");
    }
    if let Some(path) = &arguments.disputes {
        if arguments.decisions.as_ref().is_some_and(|decided| decided == path) {
            bail!("{}: would replace the decisions that are read", path.display());
        }
        writing::save(path, merged.disputes(&coders, &categories).as_bytes())?;
    }
    if let Some(path) = &arguments.gold {
        let key = arguments.key.as_deref().map(read_key).transpose()?;
        let mut lines = String::new();
        for row in merged.gold(&coders, key.as_ref(), &categories)? {
            writeln!(lines, "{}", serde_json::to_string(&row)?)?;
        }
        writing::save(path, lines.as_bytes())?;
    }
    report(arguments, &merged);
    Ok(if merged.disputed.is_empty() { DONE } else { FOUND })
}

/// Says how things stand; on standard error, because a sheet may go to standard output.
fn report(arguments: &AdjudicateArgs, merged: &Merged) {
    let disputed = merged.disputed.len();
    output::note(&format!(
        "{} rows coded, {} by one coder only; {disputed} with something disputed{}",
        merged.units,
        merged.coded_once,
        if disputed == 0 { "" } else { ":" }
    ));
    if disputed > 0 && arguments.disputes.is_none() {
        let shown = merged.disputed.iter().take(20).cloned().collect::<Vec<_>>().join(" ");
        let more = if disputed > 20 { " …" } else { "" };
        output::note(&format!("{shown}{more}\n--disputes FILE writes a sheet to decide them in"));
    }
}

fn read_key(path: &Path) -> Result<BTreeMap<String, Candidate>> {
    let place = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| crate::Error::from(e).at(&place))?;
    let mut key = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Ok(row) = serde_json::from_str::<Candidate>(line) else {
            bail!("{place}:{}: not a row of the key that `offlimits sample` wrote", number + 1);
        };
        key.insert(row.id.clone(), row);
    }
    Ok(key)
}
