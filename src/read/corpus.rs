//! Research corpora whose records are whole conversations: WildChat, LMSYS-Chat, UltraChat, hh-rlhf and PRISM.

use serde::Deserialize;

use super::json::{self, Flag, Id, Lax, List, Text, Time};
use super::openai::id_or_line;
use super::roles::{Speaker, speaker};
use super::{Catalog, Entry, Format, Sink, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Columns;

/// WildChat.
pub(crate) struct WildChat;
/// LMSYS-Chat-1M.
pub(crate) struct Lmsys;
/// UltraChat.
pub(crate) struct UltraChat;
/// Anthropic's hh-rlhf.
pub(crate) struct HhRlhf;
/// PRISM.
pub(crate) struct Prism;

/// What [`Turns`] takes from a record.
const TURNS: &[&str] = &[
    "conversation_hash",
    "conversation_id",
    "timestamp",
    "conversation[].role",
    "conversation[].content",
    "conversation[].timestamp",
    "conversation[].if_chosen",
];

/// Tables are read only in the columns that the parser knows.
fn reading(tasks: Vec<Task>, columns: &'static [&'static str]) -> Vec<Task> {
    tasks.into_iter().map(|task| task.reading(Columns::Named(columns))).collect()
}

/// Whether the records of an entry have all these paths.
fn has(entry: &Entry, paths: &[&str]) -> bool {
    paths.iter().all(|path| entry.shape().has_record(path))
}

impl Format for WildChat {
    fn id(&self) -> &'static str {
        "wildchat"
    }

    fn about(&self) -> &'static str {
        "WildChat (JSON lines): conversation turns of role and content, with conversation_hash or per-turn toxicity"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["conversation_hash", "conversation_id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let turns = |e: &Entry| has(e, &["conversation[].role", "conversation[].content"]);
        // LMSYS has nothing but role and content in its turns, and no addresses.
        let marks = [
            "conversation_hash",
            "hashed_ip",
            "conversation[].toxic",
            "conversation[].language",
            "conversation[].turn_identifier",
        ];
        let marked = |e: &Entry| marks.iter().any(|mark| has(e, &[mark]));
        let tasks = catalog.claim_records(
            self.id(),
            |e| turns(e) && marked(e),
            |record, number, sink| turns_of("wildchat", record, number, sink),
        );
        reading(tasks, TURNS)
    }
}

