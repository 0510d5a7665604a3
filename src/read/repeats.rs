//! Conversations that one input holds more than once: the copy with the greater update time stays, then the longer.
//!
//! A first pass takes the ids out of the records, where they can be had without parsing, and keeps eight bytes a
//! conversation. Only when some id occurs twice, a second pass parses and looks at those copies; so the usual export costs
//! one more reading of the file and no memory to speak of.

use std::collections::{HashMap, HashSet};

use super::drive::{Batch, Outcome, Progress, process, run};
use super::feed::{Load, Piece, Position};
use super::ledger::Ledger;
use super::plan::format_named;
use super::{Plan, Task, ids};
use crate::chat::{Conversation, Timestamp};
use crate::error::Result;
use crate::input::Columns;

/// Beyond this many conversations (a gigabyte of hashes) copies are no longer looked for.
const MAX_CONVERSATIONS: usize = 1 << 27;

/// The copies to leave out: the piece and the conversation's place in it.
pub(crate) type Repeats = HashSet<(Position, u32)>;

/// What decides between copies: update time, length, and that earlier is better.
type Rank = (Option<Timestamp>, u64, std::cmp::Reverse<(Position, u32)>);

/// Finds the copies to leave out.
pub(crate) fn find(plan: &Plan, progress: &mut dyn FnMut(Progress)) -> Result<Repeats> {
    if !plan.tasks.iter().any(may_repeat) {
        return Ok(Repeats::new());
    }
    let twice = hashes_seen_twice(plan, progress)?;
    if twice.is_empty() {
        return Ok(Repeats::new());
    }
    losers(plan, &twice, progress)
}

fn may_repeat(task: &Task) -> bool {
    format_named(task.format).is_none_or(|format| format.ids_are_global())
}

/// Whether copies of this conversation can be told by its id.
fn counts(conversation: &Conversation) -> bool {
    !conversation.id_is_local && conversation.first_index == 0
}

fn hashes_seen_twice(plan: &Plan, progress: &mut dyn FnMut(Progress)) -> Result<HashSet<u64>> {
    let mut hashes: Vec<u64> = Vec::new();
    let parsed = |_: Position, batch: Batch<'_>, _: &mut Ledger| -> Vec<u64> {
        batch.conversations.iter().filter(|c| counts(c)).map(|c| ids::hash(&c.id)).collect()
    };
    let work = |piece: Piece| {
        let format = format_named(plan.tasks[piece.position.0].format);
        match (&piece.load, format.map_or(&[][..], |format| format.id_keys())) {
            (Load::Records { records, .. }, keys @ [_, ..]) => {
                let ids = records.iter().filter_map(|(_, record)| ids::of_record(record, keys)).collect();
                Outcome { value: Some(ids), ledger: Ledger::default(), weight: piece.weight }
            }
            _ => process(plan, piece, &parsed),
        }
    };
    let collect = |more: Vec<u64>| {
        if hashes.len() < MAX_CONVERSATIONS {
            hashes.extend(more);
        }
        Ok(())
    };
    run(&only_ids(plan), &may_repeat, &work, collect, progress)?;
    hashes.sort_unstable();
    Ok(hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect())
}

/// The same plan, where its members are tables reading the columns of ids alone.
fn only_ids(plan: &Plan) -> Plan {
    let ids = |task: Task| match format_named(task.format).map_or(&[][..], |format| format.id_keys()) {
        [] => task,
        keys => task.reading(Columns::Named(keys)),
    };
    Plan { tasks: plan.tasks.iter().cloned().map(ids).collect(), ..plan.clone() }
}

fn losers(plan: &Plan, twice: &HashSet<u64>, progress: &mut dyn FnMut(Progress)) -> Result<Repeats> {
    let mut best: HashMap<(&'static str, String), Rank> = HashMap::new();
    let mut losers = Repeats::new();
    let work = |position: Position, batch: Batch<'_>, _: &mut _| -> Vec<((&'static str, String), Rank)> {
        let copies = (0..).zip(batch.conversations).filter(|(_, c)| counts(c) && twice.contains(&ids::hash(&c.id)));
        let ranked = copies.map(|(index, c)| {
            let rank = (c.updated_at, c.text_bytes(), std::cmp::Reverse((position, index)));
            ((c.platform, c.id), rank)
        });
        ranked.collect()
    };
    let collect = |ranked: Vec<((&'static str, String), Rank)>| {
        for (key, rank) in ranked {
            let standing = best.entry(key).or_insert(rank);
            if *standing == rank {
                continue;
            }
            let loser = rank.min(*standing);
            *standing = rank.max(*standing);
            losers.insert(loser.2.0);
        }
        Ok(())
    };
    run(plan, &may_repeat, &|piece| process(plan, piece, &work), collect, progress)?;
    Ok(losers)
}
