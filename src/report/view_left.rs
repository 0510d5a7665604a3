//! What the terminal and the page show of what is left: topics with their estimates, the delete list, the download's own lists.

use super::names::RuleName;
use super::view::View;
use super::words::Words;
use crate::ads::{self, Level, Potential};
use crate::crosscheck::{Link, Listed};
use crate::finding::{CategoryId, TopicId};
use crate::law;
use crate::tally::Exposure;

/// Listed interests that are shown at once.
const LISTED: usize = 10;

/// An ad topic.
pub(super) struct TopicRow {
    pub(super) name: String,
    pub(super) messages: u64,
    pub(super) purchase: u64,
    pub(super) interest: u64,
    pub(super) conversations: u64,
    pub(super) potential: Option<Potential>,
    /// The interest segment, the purchase segment, Meta's branch.
    pub(super) segments: [String; 3],
}

/// A conversation of the delete list.
pub(super) struct DeletionRow<'a> {
    pub(super) exposure: &'a Exposure,
    pub(super) link: Option<String>,
    pub(super) removed: String,
    /// `nothing is left of politics and union`.
    pub(super) ends: Option<String>,
}

/// Reasons shown at most.
const PROXY_REASONS: usize = 12;

/// Why something gives a category away.
pub(super) struct ProxyReason<'a> {
    pub(super) given: &'a str,
    pub(super) why: &'a str,
    pub(super) source: &'a str,
    /// How likely, in percent.
    pub(super) likely: String,
    pub(super) messages: String,
}

/// The download's own lists beside the chats.
pub(super) struct ListedRows {
    /// `24 interests: 5 also in the chats, 12 not, 7 not understood.`
    pub(super) counts: String,
    pub(super) explained: Vec<(String, &'static str, String)>,
    /// Those beyond the first, and how many they are.
    pub(super) more: Vec<(String, &'static str, String)>,
    pub(super) more_label: String,
    pub(super) unexplained: Vec<String>,
    pub(super) unplaced: Vec<String>,
    /// What the chats would suggest, and no list has.
    pub(super) absent: Option<String>,
    /// Listed interests that name something sensitive.
    pub(super) sensitive: Option<String>,
}

impl<'a> View<'a> {
    /// Tier-1 ad topics with something left, the most promising first.
    pub(super) fn topics(&self) -> Vec<TopicRow> {
        let fields = self.report.fields();
        let tiers = self.summary().tiers.iter().filter(|(_, tally)| tally.left > 0);
        let mut rows: Vec<TopicRow> = tiers
            .map(|(topic, tally)| TopicRow {
                name: self.topic_name(*topic).to_owned(),
                messages: tally.left,
                purchase: tally.purchase,
                interest: tally.interest,
                conversations: tally.conversations,
                potential: fields.get(topic).copied(),
                segments: self.segments(*topic),
            })
            .collect();
        let points = |row: &TopicRow| row.potential.map_or(0, |potential| potential.points);
        rows.sort_by_key(|row| std::cmp::Reverse((points(row), row.messages, row.purchase)));
        rows
    }

    fn topic_name(&self, topic: TopicId) -> &'a str {
        self.names().topic(topic).map_or("", |name| self.words.text(&name.name))
    }

    fn segments(&self, topic: TopicId) -> [String; 3] {
        let Some(segment) = self.names().topic(topic).map(|name| &name.segment) else { return Default::default() };
        let node = |node: &Option<ads::Node>| {
            node.as_ref().map_or(String::new(), |node| format!("{} ({})", node.name, node.id))
        };
        [node(&segment.interest), node(&segment.purchase), segment.meta.clone().unwrap_or_default()]
    }

    /// The estimate for the whole, as a sentence; none where nothing is left.
    pub(super) fn archive(&self) -> Option<String> {
        let fields = self.report.fields();
        let points = ads::archive(&fields);
        let level = self.level(points);
        (!fields.is_empty()).then(|| self.words.fill("left-estimate", &[("n", &points.to_string()), ("level", level)]))
    }

    /// The word for so many points.
    fn level(&self, points: u32) -> &'static str {
        self.words.coded("level-", Level::of(points).name()).unwrap_or_default()
    }

