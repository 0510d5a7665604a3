//! How fast each step is on this machine, measured, not claimed: the work behind `offlimits bench`.
//!
//! Steps are measured one on top of the other (words; words and phrases; whole assessments), because that is how they run,
//! and in bytes of what they take in: the file for reading, the texts for the rest.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::chat::Role;
use crate::classify::{Request, Scratch};
use crate::error::{Error, ErrorKind, Result};
use crate::lexicon::matcher::{Layer, Matcher};
use crate::lexicon::screen::{Bounds, Limits, Screen};
use crate::lexicon::words::Opinion;
use crate::lexicon::{Lexicon, Pack};
use crate::read::split::Splitter;
use crate::read::{How, Plan, drive};
use crate::scan::{Event, Scanner, Selection};
use crate::text::Text;

/// Texts beyond this many bytes are not kept for the steps that are measured in memory.
const KEPT: usize = 64 << 20;

/// What most of a chat is: three of four sentences of made-up chats say nothing that any lexicon looks for.
const FILLER: &[&str] = &[
    "Thanks, that is what I meant.",
    "Could you make the second paragraph a little shorter and keep the numbers as they are?",
    "The function returns early when the list is empty, so the loop below it never runs.",
    "Here is another way to put it, in plain words and without the jargon.",
    "It depends on what you want to do with it afterwards.",
    "Sure! Let me know which of the three you like best and I will go on from there.",
    "The file has 1,204 lines, of which about a third were written last year.",
    "Peux-tu reformuler la dernière phrase, s’il te plaît ?",
    "Then add a line that says when it was last changed, and by whom.",
    "No, the other one: the column on the left, under the date.",
    "I tried that on Tuesday and got the same message as before.",
    "To sum up: start with the smaller one, check the result, then do the rest in one go.",
];

/// A measured step.
#[derive(Debug, Clone)]
pub struct Step {
    /// What was done.
    pub name: String,
    /// Bytes that it took in.
    pub bytes: u64,
    /// The best of its rounds.
    pub time: Duration,
}

impl Step {
    /// Megabytes (10⁶ bytes) a second.
    pub fn speed(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.time.as_secs_f64().max(1e-9)
    }
}

