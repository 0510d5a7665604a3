//! Plain text and Markdown in which the speakers are named at line starts: `User:`, `## Assistant`, `ChatGPT said:`.

use std::io::{BufRead, BufReader};

use super::catalog::Content;
use super::generic::free_of_vendors;
use super::roles::{Speaker, speaker};
use super::{Catalog, Format, Sink, Task};
use crate::chat::{Conversation, Message, Role};
use crate::error::{Error, Result};
use crate::input::Member;

/// The format.
pub(crate) struct GenericText;

/// A conversation that grows beyond this is handed on in pieces.
const LONG: usize = 64 << 20;

impl Format for GenericText {
    fn id(&self) -> &'static str {
        "generic_text"
    }

    fn about(&self) -> &'static str {
        "Text or Markdown with speakers at line starts (User:, ## Assistant, **Human:**, You said:); both sides must occur"
    }

    fn ids_are_global(&self) -> bool {
        false
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let forced = catalog.forces(self.id());
        let found = free_of_vendors(catalog, |e| e.content == Content::Text && (forced || has_both_sides(&e.head)));
        catalog.claim_streams(self.id(), found, read)
    }
}

fn has_both_sides(head: &str) -> bool {
    let mut fence = Fence::default();
    let (mut user, mut assistant) = (false, false);
    for line in head.lines() {
        if fence.encloses(line) {
            continue;
        }
        match label(line) {
            Some((Speaker::Known(Role::User), _)) => user = true,
            Some((Speaker::Known(Role::Assistant), _)) => assistant = true,
            _ => {}
        }
        if user && assistant {
            return true;
        }
    }
    false
}

fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut reader = BufReader::new(member.open()?);
    let mut conversation = Conversation::new("generic", None, member.stem());
    conversation.id_is_local = true;
    let mut transcript =
        Transcript { conversation, speaker: None, text: String::new(), fence: Fence::default(), bytes: 0 };
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = reader.read_until(b'\n', &mut line).map_err(|e| Error::from(e).at(member.place()))?;
        if count == 0 {
            break;
        }
        transcript.line(&String::from_utf8_lossy(&line), sink)?;
    }
    transcript.close(sink);
    sink.conversation(transcript.conversation)
}

struct Transcript {
    conversation: Conversation,
    speaker: Option<Speaker>,
    text: String,
    fence: Fence,
    bytes: usize,
}

