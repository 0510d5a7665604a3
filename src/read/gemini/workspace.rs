//! Workspace's *Conversation History*: `conversation_<N>.txt`, which is JSON.

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
    let mut sides: Vec<(Role, Side)> = Vec::new();
    for Lax(turn) in chat.conversation_turns.0 {
        let pair = [(Role::User, turn.user_turn), (Role::Assistant, turn.system_turn)];
        for (role, Lax(side)) in pair.into_iter().filter_map(|(role, side)| Some((role, side?))) {
            if side.turn_deleted_time.0.is_some() {
                sink.skip("deleted", 1);
                continue;
            }
            // The same turn again was edited or regenerated: the last is the one that stands.
            let before = sides.len();
            sides.retain(|(own, other)| {
                *own != role || side.turn_index.0.is_none() || other.turn_index != side.turn_index
            });
            sink.skip("other_branch", (before - sides.len()) as u64);
            sides.push((role, side));
        }
    }
    for (role, side) in sides {
        let message = message(role, side);
        if message.is_empty() { sink.skip("no_text", 1) } else { conversation.messages.push(message) }
    }
    if conversation.messages.is_empty() { Ok(()) } else { sink.conversation(conversation) }
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
