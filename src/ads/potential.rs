//! Ad potential: how well a topic of the messages that are left could serve ads. An estimate, made of five parts.
//!
//! Each part lies between 0 and 1, and the points are 100 times their geometric mean, so that no part can hide another:
//!
//! - strength: the mean probability of the topic over its messages;
//! - recurrence: the mean of `c / (c + 2)` over its conversations and `m / (m + 2)` over its months, so that one chat is a
//!   third, four are two thirds;
//! - recency: each message counts half as much for every six months that it is older than the archive's newest one (not than
//!   today, so that the same run gives the same report); a message without a time counts half;
//! - intent: a message that wants to buy counts 1, one that shows an interest a third, any other a sixth. No published price
//!   by intent was found; the order is common knowledge, the ratio is ours;
//! - value: the band of the field, a third, two thirds or one (`lexicons/value.tsv`, `--value`).
//!
//! What it does not know: whether the platform uses the message at all, what it derives from it, everything else that it
//! knows of the person (likes, age, place, purchases), and what an advertiser pays today. Good for an order, not for a price.

use std::collections::BTreeMap;

use super::value::Band;
use crate::finding::TopicId;
use crate::tally::{Month, TopicTally};

/// 2^(-1/6): what a month of age leaves of a message's recency.
const MONTH: f64 = 0.890_898_718_140_339_3;
/// How many topics the estimate for an archive looks at.
const STRONGEST: usize = 5;

/// The estimate for one topic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Potential {
    /// 0 to 100.
    pub points: u32,
    /// How surely the messages are on the topic.
    pub strength: f64,
    /// Over how many conversations and months it comes back.
    pub recurrence: f64,
    /// How late in the archive it was.
    pub recency: f64,
    /// How much of it wants to buy.
    pub intent: f64,
    /// What the field is worth.
    pub value: f64,
    /// The band behind `value`.
    pub band: Band,
}

/// A word for the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// From 70 on.
    High,
    /// From 50 on.
    Medium,
    /// Below.
    Low,
}

impl Level {
    /// The level of that many points.
    pub fn of(points: u32) -> Self {
        match points {
            70.. => Level::High,
            50.. => Level::Medium,
            _ => Level::Low,
        }
    }

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Level::High => "high",
            Level::Medium => "medium",
            Level::Low => "low",
        }
    }
}

/// The estimate for a topic with something left; `newest` is the archive's last month.
pub fn potential(tally: &TopicTally, newest: Option<Month>, band: Band) -> Option<Potential> {
    if tally.left == 0 {
        return None;
    }
    let left = tally.left as f64;
    let saturating = |count: u64| count as f64 / (count as f64 + 2.0);
    let dated: u64 = tally.months.values().sum();
    let undated = tally.left.saturating_sub(dated) as f64 / 2.0;
    let aged = |(month, count): (&Month, &u64)| {
        let age = newest.map_or(0, |newest| month.until(newest));
        MONTH.powi(age.min(1_000) as i32) * *count as f64
    };
    let other = tally.left.saturating_sub(tally.purchase + tally.interest) as f64;
    let parts = [
        (tally.score as f64 / 10_000.0 / left).min(1.0),
        // A topic whose conversation is still open counts as one.
        (saturating(tally.conversations.max(1)) + saturating(tally.months.len().max(1) as u64)) / 2.0,
        (tally.months.iter().map(aged).sum::<f64>() + undated) / left,
        (tally.purchase as f64 + tally.interest as f64 / 3.0 + other / 6.0) / left,
        band.part(),
    ];
    let [strength, recurrence, recency, intent, value] = parts;
    let mean = parts.iter().product::<f64>().max(0.0).powf(1.0 / parts.len() as f64);
    let points = (mean * 100.0).round().clamp(0.0, 100.0) as u32;
    Some(Potential { points, strength, recurrence, recency, intent, value, band })
}

/// The estimate for a whole archive: the mean of its five strongest fields, a missing one counting nothing. An advertiser needs
/// few handles, not many; what matters is how good the best are.
pub fn archive(fields: &BTreeMap<TopicId, Potential>) -> u32 {
    let mut points: Vec<u32> = fields.values().map(|potential| potential.points).collect();
    points.sort_unstable_by_key(|points| std::cmp::Reverse(*points));
    let sum: u32 = points.iter().take(STRONGEST).sum();
    (f64::from(sum) / STRONGEST as f64).round() as u32
}

#[cfg(test)]
mod tests {
    use super::{Level, archive, potential};
    use crate::ads::Band;
    use crate::chat::Timestamp;
    use crate::finding::TopicId;
    use crate::tally::{Month, TopicTally};

    fn month(text: &str) -> Month {
        let day: jiff::Timestamp = format!("{text}-15T12:00:00Z").parse().unwrap();
        Month::of(Timestamp(day.as_millisecond())).unwrap()
    }

    fn one_message() -> TopicTally {
        TopicTally {
            messages: 1,
            left: 1,
            purchase: 1,
            conversations: 1,
            score: 8_000,
            months: [(month("2026-03"), 1)].into(),
            ..TopicTally::default()
        }
    }

    fn points(tally: &TopicTally, band: Band) -> u32 {
        potential(tally, Some(month("2026-03")), band).unwrap().points
    }

    #[test]
    fn one_message_to_buy_by_hand() {
        let got = potential(&one_message(), Some(month("2026-03")), Band::High).unwrap();
        assert_eq!((got.strength, got.recency, got.intent, got.value), (0.8, 1.0, 1.0, 1.0));
        assert!((got.recurrence - 1.0 / 3.0).abs() < 1e-9);
        // (0.8 / 3) ^ (1 / 5) = 0.768
        assert_eq!((got.points, Level::of(got.points)), (77, Level::High));
    }

    #[test]
    fn every_part_moves_the_points_the_right_way() {
        let one = one_message();
        let base = points(&one, Band::High);
        assert!(points(&one, Band::Low) < base);
        assert!(points(&TopicTally { purchase: 0, interest: 1, ..one.clone() }, Band::High) < base);
        assert!(points(&TopicTally { conversations: 4, ..one.clone() }, Band::High) > base);
        assert!(points(&TopicTally { score: 4_000, ..one.clone() }, Band::High) < base);
        let old = TopicTally { months: [(month("2025-09"), 1)].into(), ..one.clone() };
        let recency = potential(&old, Some(month("2026-03")), Band::High).unwrap().recency;
        assert!((recency - 0.5).abs() < 1e-9, "six months halve it: {recency}");
        let undated = TopicTally { months: [].into(), ..one.clone() };
        assert_eq!(points(&undated, Band::High), points(&old, Band::High));
        assert!(potential(&TopicTally::default(), None, Band::High).is_none());
    }

    #[test]
    fn an_archive_is_its_five_strongest_fields() {
        let one = potential(&one_message(), None, Band::High).unwrap();
        let fields = |count: u16| (0..count).map(|n| (TopicId(n), one)).collect();
        assert_eq!([archive(&fields(0)), archive(&fields(1)), archive(&fields(9))], [0, 15, one.points]);
    }
}
