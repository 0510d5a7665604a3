//! `messages`, `interests`, `eval`, `formats`: looking at one step of the way.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use anyhow::{Result, bail};

use super::outcome::Outcome;
use super::{EvalArgs, ReadArgs, lexicon, output};
use crate::ErrorKind;
use crate::eval::{self, Evaluation, Scores, wilson};
use crate::read::{self, Catalog, FORMATS};

/// Prints every message of every path.
pub(super) fn messages(arguments: &ReadArgs) -> Result<u8> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let outcome = each_plan(arguments, |catalog, plan, outcome| {
        let rows = |batch: read::Batch<'_>| {
            let mut rows = Vec::new();
            let written =
                batch.conversations.iter().try_for_each(|c| read::normal::write_rows(&mut rows, batch.input, c));
            written.map(|()| rows)
        };
        let ledger = read::drive(plan, rows, |rows| Ok(out.write_all(&rows?)?), |_| {})?;
        outcome.read(&catalog.input, &ledger, plan.advice);
        Ok(())
    })?;
    out.flush()?;
    outcome.complain();
    Ok(outcome.code())
}

/// Prints the interests that a download itself lists.
pub(super) fn interests(arguments: &ReadArgs) -> Result<u8> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let outcome = each_plan(arguments, |catalog, _, outcome| {
        let mut interests = FORMATS.iter().flat_map(|format| format.interests(catalog)).peekable();
        // A download without chats is a full answer here.
        match interests.peek() {
            Some(_) => outcome.good(),
            None => outcome.nothing(&catalog.input, "it lists no ad interests"),
        }
        interests.try_for_each(|interest| read::normal::write_interest(&mut out, &catalog.input, &interest))?;
        Ok(())
    })?;
    out.flush()?;
    outcome.complain();
    Ok(outcome.code())
}

/// Plans each path and hands it on.
fn each_plan(
    arguments: &ReadArgs,
    mut each: impl FnMut(&Catalog, &read::Plan, &mut Outcome) -> Result<()>,
) -> Result<Outcome> {
    let only = (arguments.format != "auto").then_some(arguments.format.as_str());
    let mut outcome = Outcome::default();
    for path in &arguments.paths {
        let planned =
            Catalog::open(path).and_then(|mut catalog| read::plan(&mut catalog, only).map(|plan| (catalog, plan)));
        match planned {
            Ok((catalog, plan)) => each(&catalog, &plan, &mut outcome)?,
            Err(error) if error.kind() == ErrorKind::Usage => return Err(error.into()),
            Err(error) => {
                outcome.failed(path, &error);
            }
        }
    }
    Ok(outcome)
}

/// The formats; or what each file of some paths is, with the keys of those that are not known.
pub(super) fn formats(paths: &[String]) -> Result<u8> {
    if !paths.is_empty() {
        return recognised(paths);
    }
    let mut out = String::new();
    for format in FORMATS {
        writeln!(out, "{:<28} {}", format.id(), format.about())?;
    }
    output::write(out.as_bytes())
}

fn recognised(paths: &[String]) -> Result<u8> {
    let mut outcome = Outcome::default();
    let mut out = String::new();
    for path in paths {
        let planned =
            Catalog::open(path).and_then(|mut catalog| read::plan(&mut catalog, None).map(|plan| (catalog, plan)));
        let (catalog, plan) = match planned {
            Ok(planned) => planned,
            Err(error) => {
                outcome.failed(path, &error);
                continue;
            }
        };
        outcome.good();
        for (task, member) in plan.tasks.iter().flat_map(|task| task.members.iter().map(move |member| (task, member))) {
            writeln!(out, "{}: {}", member.place(), task.format)?;
        }
        for line in &plan.left_out {
            writeln!(out, "{line}")?;
            let unknown = matches!(line.reason, Some("unrecognised" | "beside"));
            let entry = catalog.entries.iter().find(|entry| unknown && entry.member.place() == line.place);
            for path in entry.map(|entry| entry.shape().outline()).unwrap_or_default() {
                writeln!(out, "    {path}")?;
            }
        }
    }
    output::write(out.as_bytes())?;
    outcome.complain();
    Ok(outcome.code())
}

pub(super) fn eval(arguments: &EvalArgs) -> Result<u8> {
    let classifier = lexicon::load(&arguments.lexicon)?;
    let mut rows = Vec::new();
    for path in &arguments.gold {
        let place = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|e| crate::Error::from(e).at(&place))?;
        rows.extend(eval::read_gold(&place, &text)?);
    }
    if rows.is_empty() {
        bail!("no rows");
    }
    let evaluation = eval::evaluate(&classifier, &rows, arguments.bootstrap);
    let mut out = String::new();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&evaluation)?)?;
    } else {
        tables(&mut out, &evaluation)?;
    }
    if arguments.mistakes {
        for mistake in &evaluation.mistakes {
            writeln!(
                out,
                "{}\t{}\t{}",
                if mistake.false_alarm { "false alarm" } else { "missed" },
                mistake.category,
                mistake.id
            )?;
        }
    }
    output::write(out.as_bytes())
}

fn tables(out: &mut String, evaluation: &Evaluation) -> Result<()> {
    table(out, "all rows", &evaluation.all)?;
    if evaluation.by_language.len() > 1 {
        for (language, scores) in &evaluation.by_language {
            table(out, language, scores)?;
        }
    }
    writeln!(out, "\nIntervals are 95 %: Wilson for shares, bootstrap over rows for F1.")?;
    Ok(())
}

fn table(out: &mut String, title: &str, scores: &Scores) -> Result<()> {
    // Without bootstrap draws there is no interval to show.
    let interval =
        |(low, high): (f64, f64)| if high - low < 1.0 { format!("[{low:.3} {high:.3}]") } else { String::new() };
    writeln!(out, "\n{title} ({} rows)", scores.rows)?;
    writeln!(out, "{:<12} {:>5} {:>6}  {:<21} {:<21} {:<21}", "category", "gold", "not", "precision", "recall", "F1")?;
    for ((name, c), f1) in scores.categories.iter().zip(&scores.f1_intervals) {
        if c.positives() + c.negatives() == 0 {
            continue;
        }
        let precision = format!("{:.3} {}", c.precision(), interval(wilson(c.tp, c.tp + c.fp)));
        let recall = format!("{:.3} {}", c.recall(), interval(wilson(c.tp, c.positives())));
        let f1 = format!("{:.3} {}", c.f1(), interval(*f1));
        writeln!(out, "{name:<12} {:>5} {:>6}  {precision:<21} {recall:<21} {f1:<21}", c.positives(), c.negatives())?;
    }
    writeln!(out, "macro-F1 {:.3} {}", scores.macro_f1(), interval(scores.macro_interval))?;
    let mut line = |what: &str, (part, whole): (u32, u32)| -> Result<()> {
        if whole > 0 {
            let share = f64::from(part) / f64::from(whole);
            writeln!(out, "{what} {share:.3} {} ({part} of {whole})", interval(wilson(part, whole)))?;
        }
        Ok(())
    };
    line("false alarms on rows without anything sensitive:", scores.false_alarms)?;
    line("disclosure right where the category is:", scores.disclosure)?;
    line("intent right:", scores.intent)?;
    line("ad topics given to rows without one:", scores.topic_false_alarms)?;
    let topics = &scores.topics;
    if topics.positives() > 0 {
        writeln!(
            out,
            "ad topics: precision {:.3}, recall {:.3}, F1 {:.3}",
            topics.precision(),
            topics.recall(),
            topics.f1()
        )?;
    }
    Ok(())
}
