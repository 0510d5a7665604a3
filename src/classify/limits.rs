//! What the screen asks of each channel before a layer is read.

use super::{proxy, topic};
use crate::finding::{CategoryId, Intent};
use crate::lexicon::channels::Channels;
use crate::lexicon::matcher::Layer;
use crate::lexicon::screen::Limits;
use crate::taxonomy::Taxonomy;

/// What each channel must reach, by its prior and threshold.
pub(super) fn limits(taxonomy: &Taxonomy, thresholds: &[f32]) -> Limits {
    let (channels, mut limits) = (Channels::of(taxonomy), Limits::default());
    for ((number, category), threshold) in (0u8..).zip(&taxonomy.categories).zip(thresholds) {
        let needed = (threshold / (1.0 - threshold)).ln() / category.slope - category.prior;
        // The marks of genres stand in the sensitive layer and speak against every category.
        let layers = if category.listed { &[Layer::Sensitive][..] } else { &[Layer::Sensitive, Layer::Unlisted] };
        // A hair less, because the sum is rounded on its way to a probability.
        limits.set(channels.category(CategoryId(number)), needed - 0.01, layers, true);
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
