//! The rules by which it is told whom a message is about, and their points, read from `whom.tsv`.
//!
//! A rule is a sign in the grammar of a message: what it is, is code; what it is worth, is data.

use super::pattern::WordClass;
pub use super::points::{Points, Tally};

/// A kind of person who is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// I, my, we.
    Writer,
    /// My sister, Mum, our Leanne.
    Kin,
    /// People who say of the writer what they are: in orientation one's husband, in ethnicity one's grandmother.
    OwnPeople,
    /// He, her, the lady, somebody.
    Third,
    /// A first name.
    Name,
    /// Whom the category brings with it and who is not meant: in health one's doctor.
    Attendant,
    /// A person by their place in life, no "my" before it: a colleague, the landlord.
    Role,
}

/// How the kinds are called in the names of rules.
const KINDS: [&str; 7] = ["writer", "kin", "own people", "third person", "name", "attendant", "role"];

/// Where somebody is mentioned. One rule for each kind of person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Nearest to the evidence, and part of it.
    Inside,
    /// Nearest, right before it.
    Touching,
    /// Nearest, two or three words before it.
    Close,
    /// Nearest, farther before it in the sentence.
    Before,
    /// Nearest, behind it in the sentence.
    Behind,
    /// Nearest, two sentences away at most.
    Around,
    /// Nearest, eight sentences away at most.
    Far,
    /// First in the clause that holds the evidence.
    OpensClause,
    /// First in the message.
    OpensMessage,
    /// Anywhere.
    Mentioned,
}

const PLACES: [&str; 10] = [
    "inside",
    "touching",
    "close",
    "before",
    "behind",
    "around",
    "far",
    "clause opens with",
    "message opens with",
    "mentioned",
];

/// A sign that asks for no kind of person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // Each is what its name in `SIGNS` says.
pub enum Sign {
    User,
    NearestNobody,
    MentionedNobody,
    Implied,
    ImpliedNobody,
    EvidenceOpens,
    EvidenceOpensComma,
    General,
    GeneralWriter,
    GeneralOthers,
    GeneralNobody,
    GeneralLater,
    QuestionWord,
    QuestionWordWriter,
    QuestionWordOthers,
    QuestionWordNobody,
    QuestionMark,
    QuestionMarkNobody,
    Task,
    TaskWriter,
    TaskNobody,
    TaskTwice,
    Length,
    WordsFew,
    WordsFewNobody,
    WordsSome,
    WordsMany,
    WordsManyWriter,
    FirstPersons,
    FirstPersonOpens,
    FirstPersonLast,
    ThirdPersons,
    Assistant,
    AssistantYou,
    AssistantYouTwice,
    AssistantThirdPerson,
}

const SIGNS: [&str; 36] = [
    "user",
    "nearest: nobody",
    "mentioned: nobody",
    "implied",
    "implied, nobody named",
    "evidence opens the message",
    "evidence opens, comma",
    "general question",
    "general question, writer",
    "general question, others",
    "general question, nobody",
    "general question later",
    "question word",
    "question word, writer",
    "question word, others",
    "question word, nobody",
    "question mark",
    "question mark, nobody",
    "task",
    "task, writer",
    "task, nobody",
    "task twice",
    "length",
    "words: few",
    "words: few, nobody",
    "words: some",
    "words: many",
    "words: many, writer",
    "first persons",
    "first person opens",
    "first person in last sentence",
    "third persons",
    "assistant",
    "assistant: you",
    "assistant: you twice",
    "assistant: third person",
];

/// Rules that ask who stands where; behind them stand the signs, and how often each class of words occurs.
const OF_PERSONS: usize = PLACES.len() * KINDS.len();
const OF_CLASSES: usize = OF_PERSONS + SIGNS.len();
pub(super) const COUNT: usize = OF_CLASSES + WordClass::ALL.len();

/// A rule, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule(u8);

impl Rule {
    /// Somebody of this kind stands there.
    pub fn person(place: Where, kind: Kind) -> Rule {
        Rule((place as usize * KINDS.len() + kind as usize) as u8)
    }

    /// Its name in `whom.tsv`: `touching: kin`.
    pub fn name(self) -> String {
        match usize::from(self.0) {
            number @ ..OF_PERSONS => format!("{}: {}", PLACES[number / KINDS.len()], KINDS[number % KINDS.len()]),
            number @ OF_PERSONS..OF_CLASSES => SIGNS[number - OF_PERSONS].to_owned(),
            number => format!("so many: {}", WordClass::ALL[(number - OF_CLASSES) % WordClass::ALL.len()].name()),
        }
    }

    /// How often words of this class stand near the evidence.
    pub fn count(class: WordClass) -> Rule {
        Rule((OF_CLASSES + class as usize) as u8)
    }

    pub(super) fn place(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn all() -> impl Iterator<Item = Rule> {
        (0..COUNT as u8).map(Rule)
    }
}

impl From<Sign> for Rule {
    fn from(sign: Sign) -> Rule {
        Rule((OF_PERSONS + sign as usize) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Rule, Sign, Where, WordClass};

    #[test]
    fn names_are_unique() {
        let names: std::collections::HashSet<String> = Rule::all().map(Rule::name).collect();
        assert_eq!(names.len(), super::COUNT);
        assert_eq!(Rule::from(Sign::AssistantThirdPerson).name(), "assistant: third person");
        assert_eq!(Rule::person(Where::Mentioned, Kind::Role).name(), "mentioned: role");
        assert_eq!(Rule::count(WordClass::This).name(), "so many: this");
    }
}
