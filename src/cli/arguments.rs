//! What the commands take, one structure a command and one a group of options that several share.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

use crate::ads::Band;

#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// Files, folders, zip, tar, gz, zst, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<String>,
    /// Format, overriding detection (see `offlimits formats`)
    #[arg(long, default_value = "auto", value_name = "NAME")]
    pub(super) format: String,
}

#[derive(Debug, Clone, Args)]
pub(super) struct LexiconArgs {
    /// Add a lexicon folder or term file (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(super) lexicon: Vec<PathBuf>,
    /// Start without the built-in terms
    #[arg(long)]
    pub(super) no_builtin: bool,
    /// Override a threshold, e.g. health=0.8 (repeatable)
    #[arg(long, value_name = "CATEGORY=P", value_parser = parse_threshold)]
    pub(super) threshold: Vec<(String, f32)>,
    /// Force a language (BCP 47 tag) instead of telling it from the text
    #[arg(long, value_name = "TAG")]
    pub(super) lang: Option<String>,
}

const SCAN_HELP: &str = "\
Examples:
  offlimits scan export.zip                               a summary on the terminal (-v: all of it)
  offlimits scan export.zip --html report.html            a page without any of your words
  offlimits scan export.zip --html report.html --titles   with the titles of the chats to delete
  offlimits scan export.zip --html me.html --quote        with your messages: for you alone
  offlimits scan export.zip --region US --linked whatsapp settle what depends on the account
  offlimits scan corpus/ --tidy all.csv --json all.json   for statistics
  offlimits scan corpus/ --min-cell 10 --markdown all.md  on a group, without small counts
  zcat log.jsonl.gz | offlimits scan -                    from standard input";

#[derive(Debug, Args)]
#[command(after_help = SCAN_HELP)]
pub(super) struct ScanArgs {
    #[command(flatten)]
    pub(super) read: ReadArgs,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// Write one row a message and category (.csv; - for standard output); see `offlimits codebook --variables`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) tidy: Option<PathBuf>,
    /// Put message text and matched words into the records, and the flagged messages into the page
    #[arg(long, help_heading = "Output")]
    pub(super) quote: bool,
    /// Show the titles of the conversations to delete
    #[arg(long, help_heading = "Output")]
    pub(super) titles: bool,
    /// No progress bar
    #[arg(long, help_heading = "Output")]
    pub(super) no_progress: bool,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten)]
    pub(super) drawing: DrawingArgs,
    /// Only messages from this day on (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", help_heading = "Selection")]
    pub(super) since: Option<String>,
    /// Only messages up to the end of this day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", help_heading = "Selection")]
    pub(super) until: Option<String>,
    /// Roles to classify (user, assistant, participant); all are read and counted
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "user", help_heading = "Selection")]
    pub(super) roles: Vec<String>,
    #[command(flatten, next_help_heading = "Lexicon")]
    pub(super) lexicon: LexiconArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// Exit with 1 if a message of one of these categories was found
    #[arg(long, value_name = "CATEGORY,...", value_delimiter = ',', help_heading = "Run")]
    pub(super) fail_on: Vec<String>,
    /// Number of threads; default: all cores
    #[arg(long, value_name = "N", help_heading = "Run")]
    pub(super) threads: Option<usize>,
}

/// Long runs, and runs that others shall be able to repeat.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Write what it takes to repeat the run: digests of inputs, lexicon, policy and records, options, counts (JSON)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) manifest: Option<PathBuf>,
    /// Write the records as a folder of parts with so many rows each
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(super) partition_rows: Option<u64>,
    /// Keep what is done in FILE.partial and FILE.journal of the records, and go on from there if they are left
    #[arg(long, help_heading = "Run")]
    pub(super) resume: bool,
    /// With --resume: how often the journal is written
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, help_heading = "Run")]
    pub(super) checkpoint: f64,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A manifest, or a report in JSON
    #[arg(value_name = "MANIFEST")]
    pub(super) manifest: PathBuf,
    /// Read this instead of the input that the manifest names (repeatable, in their order)
    #[arg(long, value_name = "PATH")]
    pub(super) input: Vec<String>,
    /// Print the differences as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// No progress bar
    #[arg(long)]
    pub(super) no_progress: bool,
    /// Number of threads; default: all cores
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The earlier one
    #[arg(value_name = "A")]
    pub(super) before: String,
    /// The later one
    #[arg(value_name = "B")]
    pub(super) after: String,
    /// The manifests (or reports) of A and B, where they do not lie beside the records
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub(super) manifests: Vec<PathBuf>,
    /// Print the comparison as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Write one line a message that changed, came or went (JSON lines); - for standard output
    #[arg(long, value_name = "FILE")]
    pub(super) changes: Option<PathBuf>,
    /// How many of them the summary names
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(super) list: usize,
    /// Match by conversation and message id alone
    #[arg(long)]
    pub(super) ignore_source: bool,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten, next_help_heading = "Lexicon")]
    pub(super) lexicon: LexiconArgs,
    /// Number of threads; default: all cores
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

/// What is written.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Write one record a message: .jsonl, .csv or .parquet; FOLDER/ for Parquet in parts; - for JSON lines on standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) records: Option<PathBuf>,
    /// Write the whole report (summary, ledger, manifest) as JSON; - for standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) json: Option<PathBuf>,
    /// Write the report page, self-contained
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) html: Option<PathBuf>,
    /// Write the summary as Markdown, without ids; - for standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) markdown: Option<PathBuf>,
    /// For a report on a group: round every count down to a multiple of K, and show nothing on single chats
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(2..=1_000_000), help_heading = "Output")]
    pub(super) min_cell: Option<u64>,
    /// Language of the report: en, fr, de, es, it or pt; default from the system
    #[arg(long, value_name = "TAG", help_heading = "Output")]
    pub(super) ui_lang: Option<String>,
    /// No summary on the terminal
    #[arg(long, short, help_heading = "Output")]
    pub(super) quiet: bool,
    /// Say more: -v shows all rows of the summary, -vv also every file on standard error
    #[arg(long, short, action = clap::ArgAction::Count, conflicts_with = "quiet", help_heading = "Output")]
    pub(super) verbose: u8,
}

