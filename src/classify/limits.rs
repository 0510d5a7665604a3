//! What the screen asks of each channel before a layer is read.

use super::{proxy, topic};
use crate::finding::{CategoryId, Intent};
use crate::lexicon::channels::Channels;
use crate::lexicon::matcher::Layer;
use crate::lexicon::screen::Limits;
use crate::taxonomy::{Category, Taxonomy};

/// The log-odds from which a category may be reported: a hair less than its threshold, because the sum is rounded on its way to
/// a probability.
pub(super) fn enough(category: &Category, threshold: f32) -> f32 {
    (threshold / (1.0 - threshold)).ln() / category.slope - 0.01
}

/// What each channel must reach, by its prior and threshold.
pub(super) fn limits(taxonomy: &Taxonomy, thresholds: &[f32]) -> Limits {
    let (channels, mut limits) = (Channels::of(taxonomy), Limits::default());
    for ((number, category), threshold) in (0u8..).zip(&taxonomy.categories).zip(thresholds) {
        let needed = enough(category, *threshold) - category.prior;
        // The marks of genres stand in the sensitive layer and speak against every category.
        let layers = if category.listed { &[Layer::Sensitive][..] } else { &[Layer::Sensitive, Layer::Unlisted] };
        limits.set(channels.category(CategoryId(number)), needed, layers, true);
    }
    for channel in channels.topics() {
        // Whether there is a topic bears on the intent: where one may be, both are read.
        limits.set(channel, -topic::TOPIC_PRIOR, &[Layer::Topics, Layer::Intent], false);
    }
    let intents = [
        (Intent::Purchase, topic::WITH_TOPIC - topic::PURCHASE_PRIOR),
        (Intent::Interest, 2.0 * topic::WITH_TOPIC - topic::INTEREST_PRIOR),
    ];
    for (intent, without_topic) in intents {
        if let Some(channel) = channels.intent(intent) {
            limits.set(channel, without_topic, &[Layer::Intent], false);
        }
    }
    limits.set(channels.proxies(), proxy::ENOUGH, &[Layer::Proxies], false);
    limits
}
