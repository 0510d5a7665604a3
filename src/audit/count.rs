//! Counting records: messages, conversations and people, by category and by whatever they are grouped by.
//!
//! A conversation's records stand together, as a scan writes them, so one conversation is held at a time; people are held by a
//! hash each. Law: all sums are whole numbers, so the order of conversations does not matter.

use std::collections::{BTreeMap, HashMap};

use super::join::{Join, scalar};
use super::lines::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::stats::cluster::Clusters;
use crate::text::{ByHash, hash_word, mix};

/// A dimension may have so many values; what is beyond is counted together.
const MOST_VALUES: usize = 2_000;

/// The value of what is not known.
pub const UNKNOWN: &str = "(unknown)";
/// The value of those beyond [`MOST_VALUES`].
const MORE: &str = "(more)";

/// What is counted, and how it is grouped.
#[derive(Debug, Default)]
pub struct Question {
    /// Category ids, the listed ones first; the last entry of every count is for any listed one.
    pub categories: Vec<String>,
    /// How many of them are listed.
    pub listed: usize,
    /// Languages with a lexicon: in others a message without a flag was not judged, and does not count.
    pub languages: Vec<String>,
    /// Count only what is about this person: `self`, `other` or `topic`.
    pub about: Option<String>,
    /// `month`, `lang`, `platform`, `source` …, or any other column of the records or of the joined file.
    pub by: Vec<String>,
    /// The column that names a person.
    pub user: Option<String>,
    /// Further columns by conversation.
    pub join: Option<Join>,
}

/// Messages of one conversation, or of one person.
#[derive(Debug, Clone, Default)]
struct Span {
    messages: u64,
    flagged: Vec<u64>,
    conversations: u64,
    flagged_conversations: Vec<u64>,
}

/// The sums of one group: all, or one value of one dimension.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The dimension; empty for all.
    pub dimension: String,
    /// The value.
    pub value: String,
    /// Messages by category, clustered by person where these are known, else by conversation.
    pub messages: Vec<Clusters>,
    /// Conversations with such a message, clustered by person where these are known.
    pub conversations: Vec<Clusters>,
    /// People with such a message.
    pub users: Vec<Clusters>,
    /// How many conversations have how many messages.
    pub conversation_lengths: BTreeMap<u64, u64>,
    /// How many people have how many messages.
    pub user_lengths: BTreeMap<u64, u64>,
}

/// Counts records.
#[derive(Debug)]
pub struct Counter {
    question: Question,
    groups: Vec<Group>,
    places: HashMap<(usize, String), usize>,
    values: Vec<usize>,
    current: Option<(u64, u64)>,
    open: BTreeMap<usize, Span>,
    people: ByHash<BTreeMap<usize, Span>>,
    /// Columns that neither the records nor the joined file had in any row.
    found: Vec<bool>,
    extra: bool,
    unjudged: BTreeMap<String, u64>,
}

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// All records first, then by dimension and value.
    pub groups: Vec<Group>,
    /// Messages that were not judged, by language.
    pub unjudged: BTreeMap<String, u64>,
}

impl Counter {
    /// Nothing counted yet.
    pub fn new(question: Question) -> Counter {
        let by = question.by.len();
        let known = |field: &String| own(field);
        let extra = question.by.iter().chain(&question.user).any(|field| !known(field));
        let mut counter = Counter {
            groups: Vec::new(),
            places: HashMap::new(),
            values: vec![0; by],
            current: None,
            open: BTreeMap::new(),
            people: ByHash::default(),
            found: vec![false; by + 1],
            extra,
            unjudged: BTreeMap::new(),
            question,
        };
        counter.group(String::new(), String::new());
        counter
    }

    fn group(&mut self, dimension: String, value: String) -> usize {
        let sums = vec![Clusters::default(); self.question.categories.len() + 1];
        let group = Group {
            dimension,
            value,
            messages: sums.clone(),
            conversations: sums.clone(),
            users: sums,
            ..Group::default()
        };
        self.groups.push(group);
        self.groups.len() - 1
    }

