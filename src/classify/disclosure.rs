//! Whom a sensitive message is about: the writer, another person, or nobody in particular.
//!
//! The person nearest to the evidence owns it: "my mother's chemo" is another's, "my migraine" the writer's, "migraine
//! causes" nobody's. First persons of a request ("help me", "I'm writing an essay on") own nothing.

use super::evidence::{Item, Outcome};
use crate::chat::Role;
use crate::finding::Disclosure;
use crate::lexicon::cue::CueHits;
use crate::lexicon::pack::Grammar;
use crate::taxonomy::OwnPeople;
use crate::text::Text;

/// A person word stands after the evidence: it is as far as this many words more.
const BEHIND: usize = 4;

/// Words before and behind the evidence in which its owner is looked for.
const REACH: usize = 60;

/// Between "my" and the person: "my much older sister".
const ADJECTIVES: usize = 3;

/// What is known of the speaker.
#[derive(Debug, Clone, Copy)]
pub struct Speaker {
    /// Who wrote the message.
    pub role: Role,
    /// In this category, what these people are the writer is.
    pub own_people: Option<OwnPeople>,
}

/// A person word that is not said ("can't sleep again") stands at most this many words from the evidence.
const IMPLIED: usize = 4;

/// The disclosure of the evidence in `items`: the writer's if theirs weighs as much as that of others.
pub fn disclosure<'i>(
    text: &Text,
    cues: &CueHits,
    grammar: Grammar,
    speaker: Speaker,
    items: impl Iterator<Item = &'i Item>,
) -> Disclosure {
    let (mut own, mut others) = (0.0, 0.0);
    for item in items.filter(|i| i.outcome == Outcome::Counted && i.entry.weight > 0.0) {
        match of_item(text, cues, grammar, speaker, item) {
            Disclosure::Oneself => own += item.entry.weight,
            Disclosure::Another => others += item.entry.weight,
            Disclosure::Topic => {}
        }
    }
    if own > 0.0 && own >= others {
        Disclosure::Oneself
    } else if others > 0.0 {
        Disclosure::Another
    } else {
        Disclosure::Topic
    }
}

fn of_item(text: &Text, cues: &CueHits, grammar: Grammar, speaker: Speaker, item: &Item) -> Disclosure {
    let tokens = text.tokens();
    let sentence = tokens[item.start].sentence;
    let reach = |distance: u32| {
        let (low, high) = (sentence.saturating_sub(distance), tokens[item.end - 1].sentence + distance);
        // Never farther than so many words, so that long texts are not walked through for each of their matches.
        let first = item.start.saturating_sub(REACH);
        let last = (item.end + REACH).min(tokens.len());
        // Sentence numbers never fall, so the borders can be searched.
        let from = first + tokens[first..item.start].partition_point(|t| t.sentence < low);
        let to = item.end + tokens[item.end..last].partition_point(|t| t.sentence <= high);
        (from, to)
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
        .unwrap_or_else(|| if implied(text, cues, grammar, item) { Disclosure::Oneself } else { Disclosure::Topic })
}

/// Whether the evidence has an owner who is not named, as in "can't sleep again" or "Wiccan here".
fn implied(text: &Text, cues: &CueHits, grammar: Grammar, item: &Item) -> bool {
    let to = (item.end + IMPLIED).min(text.tokens().len());
    (item.start.saturating_sub(IMPLIED)..to).any(|at| cues.at(grammar.implied, at, to).is_some())
}

/// The person nearest to the evidence in the tokens `from..to`.
fn owner(
    text: &Text,
    cues: &CueHits,
    grammar: Grammar,
    speaker: Speaker,
    item: &Item,
    (from, to): (usize, usize),
) -> Option<Disclosure> {
    let mut nearest: Option<(usize, Disclosure)> = None;
    let mut at = from;
    while at < to {
        if let Some(length) = cues.at(grammar.request, at, to) {
            at += length;
            continue;
        }
        let person = if let Some(length) = relative(text, cues, grammar, at, to, item) {
            let own = speaker.own_people.map(|people| match people {
                OwnPeople::Forebear => grammar.forebear,
                OwnPeople::Partner => grammar.partner,
                OwnPeople::Child => grammar.child,
            });
            let is_own = own.is_some_and(|set| (at..at + length).any(|t| cues.at(set, t, at + length).is_some()));
            Some((length, if is_own { Disclosure::Oneself } else { Disclosure::Another }))
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
fn relative(text: &Text, cues: &CueHits, grammar: Grammar, at: usize, to: usize, item: &Item) -> Option<usize> {
    if let Some(length) = cues.at(grammar.kin_name, at, to) {
        return Some(length);
    }
    let sentence = text.tokens()[at].sentence;
    let opens = at == 0 || text.tokens()[at - 1].sentence != sentence;
    // "Sister has been in hospital": at the head of a sentence people leave the possessive out.
    // Not where it is a part of the evidence or joined to it: "ex-Mormon here".
    let apart = |length: &usize| at + length < item.start || at >= item.end;
    if let Some(length) = cues.at(grammar.kin, at, to).filter(|length| opens && apart(length)) {
        return Some(length);
    }
    let possessive = cues.at(grammar.possessive, at, to)?;
    (at + possessive..to.min(at + possessive + ADJECTIVES))
        .take_while(|&place| text.tokens()[place].sentence == sentence)
        .find_map(|place| cues.at(grammar.kin, place, to).map(|length| place + length - at))
}
