//! WhatsApp chat exports: `WhatsApp Chat with X.txt`, `_chat.txt` in `WhatsApp Chat - X.zip`.
//!
//! Recognised by the first line, a dated header in one of the layouts of [`header`]. Only chats in which an assistant
//! writes are emitted.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use self::header::Header;
use super::catalog::{Catalog, Content, Entry};
use super::{Counts, Format, How, Sink, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;

mod app_text;
mod dates;
mod header;
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
                members.iter().try_for_each(|member| read(&member.text()?, &id, sink))
            };
            Task { format: self.id(), members: vec![member], how: How::Stream(Arc::new(read)) }
        };
        found.into_iter().map(task).collect()
    }
}

/// Whether an assistant writes in a chat. One that cannot be read is left to its reader, which says why.
fn has_assistant(member: &Member) -> bool {
    let Ok(bytes) = member.open() else { return true };
    let names: Vec<&str> = AI_NAMES.iter().map(|(name, _)| *name).collect();
    let mut lines = std::io::BufReader::new(bytes).lines();
    lines.any(|line| {
        line.map_or(true, |line| {
            let lower = line.to_lowercase();
            names.iter().any(|name| lower.contains(name))
                && Header::parse(&line)
                    .and_then(|header| header.author)
                    .is_some_and(|author| platform(&author).is_some())
        })
    })
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
    around.or(input).or(nearest.map(str::to_owned)).unwrap_or_else(|| member.stem().to_owned())
}

/// A message as the file holds it: its header, and its lines.
struct Raw<'a> {
    header: Header<'a>,
    text: String,
}

fn raws(text: &str) -> Vec<Raw<'_>> {
    let mut raws: Vec<Raw<'_>> = Vec::new();
    for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        match (Header::parse(line), raws.last_mut()) {
            (Some(header), _) => raws.push(Raw { text: header.text.to_owned(), header }),
            (None, Some(raw)) => {
                raw.text.push('\n');
                raw.text.push_str(line);
            }
            (None, None) => {}
        }
    }
    raws
}

/// A chat while its lines are sorted into messages and what is left out.
#[derive(Default)]
struct Chat {
    messages: Vec<Message>,
    humans: BTreeSet<String>,
    platforms: BTreeSet<&'static str>,
    skipped: Counts,
}

impl Chat {
    fn take(&mut self, raw: Raw<'_>, order: dates::Order) {
        let kept = app_text::strip(&raw.text);
        let Some(author) = raw.header.author else {
            return self.skip("app_line");
        };
        let platform = platform(&author);
        self.platforms.extend(platform);
        // On iOS notices of the app stand under the group's name, which is nobody's.
        if platform.is_none() && kept != Err("app_line") {
            self.humans.insert(author.clone());
        }
        match kept {
            Ok(text) => {
                let role = if platform.is_some() { Role::Assistant } else { Role::User };
                let mut message = Message::new(role, text);
                message.author = Some(author);
                message.sent_at = raw.header.date.resolve(order);
                message.local_time = message.sent_at.is_some();
                self.messages.push(message);
            }
            Err(reason) => self.skip(reason),
        }
    }

    fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    fn conclude(mut self, id: &str, sink: &mut dyn Sink) -> Result<()> {
        let ours = self.platforms.iter().find(|name| **name == "meta_ai");
        let Some(platform) = ours.or(self.platforms.first()).copied() else {
            sink.skip("human_only", 1);
            return Ok(());
        };
        self.skipped.into_iter().for_each(|(reason, count)| sink.skip(reason, count));
        if self.humans.len() > 1 {
            let humans = self.messages.iter_mut().filter(|message| message.role == Role::User);
            humans.for_each(|message| message.role = Role::Participant);
        }
        if self.messages.is_empty() {
            return Ok(());
        }
        let mut conversation = Conversation::new(platform, Some("whatsapp"), id);
        conversation.id_is_title = true;
        conversation.id_is_local = true;
        conversation.title = Some(id.to_owned());
        conversation.updated_at = self.messages.iter().filter_map(|message| message.sent_at).max();
        conversation.messages = self.messages;
        sink.conversation(conversation)
    }
}

fn read(text: &str, id: &str, sink: &mut dyn Sink) -> Result<()> {
    let raws = raws(text);
    let order = dates::order(&raws.iter().map(|raw| raw.header.date).collect::<Vec<_>>());
    let mut chat = Chat::default();
    raws.into_iter().for_each(|raw| chat.take(raw, order));
    chat.conclude(id, sink)
}

/// The platform of an assistant's name.
fn platform(author: &str) -> Option<&'static str> {
    let name = author.to_lowercase();
    AI_NAMES.iter().find(|(own, _)| *own == name).map(|&(_, platform)| platform)
}
