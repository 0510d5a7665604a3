//! What goes out: an assessment of one text, and the finding that a report or a record is made of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::chat::{Role, Timestamp};

/// A category, by its place in [`Taxonomy::categories`](crate::taxonomy::Taxonomy): first the policy's seven, then the
/// unlisted ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CategoryId(pub u8);

/// An ad topic, by its place in [`Taxonomy::topics`](crate::taxonomy::Taxonomy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TopicId(pub u16);

/// A proxy rule, by its place in [`Taxonomy::rules`](crate::taxonomy::Taxonomy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u16);

/// Whom a sensitive message is about, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Disclosure {
    /// The writer.
    Oneself,
    /// Another identifiable person.
    Another,
    /// Nobody in particular: general talk.
    Topic,
}

impl Disclosure {
    /// The name used in records: `self`, `other`, `topic`.
    pub fn name(self) -> &'static str {
        match self {
            Disclosure::Oneself => "self",
            Disclosure::Another => "other",
            Disclosure::Topic => "topic",
        }
    }
}

/// What a message wants, commercially.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Intent {
    /// Looking to buy, hire or book.
    Purchase,
    /// A hobby, a use, or advice on it.
    Interest,
    /// Neither: admin, work, homework, small talk, code.
    None,
}

impl Intent {
    /// The name used in records: `purchase`, `interest`, `none`.
    pub fn name(self) -> &'static str {
        match self {
            Intent::Purchase => "purchase",
            Intent::Interest => "interest",
            Intent::None => "none",
        }
    }
}

/// A category that reached its threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Which category.
    pub category: CategoryId,
    /// Calibrated probability, 0..=1.
    pub score: f32,
    /// Whom it is about.
    pub disclosure: Disclosure,
}

/// One matched phrase and what it counted for.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Byte range in the message's text (or in the attachment, see `part`).
    pub span: (usize, usize),
    /// 0 = the message's text, `n` = its n-th attachment.
    pub part: usize,
    /// The category or topic it speaks for.
    pub category: String,
    /// The entry's phrase, as the lexicon writes it.
    pub phrase: String,
    /// Contribution to the sum, in log-odds (nats); negative speaks against.
    pub weight: f32,
    /// Sense, cue or reason, in the lexicon's words.
    pub because: String,
}

/// An ad topic with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicEstimate {
    /// Which node of the taxonomy.
    pub topic: TopicId,
    /// Probability that an advertiser could take this interest from the message, 0..=1.
    pub score: f32,
}

/// A proxy: something in the message gives away a category that it does not state.
#[derive(Debug, Clone, PartialEq)]
pub struct Implication {
    /// Which category is implied.
    pub category: CategoryId,
    /// How strongly, 0..=1.
    pub score: f32,
    /// The rule's name.
    pub rule: String,
}

/// What one text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Language tag (`en`), or `und` where it could not be told.
    pub language: String,
    /// The language has a lexicon, so an empty `sensitive` means something.
    pub judged: bool,
    /// The policy's categories that reached their threshold, strongest first.
    pub sensitive: Vec<Verdict>,
    /// Sensitive in law or to people, but on no list of the policy.
    pub unlisted: Vec<Verdict>,
    /// Ad topics, best first.
    pub topics: Vec<TopicEstimate>,
    /// Commercial intent.
    pub intent: Intent,
    /// Proxies.
    pub implies: Vec<Implication>,
    /// Matched phrases; only filled where the caller asked for them.
    pub evidence: Vec<Evidence>,
}

/// Whether the policy covers a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Yes.
    In,
    /// No.
    Out,
    /// A fact is missing or contradicted. Never treated as "no".
    Unknown,
}

impl Scope {
    /// The name used in records: `in`, `out`, `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Scope::In => "in",
            Scope::Out => "out",
            Scope::Unknown => "unknown",
        }
    }
}

/// What the policy says may become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AdUse {
    /// In scope, but the policy says that it stays out.
    Excluded,
    /// In scope and usable.
    Available,
    /// The policy does not cover it.
    OutOfScope,
    /// It cannot be told.
    Unknown,
}

impl AdUse {
    /// The name used in records: `excluded`, `available`, `out_of_scope`, `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            AdUse::Excluded => "excluded",
            AdUse::Available => "available",
            AdUse::OutOfScope => "out_of_scope",
            AdUse::Unknown => "unknown",
        }
    }
}

/// The policy's answer for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeVerdict {
    /// In, out or unknown.
    pub scope: Scope,
    /// Short fixed codes, in the order in which the policy was asked.
    pub reasons: Vec<&'static str>,
    /// What follows for ads.
    pub ad_use: AdUse,
}

/// One classified message: everything a record or a tally needs, and nothing of its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The file, or `archive!member`; shared by the findings of a conversation.
    pub source: Arc<str>,
    /// Platform of the conversation.
    pub platform: &'static str,
    /// Surface of the conversation.
    pub surface: Option<&'static str>,
    /// Conversation id, or a digest of it where the id would show a title.
    pub conversation_id: Arc<str>,
    /// Message id of the export.
    pub message_id: Option<String>,
    /// Index in the conversation.
    pub index: u64,
    /// Who wrote it.
    pub role: Role,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// Length of text and attachments, in Unicode scalar values.
    pub chars: u64,
    /// What it says.
    pub assessment: Assessment,
    /// What the policy makes of it.
    pub scope: ScopeVerdict,
}
