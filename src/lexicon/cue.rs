//! Cues: the words that decide whether an ambiguous entry counts, and the grammar words that tell whom a message is about.
//!
//! There are three ways to find them, because three words of four are a cue to something, and few texts ask for any one of them:
//!
//! - the members of groups that conditions name, and cues of several words, are phrases of the pack's matcher, found with
//!   all others; their letters are compared only in a text in which something depends on them;
//! - a cue of one plain word is looked for by the condition that names it, when its phrase was found, among the words near by
//!   (members of groups are not: a group is one question, its members would be hundreds);
//! - groups that no condition names tell whom a message is about: they are looked for in messages on something sensitive alone.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Alternative, Asked, Condition, Conditions, Place, window};
use super::cue_word;
use super::image::{Flat, Reader, Writer, number, numbers};
use super::matcher::{Candidate, Matcher};
use super::phrase;
use super::screen::Bounds;
use crate::text::Text;

/// A set of cue words and phrases, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CueSet(u32);

/// A cue found in a text: the tokens `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CueHit {
    /// First token.
    pub start: u32,
    /// One past the last token.
    pub end: u32,
    set: CueSet,
}

/// The cues of one text, by start.
#[derive(Debug, Default, Clone)]
pub struct CueHits {
    hits: Vec<CueHit>,
    /// By token: how many hits start before it. Asking who stands near takes a question a token.
    before: Vec<u32>,
    /// One bit for the last digits of each set that occurs: most sets that are asked for do not.
    present: [u64; MARKS],
    /// One bit for the leading ones of each word's hash: most words that are asked for do not occur.
    words: [u64; MARKS],
    late: Vec<Candidate>,
}

/// Words of 64 bits for the sets that occur: of a thousand bits a message sets thirty.
pub(super) const MARKS: usize = 16;

/// All cue sets of a pack: the named groups, and single cues as sets of their own.
#[derive(Debug, Default)]
pub struct Cues {
    names: BTreeMap<String, CueSet>,
    /// Spellings and the sets that they belong to, until the matcher knows them.
    members: Vec<(String, CueSet)>,
    /// The sets that a condition names.
    asked: BTreeSet<CueSet>,
    /// The sets of the matcher's phrases.
    named: Members,
    /// Those of the other groups' members, which are phrases of a matcher of their own.
    unnamed: Members,
    late: Matcher,
}

/// By number of the phrase: the sets that it belongs to.
#[derive(Debug, Default)]
struct Members {
    /// Where they begin in `sets`.
    first: Flat<4>,
    sets: Flat<4>,
}

impl Cues {
    /// Adds members to the group `name` (without `@`).
    pub fn group(&mut self, name: &str, members: &[String]) -> Result<CueSet, String> {
        let set = self.named(&format!("@{name}"));
        members.iter().try_for_each(|member| self.add(set, member))?;
        Ok(set)
    }

    fn named(&mut self, name: &str) -> CueSet {
        let next = CueSet(self.names.len() as u32);
        *self.names.entry(name.to_owned()).or_insert(next)
    }

    fn add(&mut self, set: CueSet, cue: &str) -> Result<(), String> {
        if phrase::is_spelled(cue) {
            self.members.push((cue.to_owned(), set));
            return Ok(());
        }
        self.members.extend(phrase::compile(cue, "", &BTreeMap::new())?.into_iter().map(|spelled| (spelled, set)));
        Ok(())
    }

    /// Compiles a condition as written into `conditions` and says its number; groups must be known by now.
    pub fn condition(&mut self, written: &str, conditions: &mut Conditions) -> Result<u32, String> {
        let mut clauses = Vec::new();
        for clause in written.split('&') {
            let mut alternatives = Vec::new();
            for cue in clause.split('|').map(str::trim).filter(|c| !c.is_empty()) {
                let (place, rest) = match cue.as_bytes()[0] {
                    b'<' => (Place::Before, &cue[1..]),
                    b'>' => (Place::After, &cue[1..]),
                    b'=' => (Place::Message, &cue[1..]),
                    _ => (Place::Near, cue),
                };
                alternatives.push(Alternative { place, asked: self.asked_for(rest, conditions)? });
            }
            if alternatives.is_empty() {
                return Err(format!("empty condition in `{written}`"));
            }
            clauses.push(alternatives);
        }
        Ok(conditions.add(&clauses))
    }

