//! Counts over findings: everything that a report says, and nothing of any text.
//!
//! Law: a tally is a monoid. `Tally::new` is its zero, `merge` joins two tallies of neighbouring stretches of the input, and
//! the sums do not depend on how the input was cut. All counts are integers; memory does not grow with the input.
//!
//! Conversations are counted without remembering them: findings of one conversation follow one another, so only the first
//! and the last conversation of a stretch can go on in its neighbour, and these two are kept open.

use std::sync::Arc;

use crate::finding::{CategoryId, Finding, Intent, Scope, TopicId};
use crate::policy;

mod conversation;
mod saved;
mod streak;
mod summary;

pub use summary::{
    CategoryTally, Counts, EXPOSURES, Exposure, Month, MonthTally, NOT_CLASSIFIED, Proxy, Summary, TopicTally,
};

pub use saved::Saved;

use conversation::Stretch;
use streak::Streak;

/// What a tally must know besides the findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// By [`CategoryId`]: whether the policy leaves the category out. Empty: every listed category counts as left out.
    pub excluded: Vec<bool>,
    /// By [`TopicId`]: the tier-1 node above it. A topic beyond the end is its own.
    pub roots: Vec<TopicId>,
}

impl Basis {
    /// Whether the policy leaves the category out.
    pub fn excludes(&self, category: CategoryId) -> bool {
        self.excluded.is_empty() || self.excluded.get(usize::from(category.0)).copied().unwrap_or(false)
    }

    /// The tier-1 node of a topic.
    pub fn root(&self, topic: TopicId) -> TopicId {
        self.roots.get(usize::from(topic.0)).copied().unwrap_or(topic)
    }
}

/// Counts under way.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    basis: Arc<Basis>,
    sums: Summary,
    /// Counts that mostly go to the same place as those of the message before.
    streak: Streak,
    /// The first conversation, which may have begun in the stretch before.
    head: Option<Box<Stretch>>,
    /// The last conversation, when it is not also the first.
    tail: Option<Box<Stretch>>,
}

impl Tally {
    /// A tally of nothing.
    pub fn new(basis: Arc<Basis>) -> Self {
        Tally { basis, ..Tally::default() }
    }

    /// Counts messages that were read and not classified, for a reason of [`NOT_CLASSIFIED`].
    pub fn pass_over(&mut self, reason: &'static str, count: u64) {
        *self.sums.not_classified.entry(reason).or_default() += count;
    }

    /// Counts one finding.
    pub fn add(&mut self, finding: &Finding) {
        let off_limits = finding.assessment.sensitive.iter().any(|verdict| self.basis.excludes(verdict.category));
        self.count_message(finding, off_limits);
        self.count_topics(finding, off_limits);
        let month = finding.sent_at.and_then(Month::of);
        for verdict in finding.assessment.sensitive.iter().chain(&finding.assessment.unlisted) {
            let category = self.sums.categories.entry(verdict.category).or_default();
            category.messages += 1;
            category.disclosures[verdict.disclosure as usize] += 1;
            category.ad_use[finding.scope.ad_use as usize] += 1;
            if let Some(month) = month {
                *category.months.entry(month).or_default() += 1;
            }
        }
        for implication in &finding.assessment.implies {
            let proxy = self.sums.proxies.entry(implication.category).or_default();
            proxy.messages += 1;
            proxy.left += u64::from(!off_limits);
            *proxy.rules.entry(implication.rule.clone()).or_default() += 1;
        }
        self.continue_conversation(finding, off_limits);
    }

