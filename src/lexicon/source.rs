//! A pack as written: what `lexicon check`, `list` and `stats` read, and what compiling starts from.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::parse::{self, Example, Problem, TermFile};
use super::phrase::FormClass;

/// `pack.toml`, as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackHeader {
    /// BCP 47 tag.
    pub tag: String,
    /// English name.
    pub name: String,
    /// Cue groups every file of the pack may use, the grammar groups among them.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Inflection classes.
    #[serde(default)]
    pub forms: BTreeMap<String, FormClass>,
    /// Letters that people also spell out, where keyboards lack them: `ä` as `ae`.
    #[serde(default)]
    pub spelled_out: Vec<(String, String)>,
}

/// The text of one file of a pack.
#[derive(Debug, Clone)]
pub struct PackText {
    /// Path relative to the lexicon folder.
    pub path: String,
    /// Content; that of built-in files lies in the program.
    pub text: Cow<'static, str>,
}

/// A term file of a pack.
#[derive(Debug)]
pub struct PackFile {
    /// Path relative to the lexicon folder: `en/health.tsv`.
    pub path: String,
    /// Its place among the texts of the pack.
    pub place: u16,
    /// As written.
    pub terms: TermFile,
}

/// All files of a pack.
#[derive(Debug, Default)]
pub struct PackSource {
    /// `pack.toml`.
    pub header: PackHeader,
    /// The term files, in loading order.
    pub files: Vec<PackFile>,
    /// Example sentences, with the file they stand in.
    pub examples: Vec<(String, Example)>,
}

impl PackSource {
    /// Reads the files; mistakes go to `problems`, what is right is kept.
    pub fn read(texts: &[PackText], problems: &mut Vec<Problem>) -> PackSource {
        let mut source = PackSource::default();
        for (place, PackText { path, text }) in (0u16..).zip(texts) {
            if path.ends_with("pack.toml") {
                match PackSource::header(text) {
                    Ok(header) => source.header = header,
                    Err(message) => problems.push(Problem { file: path.clone(), line: 1, message }),
                }
            } else if path.ends_with(".examples.tsv") {
                let examples = parse::examples(path, text, problems);
                source.examples.extend(examples.into_iter().map(|example| (path.clone(), example)));
            } else {
                let terms = parse::terms(path, text, problems);
                source.files.push(PackFile { path: path.clone(), place, terms });
            }
        }
        source
    }

    fn header(text: &str) -> Result<PackHeader, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }
}

impl PackHeader {
    /// The header alone, without reading the term files; of several the last that reads.
    pub(super) fn of(texts: &[PackText]) -> PackHeader {
        let files = texts.iter().rev().filter(|file| file.path.ends_with("pack.toml"));
        files.map(|file| PackSource::header(&file.text)).find_map(Result::ok).unwrap_or_default()
    }
}

/// The stem of the file of [what words say by themselves](super::words).
pub const WORDS: &str = "words";

/// `en/health.tsv` → `health`.
pub fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}
