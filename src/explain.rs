//! Why a text is judged as it is: every addend of every verdict, in words.

use std::fmt::{Result, Write};
use std::ops::Range;

use crate::chat::Role;
use crate::classify::evidence::{Item, Outcome};
use crate::classify::passage;
use crate::classify::{Classifier, Request, Scratch, Weighed, logistic};
use crate::finding::Verdict;
use crate::lexicon::channels::Channels;
use crate::lexicon::pack::{Pack, Target};
use crate::text::Text;

/// So many signs are shown that tell whom a verdict is about.
const REASONS: usize = 3;

/// What was found in one text, what context did to it, the sums, and the verdicts.
pub fn explain(classifier: &Classifier, text: &str, role: Role) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = write(&mut out, classifier, text.trim(), role);
    out
}

fn write(out: &mut String, classifier: &Classifier, text: &str, role: Role) -> Result {
    let parts = [text];
    let request = Request { parts: &parts, role, stated: None, context: None, before: &[], evidence: true };
    let mut scratch = Scratch::default();
    let assessment = classifier.assess(&mut scratch, &request);
    writeln!(
        out,
        "language: {}{}",
        assessment.language,
        if assessment.judged { "" } else { " (no lexicon: not judged)" }
    )?;
    let words = Text::of(parts[0]);
    let weighed = classifier.weigh_all(&mut scratch, &request);
    for weighed in &weighed {
        addends(out, classifier, weighed.pack, &weighed.items, &words, parts[0])?;
        sums(out, classifier, weighed, &words)?;
    }
    writeln!(out)?;
    for verdict in assessment.sensitive.iter().chain(&assessment.unlisted) {
        let category = &classifier.lexicon().taxonomy.category(verdict.category).id;
        let because = because(classifier, &weighed, verdict);
        writeln!(out, "verdict: {category} {:.2}, about: {}{because}", verdict.score, verdict.disclosure.name())?;
    }
    if assessment.sensitive.is_empty() && assessment.unlisted.is_empty() {
        let none = if assessment.judged { "nothing sensitive" } else { "not judged" };
        writeln!(out, "verdict: {none}")?;
    }
    let taxonomy = &classifier.lexicon().taxonomy;
    let channels = Channels::of(taxonomy);
    for topic in &assessment.topics {
        let said = said(&weighed, &words, channels.topic(topic.topic));
        writeln!(out, "ad topic: {} {:.2}{said}", taxonomy.path(topic.topic).join(" > "), topic.score)?;
    }
    for implied in &assessment.implies {
        let rule = taxonomy.rules.iter().find(|rule| rule.id == implied.rule);
        let (category, why) = (&taxonomy.category(implied.category).id, rule.map_or("", |rule| &rule.reason.en));
        writeln!(out, "gives away: {category} {:.2}, {}: {why}", implied.score, implied.rule)?;
    }
    let said = channels.intent(assessment.intent).map(|channel| said(&weighed, &words, channel)).unwrap_or_default();
    writeln!(out, "intent: {}{said}", assessment.intent.name())
}

fn addends(out: &mut String, classifier: &Classifier, pack: &Pack, items: &[Item], words: &Text, text: &str) -> Result {
    if items.is_empty() {
        return writeln!(out, "no phrase of the {} lexicon occurs in it", pack.header().name);
    }
    writeln!(out, "{:<28} {:<34} {:>7}  what became of it", "found", "speaks for", "weight")?;
    let tokens = words.tokens();
    for item in items {
        let row = pack.row(&item.entry);
        let (start, end) = (tokens[item.start].start as usize, tokens[item.end - 1].end as usize);
        let found: String = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
        let target = match item.entry.target {
            Target::Category(id) => format!("{} ({})", classifier.lexicon().taxonomy.category(id).id, row.sense),
            other => classifier.target_name(other),
        };
        let fate = match item.outcome {
            Outcome::Counted => "counts".to_owned(),
            Outcome::Masked => format!("mask: means nothing sensitive ({})", row.sense),
            Outcome::NeedsMissing => format!("silent: none of {} near", row.needs),
            Outcome::UnlessFound => format!("silent: one of {} near", row.unless),
            Outcome::WrongCase => "silent: not in capitals".to_owned(),
            Outcome::Outdone => "silent: a stronger line for this phrase counts".to_owned(),
        };
        let at = format!("{}:{}", pack.file(&item.entry), row.line);
        writeln!(out, "{:<28} {:<34} {:>7.2}  {fate}  [{at}]", shorten(&found, 28), shorten(&target, 34), row.weight)?;
    }
    Ok(())
}

fn sums(out: &mut String, classifier: &Classifier, weighed: &Weighed<'_>, text: &Text) -> Result {
    let taxonomy = &classifier.lexicon().taxonomy;
    let channels = Channels::of(taxonomy);
    for best in &weighed.passages {
        let category = taxonomy.category(best.category);
        let chance = passage::chance(text.tokens().len());
        let channel = channels.category(best.category);
        let said = weighed.opinion.of(channel);
        let sum = category.prior + best.sum + said - chance;
        let words = words(weighed, text, channel, best.start..best.end);
        let length = if chance > 0.0 { format!(" - length {chance:.1}") } else { String::new() };
        let threshold = classifier.thresholds()[best.category.0 as usize];
        writeln!(
            out,
            "{}: prior {:.1} + evidence {:.1}{words}{length} = {:.1}, probability {:.2}, threshold {:.2}",
            category.id,
            category.prior,
            best.sum,
            sum,
            logistic(category.slope * sum),
            threshold
        )?;
    }
    Ok(())
}

/// What the words of the whole text say by themselves of a topic or an intent.
fn said(weighed: &[Weighed<'_>], text: &Text, channel: u8) -> String {
    let Some(leading) = weighed.first() else { return String::new() };
    let said = words(leading, text, channel, 0..text.tokens().len());
    said.strip_prefix(" + ").map(|said| format!(", {said}")).unwrap_or_default()
}

/// What the words of a passage say by themselves, and those that speak loudest for it.
fn words(weighed: &Weighed<'_>, text: &Text, channel: u8, passage: Range<usize>) -> String {
    if !weighed.opinion.has(channel) {
        return String::new();
    }
    let reasons = weighed.pack.words.reasons(text, passage, channel, REASONS);
    let named = reasons.iter().map(|r| format!("{} {:+.1}", text.folded(&text.tokens()[r.token]), r.weight));
    let named = named.collect::<Vec<_>>().join(", ");
    let named = if named.is_empty() { named } else { format!(" ({named})") };
    format!(" + words {:.1}{named}", weighed.opinion.of(channel))
}

/// The signs that did most for the answer to whom it is about, and how far they put it ahead of the next best.
fn because(classifier: &Classifier, weighed: &[Weighed<'_>], verdict: &Verdict) -> String {
    let points = &classifier.lexicon().whom;
    let signs = weighed.iter().flat_map(|weighed| &weighed.whom);
    let tally = signs.filter(|(category, _)| *category == verdict.category).map(|(_, tally)| tally);
    let Some(tally) = tally.into_iter().find(|tally| tally.answer(points) == verdict.disclosure) else {
        return String::new();
    };
    let reasons = tally.reasons(points).into_iter().filter(|(_, lead)| *lead > 0.0).take(REASONS);
    let reasons: Vec<String> = reasons.map(|(sign, lead)| format!("{sign} {lead:+.1}")).collect();
    format!(" ({})", reasons.join(", "))
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width { text.to_owned() } else { text.chars().take(width - 1).chain(['…']).collect() }
}
