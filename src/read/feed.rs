//! The reading side of a run: one thread opens the members in order and cuts them into pieces for everybody else.
//!
//! Law: pieces are the same whatever the number of threads, and no more than a budget of bytes is ever under way.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::ledger::{FileLine, Ledger};
use super::sink::Collector;
use super::split::{Records, Splitter};
use super::{How, ParseRecord, Plan, ReadStream, Sink, Split, Task};
use crate::chat::Conversation;
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;

/// A batch of conversations is closed at this many bytes of text …
const BATCH_BYTES: u64 = 1 << 20;
/// … or this many conversations.
const BATCH_CONVERSATIONS: usize = 4096;

/// What a piece costs beside its bytes: a million tiny files must not all be under way at once.
const LEAST_WEIGHT: u64 = 4096;

/// Where a piece belongs: the task, and the piece in it.
pub(crate) type Position = (usize, u32);

/// A unit of parallel work.
pub(crate) struct Piece {
    pub(crate) position: Position,
    pub(crate) weight: u64,
    pub(crate) load: Load,
}

/// What a piece holds.
pub(crate) enum Load {
    /// Records to be parsed.
    Records { records: Records, parse: Arc<ParseRecord>, place: String },
    /// Conversations that their reader has parsed.
    Conversations(Vec<Conversation>),
    /// Nothing to work on: lines and counts.
    Ledger(Ledger),
}

/// Bytes under way, so that a fast reader waits for slow workers.
pub(crate) struct Budget {
    used: Mutex<Option<u64>>,
    freed: Condvar,
    limit: u64,
}

impl Budget {
    pub(crate) fn new(limit: u64) -> Self {
        Budget { used: Mutex::new(Some(0)), freed: Condvar::new(), limit }
    }

    /// Waits for room; false when the run is over. One piece alone is always let through.
    fn take(&self, weight: u64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *used {
                None => return false,
                Some(now) if now > 0 && now + weight > self.limit => {
                    used = self.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
                }
                Some(now) => {
                    *used = Some(now + weight);
                    return true;
                }
            }
        }
    }

    pub(crate) fn give_back(&self, weight: u64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.map(|now| now.saturating_sub(weight));
        self.freed.notify_all();
    }

    /// Ends the run: the reader stops at its next piece.
    pub(crate) fn close(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.freed.notify_all();
    }
}

/// Reads a plan's tasks and sends their pieces on.
pub(crate) struct Feed<'a> {
    pub(crate) budget: &'a Budget,
    /// Counts the bytes read.
    pub(crate) meter: &'a Arc<AtomicU64>,
    pub(crate) send: &'a dyn Fn(Piece),
    pub(crate) position: Position,
}

