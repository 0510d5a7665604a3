//! Compiling a pack: from its files to the lists that [`Pack`] uses.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use super::channels::Channels;
use super::condition::Conditions;
use super::cue::Cues;
use super::image::numbers;
use super::matcher::{Layer, Matcher};
use super::pack::{Entry, Grammar, Pack, Target, Wording};
use super::parse::{Problem, Row};
use super::phrase;
use super::source::{PackFile, PackSource, PackText, WORDS, file_stem};
use super::spelling::Spelling;
use super::words::Collector;
use crate::finding::Intent;
use crate::taxonomy::Taxonomy;

impl Pack {
    /// Compiles a pack from its files. Mistakes go to `problems`; what is right is kept.
    pub fn compile(texts: Arc<[PackText]>, taxonomy: &Taxonomy, problems: &mut Vec<Problem>) -> Pack {
        let mut cues = Cues::default();
        let grammar = match Grammar::of(&mut cues) {
            Ok(grammar) => grammar,
            Err(message) => unreachable!("empty groups are sound: {message}"),
        };
        let source = PackSource::read(&texts, problems);
        let mut compiler = Compiler { cues, ..Compiler::new(taxonomy, &source) };
        compiler.define_groups(problems);
        compiler.add_files(problems);
        let (entries, first) = compiler.sort_entries();
        let Compiler { mut matcher, mut cues, conditions, respelled, said, lines, channels, .. } = compiler;
        let words = respelled.into_iter().map(|(written, meant)| (matcher.add_respelling(&written), meant));
        let spelling = Spelling::of(words.collect());
        cues.finish(&mut matcher);
        let of = |phrase: u32| &entries[first[phrase as usize] as usize..first[phrase as usize + 1] as usize];
        matcher.finish(|phrase| channels.bounds(of(phrase)));
        Pack {
            texts,
            header: OnceLock::new(),
            source: source.into(),
            matcher,
            entries: entries.iter().map(Entry::write).collect::<Vec<_>>().into(),
            first: numbers(first),
            conditions,
            cues,
            spelling,
            words: said.finish(taxonomy.categories.len()),
            grammar,
            wording: OnceLock::new(),
            lines,
        }
    }
}

/// The file of misspelt words.
const SPELLING: &str = "spelling";

/// What is known so far.
struct Compiler<'s> {
    taxonomy: &'s Taxonomy,
    channels: Channels,
    source: &'s PackSource,
    matcher: Matcher,
    cues: Cues,
    conditions: Conditions,
    /// Conditions as written → their numbers.
    written: HashMap<&'s str, u32>,
    /// Entries with their phrases, as they come.
    added: Vec<(u32, Entry)>,
    /// Misspelt words and the words meant.
    respelled: Vec<(String, String)>,
    /// What words say by themselves.
    said: Collector,
    lines: u32,
}

