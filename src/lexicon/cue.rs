//! Cues: the words that decide whether an ambiguous entry counts. They are looked for only around a match.

use std::collections::BTreeMap;

use super::phrase::{self, FormClass, NUMBER_HASH, Word};
use crate::text::{Hashes, Shape, Text, mix};

/// How many words away a cue may stand when no sign says otherwise; it must also be in the same sentence or a neighbour.
pub const NEAR: usize = 25;

/// How many words before (`<`) or after (`>`) the phrase.
pub const ADJACENT: usize = 3;

/// A set of cue words and phrases.
#[derive(Debug, Default, Clone)]
pub struct CueSet {
    /// Chained hashes of exact phrases.
    exact: Hashes,
    /// Longest exact phrase in words.
    longest: usize,
    /// Chained hash of the words before (0: none), start of the last word, number of words.
    prefixes: Vec<(u64, String, usize)>,
}

impl CueSet {
    /// Adds a cue as written.
    pub fn add(&mut self, cue: &str) -> Result<(), String> {
        for words in phrase::compile(cue, "", &BTreeMap::<String, FormClass>::new())? {
            let chain = |words: &[Word]| words.iter().fold(0, |hash, word| mix(hash, word.hash()));
            if let [before @ .., Word::Prefix(start)] = &words[..] {
                self.prefixes.push((chain(before), start.clone(), words.len()));
            } else {
                self.longest = self.longest.max(words.len());
                self.exact.insert(chain(&words));
            }
        }
        Ok(())
    }

    /// Whether a cue starts at token `at` and ends before token `end`; its length in words.
    pub fn at(&self, text: &Text, at: usize, end: usize) -> Option<usize> {
        let tokens = text.tokens();
        let mut chain = 0;
        let mut found = None;
        for (length, token) in (1..=self.longest).zip(&tokens[at..end]) {
            let number = token.shape == Shape::Number && self.exact.contains(&mix(chain, NUMBER_HASH));
            if number {
                found = Some(length);
            }
            chain = mix(chain, token.hash);
            if self.exact.contains(&chain) {
                found = Some(length);
            }
        }
        found.or_else(|| self.prefix_at(text, at, end))
    }

    fn prefix_at(&self, text: &Text, at: usize, end: usize) -> Option<usize> {
        let tokens = &text.tokens()[at..end];
        let fits = |(before, start, words): &&(u64, String, usize)| {
            tokens.len() >= *words
                && text.folded(&tokens[words - 1]).starts_with(start.as_str())
                && tokens[..words - 1].iter().fold(0, |hash, token| mix(hash, token.hash)) == *before
        };
        self.prefixes.iter().find(fits).map(|(_, _, words)| *words)
    }

    /// Whether a cue lies within the tokens `from..to`, but not inside `hole`.
    pub fn within(&self, text: &Text, from: usize, to: usize, hole: (usize, usize)) -> bool {
        (from..hole.0.min(to)).any(|at| self.at(text, at, hole.0.min(to)).is_some())
            || (hole.1.max(from)..to).any(|at| self.at(text, at, to).is_some())
    }
}

/// Where a cue must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The same sentence or a neighbour, at most [`NEAR`] words away.
    Near,
    /// At most [`ADJACENT`] words before.
    Before,
    /// At most [`ADJACENT`] words after.
    After,
    /// Anywhere.
    Message,
}

/// One alternative of a condition.
#[derive(Debug, Clone)]
struct Alternative {
    place: Place,
    set: u32,
}

/// `a|b&c|d`: of each clause one alternative must hold.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    clauses: Vec<Vec<Alternative>>,
    /// As written, for `explain`.
    pub written: String,
}

/// All cue sets of a pack: the named groups, and single cues as sets of their own.
#[derive(Debug, Default)]
pub struct Cues {
    sets: Vec<CueSet>,
    names: BTreeMap<String, u32>,
}

impl Cues {
    /// Adds members to the group `name`.
    pub fn group(&mut self, name: &str, members: &[String]) -> Result<(), String> {
        let place = self.set_named(&format!("@{name}"));
        members.iter().try_for_each(|member| self.sets[place as usize].add(member))
    }

    fn set_named(&mut self, name: &str) -> u32 {
        if let Some(&place) = self.names.get(name) {
            return place;
        }
        let place = self.sets.len() as u32;
        self.sets.push(CueSet::default());
        self.names.insert(name.to_owned(), place);
        place
    }

    /// The group `name` (without `@`), empty if nobody defined it.
    pub fn get(&self, name: &str) -> CueSet {
        self.names.get(&format!("@{name}")).map(|&place| self.sets[place as usize].clone()).unwrap_or_default()
    }

    /// Compiles a condition as written; groups must be known by now.
    pub fn condition(&mut self, written: &str) -> Result<Condition, String> {
        let mut condition = Condition { clauses: Vec::new(), written: written.to_owned() };
        for clause in written.split('&') {
            let mut alternatives = Vec::new();
            for cue in clause.split('|').map(str::trim).filter(|c| !c.is_empty()) {
                let (place, rest) = match cue.as_bytes()[0] {
                    b'<' => (Place::Before, &cue[1..]),
                    b'>' => (Place::After, &cue[1..]),
                    b'=' => (Place::Message, &cue[1..]),
                    _ => (Place::Near, cue),
                };
                let set = if rest.starts_with('@') {
                    *self.names.get(rest).ok_or_else(|| format!("no cue group `{rest}`"))?
                } else {
                    let known = self.names.contains_key(rest);
                    let set = self.set_named(rest);
                    if !known {
                        self.sets[set as usize].add(rest)?;
                    }
                    set
                };
                alternatives.push(Alternative { place, set });
            }
            if alternatives.is_empty() {
                return Err(format!("empty condition in `{written}`"));
            }
            condition.clauses.push(alternatives);
        }
        Ok(condition)
    }

    /// Whether the condition holds for a match of the tokens `start..end`.
    pub fn hold(&self, condition: &Condition, text: &Text, start: usize, end: usize) -> bool {
        condition.clauses.iter().all(|clause| clause.iter().any(|a| self.holds(a, text, start, end)))
    }

    fn holds(&self, alternative: &Alternative, text: &Text, start: usize, end: usize) -> bool {
        let (from, to) = window(alternative.place, text, start, end);
        self.sets[alternative.set as usize].within(text, from, to, (start, end))
    }
}

/// The token range in which a place looks.
fn window(place: Place, text: &Text, start: usize, end: usize) -> (usize, usize) {
    let tokens = text.tokens();
    match place {
        Place::Before => (start.saturating_sub(ADJACENT), start),
        Place::After => (end, (end + ADJACENT).min(tokens.len())),
        // A cue "anywhere" is meant for messages; in a pasted book it would be everywhere.
        Place::Message => (start.saturating_sub(400), (end + 400).min(tokens.len())),
        Place::Near => {
            let (first, last) = (tokens[start].sentence.saturating_sub(1), tokens[end - 1].sentence + 1);
            let mut from = start;
            while from > 0 && start - from < NEAR && tokens[from - 1].sentence >= first {
                from -= 1;
            }
            let mut to = end;
            while to < tokens.len() && to - end < NEAR && tokens[to].sentence <= last {
                to += 1;
            }
            (from, to)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cues;
    use crate::text::Text;

    fn holds(condition: &str, text: &str, start: usize) -> bool {
        let mut cues = Cues::default();
        cues.group("church", &["church".into(), "holy communion".into(), "priest*".into()]).unwrap();
        let condition = cues.condition(condition).unwrap();
        cues.hold(&condition, &Text::of(text), start, start + 1)
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
