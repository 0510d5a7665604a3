//! Deciding what a text says: matches become evidence, evidence adds up in log-odds, sums become verdicts.
//!
//! Everything a verdict rests on is a line of a term file, so that `explain` can show each addend.

use std::sync::Arc;

use crate::chat::Role;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Assessment, CategoryId, Disclosure, Evidence, Intent, RuleId, TopicEstimate, Verdict};
use crate::lexicon::Lexicon;
use crate::lexicon::channels::Channels;
use crate::lexicon::cue::CueHits;
use crate::lexicon::matcher::{ALL_LAYERS, Candidate, Hit, Layer};
use crate::lexicon::pack::{Pack, Target};
use crate::lexicon::screen::{Limits, Screen};
use crate::lexicon::words::{Opinion, Words};
use crate::taxonomy::Category;
use crate::text::language::{self, Guess, Votes};
use crate::text::{Text, hash_word};

mod choice;
pub mod disclosure;
pub mod evidence;
pub mod follow_up;
mod limits;
mod opinion;
pub mod passage;
mod pieces;
pub mod proxy;
pub mod topic;
mod weighed;

use disclosure::{Case, Speaker};
use evidence::{Item, Outcome};
use follow_up::Carried;
use limits::{enough, limits};
use passage::{Passage, Seen};
use pieces::pieces;
pub use weighed::Weighed;

/// The bits of the layers that tell what is left for ads.
const ADS: u8 = 1 << Layer::Topics as u8 | 1 << Layer::Intent as u8 | 1 << Layer::Proxies as u8;

/// The classifier: a lexicon, thresholds, and perhaps a forced language.
#[derive(Debug, Clone)]
pub struct Classifier {
    lexicon: Arc<Lexicon>,
    thresholds: Vec<f32>,
    /// By category: the log-odds that its threshold stands for.
    enough: Vec<f32>,
    channels: Channels,
    language: Option<String>,
    /// The tags of the packs, each with its place among the languages.
    packs: Vec<(String, Option<usize>)>,
    /// What must be reached for a layer to be read.
    limits: Limits,
    /// Read every layer of every text.
    unscreened: bool,
}

/// A text to classify, and what is known about it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The message's text, then its attachments.
    pub parts: &'a [&'a str],
    /// Who wrote it.
    pub role: Role,
    /// The language that its row states, if any.
    pub stated: Option<&'a str>,
    /// Gives the language of the whole conversation; asked only for messages too short to tell.
    pub context: Option<&'a dyn Fn() -> Option<Guess>>,
    /// What the messages before it said: see [`follow_up`].
    pub before: &'a [Carried],
    /// Fill [`Assessment::evidence`].
    pub evidence: bool,
}

/// Buffers that are used again from message to message.
#[derive(Debug, Default)]
pub struct Scratch {
    text: Text,
    candidates: Vec<Candidate>,
    screen: Screen,
    opinion: Opinion,
    hits: Vec<Hit>,
    items: Vec<Item>,
    cues: CueHits,
    seen: Seen,
    votes: Votes,
    context: Context,
}

/// Buffers for telling the language of a conversation.
#[derive(Debug, Default)]
pub struct Context {
    text: Text,
    votes: Votes,
    sum: Votes,
}

impl Scratch {
    /// Lends the buffers for conversations, so that they can be used while a message is assessed.
    pub fn lend_context(&mut self) -> Context {
        std::mem::take(&mut self.context)
    }

    /// Takes them back.
    pub fn return_context(&mut self, context: Context) {
        self.context = context;
    }
}

/// Sum of log-odds to probability.
pub fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// One language's reading of one part of a message.
struct Reading<'p> {
    sums: Vec<(CategoryId, f32, Disclosure)>,
    /// What counted of the messages before.
    carried: Vec<Carried>,
    topics: Vec<TopicEstimate>,
    intent: Intent,
    rules: Vec<RuleId>,
    pack: &'p Pack,
}

impl<'p> Reading<'p> {
    /// What is said where no phrase occurs.
    fn of(pack: &'p Pack) -> Reading<'p> {
        let intent = Intent::None;
        Reading { sums: Vec::new(), carried: Vec::new(), topics: Vec::new(), intent, rules: Vec::new(), pack }
    }
}

impl Classifier {
    /// A classifier with the lexicon's own thresholds.
    pub fn new(lexicon: Arc<Lexicon>) -> Classifier {
        let thresholds: Vec<f32> = lexicon.taxonomy.categories.iter().map(|c| c.threshold).collect();
        let packs = lexicon.tags().map(|tag| (tag.to_owned(), lexicon.languages.find(tag))).collect();
        let limits = limits(&lexicon.taxonomy, &thresholds);
        let channels = Channels::of(&lexicon.taxonomy);
        let enough = lexicon.taxonomy.categories.iter().map(|c| enough(c, c.threshold)).collect();
        Classifier { lexicon, thresholds, enough, channels, language: None, packs, limits, unscreened: false }
    }