    /// Counts a record; `line` is the whole of it.
    pub fn add(&mut self, record: &Record<'_>, line: &[u8]) -> Result<()> {
        // A text without any known word (`und`) was looked at in every language.
        let judged = record.lang == "und" || self.question.languages.iter().any(|tag| *tag == record.lang);
        if !judged && record.sensitive.is_empty() {
            if self.unjudged.len() < MOST_VALUES || self.unjudged.contains_key(record.lang.as_ref()) {
                *self.unjudged.entry(record.lang.as_ref().to_owned()).or_default() += 1;
            } else {
                *self.unjudged.entry(MORE.to_owned()).or_default() += 1;
            }
            return Ok(());
        }
        let row: Option<serde_json::Value> = if self.extra {
            let error = |_| Error::new(ErrorKind::Malformed, "not a record");
            Some(serde_json::from_slice(line).map_err(error)?)
        } else {
            None
        };
        let value = |field: &str| -> Option<String> {
            let joined = || self.question.join.as_ref().and_then(|join| join.get(&record.conversation_id, field));
            let other = || row.as_ref().and_then(|row| scalar(row.get(field)?));
            built_in(record, field).map(str::to_owned).or_else(|| joined().map(str::to_owned)).or_else(other)
        };
        let mut user = 0;
        if let Some(field) = &self.question.user {
            let name = value(field);
            self.found[self.question.by.len()] |= name.is_some();
            // Who has no name is nobody's double.
            user = name.map_or_else(|| conversation(record), |name| hash_word(name.as_bytes()));
        }
        let cells: Vec<Option<String>> = self.question.by.iter().map(|field| value(field)).collect();
        if self.current != Some((conversation(record), user)) {
            self.close();
            self.current = Some((conversation(record), user));
        }
        let mut flags: Vec<bool> = self.question.categories.iter().map(|id| self.is(record, id)).collect();
        flags.push(flags.iter().take(self.question.listed).any(|flag| *flag));
        let mut groups = vec![0];
        for (dimension, cell) in cells.into_iter().enumerate() {
            self.found[dimension] |= cell.is_some();
            groups.push(self.place(dimension, cell.unwrap_or_else(|| UNKNOWN.to_owned())));
        }
        for group in groups {
            let span = self.open.entry(group).or_default();
            span.messages += 1;
            span.flagged.resize(flags.len(), 0);
            span.flagged.iter_mut().zip(&flags).for_each(|(sum, flag)| *sum += u64::from(*flag));
        }
        Ok(())
    }

    fn is(&self, record: &Record<'_>, category: &str) -> bool {
        let about = self.question.about.as_deref();
        let mut said = record.sensitive.iter().chain(&record.unlisted);
        said.any(|said| said.category == category && about.is_none_or(|a| a == said.disclosure))
    }

    fn place(&mut self, dimension: usize, value: String) -> usize {
        if let Some(place) = self.places.get(&(dimension, value.clone())) {
            return *place;
        }
        let value = if self.values[dimension] >= MOST_VALUES { MORE.to_owned() } else { value };
        if let Some(place) = self.places.get(&(dimension, value.clone())) {
            return *place;
        }
        self.values[dimension] += 1;
        let place = self.group(self.question.by[dimension].clone(), value.clone());
        self.places.insert((dimension, value), place);
        place
    }

    /// Counts the conversation that was open.
    fn close(&mut self) {
        let open = std::mem::take(&mut self.open);
        let Some((_, user)) = self.current.take() else { return };
        for (place, span) in open {
            let group = &mut self.groups[place];
            *group.conversation_lengths.entry(span.messages).or_default() += 1;
            if self.question.user.is_none() {
                for (category, flagged) in span.flagged.iter().enumerate() {
                    group.messages[category].add(span.messages, *flagged);
                    group.conversations[category].add(1, u64::from(*flagged > 0));
                }
                continue;
            }
            let person = self.people.entry(user).or_default().entry(place).or_default();
            person.messages += span.messages;
            person.conversations += 1;
            person.flagged.resize(span.flagged.len(), 0);
            person.flagged_conversations.resize(span.flagged.len(), 0);
            for (category, flagged) in span.flagged.iter().enumerate() {
                person.flagged[category] += flagged;
                person.flagged_conversations[category] += u64::from(*flagged > 0);
            }
        }
    }

    /// The sums. An error where a column was asked for that nothing has.
    pub fn finish(mut self) -> Result<Counted> {
        self.close();
        for (place, span) in self.people.values().flatten() {
            let group = &mut self.groups[*place];
            *group.user_lengths.entry(span.messages).or_default() += 1;
            for (category, flagged) in span.flagged.iter().enumerate() {
                group.messages[category].add(span.messages, *flagged);
                group.conversations[category].add(span.conversations, span.flagged_conversations[category]);
                group.users[category].add(1, u64::from(*flagged > 0));
            }
        }
        let asked = self.question.by.iter().chain(&self.question.user);
        if let Some((field, _)) = asked.zip(&self.found).find(|(_, found)| !**found) {
            let words =
                format!("no record has a value of `{field}` (columns that only the corpus has come with --join)");
            return Err(Error::new(ErrorKind::Usage, words));
        }
        let order: HashMap<String, usize> = self.question.by.into_iter().zip(1..).collect();
        self.groups.sort_by(|a, b| {
            let rank = |group: &Group| order.get(&group.dimension).copied().unwrap_or(0);
            (rank(a), &a.value).cmp(&(rank(b), &b.value))
        });
        Ok(Counted { groups: self.groups, unjudged: self.unjudged })
    }
}

/// Columns that every record has.
fn own(field: &str) -> bool {
    matches!(field, "month" | "year" | "lang" | "platform" | "surface" | "source" | "role")
}

fn built_in<'r>(record: &'r Record<'_>, field: &str) -> Option<&'r str> {
    match field {
        "month" => record.timestamp.as_deref().and_then(|at| at.get(..7)),
        "year" => record.timestamp.as_deref().and_then(|at| at.get(..4)),
        "lang" => Some(&record.lang),
        "platform" => Some(&record.platform),
        "surface" => record.surface.as_deref(),
        "source" => Some(&record.source),
        "role" => Some(&record.role),
        _ => None,
    }
}

fn conversation(record: &Record<'_>) -> u64 {
    mix(hash_word(record.source.as_bytes()), hash_word(record.conversation_id.as_bytes()))
}
