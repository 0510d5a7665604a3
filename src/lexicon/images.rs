//! The packs that the build script has compiled.

/// Bytes that begin at a line of the cache.
#[repr(align(64))]
struct Aligned<B: ?Sized>(B);

macro_rules! images {
    ($($tag:literal),*) => {
        /// The image of a language's built-in pack.
        pub(super) fn of(tag: &str) -> Option<&'static [u8]> {
            match tag {
                $($tag => {
                    static IMAGE: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/", $tag, ".pack")));
                    Some(&IMAGE.0)
                })*
                _ => None,
            }
        }
    };
}

images!("de", "en", "es", "fr", "it", "pt");

/// The digest of all files that are part of the program.
pub(super) const SHA256: &str = include_str!(concat!(env!("OUT_DIR"), "/lexicon.sha256"));
