//! `agreement`: how far coders agree.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::form::{FormArgs, Pages};
use crate::audit::coding::{self, Coder};
use crate::audit::sheet;
use crate::lexicon::Lexicon;

const EXAMPLES: &str = "\
Examples:
  offlimits agreement coder-1.csv coder-2.csv               Cohen's kappa, Krippendorff's alpha, Gwet's AC1
  offlimits agreement a.jsonl b.jsonl c.jsonl --csv         three coders (Fleiss' kappa), one row a coefficient

A file is a sheet of `offlimits sample` or rows of gold labels; rows are matched by id, and may be missing.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AgreementArgs {
    /// One file a coder: sheets or gold rows (CSV or JSON lines)
    #[arg(required = true, num_args = 2.., value_name = "CODER")]
    coders: Vec<PathBuf>,
    /// Bootstrap draws for the intervals; 0 for none
    #[arg(long, default_value_t = 1000, value_name = "N")]
    bootstrap: u32,
    #[command(flatten)]
    form: FormArgs,
}

/// The ids of the listed categories.
pub(super) fn categories() -> Result<Vec<String>> {
    let lexicon = Lexicon::builtin()?;
    Ok(lexicon.taxonomy.categories.iter().filter(|c| c.listed).map(|c| c.id.clone()).collect())
}

/// Reads one coder's file.
pub(super) fn coder(path: &PathBuf, categories: &[String]) -> Result<Coder> {
    let place = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| crate::Error::from(e).at(&place))?;
    Ok(sheet::by_id(&place, sheet::read(&place, &text, categories)?)?)
}

pub(super) fn run(arguments: &AgreementArgs) -> Result<u8> {
    let categories = categories()?;
    let coders: Vec<Coder> = arguments.coders.iter().map(|path| coder(path, &categories)).collect::<Result<_>>()?;
    let answered = coding::agreement(&coders, &categories, arguments.bootstrap);
    if answered.is_empty() {
        bail!("no row was coded by two coders");
    }
    let mut pages = Pages::new(coding::tables(&answered));
    pages.tidy = Some(coding::tidy(&answered));
    pages.write(&arguments.form, &answered)
}
