//! One language's lexicon, compiled: phrases, entries, conditions, and the grammar words that tell whom a message is about.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::channels::Channels;
use super::cue::{Condition, Cues};
pub use super::grammar::{Grammar, Wording};
use super::matcher::{Layer, Matcher};
use super::parse::{self, Case, Example, Problem, Row, TermFile};
use super::phrase::{self, FormClass};
use crate::finding::{CategoryId, Intent, RuleId, TopicId};
use crate::taxonomy::Taxonomy;

/// What an entry speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A sensitive category.
    Category(CategoryId),
    /// Every category: the marks of a genre.
    Genre,
    /// Nothing: it only silences the words in it.
    Mask,
    /// An ad topic.
    Topic(TopicId),
    /// A commercial intent.
    Intent(Intent),
    /// A rule of `proxies.tsv`.
    Proxy(RuleId),
}

/// An entry, compiled.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it speaks for.
    pub target: Target,
    /// Which matches its phrases compete with.
    pub layer: Layer,
    /// Log-odds.
    pub weight: f32,
    /// Capitals that the match must have.
    pub case: Case,
    /// Index into [`Pack::conditions`]: must hold.
    pub needs: Option<u32>,
    /// Index into [`Pack::conditions`]: must not hold.
    pub unless: Option<u32>,
    /// Where it was written: index into [`Pack::files`].
    pub file: u16,
    /// Index of the row in that file.
    pub row: u32,
    /// Number of the row in the whole pack: every form of it counts once a passage.
    pub line: u32,
}

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

/// A term file of a pack.
#[derive(Debug)]
pub struct PackFile {
    /// Path relative to the lexicon folder: `en/health.tsv`.
    pub path: String,
    /// As written.
    pub terms: TermFile,
}

/// A compiled pack.
#[derive(Debug)]
pub struct Pack {
    /// `pack.toml`.
    pub header: PackHeader,
    /// The term files, in loading order.
    pub files: Vec<PackFile>,
    /// Phrase finder.
    pub matcher: Matcher,
    /// Entries, by phrase number.
    entries: Vec<Entry>,
    /// By phrase number: where its entries begin.
    first: Vec<u32>,
    /// Entries with their phrases, as they come, while rows are added.
    added: Vec<(u32, Entry)>,
    /// Conditions as written → their place, while rows are added.
    written: HashMap<String, u32>,
    /// Conditions of entries.
    pub conditions: Vec<Condition>,
    /// Cue sets that the conditions use.
    pub cues: Cues,
    /// Whom it is about.
    pub grammar: Grammar,
    /// The same, told by a word's ending or place.
    wording: Wording,
    /// Rows in all files.
    pub lines: u32,
    /// Example sentences, with the file they stand in.
    pub examples: Vec<(String, Example)>,
}

/// The text of one file of a pack.
#[derive(Debug, Clone)]
pub struct PackText {
    /// Path relative to the lexicon folder.
    pub path: String,
    /// Content; that of built-in files lies in the program.
    pub text: Cow<'static, str>,
}

