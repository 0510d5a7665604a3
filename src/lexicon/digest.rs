//! The SHA-256 of a lexicon, by which a manifest tells what a run rested on.

use sha2::{Digest, Sha256};

/// Of the common files, by name, then of all packs' files, by language and in loading order.
pub(crate) fn of<'t>(files: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut sha = Sha256::new();
    for (name, text) in files {
        sha.update(name.as_bytes());
        sha.update(text.as_bytes());
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
