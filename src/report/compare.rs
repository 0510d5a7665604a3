//! Two sets of records compared, message by message: what came and went, what is judged otherwise, and why as far as the
//! records and the two manifests tell.
//!
//! Law: a record is kept only until its counterpart comes by. Two runs over the same input are read in step, and nothing is
//! kept; memory grows with the messages that are on one side alone, or out of step.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};

/// Scores are written with four decimals: what differs by less is the same.
const SAME: f32 = 0.000_05;

/// What a comparison needs of a record.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Row {
    source: String,
    platform: String,
    conversation_id: String,
    message_id: Option<String>,
    index: u64,
    role: String,
    timestamp: Option<String>,
    lang: String,
    chars: u64,
    sensitive: Vec<Said>,
    unlisted: Vec<Said>,
    topics: Vec<Topic>,
    intent: String,
    implies: Vec<Implied>,
    scope: String,
    scope_reasons: Vec<String>,
    ad_use: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Said {
    category: String,
    score: f32,
    disclosure: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Topic {
    id: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Implied {
    rule: String,
}

impl Row {
    /// A record as `scan` writes it.
    pub fn parse(line: &[u8]) -> Result<Row> {
        serde_json::from_slice(line).map_err(|error| Error::new(ErrorKind::Data, format!("not a record: {error}")))
    }

    /// By what the message is found on the other side.
    fn key(&self, by_source: bool) -> String {
        let source = if by_source { self.source.as_str() } else { "" };
        // Some formats have no other name for a conversation than its file's: that is no id.
        let unnamed = !by_source && self.is_named_by_file();
        let conversation = if unnamed { "" } else { self.conversation_id.as_str() };
        let message = self.message_id.clone().unwrap_or_else(|| format!("#{}", self.index));
        format!("{source}\0{}\0{conversation}\0{message}\0{}", self.platform, self.role)
    }

    fn is_named_by_file(&self) -> bool {
        let name = self.source.rsplit(['/', '!', '\\']).next().unwrap_or_default();
        name.split('.').next() == Some(self.conversation_id.as_str())
    }

    fn said(&self) -> BTreeMap<&str, &Said> {
        self.sensitive.iter().chain(&self.unlisted).map(|said| (said.category.as_str(), said)).collect()
    }
}

/// The two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The earlier one.
    Before,
    /// The later one.
    After,
}

/// What is known of how two runs differ, from their manifests.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    known: bool,
    version: bool,
    lexicon: bool,
    policy: bool,
    account: bool,
    thresholds: BTreeMap<String, (f32, f32)>,
}

impl Grounds {
    /// Takes them out of two manifests, where both are there.
    pub fn of(before: Option<&Value>, after: Option<&Value>) -> Grounds {
        let (Some(before), Some(after)) = (before, after) else { return Grounds::default() };
        let differs = |key: &str| before[key] != after[key];
        let option = |key: &&str| before["options"][*key] != after["options"][*key];
        let threshold = |manifest: &Value, category: &str| manifest["thresholds"][category].as_f64().map(|p| p as f32);
        let categories = before["thresholds"].as_object().into_iter().flatten().map(|(category, _)| category);
        let moved = categories.filter_map(|category| {
            let (one, other) = (threshold(before, category)?, threshold(after, category)?);
            (one != other).then(|| (category.clone(), (one, other)))
        });
        let told = before["told_by_download"] != after["told_by_download"];
        Grounds {
            known: true,
            version: differs("version"),
            lexicon: differs("lexicon_sha256"),
            policy: differs("policy"),
            account: told || ["region", "plan", "linked", "unlinked", "as_if"].iter().any(option),
            thresholds: moved.collect(),
        }
    }

    /// Why a category came, went or moved in a message whose text is the same.
    fn of_verdict(&self, category: &str, before: Option<f32>, after: Option<f32>) -> &'static str {
        let threshold = self.thresholds.get(category);
        let crossed = threshold.is_some_and(|(old, new)| match (before, after) {
            (None, Some(score)) => score < *old,
            (Some(score), None) => score < *new,
            _ => false,
        });
        match () {
            () if crossed => "threshold",
            () if self.lexicon => "lexicon",
            () if self.version => "version",
            // The same program and lexicon, the same words: what stands around them is not the same.
            () if self.known => "context",
            () => "unknown",
        }
    }

    fn of_scope(&self) -> &'static str {
        match () {
            () if self.policy => "policy",
            () if self.account => "account",
            () if self.version => "version",
            () => "unknown",
        }
    }
}