    /// What a cue of a condition asks for.
    fn asked_for(&mut self, cue: &str, conditions: &mut Conditions) -> Result<Asked, String> {
        let set = match self.names.get(cue) {
            Some(known) => *known,
            None if cue.starts_with('@') => return Err(format!("no cue group `{cue}`")),
            None => {
                let spelled = phrase::compile(cue, "", &BTreeMap::new())?;
                if let [word] = spelled.as_slice()
                    && !word.contains([' ', '#', '*'])
                    && let Some(word) = conditions.words.add(word)
                {
                    return Ok(Asked::Word(word));
                }
                let set = self.named(cue);
                self.members.extend(spelled.into_iter().map(|spelled| (spelled, set)));
                set
            }
        };
        self.asked.insert(set);
        Ok(Asked::Set(set))
    }

    /// Adds the cues to the matcher; call once, when it knows all other phrases and before its tables are built.
    pub fn finish(&mut self, matcher: &mut Matcher) {
        let (named, mut unnamed): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.members).into_iter().partition(|(_, set)| self.asked.contains(set));
        // Only groups of grammar are asked for beside the conditions.
        unnamed.retain(|(_, set)| set.bit() != 0);
        self.named = Members::of(named, matcher);
        self.unnamed = Members::of(unnamed, &mut self.late);
        self.late.finish(|_| Bounds::NOTHING);
        self.asked.clear();
    }

    pub(super) fn write(&self, image: &mut Writer) {
        self.named.write(image);
        self.unnamed.write(image);
        self.late.write(image);
    }

    pub(super) fn read(image: &mut Reader) -> Option<Cues> {
        let (named, unnamed) = (Members::read(image)?, Members::read(image)?);
        Some(Cues { named, unnamed, late: Matcher::read(image)?, ..Cues::default() })
    }

    /// Finds the cues of a text that conditions ask for, among the candidates of its matcher.
    pub fn find(&self, matcher: &Matcher, text: &Text, candidates: &[Candidate], hits: &mut CueHits) {
        hits.hits.clear();
        hits.present = [0; MARKS];
        hits.words = [0; MARKS];
        for token in text.tokens() {
            let (word, bit) = cue_word::mark(cue_word::marked(token.hash));
            hits.words[word] |= bit;
        }
        matcher.cues(text, candidates, |start, end, phrase| hits.add(start, end, self.named.of_phrase(phrase)));
        hits.count(text.tokens().len());
    }

    /// Adds the cues that no condition asks for.
    pub fn find_late(&self, text: &Text, hits: &mut CueHits) {
        let mut late = std::mem::take(&mut hits.late);
        self.late.candidates(text, &mut late);
        self.late.cues(text, &late, |start, end, phrase| hits.add(start, end, self.unnamed.of_phrase(phrase)));
        hits.late = late;
        hits.hits.sort_by_key(|hit| hit.start);
        hits.count(text.tokens().len());
    }
}

impl Members {
    /// Those of spellings, which become phrases of the matcher.
    fn of(members: Vec<(String, CueSet)>, matcher: &mut Matcher) -> Members {
        let mut numbered: Vec<(u32, CueSet)> =
            members.into_iter().map(|(spelled, set)| (matcher.add_cue(&spelled), set)).collect();
        numbered.sort_unstable();
        numbered.dedup();
        let mut first: Vec<u32> = Vec::new();
        for (place, (phrase, _)) in (0u32..).zip(&numbered) {
            first.resize(first.len().max(*phrase as usize + 1), place);
        }
        first.push(numbered.len() as u32);
        Members { first: numbers(first), sets: numbers(numbered.into_iter().map(|(_, set)| set.0)) }
    }

