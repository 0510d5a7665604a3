//! Records read back, so that another policy, region or date can be asked without scanning again.
//!
//! A record says what its message says, not all that the policy was told: whether words in a group were meant for the AI, and
//! whether a time had a zone, must be read out of the reasons that it holds. Law: what cannot be told is put as unknown, so an
//! answer from records may be "unknown" where a new scan would know, never the reverse.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use super::names::Names;
use super::words;
use crate::chat::{Role, Timestamp};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{
    AdUse, Assessment, CategoryId, Disclosure, Finding, Implication, Intent, ScopeVerdict, TopicEstimate, TopicId,
    Verdict,
};
use crate::policy::{Account, Policy, Question};

/// Platforms whose threads can have several people in them.
const GROUPS: &[&str] = &["meta_ai", "generic"];

/// Platforms that write every time with its zone.
const ZONED: &[&str] = &["chatgpt", "claude", "claude_code", "codex"];

/// Doors, as readers name them.
pub const SURFACES: &[&str] =
    &["cli", "facebook", "instagram", "messenger", "meta_ai_app", "snapchat", "web", "whatsapp"];

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    platform: Cow<'a, str>,
    #[serde(borrow)]
    surface: Option<Cow<'a, str>>,
    #[serde(borrow)]
    conversation_id: Cow<'a, str>,
    message_id: Option<String>,
    index: u64,
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    lang: String,
    chars: u64,
    #[serde(borrow)]
    sensitive: Vec<Said<'a>>,
    #[serde(borrow)]
    unlisted: Vec<Said<'a>>,
    #[serde(borrow)]
    topics: Vec<Topic<'a>>,
    #[serde(borrow)]
    intent: Cow<'a, str>,
    #[serde(borrow)]
    implies: Vec<Implied<'a>>,
    #[serde(borrow)]
    scope: Cow<'a, str>,
    #[serde(borrow)]
    scope_reasons: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    category: Cow<'a, str>,
    score: f32,
    #[serde(borrow)]
    disclosure: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Topic<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    score: f32,
}

#[derive(Deserialize)]
struct Implied<'a> {
    #[serde(borrow)]
    category: Cow<'a, str>,
    score: f32,
    rule: String,
}

/// Reads records and asks the policy about them.
#[derive(Debug)]
pub struct Reader<'a> {
    policy: &'a Policy,
    account: &'a Account,
    names: &'a Names,
    /// Languages with a lexicon, whose silence means something.
    languages: Vec<&'a str>,
    categories: HashMap<&'a str, CategoryId>,
    topics: HashMap<&'a str, TopicId>,
    sent: Option<Timestamp>,
    source: Arc<str>,
    conversation: Arc<str>,
}

impl<'a> Reader<'a> {
    /// A reader that asks `policy` about `account`.
    pub fn new(policy: &'a Policy, account: &'a Account, names: &'a Names, languages: Vec<&'a str>) -> Self {
        let categories = names.categories.iter().enumerate();
        let topics = names.topics.iter().enumerate();
        Reader {
            policy,
            account,
            names,
            languages,
            categories: categories.map(|(place, name)| (name.id.as_str(), CategoryId(place as u8))).collect(),
            topics: topics.map(|(place, name)| (name.id.as_str(), TopicId(place as u16))).collect(),
            sent: None,
            source: "".into(),
            conversation: "".into(),
        }
    }

    /// Asks as if every message had been sent at that moment.
    #[must_use]
    pub fn sent(mut self, at: Option<Timestamp>) -> Self {
        self.sent = at;
        self
    }

    /// One line as a finding, with what this policy makes of it.
    pub fn read(&mut self, line: &[u8]) -> Result<Finding> {
        let row: Row = serde_json::from_slice(line).map_err(|error| bad(&error.to_string()))?;
        let role = Role::from_name(&row.role).ok_or_else(|| bad("no such role"))?;
        let platform = words::platform_id(&row.platform).unwrap_or("generic");
        let surface = row.surface.as_deref().and_then(|name| SURFACES.iter().copied().find(|known| *known == name));
        let sent_at = row.timestamp.as_deref().map(moment).transpose()?;
        let assessment = self.assessment(&row)?;
        let verdicts = assessment.sensitive.iter().chain(&assessment.unlisted);
        let categories: Vec<&str> = verdicts.map(|verdict| self.names.category_id(verdict.category)).collect();
        let reasons = Reasons { codes: &row.scope_reasons, out: row.scope == "out" };
        let (asked, to_ai) = reasons.addressed(platform, role);
        let scope = self.policy.scope(&Question {
            platform,
            surface,
            role: asked,
            to_ai,
            sent_at: self.sent.or(sent_at),
            local_time: self.sent.is_none() && reasons.local_time(platform, surface, sent_at),
            account: self.account,
            categories: &categories,
        });
        keep(&mut self.source, &row.source);
        keep(&mut self.conversation, &row.conversation_id);
        Ok(Finding {
            source: Arc::clone(&self.source),
            platform,
            surface,
            conversation_id: Arc::clone(&self.conversation),
            message_id: row.message_id,
            index: row.index,
            role,
            sent_at,
            chars: row.chars,
            assessment,
            scope,
        })
    }

