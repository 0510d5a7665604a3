//! The words that the answers are given in: categories and ad topics, read from `taxonomy.toml` and `topics.tsv`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::finding::{CategoryId, RuleId, TopicId};

/// A name in the interface languages; as data either both, or one text for all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "WrittenName")]
pub struct Name {
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenName {
    One(String),
    Each { en: String, fr: String },
}

impl From<WrittenName> for Name {
    fn from(written: WrittenName) -> Name {
        match written {
            WrittenName::One(name) => Name { en: name.clone(), fr: name },
            WrittenName::Each { en, fr } => Name { en, fr },
        }
    }
}

/// People through whom a writer speaks of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnPeople {
    /// Parents and grandparents (ethnicity).
    Forebear,
    /// Husband, wife … (orientation).
    Partner,
    /// Sons and daughters (religion).
    Child,
}

/// People whom a category brings with it: "my doctor says" is not about the doctor's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attendants {
    /// Doctors, nurses (health).
    Carers,
    /// Priests, imams (religion).
    Clergy,
    /// Bosses, colleagues (trade unions).
    Employers,
    /// Mayors, deputies (politics).
    Officials,
}

/// One sensitive category.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The id used in records: `health`.
    pub id: String,
    /// Its name for people.
    pub name: Name,
    /// Whether the policy's list names it; the others are "unlisted".
    #[serde(default)]
    pub listed: bool,
    /// What belongs to it.
    #[serde(default)]
    pub definition: String,
    /// Kinds of evidence, with a word on each; none where they are not told apart.
    #[serde(default)]
    pub senses: BTreeMap<String, String>,
    /// The grammar group of people whose trait is the writer's own: `forebear`, `partner` or `child`.
    #[serde(default)]
    pub own_people: Option<OwnPeople>,
    /// The grammar group of people whom the category brings with it: `carers`, `clergy`, `employers` or `officials`.
    #[serde(default)]
    pub attendants: Option<Attendants>,
    /// Log-odds before any evidence.
    #[serde(default = "default_prior")]
    pub prior: f32,
    /// Slope of the calibration: log-odds reported = slope × sum. 1 where nothing was fitted.
    #[serde(default = "default_slope")]
    pub slope: f32,
    /// Probability from which the category is reported.
    #[serde(default = "default_threshold")]
    pub threshold: f32,
}

fn default_prior() -> f32 {
    -4.0
}

fn default_slope() -> f32 {
    1.0
}

fn default_threshold() -> f32 {
    0.5
}

/// One node of the ad-topic tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// IAB Content Taxonomy 3.1 id.
    pub id: String,
    /// The node's name.
    pub name: String,
    /// Its parent.
    pub parent: Option<TopicId>,
    /// May be used for ads: not sensitive, not a facet, safe for brands.
    pub usable: bool,
}

/// A proxy: what somebody who asks for such a thing gives away of a category, though the message is not about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its id, which records show: says the kind of thing, never the words of a message.
    pub id: String,
    /// What it gives away.
    pub category: CategoryId,
    /// How likely it is that the category holds for the writer or somebody close, 0..=1. An estimate.
    pub strength: f32,
    /// Why, in English and French.
    pub reason: Name,
    /// Where this was published, if it was.
    pub source: String,
}

/// Categories and topics.
#[derive(Debug, Clone, Default)]
pub struct Taxonomy {
    /// The listed categories first, in the policy's order of the data file; then the unlisted ones.
    pub categories: Vec<Category>,
    /// Every node.
    pub topics: Vec<Topic>,
    /// What gives a category away.
    pub rules: Vec<Rule>,
    by_label: HashMap<String, TopicId>,
}

/// Files of terms that are no category.
const RESERVED: &[&str] = &["mask", "genre", "topics", "intent", "proxies"];

/// Categories are numbered with a byte.
const MOST_CATEGORIES: usize = 255;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryFile {
    #[serde(default)]
    category: Vec<toml::Spanned<Category>>,
}

/// Reads a TOML file; what is wrong is said with file and line.
pub(crate) fn from_toml<T: for<'a> Deserialize<'a>>(file: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let line = line_of(text, error.span().map_or(0, |span| span.start));
        Error::new(ErrorKind::Data, error.message().to_owned()).at(format!("{file}:{line}"))
    })
}

/// The line, from 1, that a byte stands on.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

impl Taxonomy {
    /// Reads `taxonomy.toml`, `topics.tsv` and `proxies.tsv`.
    pub fn parse(categories: &str, topics: &str, proxies: &str) -> Result<Taxonomy> {
        let mut taxonomy = Taxonomy::default();
        taxonomy.add_categories("taxonomy.toml", categories)?;
        taxonomy.add_topics("topics.tsv", topics)?;
        taxonomy.add_rules("proxies.tsv", proxies)?;
        Ok(taxonomy)
    }

    /// Adds the categories of a file, or replaces those with the same id. Before any topics and rules.
    pub fn add_categories(&mut self, file: &str, text: &str) -> Result<()> {
        let read: CategoryFile = from_toml(file, text)?;
        // Rules know their category by its place, and places may change.
        let named: Vec<String> = self.rules.iter().map(|rule| self.category(rule.category).id.clone()).collect();
        for spanned in read.category {
            let line = line_of(text, spanned.span().start);
            let category = spanned.into_inner();
            let bad = |why: String| Error::new(ErrorKind::Data, why).at(format!("{file}:{line}"));
            let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if category.id.is_empty() || !category.id.chars().all(sound) || RESERVED.contains(&category.id.as_str()) {
                return Err(bad(format!("`{}` cannot be the id of a category (a-z, 0-9 and _)", category.id)));
            }
            if !(0.0..=1.0).contains(&category.threshold) {
                return Err(bad(format!("threshold {} is outside 0..1", category.threshold)));
            }
            match self.find_category(&category.id) {
                Some(place) => self.categories[place.0 as usize] = category,
                None if self.categories.len() == MOST_CATEGORIES => return Err(bad("too many categories".into())),
                None => self.categories.push(category),
            }
        }
        self.categories.sort_by_key(|c| !c.listed);
        let places: Vec<_> = named.iter().map(|id| self.find_category(id)).collect();
        for (rule, place) in self.rules.iter_mut().zip(places) {
            rule.category = place.unwrap_or(rule.category);
        }
        Ok(())
    }

