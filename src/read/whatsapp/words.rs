//! The app's own words, by their kind, from `words.txt`: they are data, and every translation is a line of it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

type Kinds = HashMap<&'static str, Vec<&'static str>>;

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let mut kinds = Kinds::new();
    let mut kind = "";
    for line in include_str!("words.txt").lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('[') {
            Some(head) => kind = head.split(':').next().unwrap_or_default(),
            None if line.starts_with('#') => {}
            None => kinds.entry(kind).or_default().push(line),
        }
    }
    kinds
});

static SETS: LazyLock<HashMap<&'static str, HashSet<&'static str>>> =
    LazyLock::new(|| KINDS.iter().map(|(kind, words)| (*kind, words.iter().copied().collect())).collect());

/// The words of a kind.
pub(crate) fn all(kind: &str) -> &'static [&'static str] {
    KINDS.get(kind).map_or(&[], Vec::as_slice)
}

/// Whether a text is one of a kind's words.
pub(crate) fn is(kind: &str, text: &str) -> bool {
    SETS.get(kind).is_some_and(|words| words.contains(text))
}

#[cfg(test)]
mod tests {
    use super::{SETS, all};

    #[test]
    fn every_kind_is_there_and_no_word_stands_twice() {
        let kinds = [
            "media",
            "things",
            "omitted",
            "attached",
            "labels",
            "deleted",
            "deleted by",
            "edited",
            "notices",
            "am",
            "pm",
        ];
        assert_eq!(SETS.len(), kinds.len());
        for kind in kinds {
            assert!(!all(kind).is_empty(), "{kind}");
            assert_eq!(all(kind).len(), SETS[kind].len(), "{kind}");
            assert!(all(kind).iter().all(|word| word.to_lowercase() == *word), "{kind}");
        }
    }
}