    fn assessment(&self, row: &Row) -> Result<Assessment> {
        let verdicts = |said: &[Said]| said.iter().map(|one| self.verdict(one)).collect::<Result<Vec<Verdict>>>();
        let topic = |one: &Topic| {
            let topic = self.topics.get(&*one.id).copied().ok_or_else(|| bad("no such topic"))?;
            Ok(TopicEstimate { topic, score: one.score })
        };
        let implied = |one: &Implied| {
            Ok(Implication { category: self.category(&one.category)?, score: one.score, rule: one.rule.clone() })
        };
        let intents = [Intent::Purchase, Intent::Interest, Intent::None];
        Ok(Assessment {
            judged: self.languages.contains(&row.lang.as_str()),
            language: row.lang.clone(),
            sensitive: verdicts(&row.sensitive)?,
            unlisted: verdicts(&row.unlisted)?,
            topics: row.topics.iter().map(topic).collect::<Result<_>>()?,
            intent: intents
                .into_iter()
                .find(|intent| intent.name() == row.intent)
                .ok_or_else(|| bad("no such intent"))?,
            implies: row.implies.iter().map(implied).collect::<Result<_>>()?,
            evidence: Vec::new(),
        })
    }

    fn category(&self, id: &str) -> Result<CategoryId> {
        self.categories.get(id).copied().ok_or_else(|| bad("no such category"))
    }

    fn verdict(&self, said: &Said) -> Result<Verdict> {
        let disclosures = [Disclosure::Oneself, Disclosure::Another, Disclosure::Topic];
        let disclosure = disclosures.into_iter().find(|one| one.name() == said.disclosure);
        Ok(Verdict {
            category: self.category(&said.category)?,
            score: said.score,
            disclosure: disclosure.ok_or_else(|| bad("no such disclosure"))?,
        })
    }
}

/// The reasons that a record holds, and what they tell of the question that was asked. A record gives all reasons that carry
/// its verdict: one that is out gives every reason for "out", one that is unknown every unknown.
struct Reasons<'a> {
    codes: &'a [Cow<'a, str>],
    out: bool,
}

impl Reasons<'_> {
    fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|reason| reason == code)
    }

    /// Whether the policy that the record was made under said "out" of words between people, so that silence tells something.
    /// Only Meta's and unnamed platforms have threads of several people.
    fn tell_addressee(&self, platform: &str) -> bool {
        let others = ["not_used", "not_readable", "use_unknown", "other_platform", "as_if"];
        !GROUPS.contains(&platform) || !others.iter().any(|code| self.has(code))
    }

    /// The role and the addressee to ask with. Where the record does not tell to whom the words were said, they are asked
    /// about as those of some participant, whose addressee is open.
    fn addressed(&self, platform: &str, role: Role) -> (Role, Option<bool>) {
        if self.has("between_people") {
            return (role, Some(false));
        }
        match role {
            Role::User if !self.tell_addressee(platform) => (Role::Participant, None),
            // One that is out for another reason does not tell whether its addressee was known.
            Role::Participant if self.tell_addressee(platform) && !self.out && !self.has("addressee_unknown") => {
                (role, Some(true))
            }
            _ => (role, None),
        }
    }

    /// Only platforms that always write a zone are sure to have written one, and Meta's files where they are exact to the
    /// second. It matters on the days around a border alone, and there it makes the answer unknown.
    fn local_time(&self, platform: &str, surface: Option<&str>, sent_at: Option<Timestamp>) -> bool {
        let whole_minute = sent_at.is_some_and(|at| at.0 % 60_000 == 0);
        let zoned = match platform {
            "meta_ai" => surface != Some("whatsapp") && !whole_minute,
            _ => ZONED.contains(&platform),
        };
        self.has("date_border") || !zoned
    }
}

/// Findings of one conversation share its names.
fn keep(shared: &mut Arc<str>, name: &str) {
    if **shared != *name {
        *shared = name.into();
    }
}

fn moment(text: &str) -> Result<Timestamp> {
    let at: jiff::Timestamp = text.parse().map_err(|_| bad("the time is not RFC 3339"))?;
    Ok(Timestamp(at.as_millisecond()))
}

