//! `lexicon check`: what is wrong in the data, as `file:line: message`, examples run through the whole classifier.
//!
//! Not part of `lexicon`, because examples need the classifier, which stands above it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::chat::Role;
use crate::classify::{Classifier, Request, Scratch};
use crate::finding::Assessment;
use crate::lexicon::pack::{Pack, Target};
use crate::lexicon::parse::{self, Example};
use crate::lexicon::{Lexicon, Problem};
use crate::text::{Shape, Text};

/// Everything that is wrong in the packs of `tags` (all packs when empty), by file and line.
pub fn check(lexicon: &Arc<Lexicon>, tags: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let classifier = Classifier::new(Arc::clone(lexicon));
    for (id, source) in &lexicon.sources {
        if source.lane != "ship" {
            let message =
                format!("source `{id}`: its licence ({}) does not allow derived entries here", source.licence);
            problems.push(Problem { file: "sources.toml".into(), line: 1, message });
        }
    }
    let chosen: Vec<&str> = lexicon.tags().filter(|t| tags.is_empty() || tags.iter().any(|x| x == t)).collect();
    for tag in chosen {
        problems.extend(lexicon.check(tag));
        let Some(pack) = lexicon.pack(tag) else { continue };
        rows(lexicon, pack, &mut problems);
        ambiguous(lexicon, tag, pack, &mut problems);
        for (file, example) in &pack.source().examples {
            judge(&classifier, tag, file, example, &mut problems);
        }
    }
    problems.sort();
    problems.dedup();
    problems
}

/// Rules for single rows: known source, order, no double.
fn rows(lexicon: &Lexicon, pack: &Pack, problems: &mut Vec<Problem>) {
    for file in &pack.source().files {
        let mut seen: HashSet<(String, &str, &str, &str)> = HashSet::new();
        let mut wrong = |line: u32, message: String| problems.push(Problem { file: file.path.clone(), line, message });
        let words = crate::lexicon::source::file_stem(&file.path) == crate::lexicon::source::WORDS;
        let silent = words || file.path.ends_with("mask.tsv") || file.path.ends_with("spelling.tsv");
        for row in &file.terms.rows {
            if !lexicon.sources.contains_key(row.source.as_ref()) {
                wrong(row.line, format!("no source `{}` in sources.toml", row.source));
            }
            if !seen.insert((row.phrase.to_lowercase(), &row.sense, &row.needs, &row.unless)) {
                wrong(row.line, format!("`{}` stands here twice with the same conditions", row.phrase));
            }
            if !words && row.needs.is_empty() && folds_to_a_letter(&row.phrase) {
                wrong(row.line, format!("`{}` folds to a single letter, which would be found everywhere", row.phrase));
            }
            if row.weight == 0.0 && !silent {
                wrong(row.line, "a weight of 0 belongs into mask.tsv".into());
            }
        }
        let unsorted = file.terms.rows.windows(2).find(|pair| parse::order(&pair[0]) > parse::order(&pair[1]));
        if let Some(pair) = unsorted {
            wrong(pair[1].line, format!("`{}` is out of order; `lexicon fmt` sorts", pair[1].phrase));
        }
    }
}

/// `c++` and `c#` fold to `c`, which stands in every "c'est".
fn folds_to_a_letter(phrase: &str) -> bool {
    let text = Text::of(phrase);
    matches!(text.tokens(), [only] if only.fold_len() == 1 && only.shape != Shape::Number)
}

/// A function word of the language cannot decide alone.
fn ambiguous(lexicon: &Lexicon, tag: &str, pack: &Pack, problems: &mut Vec<Problem>) {
    for file in
        pack.source().files.iter().filter(|f| !f.path.ends_with("topics.tsv") && !f.path.ends_with("intent.tsv"))
    {
        for row in &file.terms.rows {
            let word = row.phrase.to_lowercase();
            if row.weight >= 4.0
                && row.needs.is_empty()
                && lexicon.languages.is_function_word(tag, &word)
                && row.case == parse::Case::Any
            {
                let message = format!("`{}` is a function word and decides alone", row.phrase);
                problems.push(Problem { file: file.path.clone(), line: row.line, message });
            }
        }
    }
}

/// Runs one example through the classifier.
fn judge(classifier: &Classifier, tag: &str, file: &str, example: &Example, problems: &mut Vec<Problem>) {
    let parts = [example.text.as_str()];
    let role = if example.expect.contains("role:assistant") { Role::Assistant } else { Role::User };
    let request = Request { parts: &parts, role, stated: Some(tag), context: None, before: &[], evidence: false };
    let assessment = classifier.assess(&mut Scratch::default(), &request);
    let said = said(classifier, &assessment);
    for expectation in expectations(&example.expect) {
        if let Some(message) = unmet(classifier, &said, &expectation) {
            problems.push(Problem { file: file.to_owned(), line: example.line, message });
        }
    }
}

