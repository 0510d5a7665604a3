//! One conversation through classifier and policy: every message becomes a finding, or is passed over for a reason.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::chat::{Conversation, Message, Role, Timestamp};
use crate::classify::follow_up::Thread;
use crate::classify::{Classifier, Request, Scratch};
use crate::finding::Finding;
use crate::policy::{Account, Policy, Question};
use crate::text::language::Guess;

/// The language of a conversation is told from at most this many of its messages.
const CONTEXT_MESSAGES: usize = 30;

/// Which messages are classified; all are read and counted.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Roles.
    pub roles: Vec<Role>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not at or after.
    pub until: Option<Timestamp>,
}

impl Default for Selection {
    /// What the owner wrote, at any time.
    fn default() -> Self {
        Selection { roles: vec![Role::User], since: None, until: None }
    }
}

impl Selection {
    /// Why a message is passed over, if it is.
    fn passes_over(&self, message: &Message) -> Option<&'static str> {
        let dated = self.since.is_some() || self.until.is_some();
        let early = |at: Timestamp| self.since.is_some_and(|since| at < since);
        let late = |at: Timestamp| self.until.is_some_and(|until| at >= until);
        if message.is_empty() {
            Some("no_text")
        } else if !self.roles.contains(&message.role) {
            Some("role")
        } else if dated && message.sent_at.is_none_or(|at| early(at) || late(at)) {
            Some("date")
        } else {
            None
        }
    }
}

/// Classifier, policy and what is known of the account; shared by all threads.
#[derive(Debug, Clone)]
pub struct Scanner {
    /// What messages say.
    pub classifier: Classifier,
    /// What the policy makes of them.
    pub policy: Policy,
    /// What is known of the account.
    pub account: Account,
    /// Which messages.
    pub selection: Selection,
    /// Fill the findings' evidence.
    pub evidence: bool,
}

/// What became of a message.
#[allow(
    clippy::large_enum_variant,
    reason = "made and taken apart on the spot, millions of times; a box would allocate"
)]
#[derive(Debug)]
pub enum Event<'a> {
    /// It was classified.
    Found(Finding, &'a Message),
    /// It was not, for a reason of [`crate::tally::NOT_CLASSIFIED`].
    PassedOver(&'static str),
}

impl Scanner {
    /// Classifies a conversation read from `source`, message by message, in order.
    pub fn scan(
        &self,
        scratch: &mut Scratch,
        source: &str,
        conversation: &Conversation,
        each: &mut dyn FnMut(Event<'_>),
    ) {
        // Who asks for the text may see the titles as well.
        let id: Arc<str> = if self.evidence { conversation.id.as_str().into() } else { shown_id(conversation).into() };
        let source: Arc<str> = source.into();
        // Unrelated rows say nothing of whom another row was said to.
        let group = conversation.threaded && conversation.messages.iter().any(|m| m.role == Role::Participant);
        let buffers = RefCell::new(scratch.lend_context());
        let guess: OnceCell<Option<Guess>> = OnceCell::new();
        let context = || {
            *guess.get_or_init(|| {
                let texts = conversation.messages.iter().take(CONTEXT_MESSAGES).map(|message| message.text.as_str());
                self.classifier.language_of(&mut buffers.borrow_mut(), texts)
            })
        };
        let mut parts: Vec<&str> = Vec::new();
        let mut thread = Thread::default();
        for (place, message) in conversation.messages.iter().enumerate() {
            if let Some(reason) = self.selection.passes_over(message) {
                each(Event::PassedOver(reason));
                continue;
            }
            thread.begin(message.sent_at);
            parts.clear();
            parts.push(&message.text);
            parts.extend(message.attachments.iter().map(String::as_str));
            let request = Request {
                parts: &parts,
                role: message.role,
                stated: message.language.as_deref(),
                context: conversation.threaded.then_some(&context),
                before: thread.carried(),
                evidence: self.evidence,
            };
            let assessment = self.classifier.assess(scratch, &request);
            let taxonomy = &self.classifier.lexicon().taxonomy;
            if conversation.threaded {
                thread.add(taxonomy, &assessment);
            }
            let verdicts = assessment.sensitive.iter().chain(&assessment.unlisted);
            let categories: Vec<&str> = verdicts.map(|v| taxonomy.category(v.category).id.as_str()).collect();
            let scope = self.policy.scope(&Question {
                platform: conversation.platform,
                surface: conversation.surface,
                role: message.role,
                to_ai: if group { addressed(&conversation.messages, place) } else { None },
                sent_at: message.sent_at,
                local_time: message.local_time,
                account: &self.account,
                categories: &categories,
            });
            let finding = Finding {
                source: Arc::clone(&source),
                platform: conversation.platform,
                surface: conversation.surface,
                conversation_id: Arc::clone(&id),
                message_id: message.id.clone(),
                index: conversation.first_index + place as u64,
                role: message.role,
                sent_at: message.sent_at,
                chars: parts.iter().map(|part| part.chars().count() as u64).sum(),
                assessment,
                scope,
            };
            each(Event::Found(finding, message));
        }
        scratch.return_context(buffers.into_inner());
    }
}

/// Whether a message of a group was said to the AI: yes when it names it; perhaps when it follows the AI's words, since a
/// reply need not name whom it answers; else no.
fn addressed(messages: &[Message], place: usize) -> Option<bool> {
    let text = messages[place].text.to_lowercase();
    if text.contains("@meta ai") || text.contains("@metaai") {
        return Some(true);
    }
    let after_ai = place > 0 && messages[place - 1].role == Role::Assistant;
    if after_ai { None } else { Some(false) }
}

/// The id for records and reports. Some formats have no id but the title that the user wrote: it is shown as a digest, the
/// same for the same title, because records hold no titles.
pub(crate) fn shown_id(conversation: &Conversation) -> String {
    if !conversation.id_is_title {
        return conversation.id.clone();
    }
    let digest = Sha256::digest(conversation.id.as_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("title:{hex}")
}