/// What happened to a category between the sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Moves {
    /// Messages of the earlier side.
    pub before: u64,
    /// Messages of the later side.
    pub after: u64,
    /// Messages on both sides that have it now.
    pub gained: u64,
    /// … that had it.
    pub lost: u64,
    /// … whose score is higher.
    pub up: u64,
    /// … whose score is lower.
    pub down: u64,
    /// All moves of scores added up.
    pub sum_of_moves: f64,
    /// … that are about somebody else now.
    pub disclosure: u64,
}

/// The sums of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Records of the earlier side.
    pub before: u64,
    /// Records of the later side.
    pub after: u64,
    /// Messages of which nothing changed.
    pub same: u64,
    /// Messages of which something changed.
    pub changed: u64,
    /// Messages of the later side alone.
    pub new: u64,
    /// Messages of the earlier side alone.
    pub gone: u64,
    /// Lines that are no records.
    pub unreadable: u64,
    /// By category.
    pub categories: BTreeMap<String, Moves>,
    /// Changed messages by use for ads: `from → to`.
    pub ad_use: BTreeMap<String, u64>,
    /// Changed messages by scope: `from → to`.
    pub scope: BTreeMap<String, u64>,
    /// Changed messages whose ad topics or intent changed.
    pub topics: u64,
    /// Changed messages by cause; one can have several.
    pub causes: BTreeMap<&'static str, u64>,
}

/// Compares records as they come.
pub struct Comparison<'a> {
    by_source: bool,
    grounds: Grounds,
    /// Records that wait for their counterpart, by side; with the order in which they came.
    waiting: [HashMap<String, VecDeque<(u64, Row)>>; 2],
    order: u64,
    totals: Totals,
    /// Takes every change, as a line for people's programs.
    each: &'a mut dyn FnMut(Value) -> Result<()>,
}

impl<'a> Comparison<'a> {
    /// A comparison that hands every change to `each`.
    pub fn new(by_source: bool, grounds: Grounds, each: &'a mut dyn FnMut(Value) -> Result<()>) -> Self {
        let waiting = [HashMap::new(), HashMap::new()];
        Comparison { by_source, grounds, waiting, order: 0, totals: Totals::default(), each }
    }

    /// Counts a line that is no record.
    pub fn unreadable(&mut self) {
        self.totals.unreadable += 1;
    }

    /// Takes the next record of one side.
    pub fn add(&mut self, side: Side, row: Row) -> Result<()> {
        let totals = &mut self.totals;
        *(if side == Side::Before { &mut totals.before } else { &mut totals.after }) += 1;
        for category in row.said().keys() {
            let moves = totals.categories.entry((*category).to_owned()).or_default();
            *(if side == Side::Before { &mut moves.before } else { &mut moves.after }) += 1;
        }
        let key = row.key(self.by_source);
        let other = &mut self.waiting[1 - side as usize];
        if let Some(rows) = other.get_mut(&key)
            && let Some((_, counterpart)) = rows.pop_front()
        {
            if rows.is_empty() {
                other.remove(&key);
            }
            return match side {
                Side::Before => self.pair(&row, &counterpart),
                Side::After => self.pair(&counterpart, &row),
            };
        }
        self.order += 1;
        self.waiting[side as usize].entry(key).or_default().push_back((self.order, row));
        Ok(())
    }

    fn pair(&mut self, before: &Row, after: &Row) -> Result<()> {
        let mut causes: BTreeSet<&'static str> = BTreeSet::new();
        let mut change = serde_json::Map::new();
        for (cause, differs) in [
            ("text", before.chars != after.chars),
            ("language", before.lang != after.lang),
            ("time", before.timestamp != after.timestamp),
        ] {
            if differs {
                causes.insert(cause);
            }
        }
        self.verdicts(before, after, &mut change, &mut causes);
        self.scope(before, after, &mut change, &mut causes);
        self.offers(before, after, &mut change, &mut causes);
        if causes.is_empty() {
            self.totals.same += 1;
            return Ok(());
        }
        self.totals.changed += 1;
        causes.iter().for_each(|cause| *self.totals.causes.entry(cause).or_default() += 1);
        change.insert("causes".into(), json!(causes));
        self.tell("changed", after, change)
    }

