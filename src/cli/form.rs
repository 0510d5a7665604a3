//! The forms in which figures are printed: tables for people, Markdown, CSV, JSON.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::output;
use crate::table::{Table, wrap};

/// In which form.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct FormArgs {
    /// Print everything as JSON
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Print one tidy table as CSV
    #[arg(long, help_heading = "Output")]
    csv: bool,
    /// Print the tables as Markdown
    #[arg(long, help_heading = "Output")]
    markdown: bool,
}

/// What is to be printed.
pub(super) struct Pages {
    pub(super) tables: Vec<Table>,
    /// The table for programs; without one, all tables are written one below the other.
    pub(super) tidy: Option<Table>,
    notes: Vec<String>,
}

impl Pages {
    pub(super) fn new(tables: Vec<Table>) -> Pages {
        Pages { tables, tidy: None, notes: Vec::new() }
    }

    /// Adds a paragraph below all tables.
    pub(super) fn note(&mut self, words: impl Into<String>) {
        self.notes.push(words.into());
    }

    /// Prints them; `whole` is what JSON shows.
    pub(super) fn write(&self, form: &FormArgs, whole: &impl Serialize) -> Result<u8> {
        let mut out = String::new();
        if form.json {
            out = serde_json::to_string_pretty(whole)?;
            out.push('\n');
        } else if form.csv {
            match &self.tidy {
                Some(table) => table.csv(&mut out),
                None => self.tables.iter().for_each(|table| table.csv(&mut out)),
            }
        } else {
            for (place, table) in self.tables.iter().enumerate() {
                if place > 0 {
                    out.push('\n');
                }
                if form.markdown { table.markdown(&mut out) } else { table.text(&mut out) }
            }
            if !self.notes.is_empty() {
                out.push('\n');
            }
            for (place, note) in self.notes.iter().enumerate() {
                if place > 0 && form.markdown {
                    out.push('\n');
                }
                wrap(&mut out, note);
            }
        }
        output::write(out.as_bytes())
    }
}