impl Format for Lmsys {
    fn id(&self) -> &'static str {
        "lmsys"
    }

    fn about(&self) -> &'static str {
        "LMSYS-Chat-1M (JSON lines): conversation_id and conversation turns of role and content"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["conversation_hash", "conversation_id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let known = |e: &Entry| has(e, &["conversation[].role", "conversation[].content"]);
        let parse = |record: &[u8], number, sink: &mut dyn Sink| turns_of("lmsys", record, number, sink);
        reading(catalog.claim_records(self.id(), known, parse), TURNS)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Turns {
    conversation_hash: Id,
    conversation_id: Id,
    timestamp: Time,
    conversation: List<Lax<Turn>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Turn {
    role: Text,
    content: Text,
    timestamp: Time,
    if_chosen: Flag,
}

fn turns_of(platform: &'static str, record: &[u8], number: u64, sink: &mut dyn Sink) -> Result<()> {
    let Lax(turns): Lax<Turns> = json::parse(record)?;
    let (id, local) = id_or_line(turns.conversation_hash.0.or(turns.conversation_id.0), number);
    let mut conversation = Conversation::new(platform, None, id);
    conversation.id_is_local = local;
    conversation.updated_at = turns.timestamp.at();
    for Lax(turn) in turns.conversation.0 {
        conversation.messages.extend(message(turn, sink));
    }
    sink.conversation(conversation)
}

fn message(turn: Turn, sink: &mut dyn Sink) -> Option<Message> {
    match speaker(turn.role.0.as_deref().unwrap_or_default()) {
        Speaker::Known(role) => {
            let mut message = Message::new(role, turn.content.0.unwrap_or_default());
            message.sent_at = turn.timestamp.at();
            message.local_time = turn.timestamp.is_local();
            return Some(message);
        }
        Speaker::LeftOut(reason) => sink.skip(reason, 1),
        Speaker::Unknown => sink.skip("system", 1),
    }
    None
}

impl Format for Prism {
    fn id(&self) -> &'static str {
        "prism"
    }

    fn about(&self) -> &'static str {
        "PRISM (JSON lines): conversation_history of role and content, of which the chosen replies are read"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["conversation_id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let known = |e: &Entry| has(e, &["conversation_history[].role", "conversation_history[].content"]);
        let tasks = catalog.claim_records(self.id(), known, |record, number, sink| {
            let Lax(history): Lax<History> = json::parse(record)?;
            let (id, local) = id_or_line(history.conversation_id.0, number);
            let mut conversation = Conversation::new("prism", None, id);
            conversation.id_is_local = local;
            for Lax(turn) in history.conversation_history.0 {
                if turn.role.0.as_deref() == Some("model") && !turn.if_chosen.0 {
                    sink.skip("other_branch", 1);
                    continue;
                }
                conversation.messages.extend(message(turn, sink));
            }
            sink.conversation(conversation)
        });
        reading(tasks, &["conversation_id", "conversation_history"])
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct History {
    conversation_id: Id,
    conversation_history: List<Lax<Turn>>,
}

impl Format for UltraChat {
    fn id(&self) -> &'static str {
        "ultrachat"
    }

    fn about(&self) -> &'static str {
        "UltraChat (JSON lines): an id and data, a list of texts by the user and the assistant in turn"
    }

    fn id_keys(&self) -> &'static [&'static str] {
        &["id"]
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let known = |e: &Entry| {
            let keys = e.shape().record_keys();
            has_texts(&e.head, "data") && keys.iter().all(|key| matches!(*key, "id" | "data" | "source"))
        };
        let tasks = catalog.claim_records(self.id(), known, |record, number, sink| {
            let Lax(talk): Lax<Talk> = json::parse(record)?;
            let (id, local) = id_or_line(talk.id.0, number);
            let mut conversation = Conversation::new("ultrachat", None, id);
            conversation.id_is_local = local;
            let roles = [Role::User, Role::Assistant].into_iter().cycle();
            let texts = roles.zip(talk.data.0).filter_map(|(role, text)| Some(Message::new(role, text.0?)));
            conversation.messages.extend(texts);
            sink.conversation(conversation)
        });
        reading(tasks, &["id", "data"])
    }
}

/// Whether somewhere a key has a list that begins with a text.
fn has_texts(head: &str, key: &str) -> bool {
    let quoted = format!("\"{key}\"");
    head.match_indices(&quoted).any(|(at, _)| {
        let signs = head[at + quoted.len()..].chars().filter(|c| !c.is_whitespace());
        signs.take(3).eq([':', '[', '"'])
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Talk {
    id: Id,
    data: List<Text>,
}

/// hh-rlhf marks the speakers inside the text.
const MARKS: [(&str, Role); 2] = [("\n\nHuman:", Role::User), ("\n\nAssistant:", Role::Assistant)];

impl Format for HhRlhf {
    fn id(&self) -> &'static str {
        "hh_rlhf"
    }

    fn about(&self) -> &'static str {
        "hh-rlhf (JSON lines): chosen, a text with blank lines before Human: and Assistant:"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let known = |e: &Entry| has(e, &["chosen"]) && e.head.contains(r"\n\nHuman:");
        let tasks = catalog.claim_records(self.id(), known, |record, number, sink| {
            let Lax(pair): Lax<Pair> = json::parse(record)?;
            let mut conversation = Conversation::new("hh_rlhf", None, format!("line-{number}"));
            conversation.id_is_local = true;
            conversation.messages = marked(&pair.chosen.0.unwrap_or_default());
            sink.conversation(conversation)
        });
        reading(tasks, &["chosen"])
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pair {
    chosen: Text,
}

fn marked(text: &str) -> Vec<Message> {
    let mut starts: Vec<(usize, usize, Role)> = Vec::new();
    for (mark, role) in MARKS {
        starts.extend(text.match_indices(mark).map(|(at, _)| (at, at + mark.len(), role)));
    }
    starts.sort_unstable_by_key(|(at, ..)| *at);
    let ends = starts.iter().skip(1).map(|(at, ..)| *at).chain([text.len()]);
    starts.iter().zip(ends).map(|(&(_, from, role), to)| Message::new(role, &text[from..to])).collect()
}
