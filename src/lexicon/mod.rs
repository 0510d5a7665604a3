//! The lexicon: everything linguistic, as text files that people can review, and what is compiled from them.
//!
//! A [`Lexicon`] holds the files as text. The packs that are part of the program are compiled when it is built; the build
//! script takes the modules here for that. Where a user changes something, a language is compiled into a [`Pack`] the first
//! time that a message in it turns up, because a person's archive needs two languages and the program may know many.
//!
//! ```text
//! term files ─ source ─ compile ─► pack ─ image ─► in the program
//!                                   ▲                    │
//!                                   └────────────────────┘ read where it lies
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::taxonomy::{self, Taxonomy};
use crate::text::language::Languages;

mod builtin;
pub mod channels;
mod compile;
pub mod condition;
pub mod cue;
mod cue_word;
mod digest;
mod grammar;
pub mod image;
mod images;
mod layer;
pub mod matcher;
pub mod pack;
pub mod parse;
pub mod pattern;
pub mod phrase;
mod phrases;
pub mod points;
pub mod screen;
pub mod source;
pub mod spelling;
mod table;
pub mod whom;
pub mod words;

pub use pack::{Entry, Pack, Target};
pub use parse::Problem;
pub use source::PackText;

/// Where entries come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is.
    pub title: String,
    /// Version or date of the copy used.
    #[serde(default)]
    pub version: String,
    /// Licence of the data.
    pub licence: String,
    /// The line that the licence asks for.
    #[serde(default)]
    pub attribution: String,
    /// Where it can be found.
    #[serde(default)]
    pub url: String,
    /// `ship`: derived entries may be part of the project; anything else may not.
    pub lane: String,
}

/// A lexicon: the built-in one, a folder, or the one with the other laid over it.
#[derive(Debug)]
pub struct Lexicon {
    /// Categories and topics.
    pub taxonomy: Taxonomy,
    /// How languages are told apart.
    pub languages: Languages,
    /// What each sign is worth that tells whom a message is about.
    pub whom: whom::Points,
    /// Provenance by id.
    pub sources: BTreeMap<String, Source>,
    packs: BTreeMap<String, PackSlot>,
    /// The files that belong to no language, as text.
    common: BTreeMap<String, String>,
    added: Vec<Fragment>,
    /// Every file is the one in the program.
    unchanged: bool,
    /// Worked out when a manifest asks for it.
    sha256: OnceLock<String>,
}

#[derive(Debug)]
struct PackSlot {
    texts: Arc<[PackText]>,
    /// The pack of exactly these texts.
    image: Option<&'static [u8]>,
    compiled: OnceLock<Pack>,
}

/// A user's own `taxonomy.toml`, `topics.tsv`, `proxies.tsv` or `sources.toml`: what it says is added to what is there, or
/// replaces what has the same id.
#[derive(Debug, Clone)]
struct Fragment {
    name: String,
    /// The path as given, for messages.
    path: String,
    text: String,
}

/// The common files that fragments can be added to.
const FRAGMENTS: &[&str] = &["taxonomy.toml", "topics.tsv", "proxies.tsv", "sources.toml"];

/// The files of a lexicon before they are compiled.
#[derive(Debug, Default, Clone)]
pub struct LexiconFiles {
    common: BTreeMap<String, String>,
    added: Vec<Fragment>,
    packs: BTreeMap<String, PackTexts>,
    /// Something that the packs in the program rest on was changed.
    changed: bool,
}

/// The files of one pack.
#[derive(Debug, Default, Clone)]
struct PackTexts {
    texts: Vec<PackText>,
    /// Nothing was changed.
    builtin: bool,
}

impl PackTexts {
    fn push(&mut self, path: String, text: String) {
        self.texts.push(PackText { path, text: text.into() });
        self.builtin = false;
    }
}

