//! Single activities grouped into conversations.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::title::{self, Title};
use crate::chat::{Conversation, Message, Role, Timestamp};
use crate::error::Result;
use crate::read::Sink;
use crate::read::store::{Place, Store};

/// A silence longer than this begins a new conversation.
const SILENCE_MS: i64 = 30 * 60 * 1000;

/// A conversation that grows beyond this is handed on in pieces.
const LONG: usize = 16 << 20;

/// One activity as the file holds it.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// The time, and whether it was local.
    pub(crate) time: Option<(Timestamp, bool)>,
    /// The conversation's id, out of its link.
    pub(crate) conversation: Option<String>,
    /// The title, with its verb.
    pub(crate) title: String,
    /// The prompt by itself, as newer files have it.
    pub(crate) prompt: Option<String>,
    /// The reply, as text.
    pub(crate) reply: String,
}

/// A prompt with its reply.
struct Turn {
    conversation: Option<String>,
    prompt: String,
    reply: String,
}

/// A turn whose texts are in the store.
struct Stored {
    /// What an exact repeat has in common.
    hash: u64,
    time: Option<(Timestamp, bool)>,
    conversation: Option<String>,
    /// The places of prompt and reply; or why there are none.
    texts: std::result::Result<(Place, Place), &'static str>,
}

/// Activities on their way into conversations. A log of years does not fit into memory, so its texts are stored away.
#[derive(Default)]
pub(crate) struct Log {
    turns: Vec<Stored>,
    store: Store,
}

impl Log {
    /// Takes the next activity, newest first as the file has them.
    pub(crate) fn push(&mut self, activity: Activity) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        (activity.time, &activity.title).hash(&mut hasher);
        let time = activity.time;
        let (conversation, texts) = match turn(activity) {
            Ok(turn) => (turn.conversation, Ok((self.store.put(&turn.prompt)?, self.store.put(&turn.reply)?))),
            Err(reason) => (None, Err(reason)),
        };
        self.turns.push(Stored { hash: hasher.finish(), time, conversation, texts });
        Ok(())
    }

    /// Groups the activities and hands the conversations on, oldest first. `stem` serves where there is no time to make an
    /// id of.
    pub(crate) fn conclude(mut self, stem: &str, sink: &mut dyn Sink) -> Result<()> {
        let mut seen = HashSet::new();
        let mut turns = Vec::new();
        for turn in self.turns.into_iter().rev() {
            match turn.texts {
                _ if !seen.insert(turn.hash) => sink.skip("duplicate", 1),
                Ok(_) => turns.push(turn),
                Err(reason) => sink.skip(reason, 1),
            }
        }
        turns.sort_by_key(|turn| turn.time);
        for (id, turns) in grouped(turns, stem) {
            let mut conversation = Conversation::new("gemini", Some("web"), id);
            conversation.updated_at = turns.iter().filter_map(|turn| turn.time).map(|(at, _)| at).max();
            let mut bytes = 0;
            for turn in turns {
                let messages = messages(&turn, &mut self.store)?;
                bytes += messages.iter().map(|message| message.text.len()).sum::<usize>();
                conversation.messages.extend(messages);
                if bytes > LONG {
                    bytes = 0;
                    let next = conversation.first_index + conversation.messages.len() as u64;
                    let mut rest = Conversation::new("gemini", Some("web"), conversation.id.clone());
                    (rest.first_index, rest.updated_at) = (next, conversation.updated_at);
                    sink.conversation(std::mem::replace(&mut conversation, rest))?;
                }
            }
            sink.conversation(conversation)?;
        }
        Ok(())
    }
}

fn turn(activity: Activity) -> std::result::Result<Turn, &'static str> {
    let prompt = match (title::read(&activity.title), &activity.prompt) {
        (Title::Done, _) => return Err("app_line"),
        (Title::Said(words), Some(prompt)) if is_start(words, prompt) => prompt.trim(),
        (Title::Said(words), _) => words,
        // The prompt by itself rids the title of a verb that is not known.
        (Title::Unknown(title), Some(prompt)) if title.ends_with(prompt.trim()) => prompt.trim(),
        (Title::Unknown(_), _) if activity.reply.is_empty() => return Err("app_line"),
        (Title::Unknown(title), _) => title,
    };
    let prompt = prompt.replace("\r\n", "\n");
    if prompt.is_empty() && activity.reply.is_empty() {
        return Err("no_text");
    }
    Ok(Turn { conversation: activity.conversation, prompt, reply: activity.reply })
}

/// Whether the title's words are the prompt, or the beginning of it before an ellipsis.
fn is_start(words: &str, prompt: &str) -> bool {
    !prompt.trim().is_empty() && prompt.trim().starts_with(words.trim_end_matches(['.', '…']).trim_end())
}

fn messages(turn: &Stored, store: &mut Store) -> Result<Vec<Message>> {
    let (prompt, reply) = turn.texts.unwrap_or_default();
    let mut messages = Vec::new();
    for (role, place) in [(Role::User, prompt), (Role::Assistant, reply)] {
        if !place.is_empty() {
            let mut message = Message::new(role, store.get(place)?);
            message.sent_at = turn.time.map(|(at, _)| at);
            message.local_time = turn.time.is_some_and(|(_, local)| local);
            messages.push(message);
        }
    }
    Ok(messages)
}

/// Conversations with their ids, in the order of their first turns.
fn grouped(turns: Vec<Stored>, stem: &str) -> Vec<(String, Vec<Stored>)> {
    let mut groups: Vec<(String, Vec<Stored>)> = Vec::new();
    let mut linked: BTreeMap<String, usize> = BTreeMap::new();
    let mut current: Option<(usize, Option<Timestamp>)> = None;
    for turn in turns {
        let at = turn.time.map(|(at, _)| at);
        let known = match &turn.conversation {
            Some(id) => linked.get(id).copied(),
            None => current.filter(|(_, last)| goes_on(*last, at)).map(|(place, _)| place),
        };
        let place = known.unwrap_or(groups.len());
        if turn.conversation.is_none() {
            current = Some((place, at));
        }
        if known.is_none() {
            let made = || at.map_or_else(|| format!("gemini:{stem}"), |at| format!("gemini:{at}"));
            let id = turn.conversation.clone().unwrap_or_else(made);
            linked.insert(id.clone(), place);
            groups.push((id, Vec::new()));
        }
        groups[place].1.push(turn);
    }
    groups
}

fn goes_on(last: Option<Timestamp>, now: Option<Timestamp>) -> bool {
    match (last, now) {
        (Some(last), Some(now)) => now.0 - last.0 <= SILENCE_MS,
        (None, None) => true,
        _ => false,
    }
}
