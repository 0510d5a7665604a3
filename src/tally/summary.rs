//! The finished counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chat::Timestamp;
use crate::finding::{CategoryId, TopicId};

/// Reasons for reading a message and not classifying it, with the words of the reports in `src/report/words/`.
pub const NOT_CLASSIFIED: &[&str] = &["role", "date", "no_text"];

/// Counts by a short fixed code.
pub type Counts = BTreeMap<&'static str, u64>;

/// How many conversations are kept for the delete list: those that say most. An archive with fewer is ranked in full.
pub const EXPOSURES: usize = 1_000;

/// A calendar month, counted from year 0. Only years that chats can be from: 1990 to 2100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month(u16);

impl Month {
    /// The month of a moment; none for years in which no chat was written, so that damaged times cost no memory.
    pub fn of(at: Timestamp) -> Option<Self> {
        // 1990-01-01 and 2101-01-01
        if !(631_152_000_000..4_133_980_800_000).contains(&at.0) {
            return None;
        }
        let (year, month, _) = at.date();
        Some(Month(u16::try_from(year).ok()? * 12 + month as u16 - 1))
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.0 / 12
    }

    /// The month in the year, 1 to 12.
    pub fn month(self) -> u16 {
        self.0 % 12 + 1
    }

    /// Months from this one to a later one; 0 when it is not later.
    pub fn until(self, later: Month) -> u16 {
        later.0.saturating_sub(self.0)
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        Month(self.0 + 1)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

/// Everything that was counted. Arrays are indexed by the enum's order: `disclosures` by `Disclosure`, `intents` by
/// `Intent`, `scopes` by `Scope`, `ad_use` by `AdUse`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Summary {
    /// Messages classified.
    pub messages: u64,
    /// Conversations with a classified message.
    pub conversations: u64,
    /// Their length in Unicode scalar values.
    pub chars: u64,
    /// The earliest message.
    pub first: Option<Timestamp>,
    /// The latest message.
    pub last: Option<Timestamp>,
    /// Messages without a time, or with one that cannot be.
    pub undated: u64,
    /// Messages by role.
    pub roles: Counts,
    /// Messages by platform.
    pub platforms: Counts,
    /// Messages by platform and surface.
    #[serde(with = "super::saved::pairs")]
    pub surfaces: BTreeMap<(&'static str, &'static str), u64>,
    /// Messages by language.
    pub languages: BTreeMap<String, u64>,
    /// Messages in a language without a lexicon, of which nothing could be said.
    pub unjudged: BTreeMap<String, u64>,
    /// Messages read and not classified, by reason.
    pub not_classified: Counts,
    /// Messages by scope.
    pub scopes: [u64; 3],
    /// Messages by reason for their scope.
    pub reasons: Counts,
    /// Messages by what may become of them.
    pub ad_use: [u64; 4],
    /// Messages with a category that the policy leaves out, whether or not the policy covers them.
    pub off_limits: u64,
    /// Conversations with such a message.
    pub off_limits_conversations: u64,
    /// Those messages by whom they are about (strongest).
    pub disclosures: [u64; 3],
    /// Messages that are sensitive, but only in ways that are on no list of the policy.
    pub unlisted: u64,
    /// Messages with an ad topic.
    pub with_topic: u64,
    /// Messages with an ad topic and no category that the policy leaves out.
    pub left: u64,
    /// Those messages by commercial intent.
    pub intents: [u64; 3],
    /// By category, listed and unlisted.
    pub categories: BTreeMap<CategoryId, CategoryTally>,
    /// By ad topic.
    pub topics: BTreeMap<TopicId, TopicTally>,
    /// By tier-1 ad topic, each message once.
    pub tiers: BTreeMap<TopicId, TopicTally>,
    /// Categories given away by proxies, not stated.
    pub proxies: BTreeMap<CategoryId, Proxy>,
    /// By month.
    pub months: BTreeMap<Month, MonthTally>,
    /// The conversations that say most, most first; at most [`EXPOSURES`] in finished sums.
    pub exposures: Vec<Exposure>,
}

/// Counts of one sensitive category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryTally {
    /// Messages.
    pub messages: u64,
    /// Messages by whom they are about.
    pub disclosures: [u64; 3],
    /// Conversations.
    pub conversations: u64,
    /// Conversations by whom they are about; one can count in several.
    pub disclosure_conversations: [u64; 3],
    /// Messages by what may become of them.
    pub ad_use: [u64; 4],
    /// Messages by month.
    pub months: BTreeMap<Month, u64>,
}

/// Counts of one ad topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicTally {
    /// Messages.
    pub messages: u64,
    /// Messages without a category that the policy leaves out. The next three are about these.
    pub left: u64,
    /// Looking to buy, hire or book.
    pub purchase: u64,
    /// A hobby, a use, or advice on it.
    pub interest: u64,
    /// Conversations.
    pub conversations: u64,
    /// Messages by what may become of them.
    pub ad_use: [u64; 4],
    /// The probabilities of those of `left` added up, in ten thousandths.
    pub score: u64,
    /// Those of `left` by month, where they have one.
    pub months: BTreeMap<Month, u64>,
}

/// Counts of a category that something else gives away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// Messages.
    pub messages: u64,
    /// Messages without a category that the policy leaves out.
    pub left: u64,
    /// Messages by the strongest rule that holds.
    pub rules: BTreeMap<String, u64>,
}

