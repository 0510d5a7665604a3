//! WhatsApp chat exports: `WhatsApp Chat with X.txt`, `_chat.txt` in `WhatsApp Chat - X.zip`.
//!
//! Recognised by the first line, a dated header in one of the layouts of [`header`]. Only chats in which an assistant
//! writes are emitted.

use std::collections::BTreeSet;
use std::sync::Arc;

use self::header::Header;
use self::raw::Raw;
use super::catalog::{Catalog, Content, Entry};
use super::{Format, How, Sink, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;

mod app_text;
mod dates;
mod header;
mod raw;
mod words;

/// Assistants that people chat with in WhatsApp, by the contact's name, and their platform.
const AI_NAMES: &[(&str, &str)] = &[
    ("meta ai", "meta_ai"),
    ("chatgpt", "chatgpt"),
    ("1-800-chatgpt", "chatgpt"),
    ("copilot", "copilot"),
    ("microsoft copilot", "copilot"),
    ("perplexity", "perplexity"),
    ("perplexity ai", "perplexity"),
];

/// A chat that grows beyond this is handed on in pieces.
const LONG: usize = 16 << 20;

/// WhatsApp's chat exports.
#[derive(Debug)]
pub(crate) struct WhatsApp;

impl Format for WhatsApp {
    fn id(&self) -> &'static str {
        "whatsapp"
    }

    fn about(&self) -> &'static str {
        "WhatsApp chat export (.txt, or the zip around it): the first line is `date, time - author: text` or `[date, time] author: text`"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let (found, humans): (Vec<usize>, Vec<usize>) = catalog
            .free(|entry| is_chat(entry) || forced && entry.content == Content::Text)
            .into_iter()
            .partition(|&i| has_assistant(&catalog.entries[i].member));
        humans.into_iter().for_each(|i| catalog.skip(i, "human_only", ""));
        let lone = found.iter().filter(|&&i| catalog.entries[i].name() == "_chat.txt").count() == 1;
        let task = |i: usize| {
            let member = catalog.claim(i, self.id());
            let id = chat_name(&catalog.input, &member, lone);
            let read = move |members: &[Member], sink: &mut dyn Sink| {
                members.iter().try_for_each(|member| read(member, &id, sink))
            };
            Task { format: self.id(), members: vec![member], how: How::Stream(Arc::new(read)) }
        };
        found.into_iter().map(task).collect()
    }
}

