//! Export readers: from named bytes to a stream of [`Conversation`]s.
//!
//! An input (a file, a folder, a zip …) is opened as a [`Catalog`] of its members. Each [`Format`] is asked in turn which
//! members it understands, *by their content*, and answers with [`Task`]s; what nobody claims is a line in the ledger that
//! names what was seen. Tasks are then run in order by [`drive()`], which parses and hands on conversations in parallel and
//! in a stable order.
//!
//! Law: a reader never panics on any bytes, never invents a message, and never drops one silently.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::chat::Conversation;
use crate::error::Result;
use crate::input::{Columns, Member};

mod agents;
mod branch;
pub mod catalog;
mod character_ai;
mod chatgpt;
mod claude;
mod copilot;
mod corpus;
mod deepseek;
mod devgpt;
pub mod drive;
mod feed;
mod gemini;
mod generic;
mod generic_text;
mod grok;
mod grouping;
mod html;
mod ids;
pub mod json;
mod json_error;
pub mod ledger;
mod meta;
mod mistral;
pub mod normal;
mod oasst;
mod openai;
mod perplexity;
pub mod plan;
mod repeats;
pub mod roles;
mod rows;
pub mod shape;
mod sharegpt;
pub mod sink;
mod snapchat;
pub mod split;
mod store;
mod strangers;
pub mod time;
mod whatsapp;
mod written_time;

pub use catalog::{Catalog, Entry};
pub use drive::{Batch, Progress, drive};
pub use grouping::{PIECE_BYTES, PIECE_MESSAGES};
pub use ledger::Ledger;
pub use plan::{Plan, begins_like_records, plan};
pub use shape::Shape;

/// Where readers put what they find.
pub trait Sink {
    /// Takes a conversation; an error stops the reading (a closed pipe, a full disk).
    fn conversation(&mut self, conversation: Conversation) -> Result<()>;

    /// Counts something that was seen and left out: `reason` is a short fixed code of [`ledger::REASONS`].
    fn skip(&mut self, reason: &'static str, count: u64);

    /// Reports one thing that could not be read, in words, at a place inside the member (`line 12`, a conversation id).
    fn trouble(&mut self, place: &str, message: &str);
}

/// How a member falls into records that can be parsed by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// One record a line.
    Lines,
    /// The elements of a top-level array, or of the first array-valued member named so of a top-level object.
    Elements(Option<&'static str>),
}

/// Parses one record into the sink. `number` counts records from 1 over the member (for `line-N` ids).
pub type ParseRecord = dyn Fn(&[u8], u64, &mut dyn Sink) -> Result<()> + Send + Sync;

/// Reads a task's members one after the other into the sink.
pub type ReadStream = dyn Fn(&[Member], &mut dyn Sink) -> Result<()> + Send + Sync;

/// How a task is read.
#[derive(Clone)]
pub enum How {
    /// Independent records: split by one thread, parsed by all. Memory: a few batches.
    Records(Split, Arc<ParseRecord>),
    /// A stream that only its reader can follow (rows that belong together, HTML, whole threads).
    Stream(Arc<ReadStream>),
}

/// A piece of reading work.
#[derive(Clone)]
pub struct Task {
    /// The format's id.
    pub format: &'static str,
    /// The members, in reading order. `Records` reads each; `Stream` gets them all.
    pub members: Vec<Member>,
    /// How.
    pub how: How,
}

impl Task {
    /// The same task, where its members are tables reading only these columns.
    #[must_use]
    pub fn reading(mut self, columns: Columns) -> Task {
        self.members = self.members.into_iter().map(|member| member.with_columns(columns)).collect();
        self
    }
}

/// An interest that a platform's own download lists about the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// `facebook`, `instagram` or `meta`.
    pub source: &'static str,
    /// `ai_interest`, `ad_category`, `ads_interest`, `advertiser`, `topic`, `ad_preference`.
    pub kind: &'static str,
    /// The text as the file holds it.
    pub value: String,
    /// The interest without its fixed English lead-in, for `ai_interest`.
    pub subject: Option<String>,
}

/// What a download tells of the account itself, as it stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Texts of the file on the account's privacy jurisdiction.
    pub jurisdiction: Vec<String>,
    /// Texts of the file on its main place.
    pub location: Vec<String>,
    /// Times at which a new privacy policy was announced to it.
    pub notices: Vec<crate::chat::Timestamp>,
}

/// One export format.
pub trait Format: Sync {
    /// The name for `--format` and `offlimits formats`.
    fn id(&self) -> &'static str;

    /// One line: what it is, and by what it is recognised.
    fn about(&self) -> &'static str;

    /// Claims the members that it understands and says how to read them. Members that it knows to hold no chats it marks
    /// with [`Catalog::skip`] and a reason.
    fn plan(&self, catalog: &mut Catalog) -> Vec<Task>;

    /// Whether a conversation's id means the same conversation in every file of an input, so that copies can be told.
    fn ids_are_global(&self) -> bool {
        true
    }

    /// The keys of a record under which a conversation's id stands, the one that counts first, for formats whose records say
    /// it so plainly: then copies are looked for without parsing. None: the records are parsed for it.
    fn id_keys(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the download tells of the account itself.
    fn told(&self, _catalog: &Catalog) -> Told {
        Told::default()
    }

    /// Interests that the platform lists, from members it marked as such while planning.
    fn interests(&self, _catalog: &Catalog) -> Vec<Interest> {
        Vec::new()
    }
}

/// Every format, in the order in which members are offered to them: the specific before the general.
pub const FORMATS: &[&dyn Format] = &[
    &deepseek::DeepSeek,
    &chatgpt::ChatGpt,
    &claude::Claude,
    &meta::Meta,
    &whatsapp::WhatsApp,
    &gemini::Gemini,
    &gemini::AiStudio,
    &copilot::Copilot,
    &grok::Grok,
    &mistral::Mistral,
    &perplexity::Perplexity,
    &character_ai::CharacterAi,
    &snapchat::Snapchat,
    &agents::ClaudeCode,
    &agents::Codex,
    &corpus::WildChat,
    &corpus::Lmsys,
    &corpus::Prism,
    &corpus::UltraChat,
    &corpus::HhRlhf,
    &oasst::Oasst,
    &devgpt::DevGpt,
    &sharegpt::ShareGpt,
    &openai::OpenAi,
    // What no vendor wrote comes last.
    &generic::GenericRows,
    &generic::GenericTable,
    &generic_text::GenericText,
];

/// Counts by code, sorted, so that every listing is in a stable order.
pub type Counts = BTreeMap<&'static str, u64>;
