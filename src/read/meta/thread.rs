//! A thread on its way from a file's parts to a [`Conversation`]: order, roles, and what is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::app_lines::is_app_line;
use super::people::{Cast, Kind, Owner, is_ai};
use crate::chat::{Conversation, Message, Timestamp};
use crate::error::Result;
use crate::read::{Counts, Sink};

/// The platform of everything here.
pub(crate) const PLATFORM: &str = "meta_ai";

/// A message as a file holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The sender's name.
    pub(crate) author: String,
    /// The time, if any.
    pub(crate) at: Option<Timestamp>,
    /// The time has no zone.
    pub(crate) local: bool,
    /// The text.
    pub(crate) text: String,
}

/// A thread: its lines as they stand in the files, not yet in order.
#[derive(Debug)]
pub(crate) struct Thread {
    /// The conversation id.
    pub(crate) id: String,
    /// The id was made from names or titles.
    pub(crate) id_is_title: bool,
    /// The id only counts within its file.
    pub(crate) id_is_local: bool,
    /// The title.
    pub(crate) title: Option<String>,
    /// `messenger`, `instagram` or `meta_ai_app`.
    pub(crate) surface: &'static str,
    /// Who can be an AI in it.
    pub(crate) kind: Kind,
    /// The order of lines where times do not tell.
    pub(crate) order: Order,
    /// Names of the participants, where listed.
    pub(crate) participants: Vec<String>,
    /// The lines in file order.
    pub(crate) lines: Vec<Line>,
    /// What was left out so far.
    pub(crate) skipped: Counts,
}

/// The order in which a file lists messages of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The later in the file is the older.
    NewestFirst,
    /// The later in the file is the newer.
    OldestFirst,
}

impl Thread {
    /// An empty thread, newest lines first.
    pub(crate) fn new(id: impl Into<String>, surface: &'static str, kind: Kind) -> Thread {
        Thread {
            id: id.into(),
            id_is_title: true,
            id_is_local: false,
            title: None,
            surface,
            kind,
            order: Order::NewestFirst,
            participants: Vec::new(),
            lines: Vec::new(),
            skipped: Counts::new(),
        }
    }

    /// Counts something that was left out.
    pub(crate) fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Adds a line, unless it is empty or the app's own.
    pub(crate) fn push(&mut self, line: Line, shares: bool) {
        let text = line.text.trim();
        if text.is_empty() {
            self.skip(if shares { "attachment" } else { "no_text" });
            self.participants.push(line.author);
        } else if is_app_line(text, &line.author, shares) {
            self.skip("app_line");
            self.participants.push(line.author);
        } else {
            let text = text.replace("\r\n", "\n");
            self.lines.push(Line { text, ..line });
        }
    }

    /// Whether at most one person is named in it.
    fn is_of_one(&self) -> bool {
        let authors = self.lines.iter().map(|line| line.author.as_str());
        let mut names = self.participants.iter().map(String::as_str).chain(authors).filter(|name| !is_ai(name));
        let first = names.next();
        names.all(|name| Some(name) == first)
    }

    /// Hands the thread on, or counts it when it has no AI.
    pub(crate) fn conclude(mut self, owner: &Owner, sink: &mut dyn Sink) -> Result<()> {
        let authors = self.lines.iter().map(|line| line.author.as_str());
        let names = self.participants.iter().map(String::as_str).chain(authors);
        // A chat of two is named after the other: the assistant that never answered is still in it.
        let other = self.title.as_deref().filter(|title| is_ai(title) && self.is_of_one());
        let cast = Cast::of(names.chain(other), self.kind, owner);
        if self.kind == Kind::Ordinary && !cast.has_assistant() {
            sink.skip("human_only", 1);
            return Ok(());
        }
        for (reason, count) in std::mem::take(&mut self.skipped) {
            sink.skip(reason, count);
        }
        let lines = chronological(self.lines, self.order);
        if lines.is_empty() {
            return Ok(());
        }
        let mut conversation = Conversation::new(PLATFORM, Some(self.surface), self.id);
        conversation.id_is_title = self.id_is_title;
        conversation.id_is_local = self.id_is_local;
        conversation.title = self.title;
        conversation.updated_at = lines.iter().filter_map(|line| line.at).max();
        conversation.messages = lines.into_iter().map(|line| message(line, &cast)).collect();
        sink.conversation(conversation)
    }
}