    fn verdicts(
        &mut self,
        before: &Row,
        after: &Row,
        change: &mut serde_json::Map<String, Value>,
        causes: &mut Causes,
    ) {
        let same_text = before.chars == after.chars && before.lang == after.lang;
        let (old, new) = (before.said(), after.said());
        let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        let categories: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
        for category in categories {
            let (one, other) = (old.get(category), new.get(category));
            let moves = self.totals.categories.entry(category.to_owned()).or_default();
            let (from, to) = (one.map(|said| said.score), other.map(|said| said.score));
            match (one, other) {
                (None, Some(said)) => {
                    moves.gained += 1;
                    lists
                        .entry("gained")
                        .or_default()
                        .push(json!({"category": category, "score": rounded(said.score)}));
                }
                (Some(said), None) => {
                    moves.lost += 1;
                    lists.entry("lost").or_default().push(json!({"category": category, "score": rounded(said.score)}));
                }
                (Some(one), Some(other)) => {
                    let step = other.score - one.score;
                    if step.abs() < SAME && one.disclosure == other.disclosure {
                        continue;
                    }
                    if step.abs() >= SAME {
                        *(if step > 0.0 { &mut moves.up } else { &mut moves.down }) += 1;
                        moves.sum_of_moves += f64::from(step);
                    }
                    moves.disclosure += u64::from(one.disclosure != other.disclosure);
                    lists.entry("moved").or_default().push(json!({
                        "category": category, "from": rounded(one.score), "to": rounded(other.score),
                        "disclosure": [one.disclosure, other.disclosure],
                    }));
                }
                (None, None) => continue,
            }
            if same_text {
                causes.insert(self.grounds.of_verdict(category, from, to));
            }
        }
        change.extend(lists.into_iter().map(|(name, list)| (name.to_owned(), Value::Array(list))));
    }

    fn scope(&mut self, before: &Row, after: &Row, change: &mut serde_json::Map<String, Value>, causes: &mut Causes) {
        let verdicts_before = causes.clone();
        for (name, from, to, counts) in [
            ("ad_use", &before.ad_use, &after.ad_use, &mut self.totals.ad_use),
            ("scope", &before.scope, &after.scope, &mut self.totals.scope),
        ] {
            if from != to {
                *counts.entry(format!("{from} → {to}")).or_default() += 1;
                change.insert(name.into(), json!([from, to]));
            }
        }
        if before.scope == after.scope && before.scope_reasons == after.scope_reasons {
            // What may become of it can follow from what it says.
            if before.ad_use != after.ad_use && verdicts_before.is_empty() {
                causes.insert(self.grounds.of_scope());
            }
            return;
        }
        change.insert("scope_reasons".into(), json!([before.scope_reasons, after.scope_reasons]));
        let ground = self.grounds.of_scope();
        if ground != "unknown" || before.timestamp == after.timestamp && verdicts_before.is_empty() {
            causes.insert(ground);
        }
    }

    /// Ad topics, intent and proxies.
    fn offers(&mut self, before: &Row, after: &Row, change: &mut serde_json::Map<String, Value>, causes: &mut Causes) {
        let topics = |row: &Row| row.topics.iter().map(|topic| topic.id.clone()).collect::<BTreeSet<String>>();
        let rules = |row: &Row| row.implies.iter().map(|implied| implied.rule.clone()).collect::<BTreeSet<String>>();
        let mut any = false;
        for (name, old, new) in [("topics", topics(before), topics(after)), ("implies", rules(before), rules(after))] {
            if old != new {
                any = true;
                let (gained, lost): (Vec<_>, Vec<_>) = (new.difference(&old).collect(), old.difference(&new).collect());
                change.insert(name.into(), json!({"gained": gained, "lost": lost}));
            }
        }
        if before.intent != after.intent {
            any = true;
            change.insert("intent".into(), json!([before.intent, after.intent]));
        }
        self.totals.topics += u64::from(any);
        if any && before.chars == after.chars && before.lang == after.lang {
            causes.insert(self.grounds.of_verdict("", None, None));
        }
    }

