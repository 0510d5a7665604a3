//! Whom a sensitive message is about: the writer, another person, or nobody in particular.
//!
//! The person nearest to the evidence owns it: "my mother's chemo" is another's, "my migraine" the writer's, "migraine
//! causes" nobody's. First persons of a request ("help me", "I'm writing an essay on") own nothing.

use super::evidence::{Item, Outcome};
use crate::chat::Role;
use crate::finding::Disclosure;
use crate::lexicon::cue::CueHits;
use crate::lexicon::pack::Grammar;
use crate::text::Text;

/// A person word stands after the evidence: it is as far as this many words more.
const BEHIND: usize = 4;

/// Between "my" and the person: "my much older sister".
const ADJECTIVES: usize = 3;

/// What is known of the speaker.
#[derive(Debug, Clone, Copy)]
pub struct Speaker {
    /// Who wrote the message.
    pub role: Role,
    /// In this category what one's forebears are, one is (ethnicity).
    pub inherited: bool,
}

/// The strongest disclosure of the evidence in `items` that `counts` accepts.
pub fn disclosure<'i>(
    text: &Text,
    cues: &CueHits,
    grammar: Grammar,
    speaker: Speaker,
    items: impl Iterator<Item = &'i Item<'i>>,
) -> Disclosure {
    let mut strongest = Disclosure::Topic;
    for item in items.filter(|i| i.outcome == Outcome::Counted && i.entry.weight > 0.0) {
        strongest = strongest.min(of_item(text, cues, grammar, speaker, item));
        if strongest == Disclosure::Oneself {
            break;
        }
    }
    strongest
}

fn of_item(text: &Text, cues: &CueHits, grammar: Grammar, speaker: Speaker, item: &Item<'_>) -> Disclosure {
    let tokens = text.tokens();
    let sentence = tokens[item.start].sentence;
    let reach = |distance: u32| {
        let (low, high) = (sentence.saturating_sub(distance), tokens[item.end - 1].sentence + distance);
        let from = tokens[..item.start].iter().rposition(|t| t.sentence < low).map_or(0, |p| p + 1);
        let to = tokens[item.end..].iter().position(|t| t.sentence > high).map_or(tokens.len(), |p| item.end + p);
        (from.max(item.start.saturating_sub(60)), to.min(item.end + 60))
    };
    if speaker.role == Role::Assistant {
        let (from, to) = reach(1);
        let addressed = (from..to).any(|at| cues.at(grammar.you, at, to).is_some());
        return if addressed { Disclosure::Another } else { Disclosure::Topic };
    }
    // The evidence's own sentence first; if nobody is in it, what stands around it.
    [0, 2, 8]
        .into_iter()
        .find_map(|distance| {
            let (from, to) = reach(distance);
            owner(text, cues, grammar, speaker, item, (from, to))
        })
        .unwrap_or(Disclosure::Topic)
}

/// The person nearest to the evidence in the tokens `from..to`.
fn owner(
    text: &Text,
    cues: &CueHits,
    grammar: Grammar,
    speaker: Speaker,
    item: &Item<'_>,
    (from, to): (usize, usize),
) -> Option<Disclosure> {
    let mut nearest: Option<(usize, Disclosure)> = None;
    let mut at = from;
    while at < to {
        if let Some(length) = cues.at(grammar.request, at, to) {
            at += length;
            continue;
        }
        let person = if let Some(length) = relative(text, cues, grammar, at, to) {
            let forebear = (at..at + length).any(|t| cues.at(grammar.forebear, t, at + length).is_some());
            let who = if speaker.inherited && forebear { Disclosure::Oneself } else { Disclosure::Another };
            Some((length, who))
        } else if let Some(length) = cues.at(grammar.they, at, to) {
            Some((length, Disclosure::Another))
        } else {
            cues.at(grammar.first, at, to).map(|length| (length, Disclosure::Oneself))
        };
        let Some((length, who)) = person else {
            at += 1;
            continue;
        };
        let distance = if at + length <= item.start {
            item.start - at - length
        } else if at >= item.end {
            at - item.end + BEHIND
        } else {
            0
        };
        if nearest.is_none_or(|(other, _)| distance < other) {
            nearest = Some((distance, who));
        }
        at += length;
    }
    nearest.map(|(_, who)| who)
}

/// "my … sister" at `at`: its length in words. Bare names of kin ("mum", "papa") count as well.
fn relative(text: &Text, cues: &CueHits, grammar: Grammar, at: usize, to: usize) -> Option<usize> {
    if let Some(length) = cues.at(grammar.kin_name, at, to) {
        return Some(length);
    }
    let possessive = cues.at(grammar.possessive, at, to)?;
    let sentence = text.tokens()[at].sentence;
    (at + possessive..to.min(at + possessive + ADJECTIVES))
        .take_while(|&place| text.tokens()[place].sentence == sentence)
        .find_map(|place| cues.at(grammar.kin, place, to).map(|length| place + length - at))
}
