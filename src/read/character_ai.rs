//! Character.AI chats, as third-party dumps have them.

use std::sync::Arc;

use serde::Deserialize;

use super::catalog::Content;
use super::json::{self, Flag, Id, Lax, List, Number, Text, TextOr, Time};
use super::roles::{Speaker, speaker};
use super::{Catalog, Format, How, Shape, Sink, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;

/// The format.
pub(crate) struct CharacterAi;

impl Format for CharacterAi {
    fn id(&self) -> &'static str {
        "character_ai"
    }

    fn about(&self) -> &'static str {
        "Character.AI dumps: a character with histories of messages"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let known = |shape: &Shape| shape.has("histories[].messages") || shape.has("histories[].msgs");
        let found = catalog.free(|e| e.content == Content::Json && (forced || known(e.shape())));
        let task = |entry| {
            let members = vec![catalog.claim(entry, self.id())];
            let stream = |members: &[Member], sink: &mut dyn Sink| members.iter().try_for_each(|m| read(m, sink));
            Task { format: self.id(), members, how: How::Stream(Arc::new(stream)) }
        };
        found.into_iter().map(task).collect()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Dump {
    character: Option<Lax<Character>>,
    info: Lax<Character>,
    histories: List<Lax<History>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Character {
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct History {
    id: Id,
    external_id: Id,
    history_external_id: Id,
    messages: List<Lax<Said>>,
    msgs: List<Lax<Said>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    is_human: Option<Flag>,
    src: TextOr<Lax<Source>>,
    text: Text,
    timestamp: Time,
    created: Time,
    create_time: Time,
    swipes: List<Text>,
    swipe_id: Number,
    is_alternative: Flag,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Source {
    is_human: Flag,
}

impl Said {
    fn role(&self) -> Role {
        let human = match (self.is_human, &self.src) {
            (Some(human), _) => human.0,
            (None, TextOr::Other(source)) => source.0.is_human.0,
            (None, TextOr::Text(name)) => speaker(name) == Speaker::Known(Role::User),
        };
        if human { Role::User } else { Role::Assistant }
    }

    /// The reply that was chosen among its alternatives.
    fn chosen(&mut self) -> String {
        let chosen = self.swipe_id.0.filter(|at| *at >= 0.0).map(|at| at as usize);
        let swipe = chosen.and_then(|at| self.swipes.0.get_mut(at)).and_then(|swipe| swipe.0.take());
        swipe.filter(|text| !text.trim().is_empty()).or(self.text.0.take()).unwrap_or_default()
    }
}

fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let dump: Dump = json::parse(member.text()?.as_bytes())?;
    let name = dump.character.unwrap_or(dump.info).0.name.0;
    for (number, Lax(history)) in (1..).zip(dump.histories.0) {
        let id = history.id.0.or(history.external_id.0).or(history.history_external_id.0);
        let is_local = id.is_none();
        let id = id.unwrap_or_else(|| format!("{}:{number}", member.stem()));
        let mut conversation = Conversation::new("character_ai", Some("web"), id);
        conversation.id_is_local = is_local;
        conversation.title = name.clone();
        for Lax(mut said) in history.messages.0.into_iter().chain(history.msgs.0) {
            if said.is_alternative.0 {
                sink.skip("other_branch", 1);
                continue;
            }
            sink.skip("other_branch", said.swipes.0.len().saturating_sub(1) as u64);
            let mut message = Message::new(said.role(), said.chosen());
            let time = Time(said.timestamp.0.or(said.created.0).or(said.create_time.0));
            message.sent_at = time.at();
            message.local_time = time.is_local();
            conversation.messages.push(message);
        }
        conversation.updated_at = conversation.messages.iter().filter_map(|message| message.sent_at).max();
        sink.conversation(conversation)?;
    }
    Ok(())
}
