//! The words that the answers are given in: categories and ad topics, read from `taxonomy.toml` and `topics.tsv`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::finding::{CategoryId, RuleId, TopicId};

/// A name in the interface languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Name {
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
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
    pub listed: bool,
    /// What belongs to it.
    pub definition: String,
    /// Kinds of evidence, with a word on each.
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

#[derive(Deserialize)]
struct CategoryFile {
    category: Vec<Category>,
}

impl Taxonomy {
    /// Reads `taxonomy.toml`, `topics.tsv` and `proxies.tsv`.
    pub fn parse(categories: &str, topics: &str, proxies: &str) -> Result<Taxonomy> {
        let file: CategoryFile =
            toml::from_str(categories).map_err(|e| Error::new(ErrorKind::Data, e.to_string()).at("taxonomy.toml"))?;
        let mut taxonomy = Taxonomy { categories: file.category, ..Taxonomy::default() };
        taxonomy.categories.sort_by_key(|c| !c.listed);
        taxonomy.read_topics(topics)?;
        taxonomy.read_rules(proxies)?;
        Ok(taxonomy)
    }

    fn read_topics(&mut self, text: &str) -> Result<()> {
        let bad = |line: usize, why: String| Error::new(ErrorKind::Data, why).at(format!("topics.tsv:{}", line + 1));
        let mut places: HashMap<&str, TopicId> = HashMap::new();
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
            let place = TopicId(self.topics.len() as u16);
            places.insert(id, place);
            let (id, name) = (id.to_owned(), name.to_owned());
            self.topics.push(Topic { id, name, parent, usable: usage == "ad" });
            let label = self.label(place);
            if self.by_label.insert(label.clone(), place).is_some() {
                return Err(bad(number, format!("two nodes are called `{label}`")));
            }
        }
        Ok(())
    }

    fn read_rules(&mut self, text: &str) -> Result<()> {
        let bad = |line: usize, why: String| Error::new(ErrorKind::Data, why).at(format!("proxies.tsv:{}", line + 1));
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
            if self.find_rule(id).is_some() {
                return Err(bad(number, format!("two rules are called `{id}`")));
            }
            let reason = Name { en: en.to_owned(), fr: fr.to_owned() };
            self.rules.push(Rule { id: id.to_owned(), category, strength, reason, source: source.to_owned() });
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
