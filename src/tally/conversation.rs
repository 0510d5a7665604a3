//! One conversation while its findings go by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::summary::{Exposure, Summary, add, join};
use super::{Basis, Month};
use crate::chat::Timestamp;
use crate::finding::{CategoryId, Disclosure, Finding, TopicId};

/// A conversation, or the part of it that was seen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stretch {
    #[serde(with = "super::saved::text")]
    source: Arc<str>,
    platform: &'static str,
    #[serde(with = "super::saved::text")]
    id: Arc<str>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    messages: u64,
    off_limits: u64,
    about_oneself: u64,
    /// Messages by category and whom they are about.
    categories: BTreeMap<CategoryId, [u64; 3]>,
    /// Topics of messages that the policy does not leave out, and the tier-1 topics above them with messages by intent.
    topics: BTreeSet<TopicId>,
    tiers: BTreeMap<TopicId, [u64; 3]>,
}

impl Stretch {
    pub(super) fn of(finding: &Finding) -> Self {
        Stretch {
            source: Arc::clone(&finding.source),
            platform: finding.platform,
            id: Arc::clone(&finding.conversation_id),
            ..Stretch::default()
        }
    }

    pub(super) fn is_of(&self, finding: &Finding) -> bool {
        self.id == finding.conversation_id && self.source == finding.source && self.platform == finding.platform
    }

    pub(super) fn same(&self, other: &Stretch) -> bool {
        self.id == other.id && self.source == other.source && self.platform == other.platform
    }

    pub(super) fn add(&mut self, finding: &Finding, off_limits: bool, basis: &Basis) {
        let dated = finding.sent_at.filter(|at| Month::of(*at).is_some());
        self.first = [self.first, dated].into_iter().flatten().min();
        self.last = self.last.max(dated);
        self.messages += 1;
        self.off_limits += u64::from(off_limits);
        let verdicts = || finding.assessment.sensitive.iter().chain(&finding.assessment.unlisted);
        self.about_oneself += u64::from(verdicts().any(|verdict| verdict.disclosure == Disclosure::Oneself));
        for verdict in verdicts() {
            self.categories.entry(verdict.category).or_default()[verdict.disclosure as usize] += 1;
        }
        if off_limits {
            return;
        }
        let topics = &finding.assessment.topics;
        for (place, estimate) in topics.iter().enumerate() {
            self.topics.insert(estimate.topic);
            let root = basis.root(estimate.topic);
            if !topics[..place].iter().any(|earlier| basis.root(earlier.topic) == root) {
                self.tiers.entry(root).or_default()[finding.assessment.intent as usize] += 1;
            }
        }
    }

    /// Adds what follows of the same conversation.
    pub(super) fn merge(&mut self, next: Stretch) {
        self.first = [self.first, next.first].into_iter().flatten().min();
        self.last = self.last.max(next.last);
        self.messages += next.messages;
        self.off_limits += next.off_limits;
        self.about_oneself += next.about_oneself;
        for (category, counts) in next.categories {
            add(self.categories.entry(category).or_default(), &counts);
        }
        self.topics.extend(next.topics);
        join(&mut self.tiers, next.tiers, |sum, counts| add(sum, &counts));
    }

    /// Counts the conversation.
    pub(super) fn close(self, sums: &mut Summary) {
        sums.conversations += 1;
        sums.off_limits_conversations += u64::from(self.off_limits > 0);
        for (category, counts) in &self.categories {
            let tally = sums.categories.entry(*category).or_default();
            tally.conversations += 1;
            for (sum, count) in tally.disclosure_conversations.iter_mut().zip(counts) {
                *sum += u64::from(*count > 0);
            }
        }
        for topic in &self.topics {
            sums.topics.entry(*topic).or_default().conversations += 1;
        }
        for tier in self.tiers.keys() {
            sums.tiers.entry(*tier).or_default().conversations += 1;
        }
        if !self.categories.is_empty() || !self.tiers.is_empty() {
            sums.expose(Exposure {
                source: self.source.as_ref().to_owned(),
                platform: self.platform,
                conversation_id: self.id.as_ref().to_owned(),
                first: self.first,
                last: self.last,
                messages: self.messages,
                off_limits: self.off_limits,
                about_oneself: self.about_oneself,
                categories: self.categories,
                topics: self.tiers,
            });
        }
    }
}
