//! The screen: what a text can amount to at most, before anything in it is looked at closely.
//!
//! Most messages hold some phrase of the lexicon and yet come to no verdict. Deciding that exactly takes cues, masks and
//! overlaps; but all of these only ever take away. So the greatest weights of the phrases found are added up as if every
//! condition held, per channel (a category, a branch of topics, an intent, all proxies), and a layer none of whose channels
//! reaches its limit is not read at all. What the text's words say by themselves ([`super::words`]) is known before, and counts from
//! the start: most texts speak against most categories, so that few phrases come to anything.
//!
//! Law: a layer that is not read would have come to nothing. Weights are rounded up and limits down; a property test
//! compares screened and unscreened verdicts.

use super::matcher::Layer;
use super::words::Opinion;

/// Channels that there are at most; what has no channel of its own shares the last one, which always passes.
pub const CHANNELS: usize = 64;

/// The channel of what cannot be bounded: whoever adds to it is read in full.
pub const UNBOUNDED: u8 = CHANNELS as u8 - 1;

/// Words in half a passage: the sums of two halves that follow one another are those of a passage.
pub const HALF: usize = 60;

/// Steps a unit of log-odds: weights are kept in bytes.
const STEPS: f32 = 16.0;

/// So many steps less suffice, for rounding.
const HAIR: f32 = 0.01;

/// The greatest that a phrase can add to up to three channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    channels: [u8; 3],
    weights: [u8; 3],
}

impl Bounds {
    /// Adds to nothing.
    pub const NOTHING: Bounds = Bounds { channels: [0; 3], weights: [0; 3] };

    /// The bounds of a phrase whose entries add so much to so many channels; each channel occurs once.
    pub fn of(added: &[(u8, f32)]) -> Bounds {
        let mut bounds = Bounds::NOTHING;
        let positive: Vec<(u8, f32)> = added.iter().copied().filter(|(_, weight)| *weight > 0.0).collect();
        if positive.len() > bounds.channels.len() || positive.iter().any(|(_, weight)| weight * STEPS > 255.0) {
            return Bounds { channels: [UNBOUNDED, 0, 0], weights: [1, 0, 0] };
        }
        for (place, (channel, weight)) in positive.into_iter().enumerate() {
            bounds.channels[place] = channel;
            bounds.weights[place] = (weight * STEPS).ceil() as u8;
        }
        bounds
    }

    #[inline(always)]
    pub(super) fn bytes(self) -> ([u8; 3], [u8; 3]) {
        (self.channels, self.weights)
    }

    #[inline(always)]
    pub(super) fn from_bytes(channels: [u8; 3], weights: [u8; 3]) -> Bounds {
        Bounds { channels, weights }
    }
}

/// What each channel must reach, and which layer must be read when it does.
#[derive(Debug, Clone)]
pub struct Limits {
    /// In steps; what is never reached is infinite.
    limits: [f32; CHANNELS],
    layers: [u8; CHANNELS],
    /// The channels that are added up over a passage, not over the whole text.
    passages: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let mut limits = Limits { limits: [f32::INFINITY; CHANNELS], layers: [0; CHANNELS], passages: 0 };
        (limits.limits[UNBOUNDED as usize], limits.layers[UNBOUNDED as usize]) = (0.0, u8::MAX);
        limits
    }
}

impl Limits {
    /// Has `layers` read when `channel` reaches `limit` over a whole text, or, if `passage`, over one passage.
    pub fn set(&mut self, channel: u8, limit: f32, layers: &[Layer], passage: bool) {
        let place = usize::from(channel);
        self.limits[place] = (limit * STEPS).floor();
        self.layers[place] = layers.iter().fold(0, |bits, layer| bits | 1 << *layer as u8);
        self.passages |= u64::from(passage) << channel;
    }
}

/// Sums while a text is read, half a passage at a time.
#[derive(Debug, Clone)]
pub struct Screen {
    now: [u16; CHANNELS],
    before: [u16; CHANNELS],
    whole: [u16; CHANNELS],
    touched_now: u64,
    touched_before: u64,
    touched: u64,
    layers: u8,
    /// What each channel must still reach by phrases, in steps.
    needed: [f32; CHANNELS],
}

impl Default for Screen {
    fn default() -> Self {
        let none = [0; CHANNELS];
        let needed = [f32::INFINITY; CHANNELS];
        Screen {
            now: none,
            before: none,
            whole: none,
            touched_now: 0,
            touched_before: 0,
            touched: 0,
            layers: 0,
            needed,
        }
    }
}

