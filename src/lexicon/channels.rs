//! Which channel of the screen each target of an entry adds to.

use super::pack::{Entry, Target};
use super::screen::{Bounds, UNBOUNDED};
use crate::finding::{CategoryId, Intent, TopicId};
use crate::taxonomy::Taxonomy;

/// The channels: categories first, then branches of topics, two intents, and one for all proxies.
#[derive(Debug, Clone)]
pub struct Channels {
    categories: usize,
    /// By topic: the number of its branch.
    branches: Vec<u8>,
    /// By branch: its highest topic.
    tops: Vec<TopicId>,
}

impl Channels {
    /// The channels of a taxonomy.
    pub fn of(taxonomy: &Taxonomy) -> Channels {
        let mut tops = Vec::new();
        let branches = taxonomy.topic_ids().map(|id| {
            let top = taxonomy.tier_1(id);
            let place = tops.iter().position(|other| *other == top).unwrap_or(tops.len());
            if place == tops.len() {
                tops.push(top);
            }
            place.min(usize::from(UNBOUNDED)) as u8
        });
        let branches = branches.collect();
        Channels { categories: taxonomy.categories.len(), branches, tops }
    }

    /// A channel, or the one of what has none of its own.
    fn channel(place: usize) -> u8 {
        place.min(usize::from(UNBOUNDED)) as u8
    }

    /// The channel of a category.
    pub fn category(&self, id: CategoryId) -> u8 {
        Channels::channel(usize::from(id.0))
    }

    /// The number of a topic's branch.
    #[inline]
    pub fn branch(&self, id: TopicId) -> u8 {
        self.branches.get(id.0 as usize).copied().unwrap_or(UNBOUNDED)
    }

    /// The channel of a topic's branch.
    pub fn topic(&self, id: TopicId) -> u8 {
        Channels::channel(self.categories + usize::from(self.branch(id)))
    }

    /// The channels of the branches of topics.
    pub fn topics(&self) -> impl Iterator<Item = u8> {
        let first = self.categories;
        (first..first + self.tops.len()).map(Channels::channel)
    }

    /// The branches of topics, each with its channel.
    pub fn branches(&self) -> impl Iterator<Item = (TopicId, u8)> {
        self.tops.iter().copied().zip(self.topics())
    }

    /// The channel of an intent; `none` has none, since it only takes away.
    pub fn intent(&self, intent: Intent) -> Option<u8> {
        let first = self.categories + self.tops.len();
        match intent {
            Intent::Purchase => Some(Channels::channel(first)),
            Intent::Interest => Some(Channels::channel(first + 1)),
            Intent::None => None,
        }
    }

    /// The channel of proxies.
    pub fn proxies(&self) -> u8 {
        Channels::channel(self.categories + self.tops.len() + 2)
    }

    fn target(&self, target: Target) -> Option<u8> {
        match target {
            Target::Category(id) => Some(self.category(id)),
            Target::Topic(id) => Some(self.topic(id)),
            Target::Intent(intent) => self.intent(intent),
            Target::Proxy(_) => Some(self.proxies()),
            // A mark of genre that spoke *for* categories would speak for all of them.
            Target::Genre => Some(UNBOUNDED),
            Target::Mask => None,
        }
    }

    /// The most that the entries of one phrase can add.
    pub fn bounds(&self, entries: &[Entry]) -> Bounds {
        let mut added: Vec<(u8, f32)> = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            let earlier = entries[..place].iter().any(|other| other.target == entry.target);
            let Some(channel) = self.target(entry.target).filter(|_| !earlier) else { continue };
            // Of several lines for one target only one counts.
            let same = entries.iter().filter(|other| other.target == entry.target);
            let weight = same.fold(0.0, |most, other| f32::max(most, other.weight));
            match added.iter_mut().find(|(known, _)| *known == channel) {
                // Rules are held one by one: what a second one of the same phrase adds, it adds to another sum.
                Some((_, sum)) if matches!(entry.target, Target::Proxy(_)) => *sum = f32::max(*sum, weight),
                Some((_, sum)) => *sum += weight,
                None => added.push((channel, weight)),
            }
        }
        Bounds::of(&added)
    }
}