/// Counts of one month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthTally {
    /// Messages.
    pub messages: u64,
    /// Messages with a category that the policy leaves out.
    pub off_limits: u64,
    /// Messages with an ad topic and no such category.
    pub left: u64,
}

/// How much one conversation gives away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// The file, or `archive!member`.
    pub source: String,
    /// Platform.
    pub platform: &'static str,
    /// The conversation's id, or a digest of it.
    pub conversation_id: String,
    /// Its earliest classified message.
    pub first: Option<Timestamp>,
    /// Its latest one.
    pub last: Option<Timestamp>,
    /// Messages classified.
    pub messages: u64,
    /// Messages that the policy leaves out.
    pub off_limits: u64,
    /// Sensitive messages about the writer, listed or not.
    pub about_oneself: u64,
    /// Messages by category, listed and unlisted, and by whom they are about.
    pub categories: BTreeMap<CategoryId, [u64; 3]>,
    /// Messages that the policy does not leave out, by tier-1 ad topic and by intent.
    pub topics: BTreeMap<TopicId, [u64; 3]>,
}

impl Exposure {
    /// Most sensitive messages about the writer first, then most sensitive messages, then most ad topics; what is still equal
    /// goes by source and id.
    fn key(&self) -> impl Ord + '_ {
        let sensitive: u64 = self.categories.values().flatten().sum();
        let down = std::cmp::Reverse::<u64>;
        let topics = self.topics.len() as u64;
        (down(self.about_oneself), down(sensitive), down(topics), &self.source, &self.conversation_id)
    }
}

impl Summary {
    /// Adds an exposure, and drops those that say least when they are too many.
    pub(super) fn expose(&mut self, exposure: Exposure) {
        self.exposures.push(exposure);
        // Seldom, since sorting at every one would cost more than classifying the conversation.
        if self.exposures.len() >= 2 * EXPOSURES {
            self.settle();
        }
    }

    /// Puts the exposures in order.
    pub(super) fn settle(&mut self) {
        self.exposures.sort_by(|a, b| a.key().cmp(&b.key()));
        self.exposures.truncate(EXPOSURES);
    }

    /// Adds other sums.
    pub(super) fn merge(&mut self, other: Summary) {
        self.messages += other.messages;
        self.conversations += other.conversations;
        self.chars += other.chars;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.undated += other.undated;
        self.off_limits += other.off_limits;
        self.off_limits_conversations += other.off_limits_conversations;
        self.unlisted += other.unlisted;
        self.with_topic += other.with_topic;
        self.left += other.left;
        add(&mut self.scopes, &other.scopes);
        add(&mut self.ad_use, &other.ad_use);
        add(&mut self.disclosures, &other.disclosures);
        add(&mut self.intents, &other.intents);
        join(&mut self.roles, other.roles, |sum, count| *sum += count);
        join(&mut self.platforms, other.platforms, |sum, count| *sum += count);
        join(&mut self.surfaces, other.surfaces, |sum, count| *sum += count);
        join(&mut self.languages, other.languages, |sum, count| *sum += count);
        join(&mut self.unjudged, other.unjudged, |sum, count| *sum += count);
        join(&mut self.not_classified, other.not_classified, |sum, count| *sum += count);
        join(&mut self.reasons, other.reasons, |sum, count| *sum += count);
        join(&mut self.categories, other.categories, CategoryTally::merge);
        join(&mut self.topics, other.topics, TopicTally::merge);
        join(&mut self.tiers, other.tiers, TopicTally::merge);
        join(&mut self.proxies, other.proxies, |sum, proxy| {
            sum.messages += proxy.messages;
            sum.left += proxy.left;
            join(&mut sum.rules, proxy.rules, |sum, count| *sum += count);
        });
        join(&mut self.months, other.months, |sum, month| {
            sum.messages += month.messages;
            sum.off_limits += month.off_limits;
            sum.left += month.left;
        });
        for exposure in other.exposures {
            self.expose(exposure);
        }
    }
}

impl CategoryTally {
    fn merge(&mut self, other: CategoryTally) {
        self.messages += other.messages;
        self.conversations += other.conversations;
        add(&mut self.disclosures, &other.disclosures);
        add(&mut self.disclosure_conversations, &other.disclosure_conversations);
        add(&mut self.ad_use, &other.ad_use);
        join(&mut self.months, other.months, |sum, count| *sum += count);
    }
}

impl TopicTally {
    fn merge(&mut self, other: TopicTally) {
        self.messages += other.messages;
        self.left += other.left;
        self.purchase += other.purchase;
        self.interest += other.interest;
        self.conversations += other.conversations;
        self.score += other.score;
        add(&mut self.ad_use, &other.ad_use);
        join(&mut self.months, other.months, |sum, count| *sum += count);
    }
}

/// Adds counts place by place.
pub(super) fn add<const N: usize>(sums: &mut [u64; N], counts: &[u64; N]) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}

/// Adds the values of one map to those of another.
pub(super) fn join<K: Ord, V: Default>(into: &mut BTreeMap<K, V>, from: BTreeMap<K, V>, add: impl Fn(&mut V, V)) {
    for (key, value) in from {
        add(into.entry(key).or_default(), value);
    }
}

/// The language of a tag: two or three letters, else `und`, so that rows that state nonsense cost no memory.
pub(super) fn language(tag: &str) -> String {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    let sound = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    if sound { primary.to_ascii_lowercase() } else { "und".to_owned() }
}