impl Transcript {
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<()> {
        let found = if self.fence.encloses(line) { None } else { label(line) };
        let Some((speaker, rest)) = found else {
            if self.speaker.is_some() {
                self.text.push_str(line);
            }
            return Ok(());
        };
        self.close(sink);
        self.speaker = Some(speaker);
        self.text.push_str(rest);
        self.text.push('\n');
        if self.bytes > LONG {
            self.bytes = 0;
            let mut next = Conversation::new("generic", None, self.conversation.id.clone());
            next.id_is_local = true;
            next.first_index = self.conversation.first_index + self.conversation.messages.len() as u64;
            sink.conversation(std::mem::replace(&mut self.conversation, next))?;
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut dyn Sink) {
        let text = std::mem::take(&mut self.text);
        self.bytes += text.len();
        match self.speaker.take() {
            Some(Speaker::Known(_)) if text.trim().is_empty() => sink.skip("no_text", 1),
            Some(Speaker::Known(role)) => self.conversation.messages.push(Message::new(role, text)),
            Some(Speaker::LeftOut(reason)) => sink.skip(reason, 1),
            Some(Speaker::Unknown) | None => {}
        }
    }
}

/// A label at the start of a line and what follows it on the line.
fn label(line: &str) -> Option<(Speaker, &str)> {
    let line = line.trim_end();
    let bare = line.trim_start();
    if line.len() - bare.len() > 3 {
        return None;
    }
    let heading = bare.trim_start_matches('#');
    if let Some(speaker) = said(heading.trim_matches(['*', ' '])) {
        return Some((speaker, ""));
    }
    if heading.len() != bare.len() {
        let name = heading.trim().trim_end_matches(':').trim_matches('*');
        return known(name).map(|speaker| (speaker, ""));
    }
    let (stars, inside) = if let Some(rest) = bare.strip_prefix("**") { ("**", rest) } else { ("", bare) };
    let (name, rest) = inside.split_once(':').or_else(|| {
        // `**User**` alone on its line.
        (!stars.is_empty()).then(|| inside.strip_suffix("**").map(|name| (name, "")))?
    })?;
    let rest = if stars.is_empty() { rest } else { rest.strip_prefix("**").unwrap_or(rest) };
    let (name, said) = match name.trim_end_matches("**").trim_end().strip_suffix(" said") {
        Some(name) => (name, true),
        None => (name.trim_end_matches("**"), false),
    };
    // A page copied from the web has its labels on lines of their own; `You:` alone would be anybody's prose.
    if said && !rest.trim().is_empty() {
        return None;
    }
    known(name).map(|speaker| (speaker, rest.trim_start()))
}

/// What ChatGPT's page says before each turn, on a line of its own, in the languages that it is copied in.
const SAID: &[(&str, &[&str])] = &[
    ("en", &["you said", "chatgpt said"]),
    ("de", &["du hast gesagt", "du sagtest", "sie haben gesagt", "sie sagten", "chatgpt hat gesagt", "chatgpt sagte"]),
    ("fr", &["vous avez dit", "tu as dit", "chatgpt a dit"]),
    ("es", &["has dicho", "dijiste", "tú dijiste", "chatgpt ha dicho", "chatgpt dijo"]),
    ("pt", &["você disse", "disseste", "o chatgpt disse", "chatgpt disse"]),
    ("it", &["hai detto", "chatgpt ha detto"]),
    ("nl", &["je zei", "jij zei", "u zei", "chatgpt zei"]),
    ("pl", &["powiedziałeś", "powiedziałaś", "powiedziałeś(-aś)", "chatgpt powiedział"]),
    ("da", &["du sagde", "chatgpt sagde"]),
    ("nb", &["du sa", "chatgpt sa"]),
    ("sv", &["du sade", "chatgpt sade"]),
    ("ru", &["вы сказали", "ты сказал", "chatgpt сказал"]),
];

fn said(line: &str) -> Option<Speaker> {
    let line = line.strip_suffix(':')?.trim_end().to_lowercase();
    let known = SAID.iter().any(|(_, lines)| lines.contains(&line.as_str()));
    known.then_some(Speaker::Known(if line.contains("chatgpt") { Role::Assistant } else { Role::User }))
}

fn known(name: &str) -> Option<Speaker> {
    // Short names only: `Input: …` and the like are prose far more often than labels.
    let lower = name.trim().to_lowercase();
    if matches!(
        lower.as_str(),
        "input" | "output" | "function" | "environment" | "instructions" | "platform" | "self" | "me"
    ) {
        return None;
    }
    Some(speaker(&lower)).filter(|speaker| *speaker != Speaker::Unknown)
}

/// Tracks fenced code, in which labels are text.
#[derive(Default)]
struct Fence {
    open: Option<(char, usize)>,
}

impl Fence {
    /// Whether the line belongs to fenced code, its fences included.
    fn encloses(&mut self, line: &str) -> bool {
        let line = line.trim();
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'));
        let length = mark.map_or(0, |mark| line.chars().take_while(|c| *c == mark).count());
        match self.open {
            Some((mark, wanted)) => {
                if length >= wanted && line.chars().all(|c| c == mark) {
                    self.open = None;
                }
                true
            }
            None => {
                self.open = mark.filter(|_| length >= 3).map(|mark| (mark, length));
                self.open.is_some()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let role = |line| label(line).map(|(speaker, rest)| (speaker, rest.to_owned()));
        let user = |rest: &str| Some((Speaker::Known(Role::User), rest.to_owned()));
        let assistant = |rest: &str| Some((Speaker::Known(Role::Assistant), rest.to_owned()));
        assert_eq!(role("User: hello"), user("hello"));
        assert_eq!(role("## Assistant"), assistant(""));
        assert_eq!(role("**Human:** hi"), user("hi"));
        assert_eq!(role("**You**: hi"), user("hi"));
        assert_eq!(role("**Assistant**"), assistant(""));
        assert_eq!(role("ChatGPT said:"), assistant(""));
        assert_eq!(role("You said: never mind"), None);
        assert_eq!(role("Note: the user: said"), None);
        assert_eq!(role("### The user story"), None);
        assert_eq!(role("http://user:pass"), None);
    }
}