impl Pack {
    /// Compiles a pack from its files. Mistakes go to `problems`; what is right is kept.
    pub fn compile(texts: &[PackText], taxonomy: &Taxonomy, problems: &mut Vec<Problem>) -> Pack {
        let mut cues = Cues::default();
        let grammar = match Grammar::of(&mut cues) {
            Ok(grammar) => grammar,
            Err(message) => unreachable!("empty groups are sound: {message}"),
        };
        let mut pack = Pack {
            header: PackHeader::default(),
            files: Vec::new(),
            matcher: Matcher::default(),
            entries: Vec::new(),
            first: Vec::new(),
            added: Vec::new(),
            written: HashMap::new(),
            conditions: Vec::new(),
            cues,
            grammar,
            wording: Wording::default(),
            lines: 0,
            examples: Vec::new(),
        };
        for file in texts {
            if file.path.ends_with("pack.toml") {
                match toml::from_str::<PackHeader>(&file.text) {
                    Ok(header) => pack.header = header,
                    Err(error) => {
                        problems.push(Problem { file: file.path.clone(), line: 1, message: error.to_string() })
                    }
                }
            } else if file.path.ends_with(".examples.tsv") {
                let examples = parse::examples(&file.path, &file.text, problems);
                pack.examples.extend(examples.into_iter().map(|e| (file.path.clone(), e)));
            } else {
                let terms = parse::terms(&file.path, &file.text, problems);
                pack.files.push(PackFile { path: file.path.clone(), terms });
            }
        }
        pack.define_groups(problems);
        pack.add_files(taxonomy, problems);
        pack.sort_entries();
        pack.cues.finish(&mut pack.matcher);
        let (channels, Pack { matcher, entries, first, .. }) = (Channels::of(taxonomy), &mut pack);
        matcher.finish(|phrase| channels.bounds(of(entries, first, phrase)));
        pack.written = HashMap::new();
        pack
    }

    /// Brings the entries into the order of their phrases.
    fn sort_entries(&mut self) {
        let mut added = std::mem::take(&mut self.added);
        added.sort_by_key(|(phrase, _)| *phrase);
        self.entries.reserve_exact(added.len());
        for same in added.chunk_by(|(one, _), (other, _)| one == other) {
            let (phrase, first) = (same[0].0, self.entries.len());
            self.first.resize(phrase as usize + 1, first as u32);
            for (_, entry) in same {
                // A later file (a user's overlay) replaces what an earlier one said of the same phrase and target.
                let mut place = first;
                while let Some(earlier) = self.entries.get(place) {
                    if earlier.target == entry.target && earlier.file != entry.file {
                        self.entries.remove(place);
                    } else {
                        place += 1;
                    }
                }
                if entry.needs.is_some() || entry.unless.is_some() {
                    self.matcher.set_conditional(phrase);
                }
                self.entries.push(entry.clone());
            }
        }
        self.first.resize(self.matcher.len() + 1, self.entries.len() as u32);
    }

    fn define_groups(&mut self, problems: &mut Vec<Problem>) {
        for (name, members) in &self.header.groups {
            if self.wording.take(name, members) {
                continue;
            }
            if let Err(message) = self.cues.group(name, members) {
                problems.push(Problem { file: format!("{}/pack.toml", self.header.tag), line: 1, message });
            }
        }
        for file in &self.files {
            for group in &file.terms.groups {
                if let Err(message) = self.cues.group(&group.name, &group.members) {
                    problems.push(Problem { file: file.path.clone(), line: group.line, message });
                }
            }
        }
    }

    fn add_files(&mut self, taxonomy: &Taxonomy, problems: &mut Vec<Problem>) {
        let files = std::mem::take(&mut self.files);
        self.added.reserve(files.iter().map(|file| file.terms.rows.len()).sum());
        for (number, file) in files.iter().enumerate() {
            for (place, row) in file.terms.rows.iter().enumerate() {
                if let Err(message) = self.add_row(taxonomy, file, number as u16, place as u32, row) {
                    problems.push(Problem { file: file.path.clone(), line: row.line, message });
                }
            }
        }
        self.files = files;
    }