    /// Sets the probability from which a category is reported.
    pub fn set_threshold(&mut self, category: &str, probability: f32) -> Result<()> {
        let id = self.lexicon.taxonomy.find_category(category);
        let id = id.ok_or_else(|| Error::new(ErrorKind::Usage, format!("no category `{category}`")))?;
        if !(0.0..=1.0).contains(&probability) {
            return Err(Error::new(ErrorKind::Usage, format!("threshold {probability} is outside 0..1")));
        }
        self.thresholds[id.0 as usize] = probability;
        self.limits = limits(&self.lexicon.taxonomy, &self.thresholds);
        // Below its prior a category is reported without anything that speaks for it.
        let category = self.lexicon.taxonomy.category(id);
        self.enough[id.0 as usize] = enough(category, probability);
        self.unscreened |= probability <= logistic(category.slope * category.prior);
        Ok(())
    }

    /// Reads every layer of every text, also where the screen says that nothing can come of it: the same verdicts, slower.
    pub fn read_everything(&mut self) {
        self.unscreened = true;
    }

    /// Forces a language for every text.
    pub fn set_language(&mut self, tag: &str) {
        self.language = Some(tag.to_owned());
    }

    /// The lexicon.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The thresholds, by category.
    pub fn thresholds(&self) -> &[f32] {
        &self.thresholds
    }

    /// The language that the texts of a conversation speak for together.
    pub fn language_of<'t>(&self, context: &mut Context, texts: impl Iterator<Item = &'t str>) -> Option<Guess> {
        context.sum.clear();
        for text in texts {
            context.text.read_start(text, language::WORDS);
            self.lexicon.languages.count(&context.text, &mut context.votes);
            context.sum.add(&context.votes);
            let guess = self.lexicon.languages.guess(&context.sum);
            if guess.is_some_and(|guess| guess.is_settled()) {
                return guess;
            }
        }
        self.lexicon.languages.guess(&context.sum)
    }

    /// What a message says.
    pub fn assess(&self, scratch: &mut Scratch, request: &Request<'_>) -> Assessment {
        let mut assessment = Assessment {
            language: String::new(),
            judged: false,
            sensitive: Vec::new(),
            unlisted: Vec::new(),
            topics: Vec::new(),
            intent: Intent::None,
            implies: Vec::new(),
            evidence: Vec::new(),
        };
        let pieces = request.parts.iter().enumerate().flat_map(|(part, text)| pieces(text).map(move |at| (part, at)));
        for (part, (start, text)) in pieces {
            scratch.text.read(text);
            let chosen = self.choose_language(scratch, request);
            if (part, start) == (0, 0) || assessment.language == "und" {
                assessment.language.clear();
                assessment.language.push_str(&chosen.tag);
            }
            for (place, tag) in chosen.packs().enumerate() {
                let Some(pack) = self.lexicon.pack(tag) else { continue };
                assessment.judged = true;
                let words = if place == 0 { &pack.words } else { Words::none() };
                let reading = self.read(scratch, (pack, words), request);
                let known = assessment.evidence.len();
                self.join(&mut assessment, scratch, reading, part, request.evidence);
                for evidence in &mut assessment.evidence[known..] {
                    evidence.span = (evidence.span.0 + start, evidence.span.1 + start);
                }
            }
        }
        self.finish(&mut assessment);
        assessment
    }

    /// Adds one reading: of each category the higher sum stays, of topics and intents the stronger.
    fn join(&self, assessment: &mut Assessment, scratch: &Scratch, reading: Reading<'_>, part: usize, evidence: bool) {
        for &(category, sum, disclosure) in &reading.sums {
            let known = self.lexicon.taxonomy.category(category);
            let score = logistic(known.slope * sum);
            let verdicts = if known.listed { &mut assessment.sensitive } else { &mut assessment.unlisted };
            match verdicts.iter_mut().find(|v| v.category == category) {
                Some(v) => {
                    v.score = v.score.max(score);
                    v.disclosure = v.disclosure.min(disclosure);
                }
                None => verdicts.push(Verdict { category, score, disclosure }),
            }
        }
        for estimate in &reading.topics {
            let branch = self.lexicon.taxonomy.tier_1(estimate.topic);
            match assessment.topics.iter_mut().find(|t| self.lexicon.taxonomy.tier_1(t.topic) == branch) {
                Some(known) if known.score >= estimate.score => {}
                Some(known) => *known = estimate.clone(),
                None => assessment.topics.push(estimate.clone()),
            }
        }
        assessment.intent = assessment.intent.min(reading.intent);
        proxy::imply(&self.lexicon.taxonomy, &reading.rules, &mut assessment.implies);
        if evidence {
            let counted = scratch.items.iter().filter(|i| i.outcome == Outcome::Counted);
            assessment.evidence.extend(counted.map(|item| self.evidence(&scratch.text, reading.pack, item, part)));
            assessment.evidence.extend(reading.carried.iter().map(|carried| Evidence {
                span: whole(&scratch.text),
                part,
                category: self.target_name(Target::Category(carried.category)),
                phrase: "(said before)".into(),
                weight: carried.weight,
                because: "follow-up".into(),
            }));
        }
    }