    /// What the download tells of the account, as sentences.
    pub(super) fn told(&self) -> Option<String> {
        let (words, told) = (self.words, &self.report.told);
        let region = told.region.as_ref().map(|region| words.fill("told-region", &[("region", region)]));
        let notice = told.notice.map(|at| words.fill("told-notice", &[("day", &words.day(at))]));
        let sentences: Vec<String> = [region, notice].into_iter().flatten().collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    /// What is given away by stand-ins, as a sentence.
    pub(super) fn proxies(&self) -> Option<String> {
        let left = self.summary().proxies.iter().filter(|(_, proxy)| proxy.left > 0);
        let mut left: Vec<_> = left.map(|(category, proxy)| (*category, proxy.left)).collect();
        left.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let list: Vec<String> = left
            .iter()
            .map(|(category, count)| format!("{} {}", self.category_name(*category), self.words.number(*count)))
            .collect();
        let sum = left.iter().map(|(_, count)| count).sum();
        (sum > 0).then(|| self.words.count("proxies", sum, &[("list", &list.join(", "))]))
    }

    /// What gave most away, and why.
    pub(super) fn proxy_reasons(&self) -> Vec<ProxyReason<'a>> {
        let (words, names) = (self.words, self.names());
        let rules = self.summary().proxies.values().flat_map(|proxy| &proxy.rules);
        let mut known: Vec<_> = rules.filter_map(|(id, messages)| Some((names.rules.get(id)?, *messages))).collect();
        known.sort_by(|one, other| other.1.cmp(&one.1).then(other.0.strength.total_cmp(&one.0.strength)));
        let reason = |(rule, messages): (&'a RuleName, u64)| ProxyReason {
            given: names.category(rule.category, words),
            why: rule.reason(words),
            source: &rule.source,
            likely: words.percent((rule.strength * 100.0).round() as u64, 100),
            messages: words.number(messages),
        };
        known.into_iter().take(PROXY_REASONS).map(reason).collect()
    }

    fn category_name(&self, category: CategoryId) -> String {
        self.words.lower(self.names().category(category, self.words))
    }

    /// Categories of a conversation: `health 3, politics 1`.
    pub(super) fn exposure_categories(&self, exposure: &Exposure) -> String {
        let mut counts: Vec<(CategoryId, u64)> =
            exposure.categories.iter().map(|(category, counts)| (*category, counts.iter().sum())).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut text: Vec<String> = counts
            .iter()
            .map(|(category, count)| format!("{} {}", self.category_name(*category), self.words.number(*count)))
            .collect();
        if text.is_empty() {
            text = exposure.topics.keys().map(|topic| self.topic_name(*topic).to_owned()).collect();
        }
        text.join(", ")
    }

    /// The days of a conversation.
    pub(super) fn exposure_days(&self, exposure: &Exposure) -> String {
        let words = self.words;
        let days = exposure.first.zip(exposure.last).map(|(first, last)| match (words.day(first), words.day(last)) {
            (first, last) if first == last => first,
            (first, last) => format!("{first} – {last}"),
        });
        days.unwrap_or_default()
    }