impl Feed<'_> {
    /// Reads everything that `wanted` accepts; ends early when the run is over.
    pub(crate) fn run(&mut self, plan: &Plan, wanted: &dyn Fn(&Task) -> bool) {
        for (number, task) in plan.tasks.iter().enumerate().filter(|(_, task)| wanted(task)) {
            self.position = (number, 0);
            let outcome = match &task.how {
                How::Records(split, parse) => self.records(task, *split, parse),
                How::Stream(read) => self.stream(task, &**read),
            };
            if outcome.is_err() {
                return;
            }
        }
    }

    fn records(&mut self, task: &Task, split: Split, parse: &Arc<ParseRecord>) -> Result<()> {
        for member in &task.members {
            let place = member.place();
            let mut ledger = Ledger::default();
            let mut trouble = None;
            match member.clone().metered(self.meter).open() {
                Err(error) => trouble = Some(error),
                Ok(bytes) => {
                    let mut splitter = Splitter::new(bytes, split);
                    while let Some(batch) = splitter.next_batch() {
                        match batch {
                            Ok(records) => {
                                let weight = records.size() as u64;
                                let (parse, place) = (parse.clone(), place.clone());
                                self.send(weight, Load::Records { records, parse, place })?;
                            }
                            Err(error) => trouble = Some(error),
                        }
                    }
                    ledger.bytes = splitter.bytes_read();
                }
            }
            ledger.files.push(line(task, member, trouble.as_ref()));
            self.send(0, Load::Ledger(ledger))?;
        }
        Ok(())
    }

    fn stream(&mut self, task: &Task, read: &ReadStream) -> Result<()> {
        let members: Vec<Member> = task.members.iter().map(|m| m.clone().metered(self.meter)).collect();
        let place = members.first().map_or_else(String::new, Member::place);
        let mut sink =
            StreamSink { feed: self, collector: Collector::new(&place, task.format), weight: 0, over: false };
        let before = sink.feed.meter.load(Ordering::Relaxed);
        let outcome = read(&members, &mut sink);
        if sink.over || sink.flush().is_err() {
            return Err(over());
        }
        let mut ledger = std::mem::take(&mut sink.collector.ledger);
        let metered = self.meter.load(Ordering::Relaxed) - before;
        ledger.bytes = members.iter().map(Member::size).sum::<Option<u64>>().unwrap_or(metered);
        // The troubles stand behind the line of the member that they belong to, as far as that is known.
        let troubles = std::mem::take(&mut ledger.files);
        let failed = outcome.err();
        let blamed = |member: &Member| failed.as_ref().filter(|e| e.place() == member.place() || members.len() == 1);
        ledger.files = members.iter().map(|member| line(task, member, blamed(member))).collect();
        if let Some(error) = failed.as_ref().filter(|_| members.iter().all(|m| blamed(m).is_none())) {
            let reason = Some(reason_of(error));
            let place = if error.place().is_empty() { place.clone() } else { error.place().to_owned() };
            ledger.files.push(FileLine {
                place,
                format: Some(task.format),
                reason,
                detail: error.message().to_owned(),
            });
        }
        ledger.files.extend(troubles);
        self.send(0, Load::Ledger(ledger))
    }

    fn send(&mut self, weight: u64, load: Load) -> Result<()> {
        let weight = weight.max(LEAST_WEIGHT);
        if !self.budget.take(weight) {
            return Err(over());
        }
        (self.send)(Piece { position: self.position, weight, load });
        self.position.1 += 1;
        Ok(())
    }
}

/// Collects a stream's conversations into pieces.
struct StreamSink<'f, 'a> {
    feed: &'f mut Feed<'a>,
    collector: Collector,
    weight: u64,
    over: bool,
}

impl StreamSink<'_, '_> {
    fn flush(&mut self) -> Result<()> {
        let conversations = std::mem::take(&mut self.collector.conversations);
        let weight = std::mem::take(&mut self.weight);
        if conversations.is_empty() {
            return Ok(());
        }
        let sent = self.feed.send(weight, Load::Conversations(conversations));
        self.over |= sent.is_err();
        sent
    }
}

impl Sink for StreamSink<'_, '_> {
    fn conversation(&mut self, conversation: Conversation) -> Result<()> {
        self.weight += conversation.text_bytes();
        self.collector.conversation(conversation)?;
        if self.weight >= BATCH_BYTES || self.collector.conversations.len() >= BATCH_CONVERSATIONS {
            self.flush()?;
        }
        Ok(())
    }

    fn skip(&mut self, reason: &'static str, count: u64) {
        self.collector.skip(reason, count);
    }

    fn trouble(&mut self, place: &str, message: &str) {
        self.collector.trouble(place, message);
    }
}

fn line(task: &Task, member: &Member, trouble: Option<&Error>) -> FileLine {
    FileLine {
        place: member.place(),
        format: Some(task.format),
        reason: trouble.map(reason_of),
        detail: trouble.map_or_else(String::new, |error| error.message().to_owned()),
    }
}

fn reason_of(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Encrypted => "encrypted",
        ErrorKind::Limit => "limit",
        _ => "unreadable",
    }
}

fn over() -> Error {
    Error::new(ErrorKind::Io, "the reading was stopped")
}