fn bad(why: &str) -> Error {
    Error::new(ErrorKind::Data, format!("not a record: {why}"))
}

/// How many findings changed from the old answer to the new one: `from`, `to` and a count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<(&'static str, &'static str), u64>);

impl Changes {
    /// Counts one record's use for ads before and after.
    pub fn add(&mut self, line: &[u8], after: &ScopeVerdict) {
        #[derive(Deserialize)]
        struct Before<'a> {
            #[serde(borrow)]
            ad_use: Cow<'a, str>,
        }
        let Ok(Before { ad_use }) = serde_json::from_slice::<Before>(line) else { return };
        let uses = [AdUse::Excluded, AdUse::Available, AdUse::OutOfScope, AdUse::Unknown];
        if let Some(before) = uses.into_iter().find(|one| one.name() == ad_use && *one != after.ad_use) {
            *self.0.entry((before.name(), after.ad_use.name())).or_default() += 1;
        }
    }

    /// `unknown → available 12, unknown → excluded 3`, most first; none where nothing changed.
    pub fn line(&self) -> Option<String> {
        let mut rows: Vec<(&(&str, &str), &u64)> = self.0.iter().collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let text: Vec<String> = rows.iter().map(|((from, to), count)| format!("{from} → {to} {count}")).collect();
        (!text.is_empty()).then(|| text.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Changes, Reader};
    use crate::policy::{Account, Policy};
    use crate::report::{record, sample};

    #[test]
    fn records_come_back_as_they_were() {
        let (names, account) = (sample::names(), Account::default());
        let policy = Policy::builtin("meta-ai-ads").unwrap();
        let mut reader = Reader::new(&policy, &account, &names, vec!["en"]);
        for finding in sample::findings(200) {
            let mut line = Vec::new();
            record::write(&mut line, &finding, &names, None);
            let back = reader.read(&line).unwrap();
            let mut again = Vec::new();
            record::write(&mut again, &back, &names, None);
            assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(line).unwrap());
            assert_eq!(back.assessment.judged, finding.assessment.judged);
        }
    }

    #[test]
    fn another_region_is_another_answer() {
        let names = sample::names();
        let policy = Policy::builtin("meta-ai-ads").unwrap();
        let account = Account { region: Some("US".into()), as_if: true, ..Account::default() };
        let mut reader = Reader::new(&policy, &account, &names, vec!["en"]);
        let mut line = Vec::new();
        record::write(&mut line, &sample::findings(1)[0], &names, None);
        let back = reader.read(&line).unwrap();
        assert_eq!(
            (back.scope.ad_use.name(), back.scope.reasons.as_slice()),
            ("excluded", ["as_if", "covered"].as_slice())
        );
        let mut changes = Changes::default();
        changes.add(&line, &back.scope);
        assert_eq!(changes.line().unwrap(), "out_of_scope → excluded 1");
    }

    #[test]
    fn an_addressee_that_no_record_tells_stays_open() {
        let (names, account) = (sample::names(), Account { region: Some("US".into()), ..Account::default() });
        let meta = Policy::builtin("meta-ai-ads").unwrap();
        let mut reader = Reader::new(&meta, &account, &names, vec!["en"]);
        let mut line = Vec::new();
        record::write(&mut line, &sample::findings(1)[0], &names, None);
        let line =
            String::from_utf8(line).unwrap().replace("\"chatgpt\"", "\"meta_ai\"").replace("\"web\"", "\"messenger\"");
        let mut ask = |reason: &str| {
            let line = line.replace("other_platform", reason).replace("09:00:00Z", "09:00:01Z");
            reader.read(line.as_bytes()).unwrap().scope.reasons
        };
        assert_eq!(ask("other_platform"), ["addressee_unknown"], "made under another company's policy");
        assert_eq!(ask("region_out"), ["covered"], "words between people would have said so");
        assert_eq!(ask("between_people"), ["between_people"]);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let (names, account) = (sample::names(), Account::default());
        let policy = Policy::builtin("meta-ai-ads").unwrap();
        let mut reader = Reader::new(&policy, &account, &names, Vec::new());
        let mut line = Vec::new();
        record::write(&mut line, &sample::findings(1)[0], &names, None);
        let line = String::from_utf8(line).unwrap();
        for (from, to) in
            [("\"health\"", "\"helth\""), ("\"653\"", "\"x\""), ("\"user\"", "\"owner\""), ("2026-01-10T", "soon")]
        {
            assert!(line.contains(from));
            assert!(reader.read(line.replace(from, to).as_bytes()).is_err(), "{to}");
        }
        assert!(reader.read(b"{}").is_err() && reader.read(b"\xff").is_err() && reader.read(b"").is_err());
    }
}
