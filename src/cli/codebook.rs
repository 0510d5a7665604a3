//! `codebook`: what coders go by.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{FolderArgs, lexicon, output, shapes};
use crate::audit::codebook::{self, Contents};

const EXAMPLES: &str = "\
Examples:
  offlimits codebook > codebook.md                          the seven categories, with English examples
  offlimits codebook --lang de,fr --examples 4 --unlisted   all categories, short, in two languages
  offlimits codebook --variables                            the columns and values of the tidy table and the records";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CodebookArgs {
    /// A lexicon folder; without it, the built-in lexicon
    folder: Option<PathBuf>,
    /// Languages of the examples
    #[arg(long, value_name = "TAG,...", value_delimiter = ',', default_value = "en")]
    lang: Vec<String>,
    /// Sensitive categories on no policy's list, too
    #[arg(long)]
    unlisted: bool,
    /// Most examples, and most counter-examples, a category and language
    #[arg(long, default_value_t = 8, value_name = "N")]
    examples: usize,
    /// Every column of the tidy table and the records, and every value, instead of the guide for coders
    #[arg(long)]
    variables: bool,
    /// The variables as CSV
    #[arg(long, requires = "variables")]
    csv: bool,
}

pub(super) fn run(arguments: &CodebookArgs) -> Result<u8> {
    let lexicon = lexicon::folder(&FolderArgs { folder: arguments.folder.clone() })?;
    if arguments.variables {
        return shapes::codebook(arguments.csv, &lexicon);
    }
    let contents =
        Contents { languages: arguments.lang.clone(), unlisted: arguments.unlisted, examples: arguments.examples };
    output::write(codebook::markdown(&lexicon, &contents).as_bytes())
}
