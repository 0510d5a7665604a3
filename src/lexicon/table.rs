//! What the matcher looks hashes up in: a filter that answers "no" for nearly every word, and a flat table behind it.

use super::image::{Flat, Reader, Writer};
use super::screen::Bounds;

/// A blocked Bloom filter: three bits of one 64-bit block a key, about 16 bits of room a key. 60,000 phrases take 160 kB, so
/// that it stays in the second-level cache; one word in 300 passes for nothing.
#[derive(Debug)]
pub(super) struct Bloom {
    blocks: Flat<8>,
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
        let count = (keys.len() / 4 + 1).next_power_of_two().max(2);
        let mut blocks = vec![0u64; count];
        let bloom = Bloom::over(Flat::default(), count);
        for key in keys {
            let (block, bits) = bloom.view().place(key);
            blocks[block] |= bits;
        }
        Bloom { blocks: blocks.into_iter().map(u64::to_le_bytes).collect::<Vec<_>>().into(), ..bloom }
    }

    fn over(blocks: Flat<8>, count: usize) -> Bloom {
        Bloom { blocks, shift: 64 - count.trailing_zeros() }
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.list(&self.blocks);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Bloom> {
        let blocks = image.list()?;
        let count = blocks.len();
        (count.is_power_of_two() && count > 1).then(|| Bloom::over(blocks, count))
    }

    /// The filter for asking many times.
    #[inline(always)]
    pub(super) fn view(&self) -> View<'_> {
        View { blocks: &self.blocks, shift: self.shift }
    }

    #[inline(always)]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        self.view().may_hold(key)
    }
}

/// A [`Bloom`] of which it is known where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'b> {
    blocks: &'b [[u8; 8]],
    shift: u32,
}

impl View<'_> {
    #[inline(always)]
    fn place(self, key: u64) -> (usize, u64) {
        ((key >> self.shift) as usize, 1 << (key & 63) | 1 << (key >> 6 & 63) | 1 << (key >> 12 & 63))
    }

    #[inline(always)]
    pub(super) fn may_hold(self, key: u64) -> bool {
        let (block, bits) = self.place(key);
        self.blocks.get(block).is_some_and(|b| u64::from_le_bytes(*b) & bits == bits)
    }
}

/// Stands for no phrase: the slot only tells the lengths of phrases that begin with its two words.
pub(super) const NO_PHRASE: u32 = u32::MAX;

/// What stands under a key. Everything that the screen needs is in these 16 bytes, so that a phrase found costs one cache line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// The lower half of the key; the place says the upper one. Phrases are confirmed by their letters where it matters.
    tag: u32,
    /// A phrase of exactly these words, or [`NO_PHRASE`].
    pub(super) phrase: u32,
    /// What the phrase can add.
    pub(super) bounds: Bounds,
    /// Bit `n - 3`: some phrase of `n` words begins with the two words of this key. The last bit: see [`MORE`].
    lengths: u8,
    /// What the phrase is used for.
    pub(super) uses: u8,
}

impl Slot {
    const FREE: Slot = Slot { tag: 0, phrase: NO_PHRASE, bounds: Bounds::NOTHING, lengths: 0, uses: 0 };

    pub(super) fn of(phrase: u32, uses: u8, bounds: Bounds) -> Slot {
        Slot { phrase, uses, bounds, ..Slot::FREE }
    }

    /// The lengths of the phrases that begin with the two words of this key, from three on, one bit each.
    #[inline(always)]
    pub(super) fn lengths(&self) -> u8 {
        self.lengths & !MORE
    }

    #[inline(always)]
    fn is_free(&self) -> bool {
        self.phrase == NO_PHRASE && self.lengths == 0
    }

    /// Tag, phrase, channels, their weights, lengths, uses.
    #[inline(always)]
    fn write(&self) -> [u8; SLOT] {
        let (channels, weights) = self.bounds.bytes();
        let tail = [channels[0], channels[1], channels[2], weights[0], weights[1], weights[2], self.lengths, self.uses];
        let whole = u128::from(self.tag) | u128::from(self.phrase) << 32 | u128::from(u64::from_le_bytes(tail)) << 64;
        whole.to_le_bytes()
    }

    #[inline(always)]
    fn read(bytes: &[u8; SLOT]) -> Slot {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, lengths, uses] = *bytes;
        Slot {
            tag: u32::from_le_bytes([a, b, c, d]),
            phrase: u32::from_le_bytes([e, f, g, h]),
            bounds: Bounds::from_bytes([i, j, k], [l, m, n]),
            lengths,
            uses,
        }
    }
}

/// Bytes of a slot.
const SLOT: usize = 16;

/// Of a slot's lengths: another slot of the same tag follows. Without it, every search would go on to the next free place.
const MORE: u8 = 1 << 7;

/// Key → phrases, in open addressing. Two slots of three are taken: a table that is twice as large is slower, because less
/// of it fits into the nearer caches.
#[derive(Debug)]
pub(super) struct Table {
    slots: Flat<SLOT>,
}

