//! AI chats as pages: one page a thread (`ai_conversations/thread_for_mailbox….html`), and the page of the Meta AI app
//! (`your_ai_conversations.html`), which keeps each conversation as one block of text.

use scraper::Html;

use super::columns::{Record, split};
use super::people::{Kind, Owner, is_ai};
use super::tables::{self, Pair};
use super::thread::{Line, Order, OwnerGuess, Thread};
use crate::chat::Timestamp;
use crate::error::Result;
use crate::input::Member;
use crate::read::html::parse_page;
use crate::read::{Sink, written_time};

/// How the app calls the person.
const PERSON: &str = "You";

/// How other languages may call them, for pages in which the assistant speaks first.
const PERSONS: &[&str] = &[
    "Du",
    "Sie",
    "Tú",
    "Usted",
    "Vous",
    "Tu",
    "Toi",
    "Você",
    "Jij",
    "Je",
    "U",
    "Ty",
    "Sen",
    "Siz",
    "Вы",
    "Ви",
    "Ti",
    "Kamu",
    "Anda",
    "Bạn",
    "Εσείς",
    "Jūs",
    "あなた",
    "自分",
    "나",
    "你",
    "您",
    "आप",
    "أنت",
    "את/ה",
];

/// The assistant.
const ASSISTANT: &str = "Meta AI";

/// The first line of a block, before the name of the assistant.
const OPENING: &str = "Conversation with ";

/// Reads thread pages of labelled values. They are read together, because who the owner is may only show over several.
pub(crate) fn read(members: &[Member], surface: &'static str, owner: &Owner, sink: &mut dyn Sink) -> Result<()> {
    let mut threads = Vec::new();
    for member in members {
        match member.text().and_then(|text| parse_page(&text)) {
            Ok(page) => threads.push(thread(&page, member.stem(), surface, owner)),
            Err(error) if members.len() > 1 => sink.trouble(&member.path, error.message()),
            Err(error) => return Err(error),
        }
    }
    let mut guess = OwnerGuess::default();
    threads.iter().for_each(|thread| guess.add(thread));
    let owner = guess.or(owner);
    threads.into_iter().try_for_each(|thread| thread.conclude(&owner, sink))
}

fn thread(page: &Html, stem: &str, surface: &'static str, owner: &Owner) -> Thread {
    let mut records = messages(tables::records(page));
    if records.iter().all(|record| record.fields.len() < 2) {
        records = messages(tables::runs(page));
    }
    let mut thread = Thread::new(stem, surface, Kind::WithAi);
    thread.id_is_title = false;
    for (record, (author, text)) in records.iter().zip(split(&records, |value| is_ai(value) || owner.is(value))) {
        match author {
            Some(author) => {
                let (author, text) = (author.to_owned(), text.unwrap_or_default().to_owned());
                thread.push(Line { author, at: record.at, local: record.local, text }, false);
            }
            None => thread.skip("bad_record"),
        }
    }
    thread
}

/// The records that have a time, which is what makes a message.
fn messages(records: Vec<Vec<Pair>>) -> Vec<Record> {
    records.into_iter().filter_map(message).collect()
}

fn message(pairs: Vec<Pair>) -> Option<Record> {
    let mut record = Record::default();
    let mut timed = false;
    for (label, value) in pairs {
        match written_time::parse(&value) {
            // The first time is when it was sent; a later one is of an edit.
            Some(time) if !timed => {
                (record.at, record.local, timed) = (Some(time.at), time.local, true);
            }
            _ => record.fields.push((label, Some(value))),
        }
    }
    (timed && !record.fields.is_empty()).then_some(record)
}

/// Reads the page of the Meta AI app. Its file names carry a day whose order is unknown, so there are no times.
pub(crate) fn read_app(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let page = parse_page(&member.text()?)?;
    let records = tables::records(&page);
    let whole = records.iter().any(|record| block(record).is_some() && name(record).is_some());
    let records = if whole { records } else { tables::runs(&page) };
    for (number, record) in records.iter().enumerate() {
        let Some(block) = block(record) else { continue };
        let id = name(record).map_or_else(|| format!("{}:{}", member.stem(), number + 1), str::to_owned);
        let mut thread = Thread::new(id, "meta_ai_app", Kind::WithAi);
        thread.id_is_title = false;
        thread.order = Order::OldestFirst;
        let mut owner = Owner::default();
        owner.add(person_of(block));
        turns(block).into_iter().for_each(|line| thread.push(line, false));
        thread.conclude(&owner, sink)?;
    }
    Ok(())
}

/// The name of the text file that the block once was.
fn name(record: &[Pair]) -> Option<&str> {
    record.iter().filter(|(_, value)| !value.contains('\n')).find_map(|(_, value)| value.strip_suffix(".txt"))
}

/// The value that holds a conversation: a line begins with a speaker.
fn block(record: &[Pair]) -> Option<&str> {
    let values = record.iter().map(|(_, value)| value.as_str());
    values.into_iter().find(|value| !turns(value).is_empty())
}

/// What the page calls the person. In another language than English the word is not known; but whoever speaks first below
/// the title, and is not the assistant, is the person.
fn person_of(block: &str) -> &str {
    let mut lines = block.lines();
    let title = lines.next().unwrap_or_default();
    if title.starts_with(OPENING) || !title.contains(ASSISTANT) || title.contains(':') {
        return PERSON;
    }
    let first = lines.next().and_then(|line| line.split_once([':', '：'])).map_or("", |(name, _)| name.trim_end());
    let is_name = !first.is_empty() && first.chars().count() <= 16 && first != ASSISTANT;
    if is_name {
        return first;
    }
    let spoken =
        |name: &&&str| block.lines().any(|line| line.strip_prefix(**name).is_some_and(|rest| rest.starts_with(':')));
    PERSONS.iter().find(spoken).copied().unwrap_or(PERSON)
}

/// Splits at speakers at the start of a line only: people write "You:" inside their texts, too.
fn turns(block: &str) -> Vec<Line> {
    let assistant = block.lines().next().and_then(|line| line.strip_prefix(OPENING)).map_or(ASSISTANT, str::trim);
    let person = person_of(block);
    let mut lines: Vec<Line> = Vec::new();
    for line in block.lines() {
        let spoken = [person, assistant, ASSISTANT].into_iter().find_map(|name| {
            let rest = line.strip_prefix(name)?.trim_start().strip_prefix([':', '：'])?;
            Some((name, rest))
        });
        match (spoken, lines.last_mut()) {
            (Some((author, text)), _) => lines.push(spoken_by(author, text)),
            (None, Some(last)) => {
                last.text.push('\n');
                last.text.push_str(line);
            }
            (None, None) => {}
        }
    }
    lines
}

fn spoken_by(author: &str, text: &str) -> Line {
    const NO_TIME: Option<Timestamp> = None;
    Line { author: author.to_owned(), at: NO_TIME, local: false, text: text.trim_start().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::turns;

    #[test]
    fn speakers_stand_at_the_start_of_a_line() {
        let lines = turns("Conversation with Luna\nYou: Tell me: You: or Luna: first?\nLuna: You first.\n- ok");
        let found: Vec<_> = lines.iter().map(|line| (line.author.as_str(), line.text.as_str())).collect();
        assert_eq!(found, [("You", "Tell me: You: or Luna: first?"), ("Luna", "You first.\n- ok")]);
        assert!(turns("Conversation with Meta AI_01-05-2026_1.txt").is_empty());
    }
}