    fn evidence(&self, text: &Text, pack: &Pack, item: &Item, part: usize) -> Evidence {
        let row = pack.row(&item.entry);
        let tokens = text.tokens();
        let because = if item.entry.is_word() { "word".into() } else { row.sense.clone().into_owned() };
        Evidence {
            span: (tokens[item.start].start as usize, tokens[item.end - 1].end as usize),
            part,
            category: self.target_name(item.entry.target),
            phrase: row.phrase.clone().into_owned(),
            weight: item.entry.weight,
            because,
        }
    }

    /// What a target is called in evidence: a category's id, a topic's label, `intent`, `genre` or `mask`.
    pub fn target_name(&self, target: Target) -> String {
        match target {
            Target::Category(id) => self.lexicon.taxonomy.category(id).id.clone(),
            Target::Topic(id) => self.lexicon.taxonomy.label(id),
            Target::Intent(intent) => format!("intent:{}", intent.name()),
            Target::Proxy(id) => format!("proxy:{}", self.lexicon.taxonomy.rule(id).id),
            Target::Genre => "genre".into(),
            Target::Mask => "mask".into(),
        }
    }

    fn finish(&self, assessment: &mut Assessment) {
        for verdicts in [&mut assessment.sensitive, &mut assessment.unlisted] {
            verdicts.retain(|v| v.score >= self.thresholds[v.category.0 as usize]);
            verdicts.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
        }
        // What a message states it does not merely imply.
        let Assessment { sensitive, implies, .. } = assessment;
        implies.retain(|i| !sensitive.iter().any(|v| v.category == i.category));
        implies.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
        assessment.topics.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
        assessment.topics.truncate(2);
    }

