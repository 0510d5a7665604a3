//! Names of categories and topics, as records and reports print them.

use std::collections::BTreeMap;

use crate::ads::{Band, Segment};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{CategoryId, TopicId};
use crate::law::Law;
use crate::policy::Policy;
use crate::report::words::Words;
use crate::tally::Basis;
use crate::taxonomy::{Rule, Taxonomy};

/// A category's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryName {
    /// The id used in records: `health`.
    pub id: String,
    /// English name.
    pub name_en: String,
    /// French name.
    pub name_fr: String,
    /// What belongs to it.
    pub definition: String,
    /// Whether it is one of the seven that Meta's policy names.
    pub listed: bool,
}

impl CategoryName {
    /// The name in a report's language.
    pub fn name(&self, words: Words) -> &str {
        words.either(&self.name_en, &self.name_fr)
    }
}

/// A topic's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicName {
    /// Its id in the IAB Content Taxonomy.
    pub id: String,
    /// The tier-1 name.
    pub name: String,
    /// The names from tier 1 down to the topic itself.
    pub path: Vec<String>,
    /// The tier-1 node.
    pub root: TopicId,
    /// What it is called where ads are bought.
    pub segment: Segment,
    /// What its field is worth.
    pub band: Band,
}

/// Why a proxy gives a category away.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleName {
    /// What it gives away.
    pub category: CategoryId,
    /// How likely that is, 0..=1; an estimate.
    pub strength: f32,
    /// The reason, in English.
    pub reason_en: String,
    /// The reason, in French.
    pub reason_fr: String,
    /// Where this was published, if it was.
    pub source: String,
}

impl RuleName {
    /// The reason in a report's language.
    pub fn reason(&self, words: Words) -> &str {
        words.either(&self.reason_en, &self.reason_fr)
    }
}

/// The names by [`CategoryId`] and [`TopicId`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// Categories, in the taxonomy's order.
    pub categories: Vec<CategoryName>,
    /// Topics, in the taxonomy's order.
    pub topics: Vec<TopicName>,
    /// What gives a category away, by the rule's id.
    pub rules: BTreeMap<String, RuleName>,
}

impl Names {
    /// The names that the taxonomy's data files give.
    pub fn of(taxonomy: &Taxonomy) -> Names {
        let categories = taxonomy.categories.iter().map(|category| CategoryName {
            id: category.id.clone(),
            name_en: category.name.en.clone(),
            name_fr: category.name.fr.clone(),
            definition: category.definition.clone(),
            listed: category.listed,
        });
        let topics = (0..taxonomy.topics.len() as u16).map(TopicId).map(|id| TopicName {
            id: taxonomy.topic(id).id.clone(),
            name: taxonomy.topic(taxonomy.tier_1(id)).name.clone(),
            path: taxonomy.path(id).into_iter().map(str::to_owned).collect(),
            root: taxonomy.tier_1(id),
            segment: Segment::of(taxonomy, id),
            band: Band::of(&taxonomy.topic(taxonomy.tier_1(id)).id),
        });
        let rule = |rule: &Rule| RuleName {
            category: rule.category,
            strength: rule.strength,
            reason_en: rule.reason.en.clone(),
            reason_fr: rule.reason.fr.clone(),
            source: rule.source.clone(),
        };
        let rules = taxonomy.rules.iter().map(|known| (known.id.clone(), rule(known)));
        Names { categories: categories.collect(), topics: topics.collect(), rules: rules.collect() }
    }

    /// The id of a category, empty for one that is not in the table.
    pub fn category_id(&self, category: CategoryId) -> &str {
        self.categories.get(usize::from(category.0)).map_or("", |name| &name.id)
    }

    /// The name of a category in a report's language.
    pub fn category(&self, category: CategoryId, words: Words) -> &str {
        let name = self.categories.get(usize::from(category.0));
        name.map_or("", |name| name.name(words))
    }

    /// The English name of a category, as tables for analysis have it.
    pub fn category_in_english(&self, category: CategoryId) -> &str {
        self.categories.get(usize::from(category.0)).map_or("", |name| &name.name_en)
    }

    /// The names of a topic.
    pub fn topic(&self, topic: TopicId) -> Option<&TopicName> {
        self.topics.get(usize::from(topic.0))
    }

    /// Sets the value band of a field, named or by its id.
    pub fn set_band(&mut self, field: &str, band: Band) -> Result<()> {
        let is = |name: &TopicName| name.path.len() == 1 && (name.id == field || name.name.eq_ignore_ascii_case(field));
        let Some(root) = self.topics.iter().find(|name| is(name)).map(|name| name.root) else {
            let fields = self.topics.iter().filter(|name| name.path.len() == 1 && name.segment.meta.is_some());
            let known: Vec<&str> = fields.map(|name| name.name.as_str()).collect();
            return Err(Error::new(ErrorKind::Usage, format!("no field `{field}`; there are {}", known.join(", "))));
        };
        self.topics.iter_mut().filter(|name| name.root == root).for_each(|name| name.band = band);
        Ok(())
    }

    /// Whether a category is on the list that a report is drawn by: a law's, or else the policy's own. Where the policy's is
    /// empty or not known, the seven listed ones count, so that a report can still say what is sensitive.
    pub fn excluded(&self, policy: &Policy, list: Option<&Law>, category: CategoryId) -> bool {
        let Some(name) = self.categories.get(usize::from(category.0)) else { return false };
        match (list, policy.profile.excluded.as_deref()) {
            (Some(law), _) => law.names(&name.id).is_some(),
            (None, None | Some([])) => name.listed,
            (None, Some(_)) => policy.excludes(&name.id),
        }
    }

    /// What a tally must know for reports under `policy`, drawn by `list`.
    pub fn basis(&self, policy: &Policy, list: Option<&Law>) -> Basis {
        let ids = (0..self.categories.len()).map(|place| CategoryId(place as u8));
        Basis {
            excluded: ids.map(|category| self.excluded(policy, list, category)).collect(),
            roots: self.topics.iter().map(|topic| topic.root).collect(),
        }
    }
}
