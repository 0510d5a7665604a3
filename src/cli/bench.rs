//! `bench`: how fast this program is on this machine and this file, step by step, and other tools beside it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::{BenchArgs, DONE, lexicon, output};
use crate::bench::{self, Duel, Step};
use crate::policy::{Account, Policy};
use crate::read::{self, Catalog};
use crate::scan::{Scanner, Selection};

/// Rounds of each step, of which the best counts.
const ROUNDS: u32 = 3;

/// Other tools get so much text …
const PEER_BYTES: usize = 8 << 20;
/// … programs so many phrases …
const PROGRAM_PHRASES: usize = 20_000;
/// … and so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a Python program answers that lacks its module.
const NOT_INSTALLED: i32 = 3;

/// Whole words by pyahocorasick, in lower case.
const PYTHON: &str = "
import sys
try:
    import ahocorasick
except ImportError:
    sys.exit(3)
finder = ahocorasick.Automaton()
for phrase in open(sys.argv[1], encoding='utf-8').read().split('\\n'):
    if phrase:
        finder.add_word(phrase, len(phrase))
finder.make_automaton()
found = 0
for line in open(sys.argv[2], encoding='utf-8'):
    line = ' ' + line.lower()
    for end, length in finder.iter(line):
        found += not line[end - length].isalnum() and not line[end + 1 : end + 2].isalnum()
";

pub(super) fn run(arguments: &BenchArgs) -> Result<u8> {
    let language = arguments.lexicon.lang.as_deref().unwrap_or("en");
    let (ready, compiled) = bench::start(language)?;
    let classifier = lexicon::load(&arguments.lexicon)?;
    let (account, selection) = (Account::default(), Selection::default());
    let policy = Policy::builtin("meta-ai-ads")?;
    let scanner = Scanner { classifier, policy, account, selection, evidence: false };
    let lexicon = scanner.classifier.lexicon();
    let pack = lexicon.pack(language).with_context(|| format!("no lexicon for `{language}`"))?;
    let mut catalog = match &arguments.file {
        Some(file) => Catalog::open(file)?,
        None => {
            let chats = bench::made_up(lexicon, arguments.size as usize * 1_000_000);
            Catalog::from_bytes("made-up chats", vec![("chats.jsonl", chats)])?
        }
    };
    let plan = read::plan(&mut catalog, None)?;
    let formats: Vec<&str> = plan.formats().into_iter().collect();
    let megabytes = plan.bytes().unwrap_or(0) as f64 / 1e6;
    let mut table = Table::new(format!("{} ({megabytes:.1} MB, {})", catalog.input, formats.join(", ")))?;
    table.line(&format!(
        "lexicon ready in {:.1} ms; `{language}` compiled from its files in {:.0} ms",
        ready.as_secs_f64() * 1e3,
        compiled.as_secs_f64() * 1e3
    ))?;
    let (steps, texts) = bench::reading(&plan, ROUNDS)?;
    table.add(&steps)?;
    let steps = bench::texts(&texts, &scanner, pack, ROUNDS);
    table.add(&steps)?;
    let threads = arguments.threads.unwrap_or_else(rayon::current_num_threads);
    let runs = bench::end_to_end(&plan, &scanner, threads, ROUNDS)?;
    table.add(&runs)?;
    if let (Some(first), Some(last)) = (runs.first(), runs.last().filter(|_| runs.len() > 1)) {
        table.line(&format!("{} threads do {:.2} times the work of one", runs.len(), last.speed() / first.speed()))?;
    }
    if let Some(memory) = peak_memory() {
        table.line(&format!("peak memory so far {memory:.0} MB, texts kept for measuring among it"))?;
    }
    if !arguments.alone {
        let phrases = bench::plain_phrases(pack);
        for size in bench::SIZES.into_iter().filter(|size| *size <= phrases.len()) {
            let duel = bench::duel(&texts, &phrases, size, PEER_BYTES, ROUNDS)?;
            table.add(&duel.steps)?;
            table.line(&verdict(&duel, &steps[0]))?;
        }
        let some: Vec<String> = bench::spread(&phrases, PROGRAM_PHRASES).into_iter().map(str::to_owned).collect();
        table.line(&programs(&some, &bench::sample(&texts, PEER_BYTES / 8))?)?;
    }
    Ok(DONE)
}

/// The matcher against the best automaton: with the reading of words, which the automaton need not do, and without.
fn verdict(duel: &Duel, words: &Step) -> String {
    let [own, automata @ ..] = &duel.steps[..] else { return String::new() };
    let best = automata.iter().map(Step::speed).fold(f64::MIN_POSITIVE, f64::max);
    // Seconds a megabyte.
    let alone = 1.0 / (1.0 / own.speed() - 1.0 / words.speed()).max(1e-9);
    let equal = if duel.equal { "the same" } else { "NOT the same" };
    format!(
        "  {} matches, {equal}; {:.1} times the best automaton, phrases alone {:.1} times",
        duel.matches,
        own.speed() / best,
        alone / best
    )
}

/// Lines that appear as they are measured.
struct Table;

impl Table {
    fn new(title: String) -> Result<Table> {
        output::write(format!("{title}\n\n{:<52}{:>8}{:>10}\n", "step", "MB/s", "ms").as_bytes())?;
        Ok(Table)
    }

    fn add(&mut self, steps: &[Step]) -> Result<()> {
        let mut out = String::new();
        for step in steps {
            writeln!(out, "{:<52}{:>8.1}{:>10.1}", step.name, step.speed(), step.time.as_secs_f64() * 1e3)?;
        }
        self.line(out.trim_end())
    }

    fn line(&mut self, line: &str) -> Result<()> {
        output::write(format!("{line}\n").as_bytes())?;
        Ok(())
    }
}

/// The most memory that this process ever held, in MB, where the system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kilobytes| kilobytes * 1.024e-3)
}

/// Runs what is installed of other programs on the same phrases. They do a weaker job: lines, not matches, and no folding.
fn programs(phrases: &[String], sample: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let (list, text) = (folder.path().join("phrases"), folder.path().join("text"));
    std::fs::File::create(&list)?.write_all(phrases.join("\n").as_bytes())?;
    std::fs::File::create(&text)?.write_all(sample.as_bytes())?;
    let mut out = String::new();
    let lines = ["-c", "-i", "-w", "-F", "-f"];
    let peers = [("rg", &lines[..]), ("grep", &lines[..]), ("python3", &["-c", PYTHON][..])];
    for (name, options) in peers {
        let mut command = Command::new(name);
        command.args(options).arg(&list).arg(&text).env("LC_ALL", "C").stdin(Stdio::null());
        let Ok(mut child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else { continue };
        let start = Instant::now();
        let done = loop {
            if let Some(status) = child.try_wait()? {
                break if status.code() == Some(NOT_INSTALLED) { None } else { Some(true) };
            }
            if start.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                break Some(false);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let speed = sample.len() as f64 / 1e6 / start.elapsed().as_secs_f64();
        let Some(done) = done else { continue };
        let (sign, note) = if done { ("", "start included") } else { ("<", "stopped") };
        let what = if name == "python3" { "pyahocorasick".to_owned() } else { format!("{name} {}", options.join(" ")) };
        writeln!(
            out,
            "{:<52}{:>8}",
            format!("{what}, {} phrases ({note})", phrases.len()),
            format!("{sign}{speed:.2}")
        )?;
    }
    Ok(if out.is_empty() { "no other program is installed".into() } else { out.trim_end().into() })
}
