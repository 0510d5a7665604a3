//! Which languages' packs read a text.

use std::borrow::Cow;

use super::{Classifier, Request, Scratch};
use crate::text::Script;
use crate::text::language::{Guess, Votes};

/// The languages that a text is read in.
pub(super) struct Chosen<'c> {
    /// The one that records name.
    pub(super) tag: Cow<'c, str>,
    pack: Option<Cow<'c, str>>,
    /// Further ones, for somebody who switches.
    others: Vec<&'c str>,
}

impl Chosen<'_> {
    /// The packs to read it with.
    pub(super) fn packs(&self) -> impl Iterator<Item = &str> {
        self.pack.as_deref().into_iter().chain(self.others.iter().copied())
    }
}

impl Classifier {
    /// Which packs read the text in `scratch`.
    pub(super) fn choose_language<'c>(&'c self, scratch: &mut Scratch, request: &Request<'c>) -> Chosen<'c> {
        if let Some(tag) = self.language.as_deref().or(request.stated) {
            return Chosen { tag: primary(tag), pack: Some(primary(tag)), others: Vec::new() };
        }
        let languages = &self.lexicon.languages;
        languages.count(&scratch.text, &mut scratch.votes);
        let own = languages.guess(&scratch.votes);
        let guess = match own {
            Some(guess) if guess.is_clear() => Some(guess),
            _ => request.context.and_then(|context| context()).filter(Guess::is_clear),
        };
        match guess {
            Some(guess) => {
                let tag = languages.tag(guess.language);
                // Somebody who switches languages inside a message is read in both.
                let others = self.packs.iter().filter(|(_, language)| {
                    language.is_some_and(|l| l != guess.language && switches(&scratch.votes, l, guess.votes))
                });
                let others = others.map(|(tag, _)| tag.as_str()).collect();
                Chosen { tag: Cow::Borrowed(tag), pack: Some(Cow::Borrowed(tag)), others }
            }
            None => self.choose_by_vocabulary(scratch),
        }
    }

    /// A text without clear function words ("migraine triggers?"): the pack that knows most of its words.
    fn choose_by_vocabulary(&self, scratch: &mut Scratch) -> Chosen<'_> {
        let latin = scratch.text.tokens().iter().any(|t| t.script == Script::Latin);
        let mut best: Option<(f32, &str)> = None;
        if latin {
            let voted = |language: &Option<usize>| language.is_some_and(|l| scratch.votes.of(l) > 0.0);
            let any = self.packs.iter().any(|(_, language)| voted(language));
            // Packs are compiled when they are first asked for: only those are asked that may be right.
            let asked = || self.packs.iter().filter(|(_, language)| !any || voted(language));
            self.lexicon.compile(asked().map(|(tag, _)| tag.as_str()));
            for (tag, language) in asked() {
                let Some(pack) = self.lexicon.pack(tag) else { continue };
                scratch.hits.clear();
                pack.matcher.find(&scratch.text, &mut scratch.candidates, &mut scratch.hits);
                let covered: u32 = scratch.hits.iter().map(|h| h.end - h.start).sum();
                let votes = language.map_or(0.0, |l| scratch.votes.of(l));
                let score = covered as f32 + 2.0 * votes;
                // English first: of equals the one that most exports are in.
                if best.is_none_or(|(s, t)| score > s || (score == s && tag == "en" && t != "en")) {
                    best = Some((score, tag));
                }
            }
        }
        let tag = best.filter(|(score, _)| *score > 0.0).map_or("und", |(_, tag)| tag);
        Chosen { tag: tag.into(), pack: best.map(|(_, tag)| tag.into()), others: Vec::new() }
    }
}

fn switches(votes: &Votes, language: usize, leading: f32) -> bool {
    let other = votes.of(language);
    other >= 1.5 && other >= 0.35 * leading
}

/// `pt-BR` → `pt`.
fn primary(tag: &str) -> Cow<'_, str> {
    let base = tag.split(['-', '_']).next().unwrap_or(tag);
    if base.bytes().any(|b| b.is_ascii_uppercase()) { base.to_ascii_lowercase().into() } else { base.into() }
}
