//! The words that tell whom a message is about; all from the groups of `pack.toml`.

use std::collections::BTreeMap;

use super::cue::{CueSet, Cues};
use crate::text::Text;

/// The words that tell whom a message is about; all from the groups of `pack.toml`.
#[derive(Debug, Clone, Copy)]
pub struct Grammar {
    /// I, me, my, we, our …
    pub first: CueSet,
    /// my, our: what follows belongs to the writer.
    pub possessive: CueSet,
    /// mother, husband, boss, friend: people one speaks of, after a possessive.
    pub kin: CueSet,
    /// mum, papa: kin even without a possessive.
    pub kin_name: CueSet,
    /// parents and grandparents: what they are by origin, the writer is.
    pub forebear: CueSet,
    /// husband, wife, girlfriend …: whom one loves tells whom one loves.
    pub partner: CueSet,
    /// son, daughter …
    pub child: CueSet,
    /// A first person that is not said: "can't sleep again", "living with", "as a".
    pub implied: CueSet,
    /// he, she, they, his, her, a friend of mine …
    pub they: CueSet,
    /// you, your: whom an assistant speaks to.
    pub you: CueSet,
    /// help me, tell me, I'm writing an essay: first persons that own nothing of what follows.
    pub request: CueSet,
    /// and, what about, does it …: at its head, what points back to what was said before.
    pub follow_up: CueSet,
    /// dentist, bishop, goalkeeper: further people one speaks of; in no condition of an entry.
    pub people: CueSet,
    /// Further first persons; in no condition of an entry.
    pub firsts: CueSet,
    /// the lady, Mrs, one of my: further words for them.
    pub others: CueSet,
    /// First names, which need a capital.
    pub name: CueSet,
    /// Whom illness brings with it.
    pub carers: CueSet,
    /// Whom faith brings with it.
    pub clergy: CueSet,
    /// Whom work brings with it.
    pub employers: CueSet,
    /// Whom politics brings with it.
    pub officials: CueSet,
    /// what is, why do, write an essay: asks what anybody might ask.
    pub general: CueSet,
    /// essay, museum, protagonist: what is being worked on.
    pub task: CueSet,
}

impl Grammar {
    /// Names the groups. They are the first that are named, so their numbers are the same in every pack.
    pub(super) fn of(cues: &mut Cues) -> Result<Grammar, String> {
        // A group that nobody defines is empty.
        let mut group = |name: &str| cues.group(name, &[]);
        Ok(Grammar {
            first: group("first")?,
            possessive: group("possessive")?,
            kin: group("kin")?,
            kin_name: group("kin_name")?,
            forebear: group("forebear")?,
            partner: group("partner")?,
            child: group("child")?,
            implied: group("implied")?,
            they: group("they")?,
            you: group("you")?,
            request: group("request")?,
            follow_up: group("follow_up")?,
            people: group("people")?,
            firsts: group("firsts")?,
            others: group("others")?,
            name: group("name")?,
            carers: group("carers")?,
            clergy: group("clergy")?,
            employers: group("employers")?,
            officials: group("officials")?,
            general: group("general")?,
            task: group("task")?,
        })
    }
}

/// What a word is in the patterns of `whom.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // Each is what its name in `CLASSES` says.
pub enum WordClass {
    Word,
    Start,
    Evidence,
    First,
    Mine,
    Kin,
    Own,
    Third,
    Role,
    Name,
    Capital,
    Acronym,
    Year,
    Number,
    The,
    Some,
    Is,
    Has,
    Am,
    Of,
    Not,
    And,
    What,
    You,
    Write,
    This,
}

impl WordClass {
    /// All of them.
    pub const ALL: [WordClass; 26] = {
        use WordClass::*;
        [
            Word, Start, Evidence, First, Mine, Kin, Own, Third, Role, Name, Capital, Acronym, Year, Number, The, Some,
            Is, Has, Am, Of, Not, And, What, You, Write, This,
        ]
    };

    /// How it is called in patterns; those from `the` on are groups of `pack.toml`, behind `word_`.
    pub fn name(self) -> &'static str {
        CLASSES[self as usize]
    }

    /// The class of a name.
    pub fn find(name: &str) -> Option<WordClass> {
        WordClass::ALL.into_iter().find(|class| class.name() == name)
    }
}

const CLASSES: [&str; WordClass::ALL.len()] = [
    "word", "start", "evidence", "i", "my", "kin", "own", "he", "role", "name", "capital", "acronym", "year", "number",
    "the", "a", "is", "has", "am", "of", "not", "and", "what", "you", "write", "this",
];

/// The groups of words of a class: `word_the`, `word_is`.
const OF_CLASS: &str = "word_";

/// The group whose words ask a question when they stand first.
const QUESTIONS: &str = "question";

/// The groups that tell verbs of the first person by their ending.
const ENDINGS: &str = "first_ending";
const NO_VERBS: &str = "not_first";

/// The groups that tell persons by their ending: "Fußballtrainerin", "scoutmaster".
const PERSON_ENDINGS: &str = "person_ending";
const NO_PERSONS: &str = "not_person";

/// A verb that is told by its ending has at least so many bytes: "sei", "qué" are too short to tell.
const SHORTEST_VERB: usize = 5;

/// A word that is told to be a person by its ending is longer than the ending by so many bytes at least.
const LEAST_STEM: usize = 3;

