//! Ad topics and commercial intent: the same evidence, added up, with priors of their own.

use super::evidence::{Item, Outcome};
use super::logistic;
use crate::finding::{Intent, TopicEstimate, TopicId};
use crate::lexicon::pack::Target;
use crate::taxonomy::Taxonomy;

/// Log-odds of a topic before any evidence.
const TOPIC_PRIOR: f32 = -3.0;

/// How many topics a message gets at most.
const MOST: usize = 2;

/// Evidence in a message longer than this many words is thinned: in a long text, every topic is touched somewhere.
const LONG: f32 = 60.0;

/// Log-odds of each intent before any evidence.
const PURCHASE_PRIOR: f32 = -2.0;
const INTEREST_PRIOR: f32 = -1.0;

/// The best topics of a text of `words` words, best first, one a tier-1 branch, each as deep as its evidence goes.
pub fn topics(taxonomy: &Taxonomy, items: &[Item<'_>], words: usize) -> Vec<TopicEstimate> {
    let mut nodes: Vec<(TopicId, f32)> = Vec::new();
    let mut branches: Vec<(TopicId, f32)> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let Target::Topic(topic) = item.entry.target else { continue };
        let repeated = items[..place].iter().any(|i| i.line() == item.line() && i.outcome == Outcome::Counted);
        if item.outcome != Outcome::Counted || repeated {
            continue;
        }
        add(&mut nodes, topic, item.entry.weight);
        add(&mut branches, taxonomy.tier_1(topic), item.entry.weight);
    }
    let thinned = (words as f32 / LONG).max(1.0).ln();
    let mut found: Vec<TopicEstimate> = branches
        .into_iter()
        .map(|(branch, sum)| (branch, TOPIC_PRIOR + sum - thinned))
        .filter(|(_, sum)| *sum >= 0.0)
        .map(|(branch, sum)| TopicEstimate { topic: deepest(taxonomy, &nodes, branch), score: logistic(sum) })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
    found.truncate(MOST);
    found
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
        .filter(|(node, sum)| *node != branch && *sum >= 2.0 && taxonomy.tier_1(*node) == branch)
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        .map_or(branch, |(node, _)| *node)
}

/// Purchase, interest or none. Evidence for `none` speaks against both others.
pub fn intent(items: &[Item<'_>], has_topic: bool) -> Intent {
    let sum = |wanted: Intent| -> f32 {
        let mut seen: Vec<(u16, u32)> = Vec::new();
        let mut sum = 0.0;
        for item in items.iter().filter(|i| i.outcome == Outcome::Counted && i.entry.target == Target::Intent(wanted)) {
            if !seen.contains(&item.line()) {
                seen.push(item.line());
                sum += item.entry.weight;
            }
        }
        sum
    };
    let against = sum(Intent::None);
    // Without anything that an advertiser could take up, a question is rarely a wish.
    let topic = if has_topic { 0.5 } else { -0.5 };
    let purchase = PURCHASE_PRIOR + sum(Intent::Purchase) - against + topic;
    let interest = INTEREST_PRIOR + sum(Intent::Interest) - against + 2.0 * topic;
    if purchase < 0.0 && interest < 0.0 {
        Intent::None
    } else if purchase >= interest {
        Intent::Purchase
    } else {
        Intent::Interest
    }
}