    /// Adds the ad topics of a file, or replaces those with the same id.
    pub fn add_topics(&mut self, file: &str, text: &str) -> Result<()> {
        let bad = |line: usize, why: String| Error::new(ErrorKind::Data, why).at(format!("{file}:{}", line + 1));
        let known = self.topics.iter().zip(self.topic_ids());
        let mut places: HashMap<String, TopicId> = known.map(|(topic, place)| (topic.id.clone(), place)).collect();
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.starts_with("id\t") {
                continue;
            }
            let columns: Vec<&str> = line.split('\t').collect();
            let [id, parent, name, usage] = columns[..] else {
                return Err(bad(number, "needs the columns id, parent, name, use".into()));
            };
            let parent = match parent {
                "" => None,
                _ => Some(*places.get(parent).ok_or_else(|| bad(number, format!("parent `{parent}` comes later")))?),
            };
            let topic = Topic { id: id.to_owned(), name: name.to_owned(), parent, usable: usage == "ad" };
            let place = match places.get(id) {
                // A node below itself would be a circle.
                Some(place) if self.topic(*place).parent != parent => {
                    return Err(bad(number, format!("`{id}` has another parent already")));
                }
                Some(place) => {
                    self.by_label.remove(&self.label(*place));
                    self.topics[place.0 as usize] = topic;
                    *place
                }
                None => {
                    let place = u16::try_from(self.topics.len()).map_err(|_| bad(number, "too many topics".into()))?;
                    self.topics.push(topic);
                    places.insert(id.to_owned(), TopicId(place));
                    TopicId(place)
                }
            };
            let label = self.label(place);
            if self.by_label.insert(label.clone(), place).is_some() {
                return Err(bad(number, format!("two nodes are called `{label}`")));
            }
        }
        Ok(())
    }

    /// Adds the proxies of a file, or replaces those with the same id.
    pub fn add_rules(&mut self, file: &str, text: &str) -> Result<()> {
        let bad = |line: usize, why: String| Error::new(ErrorKind::Data, why).at(format!("{file}:{}", line + 1));
        let before = self.rules.len();
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.starts_with("id\t") {
                continue;
            }
            let columns: Vec<&str> = line.split('\t').collect();
            let [id, category, strength, en, fr, source] = columns[..] else {
                return Err(bad(
                    number,
                    "needs the columns id, category, strength, reason_en, reason_fr, source".into(),
                ));
            };
            let category =
                self.find_category(category).ok_or_else(|| bad(number, format!("no category `{category}`")))?;
            let strength: f32 = strength.parse().map_err(|_| bad(number, format!("`{strength}` is no number")))?;
            if !(0.0..=1.0).contains(&strength) {
                return Err(bad(number, format!("strength {strength} is outside 0..1")));
            }
            let reason = Name { en: en.to_owned(), fr: fr.to_owned() };
            let rule = Rule { id: id.to_owned(), category, strength, reason, source: source.to_owned() };
            match self.find_rule(id).map(|place| place.0 as usize) {
                Some(place) if place < before => self.rules[place] = rule,
                Some(_) => return Err(bad(number, format!("two rules are called `{id}`"))),
                None => self.rules.push(rule),
            }
        }
        Ok(())
    }

    /// A rule by its place.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// A rule by its id.
    pub fn find_rule(&self, id: &str) -> Option<RuleId> {
        self.rules.iter().position(|r| r.id == id).map(|place| RuleId(place as u16))
    }

    /// A category by its place.
    pub fn category(&self, id: CategoryId) -> &Category {
        &self.categories[id.0 as usize]
    }

    /// A category by its id.
    pub fn find_category(&self, id: &str) -> Option<CategoryId> {
        self.categories.iter().position(|c| c.id == id).map(|place| CategoryId(place as u8))
    }

    /// A topic by its place.
    pub fn topic(&self, id: TopicId) -> &Topic {
        &self.topics[id.0 as usize]
    }

    /// The node's tier-1 ancestor, or itself.
    pub fn tier_1(&self, mut id: TopicId) -> TopicId {
        while let Some(parent) = self.topic(id).parent {
            id = parent;
        }
        id
    }

    /// Every topic.
    pub fn topic_ids(&self) -> impl Iterator<Item = TopicId> {
        (0..self.topics.len()).map(|place| TopicId(place as _))
    }

    /// Names from tier 1 down to the node.
    pub fn path(&self, id: TopicId) -> Vec<&str> {
        let mut names = vec![self.topic(id).name.as_str()];
        let mut at = id;
        while let Some(parent) = self.topic(at).parent {
            names.push(&self.topic(parent).name);
            at = parent;
        }
        names.reverse();
        names
    }

    /// How term files name the node: `Travel`, or `Travel/Hotels and Motels`.
    pub fn label(&self, id: TopicId) -> String {
        let root = self.tier_1(id);
        if root == id {
            self.topic(id).name.clone()
        } else {
            format!("{}/{}", self.topic(root).name, self.topic(id).name)
        }
    }

    /// A topic by the name that term files use.
    pub fn find_topic(&self, label: &str) -> Option<TopicId> {
        self.by_label.get(label).copied()
    }
}
