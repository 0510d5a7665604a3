//! The rules by which it is told whom a message is about, and their points, read from `whom.tsv`.
//!
//! A rule is a sign in the grammar of a message: what it is, is code; what it is worth, is data.

use crate::error::{Error, ErrorKind, Result};
use crate::finding::Disclosure;

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

const COUNT: usize = PLACES.len() * KINDS.len() + SIGNS.len();

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
        let (number, persons) = (usize::from(self.0), PLACES.len() * KINDS.len());
        match number.checked_sub(persons) {
            Some(sign) => SIGNS[sign].to_owned(),
            None => format!("{}: {}", PLACES[number / KINDS.len()], KINDS[number % KINDS.len()]),
        }
    }

    fn all() -> impl Iterator<Item = Rule> {
        (0..COUNT as u8).map(Rule)
    }
}

impl From<Sign> for Rule {
    fn from(sign: Sign) -> Rule {
        Rule((PLACES.len() * KINDS.len() + sign as usize) as u8)
    }
}

/// How far each rule holds: mostly 0 or 1; for what is said of pieces of evidence, the share of them.
#[derive(Debug, Clone)]
pub struct Tally([f32; COUNT]);

impl Default for Tally {
    fn default() -> Tally {
        Tally([0.0; COUNT])
    }
}

impl Tally {
    /// Adds to a rule.
    pub fn add(&mut self, rule: impl Into<Rule>, amount: f32) {
        self.0[usize::from(rule.into().0)] += amount;
    }

    /// Says that a rule holds.
    pub fn set(&mut self, rule: impl Into<Rule>, holds: bool) {
        self.0[usize::from(rule.into().0)] = f32::from(u8::from(holds));
    }

    /// The points of the writer, of others and of nobody.
    pub fn sums(&self, points: &Points) -> [f32; 3] {
        let mut sums = [0.0; 3];
        for (amount, worth) in self.0.iter().zip(&points.0) {
            sums.iter_mut().zip(worth).for_each(|(sum, worth)| *sum += amount * worth);
        }
        sums
    }

    /// The answer with the most points; in a draw the writer before others, others before nobody.
    pub fn answer(&self, points: &Points) -> Disclosure {
        let [own, others, nobody] = self.sums(points);
        if own >= others && own >= nobody {
            Disclosure::Oneself
        } else if others >= nobody {
            Disclosure::Another
        } else {
            Disclosure::Topic
        }
    }

    /// The rules that hold, with the lead that each gives the answer over the better of the two others; the greatest first.
    pub fn reasons(&self, points: &Points) -> Vec<(Rule, f32)> {
        let (sums, answer) = (self.sums(points), self.answer(points) as usize);
        let rival = (0..3).filter(|other| *other != answer).max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(0);
        let lead = |rule: Rule| {
            let (amount, worth) = (self.0[usize::from(rule.0)], points.0[usize::from(rule.0)]);
            (rule, amount * (worth[answer] - worth[rival]))
        };
        let mut reasons: Vec<(Rule, f32)> = Rule::all().map(lead).filter(|(_, lead)| lead.abs() >= 0.05).collect();
        reasons.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
        reasons
    }
}

/// The points of every rule: for the writer, for others, for nobody in particular.
#[derive(Debug, Clone)]
pub struct Points([[f32; 3]; COUNT]);

impl Points {
    /// Reads `whom.tsv`: a header, then a rule a line with its points. A rule that is not listed is worth nothing.
    pub fn parse(text: &str) -> Result<Points> {
        let mut points = Points([[0.0; 3]; COUNT]);
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        for (number, line) in lines.skip(1) {
            let bad = |what: &str| Error::new(ErrorKind::Data, what).at(format!("whom.tsv:{number}"));
            let mut cells = line.split('\t');
            let name = cells.next().unwrap_or_default();
            let rule = Rule::all().find(|rule| rule.name() == name).ok_or_else(|| bad("no such rule"))?;
            for worth in &mut points.0[usize::from(rule.0)] {
                let number = cells.next().and_then(|cell| cell.parse().ok()).filter(|number: &f32| number.is_finite());
                *worth = number.ok_or_else(|| bad("three numbers are needed"))?;
            }
        }
        Ok(points)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Points, Rule, Sign, Tally, Where};
    use crate::finding::Disclosure;

    #[test]
    fn the_answer_with_the_most_points_is_given_with_its_reasons() {
        let file = "# why\nrule\tself\tother\ttopic\tnote\nuser\t.5\t0\t0\ntouching: kin\t-1\t2\t-1\ttheirs\n";
        let points = Points::parse(file).unwrap();
        let mut tally = Tally::default();
        assert_eq!(tally.answer(&points), Disclosure::Oneself);
        tally.set(Sign::User, true);
        assert_eq!(tally.sums(&points), [0.5, 0.0, 0.0]);
        tally.add(Rule::person(Where::Touching, Kind::Kin), 0.5);
        assert_eq!(tally.answer(&points), Disclosure::Another);
        let reasons: Vec<String> = tally.reasons(&points).into_iter().map(|(rule, _)| rule.name()).collect();
        assert_eq!(reasons, ["touching: kin", "user"]);
    }

    #[test]
    fn a_wrong_file_is_refused() {
        for wrong in ["rule\tself\nno such\t1\t2\t3", "rule\tself\nuser\t1\t2", "rule\tself\nuser\t1\tNaN\t3"] {
            let error = Points::parse(wrong).expect_err("wrong").to_string();
            assert!(error.contains("whom.tsv:2"), "{error}");
        }
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::HashSet<String> = Rule::all().map(Rule::name).collect();
        assert_eq!(names.len(), super::COUNT);
        assert_eq!(Rule::from(Sign::AssistantThirdPerson).name(), "assistant: third person");
        assert_eq!(Rule::person(Where::Mentioned, Kind::Role).name(), "mentioned: role");
    }
}
