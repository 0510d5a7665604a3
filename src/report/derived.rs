//! What follows from the counts and the tables: estimates, the delete list, the comparison with a download's own lists.

use std::collections::BTreeMap;

use super::Report;
use crate::ads::{self, Deletion, Potential};
use crate::crosscheck::{self, Comparison};
use crate::finding::{CategoryId, TopicId};
use crate::tally::TopicTally;

/// Fields from this estimate on would be expected among listed interests.
const SUGGESTED: u32 = 50;
/// At most so many of them.
const MOST: usize = 10;

impl Report {
    /// Whether the list that the report is drawn by names the category: a law's where one was asked for, else the policy's.
    pub fn excluded(&self, category: CategoryId) -> bool {
        self.names.excluded(&self.policy, self.list, category)
    }

    /// The estimate of ad potential of every topic among `tallies` with something left.
    pub fn potentials(&self, tallies: &BTreeMap<TopicId, TopicTally>) -> BTreeMap<TopicId, Potential> {
        let newest = self.summary.months.keys().next_back().copied();
        let estimate = |(id, tally): (&TopicId, &TopicTally)| {
            let band = self.names.topic(*id).map(|name| name.band).unwrap_or_default();
            ads::potential(tally, newest, band).map(|potential| (*id, potential))
        };
        tallies.iter().filter_map(estimate).collect()
    }

    /// The estimates of the tier-1 topics.
    pub fn fields(&self) -> BTreeMap<TopicId, Potential> {
        self.potentials(&self.summary.tiers)
    }

    /// The conversations to delete first.
    pub fn deletions(&self) -> Vec<Deletion<'_>> {
        let fields = self.fields();
        ads::rank(&self.summary, &|topic| {
            fields.get(&topic).map_or(0.0, |potential| f64::from(potential.points) / 100.0)
        })
    }

    /// The download's own lists beside the chats; none where it has no such lists.
    pub fn comparison(&self) -> Option<Comparison<'_>> {
        let fields = self.fields();
        let mut suggested: Vec<(&TopicId, u32)> = fields.iter().map(|(id, potential)| (id, potential.points)).collect();
        suggested.retain(|(_, points)| *points >= SUGGESTED);
        suggested.sort_by_key(|(_, points)| std::cmp::Reverse(*points));
        let suggested: Vec<TopicId> = suggested.into_iter().take(MOST).map(|(id, _)| *id).collect();
        (!self.listed.is_empty()).then(|| crosscheck::compare(&self.listed, &self.summary, &suggested))
    }
}
