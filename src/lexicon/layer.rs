//! What a phrase is used for: the layers that it is in, and cues. A byte tells all of it.

/// Which matches compete for the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The policy's categories, masks and genres.
    Sensitive = 0,
    /// Ad topics.
    Topics = 1,
    /// Commercial intent.
    Intent = 2,
    /// Categories that are on no list of the policy, and masks.
    Unlisted = 3,
    /// Proxies: what gives a category away without stating it.
    Proxies = 4,
}

impl Layer {
    /// Whether a match takes the words from shorter ones in it. Intents are told by many small signs, of which none replaces
    /// another.
    pub fn hides(self) -> bool {
        self != Layer::Intent
    }
}

/// Every layer, in the order in which matches at one place are told.
pub const LAYERS: [Layer; 5] = [Layer::Sensitive, Layer::Topics, Layer::Intent, Layer::Unlisted, Layer::Proxies];

/// The bits of all layers.
pub const ALL_LAYERS: u8 = (1 << LAYERS.len()) - 1;

/// Beside the bits of its layers: the phrase is a cue …
pub(super) const CUE: u8 = 1 << LAYERS.len();

/// … what it counts for depends on cues.
pub(super) const CONDITIONAL: u8 = CUE << 1;

/// … or it is misspelt: another word is meant.
pub(super) const RESPELLED: u8 = CONDITIONAL << 1;

/// The layers whose bits are set, in order.
pub(super) fn layers_of(uses: u8) -> impl Iterator<Item = Layer> {
    let mut left = uses & ALL_LAYERS;
    std::iter::from_fn(move || {
        let layer = LAYERS.get(left.trailing_zeros() as usize)?;
        left &= left.wrapping_sub(1);
        Some(*layer)
    })
}