    fn count_message(&mut self, finding: &Finding, off_limits: bool) {
        let sums = &mut self.sums;
        sums.messages += 1;
        sums.chars += finding.chars;
        *sums.roles.entry(finding.role.name()).or_default() += 1;
        self.streak.add(finding, sums);
        sums.scopes[finding.scope.scope as usize] += 1;
        sums.ad_use[finding.scope.ad_use as usize] += 1;
        sums.off_limits += u64::from(off_limits);
        let listed = || finding.assessment.sensitive.iter().filter(|verdict| self.basis.excludes(verdict.category));
        if let Some(strongest) = listed().map(|verdict| verdict.disclosure).min() {
            sums.disclosures[strongest as usize] += 1;
        }
        sums.unlisted += u64::from(!off_limits && !finding.assessment.unlisted.is_empty());
        match finding.sent_at.and_then(|at| Month::of(at).map(|month| (at, month))) {
            None => sums.undated += 1,
            Some((at, month)) => {
                sums.first = Some(sums.first.map_or(at, |first| first.min(at)));
                sums.last = Some(sums.last.map_or(at, |last| last.max(at)));
                let month = sums.months.entry(month).or_default();
                month.messages += 1;
                month.off_limits += u64::from(off_limits);
                month.left += u64::from(!off_limits && !finding.assessment.topics.is_empty());
            }
        }
    }

    fn count_topics(&mut self, finding: &Finding, off_limits: bool) {
        let topics = &finding.assessment.topics;
        let intent = finding.assessment.intent;
        self.sums.with_topic += u64::from(!topics.is_empty());
        if !off_limits && !topics.is_empty() {
            self.sums.left += 1;
            self.sums.intents[intent as usize] += 1;
        }
        let month = finding.sent_at.and_then(Month::of);
        let count = |tally: &mut TopicTally, score: f32| {
            tally.messages += 1;
            tally.left += u64::from(!off_limits);
            tally.purchase += u64::from(!off_limits && intent == Intent::Purchase);
            tally.interest += u64::from(!off_limits && intent == Intent::Interest);
            tally.ad_use[finding.scope.ad_use as usize] += 1;
            if !off_limits {
                // In ten thousandths, as a record gives it, so that saved records add up to the same.
                tally.score += (f64::from(score.clamp(0.0, 1.0)) * 10_000.0).round() as u64;
                month.into_iter().for_each(|month| *tally.months.entry(month).or_default() += 1);
            }
        };
        for (place, estimate) in topics.iter().enumerate() {
            count(self.sums.topics.entry(estimate.topic).or_default(), estimate.score);
            let root = self.basis.root(estimate.topic);
            if !topics[..place].iter().any(|earlier| self.basis.root(earlier.topic) == root) {
                // Topics come best first, so this is the best of its field.
                count(self.sums.tiers.entry(root).or_default(), estimate.score);
            }
        }
    }

    fn continue_conversation(&mut self, finding: &Finding, off_limits: bool) {
        let last = if self.tail.is_some() { &mut self.tail } else { &mut self.head };
        if let Some(stretch) = last.as_mut().filter(|stretch| stretch.is_of(finding)) {
            return stretch.add(finding, off_limits, &self.basis);
        }
        let mut stretch = Box::new(Stretch::of(finding));
        stretch.add(finding, off_limits, &self.basis);
        if self.head.is_none() {
            self.head = Some(stretch);
        } else if let Some(done) = self.tail.replace(stretch) {
            done.close(&mut self.sums);
        }
    }

    /// Adds the tally of the stretch of input that follows this one.
    pub fn merge(&mut self, mut next: Tally) {
        next.streak.close(&mut next.sums);
        if self.sums.messages == 0 {
            self.basis = Arc::clone(&next.basis);
        }
        self.sums.merge(next.sums);
        let Some(head) = next.head else { return };
        let last = if self.tail.is_some() { &mut self.tail } else { &mut self.head };
        match last {
            None => self.head = Some(head),
            Some(open) if open.same(&head) => open.merge(*head),
            Some(_) => self.advance(head),
        }
        if let Some(tail) = next.tail {
            self.advance(tail);
        }
    }

    /// Makes `stretch` the last conversation and closes the one before, unless it is the first.
    fn advance(&mut self, stretch: Box<Stretch>) {
        if let Some(done) = self.tail.replace(stretch) {
            done.close(&mut self.sums);
        }
    }

    /// The sums, with the last conversations closed.
    pub fn finish(mut self) -> Summary {
        self.streak.close(&mut self.sums);
        for stretch in [self.head.take(), self.tail.take()].into_iter().flatten() {
            stretch.close(&mut self.sums);
        }
        self.sums.settle();
        self.sums
    }
}

