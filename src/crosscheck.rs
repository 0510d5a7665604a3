//! What a download itself lists as the person's interests, set beside what the chats say.
//!
//! Law: association only. That a listed interest is also a topic of the chats does not mean that it came from them: the same
//! person clicks, follows and buys. That it is not does not mean that it came from elsewhere: this program misses things.

use std::collections::BTreeMap;

use crate::chat::Role;
use crate::classify::{Classifier, Request, Scratch};
use crate::finding::{CategoryId, TopicId};
use crate::read::Interest;
use crate::tally::Summary;

/// A download lists some hundreds; more than this is no download.
const MOST: usize = 5_000;

/// An interest that the download lists, and what it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// `facebook`, `instagram` or `meta`.
    pub source: &'static str,
    /// The kind of file that lists it.
    pub kind: &'static str,
    /// The interest, as the file names it.
    pub text: String,
    /// Its topic; none where no lexicon and no taxonomy knows the words.
    pub topic: Option<TopicId>,
    /// The tier-1 node above the topic.
    pub field: Option<TopicId>,
    /// The topic, those below it, and those above it but for tier 1.
    kin: Vec<TopicId>,
    /// Sensitive categories that the words name.
    pub categories: Vec<CategoryId>,
}

impl Listed {
    /// Whether it is an interest. The names of businesses and settings say nothing that could be compared.
    fn is_interest(&self) -> bool {
        matches!(self.kind, "ai_interest" | "ads_interest" | "ad_category" | "topic")
    }
}

/// Finds out what each interest is about, by the same lexicon as the chats, and by the taxonomy's own names.
pub fn place(interests: Vec<Interest>, classifier: &Classifier) -> Vec<Listed> {
    let mut scratch = Scratch::default();
    let names = names(classifier);
    interests.into_iter().take(MOST).map(|interest| place_one(interest, classifier, &mut scratch, &names)).collect()
}

fn place_one(
    interest: Interest,
    classifier: &Classifier,
    scratch: &mut Scratch,
    names: &BTreeMap<String, TopicId>,
) -> Listed {
    let Interest { source, kind, value, subject } = interest;
    let mut listed = Listed { source, kind, text: subject.unwrap_or(value), ..Listed::default() };
    if !listed.is_interest() {
        return listed;
    }
    listed.topic = names.get(&plain(&listed.text)).copied();
    // Two or three words seldom tell their language, and most exports name interests in English.
    for stated in [None, Some("en")] {
        let parts = [listed.text.as_str()];
        let said = classifier.assess(
            scratch,
            &Request { parts: &parts, role: Role::User, stated, context: None, before: &[], evidence: false },
        );
        let verdicts = said.sensitive.iter().chain(&said.unlisted).map(|verdict| verdict.category);
        if listed.categories.is_empty() {
            listed.categories = verdicts.collect();
        }
        listed.topic = listed.topic.or_else(|| said.topics.first().map(|estimate| estimate.topic));
    }
    let taxonomy = &classifier.lexicon().taxonomy;
    if let Some(topic) = listed.topic {
        let field = taxonomy.tier_1(topic);
        let above = |mut id: TopicId, other: TopicId| {
            while let Some(parent) = taxonomy.topic(id).parent {
                if parent == other {
                    return true;
                }
                id = parent;
            }
            false
        };
        let all = (0..taxonomy.topics.len() as u16).map(TopicId);
        let kin = |id: &TopicId| *id == topic || above(*id, topic) || (*id != field && above(topic, *id));
        (listed.field, listed.kin) = (Some(field), all.filter(kin).collect());
    }
    listed
}

/// Meta's own names for interests, and the topics that they are about.
fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    let text: &'static str = include_str!("../lexicons/interests.tsv");
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("interest\t"))
        .filter_map(|l| l.split_once('\t'))
}

/// Names that are known whole: Meta's own, then the taxonomy's; where two nodes share one, the higher counts.
fn names(classifier: &Classifier) -> BTreeMap<String, TopicId> {
    let taxonomy = &classifier.lexicon().taxonomy;
    let topics = &taxonomy.topics;
    let own = known().filter_map(|(name, topic)| Some((plain(name), taxonomy.find_topic(topic)?)));
    let mut names: BTreeMap<String, TopicId> = own.collect();
    for tier_1 in [true, false] {
        for (place, topic) in topics.iter().enumerate().filter(|(_, topic)| topic.parent.is_none() == tier_1) {
            if topic.usable {
                names.entry(plain(&topic.name)).or_insert(TopicId(place as u16));
            }
        }
    }
    names
}

/// A name without case, punctuation and endings of number.
fn plain(name: &str) -> String {
    let name = name.to_lowercase().replace('&', "and");
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| word.strip_suffix('s').filter(|w| w.len() > 2).unwrap_or(word)).collect();
    words.join(" ")
}

