//! Patterns of the words at the head of a message, around the evidence and at its end: `words before: my kin is`.
//!
//! A pattern is one number, so that a message's patterns are looked up among those of `whom.tsv` without a string.

pub use super::grammar::WordClass;

/// Where a pattern stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first words of the message.
    Head,
    /// The words before a piece of evidence, in its sentence.
    Before,
    /// The words behind it.
    After,
    /// The last words of the message.
    End,
}

const PARTS: [(Part, &str); 4] = [
    (Part::Head, "first words"),
    (Part::Before, "words before"),
    (Part::After, "words behind"),
    (Part::End, "last words"),
];

/// Bits of one class, of all classes.
const CLASS: u32 = 5;
const CLASSES: u32 = LONGEST as u32 * CLASS;

/// The most words of a pattern.
pub const LONGEST: usize = 4;

/// Some classes of words in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(u32);

impl Pattern {
    /// The pattern of some words, four at most.
    pub fn of(part: Part, words: &[WordClass]) -> Pattern {
        let classes = words.iter().take(LONGEST).fold(0, |classes, class| classes << CLASS | (*class as u32 + 1));
        Pattern((part as u32) << CLASSES | classes)
    }

    /// As it is written in `whom.tsv`.
    pub fn name(self) -> String {
        let mut name = PARTS.get((self.0 >> CLASSES) as usize).map_or_else(String::new, |(_, name)| format!("{name}:"));
        for place in (0..LONGEST as u32).rev() {
            let class = (self.0 >> (place * CLASS) & ((1 << CLASS) - 1)) as usize;
            if let Some(class) = class.checked_sub(1).and_then(|class| WordClass::ALL.get(class)) {
                name.push(' ');
                name.push_str(class.name());
            }
        }
        name
    }

    /// The pattern of a name.
    pub fn find(name: &str) -> Option<Pattern> {
        let (part, words) = name.split_once(": ")?;
        let (part, _) = PARTS.into_iter().find(|(_, known)| *known == part)?;
        let words: Vec<WordClass> = words.split(' ').map(WordClass::find).collect::<Option<_>>()?;
        (words.len() <= LONGEST).then(|| Pattern::of(part, &words))
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Pattern, WordClass};

    #[test]
    fn a_pattern_has_a_name_and_is_found_by_it() {
        let classes = [WordClass::Mine, WordClass::Kin, WordClass::Is, WordClass::Some];
        let pattern = Pattern::of(Part::Before, &classes);
        assert_eq!(pattern.name(), "words before: my kin is a");
        assert_eq!(Pattern::find("words before: my kin is a"), Some(pattern));
        assert_ne!(Pattern::find("words before: kin is a"), Some(pattern));
        for wrong in
            ["words before: my kin is a word", "words before: uncle", "words beside: my", "before: kin", "user"]
        {
            assert_eq!(Pattern::find(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_class_has_a_name_of_its_own() {
        for class in WordClass::ALL {
            assert_eq!(WordClass::find(class.name()), Some(class));
        }
    }
}
