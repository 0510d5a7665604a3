//! The command line: arguments, dispatch, exit codes. The only part of the program that prints.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::ads::Band;

mod adjudicate;
mod agreement;
mod bench;
mod codebook;
mod diff;
mod digest;
mod eval;
mod explain;
mod form;
mod groups;
mod inspect;
mod interrupt;
mod journal;
mod lexicon;
mod outcome;
mod output;
mod policy;
mod prevalence;
mod progress;
mod records;
mod reports;
mod rescope;
mod sample;
mod scan;
mod second;
mod shapes;
mod verify;
mod writing;

/// Done.
pub const DONE: u8 = 0;
/// Done, and `--fail-on` found something.
pub const FOUND: u8 = 1;
/// An error: bad arguments, nothing readable.
pub const ERROR: u8 = 2;
/// Done, but some input could not be read.
pub const PARTLY: u8 = 3;

#[derive(Debug, Parser)]
#[command(
    name = "offlimits",
    version,
    about = "Find out what an exported AI-chat log gives away: what ad policies call off limits, and what is left for ads.",
    long_about = LONG_ABOUT,
    after_help = AFTER_HELP,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colours: auto, always, never (NO_COLOR is respected)
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
}

const LONG_ABOUT: &str = "\
Reads an exported AI-chat log (ChatGPT, Claude, Meta AI in Facebook/Instagram/Messenger/WhatsApp, and others), finds every \
message on a topic that the ad policy calls off limits, says whether the policy covers that message at all, and estimates \
what the remaining topics could still feed to ad targeting.

Everything runs on this machine: the program opens no network connection, and no output holds message text, titles or matched \
words unless --quote (or explain) asks for them.";

const AFTER_HELP: &str = "\
Examples:
  offlimits scan chatgpt-export.zip                      a summary on the terminal
  offlimits scan export.zip --html report.html           one page to read and keep
  offlimits scan facebook-you.zip --region US            settle what depends on where you live
  offlimits scan export.zip --html me.html --quote       a page with your messages, for you alone
  offlimits scan corpus.jsonl --records out.jsonl        one record a message
  offlimits scan corpus.jsonl --tidy out.csv             a table (`codebook --variables`)
  offlimits scan class/ --min-cell 10 --html all.html    a group's report, no count under 10
  offlimits rescope out.jsonl --region FR                the same, had the account been in France
  offlimits scan corpus/ --records out/ --resume         a long run: safe to interrupt
  offlimits verify out.manifest.json                     whether a run can be repeated to the byte
  offlimits diff old.jsonl new.jsonl                     what changed, and why
  offlimits scan export.zip --by gdpr                    what GDPR calls sensitive, instead of Meta
  offlimits explain \"my oncologist moved my appointment\"  why a text is flagged, line by line