/// Parts a list of expectations; names of topics hold spaces (`+topic:Home & Garden -health`).
fn expectations(list: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in list.split_whitespace() {
        let starts = word.starts_with(['+', '-']) || word.starts_with("intent:") || word.starts_with("role:");
        match out.last_mut() {
            Some(last) if !starts => {
                last.push(' ');
                last.push_str(word);
            }
            _ => out.push(word.to_owned()),
        }
    }
    out
}

/// What was said, by name.
struct Said {
    sensitive: BTreeMap<String, &'static str>,
    topics: Vec<String>,
    intent: &'static str,
}

fn said(classifier: &Classifier, assessment: &Assessment) -> Said {
    let taxonomy = &classifier.lexicon().taxonomy;
    let verdicts = assessment.sensitive.iter().chain(&assessment.unlisted);
    Said {
        sensitive: verdicts.map(|v| (taxonomy.category(v.category).id.clone(), v.disclosure.name())).collect(),
        topics: assessment
            .topics
            .iter()
            .flat_map(|t| [taxonomy.label(taxonomy.tier_1(t.topic)), taxonomy.label(t.topic)])
            .collect(),
        intent: assessment.intent.name(),
    }
}

/// Why an expectation is not met.
fn unmet(classifier: &Classifier, said: &Said, expectation: &str) -> Option<String> {
    let flagged = || said.sensitive.iter().map(|(c, d)| format!("{c}:{d}")).collect::<Vec<_>>().join(" ");
    if expectation == "-" {
        return (!said.sensitive.is_empty()).then(|| format!("must not be flagged, but is: {}", flagged()));
    }
    if let Some(intent) = expectation.strip_prefix("intent:") {
        return (said.intent != intent).then(|| format!("intent is {} instead of {intent}", said.intent));
    }
    if expectation.starts_with("role:") {
        return None;
    }
    let topic = |label: &str| said.topics.iter().any(|t| t == label);
    if let Some(label) = expectation.strip_prefix("+topic:") {
        return (!topic(label)).then(|| format!("topic {label} is not found (found: {})", said.topics.join(", ")));
    }
    if let Some(label) = expectation.strip_prefix("-topic:") {
        return topic(label).then(|| format!("topic {label} is found"));
    }
    let (sign, rest) = expectation.split_at(1);
    let (category, disclosure) = rest.split_once(':').map_or((rest, None), |(c, d)| (c, Some(d)));
    if classifier.lexicon().taxonomy.find_category(category).is_none() {
        return Some(format!("`{expectation}` is no expectation"));
    }
    match (sign, said.sensitive.get(category), disclosure) {
        ("+", None, _) => Some(format!("must be flagged as {category} (flagged: {})", flagged())),
        ("+", Some(found), Some(wanted)) if *found != wanted => {
            Some(format!("{category} is {found} instead of {wanted}"))
        }
        ("-", Some(_), _) => Some(format!("must not be flagged as {category}")),
        ("+" | "-", ..) => None,
        _ => Some(format!("`{expectation}` is no expectation")),
    }
}

/// Counts for `lexicon stats`: entries by file, and how many phrases they make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// (file, entries, entries with a condition, examples)
    pub files: Vec<(String, usize, usize, usize)>,
    /// Phrases with all forms.
    pub phrases: usize,
    /// Ad-topic nodes that some entry reaches.
    pub topics: usize,
}

/// What a pack holds.
pub fn stats(pack: &Pack) -> Stats {
    let mut examples: HashMap<&str, usize> = HashMap::new();
    for (file, _) in &pack.source().examples {
        *examples.entry(crate::lexicon::source::file_stem(file)).or_default() += 1;
    }
    let files = pack.source().files.iter().map(|file| {
        let conditioned = file.terms.rows.iter().filter(|r| !r.needs.is_empty() || !r.unless.is_empty()).count();
        let stem = crate::lexicon::source::file_stem(&file.path);
        (file.path.clone(), file.terms.rows.len(), conditioned, examples.get(stem).copied().unwrap_or(0))
    });
    let topics: HashSet<_> =
        pack.all_entries().filter_map(|e| if let Target::Topic(id) = e.target { Some(id) } else { None }).collect();
    Stats { files: files.collect(), phrases: pack.matcher.len(), topics: topics.len() }
}
