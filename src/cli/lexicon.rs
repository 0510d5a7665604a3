//! `lexicon check | fmt | list | stats | sources`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::{DONE, ERROR, FOUND, FolderArgs, LexiconArgs, LexiconCommand, output};
use crate::check;
use crate::classify::Classifier;
use crate::lexicon::source::{WORDS, file_stem};
use crate::lexicon::{Lexicon, LexiconFiles, parse};

/// Loads the lexicon that the options ask for.
pub(super) fn load(arguments: &LexiconArgs) -> Result<Classifier> {
    let files = if arguments.no_builtin { LexiconFiles::without_terms() } else { LexiconFiles::builtin() };
    let lexicon = Arc::new(Lexicon::overlaid(files, &arguments.lexicon)?);
    let mut classifier = Classifier::new(Arc::clone(&lexicon));
    // Needed to the end of the program: freeing a hundred thousand rows one by one takes longer than explaining a line.
    std::mem::forget(lexicon);
    for (category, probability) in &arguments.threshold {
        classifier.set_threshold(category, *probability)?;
    }
    if let Some(tag) = &arguments.lang {
        classifier.set_language(tag);
    }
    Ok(classifier)
}

pub(super) fn folder(arguments: &FolderArgs) -> Result<Lexicon> {
    let Some(folder) = &arguments.folder else { return Ok(Lexicon::builtin()?) };
    if !folder.is_dir() {
        bail!("{}: not a folder", folder.display());
    }
    let mut files = LexiconFiles::empty();
    files.overlay(folder)?;
    Ok(Lexicon::from_files(files)?)
}

pub(super) fn run(command: &LexiconCommand) -> Result<u8> {
    match command {
        LexiconCommand::Check(arguments) => check(arguments),
        LexiconCommand::Fmt { folder, check } => fmt(folder, *check),
        LexiconCommand::List { lang, category, contains, folder } => {
            list(folder, lang.as_deref(), category.as_deref(), contains.as_deref())
        }
        LexiconCommand::Stats(arguments) => stats(arguments),
        LexiconCommand::Sources(arguments) => sources(arguments),
    }
}

fn check(arguments: &FolderArgs) -> Result<u8> {
    let lexicon = Arc::new(folder(arguments)?);
    let problems = check::check(&lexicon, &[]);
    let mut out = String::new();
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    let (mut entries, mut words) = (0, 0);
    for file in lexicon.tags().filter_map(|t| lexicon.pack(t)).flat_map(|p| &p.source().files) {
        let counted = if file_stem(&file.path) == WORDS { &mut words } else { &mut entries };
        *counted += file.terms.rows.len();
    }
    let examples: usize = lexicon.tags().filter_map(|t| lexicon.pack(t)).map(|p| p.source().examples.len()).sum();
    writeln!(out, "{entries} entries, {words} words and {examples} examples checked, {} problems", problems.len())?;
    output::write(out.as_bytes())?;
    Ok(if problems.is_empty() { DONE } else { ERROR })
}

fn fmt(folder: &Path, only_check: bool) -> Result<u8> {
    let mut changed = Vec::new();
    for language in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let language = language?.path();
        if !language.is_dir() {
            continue;
        }
        for file in fs::read_dir(&language)? {
            let path = file?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.ends_with(".tsv") || name.ends_with(".examples.tsv") {
                continue;
            }
            let text = fs::read_to_string(&path)?.into();
            let mut problems = Vec::new();
            let tidy = parse::print(&parse::terms(&path.display().to_string(), &text, &mut problems));
            if let Some(problem) = problems.first() {
                bail!("{problem}");
            }
            if tidy != text {
                if !only_check {
                    fs::write(&path, tidy)?;
                }
                changed.push(path.display().to_string());
            }
        }
    }
    changed.sort();
    let mut out = String::new();
    for path in &changed {
        writeln!(out, "{} {path}", if only_check { "would tidy" } else { "tidied" })?;
    }
    output::write(out.as_bytes())?;
    Ok(if only_check && !changed.is_empty() { FOUND } else { DONE })
}

fn list(arguments: &FolderArgs, lang: Option<&str>, category: Option<&str>, contains: Option<&str>) -> Result<u8> {
    let lexicon = folder(arguments)?;
    let mut out = String::new();
    for tag in lexicon.tags().filter(|t| lang.is_none_or(|l| l == *t)) {
        let Some(pack) = lexicon.pack(tag) else { continue };
        for file in &pack.source().files {
            let stem = file_stem(&file.path);
            if category.is_some_and(|c| c != stem) {
                continue;
            }
            for row in file.terms.rows.iter().filter(|r| contains.is_none_or(|c| r.phrase.contains(c))) {
                writeln!(
                    out,
                    "{tag}\t{stem}\t{}\t{}\t{}\t{}\t{}",
                    row.phrase, row.weight, row.sense, row.needs, row.unless
                )?;
            }
        }
    }
    output::write(out.as_bytes())
}

fn stats(arguments: &FolderArgs) -> Result<u8> {
    let lexicon = folder(arguments)?;
    let mut out = String::new();
    for tag in lexicon.tags() {
        let Some(pack) = lexicon.pack(tag) else { continue };
        let stats = check::stats(pack);
        writeln!(out, "{tag} ({})", pack.header().name)?;
        writeln!(out, "  {:<24} {:>8} {:>12} {:>9}", "file", "entries", "conditioned", "examples")?;
        let mut sum = (0, 0, 0);
        for (file, entries, conditioned, examples) in &stats.files {
            sum = (sum.0 + entries, sum.1 + conditioned, sum.2 + examples);
            writeln!(out, "  {file:<24} {entries:>8} {conditioned:>12} {examples:>9}")?;
        }
        writeln!(out, "  {:<24} {:>8} {:>12} {:>9}", "all", sum.0, sum.1, sum.2)?;
        writeln!(out, "  phrases with all forms: {}; ad-topic nodes reached: {}", stats.phrases, stats.topics)?;
    }
    output::write(out.as_bytes())
}

fn sources(arguments: &FolderArgs) -> Result<u8> {
    let lexicon = folder(arguments)?;
    let mut out = String::new();
    for (id, source) in &lexicon.sources {
        let uses: usize = lexicon
            .tags()
            .filter_map(|t| lexicon.pack(t))
            .flat_map(|p| &p.source().files)
            .map(|f| f.terms.rows.iter().filter(|r| r.source == *id).count())
            .sum();
        writeln!(out, "{id}: {} {}", source.title, source.version)?;
        writeln!(out, "  licence: {}; entries: {uses}", source.licence)?;
        for line in [&source.attribution, &source.url].into_iter().filter(|l| !l.is_empty()) {
            writeln!(out, "  {line}")?;
        }
    }
    output::write(out.as_bytes())
}