impl LexiconFiles {
    /// The files that are part of the program.
    pub fn builtin() -> LexiconFiles {
        let mut files = LexiconFiles::default();
        for (name, text) in builtin::COMMON {
            files.common.insert((*name).to_owned(), (*text).to_owned());
        }
        for (tag, texts) in builtin::PACKS {
            let own =
                |(path, text): &(&str, &'static str)| PackText { path: (*path).to_owned(), text: Cow::Borrowed(*text) };
            let texts = texts.iter().map(own).collect();
            files.packs.insert((*tag).to_owned(), PackTexts { texts, builtin: true });
        }
        files
    }

    /// No files at all: to be filled from a folder.
    pub fn empty() -> LexiconFiles {
        let mut files = LexiconFiles::default();
        for (name, _) in builtin::COMMON {
            files.common.insert((*name).to_owned(), String::new());
        }
        files.changed = true;
        files
    }

    /// Only the built-in taxonomy, languages and sources, with the built-in grammar but no terms.
    pub fn without_terms() -> LexiconFiles {
        let mut files = LexiconFiles::builtin();
        for pack in files.packs.values_mut() {
            pack.texts.retain(|text| text.path.ends_with("pack.toml"));
            pack.builtin = false;
        }
        files
    }

    /// Lays a folder or a single term file over these files: a row with the same phrase and category replaces the built-in
    /// one, and a weight of 0 silences it. Categories, topics, proxies and sources of the folder's own files are added, or
    /// replace those with the same id.
    ///
    /// A folder is laid out as `lexicons/` is; any of its files may be missing. A single file is `CATEGORY.tsv` (for every language) or `LANGUAGE.CATEGORY.tsv`.
    pub fn overlay(&mut self, path: &Path) -> Result<()> {
        let place = path.display().to_string();
        if path.is_dir() {
            return self.overlay_folder(path);
        }
        let text = fs::read_to_string(path).map_err(|e| Error::from(e).at(&place))?;
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let parts: Vec<&str> = name.split('.').collect();
        match parts[..] {
            [_, "tsv"] => {
                self.packs.values_mut().for_each(|pack| pack.push(place.clone(), text.clone()));
                Ok(())
            }
            [tag, category, "tsv"] => {
                // The name alone says the category; the place is for messages.
                let path = format!("{}{category}.tsv", &place[..place.len() - name.len()]);
                self.packs.entry(tag.to_owned()).or_default().push(path, text);
                Ok(())
            }
            _ => {
                Err(Error::new(ErrorKind::Usage, "a term file is called CATEGORY.tsv or LANGUAGE.CATEGORY.tsv")
                    .at(place))
            }
        }
    }

    fn overlay_folder(&mut self, folder: &Path) -> Result<()> {
        for (name, path) in sorted(folder)? {
            let place = path.display().to_string();
            let read = |path: &Path| {
                fs::read_to_string(path).map_err(|error| Error::from(error).at(path.display().to_string()))
            };
            if path.is_dir() && name != "policies" {
                let pack = self.packs.entry(name).or_default();
                for (file, path) in sorted(&path)? {
                    if file.ends_with(".tsv") || file == "pack.toml" {
                        pack.push(path.display().to_string(), read(&path)?);
                    }
                }
            } else if FRAGMENTS.contains(&name.as_str()) && !self.common.get(&name).is_none_or(String::is_empty) {
                self.added.push(Fragment { text: read(&path)?, name, path: place });
                self.changed = true;
            } else if self.common.contains_key(&name) || name == "languages.tsv" {
                self.common.insert(name, read(&path)?);
                self.changed = true;
            }
        }
        Ok(())
    }
}

/// A path without what stands above the lexicon's own folder, so that digests do not depend on where that is.
fn inside(path: &str) -> &str {
    let last = path.rfind(['/', '\\']).and_then(|end| path[..end].rfind(['/', '\\']));
    last.map_or(path, |end| &path[end + 1..])
}

fn sorted(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        names.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    names.sort();
    Ok(names)
}

impl Lexicon {
    /// The lexicon that is part of the program.
    pub fn builtin() -> Result<Lexicon> {
        Lexicon::from_files(LexiconFiles::builtin())
    }

    /// Reads the common files and prepares the packs; packs are compiled when they are first asked for.
    pub fn from_files(files: LexiconFiles) -> Result<Lexicon> {
        let unchanged = !files.changed && files.packs.values().all(|pack| pack.builtin);
        let common = |name: &str| files.common.get(name).map_or("", String::as_str);
        let mut sources: BTreeMap<String, Source> = taxonomy::from_toml("sources.toml", common("sources.toml"))?;
        let mut taxonomy = Taxonomy::parse(common("taxonomy.toml"), common("topics.tsv"), common("proxies.tsv"))?;
        // Rules and topics name categories and one another: in that order, whatever the folders'.
        for kind in FRAGMENTS {
            for Fragment { name, path, text } in files.added.iter().filter(|added| added.name == *kind) {
                match name.as_str() {
                    "taxonomy.toml" => taxonomy.add_categories(path, text)?,
                    "topics.tsv" => taxonomy.add_topics(path, text)?,
                    "proxies.tsv" => taxonomy.add_rules(path, text)?,
                    _ => sources.extend(taxonomy::from_toml::<BTreeMap<String, Source>>(path, text)?),
                }
            }
        }
        Ok(Lexicon {
            taxonomy,
            languages: Languages::parse("languages.tsv", common("languages.tsv"))?,
            whom: whom::Points::parse(common("whom.tsv"), common("whom-words.tsv"))?,
            sources,
            packs: files
                .packs
                .into_iter()
                .map(|(tag, PackTexts { texts, builtin })| {
                    let image = images::of(&tag).filter(|_| builtin && !files.changed);
                    (tag, PackSlot { texts: texts.into(), image, compiled: OnceLock::new() })
                })
                .collect(),
            common: files.common,
            added: files.added,
            unchanged,
            sha256: OnceLock::new(),
        })
    }