fn message(line: Line, cast: &Cast) -> Message {
    let mut message = Message::new(cast.role(&line.author), line.text);
    message.author = Some(line.author);
    message.sent_at = line.at;
    message.local_time = line.local && line.at.is_some();
    message
}

/// Oldest first. Files differ in their direction, which most steps of time show; `order` decides when they do not. Lines
/// of one moment keep the file's direction: minutes hold a question and its answer.
fn chronological(mut lines: Vec<Line>, order: Order) -> Vec<Line> {
    let times: Vec<Timestamp> = lines.iter().filter_map(|line| line.at).collect();
    let rises = times.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let falls = times.windows(2).filter(|pair| pair[0] > pair[1]).count();
    let reversed = match rises.cmp(&falls) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Greater => false,
        std::cmp::Ordering::Equal => order == Order::NewestFirst,
    };
    if reversed {
        lines.reverse();
    }
    // A line without a time stays behind its neighbour; the neighbour's time serves for the order only.
    let mut last = Timestamp(i64::MIN);
    let mut keyed: Vec<(Timestamp, Line)> = Vec::with_capacity(lines.len());
    for line in lines {
        last = line.at.unwrap_or(last);
        keyed.push((last, line));
    }
    keyed.sort_by_key(|(at, _)| *at);
    keyed.into_iter().map(|(_, line)| line).collect()
}

/// Who the owner may be where no profile tells: the one name that takes part in the most of several AI threads.
#[derive(Debug, Default)]
pub(crate) struct OwnerGuess(BTreeMap<String, usize>);

impl OwnerGuess {
    /// Counts the names of a thread.
    pub(crate) fn add(&mut self, thread: &Thread) {
        let names: BTreeSet<String> = thread.lines.iter().map(|line| line.author.trim().to_lowercase()).collect();
        for name in names.into_iter().filter(|name| !is_ai(name)) {
            *self.0.entry(name).or_default() += 1;
        }
    }

    /// The owner that is known, else the guess; nobody when it is open.
    pub(crate) fn or(&self, owner: &Owner) -> Owner {
        if !owner.is_empty() {
            return owner.clone();
        }
        let most = self.0.values().copied().max().unwrap_or(0);
        let mut leaders = self.0.iter().filter(|(_, count)| **count == most);
        let mut guess = Owner::default();
        if let (true, Some((name, _)), None) = (most > 1, leaders.next(), leaders.next()) {
            guess.add(name);
        }
        guess
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Order, chronological};
    use crate::chat::Timestamp;

    fn order(times: &[Option<i64>], order: Order) -> String {
        let line = |(n, at): (usize, &Option<i64>)| Line {
            author: String::new(),
            at: at.map(Timestamp),
            local: false,
            text: ((b'a' + n as u8) as char).to_string(),
        };
        let lines = times.iter().enumerate().map(line).collect();
        chronological(lines, order).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn equal_times_follow_the_files_direction() {
        assert_eq!(order(&[Some(5), Some(5), Some(4)], Order::NewestFirst), "cba");
        assert_eq!(order(&[Some(4), Some(5), Some(5)], Order::NewestFirst), "abc");
        assert_eq!(order(&[Some(5), Some(5)], Order::NewestFirst), "ba");
        assert_eq!(order(&[Some(5), Some(5)], Order::OldestFirst), "ab");
    }

    #[test]
    fn stragglers_are_sorted_and_untimed_lines_stay_beside_their_neighbour() {
        assert_eq!(order(&[Some(9), Some(3), Some(8), Some(7)], Order::NewestFirst), "bdca");
        assert_eq!(order(&[Some(9), None, Some(7)], Order::NewestFirst), "cba");
    }
}
