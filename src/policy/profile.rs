//! A policy profile as its file holds it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};

/// The facts of one policy, with what is unknown and where each comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The id, which is also the file's name.
    pub id: String,
    /// The version: the date from which the text held, as exactly as it is known.
    pub version: String,
    /// A short name.
    pub name: Texts,
    /// What one talks to: "if this were …".
    pub product: Texts,
    /// One sentence.
    pub about: Texts,
    /// What chats are used for: `ads`, `content`, `training`.
    pub purpose: Vec<String>,
    /// Whether chats are used at all.
    pub uses: Uses,
    /// Platforms, as readers name them.
    pub platforms: Vec<String>,
    /// When it was announced.
    pub announced: Option<String>,
    /// When users were told.
    pub notice_from: Option<String>,
    /// First day; a month where the day is not known; none where nothing is known.
    pub valid_from: Option<String>,
    /// Last day; none while it holds.
    pub valid_to: Option<String>,
    /// The end was announced on that day, but its day is not known.
    pub ends_after: Option<String>,
    /// The newest page read.
    pub checked_until: String,
    /// Whether chats from before the start are used; none where nobody says.
    pub retroactive: Option<bool>,
    /// Categories that stay out, in the policy's order; none where nobody says.
    pub excluded: Option<Vec<String>>,
    /// The list ends with "such as" or "and the like".
    #[serde(default)]
    pub excluded_open_ended: bool,
    /// From when on sources disagree about the list.
    pub excluded_contested_from: Option<String>,
    /// `signal` (not used to choose ads anywhere) or `placement` (no ad beside that chat).
    pub exclusion_kind: Option<String>,
    /// What the categories stay out of: `ads`, `content`, `both`.
    pub exclusion_scope: Option<String>,
    /// Whether deleting a chat takes back what was derived from it.
    #[serde(default)]
    pub deletion_withdraws: Known,
    /// Where.
    pub regions: RegionLists,
    /// Through which doors.
    pub surfaces: Surfaces,
    /// Which accounts must be joined.
    pub linkage: Option<Linkage>,
    /// What the user can choose.
    #[serde(default)]
    pub choice: Choice,
    /// Whose age matters.
    pub age: Option<Age>,
    /// Whose words count.
    pub roles: BTreeMap<String, RoleRule>,
    /// Single facts with their marks and sources.
    #[serde(default, rename = "fact")]
    pub facts: Vec<Fact>,
    /// Questions on which sources disagree.
    #[serde(default, rename = "contradiction")]
    pub contradictions: Vec<Contradiction>,
    /// Cases that must come out as written; a test runs them.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

impl Profile {
    /// Whether the policy is about ads.
    pub fn for_ads(&self) -> bool {
        self.uses != Uses::Yes || self.purpose.iter().any(|purpose| purpose == "ads")
    }
}

/// A text in English and French; what it is in other languages the reports know by the English.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
}

/// Whether chats are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Uses {
    /// Yes, within the bounds of the profile.
    Yes,
    /// The company says that it does not use them.
    No,
    /// The company says that it cannot read them.
    Unreadable,
    /// Nobody says clearly.
    Unknown,
}

/// Yes, no, or unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody says, or sources disagree.
    #[default]
    Unknown,
}

/// In, out or unknown, as a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rule {
    In,
    Out,
    Unknown,
}

/// Regions by codes or names of groups (`regions.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionLists {
    pub(super) default: Rule,
    /// Covered.
    #[serde(default, rename = "in")]
    pub inside: Vec<String>,
    /// Not covered.
    #[serde(default)]
    pub out: Vec<String>,
    /// Nobody says.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Covered from that day on; before it, since some day that is not known.
    #[serde(default)]
    pub later: BTreeMap<String, String>,
}

/// Doors and plans; an empty list means that it does not matter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surfaces {
    /// Surfaces covered.
    #[serde(default, rename = "in")]
    pub inside: Vec<String>,
    /// Plans covered.
    #[serde(default)]
    pub plans: Vec<String>,
}

/// Which accounts must be joined.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linkage {
    /// The rule's name.
    pub rule: String,
    /// Apps that count only if they were added.
    #[serde(default)]
    pub requires_added: Vec<String>,
}

