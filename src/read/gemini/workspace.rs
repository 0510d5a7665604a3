//! Workspace's *Conversation History*: `conversation_<N>.txt`, which is JSON.

use std::collections::HashMap;

use serde::Deserialize;

use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;
use crate::read::Sink;
use crate::read::json::{self, Lax, List, Number, Text, Time};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chat {
    title: Text,
    creation_time: Text,
    last_modification_time: Time,
    conversation_turns: List<Lax<Turn>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Turn {
    user_turn: Option<Lax<Side>>,
    system_turn: Option<Lax<Side>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Side {
    prompt: Text,
    text: List<Lax<Piece>>,
    turn_index: Number,
    turn_last_modified: Time,
    turn_deleted_time: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Piece {
    data: Text,
    cards: List<Lax<Card>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Card {
    content: Text,
}

/// Reads one conversation.
pub(crate) fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let chat: Chat = json::parse(member.text()?.as_bytes())?;
    let created = chat.creation_time.0.unwrap_or_default();
    let mut conversation = Conversation::new("gemini", Some("web"), format!("{}:{created}", member.stem()));
    conversation.title = chat.title.0.filter(|title| !title.is_empty());
    conversation.updated_at = chat.last_modification_time.at();
    for (role, side) in standing(chat.conversation_turns.0, sink) {
        let message = message(role, side);
        if message.is_empty() { sink.skip("no_text", 1) } else { conversation.messages.push(message) }
    }
    if conversation.messages.is_empty() { Ok(()) } else { sink.conversation(conversation) }
}

/// The sides of all turns that were neither deleted nor edited or regenerated: of equal ones the last.
fn standing(turns: Vec<Lax<Turn>>, sink: &mut dyn Sink) -> Vec<(Role, Side)> {
    let mut sides: Vec<Option<(Role, Side)>> = Vec::new();
    let mut places: HashMap<(Role, u64), usize> = HashMap::new();
    for Lax(turn) in turns {
        let pair = [(Role::User, turn.user_turn), (Role::Assistant, turn.system_turn)];
        for (role, Lax(side)) in pair.into_iter().filter_map(|(role, side)| Some((role, side?))) {
            if side.turn_deleted_time.0.is_some() {
                sink.skip("deleted", 1);
                continue;
            }
            let before = side.turn_index.0.and_then(|index| places.insert((role, index.to_bits()), sides.len()));
            if let Some(before) = before {
                sink.skip("other_branch", 1);
                sides[before] = None;
            }
            sides.push(Some((role, side)));
        }
    }
    sides.into_iter().flatten().collect()
}

fn message(role: Role, side: Side) -> Message {
    let text = match role {
        Role::User => side.prompt.0.unwrap_or_default(),
        _ => {
            let texts = side.text.0.into_iter().flat_map(|Lax(piece)| {
                std::iter::once(piece.data).chain(piece.cards.0.into_iter().map(|Lax(card)| card.content))
            });
            texts.filter_map(|text| text.0).filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n")
        }
    };
    let mut message = Message::new(role, text.replace("\r\n", "\n").trim());
    message.sent_at = side.turn_last_modified.at();
    message.local_time = side.turn_last_modified.is_local();
    message
}