/// Which policy is asked, and what it is told of the account.
#[derive(Debug, Clone, Args)]
pub(super) struct PolicyArgs {
    /// Policy profile (see `offlimits policy list`)
    #[arg(long, value_name = "ID", default_value = "meta-ai-ads", help_heading = "Policy")]
    pub(super) policy: String,
    /// Region of the account: ISO 3166-1 alpha-2 (US, FR …); default: unknown
    #[arg(long, value_name = "CC", help_heading = "Policy")]
    pub(super) region: Option<String>,
    /// Apps in the same Accounts Center, e.g. whatsapp,instagram; default: unknown
    #[arg(long, value_name = "APP,...", value_delimiter = ',', help_heading = "Policy")]
    pub(super) linked: Vec<String>,
    /// Apps known not to be in the same Accounts Center
    #[arg(long, value_name = "APP,...", value_delimiter = ',', help_heading = "Policy")]
    pub(super) unlinked: Vec<String>,
    /// Treat every platform as if it were the policy's own ("what if this were Meta AI")
    #[arg(long, help_heading = "Policy")]
    pub(super) as_if: bool,
    /// Plan of the account, where the policy depends on it (free, go, plus …); default: unknown
    #[arg(long, value_name = "PLAN", help_heading = "Policy")]
    pub(super) plan: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct RescopeArgs {
    /// Records that `scan` wrote: JSON lines or Parquet, plain or compressed; - for JSON lines on standard input
    #[arg(required = true, value_name = "RECORDS")]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    /// Ask as if every message had been sent on that day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", help_heading = "Policy")]
    pub(super) sent: Option<String>,
    #[command(flatten)]
    pub(super) drawing: DrawingArgs,
}

/// How a report is drawn.
#[derive(Debug, Args)]
#[command(next_help_heading = "Drawing")]
pub(super) struct DrawingArgs {
    /// Draw the report by what a law or another company calls sensitive (gdpr, cpra … see `offlimits policy laws`)
    #[arg(long, value_name = "LIST")]
    pub(super) by: Option<String>,
    /// Set what a field is worth to advertisers: low, medium or high, e.g. Travel=high (repeatable)
    #[arg(long, value_name = "TOPIC=BAND", value_parser = parse_value)]
    pub(super) value: Vec<(String, Band)>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The text; without it, standard input is read
    pub(super) text: Option<String>,
    /// Who wrote it: user or assistant
    #[arg(long, default_value = "user")]
    pub(super) role: String,
    #[command(flatten)]
    pub(super) lexicon: LexiconArgs,
}

#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// An export or corpus; without it, chats are made up
    pub(super) file: Option<String>,
    /// Megabytes of made-up chats
    #[arg(long, default_value_t = 50, value_name = "MB")]
    pub(super) size: u32,
    /// Most threads to measure with; default: all cores
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// Do not measure other tools
    #[arg(long)]
    pub(super) alone: bool,
    #[command(flatten)]
    pub(super) lexicon: LexiconArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum LexiconCommand {
    /// Say what is wrong, as file:line: message
    Check(FolderArgs),
    /// Sort and tidy the term files of a folder in place
    Fmt {
        /// The lexicon folder
        #[arg(default_value = "lexicons")]
        folder: PathBuf,
        /// Change nothing; exit with 1 if something would change
        #[arg(long)]
        check: bool,
    },
    /// List entries: those of a language, a category, or with a word in the phrase
    List {
        /// Only this language
        #[arg(long)]
        lang: Option<String>,
        /// Only this category (or topics, intent, mask, genre)
        #[arg(long)]
        category: Option<String>,
        /// Only phrases that contain this
        #[arg(long)]
        contains: Option<String>,
        #[command(flatten)]
        folder: FolderArgs,
    },
    /// Count entries, phrases and examples
    Stats(FolderArgs),
    /// Show where entries come from and under which licence
    Sources(FolderArgs),
}

#[derive(Debug, Args)]
pub(super) struct FolderArgs {
    /// A lexicon folder; without it, the built-in lexicon
    pub(super) folder: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// The profiles, a line each
    List,
    /// One profile in full: facts with marks and sources, what is unknown, and where sources disagree
    Show {
        /// Its id
        #[arg(default_value = "meta-ai-ads")]
        id: String,
        /// The profile's file as it is
        #[arg(long)]
        toml: bool,
    },
    /// What two profiles say differently
    Diff {
        /// The one
        one: String,
        /// The other
        other: String,
    },
    /// Which laws and companies name which sensitive category
    Laws {
        /// One list in full
        id: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

pub(super) fn parse_value(text: &str) -> Result<(String, Band), String> {
    let (topic, band) = text.split_once('=').ok_or("write it as TOPIC=BAND, for example Travel=high")?;
    let band = Band::from_name(band).ok_or_else(|| format!("`{band}` is none of low, medium, high"))?;
    Ok((topic.to_owned(), band))
}

pub(super) fn parse_threshold(text: &str) -> Result<(String, f32), String> {
    let (category, value) = text.split_once('=').ok_or("write it as CATEGORY=P, for example health=0.8")?;
    let value: f32 = value.parse().map_err(|_| format!("`{value}` is no number"))?;
    if (0.0..=1.0).contains(&value) { Ok((category.to_owned(), value)) } else { Err("P must be within 0..1".into()) }
}
