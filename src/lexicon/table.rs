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

/// Key → the phrases that it may begin, in open addressing: most look-ups touch one cache line.
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
    /// 0 in a free slot.
    count: u32,
}

impl Table {
    /// A table of pairs of key and phrase; the phrases of a key keep the order that they come in.
    pub(super) fn of(mut pairs: Vec<(u64, u32)>) -> Table {
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
            let slot = Slot { key, first: table.phrases.len() as u32, count: group.len() as u32 };
            table.phrases.extend(group.iter().map(|(_, phrase)| phrase));
            let mut place = (key >> table.shift) as usize;
            while table.slots[place].count > 0 {
                place = (place + 1) % room;
            }
            table.slots[place] = slot;
        }
        table
    }

    /// The phrases of a key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> &[u32] {
        let mut place = (key >> self.shift) as usize;
        // Half of the slots are free, so the search ends.
        while let Some(slot) = self.slots.get(place) {
            if slot.count == 0 {
                break;
            }
            if slot.key == key {
                return &self.phrases[slot.first as usize..(slot.first + slot.count) as usize];
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
        &[]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    pub(super) fn filter(&self) -> Bloom {
        let keys: Vec<u64> = self.slots.iter().filter(|slot| slot.count > 0).map(|slot| slot.key).collect();
        Bloom::of(keys.into_iter())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn every_key_has_its_phrases_and_no_other_key_has_any() {
        // Keys that all fall on the last slots, so that the search wraps around.
        let key = |n: u32| u64::MAX - u64::from(n);
        let table = Table::of((0..100).map(|n| (key(n / 2), n)).collect());
        let filter = table.filter();
        for n in 0..50 {
            assert_eq!(table.get(key(n)), [2 * n, 2 * n + 1]);
            assert!(filter.may_hold(key(n)));
        }
        assert!(table.get(key(50)).is_empty() && table.get(0).is_empty());
        assert!(Table::default().get(7).is_empty());
    }
}
