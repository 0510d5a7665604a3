//! From the rows of `words.tsv` to slots.

use std::collections::BTreeMap;

use super::{HEAD, LANES, RARITY, SLOT, STEPS, Words, length};
use crate::finding::Intent;
use crate::lexicon::channels::Channels;
use crate::lexicon::image::numbers;
use crate::lexicon::parse::Row;
use crate::lexicon::phrase;
use crate::lexicon::phrases::{THREE, of_long_start, start_hash};
use crate::taxonomy::Taxonomy;
use crate::text::{hash_word, letters_of};

/// Collects the rows of `words.tsv`.
#[derive(Debug, Default)]
pub(in crate::lexicon) struct Collector {
    channels: Vec<u8>,
    starts: Vec<f32>,
    slots: Vec<Said>,
}

/// A row, as a slot.
#[derive(Debug, Clone)]
struct Said {
    key: u64,
    /// Of a word, the key of how it begins.
    begins: Option<u64>,
    slot: [u8; SLOT],
}

impl Collector {
    /// Adds a row; one of a later file takes the place of an earlier one.
    pub(in crate::lexicon) fn add(
        &mut self,
        taxonomy: &Taxonomy,
        channels: &Channels,
        file: u16,
        row: &Row,
    ) -> Result<(), String> {
        let said = row.sense.split(';').map(str::trim).filter(|said| !said.is_empty());
        let said: Result<Vec<(u8, f32)>, String> = said.map(|said| number(taxonomy, channels, said)).collect();
        let said = said?;
        if row.phrase == "*" {
            for (channel, start) in said {
                let lane = self.lane(channel)?;
                self.starts[lane] = start;
            }
            return Ok(());
        }
        let word = one_word(&row.phrase)?;
        let key = match word.strip_suffix('*') {
            Some(start) if start.len() == 4 => of_long_start(start),
            Some(_) => return Err(format!("`{}` does not have four letters", row.phrase)),
            None => hash_word(word.as_bytes()),
        };
        if !(0.05..=2.5).contains(&row.weight) {
            return Err(format!("rarity {} is outside 0.05..2.5", row.weight));
        }
        let length = ((row.weight * RARITY).powi(2) / 2.0) as u16;
        let mut slot = [0; SLOT];
        slot[..4].copy_from_slice(&(key as u32).to_le_bytes());
        slot[4..8].copy_from_slice(&row.at.to_le_bytes());
        slot[8..10].copy_from_slice(&file.to_le_bytes());
        slot[10..HEAD].copy_from_slice(&length.to_le_bytes());
        for (channel, weight) in said {
            let steps = (weight * STEPS).round();
            if steps.abs() > 127.0 {
                return Err(format!("{weight} is outside -6.35..6.35"));
            }
            let lane = self.lane(channel)?;
            slot[HEAD + lane] = (steps as i8) as u8;
        }
        let begins = letters_of(word.as_bytes());
        let begins = (begins > THREE && !word.ends_with('*')).then(|| start_hash(begins));
        self.slots.push(Said { key, begins, slot });
        Ok(())
    }

    fn lane(&mut self, channel: u8) -> Result<usize, String> {
        if let Some(lane) = self.channels.iter().position(|known| *known == channel) {
            return Ok(lane);
        }
        if self.channels.len() == LANES {
            return Err(format!("words speak for more than {LANES} targets"));
        }
        self.channels.push(channel);
        self.starts.push(0.0);
        Ok(self.channels.len() - 1)
    }

    /// The words, in open addressing: three slots of four taken, and a free one behind the last.
    pub(in crate::lexicon) fn finish(self, categories: usize) -> Words {
        if self.channels.is_empty() {
            return Words::default();
        }
        // Of two rows for one word the later one stays.
        let written: BTreeMap<u64, Said> = self.slots.into_iter().map(|said| (said.key, said)).collect();
        let whole = |said: &Said| match said.begins.and_then(|begins| written.get(&begins)) {
            Some(begins) => both(&said.slot, &begins.slot),
            None => said.slot,
        };
        let rows: Vec<(u64, [u8; SLOT])> = written.iter().map(|(key, said)| (*key, whole(said))).collect();
        let room = rows.len() + rows.len() / 3 + 1;
        let mut slots = vec![[0; SLOT]; room];
        for (key, slot) in rows {
            let mut place = (((key >> 32) * room as u64) >> 32) as usize;
            while slots.get(place).is_some_and(|there| length(there) != 0) {
                place += 1;
            }
            match slots.get_mut(place) {
                Some(free) => *free = slot,
                // Keys come in the order of their places, so that the list grows at its end only.
                None => slots.push(slot),
            }
        }
        slots.push([0; SLOT]);
        let channels =
            self.channels.iter().map(|&channel| [channel, u8::from(usize::from(channel) < categories), 0, 0]);
        Words {
            room: room as u32,
            slots: slots.into(),
            channels: channels.collect::<Vec<_>>().into(),
            starts: numbers(self.starts.iter().map(|start| start.to_bits())),
        }
    }
}

/// A word's slot with what its beginning adds.
fn both(word: &[u8; SLOT], begins: &[u8; SLOT]) -> [u8; SLOT] {
    let mut both = *word;
    for (sum, more) in both[HEAD..].iter_mut().zip(&begins[HEAD..]) {
        *sum = (*sum as i8).saturating_add(*more as i8) as u8;
    }
    both[10..HEAD].copy_from_slice(&length(word).saturating_add(length(begins)).to_le_bytes());
    both
}

/// `Pets -0.4`: a channel, and what is added to it.
fn number(taxonomy: &Taxonomy, channels: &Channels, said: &str) -> Result<(u8, f32), String> {
    let (name, weight) = said.rsplit_once(' ').ok_or_else(|| format!("`{said}` is not a target and a number"))?;
    let weight = weight.parse().ok().filter(|weight: &f32| weight.is_finite());
    let weight = weight.ok_or_else(|| format!("`{said}` does not end in a number"))?;
    let channel = match name.strip_prefix("intent:") {
        Some("purchase") => channels.intent(Intent::Purchase),
        Some("interest") => channels.intent(Intent::Interest),
        Some(_) => None,
        None => match taxonomy.find_category(name) {
            Some(id) => Some(channels.category(id)),
            None => taxonomy.find_topic(name).filter(|id| taxonomy.tier_1(*id) == *id).map(|id| channels.topic(id)),
        },
    };
    Ok((channel.ok_or_else(|| format!("no category, highest topic or intent `{name}`"))?, weight))
}

/// A word as folded, perhaps with a `*` behind it.
fn one_word(written: &str) -> Result<String, String> {
    match phrase::compile(written, "", &BTreeMap::new())?.as_slice() {
        [word] if !word.contains([' ', '#']) => Ok(word.clone()),
        _ => Err(format!("`{written}` is not one word")),
    }
}