    fn add_row(
        &mut self,
        taxonomy: &Taxonomy,
        file: &PackFile,
        number: u16,
        place: u32,
        row: &Row,
    ) -> Result<(), String> {
        let target = target(taxonomy, file_stem(&file.path), row)?;
        let layer = match target {
            Target::Category(id) if !taxonomy.category(id).listed => Layer::Unlisted,
            Target::Category(_) | Target::Genre | Target::Mask => Layer::Sensitive,
            Target::Topic(_) => Layer::Topics,
            Target::Intent(_) => Layer::Intent,
            Target::Proxy(_) => Layer::Proxies,
        };
        let needs = self.condition(&row.needs)?;
        let unless = self.condition(&row.unless)?;
        let entry = Entry {
            target,
            layer,
            weight: row.weight,
            case: row.case,
            needs,
            unless,
            file: number,
            row: place,
            line: self.lines,
        };
        self.lines += 1;
        let letters = &self.header.spelled_out;
        let is_spelled = row.forms.is_empty() && phrase::is_spelled(&row.phrase);
        if is_spelled && !letters.iter().any(|(letter, _)| row.phrase.contains(letter.as_str())) {
            self.add_phrase(&row.phrase, entry);
            return Ok(());
        }
        let mut spellings = phrase::compile(&row.phrase, &row.forms, &self.header.forms)?;
        if !letters.is_empty() {
            let lower = row.phrase.to_lowercase();
            let spelled = letters.iter().fold(lower.clone(), |phrase, (letter, out)| phrase.replace(letter, out));
            if spelled != lower {
                spellings.extend(phrase::compile(&spelled, &row.forms, &self.header.forms)?);
            }
        }
        spellings.iter().for_each(|spelled| self.add_phrase(spelled, entry.clone()));
        Ok(())
    }

    fn add_phrase(&mut self, spelled: &str, entry: Entry) {
        let phrase = self.matcher.add(spelled, entry.layer);
        if entry.target == Target::Mask {
            self.matcher.add(spelled, Layer::Unlisted);
        }
        self.added.push((phrase, entry));
    }

    fn condition(&mut self, written: &str) -> Result<Option<u32>, String> {
        if written.is_empty() {
            return Ok(None);
        }
        if let Some(&place) = self.written.get(written) {
            return Ok(Some(place));
        }
        let place = self.conditions.len() as u32;
        let condition = self.cues.condition(written)?;
        self.conditions.push(condition);
        self.written.insert(written.to_owned(), place);
        Ok(Some(place))
    }

    /// Words that are told by their ending or place.
    pub fn wording(&self) -> &Wording {
        &self.wording
    }

    /// The entries of a phrase.
    #[inline]
    pub fn entries(&self, phrase: u32) -> &[Entry] {
        of(&self.entries, &self.first, phrase)
    }

    /// The entries of all phrases.
    pub fn all_entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The row that an entry was written as.
    pub fn row(&self, entry: &Entry) -> &Row {
        &self.files[entry.file as usize].terms.rows[entry.row as usize]
    }
}

#[inline]
fn of<'e>(entries: &'e [Entry], first: &[u32], phrase: u32) -> &'e [Entry] {
    &entries[first[phrase as usize] as usize..first[phrase as usize + 1] as usize]
}

/// `en/health.tsv` → `health`.
pub fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

fn target(taxonomy: &Taxonomy, stem: &str, row: &Row) -> Result<Target, String> {
    match stem {
        "mask" => Ok(Target::Mask),
        "genre" => Ok(Target::Genre),
        "topics" => {
            let id = taxonomy.find_topic(&row.sense).ok_or_else(|| format!("no topic `{}`", row.sense))?;
            if taxonomy.topic(id).usable {
                Ok(Target::Topic(id))
            } else {
                Err(format!("`{}` is no ad topic", row.sense))
            }
        }
        "proxies" => taxonomy
            .find_rule(&row.sense)
            .map(Target::Proxy)
            .ok_or_else(|| format!("no rule `{}` in proxies.tsv", row.sense)),
        "intent" => [Intent::Purchase, Intent::Interest, Intent::None]
            .into_iter()
            .find(|i| i.name() == row.sense)
            .map(Target::Intent)
            .ok_or_else(|| format!("no intent `{}`", row.sense)),
        category => {
            let id = taxonomy.find_category(category).ok_or_else(|| format!("no category `{category}`"))?;
            let known = taxonomy.category(id).senses.contains_key(row.sense.as_ref());
            if known { Ok(Target::Category(id)) } else { Err(format!("no sense `{}` in {category}", row.sense)) }
        }
    }
}