impl<'s> Compiler<'s> {
    fn new(taxonomy: &'s Taxonomy, source: &'s PackSource) -> Compiler<'s> {
        Compiler {
            taxonomy,
            channels: Channels::of(taxonomy),
            source,
            matcher: Matcher::default(),
            cues: Cues::default(),
            conditions: Conditions::default(),
            written: HashMap::new(),
            added: Vec::with_capacity(source.files.iter().map(|file| file.terms.rows.len()).sum()),
            respelled: Vec::new(),
            said: Collector::default(),
            lines: 0,
        }
    }

    fn define_groups(&mut self, problems: &mut Vec<Problem>) {
        let header = &self.source.header;
        for (name, members) in header.groups.iter().filter(|(name, _)| !Wording::has(name)) {
            if let Err(message) = self.cues.group(name, members) {
                problems.push(Problem { file: format!("{}/pack.toml", header.tag), line: 1, message });
            }
        }
        for file in &self.source.files {
            for group in &file.terms.groups {
                if let Err(message) = self.cues.group(&group.name, &group.members) {
                    problems.push(Problem { file: file.path.clone(), line: group.line, message });
                }
            }
        }
    }

    fn add_files(&mut self, problems: &mut Vec<Problem>) {
        for file in &self.source.files {
            let stem = file_stem(&file.path);
            for row in &file.terms.rows {
                let added = match stem {
                    SPELLING => self.add_respelling(row),
                    WORDS => self.said.add(self.taxonomy, &self.channels, file.place, row),
                    _ => self.add_row(file, row),
                };
                if let Err(message) = added {
                    problems.push(Problem { file: file.path.clone(), line: row.line, message });
                }
            }
        }
    }

    /// A row of `spelling.tsv`: the word written, and as its sense the one meant.
    fn add_respelling(&mut self, row: &Row) -> Result<(), String> {
        let one_word = |written: &str| match phrase::compile(written, "", &BTreeMap::new())?.as_slice() {
            [word] if !word.contains([' ', '#', '*']) => Ok(word.clone()),
            _ => Err(format!("`{written}` is not one word")),
        };
        let (written, meant) = (one_word(&row.phrase)?, one_word(&row.sense)?);
        if written == meant {
            return Err(format!("`{}` and `{}` are the same word", row.phrase, row.sense));
        }
        self.respelled.push((written, meant));
        Ok(())
    }

    fn add_row(&mut self, file: &PackFile, row: &'s Row) -> Result<(), String> {
        let target = target(self.taxonomy, file_stem(&file.path), row)?;
        let layer = match target {
            Target::Category(id) if !self.taxonomy.category(id).listed => Layer::Unlisted,
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
            file: file.place,
            at: row.at,
            line: self.lines,
        };
        self.lines += 1;
        let header = &self.source.header;
        let letters = &header.spelled_out;
        let is_spelled = row.forms.is_empty() && phrase::is_spelled(&row.phrase);
        if is_spelled && !letters.iter().any(|(letter, _)| row.phrase.contains(letter.as_str())) {
            self.add_phrase(&row.phrase, entry);
            return Ok(());
        }
        let mut spellings = phrase::compile(&row.phrase, &row.forms, &header.forms)?;
        if !letters.is_empty() {
            let lower = row.phrase.to_lowercase();
            let spelled = letters.iter().fold(lower.clone(), |phrase, (letter, out)| phrase.replace(letter, out));
            if spelled != lower {
                spellings.extend(phrase::compile(&spelled, &row.forms, &header.forms)?);
            }
        }
        spellings.iter().for_each(|spelled| self.add_phrase(spelled, entry));
        Ok(())
    }

    fn add_phrase(&mut self, spelled: &str, entry: Entry) {
        let phrase = self.matcher.add(spelled, entry.layer);
        if entry.target == Target::Mask {
            self.matcher.add(spelled, Layer::Unlisted);
        }
        self.added.push((phrase, entry));
    }

    fn condition(&mut self, written: &'s str) -> Result<Option<u32>, String> {
        if written.is_empty() {
            return Ok(None);
        }
        if let Some(&place) = self.written.get(written) {
            return Ok(Some(place));
        }
        let place = self.cues.condition(written, &mut self.conditions)?;
        self.written.insert(written, place);
        Ok(Some(place))
    }

    /// The entries in the order of their phrases, and where those of each phrase begin.
    fn sort_entries(&mut self) -> (Vec<Entry>, Vec<u32>) {
        let mut added = std::mem::take(&mut self.added);
        added.sort_by_key(|(phrase, _)| *phrase);
        let (mut entries, mut first): (Vec<Entry>, Vec<u32>) = (Vec::with_capacity(added.len()), Vec::new());
        for same in added.chunk_by(|(one, _), (other, _)| one == other) {
            let (phrase, begin) = (same[0].0, entries.len());
            first.resize(phrase as usize + 1, begin as u32);
            for (_, entry) in same {
                // A later file (a user's overlay) replaces what an earlier one said of the same phrase and target.
                let mut place = begin;
                while let Some(earlier) = entries.get(place) {
                    if earlier.target == entry.target && earlier.file != entry.file {
                        entries.remove(place);
                    } else {
                        place += 1;
                    }
                }
                if entry.needs.is_some() || entry.unless.is_some() {
                    self.matcher.set_conditional(phrase);
                }
                entries.push(*entry);
            }
        }
        first.resize(self.matcher.len() + 1, entries.len() as u32);
        (entries, first)
    }
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
            let senses = &taxonomy.category(id).senses;
            // A category of somebody's own need not tell kinds of evidence apart.
            let known = senses.is_empty() || senses.contains_key(row.sense.as_ref());
            if known { Ok(Target::Category(id)) } else { Err(format!("no sense `{}` in {category}", row.sense)) }
        }
    }
}