/// The reasons for a scope, with how many messages each carries, most first.
pub fn reasons_for(summary: &Summary, scope: Scope) -> Vec<(&'static str, u64)> {
    let of_scope = summary.reasons.iter().filter(|(code, _)| policy::reason_scope(code) == Some(scope));
    let mut reasons: Vec<_> = of_scope.map(|(code, count)| (*code, *count)).collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Basis, Tally};
    use crate::chat::{Role, Timestamp};
    use crate::finding::{
        AdUse, Assessment, CategoryId, Disclosure, Finding, Intent, Scope, ScopeVerdict, TopicEstimate, TopicId,
        Verdict,
    };

    /// Message `n` of conversation `n / 3`: every third sensitive, every second with a topic.
    fn finding(n: u64) -> Finding {
        let verdict = Verdict { category: CategoryId((n % 2) as u8), score: 0.9, disclosure: Disclosure::Oneself };
        let topic = TopicEstimate { topic: TopicId((n % 5) as u16), score: 0.7 };
        Finding {
            source: "a.json".into(),
            platform: "chatgpt",
            surface: Some("web"),
            conversation_id: format!("c{}", n / 3).into(),
            message_id: None,
            index: n % 3,
            role: Role::User,
            sent_at: (n != 4).then_some(Timestamp(1_768_035_600_000 + n as i64 * 864_000_000)),
            chars: 10,
            assessment: Assessment {
                language: "en".into(),
                judged: true,
                sensitive: if n.is_multiple_of(3) { vec![verdict] } else { Vec::new() },
                unlisted: Vec::new(),
                topics: if n.is_multiple_of(2) { vec![topic.clone(), topic] } else { Vec::new() },
                intent: Intent::Purchase,
                implies: Vec::new(),
                evidence: Vec::new(),
            },
            scope: ScopeVerdict { scope: Scope::Out, reasons: vec!["other_platform"], ad_use: AdUse::OutOfScope },
        }
    }

    fn tally(range: std::ops::Range<u64>) -> Tally {
        let roots = vec![TopicId(0), TopicId(0), TopicId(2), TopicId(2), TopicId(2)];
        let mut tally = Tally::new(Arc::new(Basis { excluded: Vec::new(), roots }));
        range.for_each(|n| tally.add(&finding(n)));
        tally
    }

    #[test]
    fn counts_what_was_said() {
        let summary = tally(0..12).finish();
        assert_eq!((summary.messages, summary.conversations, summary.off_limits), (12, 4, 4));
        assert_eq!((summary.undated, summary.left, summary.with_topic), (1, 4, 6));
        assert_eq!(summary.categories[&CategoryId(0)].conversations, 2);
        assert_eq!(summary.tiers.values().map(|tier| tier.messages).sum::<u64>(), 6, "each message once");
        assert_eq!(summary.exposures.len(), 4);
        assert_eq!(super::reasons_for(&summary, Scope::Out), [("other_platform", 12)]);
    }

    #[test]
    fn a_saved_tally_goes_on_as_if_nothing_had_been() {
        let whole = tally(0..20).finish();
        for cut in 0..=20 {
            let text: &'static str = serde_json::to_string(&tally(0..cut).save()).unwrap().leak();
            let mut again = Tally::load(tally(0..0).basis, serde_json::from_str(text).unwrap());
            again.merge(tally(cut..20));
            assert_eq!(again.finish(), whole, "cut at {cut}");
        }
    }

    #[test]
    fn cuts_do_not_change_the_sums() {
        let whole = tally(0..20).finish();
        for a in 0..=20 {
            for b in a..=20 {
                let (mut left, mut middle, right) = (tally(0..a), tally(a..b), tally(b..20));
                let mut other = left.clone();
                left.merge(middle.clone());
                left.merge(right.clone());
                middle.merge(right);
                other.merge(middle);
                assert_eq!(left.finish(), whole, "({a}, {b}) from the left");
                assert_eq!(other.finish(), whole, "({a}, {b}) from the right");
            }
        }
    }
}
