//! An export read on a thread of its own, its records handed on batch by batch.
//!
//! The thread is at most a few batches ahead of the program, so memory does not grow with the export.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arrow_array::RecordBatch;
use offlimits::classify::Scratch;
use offlimits::read::{self, Catalog, Ledger};
use offlimits::report::{Names, Told};
use offlimits::scan::{Event, Scanner};
use pyo3::prelude::*;
use rayon::ThreadPool;

use crate::error;
use crate::record::{self, Outcome, Shape};
use crate::records::Batch;

/// So many batches wait to be taken.
const AHEAD: usize = 4;

/// A batch has so many rows, the last one fewer.
const ROWS: usize = 4_096;

type Read = offlimits::Result<(Ledger, Option<&'static str>)>;

/// What is left of a run.
struct Running {
    batches: Receiver<Result<RecordBatch, String>>,
    thread: JoinHandle<Read>,
}

/// The records of an export: an iterator of batches, and the ledger when it is at its end.
#[pyclass(frozen, module = "offlimits")]
pub(crate) struct Scan {
    running: Mutex<Option<Running>>,
    ledger: Mutex<Option<Ledger>>,
    path: String,
}

impl Scan {
    pub(crate) fn start(
        mut scanner: Scanner,
        names: Names,
        pool: Arc<ThreadPool>,
        path: String,
        format: Option<&str>,
        shape: Shape,
    ) -> PyResult<Scan> {
        let mut catalog = Catalog::open(&path).map_err(|error| error::of_input(&path, &error))?;
        let plan = read::plan(&mut catalog, format).map_err(|error| error::of_input(&path, &error))?;
        // What a download says holds for its own chats, and never against what was given.
        scanner.account.region = scanner.account.region.or_else(|| Told::of(&catalog).region);
        let (sender, batches) = sync_channel(AHEAD);
        let thread = std::thread::spawn(move || {
            let gone = || std::io::Error::from(std::io::ErrorKind::BrokenPipe).into();
            let mut waiting: Vec<Outcome> = Vec::new();
            let send = |outcomes: &[Outcome]| {
                let batch = record::batch(outcomes.iter(), &names, shape);
                sender.send(batch.map_err(|error| error.to_string())).map_err(|_| gone())
            };
            let run = || {
                let work = |batch: read::Batch<'_>| work(&scanner, &batch);
                let collect = |outcomes: Vec<Outcome>| {
                    waiting.extend(outcomes);
                    let whole = waiting.len() - waiting.len() % ROWS;
                    let ready: Vec<Outcome> = waiting.drain(..whole).collect();
                    ready.chunks(ROWS).try_for_each(send)
                };
                read::drive(&plan, work, collect, |_| {})
            };
            let ledger = pool.install(run)?;
            if !waiting.is_empty() {
                send(&waiting)?;
            }
            Ok((ledger, plan.advice))
        });
        Ok(Scan { running: Mutex::new(Some(Running { batches, thread })), ledger: Mutex::new(None), path })
    }

    /// The end of a run: the ledger, or what went wrong.
    fn end(&self, running: Running) -> PyResult<()> {
        let read = running
            .thread
            .join()
            .map_err(|_| error::ReadError::new_err(format!("{}: the reader stopped", self.path)))?;
        let (ledger, advice) = read.map_err(error::of)?;
        let trouble = ledger.files.iter().find(|line| line.is_trouble()).map(ToString::to_string);
        let nothing = ledger.messages == 0;
        *self.ledger.lock().unwrap_or_else(PoisonError::into_inner) = Some(ledger);
        match (nothing, advice, trouble) {
            (true, Some(advice), _) => Err(error::ReadError::new_err(format!("{}: {advice}", self.path))),
            (true, None, Some(line)) => Err(error::ReadError::new_err(line)),
            _ => Ok(()),
        }
    }
}

fn work(scanner: &Scanner, batch: &read::Batch<'_>) -> Vec<Outcome> {
    let (mut scratch, mut outcomes) = (Scratch::default(), Vec::new());
    for conversation in &batch.conversations {
        scanner.scan(&mut scratch, &batch.place, conversation, &mut |event| {
            if let Event::Found(finding, message) = event {
                let message = scanner.evidence.then(|| Box::new(message.clone()));
                outcomes.push(Outcome::Found(Box::new(finding), message));
            }
        });
    }
    outcomes
}

#[pymethods]
impl Scan {
    fn __iter__(scan: PyRef<'_, Self>) -> PyRef<'_, Self> {
        scan
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Batch>> {
        py.detach(|| {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(now) = running.take() else { return Ok(None) };
            match now.batches.recv() {
                Ok(Ok(batch)) => {
                    *running = Some(now);
                    Ok(Some(Batch(batch)))
                }
                Ok(Err(words)) => Err(error::usage(words)),
                Err(_) => self.end(now).map(|()| None),
            }
        })
    }

    /// What was read and left out, as (counts, lines); none before the end.
    #[getter]
    fn ledger(&self) -> Option<LedgerParts> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let ledger = ledger.as_ref()?;
        let mut counts =
            vec![("conversations", ledger.conversations), ("messages", ledger.messages), ("bytes", ledger.bytes)];
        counts.extend(ledger.skipped.iter().map(|(reason, count)| (*reason, *count)));
        Some((counts, ledger.files.iter().map(ToString::to_string).collect()))
    }
}

type LedgerParts = (Vec<(&'static str, u64)>, Vec<String>);
