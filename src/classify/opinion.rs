//! How the two opinions on a category, of phrases and of words, become one sum.

use super::Classifier;
use super::evidence::{Item, Outcome};
use super::passage::{self, Passage};
use crate::finding::CategoryId;
use crate::lexicon::words::{Opinion, Reason, Words};
use crate::text::Text;

/// So many of a text's words are named that speak for a verdict by themselves.
const REASONS: usize = 3;

impl Classifier {
    /// The categories that can be told by the words alone, without a phrase: one bit each. Which of them are told is said by
    /// their sums; this only passes over those of which it is certain that they are not.
    pub(super) fn alone(&self, opinion: &Opinion) -> u64 {
        let mut alone = 0;
        for (number, (category, enough)) in (0u8..64).zip(self.lexicon.taxonomy.categories.iter().zip(&self.enough)) {
            let channel = self.channels.category(CategoryId(number));
            let reaches = opinion.has(channel) && category.prior + opinion.of(channel) >= *enough;
            alone |= u64::from(reaches) << number;
        }
        alone
    }

    /// The log-odds of a category: what it starts from, what phrases and words say, and what so long a text says by chance.
    pub(super) fn sum(&self, best: &Passage, opinion: &Opinion, words: usize) -> f32 {
        let category = self.lexicon.taxonomy.category(best.category);
        category.prior + best.sum + opinion.of(self.channels.category(best.category)) - passage::chance(words)
    }

    /// The words that speak most for a category by themselves, as evidence.
    pub(super) fn reasons(&self, words: &Words, text: &Text, best: &Passage) -> Vec<Item> {
        let channel = self.channels.category(best.category);
        let found = words.reasons(text, best.start..best.end, channel, REASONS);
        let item = |reason: Reason| Item {
            entry: reason.entry(best.category),
            start: reason.token,
            end: reason.token + 1,
            outcome: Outcome::Counted,
        };
        found.into_iter().map(item).collect()
    }
}
