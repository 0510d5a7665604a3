//! A stratified sample of messages to be coded by hand, seeded, with known inclusion probabilities.
//!
//! Every message belongs to one stratum: its most probable category and a band of that probability, near misses below the
//! threshold and messages with nothing in them among the bands. Each message gets a random key, a hash of the seed and of where it
//! stands; a stratum keeps the messages with the smallest keys. That is a simple random sample without replacement within the
//! stratum, and the same whatever the number of threads or the order of files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::{hash_word, mix};

/// From here on a score below the threshold is a near miss.
pub const NEAR: f32 = 0.05;

/// The band of messages with nothing in them.
const NOTHING: &str = "none";

/// The share of the sample that goes to messages with nothing in them.
const SHARE_OF_NOTHING: f64 = 0.25;

/// What strata are cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The most probable category.
    Category,
    /// The band of its probability.
    Score,
    /// The language.
    Language,
}

impl Cut {
    /// Reads the name used on the command line.
    pub fn from_name(name: &str) -> Option<Cut> {
        match name {
            "category" => Some(Cut::Category),
            "score" => Some(Cut::Score),
            "lang" => Some(Cut::Language),
            _ => None,
        }
    }
}

/// A message that may be drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// A digest of where it stands: what sheets show.
    pub id: String,
    /// The file.
    pub source: String,
    /// The conversation.
    pub conversation_id: String,
    /// The message's own id.
    pub message_id: Option<String>,
    /// Its place in the conversation.
    pub index: u64,
    /// Who wrote it.
    pub role: String,
    /// Its language.
    pub lang: String,
    /// Flagged categories, and whom they are about.
    pub said: BTreeMap<String, String>,
    /// Categories with their probability, near misses among them.
    pub scores: BTreeMap<String, f64>,
    /// Its stratum.
    pub stratum: String,
    /// Messages in the stratum.
    pub stratum_size: u64,
    /// Messages drawn from it.
    pub stratum_drawn: u64,
    /// The probability with which it was drawn.
    pub probability: f64,
    /// The text, where it was asked for; never in the key file.
    #[serde(skip)]
    pub text: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Stratum {
    size: u64,
    kept: BTreeMap<(u64, String), Candidate>,
}

/// Strata that are being filled.
#[derive(Debug, Clone)]
pub struct Pool {
    cuts: Vec<Cut>,
    seed: u64,
    wanted: usize,
    strata: BTreeMap<String, Stratum>,
}

impl Pool {
    /// Nothing drawn yet; `wanted` messages in all.
    pub fn new(cuts: &[Cut], seed: u64, wanted: usize) -> Pool {
        Pool { cuts: cuts.to_vec(), seed, wanted, strata: BTreeMap::new() }
    }

    /// An empty pool with the same rules: for another thread.
    #[must_use]
    pub fn rules(&self) -> Pool {
        Pool::new(&self.cuts, self.seed, self.wanted)
    }

    /// Offers a message; its text is only asked for where it is kept for now.
    pub fn offer(&mut self, mut candidate: Candidate, text: &dyn Fn() -> Option<String>) {
        let place = [candidate.source.as_bytes(), candidate.conversation_id.as_bytes(), &candidate.index.to_le_bytes()];
        let hash = place.iter().fold(0, |hash, part| mix(hash, hash_word(part)));
        let key = mix(hash, self.seed);
        candidate.id = format!("m-{:012x}", hash >> 16);
        candidate.stratum = self.stratum(&candidate);
        let wanted = self.wanted;
        let stratum = self.strata.entry(candidate.stratum.clone()).or_default();
        stratum.size += 1;
        let full = stratum.kept.len() >= wanted;
        if wanted == 0 || full && stratum.kept.last_key_value().is_some_and(|(last, _)| last.0 <= key) {
            return;
        }
        candidate.text = text();
        stratum.kept.insert((key, candidate.id.clone()), candidate);
        if stratum.kept.len() > wanted {
            stratum.kept.pop_last();
        }
    }