/// How the chats speak of a listed interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// They name the same sensitive category.
    Category,
    /// They are on the same topic.
    Topic,
    /// They are on something in the same field.
    Field,
}

impl Link {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Link::Category => "same_category",
            Link::Topic => "same_topic",
            Link::Field => "same_field",
        }
    }
}

/// What the lists and the chats have in common, and what not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison<'a> {
    /// Interests that the chats speak of, with how, and in how many messages.
    pub explained: Vec<(&'a Listed, Link, u64)>,
    /// Interests that they do not speak of.
    pub unexplained: Vec<&'a Listed>,
    /// Interests of which this program cannot tell what they are about.
    pub unplaced: Vec<&'a Listed>,
    /// Fields that the chats would suggest, and no list has.
    pub absent: Vec<TopicId>,
    /// Names of businesses and settings, which are not compared.
    pub others: u64,
}

/// Sets the lists beside the sums. `suggested`: fields that the chats would suggest, most likely first.
pub fn compare<'a>(listed: &'a [Listed], summary: &Summary, suggested: &[TopicId]) -> Comparison<'a> {
    let mut comparison = Comparison::default();
    for one in listed {
        if !one.is_interest() {
            comparison.others += 1;
        } else if let Some((link, messages)) = explain(one, summary) {
            comparison.explained.push((one, link, messages));
        } else if one.topic.is_some() || !one.categories.is_empty() {
            comparison.unexplained.push(one);
        } else {
            comparison.unplaced.push(one);
        }
    }
    comparison.explained.sort_by_key(|(_, link, messages)| (*link, std::cmp::Reverse(*messages)));
    if listed.iter().any(Listed::is_interest) {
        let has = |field: &TopicId| listed.iter().any(|one| one.field == Some(*field));
        comparison.absent = suggested.iter().copied().filter(|field| !has(field)).collect();
    }
    comparison
}

fn explain(one: &Listed, summary: &Summary) -> Option<(Link, u64)> {
    let categories = one.categories.iter().filter_map(|category| summary.categories.get(category));
    let kin = one.kin.iter().filter_map(|topic| summary.topics.get(topic));
    let field = one.field.and_then(|field| summary.tiers.get(&field));
    let counts = [
        (Link::Category, categories.map(|tally| tally.messages).sum::<u64>()),
        (Link::Topic, kin.map(|tally| tally.messages).sum()),
        (Link::Field, field.map_or(0, |tally| tally.messages)),
    ];
    counts.into_iter().find(|(_, messages)| *messages > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Link, compare, place};
    use crate::classify::Classifier;
    use crate::finding::TopicId;
    use crate::lexicon::Lexicon;
    use crate::read::Interest;
    use crate::tally::{Summary, TopicTally};

    #[test]
    fn lists_are_set_beside_the_chats() {
        let classifier = Classifier::new(Arc::new(Lexicon::builtin().unwrap()));
        let taxonomy = &classifier.lexicon().taxonomy;
        let interest = |kind, value: &str| Interest { source: "facebook", kind, value: value.into(), subject: None };
        let values = ["Skiing", "Camping", "Pets", "Trade union", "Qwzx", "Nordhaus"];
        let kinds = ["ads_interest", "ads_interest", "ads_interest", "ads_interest", "ads_interest", "advertiser"];
        let listed =
            place(kinds.into_iter().zip(values).map(|(kind, value)| interest(kind, value)).collect(), &classifier);
        let topic = |label| taxonomy.find_topic(label).unwrap();
        for (name, label) in super::known() {
            assert!(taxonomy.find_topic(label).is_some_and(|id| taxonomy.topic(id).usable), "{name}: {label}");
        }
        assert_eq!(listed[0].topic, Some(topic("Sports/Skiing")));
        assert_eq!(listed[3].categories, [taxonomy.find_category("union").unwrap()]);
        let mut summary = Summary::default();
        let three = TopicTally { messages: 3, ..TopicTally::default() };
        for id in ["Sports/Skiing", "Travel/Air Travel"].map(topic) {
            summary.topics.insert(id, three.clone());
            summary.tiers.insert(taxonomy.tier_1(id), three.clone());
        }
        let suggested: [TopicId; 2] = [topic("Sports"), topic("Law")];
        let got = compare(&listed, &summary, &suggested);
        let explained: Vec<(&str, Link, u64)> =
            got.explained.iter().map(|(l, how, n)| (l.text.as_str(), *how, *n)).collect();
        assert_eq!(explained, [("Skiing", Link::Topic, 3), ("Camping", Link::Field, 3)]);
        let texts = |listed: &[&super::Listed]| listed.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&got.unexplained), ["Pets", "Trade union"]);
        assert_eq!(
            (texts(&got.unplaced), got.others, got.absent.as_slice()),
            (vec!["Qwzx".to_owned()], 1, &suggested[1..])
        );
        assert_eq!(compare(&listed[5..], &summary, &suggested).absent, [], "a list of businesses lacks no interest");
    }
}
