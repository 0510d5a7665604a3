//! Who is mentioned in a text, word by word.

use super::{Case, Place};
use crate::lexicon::cue::CueSet;
use crate::lexicon::whom::Kind;
use crate::taxonomy::{Attendants, OwnPeople};
use crate::text::Shape;

/// Between "my" and the person: "my much older sister".
const ADJECTIVES: usize = 3;

/// Somebody is mentioned in the words `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

impl Case<'_> {
    /// Everybody who is mentioned in the words `from..to`; requests are passed over.
    pub(super) fn persons(&self, places: &[Place], from: usize, to: usize) -> Vec<Person> {
        let mut persons: Vec<Person> = Vec::new();
        let mut at = from;
        while at < to {
            if let Some(length) = self.cues.at(self.pack.grammar.request, at, to) {
                at += length;
            } else if let Some((mut kind, length)) = self.person(places, at, to) {
                // "My daughter … her": a pronoun goes on about whoever was mentioned last.
                let last = persons.iter().rev().find(|person| person.kind != Kind::Writer);
                if kind == Kind::Third && length == 1 && last.is_some_and(|last| last.kind == Kind::OwnPeople) {
                    kind = Kind::OwnPeople;
                }
                persons.push(Person { start: at, end: at + length, kind });
                at += length;
            } else {
                at += 1;
            }
        }
        persons
    }

    /// The person at the word `at`, and the length of the mention in words.
    fn person(&self, places: &[Place], at: usize, to: usize) -> Option<(Kind, usize)> {
        let grammar = &self.pack.grammar;
        let relative = self.relative(places, at, to).map(|(kind, length)| (self.sided(kind, at, at + length), length));
        // "A friend" is more than a friend of whom nothing is said: the longer words win.
        let third = self.longest([grammar.they, grammar.others], at, to);
        match (relative, third) {
            (Some((Kind::Role, length)), Some(third)) if third >= length => Some((Kind::Third, third)),
            (Some(relative), _) => Some(relative),
            (None, Some(third)) => Some((Kind::Third, third)),
            (None, None) if self.is_name(places, at, to) => Some((Kind::Name, 1)),
            (None, None) => self.writer(at, to).map(|length| (Kind::Writer, length)),
        }
    }

    /// I, my, we; in languages that leave them out, verbs of the first person: "tengo", "comprei".
    pub(super) fn writer(&self, at: usize, to: usize) -> Option<usize> {
        let grammar = &self.pack.grammar;
        let said = self.longest([grammar.first, grammar.firsts], at, to);
        said.or_else(|| {
            let named = self.is_capital(at) && !self.opens_sentence(at);
            (!named && self.pack.wording().is_first_person(self.text.lower(&self.text.tokens()[at]))).then_some(1)
        })
    }

    /// "My … sister", "Mum", "our Leanne"; kin and roles without a possessive.
    fn relative(&self, places: &[Place], at: usize, to: usize) -> Option<(Kind, usize)> {
        let grammar = &self.pack.grammar;
        if let Some(length) = self.cues.at(grammar.kin_name, at, to) {
            return Some((Kind::Kin, length));
        }
        if let Some(possessive) = self.cues.at(grammar.possessive, at, to) {
            let sentence = self.text.tokens()[at].sentence;
            let owned = (at + possessive..to.min(at + possessive + ADJECTIVES))
                .take_while(|&place| self.text.tokens()[place].sentence == sentence)
                .find_map(|place| self.owned(place, to).map(|length| (Kind::Kin, place + length - at)));
            if owned.is_some() {
                return owned;
            }
        }
        let length = self.longest([grammar.kin, grammar.people], at, to);
        let length = length.or_else(|| self.is_person_by_ending(at).then_some(1))?;
        // Not where it is a part of the evidence or joined to it: "ex-Mormon here".
        if places.iter().any(|place| at < place.end && at + length + 1 > place.start) {
            return None;
        }
        // "Sister has been in hospital": at the head of a sentence people leave the possessive out.
        Some((if self.opens_sentence(at) { Kind::Kin } else { Kind::Role }, length))
    }

    /// Whoever may stand behind "my".
    fn owned(&self, at: usize, to: usize) -> Option<usize> {
        let grammar = &self.pack.grammar;
        self.longest([grammar.kin, grammar.people], at, to)
            .or_else(|| self.attendants().and_then(|set| self.cues.at(set, at, to)))
            .or_else(|| self.cues.at(grammar.name, at, to).filter(|_| self.is_capital(at)).map(|_| 1))
            .or_else(|| self.is_person_by_ending(at).then_some(1))
    }

    /// A person by the ending of the word: "Fußballtrainerin".
    pub(super) fn is_person_by_ending(&self, at: usize) -> bool {
        self.pack.wording().is_person(self.text.lower(&self.text.tokens()[at]))
    }

    /// In some categories some people are the writer, and some are not meant.
    fn sided(&self, kind: Kind, start: usize, end: usize) -> Kind {
        let holds = |set: CueSet| (start..end).any(|at| self.cues.at(set, at, end).is_some());
        if kind != Kind::Role && self.own_people().is_some_and(holds) {
            Kind::OwnPeople
        } else if self.attendants().is_some_and(holds) {
            Kind::Attendant
        } else {
            kind
        }
    }

    pub(super) fn own_people(&self) -> Option<CueSet> {
        self.speaker.own_people.map(|people| match people {
            OwnPeople::Forebear => self.pack.grammar.forebear,
            OwnPeople::Partner => self.pack.grammar.partner,
            OwnPeople::Child => self.pack.grammar.child,
        })
    }

    fn attendants(&self) -> Option<CueSet> {
        self.speaker.attendants.map(|attendants| match attendants {
            Attendants::Carers => self.pack.grammar.carers,
            Attendants::Clergy => self.pack.grammar.clergy,
            Attendants::Employers => self.pack.grammar.employers,
            Attendants::Officials => self.pack.grammar.officials,
        })
    }

    /// A first name that stands alone: "Alan Turing" is no friend of the writer's.
    fn is_name(&self, places: &[Place], at: usize, to: usize) -> bool {
        if self.cues.at(self.pack.grammar.name, at, to).is_none() || !self.is_capital(at) {
            return false;
        }
        let evidence = places.iter().any(|place| at < place.end && at + 1 > place.start);
        let behind_name = at > 0 && !self.opens_sentence(at - 1) && self.are_one_name(at - 1);
        !evidence && !behind_name && !self.are_one_name(at)
    }

    /// Whether the words at `first` and behind it are capital and parted by a space only.
    fn are_one_name(&self, first: usize) -> bool {
        let tokens = self.text.tokens();
        tokens.get(first + 1).is_some_and(|second| second.sentence == tokens[first].sentence)
            && self.is_capital(first)
            && self.is_capital(first + 1)
            && self.text.gap(first + 1) == " "
    }

    fn is_capital(&self, at: usize) -> bool {
        matches!(self.text.tokens()[at].shape, Shape::Title | Shape::Upper)
    }

    /// Whether the word is the first of its sentence.
    pub(super) fn opens_sentence(&self, at: usize) -> bool {
        let tokens = self.text.tokens();
        at == 0 || tokens[at - 1].sentence != tokens[at].sentence
    }

    /// The longest cue of two sets at a word.
    pub(super) fn longest(&self, sets: [CueSet; 2], at: usize, to: usize) -> Option<usize> {
        sets.into_iter().filter_map(|set| self.cues.at(set, at, to)).max()
    }
}
