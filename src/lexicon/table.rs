//! What the matcher looks hashes up in: a filter that answers "no" for nearly every word, and a flat table behind it.

/// A blocked Bloom filter: two bits of one 64-bit block a key, about 16 bits of room a key. 60,000 phrases take 160 kB, so
/// that it stays in the second-level cache.
#[derive(Debug)]
pub(super) struct Bloom {
    blocks: Box<[u64]>,
    shift: u32,
}

impl Default for Bloom {
    fn default() -> Self {
        Bloom::of(std::iter::empty())
    }
}

impl Bloom {
    pub(super) fn of(keys: impl ExactSizeIterator<Item = u64>) -> Bloom {
        // A shift by 64 overflows: two blocks at least.
        let blocks = (keys.len() / 4 + 1).next_power_of_two().max(2);
        let mut bloom = Bloom { blocks: vec![0; blocks].into_boxed_slice(), shift: 64 - blocks.trailing_zeros() };
        for key in keys {
            let (block, bits) = bloom.place(key);
            bloom.blocks[block] |= bits;
        }
        bloom
    }

    #[inline(always)]
    fn place(&self, key: u64) -> (usize, u64) {
        ((key >> self.shift) as usize, 1 << (key & 63) | 1 << (key >> 6 & 63))
    }

    #[inline(always)]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        let (block, bits) = self.place(key);
        self.blocks.get(block).is_some_and(|b| b & bits == bits)
    }
}

/// Key → phrases, in open addressing: most look-ups touch one cache line.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Box<[Slot]>,
    shift: u32,
    phrases: Vec<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u64,
    first: u32,
    count: u16,
    /// Bit `n`: some phrase of `n` words begins with the two words of this key.
    lengths: u16,
}

impl Slot {
    fn is_free(&self) -> bool {
        self.count == 0 && self.lengths == 0
    }
}

/// What goes into a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item {
    /// A phrase under its key.
    Phrase(u32),
    /// Under the key of two words: there are phrases of so many words that begin with them.
    Length(u32),
}

/// What a key stands for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found<'t> {
    /// Phrases to be compared with the text.
    pub(super) phrases: &'t [u32],
    /// Bit `n`: look for phrases of `n` words.
    pub(super) lengths: u16,
}

impl Table {
    /// A table of keys and what stands under them; the phrases of a key keep the order that they come in.
    pub(super) fn of(mut pairs: Vec<(u64, Item)>) -> Table {
        pairs.sort_by_key(|(key, _)| *key);
        let groups = pairs.chunk_by(|a, b| a.0 == b.0);
        let room = (groups.clone().count() * 2).next_power_of_two().max(2);
        let mut table = Table {
            slots: vec![Slot::default(); room].into_boxed_slice(),
            shift: 64 - room.trailing_zeros(),
            phrases: Vec::with_capacity(pairs.len()),
        };
        for group in groups {
            let key = group[0].0;
            let mut slot = Slot { key, first: table.phrases.len() as u32, ..Slot::default() };
            for (_, item) in group {
                match item {
                    Item::Phrase(phrase) => {
                        table.phrases.push(*phrase);
                        slot.count += 1;
                    }
                    Item::Length(words) => slot.lengths |= 1 << words,
                }
            }
            let mut place = (key >> table.shift) as usize;
            while !table.slots[place].is_free() {
                place = (place + 1) % room;
            }
            table.slots[place] = slot;
        }
        table
    }

    /// What stands under a key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Found<'_> {
        let mut place = (key >> self.shift) as usize;
        // Half of the slots are free, so the search ends.
        while let Some(slot) = self.slots.get(place) {
            if slot.is_free() {
                break;
            }
            if slot.key == key {
                let phrases = &self.phrases[slot.first as usize..][..usize::from(slot.count)];
                return Found { phrases, lengths: slot.lengths };
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
        Found::default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Table};

    #[test]
    fn every_key_has_its_phrases_and_no_other_key_has_any() {
        // Keys that all fall on the last slots, so that the search wraps around.
        let key = |n: u32| u64::MAX - u64::from(n);
        let phrases = (0..100).map(|n| (key(n / 2), Item::Phrase(n)));
        let lengths = (0..60).map(|n| (key(n), Item::Length(n % 5)));
        let table = Table::of(phrases.chain(lengths).collect());
        for n in 0..50 {
            assert_eq!(table.get(key(n)).phrases, [2 * n, 2 * n + 1]);
            assert_eq!(table.get(key(n)).lengths, 1 << (n % 5));
        }
        assert!(table.get(key(55)).phrases.is_empty() && table.get(key(55)).lengths == 1);
        assert!(table.get(key(60)).lengths == 0 && table.get(0).phrases.is_empty());
        assert!(Table::default().get(7).phrases.is_empty());
    }
}