Exit codes: 0 done; 1 done, and --fail-on found something; 2 an error; 3 done, but some input could not be read.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Read exports, classify every message, show the summary
    Scan(Box<ScanArgs>),
    /// Ask another policy, region or account about saved records, without scanning again
    ///
    /// Reads the records that `scan --records FILE.jsonl` wrote. What a record does not tell (to whom words in a group were
    /// said, whether a time had a zone) is put as unknown: an answer can be "unknown" where a new scan would know, never the
    /// other way round. Save the records under the policy of the platform's own company.
    Rescope(Box<RescopeArgs>),
    /// Derive a run again from its manifest, and say exactly what differs
    ///
    /// Reads the manifest that `scan --manifest FILE` wrote, or a report (`scan --json FILE`): compares the inputs, the lexicon,
    /// the policy profile, thresholds and version with what they were, scans again without writing anything, and compares
    /// counts and the digests of the records. Exit code 0: the same; 1: something differs.
    Verify(VerifyArgs),
    /// Say what changed between two runs or two exports, and why
    ///
    /// Each side is the records of a scan (JSON lines, CSV, Parquet, a folder of parts), a report or manifest in JSON, or an export, which is
    /// scanned first. Messages are matched by source, conversation and message id; by conversation and message id alone where
    /// the two sides have no source in common. The manifest of x.jsonl is looked for in x.manifest.json. No text is shown.
    /// Exit code 0: the same; 1: something changed.
    Diff(DiffArgs),
    /// Print every message that a reader yields, as JSON lines (text included)
    Messages(ReadArgs),
    /// Print the ad interests that a Meta download itself lists, as JSON lines
    Interests(ReadArgs),
    /// Show every match in one text, what context did to it, the sum and the verdict
    Explain(ExplainArgs),
    /// Score against labelled rows: precision, recall, F1 with 95 % intervals
    Eval(eval::EvalArgs),
    /// Draw messages to code by hand: stratified, seeded, blind sheets
    Sample(sample::SampleArgs),
    /// Print what coders go by, or what the columns hold, from the classifier's own data
    Codebook(codebook::CodebookArgs),
    /// How far coders agree: kappas, Krippendorff's alpha, Gwet's AC1
    Agreement(agreement::AgreementArgs),
    /// Merge coders' sheets: disputes, decisions, gold rows
    Adjudicate(adjudicate::AdjudicateArgs),
    /// How common each category is, corrected for the classifier's errors
    Prevalence(Box<prevalence::PrevalenceArgs>),
    /// Check, tidy and count the lexicon
    #[command(subcommand)]
    Lexicon(LexiconCommand),
    /// Show the policy profiles: dates, regions, sources, and what is unknown
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Measure each step on this machine: on a file, or on made-up chats
    Bench(BenchArgs),
    /// List what can be read, and how each format is recognised; or tell what some files are
    ///
    /// With paths: what each file in them is taken for. Of files that are not known, the keys are shown and nothing of what
    /// stands under them, so that they can be reported. Look them over first: a key can be a name.
    Formats {
        /// Files, folders, archives
        #[arg(value_name = "PATH")]
        paths: Vec<String>,
    },
    /// Print the JSON Schema of a machine output
    ///
    /// Draft 2020-12 for the report (--json) and a record (--records); Table Schema for the tidy table (--tidy).
    Schema {
        /// Of what
        #[arg(value_enum, default_value = "report")]
        output: SchemaOf,
    },
    /// Print a completion script
    ///
    /// bash: offlimits completions bash > ~/.local/share/bash-completion/completions/offlimits;
    /// zsh: … zsh > ~/.zfunc/_offlimits; fish: … fish > ~/.config/fish/completions/offlimits.fish;
    /// PowerShell: … powershell >> $PROFILE
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page (roff), or that of a command
    ///
    /// offlimits man | man -l -
    Man {
        /// A command, such as scan
        command: Option<String>,
    },
}

/// What `schema` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaOf {
    /// The report of --json
    Report,
    /// A record of --records
    Records,
    /// The table of --tidy
    Tidy,
}

#[derive(Debug, Args)]
struct ReadArgs {
    /// Files, folders, zip, tar, gz, zst, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Format, overriding detection (see `offlimits formats`)
    #[arg(long, default_value = "auto", value_name = "NAME")]
    format: String,
}

#[derive(Debug, Clone, Args)]
struct LexiconArgs {
    /// Add a lexicon folder or term file (repeatable)
    #[arg(long, value_name = "PATH")]
    lexicon: Vec<PathBuf>,
    /// Start without the built-in terms
    #[arg(long)]
    no_builtin: bool,
    /// Override a threshold, e.g. health=0.8 (repeatable)
    #[arg(long, value_name = "CATEGORY=P", value_parser = parse_threshold)]
    threshold: Vec<(String, f32)>,
    /// Force a language (BCP 47 tag) instead of telling it from the text
    #[arg(long, value_name = "TAG")]
    lang: Option<String>,
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
struct ScanArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    report: ReportArgs,
    /// Write one row a message and category (.csv; - for standard output); see `offlimits codebook --variables`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    tidy: Option<PathBuf>,
    /// Put message text and matched words into the records, and the flagged messages into the page
    #[arg(long, help_heading = "Output")]
    quote: bool,
    /// Show the titles of the conversations to delete
    #[arg(long, help_heading = "Output")]
    titles: bool,
    /// No progress bar
    #[arg(long, help_heading = "Output")]
    no_progress: bool,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    drawing: DrawingArgs,
    /// Only messages from this day on (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", help_heading = "Selection")]
    since: Option<String>,
    /// Only messages up to the end of this day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", help_heading = "Selection")]
    until: Option<String>,
    /// Roles to classify (user, assistant, participant); all are read and counted
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "user", help_heading = "Selection")]
    roles: Vec<String>,
    #[command(flatten, next_help_heading = "Lexicon")]
    lexicon: LexiconArgs,
    #[command(flatten)]
    run: RunArgs,
    /// Exit with 1 if a message of one of these categories was found
    #[arg(long, value_name = "CATEGORY,...", value_delimiter = ',', help_heading = "Run")]
    fail_on: Vec<String>,
    /// Number of threads; default: all cores
    #[arg(long, value_name = "N", help_heading = "Run")]
    threads: Option<usize>,
}