/// What the user can choose.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Whether one can refuse.
    #[serde(default)]
    pub opt_out: Known,
    /// Whether one must agree first.
    #[serde(default)]
    pub opt_in: Known,
    /// How it stands if one chooses nothing.
    pub default: Option<String>,
    /// Controls that exist, whether or not they help.
    #[serde(default)]
    pub controls: Vec<String>,
}

/// Ages. Exports do not tell an age, so verdicts are for an adult's account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Age {
    /// From which age on the policy applies.
    pub min: Option<u8>,
    /// From which age on advertisers may use interests.
    pub interest_ads_min: Option<u8>,
    /// Exceptions to it.
    #[serde(default)]
    pub by_country: BTreeMap<String, u8>,
    /// What happens to accounts that look like a minor's.
    pub predicted_minor: Option<String>,
}

/// Whether a kind of words counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleRule {
    /// Yes.
    In,
    /// No.
    Out,
    /// Nobody says.
    Unknown,
    /// If personalisation is on.
    IfPersonalised,
    /// If the user has agreed.
    IfConsent,
}

/// How well a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Mark {
    /// The primary page was read.
    P,
    /// Primary, read as a quotation.
    Pq,
    /// Secondary: press, law firm, agency.
    S,
    /// Sources contradict each other.
    X,
    /// Looked for and not found.
    U,
}

impl Mark {
    /// The mark as the files write it.
    pub fn name(self) -> &'static str {
        match self {
            Mark::P => "P",
            Mark::Pq => "Pq",
            Mark::S => "S",
            Mark::X => "X",
            Mark::U => "U",
        }
    }
}

/// One fact.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Which field of the profile it backs.
    pub field: String,
    /// How well it is known.
    pub mark: Mark,
    /// The fact in words.
    pub says: Texts,
    /// Where it was read.
    pub sources: Vec<String>,
}

/// A question on which sources disagree.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// Which field of the profile it bears on.
    pub field: String,
    /// One side is clearly better founded, and the profile holds it.
    pub resolved: bool,
    /// The question.
    pub question: String,
    /// The side that the profile holds, or the first one.
    pub holds: Side,
    /// The other side.
    pub against: Side,
}

/// One side of a contradiction.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// What it says.
    pub says: String,
    /// Who says so.
    pub sources: Vec<String>,
}

/// A case and how it must come out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub why: String,
    /// Platform.
    pub platform: String,
    /// Surface.
    pub surface: Option<String>,
    /// Plan of the account.
    pub plan: Option<String>,
    /// Who wrote it.
    #[serde(default = "user")]
    pub role: String,
    /// Whether it was said to the AI.
    pub to_ai: Option<bool>,
    /// Region of the account.
    pub region: Option<String>,
    /// Apps in the same account.
    #[serde(default)]
    pub linked: Vec<String>,
    /// Apps known not to be.
    #[serde(default)]
    pub unlinked: Vec<String>,
    /// The day it was sent.
    pub date: Option<String>,
    /// The time had no zone.
    #[serde(default)]
    pub local_time: bool,
    /// Counted as if it were the policy's own platform.
    #[serde(default)]
    pub as_if: bool,
    /// Categories found in it.
    #[serde(default)]
    pub categories: Vec<String>,
    /// The scope that must come out.
    pub scope: String,
    /// The reasons.
    pub reasons: Vec<String>,
    /// The use for ads.
    pub ad_use: String,
}

fn user() -> String {
    "user".to_owned()
}

/// A day, or a month whose day is not known, as milliseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    /// The first moment that it can be.
    pub(super) from: i64,
    /// The first moment at which it has surely come.
    pub(super) by: i64,
    /// The first moment after it.
    pub(super) after: i64,
}

impl When {
    /// Reads `YYYY-MM-DD` or `YYYY-MM`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::new(ErrorKind::Data, format!("`{text}` is neither YYYY-MM-DD nor YYYY-MM"));
        let at = |date: jiff::civil::Date| -> Result<i64> {
            let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
            Ok(zoned.timestamp().as_millisecond())
        };
        if text.len() == 7 {
            let first: jiff::civil::Date = format!("{text}-01").parse().map_err(|_| wrong())?;
            let next = at(first.last_of_month().tomorrow().map_err(|_| wrong())?)?;
            return Ok(When { from: at(first)?, by: next, after: next });
        }
        let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
        let start = at(day)?;
        Ok(When { from: start, by: start, after: start + 86_400_000 })
    }
}