/// Does something `rounds` times and keeps the best time: what else runs on the machine only ever adds to it.
fn step(name: impl Into<String>, bytes: u64, rounds: u32, mut work: impl FnMut()) -> Step {
    let mut best = Duration::MAX;
    for _ in 0..rounds.max(1) {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    Step { name: name.into(), bytes, time: best }
}

/// Chats of about `bytes` bytes as JSON lines, made of filler and of the lexicon's example sentences: the same for the same
/// lexicon. Denser in matches than most real chats.
pub fn made_up(lexicon: &Lexicon, bytes: usize) -> Vec<u8> {
    let sentences: Vec<&str> = lexicon
        .tags()
        .filter_map(|tag| lexicon.pack(tag))
        .flat_map(|pack| pack.source().examples.iter().map(|(_, example)| example.text.as_str()))
        .collect();
    let mut out = String::with_capacity(bytes + 4096);
    // Knuth's MMIX generator: any will do, as long as it is the same everywhere.
    let mut state = 1u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let mut number = 0;
    while out.len() < bytes && !sentences.is_empty() {
        number += 1;
        let _ = write!(out, "{{\"id\":\"made-up-{number}\",\"messages\":[");
        for turn in 0..2 + 2 * draw(4) {
            let (role, length) = if turn % 2 == 0 { ("user", 1 + draw(3)) } else { ("assistant", 2 + draw(9)) };
            let mut pick = || if draw(4) > 0 { FILLER[draw(FILLER.len())] } else { sentences[draw(sentences.len())] };
            let text: Vec<&str> = (0..length).map(|_| pick()).collect();
            let text = serde_json::Value::from(text.join(" "));
            let _ = write!(out, "{}{{\"role\":\"{role}\",\"content\":{text}}}", if turn > 0 { "," } else { "" });
        }
        out.push_str("]}\n");
    }
    out.into_bytes()
}

/// What is needed to measure the steps behind reading.
pub struct Texts {
    texts: Vec<(Role, String)>,
    bytes: u64,
}

/// The first texts, up to `bytes` bytes, a line each.
pub fn sample(texts: &Texts, bytes: usize) -> String {
    let mut out = String::new();
    for (_, text) in &texts.texts {
        if out.len() + text.len() > bytes {
            break;
        }
        out.push_str(&text.replace('\n', " "));
        out.push('\n');
    }
    out
}

/// Measures reading and splitting, and reading with parsing, on one thread; keeps the texts.
pub fn reading(plan: &Plan, rounds: u32) -> Result<(Vec<Step>, Texts)> {
    let total = plan.bytes().unwrap_or(0);
    let split = step("read, cut into records", total, rounds, || {
        for task in &plan.tasks {
            let How::Records(split, _) = &task.how else { continue };
            for reader in task.members.iter().filter_map(|member| member.open().ok()) {
                let mut splitter = Splitter::new(reader, *split);
                while let Some(Ok(records)) = splitter.next_batch() {
                    black_box(records.len());
                }
            }
        }
    });
    let values = step("cut, each record a serde_json::Value (to compare)", total, 1, || {
        for task in &plan.tasks {
            let How::Records(split, _) = &task.how else { continue };
            for reader in task.members.iter().filter_map(|member| member.open().ok()) {
                let mut splitter = Splitter::new(reader, *split);
                while let Some(Ok(records)) = splitter.next_batch() {
                    for (_, record) in records.iter() {
                        black_box(serde_json::from_slice::<serde_json::Value>(record).is_ok());
                    }
                }
            }
        }
    });
    let mut kept = Texts { texts: Vec::new(), bytes: 0 };
    let mut failed = None;
    let parse = step("read, cut, look for copies, parse", total, rounds, || {
        let (mut texts, mut bytes) = (Vec::new(), 0);
        let work = |batch: crate::read::Batch<'_>| batch.conversations;
        let collect = |conversations: Vec<crate::chat::Conversation>| {
            for message in conversations.into_iter().flat_map(|conversation| conversation.messages) {
                if bytes < KEPT {
                    bytes += message.text.len();
                    texts.push((message.role, message.text));
                }
            }
            Ok(())
        };
        match on_threads(1, || drive(plan, work, collect, |_| {})) {
            Ok(Ok(_)) => kept = Texts { texts, bytes: bytes as u64 },
            Ok(Err(error)) | Err(error) => failed = Some(error),
        }
    });
    failed.map_or(Ok((vec![split, values, parse], kept)), Err)
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> Result<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    Ok(pool.map_err(|error| Error::new(ErrorKind::Usage, error.to_string()))?.install(work))
}

/// Measures words, phrases and assessments on one thread, over texts in memory.
pub fn texts(texts: &Texts, scanner: &Scanner, pack: &Pack, rounds: u32) -> Vec<Step> {
    let (mut words, mut candidates, mut hits) = (Text::default(), Vec::new(), Vec::new());
    let mut scratch = Scratch::default();
    let fold = step("words", texts.bytes, rounds, || {
        for (_, text) in &texts.texts {
            words.read(text);
            black_box(words.tokens().len());
        }
    });
    let find = step(format!("words and {} phrases", pack.matcher.len()), texts.bytes, rounds, || {
        for (_, text) in &texts.texts {
            words.read(text);
            hits.clear();
            pack.matcher.find(&words, &mut candidates, &mut hits);
            black_box(hits.len());
        }
    });
    let (limits, mut screen, mut opinion) = (Limits::default(), Screen::default(), Opinion::default());
    let look = step("words and candidates (what a scan does first)", texts.bytes, rounds, || {
        for (_, text) in &texts.texts {
            words.read(text);
            candidates.clear();
            pack.words.judge(&words, &mut opinion);
            pack.matcher.screen(&words, (&limits, &opinion), &mut screen, &mut candidates);
            black_box(candidates.len());
        }
    });
    let classify = step("words, phrases, language, verdicts", texts.bytes, rounds, || {
        for (role, text) in &texts.texts {
            let parts = [text.as_str()];
            let request =
                Request { parts: &parts, role: *role, stated: None, context: None, before: &[], evidence: false };
            black_box(scanner.classifier.assess(&mut scratch, &request).sensitive.len());
        }
    });
    vec![fold, find, look, classify]
}

/// Measures everything from the file to the findings, every message classified, at 1, 2 … `threads` threads.
pub fn end_to_end(plan: &Plan, scanner: &Scanner, threads: usize, rounds: u32) -> Result<Vec<Step>> {
    let roles = vec![Role::User, Role::Assistant, Role::Participant];
    let scanner = Scanner { selection: Selection { roles, ..Selection::default() }, ..scanner.clone() };
    let work = |batch: crate::read::Batch<'_>| {
        let (mut scratch, mut found) = (Scratch::default(), 0u64);
        for conversation in &batch.conversations {
            scanner.scan(&mut scratch, &batch.place, conversation, &mut |event| {
                found += u64::from(matches!(event, Event::Found(..)));
            });
        }
        found
    };
    let mut steps = Vec::new();
    for count in 1..=threads.max(1) {
        let name = format!("everything, {count} thread{}", if count > 1 { "s" } else { "" });
        let mut failed = None;
        let run = || {
            drive(
                plan,
                work,
                |found| {
                    black_box(found);
                    Ok(())
                },
                |_| {},
            )
        };
        steps.push(step(name, plan.bytes().unwrap_or(0), rounds, || {
            failed = on_threads(count, run).and_then(|read| read).err();
        }));
        if let Some(error) = failed {
            return Err(error);
        }
    }
    Ok(steps)
}

/// Sizes of the lexicon, in phrases, at which the matcher is measured beside the best known general tool.
pub const SIZES: [usize; 3] = [2_000, 20_000, 60_000];