impl Screen {
    /// Begins a text of which the words say so much by themselves.
    pub fn begin(&mut self, limits: &Limits, opinion: &Opinion) {
        let mut layers = 0;
        // One straight loop over all channels: it becomes a few instructions on many numbers at once.
        for (channel, needed) in self.needed.iter_mut().enumerate() {
            let said = opinion.channels()[channel];
            // A hair less, because the sums that are compared later are rounded otherwise.
            *needed = limits.limits[channel] - said * STEPS - HAIR;
            let alone = (said > 0.0) & (*needed <= 0.0);
            layers |= if alone { limits.layers[channel] } else { 0 };
        }
        self.layers = layers;
    }

    /// Adds the bounds of a phrase found.
    #[inline(always)]
    pub fn add(&mut self, bounds: Bounds) {
        for (channel, weight) in bounds.channels.into_iter().zip(bounds.weights) {
            // What is added stands first: cues add nothing, most phrases to one channel.
            if weight == 0 {
                break;
            }
            let place = usize::from(channel) % CHANNELS;
            self.now[place] = self.now[place].saturating_add(u16::from(weight));
            self.touched_now |= 1 << place;
        }
    }

    /// Ends half a passage: what stands in it and in the half before it may be one passage.
    pub fn end_half(&mut self, limits: &Limits) {
        let both = self.touched_now | self.touched_before;
        for place in bits(both) {
            let sum = self.now[place].saturating_add(self.before[place]);
            if limits.passages >> place & 1 == 1 {
                self.layers |= if f32::from(sum) >= self.needed[place] { limits.layers[place] } else { 0 };
            }
            self.whole[place] = self.whole[place].saturating_add(self.now[place]);
            self.before[place] = std::mem::take(&mut self.now[place]);
        }
        (self.touched_before, self.touched_now) = (self.touched_now, 0);
        self.touched |= both;
    }

    /// The layers to be read, one bit each; forgets everything for the next text.
    pub fn finish(&mut self, limits: &Limits) -> u8 {
        for place in bits(self.touched) {
            if limits.passages >> place & 1 == 0 && f32::from(self.whole[place]) >= self.needed[place] {
                self.layers |= limits.layers[place];
            }
            self.whole[place] = 0;
            self.before[place] = 0;
        }
        (self.touched, self.touched_before) = (0, 0);
        std::mem::take(&mut self.layers)
    }
}

/// The places of the bits of a mask, in order.
fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (place < CHANNELS).then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Limits, Opinion, Screen};
    use crate::lexicon::matcher::Layer;

    fn layers(halves: &[&[(u8, f32)]]) -> u8 {
        let mut limits = Limits::default();
        limits.set(0, 4.0, &[Layer::Sensitive], true);
        limits.set(1, 3.0, &[Layer::Topics, Layer::Intent], false);
        let mut screen = Screen::default();
        screen.begin(&limits, &Opinion::default());
        for half in halves {
            half.iter().for_each(|added| screen.add(Bounds::of(&[*added])));
            screen.end_half(&limits);
        }
        let first = screen.finish(&limits);
        assert_eq!(screen.finish(&limits), 0, "nothing stays for the next text");
        first
    }

    #[test]
    fn a_layer_is_read_when_its_channel_may_reach_the_limit() {
        assert_eq!(layers(&[&[(0, 2.0), (0, 1.99)]]), 1, "rounded up");
        assert_eq!(layers(&[&[(0, 2.0), (0, 1.9)]]), 0);
        assert_eq!(layers(&[&[(0, 2.0)], &[(0, 2.0)]]), 1, "a passage may span two halves");
        assert_eq!(layers(&[&[(0, 2.0)], &[], &[(0, 2.0)]]), 0, "but not three");
        assert_eq!(layers(&[&[(1, 2.0)], &[], &[(1, 1.0)]]), 0b110, "topics add up over the whole text");
        assert_eq!(layers(&[&[(0, -9.0)]]), 0, "evidence against counts for nothing");
    }

    #[test]
    fn what_cannot_be_bounded_is_read() {
        let mut screen = Screen::default();
        screen.begin(&Limits::default(), &Opinion::default());
        screen.add(Bounds::of(&[(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)]));
        screen.end_half(&Limits::default());
        assert_eq!(screen.finish(&Limits::default()), u8::MAX);
    }
}
