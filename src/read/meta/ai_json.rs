//! `ai_conversations.json`: a tree of labelled values, read by shape because its labels are unknown and translated.
//!
//! An item whose `dict` holds a `timestamp_value` is a message; the last list of such items is the conversation.

use std::collections::HashSet;

use super::columns::{Record, split};
use super::people::{Kind, Owner, is_ai};
use super::thread::{Line, OwnerGuess, Thread};
use super::tree::Tree;
use crate::error::Result;
use crate::input::Member;
use crate::read::split::each_record;
use crate::read::{Sink, Split, json, time};

/// Reads one file of conversations, one in memory at a time; who the owner is may only show over all of them.
pub(crate) fn read(member: &Member, surface: &'static str, owner: &Owner, sink: &mut dyn Sink) -> Result<()> {
    let mut guess = OwnerGuess::default();
    if owner.is_empty() {
        // A file that ends in trouble is judged as far as it goes; the trouble is told by the reading proper.
        let _ = each(member, surface, owner, &mut |thread| {
            guess.add(&thread);
            Ok(())
        });
    }
    let owner = guess.or(owner);
    each(member, surface, &owner, &mut |thread| thread.conclude(&owner, sink))
}

fn each(
    member: &Member,
    surface: &'static str,
    owner: &Owner,
    take: &mut dyn FnMut(Thread) -> Result<()>,
) -> Result<()> {
    each_record(member, Split::Elements(None), &mut |record, _| {
        let mut tree: Tree = json::parse(record).map_err(|error| error.at(member.place()))?;
        tree.repair();
        conversations(&tree).into_iter().try_for_each(|one| take(thread_of(one, member, surface, owner)))
    })
}

/// The conversations: the document itself, its elements, or the elements of its lists.
fn conversations(tree: &Tree) -> Vec<&Tree> {
    if tree.get("label_values").is_some() {
        return vec![tree];
    }
    let inner = tree.pairs().iter().flat_map(|(_, value)| value.items());
    tree.items().iter().chain(inner).filter(|item| item.get("label_values").is_some()).collect()
}

fn thread_of(conversation: &Tree, member: &Member, surface: &'static str, owner: &Owner) -> Thread {
    let fbid = conversation.id("fbid");
    let id = fbid.clone().or_else(|| conversation.id("title")).unwrap_or_else(|| member.stem().to_owned());
    let mut thread = Thread::new(id, surface, Kind::WithAi);
    // Two records of one file without an id are two conversations, though both are called "Meta AI".
    thread.id_is_title = fbid.is_none();
    thread.id_is_local = fbid.is_none();
    thread.title = conversation.text("title").map(str::to_owned);
    let (messages, names) = survey(conversation.list("label_values"));
    let records: Vec<Record> = messages.iter().map(|message| record(message)).collect();
    let found = split(&records, |value| is_ai(value) || owner.is(value) || names.contains(value));
    for (record, (author, text)) in records.iter().zip(found) {
        match author {
            Some(author) => {
                let (author, text) = (author.to_owned(), text.unwrap_or_default().to_owned());
                thread.push(Line { author, at: record.at, local: false, text }, false);
            }
            None => thread.skip(if text.is_some() { "bad_record" } else { "no_text" }),
        }
    }
    thread
}

/// The items of the last list of messages, and all other values: the names of the participants are among them.
fn survey(label_values: &[Tree]) -> (Vec<&Tree>, HashSet<&str>) {
    let (mut messages, mut names) = (Vec::new(), HashSet::new());
    let mut open: Vec<&Tree> = label_values.iter().rev().collect();
    while let Some(item) = open.pop() {
        let list = item.list("dict");
        let own: Vec<&Tree> = list.iter().filter(|inner| is_message(inner)).collect();
        if own.is_empty() {
            names.extend(item.text("value"));
            open.extend(list.iter().rev().chain(item.list("vec").iter().rev()));
        } else {
            messages = own;
        }
    }
    (messages, names)
}

fn is_message(item: &Tree) -> bool {
    item.list("dict").iter().any(|field| field.get("timestamp_value").is_some())
}

fn record(message: &Tree) -> Record {
    let fields = message.list("dict");
    let stamp = fields.iter().find_map(|field| field.number("timestamp_value"));
    let labelled = fields.iter().filter(|field| field.get("timestamp_value").is_none() && field.get("dict").is_none());
    let pair =
        |field: &Tree| (field.text("label").unwrap_or_default().to_owned(), field.text("value").map(str::to_owned));
    Record { fields: labelled.map(pair).collect(), at: stamp.and_then(time::from_number), local: false }
}
