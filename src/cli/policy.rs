//! `policy list | show | diff | laws`: what is known of policies and laws, how well, and from where.

use std::fmt::Write as _;

use anyhow::Result;

use super::{PolicyCommand, output};
use crate::law::{self, Law, Names};
use crate::policy::{Contradiction, Fact, PROFILES, Policy, Side};

/// Width of the column of names.
const NAME: usize = 22;

pub(super) fn run(command: &PolicyCommand) -> Result<u8> {
    let mut out = String::new();
    match command {
        PolicyCommand::List => list(&mut out)?,
        PolicyCommand::Show { id, toml: true } => {
            Policy::builtin(id)?;
            out.push_str(PROFILES.iter().find(|(name, _)| name == id).map_or("", |(_, text)| text));
        }
        PolicyCommand::Show { id, toml: false } => show(&mut out, &Policy::builtin(id)?)?,
        PolicyCommand::Diff { one, other } => diff(&mut out, &Policy::builtin(one)?, &Policy::builtin(other)?)?,
        PolicyCommand::Laws { id: Some(id) } => one_law(&mut out, law::find(id)?)?,
        PolicyCommand::Laws { id: None } => laws(&mut out)?,
    }
    output::write(out.as_bytes())
}

fn list(out: &mut String) -> std::fmt::Result {
    for (id, _) in PROFILES {
        let Ok(policy) = Policy::builtin(id) else { continue };
        let from = policy.profile.valid_from.as_deref().unwrap_or("unknown");
        let to = policy.profile.valid_to.as_deref().unwrap_or("open");
        writeln!(out, "{id:<20} {from:<10} to {to:<10} {}", policy.profile.name.en)?;
    }
    Ok(())
}

fn show(out: &mut String, policy: &Policy) -> std::fmt::Result {
    let profile = &policy.profile;
    writeln!(out, "{} ({}, version {})", profile.name.en, profile.id, profile.version)?;
    writeln!(out, "{}", profile.about.en)?;
    writeln!(out, "Pages read up to {}; later changes are not known here.\n", profile.checked_until)?;
    for (name, value) in policy.fields() {
        writeln!(out, "{name:<NAME$}{value}")?;
    }
    writeln!(out, "\nFacts (P page read, Pq quoted, S press or agencies, X contradicted, U looked for and not found)")?;
    profile.facts.iter().try_for_each(|one| fact(out, one))?;
    if !profile.contradictions.is_empty() {
        writeln!(out, "\nWhere sources disagree")?;
        profile.contradictions.iter().try_for_each(|one| contradiction(out, one))?;
    }
    Ok(())
}

fn fact(out: &mut String, one: &Fact) -> std::fmt::Result {
    writeln!(out, "  [{}] {}: {}", one.mark.name(), one.field, one.says.en)?;
    writeln!(out, "      {}", one.sources.join("; "))
}

fn contradiction(out: &mut String, one: &Contradiction) -> std::fmt::Result {
    let state = if one.resolved { "settled" } else { "open: what depends on it is unknown" };
    let side = |side: &Side| format!("{} ({})", side.says, side.sources.join("; "));
    writeln!(out, "  {}: {} [{state}]", one.field, one.question)?;
    writeln!(out, "      holds    {}", side(&one.holds))?;
    writeln!(out, "      against  {}", side(&one.against))
}

/// Fields that differ, the one above the other; then facts that only one has, and questions on which sources disagree.
fn diff(out: &mut String, one: &Policy, other: &Policy) -> std::fmt::Result {
    writeln!(out, "{:<NAME$}- {} ({})", "", one.id(), one.profile.version)?;
    writeln!(out, "{:<NAME$}+ {} ({})\n", "", other.id(), other.profile.version)?;
    let mut same = Vec::new();
    for ((name, a), (_, b)) in one.fields().into_iter().zip(other.fields()) {
        if a == b {
            same.push(name);
            continue;
        }
        writeln!(out, "{name:<NAME$}- {a}")?;
        writeln!(out, "{:<NAME$}+ {b}", "")?;
    }
    if !same.is_empty() {
        writeln!(out, "\n{:<NAME$}{}", "the same", same.join(", "))?;
    }
    for (sign, policy) in [('-', one), ('+', other)] {
        for open in policy.profile.contradictions.iter().filter(|one| !one.resolved) {
            writeln!(out, "\n{sign} open, {}: {}", open.field, open.question)?;
            writeln!(out, "    {} ({})", open.holds.says, open.holds.sources.join("; "))?;
            writeln!(out, "    {} ({})", open.against.says, open.against.sources.join("; "))?;
        }
    }
    Ok(())
}

/// The cross-walk: a row a category, a column a list.
fn laws(out: &mut String) -> Result<()> {
    let taxonomy = crate::lexicon::Lexicon::builtin()?.taxonomy;
    let wide = |law: &Law| law.id.len().max(3) + 2;
    write!(out, "{:<15}", "")?;
    law::all().iter().try_for_each(|law| write!(out, "{:>1$}", law.id, wide(law)))?;
    writeln!(out)?;
    for category in &taxonomy.categories {
        write!(out, "{:<15}", category.id)?;
        for law in law::all() {
            let sign = match law.names(&category.id) {
                Some(Names::Named) => "yes",
                Some(Names::Partly) => "part",
                Some(Names::Context) => "case",
                None => "·",
            };
            write!(out, "{sign:>0$}", wide(law))?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "\nyes: named; part: a part of it, or under a wider word; case: it depends on the case; ·: not named."
    )?;
    writeln!(
        out,
        "A list says what somebody calls sensitive, not what applies to you. `policy laws ID` shows notes and sources;"
    )?;
    writeln!(out, "`scan --by ID` draws the report by one of them.")?;
    Ok(())
}

fn one_law(out: &mut String, law: &Law) -> std::fmt::Result {
    writeln!(out, "{} ({}, {})", law.name.en, law.id, law.kind)?;
    writeln!(out, "{:<NAME$}{}", "where", law.place)?;
    for (name, list) in [("named", &law.named), ("in part", &law.partly), ("by the case", &law.context)] {
        if !list.is_empty() {
            writeln!(out, "{name:<NAME$}{}", list.join(", "))?;
        }
    }
    for (category, note) in &law.notes {
        writeln!(out, "{:<NAME$}{category}: {note}", "note")?;
    }
    writeln!(out, "{:<NAME$}[{}] {}", "read in", law.mark, law.sources.join("; "))
}