impl Default for Table {
    fn default() -> Self {
        Table::with_room(0)
    }
}

impl Table {
    /// An empty table with room for so many keys.
    pub(super) fn with_room(keys: usize) -> Table {
        Table { slots: vec![Slot::FREE.write(); keys + keys / 2 + 2].into() }
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.list(&self.slots);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Table> {
        image.list().filter(|slots| !slots.is_empty()).map(|slots| Table { slots })
    }

    /// Adds a phrase under the key of all its words. Keys that are equal by chance stand side by side.
    pub(super) fn add_phrase(&mut self, key: u64, slot: Slot) {
        self.change(
            key,
            |there| there.phrase == NO_PHRASE && (there.lengths == 0 || there.tag == key as u32),
            |there| Slot { tag: key as u32, lengths: there.lengths, ..slot },
        );
    }

    /// Notes that phrases of `words` words begin with the two words of `key`.
    pub(super) fn add_length(&mut self, key: u64, words: usize) {
        self.change(
            key,
            |there| there.is_free() || there.tag == key as u32,
            |there| Slot { tag: key as u32, lengths: there.lengths | 1 << (words - 3), ..there },
        );
    }

    /// Where the search for a key begins.
    #[inline(always)]
    fn first(&self, key: u64) -> usize {
        (((key >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    fn change(&mut self, key: u64, fits: impl Fn(&Slot) -> bool, new: impl Fn(Slot) -> Slot) {
        let mut place = self.first(key);
        let slots = self.slots.to_mut();
        loop {
            let there = Slot::read(&slots[place]);
            if fits(&there) {
                slots[place] = new(there).write();
                return;
            }
            if there.tag == key as u32 && !there.is_free() {
                slots[place] = Slot { lengths: there.lengths | MORE, ..there }.write();
            }
            place = if place + 1 == slots.len() { 0 } else { place + 1 };
        }
    }

    /// Loads the first slot of a key, for nothing but to have it near.
    #[inline(always)]
    pub(super) fn touch(&self, key: u64) -> u32 {
        self.slots.get(self.first(key)).map_or(0, |slot| Slot::read(slot).tag)
    }

    /// The slots of a key; with luck of one in 4 billion another key's among them.
    #[inline(always)]
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = Slot> {
        let mut place = self.first(key);
        let mut more = true;
        // Some slots are free, so the search ends.
        std::iter::from_fn(move || {
            while more {
                let slot = self.slots.get(place).map(Slot::read).filter(|slot| !slot.is_free())?;
                place = if place + 1 == self.slots.len() { 0 } else { place + 1 };
                if slot.tag == key as u32 {
                    more = slot.lengths & MORE != 0;
                    return Some(slot);
                }
            }
            None
        })
    }
}

/// How the one-word phrases begin that end in `*`: one bit for each of the leading 16 bits of the first letters' hash.
#[derive(Debug)]
pub(super) struct Starts(Flat<8>);

/// Blocks of [`Starts`].
const STARTS: usize = 1 << 10;

impl Default for Starts {
    fn default() -> Self {
        Starts(vec![[0; 8]; STARTS].into())
    }
}

impl Starts {
    pub(super) fn add(&mut self, hash: u64) {
        let block = &mut self.0.to_mut()[(hash >> 54) as usize];
        *block = (u64::from_le_bytes(*block) | 1 << (hash >> 48 & 63)).to_le_bytes();
    }

    pub(super) fn write(&self, image: &mut Writer) {
        image.list(&self.0);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Starts> {
        image.list().filter(|blocks| blocks.len() == STARTS).map(Starts)
    }

    #[inline(always)]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.0.get((hash >> 54) as usize).is_some_and(|block| u64::from_le_bytes(*block) >> (hash >> 48 & 63) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, NO_PHRASE, Slot, Table};

    #[test]
    fn every_key_has_its_phrases_and_no_other_key_has_any() {
        // Keys that all fall on the last slots, so that the search wraps around.
        let key = |n: u32| u64::MAX - u64::from(n);
        let mut table = Table::with_room(160);
        (0..60).for_each(|n| table.add_length(key(n), 3 + n as usize % 5));
        (0..100).for_each(|n| table.add_phrase(key(n / 2), Slot::of(n, 1, Bounds::NOTHING)));
        for n in 0..50 {
            let mut phrases: Vec<u32> = table.get(key(n)).map(|slot| slot.phrase).collect();
            phrases.sort_unstable();
            assert_eq!(phrases, [2 * n, 2 * n + 1]);
            assert_eq!(table.get(key(n)).fold(0, |all, slot| all | slot.lengths()), 1 << (n % 5));
        }
        assert!(table.get(key(55)).all(|slot| slot.phrase == NO_PHRASE && slot.lengths() == 1));
        assert!(table.get(key(60)).next().is_none() && table.get(0).next().is_none());
        assert!(Table::default().get(7).next().is_none());
    }
}