    /// Reads `scratch.text` with one pack.
    fn read<'p>(&self, scratch: &mut Scratch, (pack, words): (&'p Pack, &Words), request: &Request<'_>) -> Reading<'p> {
        scratch.items.clear();
        let worth_reading = self.screen(scratch, pack, words);
        let text = &scratch.text;
        let may_follow = !request.before.is_empty() && follow_up::is_short(text);
        let layers = if self.unscreened || may_follow { ALL_LAYERS } else { worth_reading };
        let mut reading = Reading::of(pack);
        if layers == 0 {
            return reading;
        }
        scratch.hits.clear();
        pack.matcher.confirm(text, &scratch.candidates, layers, &mut scratch.hits);
        let items = &mut scratch.items;
        // Cues are looked at only where something depends on them; those of grammar, where somebody is looked for.
        let cues_known = scratch.candidates.iter().any(|candidate| candidate.is_conditional(layers));
        if cues_known {
            pack.cues.find(&pack.matcher, text, &scratch.candidates, &mut scratch.cues);
        }
        let mut grammar_known = false;
        let mut with_grammar = |cues: &mut CueHits| {
            if std::mem::replace(&mut grammar_known, true) {
                return;
            }
            if !cues_known {
                pack.cues.find(&pack.matcher, text, &scratch.candidates, cues);
            }
            pack.cues.find_late(text, cues);
        };
        let is_read = |layer: &Layer| layers >> *layer as u8 & 1 == 1;
        for layer in [Layer::Sensitive, Layer::Unlisted].into_iter().filter(is_read) {
            evidence::weigh(pack, text, &scratch.hits, &scratch.cues, layer, items);
        }
        items.sort_by_key(|item| item.start);
        let taxonomy = &self.lexicon.taxonomy;
        let alone = self.alone(&scratch.opinion);
        let mut said: Vec<Item> = Vec::new();
        let passages = passage::best(items, pack.lines, self.thresholds.len(), alone, &mut scratch.seen);
        for best in &passages {
            let category = taxonomy.category(best.category);
            let sum = self.sum(best, &scratch.opinion, text.tokens().len());
            if logistic(category.slope * sum) >= self.thresholds[best.category.0 as usize] {
                with_grammar(&mut scratch.cues);
                let case = Case { text, cues: &scratch.cues, pack, speaker: speaker(request.role, category) };
                let words = self.reasons(words, text, best);
                let disclosure = case.disclosure(&self.lexicon.whom, best.evidence(items), &words);
                said.extend(words);
                reading.sums.push((best.category, sum, disclosure));
            }
        }
        if may_follow {
            with_grammar(&mut scratch.cues);
            if follow_up::points_back(text, &scratch.cues, pack.grammar) {
                self.follow(request.before, &passages, &mut reading.sums, &mut reading.carried);
            }
        }
        items.append(&mut said);
        let ads = items.len();
        for layer in [Layer::Topics, Layer::Intent, Layer::Proxies].into_iter().filter(is_read) {
            evidence::weigh(pack, text, &scratch.hits, &scratch.cues, layer, items);
        }
        let ads = &items[ads..];
        if layers & ADS == 0 {
            return reading;
        }
        scratch.seen.begin(pack.lines);
        let sensitive = reading.sums.iter().any(|(category, ..)| taxonomy.category(*category).listed);
        let judge = topic::Judge { taxonomy, channels: &self.channels, opinion: &scratch.opinion, sensitive };
        reading.topics = judge.topics(ads, text.tokens().len(), &mut scratch.seen);
        reading.intent = judge.intent(ads, !reading.topics.is_empty(), &mut scratch.seen);
        reading.rules = proxy::rules(ads, &mut scratch.seen);
        reading
    }

    /// Finds the candidates, misspelt words read as those meant, and says which layers may come to something.
    fn screen(&self, scratch: &mut Scratch, pack: &Pack, words: &Words) -> u8 {
        let Scratch { text, candidates, screen, opinion, .. } = scratch;
        candidates.clear();
        words.judge(text, opinion);
        let worth_reading = pack.matcher.screen(text, (&self.limits, opinion), screen, candidates);
        if !pack.spelling.correct(&pack.matcher, text, candidates) {
            return worth_reading;
        }
        candidates.clear();
        words.judge(text, opinion);
        pack.matcher.screen(text, (&self.limits, opinion), screen, candidates)
    }

    /// Adds what was said before to what is said here, for the categories that only both together reach.
    fn follow(
        &self,
        before: &[Carried],
        passages: &[Passage],
        sums: &mut Vec<(CategoryId, f32, Disclosure)>,
        counted: &mut Vec<Carried>,
    ) {
        for carried in before {
            let category = self.lexicon.taxonomy.category(carried.category);
            let own = passages.iter().find(|passage| passage.category == carried.category).map_or(0.0, |p| p.sum);
            let sum = category.prior + own + carried.weight;
            let reaches = logistic(category.slope * sum) >= self.thresholds[carried.category.0 as usize];
            match sums.iter_mut().find(|(known, ..)| *known == carried.category) {
                // It stands by itself, but on whom is said by what it goes on from.
                Some((_, _, disclosure)) if *disclosure == Disclosure::Topic => {
                    *disclosure = carried.disclosure;
                    counted.push(*carried);
                }
                None if reaches => {
                    sums.push((carried.category, sum, carried.disclosure));
                    counted.push(*carried);
                }
                _ => {}
            }
        }
    }
}

/// What is known of who speaks of a category.
fn speaker(role: Role, category: &Category) -> Speaker {
    let number = hash_word(category.id.as_bytes());
    Speaker { role, category: number, own_people: category.own_people, attendants: category.attendants }
}

/// The span of all words of a text.
fn whole(text: &Text) -> (usize, usize) {
    let tokens = text.tokens();
    (tokens.first().map_or(0, |token| token.start as usize), tokens.last().map_or(0, |token| token.end as usize))
}

#[cfg(test)]
mod tests {
    #[test]
    fn evidence_late_in_a_long_text_has_its_place() {
        let lexicon = crate::lexicon::Lexicon::builtin().expect("reads");
        let classifier = super::Classifier::new(std::sync::Arc::new(lexicon));
        let text = format!("{}I was diagnosed with diabetes.", "The train leaves at noon from here. ".repeat(10_000));
        let request = super::Request {
            parts: &[&text],
            role: crate::chat::Role::User,
            stated: Some("en"),
            context: None,
            before: &[],
            evidence: true,
        };
        let found = classifier.assess(&mut super::Scratch::default(), &request).evidence;
        let mut of_health = found.iter().filter(|one| one.category == "health" && one.because != "word");
        let last = of_health.next_back().and_then(|one| text.get(one.span.0..one.span.1));
        assert_eq!(last, Some("diabetes"));
        assert!(found.iter().any(|one| one.because == "word" && &text[one.span.0..one.span.1] == "diabetes"));
    }
}