    fn stratum(&self, candidate: &Candidate) -> String {
        let of = |flagged: bool| {
            let scores = candidate.scores.iter().filter(|(id, _)| !flagged || candidate.said.contains_key(*id));
            scores.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0)))
        };
        let best = of(true).or_else(|| of(false));
        let band = best.map_or(NOTHING, |(id, score)| match (candidate.said.contains_key(id), *score) {
            (false, _) => "near",
            (_, score) if score >= 0.9 => "0.9+",
            (_, score) if score >= 0.7 => "0.7+",
            _ => "low",
        });
        let category = best.map_or(NOTHING, |(id, _)| id.as_str());
        let mut parts: Vec<&str> = Vec::new();
        for cut in &self.cuts {
            parts.push(match cut {
                Cut::Category => category,
                Cut::Score if category == NOTHING && !parts.is_empty() => continue,
                Cut::Score => band,
                Cut::Language => &candidate.lang,
            });
        }
        parts.join(" ")
    }

    /// Adds what another thread was offered.
    pub fn merge(&mut self, other: Pool) {
        for (name, stratum) in other.strata {
            let own = self.strata.entry(name).or_default();
            own.size += stratum.size;
            own.kept.extend(stratum.kept);
            while own.kept.len() > self.wanted {
                own.kept.pop_last();
            }
        }
    }

    /// Messages that were offered.
    pub fn offered(&self) -> u64 {
        self.strata.values().map(|stratum| stratum.size).sum()
    }

    /// The sample, by stratum: as many from each as its share allows, with the probabilities filled in.
    pub fn draw(self) -> Vec<Candidate> {
        let nothing = |name: &String| name.split(' ').any(|part| part == NOTHING);
        let empty = self.strata.keys().filter(|name| nothing(name)).count() as f64;
        let others = self.strata.len() as f64 - empty;
        // So many times the share of another stratum that the quarter comes out.
        let of_nothing =
            if others > 0.0 { SHARE_OF_NOTHING / (1.0 - SHARE_OF_NOTHING) * others / empty.max(1.0) } else { 1.0 };
        let sizes: Vec<u64> = self.strata.values().map(|stratum| stratum.size).collect();
        let shares: Vec<f64> = self.strata.keys().map(|name| if nothing(name) { of_nothing } else { 1.0 }).collect();
        let counts = allocate(&sizes, &shares, self.wanted as u64);
        let mut drawn = Vec::new();
        for (stratum, count) in self.strata.into_values().zip(counts) {
            for mut candidate in stratum.kept.into_values().take(count as usize) {
                candidate.stratum_size = stratum.size;
                candidate.stratum_drawn = count;
                candidate.probability = count as f64 / stratum.size as f64;
                drawn.push(candidate);
            }
        }
        drawn
    }
}

/// How many to take from each stratum: in proportion to its share, never more than it has; what one cannot give, the others do.
pub fn allocate(sizes: &[u64], shares: &[f64], wanted: u64) -> Vec<u64> {
    let mut counts = vec![0; sizes.len()];
    let mut left = wanted.min(sizes.iter().sum());
    while left > 0 {
        let open: Vec<usize> = (0..sizes.len()).filter(|place| counts[*place] < sizes[*place]).collect();
        let total: f64 = open.iter().map(|place| shares[*place]).sum();
        let round = left as f64;
        let before = left;
        for &place in &open {
            let part = (round * shares[place] / total) as u64;
            let part = part.min(sizes[place] - counts[place]).min(left);
            counts[place] += part;
            left -= part;
        }
        if left == before {
            // Less than one each: one by one, those with the least first.
            let mut poorest = open;
            poorest.sort_by_key(|place| counts[*place]);
            for place in poorest.into_iter().take(left as usize) {
                counts[place] += 1;
                left -= 1;
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Cut, Pool, allocate};

    fn candidate(number: u64) -> Candidate {
        let mut candidate =
            Candidate { conversation_id: format!("c{number}"), lang: "en".into(), ..Candidate::default() };
        if number.is_multiple_of(50) {
            candidate.scores.insert("health".into(), 0.95);
            candidate.said.insert("health".into(), "self".into());
        } else if number % 20 == 1 {
            candidate.scores.insert("union".into(), 0.2);
        }
        candidate
    }

    fn pool(numbers: impl Iterator<Item = u64>) -> Pool {
        let mut pool = Pool::new(&[Cut::Category, Cut::Score], 3, 60);
        numbers.for_each(|number| pool.offer(candidate(number), &|| Some("text".into())));
        pool
    }

    #[test]
    fn the_sample_does_not_depend_on_order_or_threads() {
        let whole = pool(0..2_000).draw();
        let mut halves = pool((1_000..2_000).rev());
        halves.merge(pool((0..1_000).rev()));
        assert_eq!(whole, halves.draw());
        assert_eq!(whole.len(), 60);
        let strata: Vec<(&str, u64, u64)> =
            whole.iter().map(|c| (c.stratum.as_str(), c.stratum_size, c.stratum_drawn)).collect();
        assert!(strata.contains(&("health 0.9+", 40, 22)), "{strata:?}");
        assert!(strata.contains(&("union near", 100, 22)) && strata.contains(&("none", 1_860, 16)), "{strata:?}");
        let weights: f64 = whole.iter().map(|c| 1.0 / c.probability).sum();
        assert!((weights - 2_000.0).abs() < 1e-6);
    }

    #[test]
    fn what_one_stratum_cannot_give_the_others_do() {
        assert_eq!(allocate(&[2, 100, 100], &[1.0, 1.0, 1.0], 60), [2, 29, 29]);
        assert_eq!(allocate(&[2, 3], &[1.0, 1.0], 60), [2, 3]);
        assert_eq!(allocate(&[9, 9, 9], &[1.0, 1.0, 1.0], 2).iter().sum::<u64>(), 2);
        assert!(allocate(&[], &[], 9).is_empty());
    }
}