    /// The conversations to delete first.
    pub(super) fn deletions(&self) -> Vec<DeletionRow<'a>> {
        let list = self.report.deletions();
        list.into_iter()
            .map(|one| {
                let ends: Vec<String> = one.ends.iter().map(|category| self.category_name(*category)).collect();
                DeletionRow {
                    link: ads::link(one.exposure.platform, &one.exposure.conversation_id),
                    exposure: one.exposure,
                    removed: share(self.words, one.removed),
                    ends: (!ends.is_empty()).then(|| self.words.fill("do-ends", &[("list", &self.words.list(&ends))])),
                }
            })
            .collect()
    }

    /// `Deleting these 3 of 51 chats would take away 34% …`; none for an empty list, or all.
    pub(super) fn deletion_sum(&self, rows: &[DeletionRow]) -> Option<String> {
        let all = self.words.number(self.summary().conversations);
        rows.last()
            .filter(|_| (rows.len() as u64) < self.summary().conversations)
            .map(|last| self.words.count("do-sum", rows.len() as u64, &[("m", &all), ("p", &last.removed)]))
    }

    /// The download's own lists; none where it has no such lists.
    pub(super) fn listed(&self) -> Option<ListedRows> {
        let words = self.words;
        let comparison = self.report.comparison()?;
        let texts = |rows: &[&Listed]| rows.iter().map(|one| clean(&one.text)).collect::<Vec<String>>();
        let link = |link: Link| words.coded("link-", link.name()).unwrap_or_default();
        let (explained, unexplained, unplaced) = (&comparison.explained, &comparison.unexplained, &comparison.unplaced);
        let sum = (explained.len() + unexplained.len() + unplaced.len()) as u64;
        let [e, u, p] = [explained.len(), unexplained.len(), unplaced.len()].map(|n| words.number(n as u64));
        let interests = explained.iter().map(|(one, ..)| *one).chain(unexplained.iter().copied());
        let sensitive: Vec<String> = interests
            .filter(|one| one.categories.iter().any(|id| self.report.excluded(*id)))
            .map(|one| clean(&one.text))
            .collect();
        let absent: Vec<String> = comparison.absent.iter().map(|topic| self.topic_name(*topic).to_owned()).collect();
        let mut shown: Vec<(String, &'static str, String)> = explained
            .iter()
            .map(|(one, how, messages)| (clean(&one.text), link(*how), words.count("messages", *messages, &[])))
            .collect();
        let more = shown.split_off(shown.len().min(LISTED));
        Some(ListedRows {
            more_label: words.count("listed-rest", more.len() as u64, &[]),
            explained: shown,
            more,
            counts: words.count("listed-counts", sum, &[("e", &e), ("u", &u), ("p", &p)]),
            unexplained: texts(unexplained),
            unplaced: texts(unplaced),
            absent: (!absent.is_empty()).then(|| words.fill("listed-absent", &[("list", &absent.join(", "))])),
            sensitive: (!sensitive.is_empty())
                .then(|| words.count("listed-sensitive", sensitive.len() as u64, &[("list", &sensitive.join(", "))])),
        })
    }

    /// Which lists name a category: `named by GDPR Art. 9, California (CPRA); in part by Virginia`. For one on the list that the
    /// report is drawn by, only what limits it there.
    pub(super) fn named_by(&self, category: CategoryId) -> String {
        let id = self.names().category_id(category);
        if self.report.excluded(category) {
            let key = match self.report.list.and_then(|law| law.names(id)) {
                Some(law::Names::Partly) => "named-partly",
                Some(law::Names::Context) => "named-context",
                Some(law::Names::Named) | None => return String::new(),
            };
            return self.words.fill(key, &[("list", self.list_name())]);
        }
        let of = |how: law::Names| -> Vec<&str> {
            let laws = law::all().iter().filter(|law| law.id != "meta" && law.names(id) == Some(how));
            laws.map(|law| self.words.of(&law.name)).collect()
        };
        let parts = [
            (law::Names::Named, "named-by"),
            (law::Names::Partly, "named-partly"),
            (law::Names::Context, "named-context"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .map(|(how, key)| (of(how), key))
            .filter(|(laws, _)| !laws.is_empty())
            .map(|(laws, key)| self.words.fill(key, &[("list", &laws.join(", "))]))
            .collect();
        if parts.is_empty() { self.words.get("named-nowhere").to_owned() } else { parts.join("; ") }
    }
}

fn share(words: Words, share: f64) -> String {
    words.percent((share * 10_000.0).round() as u64, 10_000)
}

/// A name from a file on one line, without anything that could steer a terminal.
fn clean(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect();
    line.trim().to_owned()
}
