//! Running a plan: one thread reads, all work, and the results come back in the order of the input.
//!
//! Law: the results and the ledger are the same at any number of threads; memory is bounded by a budget of pieces; what is
//! wrong with one member costs nothing but that member.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use super::feed::{Budget, Feed, Load, Piece, Position};
use super::ledger::Ledger;
use super::repeats::{self, Repeats};
use super::sink::Collector;
use super::{Plan, Sink, Task};
use crate::chat::Conversation;
use crate::error::Result;
use crate::input::Member;

/// So many records that could not be read have a line each; all are counted.
const TOLD: usize = 64;

/// Some conversations of one input, to be worked on by one thread.
#[derive(Debug)]
pub struct Batch<'a> {
    /// Where it stands in the plan: the task, and the piece of it. Later batches have greater ones; the same input is always
    /// cut in the same way.
    pub position: (usize, u32),
    /// The input's path as the user gave it.
    pub input: &'a str,
    /// The file or archive member that they come from; the first one where several make a thread.
    pub place: String,
    /// The format that read them.
    pub format: &'static str,
    /// The conversations, in the order of the input.
    pub conversations: Vec<Conversation>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Whether this is the pass that only looks for copies of conversations; the reading proper comes after it.
    pub looking_for_copies: bool,
    /// Bytes read so far in this pass, after inflating.
    pub read: u64,
    /// Bytes to be read in this pass, where that is known.
    pub total: Option<u64>,
}

/// Reads a plan. `work` is called with batches of conversations, on all threads of the current rayon pool; `collect` gets
/// its results on the calling thread, in the order of the input, and may stop the run with an error. `progress` is called
/// now and then.
///
/// Of conversations that the input holds twice (same platform and id), only the best copy is handed on.
pub fn drive<T: Send>(
    plan: &Plan,
    work: impl Fn(Batch<'_>) -> T + Sync,
    collect: impl FnMut(T) -> Result<()>,
    mut progress: impl FnMut(Progress),
) -> Result<Ledger> {
    let repeats = repeats::find(plan, &mut |seen| progress(Progress { looking_for_copies: true, ..seen }))?;
    let work = |position: Position, batch: Batch<'_>, ledger: &mut Ledger| {
        let batch = without_repeats(&repeats, position, batch, ledger);
        for conversation in &batch.conversations {
            ledger.conversations += u64::from(conversation.first_index == 0);
            ledger.messages += conversation.messages.len() as u64;
        }
        work(batch)
    };
    let work = |piece: Piece| process(plan, piece, &work);
    let mut ledger = run(plan, &|_| true, &work, collect, &mut progress)?;
    let mut lines = std::mem::take(&mut ledger.files);
    lines.extend(plan.left_out.iter().cloned());
    ledger.files = lines;
    Ok(ledger)
}

fn without_repeats<'a>(repeats: &Repeats, position: Position, mut batch: Batch<'a>, ledger: &mut Ledger) -> Batch<'a> {
    if !repeats.is_empty() {
        let before = batch.conversations.len();
        let mut index = 0;
        batch.conversations.retain(|_| {
            index += 1;
            !repeats.contains(&(position, index - 1))
        });
        let dropped = before - batch.conversations.len();
        if dropped > 0 {
            ledger.skip("duplicate", dropped as u64);
        }
    }
    batch
}

enum Event<T> {
    Piece(Piece),
    Done(u64, Outcome<T>),
    /// The reader has nothing more.
    End,
    /// A worker panicked; the panic goes on when the scope ends.
    Lost,
}

/// What came of a piece.
pub(crate) struct Outcome<T> {
    pub(crate) value: Option<T>,
    pub(crate) ledger: Ledger,
    pub(crate) weight: u64,
}

/// Says good-bye on every way out, so that nobody waits for a thread that is gone.
struct Parting<T> {
    events: Sender<Event<T>>,
    reader: bool,
}

impl<T> Drop for Parting<T> {
    fn drop(&mut self) {
        if self.reader {
            let _ = self.events.send(Event::End);
        } else if std::thread::panicking() {
            let _ = self.events.send(Event::Lost);
        }
    }
}