/// Long runs, and runs that others shall be able to repeat.
#[derive(Debug, Args)]
struct RunArgs {
    /// Write what it takes to repeat the run: digests of inputs, lexicon, policy and records, options, counts (JSON)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    manifest: Option<PathBuf>,
    /// Write the records as a folder of parts with so many rows each
    #[arg(long, value_name = "N", help_heading = "Output")]
    partition_rows: Option<u64>,
    /// Keep what is done in FILE.partial and FILE.journal of the records, and go on from there if they are left
    #[arg(long, help_heading = "Run")]
    resume: bool,
    /// With --resume: how often the journal is written
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, help_heading = "Run")]
    checkpoint: f64,
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// A manifest, or a report in JSON
    #[arg(value_name = "MANIFEST")]
    manifest: PathBuf,
    /// Read this instead of the input that the manifest names (repeatable, in their order)
    #[arg(long, value_name = "PATH")]
    input: Vec<String>,
    /// Print the differences as JSON
    #[arg(long)]
    json: bool,
    /// No progress bar
    #[arg(long)]
    no_progress: bool,
    /// Number of threads; default: all cores
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Debug, Args)]
struct DiffArgs {
    /// The earlier one
    #[arg(value_name = "A")]
    before: String,
    /// The later one
    #[arg(value_name = "B")]
    after: String,
    /// The manifests (or reports) of A and B, where they do not lie beside the records
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    manifests: Vec<PathBuf>,
    /// Print the comparison as JSON
    #[arg(long)]
    json: bool,
    /// Write one line a message that changed, came or went (JSON lines); - for standard output
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// How many of them the summary names
    #[arg(long, value_name = "N", default_value_t = 10)]
    list: usize,
    /// Match by conversation and message id alone
    #[arg(long)]
    ignore_source: bool,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten, next_help_heading = "Lexicon")]
    lexicon: LexiconArgs,
    /// Number of threads; default: all cores
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// What is written.
#[derive(Debug, Args)]
struct ReportArgs {
    /// Write one record a message: .jsonl, .csv or .parquet; FOLDER/ for Parquet in parts; - for JSON lines on standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    records: Option<PathBuf>,
    /// Write the whole report (summary, ledger, manifest) as JSON; - for standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    json: Option<PathBuf>,
    /// Write the report page, self-contained
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,
    /// Write the summary as Markdown, without ids; - for standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    markdown: Option<PathBuf>,
    /// For a report on a group: round every count down to a multiple of K, and show nothing on single chats
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(2..=1_000_000), help_heading = "Output")]
    min_cell: Option<u64>,
    /// Language of the report: en or fr; default from the system
    #[arg(long, value_name = "TAG", help_heading = "Output")]
    ui_lang: Option<String>,
    /// No summary on the terminal
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
    /// Say more: -v shows all rows of the summary, -vv also every file on standard error
    #[arg(long, short, action = clap::ArgAction::Count, conflicts_with = "quiet", help_heading = "Output")]
    verbose: u8,
}

/// Which policy is asked, and what it is told of the account.
#[derive(Debug, Clone, Args)]
struct PolicyArgs {
    /// Policy profile (see `offlimits policy list`)
    #[arg(long, value_name = "ID", default_value = "meta-ai-ads", help_heading = "Policy")]
    policy: String,
    /// Region of the account: ISO 3166-1 alpha-2 (US, FR …); default: unknown
    #[arg(long, value_name = "CC", help_heading = "Policy")]
    region: Option<String>,
    /// Apps in the same Accounts Center, e.g. whatsapp,instagram; default: unknown
    #[arg(long, value_name = "APP,...", value_delimiter = ',', help_heading = "Policy")]
    linked: Vec<String>,
    /// Apps known not to be in the same Accounts Center
    #[arg(long, value_name = "APP,...", value_delimiter = ',', help_heading = "Policy")]
    unlinked: Vec<String>,
    /// Treat every platform as if it were the policy's own ("what if this were Meta AI")
    #[arg(long, help_heading = "Policy")]
    as_if: bool,
    /// Plan of the account, where the policy depends on it (free, go, plus …); default: unknown
    #[arg(long, value_name = "PLAN", help_heading = "Policy")]
    plan: Option<String>,
}

