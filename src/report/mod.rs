//! Reports: records, a summary for the terminal, a JSON document and a page.
//!
//! Law: no report holds message text, titles or matched words; records do only where the caller hands over the message.
//! The same report gives the same bytes.

use serde::{Deserialize, Serialize};

use crate::chat::Timestamp;
use crate::crosscheck::Listed;
use crate::law::Law;
use crate::policy::{self, Policy};
use crate::read::{Catalog, FORMATS, Ledger};
use crate::tally::Summary;

mod chart;
pub mod codebook;
pub mod compare;
mod csp;
pub mod csv;
mod derived;
mod extras;
pub mod html;
pub mod json;
mod json_ads;
pub mod markdown;
pub mod names;
pub mod parquet;
mod quality;
pub mod quote;
pub mod record;
pub mod reread;
#[cfg(test)]
mod sample;
pub mod schema;
mod settings;
mod small_cells;
pub mod terminal;
pub mod tidy;
mod view;
mod view_left;
pub mod words;

pub use extras::{Check, Extras, Titles};
pub use names::{CategoryName, Names, TopicName};
pub use words::Words;

/// Everything that a report says.
#[derive(Debug, Clone)]
pub struct Report {
    /// The counts.
    pub summary: Summary,
    /// What was read and left out.
    pub ledger: Ledger,
    /// What it takes to get the same numbers again.
    pub manifest: Manifest,
    /// The policy that was asked.
    pub policy: Policy,
    /// Names of categories and topics.
    pub names: Names,
    /// The list by which the report is drawn, instead of the policy's own.
    pub list: Option<&'static Law>,
    /// Interests that the download itself lists.
    pub listed: Vec<Listed>,
    /// What the download tells of the account.
    pub told: Told,
}

/// What a download tells of the account, as far as it was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Where the account is held to live; used where no region was given.
    pub region: Option<String>,
    /// When the account was told of a new privacy policy.
    pub notice: Option<Timestamp>,
}

impl Told {
    /// Reads it from a download: the jurisdiction, else the main place.
    pub fn of(catalog: &Catalog) -> Told {
        let mut told = Told::default();
        for facts in FORMATS.iter().map(|format| format.told(catalog)) {
            let place = |texts: &[String]| policy::region_of(texts.iter().map(String::as_str));
            told.region = told.region.or_else(|| place(&facts.jurisdiction)).or_else(|| place(&facts.location));
            told.notice = told.notice.or(facts.notices.into_iter().max());
        }
        told
    }
}

/// What it takes to get the same numbers again. No time of day: the same run gives the same report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// The program's version.
    pub version: String,
    /// The kind of machine that the program was built for. It changes no record.
    pub build: String,
    /// The files given.
    pub inputs: Vec<InputFile>,
    /// Digest over the lexicon in use.
    pub lexicon_sha256: String,
    /// Digests over its parts: the files of each language, those of none, and what was added.
    pub lexicon_parts: Vec<(String, String)>,
    /// Digest over the policy profile.
    pub policy_sha256: String,
    /// What was asked for.
    pub options: Options,
    /// The threshold of every category in use, by category id.
    pub thresholds: Vec<(String, f32)>,
    /// The records that were written.
    pub records: Option<WrittenRecords>,
}

/// The records that a run has written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenRecords {
    /// The path as given.
    pub path: String,
    /// `jsonl`, `csv` or `parquet`.
    pub form: String,
    /// Rows in a part, where they are a folder of parts.
    pub part_rows: Option<u64>,
    /// The files: one, or the parts in their order.
    pub parts: Vec<WrittenPart>,
}

/// A file of records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenPart {
    /// Its name, without folders.
    pub name: String,
    /// Records in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Its digest.
    pub sha256: String,
}

/// One file given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The path as given.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its digest, of a folder over the digests of its files; none for standard input.
    pub sha256: Option<String>,
}

/// The options that change what comes out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Region of the account.
    pub region: Option<String>,
    /// Plan of the account.
    pub plan: Option<String>,
    /// Apps in the same account.
    pub linked: Vec<String>,
    /// Apps not in it.
    pub unlinked: Vec<String>,
    /// Other platforms count as the policy's own.
    pub as_if: bool,
    /// First day.
    pub since: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// Roles classified.
    pub roles: Vec<String>,
    /// Language forced.
    pub language: Option<String>,
    /// Lexicons added.
    pub lexicons: Vec<String>,
    /// The built-in lexicons were left out.
    pub no_builtin: bool,
    /// Format forced.
    pub format: Option<String>,
    /// The list by which the report is drawn.
    pub by: Option<String>,
    /// Value bands set by hand: topic and band.
    pub values: Vec<(String, String)>,
    /// Thresholds set by hand.
    pub thresholds: Vec<(String, f32)>,
    /// Message text is in the records.
    pub quote: bool,
    /// Counts are rounded down to multiples of this.
    pub min_cell: Option<u64>,
}

impl Options {
    /// The options as they stand on a command line, without those at their default.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                arguments.push(format!("--{name} {value}"));
            }
        };
        add("region", self.region.as_deref().unwrap_or_default());
        add("plan", self.plan.as_deref().unwrap_or_default());
        add("linked", &self.linked.join(","));
        add("unlinked", &self.unlinked.join(","));
        add("since", self.since.as_deref().unwrap_or_default());
        add("until", self.until.as_deref().unwrap_or_default());
        if self.roles != ["user"] {
            add("roles", &self.roles.join(","));
        }
        add("lang", self.language.as_deref().unwrap_or_default());
        self.lexicons.iter().for_each(|path| add("lexicon", path));
        add("format", self.format.as_deref().unwrap_or_default());
        add("by", self.by.as_deref().unwrap_or_default());
        self.values.iter().for_each(|(topic, band)| add("value", &format!("{topic}={band}")));
        add("min-cell", &self.min_cell.map(|cell| cell.to_string()).unwrap_or_default());
        if self.as_if {
            arguments.push("--as-if".to_owned());
        }
        if self.no_builtin {
            arguments.push("--no-builtin".to_owned());
        }
        arguments
    }
}
