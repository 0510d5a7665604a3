//! The many names that formats give to the two sides of a chat.

use crate::chat::Role;

/// What a role's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The user or the assistant.
    Known(Role),
    /// Not a message of either: the ledger's reason for leaving it out.
    LeftOut(&'static str),
    /// Some other name: a person's, perhaps.
    Unknown,
}

const USER: &[&str] = &[
    "user", "human", "prompter", "customer", "you", "me", "self", "client", "visitor", "guest", "end_user", "input",
    "prompt", "text",
];
const ASSISTANT: &[&str] = &[
    "assistant",
    "ai",
    "bot",
    "model",
    "gpt",
    "chatgpt",
    "agent",
    "chatbot",
    "bing",
    "bard",
    "claude",
    "gemini",
    "copilot",
    "grok",
    "deepseek",
    "llm",
    "meta ai",
    "gpt-4",
    "gpt4",
    "output",
    "ai assistant",
    "virtual assistant",
];
const SYSTEM: &[&str] = &["system", "developer", "instructions", "platform"];
const TOOL: &[&str] = &[
    "tool",
    "function",
    "tool_call",
    "tool_use",
    "tool_result",
    "function_call",
    "observation",
    "ipython",
    "environment",
];

/// Reads a role's name, whatever its case.
///
/// ```
/// use offlimits::chat::Role;
/// use offlimits::read::roles::{Speaker, speaker};
///
/// assert_eq!(speaker("Human"), Speaker::Known(Role::User));
/// assert_eq!(speaker("text"), Speaker::Known(Role::User));
/// assert_eq!(speaker("developer"), Speaker::LeftOut("system"));
/// assert_eq!(speaker("Ines"), Speaker::Unknown);
/// ```
pub fn speaker(name: &str) -> Speaker {
    let name = name.trim();
    // The names are ASCII, and no letter outside of it lowers to one of theirs but the Kelvin sign, which nobody writes here.
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is(USER) {
        Speaker::Known(Role::User)
    } else if is(ASSISTANT) {
        Speaker::Known(Role::Assistant)
    } else if is(SYSTEM) {
        Speaker::LeftOut("system")
    } else if is(TOOL) {
        Speaker::LeftOut("tool")
    } else if is(&["participant"]) {
        Speaker::Known(Role::Participant)
    } else {
        Speaker::Unknown
    }
}
