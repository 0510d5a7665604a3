//! What classes of words stand at the head of a message, around its evidence and at its end: "my kin is a".

use super::{Case, Place};
use crate::lexicon::cue::CueSet;
use crate::lexicon::pattern::{LONGEST, Part, Pattern, WordClass};
use crate::lexicon::whom::{Rule, Tally};
use crate::text::Shape;

/// So many words of a class say no more than fewer; they count in units of the second number.
const MANY: usize = 4;
const UNIT: f32 = 2.0;

impl Case<'_> {
    /// The patterns around the evidence, how often each class of words stands near it, and the words themselves.
    pub(super) fn of_patterns(&self, places: &[Place], tally: &mut Tally) {
        let tokens = self.text.tokens();
        let (from, to) = self.window(places);
        let classes: Vec<WordClass> = (from..to).map(|at| self.class(at)).collect();
        let mut counts = [0; WordClass::ALL.len()];
        classes.iter().for_each(|class| counts[*class as usize] += 1);
        for (class, count) in WordClass::ALL.into_iter().zip(counts) {
            tally.add(Rule::count(class), count.min(MANY) as f32 / UNIT);
        }
        tally.set_words(&self.pack.header().tag, tokens[from..to].iter().map(|token| token.hash));
        let class = |at: usize| {
            let inside = places.iter().any(|place| (place.start..place.end).contains(&at));
            if inside {
                return WordClass::Evidence;
            }
            let near = at.checked_sub(from).and_then(|place| classes.get(place));
            near.copied().unwrap_or_else(|| self.class(at))
        };
        let mut words = [WordClass::Start; LONGEST];
        for length in 1..=LONGEST.min(tokens.len()) {
            words[length - 1] = class(length - 1);
            tally.add_pattern(Pattern::of(Part::Head, &words[..length]));
        }
        for place in places {
            self.before(place, class, tally);
            for length in 1..=2.min(tokens.len() - place.end) {
                words[length - 1] = class(place.end + length - 1);
                tally.add_pattern(Pattern::of(Part::After, &words[..length]));
            }
        }
        for length in 1..=2.min(tokens.len()) {
            words[2 - length] = class(tokens.len() - length);
            tally.add_pattern(Pattern::of(Part::End, &words[2 - length..2]));
        }
    }

    /// The patterns before a piece of evidence; the head of its sentence is a word of them.
    fn before(&self, place: &Place, class: impl Fn(usize) -> WordClass, tally: &mut Tally) {
        let mut words = [WordClass::Start; LONGEST];
        for length in 1..=LONGEST {
            let opens = place.start + 1 < length || self.opens_sentence(place.start + 1 - length);
            let word = if opens { WordClass::Start } else { class(place.start - length) };
            words[LONGEST - length] = word;
            tally.add_pattern(Pattern::of(Part::Before, &words[LONGEST - length..]));
            if opens {
                break;
            }
        }
    }

    /// What a word is.
    fn class(&self, at: usize) -> WordClass {
        let grammar = &self.pack.grammar;
        let token = &self.text.tokens()[at];
        let sets = self.cues.of_word(at);
        let is = |set: CueSet| sets & set.bit() != 0;
        let is_role = [grammar.people, grammar.carers, grammar.clergy, grammar.employers, grammar.officials];
        if is(grammar.possessive) {
            WordClass::Mine
        } else if is(grammar.first) || is(grammar.firsts) {
            WordClass::First
        } else if is(grammar.they) || is(grammar.others) {
            WordClass::Third
        } else if self.own_people().is_some_and(is) {
            WordClass::Own
        } else if is(grammar.kin) || is(grammar.kin_name) {
            WordClass::Kin
        } else if let Some(class) = self.pack.wording().class(token.hash) {
            class
        } else if is_role.into_iter().any(is) || self.is_person_by_ending(at) {
            WordClass::Role
        } else {
            self.class_by_shape(at, is(grammar.name))
        }
    }

    /// Years and numbers; names, other words with a capital; verbs of the first person, by their ending.
    fn class_by_shape(&self, at: usize, is_name: bool) -> WordClass {
        let token = &self.text.tokens()[at];
        let capital = matches!(token.shape, Shape::Title | Shape::Upper);
        if token.shape == Shape::Number {
            let word = self.text.folded_bytes(token);
            if word.len() == 4 && matches!(word[0], b'1' | b'2') { WordClass::Year } else { WordClass::Number }
        } else if capital && is_name {
            WordClass::Name
        } else if token.shape == Shape::Upper {
            WordClass::Acronym
        } else if capital && !self.opens_sentence(at) {
            WordClass::Capital
        } else if self.pack.wording().is_first_person(self.text.lower(token)) {
            WordClass::First
        } else {
            WordClass::Word
        }
    }
}