    /// These files with folders or term files laid over them, one after the other. The first mistake in any of them is an
    /// error: who brings a lexicon wants all of its rows.
    pub fn overlaid(mut files: LexiconFiles, overlays: &[impl AsRef<Path>]) -> Result<Lexicon> {
        overlays.iter().try_for_each(|path| files.overlay(path.as_ref()))?;
        let lexicon = Lexicon::from_files(files)?;
        if overlays.is_empty() {
            return Ok(lexicon);
        }
        let changed = lexicon.tags().filter(|tag| !lexicon.is_builtin(tag));
        let problems: Vec<Problem> = changed.flat_map(|tag| lexicon.check(tag)).collect();
        match &problems[..] {
            [] => Ok(lexicon),
            [only] => Err(Error::new(ErrorKind::Data, only.to_string())),
            [first, more @ ..] => {
                let words = format!("{first} (and {} more; see `offlimits lexicon check`)", more.len());
                Err(Error::new(ErrorKind::Data, words))
            }
        }
    }

    /// SHA-256 over every file, for manifests.
    pub fn sha256(&self) -> &str {
        self.sha256.get_or_init(|| {
            if self.unchanged {
                return images::SHA256.to_owned();
            }
            let common = self.common.iter().map(|(name, text)| (name.as_str(), text.as_str()));
            let added = self.added.iter().map(|added| (added.name.as_str(), added.text.as_str()));
            let packs = self.packs.values().flat_map(|slot| &*slot.texts);
            let packs = packs.map(|file| (inside(&file.path), &*file.text));
            digest::of(common.chain(added).chain(packs))
        })
    }

    /// SHA-256 over the files of each language, over those of none, and over what was added to them.
    pub fn digests(&self) -> Vec<(String, String)> {
        let common = self.common.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let added = self.added.iter().map(|added| (added.name.as_str(), added.text.as_str()));
        let own = |slot: &PackSlot| digest::of(slot.texts.iter().map(|text| (inside(&text.path), &*text.text)));
        let packs = self.packs.iter().map(|(tag, slot)| (tag.clone(), own(slot)));
        std::iter::once(("common".to_owned(), digest::of(common.chain(added)))).chain(packs).collect()
    }

    /// The languages that have a pack.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.packs.keys().map(String::as_str)
    }

    /// The pack of a language, compiled on first use. Rows with mistakes are left out; [`Lexicon::check`] shows them.
    pub fn pack(&self, tag: &str) -> Option<&Pack> {
        let slot = self.packs.get(tag)?;
        let in_program = || slot.image.and_then(|image| Pack::read(Arc::clone(&slot.texts), image));
        let compile = || Pack::compile(Arc::clone(&slot.texts), &self.taxonomy, &mut Vec::new());
        Some(slot.compiled.get_or_init(|| in_program().unwrap_or_else(compile)))
    }

    /// Whether a pack is the one that was compiled with the program.
    pub fn is_builtin(&self, tag: &str) -> bool {
        self.packs.get(tag).is_some_and(|slot| slot.image.is_some())
    }

    /// Compiles packs that are about to be asked for, each on a thread of its own.
    pub fn compile<'t>(&self, tags: impl Iterator<Item = &'t str>) {
        if self.packs.values().all(|slot| slot.compiled.get().is_some()) {
            return;
        }
        let is_missing = |slot: &PackSlot| slot.image.is_none() && slot.compiled.get().is_none();
        let missing: Vec<&str> = tags.filter(|tag| self.packs.get(*tag).is_some_and(is_missing)).collect();
        if missing.len() > 1 {
            missing.par_iter().for_each(|tag| {
                self.pack(tag);
            });
        }
    }

    /// Compiles a pack afresh and says what is wrong in its files.
    pub fn check(&self, tag: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(slot) = self.packs.get(tag) {
            Pack::compile(Arc::clone(&slot.texts), &self.taxonomy, &mut problems);
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::{Lexicon, Pack, builtin};
    use std::sync::Arc;

    #[test]
    fn what_was_built_is_what_the_files_say() {
        let lexicon = Lexicon::builtin().unwrap();
        let worked_out = Lexicon { unchanged: false, ..Lexicon::builtin().unwrap() };
        assert_eq!(lexicon.sha256(), worked_out.sha256());
        for (tag, slot) in &lexicon.packs {
            let compiled = Pack::compile(Arc::clone(&slot.texts), &lexicon.taxonomy, &mut Vec::new());
            assert!(slot.image == Some(&compiled.image()[..]), "{tag}");
            let read = lexicon.pack(tag).unwrap();
            assert!(read.image() == compiled.image(), "{tag} comes back as it was written");
            assert!(read.all_entries().eq(compiled.all_entries()));
        }
    }

    #[test]
    fn every_file_of_the_folder_is_built_in() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/lexicons");
        for (tag, files) in builtin::PACKS {
            let mut listed: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
            let mut found: Vec<String> = std::fs::read_dir(format!("{root}/{tag}"))
                .unwrap()
                .map(|e| format!("{tag}/{}", e.unwrap().file_name().to_string_lossy()))
                .collect();
            listed.sort();
            found.sort();
            assert_eq!(listed, found);
        }
    }
}