/// Groups that are no cues: "is" and "what" stand in every other message, and endings are no words.
#[derive(Debug, Default)]
pub struct Wording {
    /// Hashes of the words that ask a question.
    questions: Vec<u64>,
    /// How verbs end that have the writer for their subject, where the language leaves the pronoun out.
    endings: Endings,
    /// Words that end so and are no such verbs.
    no_verbs: Vec<String>,
    /// How words for persons end.
    person_endings: Endings,
    /// Words that end so and are no persons.
    no_persons: Vec<String>,
    /// Hashes of articles, prepositions …, with their classes, in order.
    classes: Vec<(u64, WordClass)>,
}

/// How words end.
#[derive(Debug, Default)]
struct Endings {
    list: Vec<String>,
    /// One bit for each byte that is the last one of an ending: it tells most words at once.
    last: [u64; 4],
}

impl Endings {
    fn of(endings: &[String]) -> Endings {
        let mut last = [0; 4];
        for byte in endings.iter().filter_map(|ending| ending.bytes().last()) {
            last[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        Endings { list: endings.to_vec(), last }
    }

    /// Whether a word ends so, behind `stem` bytes at least.
    fn end(&self, word: &str, stem: usize) -> bool {
        let ends = |ending: &String| word.len() >= ending.len() + stem && word.ends_with(ending.as_str());
        let known = word.bytes().last().is_some_and(|byte| self.last[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1);
        known && self.list.iter().any(ends)
    }
}

impl Wording {
    /// Those among the groups of a `pack.toml`.
    pub(super) fn of(groups: &BTreeMap<String, Vec<String>>) -> Wording {
        let mut wording = Wording::default();
        for (name, members) in groups {
            wording.take(name, members);
        }
        wording.classes.sort_by_key(|(word, _)| *word);
        wording
    }

    /// Whether a group is one of these, and no cues.
    pub(super) fn has(name: &str) -> bool {
        [QUESTIONS, ENDINGS, NO_VERBS, PERSON_ENDINGS, NO_PERSONS].contains(&name) || name.starts_with(OF_CLASS)
    }

    /// Takes in a group, if it is one of these.
    fn take(&mut self, name: &str, members: &[String]) -> bool {
        match name {
            QUESTIONS => self.questions = members.iter().flat_map(|word| hashes(word)).collect(),
            ENDINGS => self.endings = Endings::of(members),
            NO_VERBS => self.no_verbs = members.to_vec(),
            PERSON_ENDINGS => self.person_endings = Endings::of(members),
            NO_PERSONS => self.no_persons = members.to_vec(),
            _ => match name.strip_prefix(OF_CLASS).and_then(WordClass::find) {
                Some(class) => {
                    let words = members.iter().flat_map(|word| hashes(word));
                    self.classes.extend(words.map(|word| (word, class)));
                }
                None => return false,
            },
        }
        true
    }

    /// Whether a word in lower case, accents kept, is a verb that has the writer for its subject, by its ending.
    pub fn is_first_person(&self, word: &str) -> bool {
        word.len() >= SHORTEST_VERB && self.endings.end(word, 0) && !self.no_verbs.iter().any(|other| other == word)
    }

    /// Whether a word in lower case, accents kept, is a person by its ending.
    pub fn is_person(&self, word: &str) -> bool {
        self.person_endings.end(word, LEAST_STEM) && !self.no_persons.iter().any(|other| other == word)
    }

    /// Whether a word, by its hash, asks a question when it stands first.
    pub fn asks(&self, word: u64) -> bool {
        self.questions.contains(&word)
    }
}

impl Wording {
    /// The class of a word that is told by itself, by its hash: an article, a preposition, "is".
    pub fn class(&self, word: u64) -> Option<WordClass> {
        let found = self.classes.binary_search_by_key(&word, |(known, _)| *known).ok()?;
        self.classes.get(found).map(|(_, class)| *class)
    }
}

fn hashes(word: &str) -> Vec<u64> {
    Text::of(word).tokens().iter().map(|token| token.hash).collect()
}

#[cfg(test)]
mod tests {
    use super::{Wording, hashes};

    #[test]
    fn persons_are_told_by_their_ending() {
        let mut wording = Wording::default();
        assert!(wording.take("person_ending", &["man".into()]) && wording.take("not_person", &["roman".into()]));
        assert!(wording.is_person("dustman"));
        assert!(!wording.is_person("roman") && !wording.is_person("woman") && !wording.is_person("manner"));
        assert!(wording.take("word_is", &["IS".into()]) && !wording.take("word_was", &["was".into()]));
        assert_eq!(wording.class(hashes("is")[0]), Some(super::WordClass::Is));
        assert_eq!(wording.class(hashes("was")[0]), None);
    }

    #[test]
    fn verbs_of_the_first_person_are_told_by_their_ending() {
        let mut wording = Wording::default();
        assert!(wording.take("first_ending", &["ei".into()]) && wording.take("not_first", &["grei".into()]));
        assert!(wording.take("question", &["Qué".into()]) && !wording.take("kin", &["tia".into()]));
        assert!(wording.is_first_person("comprei"));
        for other in ["comprou", "sei", "grei"] {
            assert!(!wording.is_first_person(other), "{other}");
        }
        assert!(wording.asks(hashes("que")[0]) && !wording.asks(hashes("comprei")[0]));
    }
}