    fn tell(&mut self, what: &str, row: &Row, rest: serde_json::Map<String, Value>) -> Result<()> {
        let mut line = serde_json::Map::new();
        line.insert("change".into(), json!(what));
        line.insert("source".into(), json!(row.source));
        line.insert("conversation_id".into(), json!(row.conversation_id));
        line.insert("message_id".into(), json!(row.message_id));
        line.insert("index".into(), json!(row.index));
        line.extend(rest);
        (self.each)(Value::Object(line))
    }

    /// Tells what has found no counterpart, and the sums.
    pub fn finish(mut self) -> Result<Totals> {
        for (side, what) in [(Side::Before, "gone"), (Side::After, "new")] {
            let mut rows: Vec<(u64, Row)> =
                std::mem::take(&mut self.waiting[side as usize]).into_values().flatten().collect();
            rows.sort_by_key(|(order, _)| *order);
            *(if side == Side::Before { &mut self.totals.gone } else { &mut self.totals.new }) += rows.len() as u64;
            for (_, row) in rows {
                let categories: Vec<&str> = row.said().into_keys().collect();
                let rest = serde_json::Map::from_iter([("categories".to_owned(), json!(categories))]);
                self.tell(what, &row, rest)?;
            }
        }
        Ok(self.totals)
    }
}

type Causes = BTreeSet<&'static str>;

/// As records round.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Grounds, Row, Side};
    use serde_json::{Value, json};

    fn row(id: &str, categories: &[(&str, f64)], ad_use: &str) -> Row {
        let sensitive: Vec<Value> =
            categories.iter().map(|(c, p)| json!({"category": c, "score": p, "disclosure": "self"})).collect();
        let line = json!({"source": "a", "platform": "chatgpt", "conversation_id": "c", "message_id": id, "index": 0,
            "role": "user", "timestamp": null, "lang": "en", "chars": 9, "sensitive": sensitive, "unlisted": [], "topics": [],
            "intent": "none", "implies": [], "scope": "in", "scope_reasons": [], "ad_use": ad_use});
        Row::parse(line.to_string().as_bytes()).unwrap()
    }

    fn manifest(lexicon: &str, health: f64) -> Value {
        json!({"version": "1", "lexicon_sha256": lexicon, "policy": {}, "options": {}, "thresholds": {"health": health}})
    }

    #[test]
    fn what_changed_is_told_with_its_cause() {
        let (one, other) = (manifest("x", 0.5), manifest("y", 0.8));
        let mut lines = Vec::new();
        let mut each = |line: Value| {
            lines.push(line);
            Ok(())
        };
        let mut comparison = Comparison::new(true, Grounds::of(Some(&one), Some(&other)), &mut each);
        for row in [row("1", &[("health", 0.6)], "excluded"), row("2", &[], "available"), row("3", &[], "available")] {
            comparison.add(Side::Before, row).unwrap();
        }
        for row in [row("4", &[], "x"), row("2", &[("union", 0.9)], "excluded"), row("1", &[], "available")] {
            comparison.add(Side::After, row).unwrap();
        }
        let totals = comparison.finish().unwrap();
        assert_eq!((totals.before, totals.after, totals.same, totals.changed), (3, 3, 0, 2));
        assert_eq!((totals.new, totals.gone), (1, 1));
        assert_eq!((totals.categories["health"].lost, totals.categories["union"].gained), (1, 1));
        assert_eq!(totals.causes.into_iter().collect::<Vec<_>>(), [("lexicon", 1), ("threshold", 1)]);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0]["gained"][0]["category"], "union");
        assert_eq!(lines[1]["causes"], json!(["threshold"]));
        assert_eq!((lines[2]["change"].as_str(), lines[3]["message_id"].as_str()), (Some("gone"), Some("4")));
    }

    #[test]
    fn the_same_is_the_same() {
        let mut each = |line: Value| panic!("{line}");
        let mut comparison = Comparison::new(false, Grounds::default(), &mut each);
        for side in [Side::Before, Side::After] {
            comparison.add(side, row("1", &[("health", 0.61)], "excluded")).unwrap();
        }
        assert_eq!(comparison.finish().unwrap().same, 1);
    }
}
