//! Ad topics and commercial intent: the same evidence, added up, with priors of their own.

use super::evidence::{Item, Outcome};
use super::logistic;
use super::passage::Seen;
use crate::finding::{Intent, TopicEstimate, TopicId};
use crate::lexicon::channels::Channels;
use crate::lexicon::pack::Target;
use crate::lexicon::screen::CHANNELS;
use crate::lexicon::words::Opinion;
use crate::taxonomy::Taxonomy;

/// Log-odds of a topic before any evidence.
pub(super) const TOPIC_PRIOR: f32 = -2.75;

/// Evidence of its own that a node below the highest needs to be named.
const HINT: f32 = 1.5;

/// How many topics a message gets at most.
const MOST: usize = 2;

/// Evidence in a message longer than this many words is thinned: in a long text, every topic is touched somewhere.
const LONG: f32 = 60.0;

/// In a message on a sensitive category a single word for a thing ("the pen is in the car") is seldom a wish for it, and a
/// question is more often a need than an interest.
const SENSITIVE: f32 = 2.0;

/// Log-odds of each intent before any evidence.
pub(super) const PURCHASE_PRIOR: f32 = -2.0;
pub(super) const INTEREST_PRIOR: f32 = -1.0;

/// How much a topic speaks for an intent, and its absence against one; twice that for an interest.
pub(super) const WITH_TOPIC: f32 = 0.5;

/// What a message's topics and intent are judged by, beside the phrases found.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'j> {
    /// Topics.
    pub taxonomy: &'j Taxonomy,
    /// Where the opinion on each stands.
    pub channels: &'j Channels,
    /// What the words say by themselves.
    pub opinion: &'j Opinion,
    /// Whether the message is on a sensitive category.
    pub sensitive: bool,
}

impl Judge<'_> {
    /// The best topics of a text of `words` words; best first, one a tier-1 branch, each as deep as its evidence goes.
    pub fn topics(&self, items: &[Item], words: usize, seen: &mut Seen) -> Vec<TopicEstimate> {
        let mut nodes: Vec<(TopicId, f32)> = Vec::new();
        // By number of the branch, and which of them a phrase speaks of.
        let (mut sums, mut touched) = ([0f32; CHANNELS], 0u64);
        for item in items.iter().filter(|i| i.outcome == Outcome::Counted) {
            let Target::Topic(topic) = item.entry.target else { continue };
            if !seen.first(item.entry.line) {
                continue;
            }
            add(&mut nodes, topic, item.entry.weight);
            let branch = usize::from(self.channels.branch(topic)) % CHANNELS;
            sums[branch] += item.entry.weight;
            touched |= 1 << branch;
        }
        let mut thinned = (words as f32 / LONG).max(1.0).ln();
        if self.sensitive {
            thinned += SENSITIVE;
        }
        let mut found = Vec::new();
        for (number, (branch, channel)) in self.channels.branches().take(CHANNELS).enumerate() {
            let sum = TOPIC_PRIOR + sums[number] + self.opinion.of(channel) - thinned;
            if sum >= 0.0 && (touched >> number & 1 == 1 || self.opinion.has(channel)) {
                let topic = deepest(self.taxonomy, &nodes, branch);
                found.push(TopicEstimate { topic, score: logistic(sum) });
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
        found.truncate(MOST);
        found
    }

    /// Purchase, interest or none. Evidence for `none` speaks against both others.
    pub fn intent(&self, items: &[Item], has_topic: bool, seen: &mut Seen) -> Intent {
        let said = |intent| self.channels.intent(intent).map_or(0.0, |channel| self.opinion.of(channel));
        let (mut purchase, mut interest, mut against) = (PURCHASE_PRIOR, INTEREST_PRIOR, 0.0);
        for item in items.iter().filter(|i| i.outcome == Outcome::Counted) {
            let Target::Intent(intent) = item.entry.target else { continue };
            if seen.first(item.entry.line) {
                *match intent {
                    Intent::Purchase => &mut purchase,
                    Intent::Interest => &mut interest,
                    Intent::None => &mut against,
                } += item.entry.weight;
            }
        }
        // Without anything that an advertiser could take up, a question is rarely a wish.
        let topic = if has_topic { WITH_TOPIC } else { -WITH_TOPIC };
        purchase += topic + said(Intent::Purchase) - against;
        interest += 2.0 * topic + said(Intent::Interest) - against;
        if self.sensitive {
            interest -= SENSITIVE;
        }
        if purchase < 0.0 && interest < 0.0 {
            Intent::None
        } else if purchase >= interest {
            Intent::Purchase
        } else {
            Intent::Interest
        }
    }
}

fn add(sums: &mut Vec<(TopicId, f32)>, topic: TopicId, weight: f32) {
    match sums.iter_mut().find(|(t, _)| *t == topic) {
        Some((_, sum)) => *sum += weight,
        None => sums.push((topic, weight)),
    }
}

/// The node of the branch with the most evidence of its own, if that is enough for a hint; else the branch.
fn deepest(taxonomy: &Taxonomy, nodes: &[(TopicId, f32)], branch: TopicId) -> TopicId {
    nodes
        .iter()
        .filter(|(node, sum)| *node != branch && *sum >= HINT && taxonomy.tier_1(*node) == branch)
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        .map_or(branch, |(node, _)| *node)
}