/// One pass over the tasks that `wanted` accepts; `work` is called with their pieces, on all threads.
pub(crate) fn run<T: Send>(
    plan: &Plan,
    wanted: &(dyn Fn(&Task) -> bool + Sync),
    work: &(impl Fn(Piece) -> Outcome<T> + Sync),
    collect: impl FnMut(T) -> Result<()>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Ledger> {
    let budget = Budget::new((rayon::current_num_threads() as u64 * 4 + 4) << 20);
    let meter = Arc::new(AtomicU64::new(0));
    let total = plan.bytes();
    let (events, inbox) = channel::<Event<T>>();
    std::thread::scope(|threads| {
        let parting = Parting { events: events.clone(), reader: true };
        let (budget, meter) = (&budget, &meter);
        threads.spawn(move || {
            let send = |piece| drop(parting.events.send(Event::Piece(piece)));
            Feed { budget, meter, send: &send, position: (0, 0) }.run(plan, wanted);
        });
        rayon::in_place_scope(|pool| {
            let spawn = |order: u64, piece: Piece| {
                let parting = Parting { events: events.clone(), reader: false };
                pool.spawn(move |_| {
                    let outcome = work(piece);
                    let _ = parting.events.send(Event::Done(order, outcome));
                });
            };
            let tell = || Progress { looking_for_copies: false, read: meter.load(Ordering::Relaxed), total };
            let outcome = gather(&inbox, budget, spawn, collect, &mut || progress(tell()));
            budget.close();
            outcome
        })
    })
}

/// Takes events until everything is collected in order.
fn gather<T>(
    inbox: &Receiver<Event<T>>,
    budget: &Budget,
    spawn: impl Fn(u64, Piece),
    mut collect: impl FnMut(T) -> Result<()>,
    progress: &mut dyn FnMut(),
) -> Result<Ledger> {
    let mut ledger = Ledger::default();
    let mut waiting = BTreeMap::new();
    let (mut spawned, mut collected, mut at_end, mut told) = (0u64, 0u64, false, 0);
    while !at_end || collected < spawned {
        match next(inbox) {
            Some(Event::Piece(Piece { load: Load::Ledger(ledger), weight, .. })) => {
                waiting.insert(spawned, Outcome { value: None, ledger, weight });
                spawned += 1;
            }
            Some(Event::Piece(piece)) => {
                spawn(spawned, piece);
                spawned += 1;
            }
            Some(Event::Done(order, outcome)) => {
                waiting.insert(order, outcome);
            }
            Some(Event::End) => at_end = true,
            Some(Event::Lost) | None => break,
        }
        while let Some(outcome) = waiting.remove(&collected) {
            collected += 1;
            let mut counted = outcome.ledger;
            counted.files.retain(|line| {
                let is_record = line.reason == Some("bad_record");
                told += usize::from(is_record);
                !is_record || told <= TOLD
            });
            ledger.merge(counted);
            outcome.value.map_or(Ok(()), &mut collect)?;
            budget.give_back(outcome.weight);
        }
        progress();
    }
    Ok(ledger)
}

/// The next event. Inside a pool's own thread, waiting means working.
fn next<T>(inbox: &Receiver<T>) -> Option<T> {
    if rayon::current_thread_index().is_none() {
        return inbox.recv().ok();
    }
    loop {
        match inbox.try_recv() {
            Ok(event) => return Some(event),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => match rayon::yield_now() {
                Some(rayon::Yield::Executed) => {}
                _ => std::thread::sleep(std::time::Duration::from_micros(200)),
            },
        }
    }
}

/// Parses a piece and works on its conversations.
pub(crate) fn process<T>(
    plan: &Plan,
    piece: Piece,
    work: &impl Fn(Position, Batch<'_>, &mut Ledger) -> T,
) -> Outcome<T> {
    let task = &plan.tasks[piece.position.0];
    let format = task.format;
    let first = || task.members.first().map_or_else(String::new, Member::place);
    let (place, conversations, mut ledger) = match piece.load {
        Load::Conversations(conversations) => (first(), conversations, Ledger::default()),
        Load::Ledger(ledger) => (first(), Vec::new(), ledger),
        Load::Records { records, parse, place } => {
            let mut sink = Collector::new(&place, format);
            for (number, record) in records.iter() {
                if let Err(error) = parse(record, number, &mut sink) {
                    sink.trouble(&format!("record {number}"), error.message());
                }
            }
            (place, sink.conversations, sink.ledger)
        }
    };
    let batch = Batch { position: piece.position, input: &plan.input, place, format, conversations };
    let value = Some(work(piece.position, batch, &mut ledger));
    Outcome { value, ledger, weight: piece.weight }
}
