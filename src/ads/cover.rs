//! What to delete first: a greedy cover of what the conversations give away.
//!
//! What is known of a category grows with the logarithm of what was said: the first message on an illness tells much, the
//! fiftieth little. So the exposure of a category is `log2(1 + n)`, with n messages about the writer, half a message for one
//! about somebody else and a fifth for general talk; that of an ad topic is the same over messages (to buy 3, interest 1,
//! other ½) times half its estimate of ad potential: what is sensitive goes before what only sells. A chat's gain is by how much the sum falls without it. Chats are taken one by
//! one, the greatest gain first, each counted after those before it are gone; so a category that one chat alone tells comes
//! before another chat of a category that fifty tell.
//!
//! Law: deleting is not forgetting. What a platform has derived already may stay; nobody says.

use std::collections::BTreeMap;

use crate::finding::{CategoryId, TopicId};
use crate::tally::{Exposure, Summary};

/// How many chats the list holds at most.
const MOST: usize = 100;
/// A chat that takes less than this share of everything is not worth a line.
const LEAST: f64 = 0.001;

/// One chat of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Deletion<'a> {
    /// The chat.
    pub exposure: &'a Exposure,
    /// The share of everything that goes with it, after those before it.
    pub gain: f64,
    /// The share that is gone with it and all before it.
    pub removed: f64,
    /// Categories of which nothing is left after it.
    pub ends: Vec<CategoryId>,
}

/// Messages in tenths, by whom they are about.
fn category_units([oneself, another, general]: [u64; 3]) -> u64 {
    oneself * 10 + another * 5 + general * 2
}

/// Messages in tenths, by what they want.
fn topic_units([purchase, interest, other]: [u64; 3]) -> u64 {
    purchase * 30 + interest * 10 + other * 5
}

/// What an ad topic counts beside a sensitive category.
const TOPIC: f64 = 0.5;

fn known(units: u64) -> f64 {
    (1.0 + units as f64 / 10.0).log2()
}

/// What is left, in units.
struct Left {
    categories: BTreeMap<CategoryId, (u64, u64)>,
    topics: BTreeMap<TopicId, (u64, f64)>,
}

impl Left {
    fn of(summary: &Summary, weight: &dyn Fn(TopicId) -> f64) -> Left {
        let category = |tally: &crate::tally::CategoryTally| (category_units(tally.disclosures), tally.messages);
        let topic = |tally: &crate::tally::TopicTally| {
            let other = tally.left.saturating_sub(tally.purchase + tally.interest);
            topic_units([tally.purchase, tally.interest, other])
        };
        Left {
            categories: summary.categories.iter().map(|(id, tally)| (*id, category(tally))).collect(),
            topics: summary.tiers.iter().map(|(id, tally)| (*id, (topic(tally), weight(*id) * TOPIC))).collect(),
        }
    }

    fn sum(&self) -> f64 {
        let categories: f64 = self.categories.values().map(|(units, _)| known(*units)).sum();
        categories + self.topics.values().map(|(units, weight)| known(*units) * weight).sum::<f64>()
    }

    fn gain(&self, chat: &Exposure) -> f64 {
        let fall = |left: u64, units: u64| known(left) - known(left.saturating_sub(units));
        let categories = chat
            .categories
            .iter()
            .filter_map(|(id, counts)| self.categories.get(id).map(|(left, _)| fall(*left, category_units(*counts))));
        let topics = chat.topics.iter().filter_map(|(id, counts)| {
            self.topics.get(id).map(|(left, weight)| fall(*left, topic_units(*counts)) * weight)
        });
        categories.sum::<f64>() + topics.sum::<f64>()
    }

    /// Takes a chat away; the categories that end with it.
    fn take(&mut self, chat: &Exposure) -> Vec<CategoryId> {
        let mut ends = Vec::new();
        for (id, counts) in &chat.categories {
            let Some((units, messages)) = self.categories.get_mut(id) else { continue };
            *units = units.saturating_sub(category_units(*counts));
            *messages = messages.saturating_sub(counts.iter().sum());
            if *messages == 0 {
                ends.push(*id);
            }
        }
        for (id, counts) in &chat.topics {
            if let Some((units, _)) = self.topics.get_mut(id) {
                *units = units.saturating_sub(topic_units(*counts));
            }
        }
        ends
    }
}

