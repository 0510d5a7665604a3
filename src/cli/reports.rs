//! The reports that `scan` and `rescope` write: made, checked against the input, and only then saved.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::outcome::Outcome;
use super::records::is_stdout;
use super::second::Inputs;
use super::writing::save;
use super::{ReportArgs, output};
use crate::echo::Runs;
use crate::report::terminal::{Bars, Style};
use crate::report::{self, Check, Extras, Report, Words};

/// What a run made besides the counts.
#[derive(Default)]
pub(super) struct Made {
    /// The inputs, where they hold messages that can be looked up.
    pub(super) inputs: Option<Inputs>,
    /// Messages for the page.
    pub(super) quotes: Option<report::quote::Quotes>,
    /// Titles are to be shown.
    pub(super) titles: bool,
    /// Something other than a report went to standard output.
    pub(super) stdout_taken: bool,
}

/// The forms of a report in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Page,
    Markdown,
}

impl ReportArgs {
    /// The sentences: of the language asked for, else of the system's, else English.
    pub(super) fn words(&self) -> crate::Result<Words> {
        match &self.ui_lang {
            Some(language) => Words::new(language),
            None => Words::new(&system_language()).or_else(|_| Words::new("en")),
        }
    }

    /// What cannot be asked for together: a report on a group holds nothing on single people.
    pub(super) fn check_group(&self, single: &[(&str, bool)]) -> Result<()> {
        let asked = single.iter().find(|(_, asked)| *asked).filter(|_| self.min_cell.is_some());
        if let Some((option, _)) = asked {
            bail!("--min-cell hides small counts, but {option} shows single messages or chats; leave one of them out");
        }
        Ok(())
    }

    /// Writes the reports that were asked for, and the summary unless it would mix with one on standard output.
    pub(super) fn write(&self, report: &Report, words: Words, outcome: &Outcome, made: &Made) -> Result<()> {
        let rounded = self.min_cell.map(|cell| report.rounded_down(cell));
        let report = rounded.as_ref().unwrap_or(report);
        let files = self.files();
        let titles = match &made.inputs {
            Some(inputs) if made.titles => Some(inputs.titles(report)?),
            _ => None,
        };
        let mut extras = Extras { check: None, titles: titles.as_ref(), quotes: made.quotes.as_ref() };
        if let Some(inputs) = made.inputs.as_ref().filter(|_| !files.is_empty()) {
            // The page says that it was checked, so it is checked with these words in it, and written anew if they prove wrong.
            extras.check = Some(Check { messages: report.ledger.messages, echoes: 0 });
            let runs = runs(&files, report, words, &extras)?;
            let mut check = inputs.look_up(&runs, titles.is_none())?;
            check.messages -= check.messages % self.min_cell.unwrap_or(1);
            extras.check = Some(check);
        }
        for ((path, _), text) in files.iter().zip(render(&files, report, words, &extras)?) {
            save(path, text.as_bytes())?;
        }
        let stdout_taken = made.stdout_taken || files.iter().any(|(path, _)| is_stdout(path));
        self.tell(report, words, outcome, &extras, stdout_taken)
    }

    fn files(&self) -> Vec<(&Path, Form)> {
        let asked: [(&Option<PathBuf>, Form); 3] =
            [(&self.json, Form::Json), (&self.html, Form::Page), (&self.markdown, Form::Markdown)];
        asked.into_iter().filter_map(|(path, form)| Some((path.as_deref()?, form))).collect()
    }

    /// The summary on standard output, or complaints alone.
    fn tell(
        &self,
        report: &Report,
        words: Words,
        outcome: &Outcome,
        extras: &Extras,
        stdout_taken: bool,
    ) -> Result<()> {
        let stdout_taken = stdout_taken || self.records.as_deref().is_some_and(is_stdout);
        if outcome.is_failure() {
            // There is nothing to sum up.
            outcome.complain();
        } else if !self.quiet && !stdout_taken {
            // Escapes are always written; the stream takes them out where nobody sees them.
            let style = Style { colour: true, bars: bars(), all: self.verbose > 0 };
            output::write(report::terminal::write_with(report, words, style, extras).as_bytes())?;
            outcome.complain_further();
        } else {
            outcome.complain();
            if let Some(check) = extras.check.filter(|check| check.echoes > 0) {
                output::note(&format!("offlimits: {}", words.count("told-echoes", check.echoes, &[])));
            }
        }
        if self.verbose > 1 {
            report.ledger.files.iter().for_each(|file| output::note(&format!("offlimits: {file}")));
        }
        Ok(())
    }
}

fn render(files: &[(&Path, Form)], report: &Report, words: Words, extras: &Extras) -> Result<Vec<String>> {
    let one = |(_, form): &(&Path, Form)| {
        Ok(match form {
            Form::Json => report::json::write_with(report, extras),
            Form::Page => report::html::write_with(report, words, extras)?,
            Form::Markdown => report::markdown::write(report, words, extras),
        })
    };
    files.iter().map(one).collect()
}

/// The runs of words that can only come from the input: those of the reports, less those that the same reports have without
/// anything of the input in them. A page with messages is left out, for it holds what it was asked to hold.
fn runs(files: &[(&Path, Form)], report: &Report, words: Words, extras: &Extras) -> Result<Runs> {
    let (mut runs, mut own) = (Runs::default(), Runs::default());
    for ((_, form), text) in files.iter().zip(render(files, report, words, extras)?) {
        match form {
            Form::Json => runs.add_json(&serde_json::from_str(&text)?),
            Form::Page if extras.quotes.is_some() => {}
            Form::Page => runs.add_html(&text),
            Form::Markdown => runs.add(&text),
        }
    }
    let bare = report.without_input();
    let plain = Extras { check: extras.check, ..Extras::default() };
    own.add_json(&serde_json::from_str(&report::json::write_with(&bare, &plain))?);
    own.add_html(&report::html::write_with(&bare, words, &plain)?);
    own.add(&report::markdown::write(&bare, words, &plain));
    extras.titles.into_iter().flat_map(|titles| titles.values()).for_each(|title| own.add(title));
    runs.subtract(&own);
    Ok(runs)
}

/// Bars where somebody looks; block characters where the terminal speaks Unicode.
fn bars() -> Bars {
    if !std::io::stdout().is_terminal() {
        return Bars::None;
    }
    let named =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let unicode = cfg!(windows) || named.is_some_and(|name| name.to_ascii_lowercase().contains("utf"));
    if unicode { Bars::Blocks } else { Bars::Plain }
}

/// The language that the system speaks, as far as its environment says.
fn system_language() -> String {
    let named =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let named = named.unwrap_or_default();
    named.split(['_', '.', '-']).next().unwrap_or_default().to_ascii_lowercase()
}