/// The matcher beside automata with the same phrases over the same texts.
#[derive(Debug)]
pub struct Duel {
    /// How many phrases.
    pub phrases: usize,
    /// The matcher with the reading of the words, then the automata.
    pub steps: Vec<Step>,
    /// How many matches each finds.
    pub matches: usize,
    /// Whether both find equally many in every text.
    pub equal: bool,
}

/// Measures the matcher with about `size` of the phrases, and the best known general tool with the same: an Aho-Corasick
/// automaton over texts folded beforehand (which is not counted), overlapping matches, kept at word borders,
/// leftmost-longest of them: exactly the matcher's job, once.
pub fn duel(texts: &Texts, phrases: &[String], size: usize, budget: usize, rounds: u32) -> Result<Duel> {
    let phrases = spread(phrases, size);
    let matcher = matcher_of(&phrases);
    let mut left = budget;
    let fits = |(_, text): &&(Role, String)| left.checked_sub(text.len()).inspect(|rest| left = *rest).is_some();
    let texts: Vec<&str> = texts.texts.iter().take_while(fits).map(|(_, text)| text.as_str()).collect();
    let folded: Vec<String> = texts.iter().map(|text| folded(text)).collect();
    let size = |texts: usize| texts as u64;
    let (mut words, mut candidates, mut hits) = (Text::default(), Vec::new(), Vec::new());
    let mut find = |text: &str| {
        words.read(text);
        hits.clear();
        matcher.find(&words, &mut candidates, &mut hits);
        hits.len()
    };
    let found: Vec<usize> = texts.iter().map(|text| find(text)).collect();
    let bytes = size(texts.iter().map(|text| text.len()).sum());
    let mut steps = vec![step(format!("words and {} phrases", phrases.len()), bytes, rounds, || {
        for text in &texts {
            black_box(find(text));
        }
    })];
    let mut equal = true;
    let bytes = size(folded.iter().map(String::len).sum());
    for (name, kind) in [("contiguous NFA", AhoCorasickKind::ContiguousNFA), ("DFA", AhoCorasickKind::DFA)] {
        let automaton = AhoCorasick::builder().kind(Some(kind)).match_kind(MatchKind::Standard).build(&phrases);
        let automaton = automaton.map_err(|error| Error::new(ErrorKind::Limit, error.to_string()))?;
        equal &= folded.iter().zip(&found).all(|(text, found)| whole_words(&automaton, text).len() == *found);
        steps.push(step(format!("  aho-corasick, {name}"), bytes, rounds, || {
            for text in &folded {
                black_box(whole_words(&automaton, text).len());
            }
        }));
    }
    Ok(Duel { phrases: phrases.len(), steps, matches: found.iter().sum(), equal })
}

/// About so many of the phrases, spread over all of them.
pub fn spread(phrases: &[String], size: usize) -> Vec<&str> {
    phrases.iter().step_by((phrases.len() / size.max(1)).max(1)).map(String::as_str).take(size).collect()
}

/// A matcher of phrases as they are spelled.
pub fn matcher_of(phrases: &[&str]) -> Matcher {
    let mut matcher = Matcher::default();
    for phrase in phrases {
        matcher.add(phrase, Layer::Sensitive);
    }
    matcher.finish(|_| Bounds::NOTHING);
    matcher
}

/// The words of a text as an automaton takes them: folded, parted by single spaces.
fn folded(text: &str) -> String {
    let words = Text::of(text);
    let words: Vec<&str> = words.tokens().iter().map(|token| words.folded(token)).collect();
    words.join(" ")
}

/// How long the program takes to have a language's pack ready: the built-in one, and the same compiled from its files.
pub fn start(tag: &str) -> Result<(Duration, Duration)> {
    let begin = Instant::now();
    let lexicon = Lexicon::builtin()?;
    black_box(lexicon.pack(tag).is_some());
    let ready = begin.elapsed();
    let begin = Instant::now();
    black_box(lexicon.check(tag).len());
    Ok((ready, begin.elapsed()))
}

/// The phrases of a pack that hold no wildcard, folded, their words parted by single spaces.
pub fn plain_phrases(pack: &Pack) -> Vec<String> {
    (0..pack.matcher.len() as u32).filter_map(|phrase| pack.matcher.spelled(phrase)).collect()
}

/// The greedy leftmost-longest matches at word borders, as byte spans.
pub fn whole_words(automaton: &AhoCorasick, text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let border = |place: usize| bytes.get(place).is_none_or(|byte| *byte == b' ');
    let mut spans: Vec<(usize, usize)> = automaton
        .find_overlapping_iter(text)
        .map(|found| (found.start(), found.end()))
        .filter(|&(start, end)| (start == 0 || border(start - 1)) && border(end))
        .collect();
    spans.sort_unstable_by_key(|&(start, end)| (start, std::cmp::Reverse(end)));
    let mut free = 0;
    spans.retain(|&(start, end)| {
        let kept = start >= free;
        free = if kept { end } else { free };
        kept
    });
    spans
}
