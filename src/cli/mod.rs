//! The command line: arguments, dispatch, exit codes. The only part of the program that prints.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

mod adjudicate;
mod agreement;
mod arguments;
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

use arguments::{
    BenchArgs, DiffArgs, DrawingArgs, ExplainArgs, FolderArgs, LexiconArgs, LexiconCommand, PolicyArgs, PolicyCommand,
    ReadArgs, ReportArgs, RescopeArgs, ScanArgs, VerifyArgs, When,
};

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