/// Whether an assistant writes in a chat. One that cannot be read is left to its reader, which says why.
fn has_assistant(member: &Member) -> bool {
    let Ok(bytes) = member.open() else { return true };
    let mut lines = raw::Lines::new(bytes);
    loop {
        match lines.next() {
            Ok(Some(line)) if names_assistant(line) => return true,
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// Whether an assistant is a line's author. Its name stands near the beginning, which most lines need not be parsed to see.
fn names_assistant(line: &str) -> bool {
    const FIRST: usize = 160;
    let head = line.get(..FIRST).unwrap_or(line).to_lowercase();
    AI_NAMES.iter().any(|(name, _)| head.contains(name))
        && Header::parse(line).and_then(|header| header.author).is_some_and(|author| platform(&author).is_some())
}

/// A line that begins with `[` looks like JSON at first.
fn is_chat(entry: &Entry) -> bool {
    matches!(entry.content, Content::Text | Content::Json)
        && entry.head.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| Header::parse(line).is_some())
}

/// The chat's name is the file's; iOS calls every file `_chat.txt` and names the zip. Where one input holds several of
/// those, their folders tell them apart.
fn chat_name(input: &str, member: &Member, lone: bool) -> String {
    if member.name() != "_chat.txt" {
        return member.stem().to_owned();
    }
    let mut above = member.path.rsplit(['/', '!', '\\']).skip(1).filter(|part| !part.is_empty());
    let zip = |name: &str| name.to_lowercase().ends_with(".zip").then(|| name[..name.len() - 4].to_owned());
    let nearest = above.next();
    let around = nearest.into_iter().chain(above).find_map(zip);
    let input = input.rsplit(['/', '\\']).next().and_then(zip).filter(|_| lone);
    let folder = nearest.filter(|_| !lone).map(str::to_owned);
    around.or(input).or(folder).unwrap_or_else(|| member.stem().to_owned())
}

/// Reads a chat, twice: who takes part and how dates are written shows only at its end, and it need not fit into memory.
fn read(member: &Member, id: &str, sink: &mut dyn Sink) -> Result<()> {
    let mut survey = Survey::default();
    // A chat that ends in trouble is judged as far as it goes; the trouble is told by the reading proper.
    let _ = raw::each(member, &mut |raw| {
        survey.take(&raw);
        Ok(())
    });
    let Some(platform) = survey.platform() else {
        sink.skip("human_only", 1);
        return Ok(());
    };
    let human = if survey.humans.len() > 1 { Role::Participant } else { Role::User };
    let mut chat = Chat { id, platform, human, order: survey.orders.best(), messages: Vec::new(), bytes: 0, handed: 0 };
    let outcome = raw::each(member, &mut |raw| chat.take(raw, sink));
    chat.hand_on(sink)?;
    outcome
}

/// What only the whole chat tells.
#[derive(Default)]
struct Survey {
    humans: BTreeSet<String>,
    platforms: BTreeSet<&'static str>,
    orders: dates::Orders,
}

impl Survey {
    fn take(&mut self, raw: &Raw) {
        self.orders.add(raw.date);
        let Some(author) = &raw.author else { return };
        let platform = platform(author);
        self.platforms.extend(platform);
        // On iOS notices of the app stand under the group's name, which is nobody's.
        if platform.is_none() && !self.humans.contains(author) && app_text::strip(&raw.text) != Err("app_line") {
            self.humans.insert(author.clone());
        }
    }

    fn platform(&self) -> Option<&'static str> {
        let ours = self.platforms.iter().find(|name| **name == "meta_ai");
        ours.or(self.platforms.first()).copied()
    }
}

/// A chat while its messages are read.
struct Chat<'a> {
    id: &'a str,
    platform: &'static str,
    /// What the humans in it are.
    human: Role,
    order: dates::Order,
    messages: Vec<Message>,
    bytes: usize,
    /// Messages that were handed on already.
    handed: u64,
}

impl Chat<'_> {
    fn take(&mut self, raw: Raw, sink: &mut dyn Sink) -> Result<()> {
        let kept = app_text::strip(&raw.text);
        let Some(author) = raw.author else {
            sink.skip("app_line", 1);
            return Ok(());
        };
        match kept {
            Ok(text) => {
                let role = if platform(&author).is_some() { Role::Assistant } else { self.human };
                self.bytes += text.len();
                let mut message = Message::new(role, text);
                message.author = Some(author);
                message.sent_at = raw.date.resolve(self.order);
                message.local_time = message.sent_at.is_some();
                self.messages.push(message);
            }
            Err(reason) => sink.skip(reason, 1),
        }
        if self.bytes > LONG { self.hand_on(sink) } else { Ok(()) }
    }

    fn hand_on(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if self.messages.is_empty() {
            return Ok(());
        }
        let mut conversation = Conversation::new(self.platform, Some("whatsapp"), self.id);
        conversation.id_is_title = true;
        conversation.id_is_local = true;
        conversation.title = Some(self.id.to_owned());
        conversation.updated_at = self.messages.iter().filter_map(|message| message.sent_at).max();
        conversation.first_index = self.handed;
        conversation.messages = std::mem::take(&mut self.messages);
        self.handed += conversation.messages.len() as u64;
        self.bytes = 0;
        sink.conversation(conversation)
    }
}

/// The platform of an assistant's name.
fn platform(author: &str) -> Option<&'static str> {
    let name = author.to_lowercase();
    AI_NAMES.iter().find(|(own, _)| *own == name).map(|&(_, platform)| platform)
}
