//! Logs of coding agents on the command line: Claude Code and Codex.

use serde::Deserialize;

use super::catalog::Content;
use super::json::{self, Flag, Id, Lax, Text, Time};
use super::openai::{Parts, text_of};
use super::roles::{Speaker, speaker};
use super::split::each_record;
use super::{Catalog, Entry, Format, Sink, Split, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::Result;
use crate::input::Member;

/// A session that grows beyond this is handed on in pieces.
const LONG: u64 = 64 << 20;

/// Claude Code.
pub(crate) struct ClaudeCode;
/// Codex.
pub(crate) struct Codex;

impl Format for ClaudeCode {
    fn id(&self) -> &'static str {
        "claude_code"
    }

    fn about(&self) -> &'static str {
        "Claude Code sessions (JSON lines): sessionId, type, message"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let known = |e: &Entry| ["sessionId", "type", "message.role"].iter().all(|path| e.shape().has_record(path));
        let found = catalog.free(|e| e.content == Content::Json && (forced || known(e)));
        catalog.claim_streams(self.id(), found, read_claude_code)
    }
}

impl Format for Codex {
    fn id(&self) -> &'static str {
        "codex"
    }

    fn about(&self) -> &'static str {
        "Codex sessions (rollout-*.jsonl): session_meta and response_item lines, or the older bare messages"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let known = |e: &Entry| {
            let first = e.head.lines().next().unwrap_or_default();
            let has = |path| e.shape().has_record(path);
            let enveloped = has("payload.id") && first.contains("\"session_meta\"");
            enveloped || (has("instructions") && has("timestamp") && has("type") && has("content[].text"))
        };
        let found = catalog.free(|e| e.content == Content::Json && (forced || known(e)));
        catalog.claim_streams(self.id(), found, read_codex)
    }
}

/// A session as it grows line by line.
struct Session {
    conversation: Conversation,
    bytes: u64,
}

impl Session {
    fn new(platform: &'static str, id: &str) -> Self {
        Session { conversation: Conversation::new(platform, Some("cli"), id), bytes: 0 }
    }

    fn push(&mut self, message: Message, sink: &mut dyn Sink) -> Result<()> {
        self.bytes += message.text.len() as u64;
        self.conversation.messages.push(message);
        if self.bytes > LONG {
            self.bytes = 0;
            let (platform, id) = (self.conversation.platform, self.conversation.id.clone());
            let mut next = Conversation::new(platform, Some("cli"), id);
            next.first_index = self.conversation.first_index + self.conversation.messages.len() as u64;
            sink.conversation(std::mem::replace(&mut self.conversation, next))?;
        }
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
#[serde(rename_all = "camelCase")]
struct CodeLine {
    r#type: Text,
    session_id: Id,
    uuid: Id,
    timestamp: Time,
    is_meta: Flag,
    is_sidechain: Flag,
    is_compact_summary: Flag,
    message: Lax<Said>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    id: Id,
    r#type: Text,
    role: Text,
    content: Parts,
}

fn read_claude_code(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut session = Session::new("claude_code", member.stem());
    let mut turn: Option<String> = None;
    let outcome = each_record(member, Split::Lines, &mut |record, number| {
        let Lax(line) = match json::parse::<Lax<CodeLine>>(record) {
            Ok(line) => line,
            Err(error) => {
                sink.trouble(&format!("record {number}"), error.message());
                return Ok(());
            }
        };
        let role = match line.r#type.0.as_deref() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            _ => return Ok(()),
        };
        if line.is_meta.0 || line.is_sidechain.0 || line.is_compact_summary.0 {
            sink.skip("system", 1);
            return Ok(());
        }
        if let Some(id) = line.session_id.0.filter(|id| *id != session.conversation.id) {
            let before = std::mem::replace(&mut session, Session::new("claude_code", &id));
            sink.conversation(before.conversation)?;
        }
        let text = text_of(line.message.0.content, sink);
        if text.trim().is_empty() {
            return Ok(());
        }
        // The blocks of one answer are lines of their own, under one message id.
        let same = turn.is_some() && turn == line.message.0.id.0;
        turn = line.message.0.id.0;
        if let Some(last) = session.conversation.messages.last_mut().filter(|last| same && last.role == role) {
            last.text.push('\n');
            last.text.push_str(&text);
            return Ok(());
        }
        let mut message = Message::new(role, text);
        message.id = line.uuid.0;
        message.sent_at = line.timestamp.at();
        session.push(message, sink)
    });
    sink.conversation(session.conversation)?;
    outcome
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CodexLine {
    r#type: Text,
    id: Id,
    timestamp: Time,
    payload: Option<Lax<Said>>,
    role: Text,
    content: Parts,
}

fn read_codex(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut session = Session::new("codex", member.stem());
    session.conversation.id_is_local = true;
    let outcome = each_record(member, Split::Lines, &mut |record, number| {
        let Lax(line) = match json::parse::<Lax<CodexLine>>(record) {
            Ok(line) => line,
            Err(error) => {
                sink.trouble(&format!("record {number}"), error.message());
                return Ok(());
            }
        };
        let time = line.timestamp;
        let (kind, said) = match line.payload {
            Some(Lax(said)) => (line.r#type.0, said),
            // Before there were envelopes, the messages stood bare and only the first line had the id.
            None if line.r#type.0.is_some() => (
                Some("response_item".into()),
                Said { id: line.id, r#type: line.r#type, role: line.role, content: line.content },
            ),
            None => (Some("session_meta".into()), Said { id: line.id, ..Said::default() }),
        };
        match (kind.as_deref(), said.r#type.0.as_deref()) {
            (Some("session_meta"), _) => {
                if let Some(id) = said.id.0.filter(|_| session.conversation.messages.is_empty()) {
                    session.conversation.id = id;
                    session.conversation.id_is_local = false;
                }
                Ok(())
            }
            (Some("response_item"), Some("message")) => codex_message(said, time, &mut session, sink),
            (Some("response_item"), Some("reasoning")) => {
                sink.skip("reasoning", 1);
                Ok(())
            }
            (Some("response_item"), Some(_)) => {
                sink.skip("tool", 1);
                Ok(())
            }
            _ => Ok(()),
        }
    });
    sink.conversation(session.conversation)?;
    outcome
}

fn codex_message(said: Said, time: Time, session: &mut Session, sink: &mut dyn Sink) -> Result<()> {
    let text = text_of(said.content, sink);
    let opening = text.trim_start();
    let made_by_the_app = ["<environment_context>", "<user_instructions>", "# AGENTS.md instructions"];
    match speaker(said.role.0.as_deref().unwrap_or_default()) {
        Speaker::Known(_) if made_by_the_app.iter().any(|start| opening.starts_with(start)) => sink.skip("system", 1),
        Speaker::Known(role) => {
            let mut message = Message::new(role, text);
            message.id = said.id.0;
            message.sent_at = time.at();
            return session.push(message, sink);
        }
        Speaker::LeftOut(reason) => sink.skip(reason, 1),
        Speaker::Unknown => sink.skip("system", 1),
    }
    Ok(())
}