/// The chats whose deletion takes most, in the order in which to delete them. `weight`: the ad potential of a field, 0 to 1.
pub fn rank<'a>(summary: &'a Summary, weight: &dyn Fn(TopicId) -> f64) -> Vec<Deletion<'a>> {
    let mut left = Left::of(summary, weight);
    let whole = left.sum();
    if whole <= 0.0 {
        return Vec::new();
    }
    let mut chats: Vec<&Exposure> = summary.exposures.iter().collect();
    let mut removed = 0.0;
    let mut list = Vec::new();
    while list.len() < MOST {
        // Of equals the first stays: the tally sorts them.
        let best = chats.iter().map(|chat| left.gain(chat)).enumerate().reduce(|a, b| if b.1 > a.1 { b } else { a });
        let Some((place, gain)) = best.filter(|(_, gain)| gain / whole >= LEAST) else { break };
        let exposure = chats.remove(place);
        removed += gain;
        let ends = left.take(exposure);
        list.push(Deletion { exposure, gain: gain / whole, removed: (removed / whole).min(1.0), ends });
    }
    list
}

#[cfg(test)]
mod tests {
    use super::rank;
    use crate::finding::{CategoryId, TopicId};
    use crate::tally::{CategoryTally, Exposure, Summary, TopicTally};

    fn chat(id: &str, categories: &[(u8, [u64; 3])], purchases: u64) -> Exposure {
        Exposure {
            conversation_id: id.to_owned(),
            categories: categories.iter().map(|(id, counts)| (CategoryId(*id), *counts)).collect(),
            topics: (purchases > 0).then_some((TopicId(0), [purchases, 0, 0])).into_iter().collect(),
            ..Exposure::default()
        }
    }

    fn summary(chats: Vec<Exposure>) -> Summary {
        let mut summary = Summary::default();
        for chat in &chats {
            for (id, counts) in &chat.categories {
                let tally: &mut CategoryTally = summary.categories.entry(*id).or_default();
                tally.messages += counts.iter().sum::<u64>();
                tally.disclosures.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
            for (id, [purchase, ..]) in &chat.topics {
                let tally: &mut TopicTally = summary.tiers.entry(*id).or_default();
                (tally.left, tally.purchase) = (tally.left + purchase, tally.purchase + purchase);
            }
        }
        summary.exposures = chats;
        summary
    }

    #[test]
    fn what_one_chat_alone_tells_goes_first() {
        let many = (0..5).map(|n| chat(&format!("health{n}"), &[(0, [1, 0, 0])], 0));
        let summary = summary(many.chain([chat("union", &[(6, [1, 0, 0])], 0)]).collect());
        let list = rank(&summary, &|_| 0.5);
        assert_eq!(list[0].exposure.conversation_id, "union");
        assert_eq!(list[0].ends, [CategoryId(6)]);
        assert_eq!(list.len(), 6);
        assert!((list[5].removed - 1.0).abs() < 1e-9, "everything is gone in the end");
        assert_eq!(list[5].ends, [CategoryId(0)]);
    }

    #[test]
    fn about_oneself_before_general_talk_and_ads_by_their_potential() {
        let chats =
            || vec![chat("general", &[(0, [0, 0, 1])], 0), chat("self", &[(1, [1, 0, 0])], 0), chat("buy", &[], 2)];
        let order = |weight: f64| -> Vec<String> {
            let summary = summary(chats());
            rank(&summary, &|_| weight).iter().map(|one| one.exposure.conversation_id.clone()).collect()
        };
        assert_eq!(order(1.0), ["buy", "self", "general"]);
        assert_eq!(order(0.0), ["self", "general"], "what is worth nothing is not worth deleting");
        assert!(rank(&Summary::default(), &|_| 1.0).is_empty());
    }
}