#[derive(Debug, Args)]
struct RescopeArgs {
    /// Records that `scan` wrote (JSON lines), or - for standard input
    #[arg(required = true, value_name = "RECORDS.jsonl")]
    paths: Vec<String>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Ask as if every message had been sent on that day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", help_heading = "Policy")]
    sent: Option<String>,
    #[command(flatten)]
    drawing: DrawingArgs,
}

/// How a report is drawn.
#[derive(Debug, Args)]
#[command(next_help_heading = "Drawing")]
struct DrawingArgs {
    /// Draw the report by what a law or another company calls sensitive (gdpr, cpra … see `offlimits policy laws`)
    #[arg(long, value_name = "LIST")]
    by: Option<String>,
    /// Set what a field is worth to advertisers: low, medium or high, e.g. Travel=high (repeatable)
    #[arg(long, value_name = "TOPIC=BAND", value_parser = parse_value)]
    value: Vec<(String, Band)>,
}

#[derive(Debug, Args)]
struct ExplainArgs {
    /// The text; without it, standard input is read
    text: Option<String>,
    /// Who wrote it: user or assistant
    #[arg(long, default_value = "user")]
    role: String,
    #[command(flatten)]
    lexicon: LexiconArgs,
}

#[derive(Debug, Args)]
struct BenchArgs {
    /// An export or corpus; without it, chats are made up
    file: Option<String>,
    /// Megabytes of made-up chats
    #[arg(long, default_value_t = 50, value_name = "MB")]
    size: u32,
    /// Most threads to measure with; default: all cores
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Do not measure other tools
    #[arg(long)]
    alone: bool,
    #[command(flatten)]
    lexicon: LexiconArgs,
}

#[derive(Debug, Subcommand)]
enum LexiconCommand {
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
struct FolderArgs {
    /// A lexicon folder; without it, the built-in lexicon
    folder: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
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
enum When {
    Auto,
    Always,
    Never,
}

fn parse_value(text: &str) -> Result<(String, Band), String> {
    let (topic, band) = text.split_once('=').ok_or("write it as TOPIC=BAND, for example Travel=high")?;
    let band = Band::from_name(band).ok_or_else(|| format!("`{band}` is none of low, medium, high"))?;
    Ok((topic.to_owned(), band))
}

fn parse_threshold(text: &str) -> Result<(String, f32), String> {
    let (category, value) = text.split_once('=').ok_or("write it as CATEGORY=P, for example health=0.8")?;
    let value: f32 = value.parse().map_err(|_| format!("`{value}` is no number"))?;
    if (0.0..=1.0).contains(&value) { Ok((category.to_owned(), value)) } else { Err("P must be within 0..1".into()) }
}

/// Parses the arguments, runs the command, and says with which code to exit.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = groups::group(Cli::command()).try_get_matches_from(arguments);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors, and a closed pipe while printing them is success.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { ERROR } else { DONE });
        }
    };
    match cli.color {
        When::Auto => {}
        When::Always => anstream::ColorChoice::Always.write_global(),
        When::Never => anstream::ColorChoice::Never.write_global(),
    }
    match dispatch(cli.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::from(DONE),
        Err(error) => {
            output::complain(&error);
            ExitCode::from(ERROR)
        }
    }
}

fn dispatch(command: Command) -> Result<u8> {
    match command {
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Rescope(arguments) => rescope::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Messages(arguments) => inspect::messages(&arguments),
        Command::Interests(arguments) => inspect::interests(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Codebook(arguments) => codebook::run(&arguments),
        Command::Agreement(arguments) => agreement::run(&arguments),
        Command::Adjudicate(arguments) => adjudicate::run(&arguments),
        Command::Prevalence(arguments) => prevalence::run(&arguments),
        Command::Lexicon(command) => lexicon::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Formats { paths } => inspect::formats(&paths),
        Command::Schema { output } => shapes::schema(output),
        Command::Completions { shell } => shapes::completions(shell),
        Command::Man { command } => shapes::man(command.as_deref()),
    }
}