    fn write(&self, image: &mut Writer) {
        image.list(&self.first);
        image.list(&self.sets);
    }

    fn read(image: &mut Reader) -> Option<Members> {
        Some(Members { first: image.list()?, sets: image.list()? })
    }

    /// The sets that a phrase belongs to.
    #[inline]
    fn of_phrase(&self, phrase: u32) -> impl Iterator<Item = CueSet> {
        let place = |place: usize| number(&self.first, place).unwrap_or(0) as usize;
        let (first, end) = (place(phrase as usize), place(phrase as usize + 1));
        let sets = self.sets.get(first..end).unwrap_or_default();
        sets.iter().map(|bytes| CueSet(u32::from_le_bytes(*bytes)))
    }
}

impl CueSet {
    pub(super) fn of(number: u32) -> CueSet {
        CueSet(number)
    }

    pub(super) fn number(self) -> u32 {
        self.0
    }

    /// Its bit in a number of 64: the groups of grammar have one each, because they are the first that are named.
    #[inline(always)]
    pub fn bit(self) -> u64 {
        if self.0 < u64::BITS { 1 << self.0 } else { 0 }
    }

    /// Its bit among those that are present.
    #[inline(always)]
    fn mark(self) -> (usize, u64) {
        ((self.0 >> 6) as usize % MARKS, 1 << (self.0 & 63))
    }
}

impl CueHits {
    /// Adds a cue and the sets that it belongs to.
    #[inline]
    fn add(&mut self, start: u32, end: u32, sets: impl Iterator<Item = CueSet>) {
        for set in sets {
            self.hits.push(CueHit { start, end, set });
            let (word, bit) = set.mark();
            self.present[word] |= bit;
        }
    }

    /// Notes how many hits start before each token.
    fn count(&mut self, tokens: usize) {
        self.before.clear();
        self.before.reserve(tokens + 1);
        for (number, hit) in (0u32..).zip(&self.hits) {
            while self.before.len() <= hit.start as usize {
                self.before.push(number);
            }
        }
        self.before.resize(tokens + 1, self.hits.len() as u32);
    }

    /// The hits that start at token `at` or behind it.
    #[inline]
    fn from(&self, at: usize) -> &[CueHit] {
        self.before.get(at).map_or(&[], |&first| &self.hits[first as usize..])
    }

    /// Whether a cue of the set may stand somewhere in the text.
    #[inline(always)]
    fn may_hold(&self, set: CueSet) -> bool {
        let (word, bit) = set.mark();
        self.present[word] & bit != 0
    }

    /// Whether what is asked for may stand somewhere in the text.
    #[inline(always)]
    fn may_stand(&self, asked: Asked) -> bool {
        match asked {
            Asked::Set(set) => self.may_hold(set),
            Asked::Word(word) => {
                let (number, bit) = word.mark();
                self.words[number] & bit != 0
            }
        }
    }

    /// The longest cue of `set` that starts at token `at` and ends by token `to`: its length in words.
    pub fn at(&self, set: CueSet, at: usize, to: usize) -> Option<usize> {
        if !self.may_hold(set) {
            return None;
        }
        let here = self.from(at).iter().take_while(|hit| hit.start as usize == at);
        here.filter(|hit| hit.set == set && hit.end as usize <= to).map(|hit| (hit.end - hit.start) as usize).max()
    }

    /// The sets of which the word `at` is a cue by itself, those that have a [bit](CueSet::bit).
    pub fn of_word(&self, at: usize) -> u64 {
        let here = self.from(at).iter().take_while(|hit| hit.start as usize == at);
        here.filter(|hit| hit.end as usize == at + 1).fold(0, |sets, hit| sets | hit.set.bit())
    }

