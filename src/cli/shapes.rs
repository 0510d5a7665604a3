//! What the program tells of itself: schemas, codebook, completions, man pages.

use anyhow::{Result, bail};
use clap::CommandFactory;

use super::{Cli, SchemaOf, output};
use crate::lexicon::Lexicon;
use crate::report::codebook::{self, Source};
use crate::report::{Names, schema};

pub(super) fn schema(of: SchemaOf) -> Result<u8> {
    let output = match of {
        SchemaOf::Report => schema::Output::Report,
        SchemaOf::Records => schema::Output::Record,
        SchemaOf::Tidy => schema::Output::Tidy,
    };
    output::write(schema::of(output).as_bytes())
}

pub(super) fn codebook(csv: bool, lexicon: &Lexicon) -> Result<u8> {
    let thresholds: Vec<(String, f32)> =
        lexicon.taxonomy.categories.iter().map(|one| (one.id.clone(), one.threshold)).collect();
    let languages: Vec<String> = lexicon.tags().map(str::to_owned).collect();
    let names = Names::of(&lexicon.taxonomy);
    let source =
        Source { names: &names, thresholds: &thresholds, lexicon_sha256: lexicon.sha256(), languages: &languages };
    let text = if csv { codebook::csv(&source) } else { codebook::markdown(&source) };
    output::write(text.as_bytes())
}

pub(super) fn completions(shell: clap_complete::Shell) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "offlimits", &mut script);
    output::write(&script)
}

pub(super) fn man(command: Option<&str>) -> Result<u8> {
    let mut all = Cli::command();
    // Fills in what subcommands take over from the program: its version, its global options.
    all.build();
    let shown = match command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone(),
            None => bail!("no command `{name}`; `offlimits help` lists them"),
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(shown).render(&mut page)?;
    output::write(&page)
}