    /// Whether the condition holds for a match of the tokens `start..end`.
    pub fn hold(&self, condition: Condition<'_>, text: &Text, start: usize, end: usize) -> bool {
        let (mut met, mut near) = (false, None);
        for (alternative, last) in condition.alternatives() {
            if !met && self.may_stand(alternative.asked) {
                let look = || window(alternative.place, text, start, end);
                // Most places are near, and finding what is near takes two searches.
                let range = if alternative.place == Place::Near { *near.get_or_insert_with(look) } else { look() };
                met = match alternative.asked {
                    Asked::Set(set) => self.stands(set, range, start, end),
                    Asked::Word(word) => condition.words.stands(word, text, range, start..end),
                };
            }
            if last && !std::mem::take(&mut met) {
                return false;
            }
        }
        true
    }

    /// Whether a cue of the set stands in the tokens `from..to`, but not inside the match.
    fn stands(&self, set: CueSet, (from, to): (usize, usize), start: usize, end: usize) -> bool {
        // A cue inside the match itself proves nothing.
        let apart = |hit: &CueHit| hit.end as usize <= start || hit.start as usize >= end;
        let inside = self.from(from).iter().take_while(|hit| (hit.start as usize) < to);
        inside.filter(|hit| hit.set == set).any(|hit| hit.end as usize <= to && apart(hit))
    }
}

#[cfg(test)]
mod tests {
    use super::{Conditions, CueHits, Cues, Matcher};
    use crate::lexicon::screen::{Bounds, Limits, Screen};
    use crate::text::Text;

    fn holds(condition: &str, text: &str, start: usize) -> bool {
        let mut cues = Cues::default();
        cues.group("church", &["church".into(), "holy communion".into(), "priest*".into()]).unwrap();
        let mut conditions = Conditions::default();
        let condition = cues.condition(condition, &mut conditions).unwrap();
        let mut matcher = Matcher::default();
        cues.finish(&mut matcher);
        matcher.finish(|_| Bounds::NOTHING);
        let (text, mut hits) = (Text::of(text), CueHits::default());
        let (mut screen, mut candidates) = (Screen::default(), Vec::new());
        matcher.screen(
            &text,
            (&Limits::default(), &crate::lexicon::words::Opinion::default()),
            &mut screen,
            &mut candidates,
        );
        cues.find(&matcher, &text, &candidates, &mut hits);
        hits.hold(conditions.get(condition), &text, start, start + 1)
    }

    #[test]
    fn groups_that_no_condition_names_are_found_late() {
        let mut cues = Cues::default();
        let named = cues.group("church", &["church".into()]).unwrap();
        let unnamed = cues.group("kin", &["sister".into(), "mother in law".into()]).unwrap();
        let (mut conditions, mut matcher) = (Conditions::default(), Matcher::default());
        cues.condition("@church|bells", &mut conditions).unwrap();
        cues.finish(&mut matcher);
        matcher.finish(|_| Bounds::NOTHING);
        let (text, mut hits, mut candidates) = (Text::of("my mother in law at church"), CueHits::default(), Vec::new());
        matcher.candidates(&text, &mut candidates);
        cues.find(&matcher, &text, &candidates, &mut hits);
        assert_eq!((hits.at(named, 5, 6), hits.at(unnamed, 1, 6)), (Some(1), None));
        cues.find_late(&text, &mut hits);
        assert_eq!((hits.at(named, 5, 6), hits.at(unnamed, 1, 6), hits.at(unnamed, 2, 6)), (Some(1), Some(3), None));
        assert_eq!((hits.of_word(5), hits.of_word(1)), (named.bit(), 0), "three words are not one");
    }

    #[test]
    fn places_and_operators() {
        assert!(holds("@church", "mass with the priests", 0));
        assert!(holds("@church", "mass. And then holy communion", 0));
        assert!(!holds("@church", "mass. One. Two. church", 0));
        assert!(holds("=@church", "mass. One. Two. church", 0));
        assert!(holds("<went", "we went to mass", 3));
        assert!(!holds("<went", "we went to the old mass", 5));
        assert!(holds("@church&<went|<go", "we go to mass in church", 3));
        assert!(!holds("@church&>went", "we go to mass in church", 3));
        assert!(!holds("mass", "mass", 0), "a cue inside the match itself does not count");
    }
}
