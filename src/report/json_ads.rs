//! The parts of the JSON document on ads: segments, estimates, the delete list, the download's own lists, the lists of laws.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Extras, Names, Report};
use crate::ads::{self, Deletion, Level, Node, Potential, Segment};
use crate::crosscheck::Listed;
use crate::finding::TopicId;
use crate::law::{self, Law};
use crate::tally::TopicTally;

/// What no estimate of ad potential knows; said wherever one is shown.
const UNKNOWN: &[&str] = &[
    "whether the platform uses the messages at all",
    "what it derives from them",
    "what else it knows of the person",
    "what advertisers pay today",
];

/// A number to four decimals.
pub(super) fn rounded(value: f64) -> Value {
    json!((value * 10_000.0).round() / 10_000.0)
}

/// The list by which the report is drawn.
pub(super) fn list(report: &Report) -> Value {
    match report.list {
        Some(law) => law_value(law),
        None => json!({"id": "policy", "name": report.policy.profile.name.en, "named": report.policy.profile.excluded}),
    }
}

fn law_value(law: &Law) -> Value {
    json!({
        "id": law.id, "name": law.name.en, "place": law.place, "kind": law.kind, "named": law.named,
        "partly": law.partly, "context": law.context, "notes": law.notes, "mark": law.mark, "sources": law.sources,
    })
}

/// How each list names a category; only those that do.
pub(super) fn laws(category: &str) -> Map<String, Value> {
    let naming = law::all().iter().filter_map(|law| Some((law.id.clone(), json!(law.names(category)?.name()))));
    naming.collect()
}

/// The estimate for everything that is left.
pub(super) fn archive(report: &Report) -> Value {
    let points = ads::archive(&report.fields());
    json!({
        "is": "estimate", "points": points, "level": Level::of(points).name(),
        "means": "mean of the five strongest fields, a missing one counting nothing", "does_not_know": UNKNOWN,
    })
}

/// Ad topics with their segments and estimates, most messages first.
pub(super) fn topics(report: &Report, tallies: &BTreeMap<TopicId, TopicTally>) -> Vec<Value> {
    let potentials = report.potentials(tallies);
    let mut rows: Vec<(&TopicId, &TopicTally)> = tallies.iter().collect();
    rows.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.messages));
    let row = |(id, tally): (&TopicId, &TopicTally)| {
        let name = report.names.topic(*id);
        json!({
            "id": name.map(|name| &name.id), "name": name.map(|name| &name.name), "path": name.map(|name| &name.path),
            "segment": name.map(|name| segment(&name.segment)),
            "messages": tally.messages, "left": tally.left, "purchase": tally.purchase, "interest": tally.interest,
            "conversations": tally.conversations, "months": tally.months.len(), "ad_use": super::json::ad_use(tally.ad_use),
            "potential": potentials.get(id).map(potential),
        })
    };
    rows.into_iter().map(row).collect()
}

fn segment(segment: &Segment) -> Value {
    let node = |node: &Option<Node>| node.as_ref().map(|node| json!({"id": node.id, "name": node.name}));
    json!({
        "audience_1_1": {"interest": node(&segment.interest), "purchase": node(&segment.purchase)},
        "meta": segment.meta,
    })
}

fn potential(one: &Potential) -> Value {
    let parts = [
        ("strength", one.strength),
        ("recurrence", one.recurrence),
        ("recency", one.recency),
        ("intent", one.intent),
        ("value", one.value),
    ];
    let parts: Map<String, Value> = parts.into_iter().map(|(name, part)| (name.to_owned(), rounded(part))).collect();
    json!({
        "is": "estimate", "points": one.points, "level": Level::of(one.points).name(), "band": one.band.name(),
        "parts": parts,
    })
}

/// The delete list, first things first.
pub(super) fn deletions(report: &Report, extras: &Extras) -> Vec<Value> {
    let titled = |one: &Deletion| {
        let mut value = deletion(one, &report.names);
        if let (Some(title), Some(members)) = (extras.title(one.exposure), value.as_object_mut()) {
            members.insert("title".into(), json!(title));
        }
        value
    };
    report.deletions().iter().map(titled).collect()
}

fn deletion(one: &Deletion, names: &Names) -> Value {
    let chat = one.exposure;
    let categories: Map<String, Value> = chat
        .categories
        .iter()
        .map(|(id, counts)| (names.category_id(*id).to_owned(), json!(counts.iter().sum::<u64>())))
        .collect();
    let fields: Vec<&str> =
        chat.topics.keys().filter_map(|id| names.topic(*id)).map(|name| name.name.as_str()).collect();
    let ends: Vec<&str> = one.ends.iter().map(|id| names.category_id(*id)).collect();
    json!({
        "source": chat.source, "platform": chat.platform, "conversation_id": chat.conversation_id,
        "link": ads::link(chat.platform, &chat.conversation_id),
        "first": chat.first.map(|at| at.to_string()), "last": chat.last.map(|at| at.to_string()),
        "messages": chat.messages, "off_limits": chat.off_limits, "about_self": chat.about_oneself,
        "categories": categories, "topics": chat.topics.len(), "fields": fields,
        "gain": rounded(one.gain), "removed": rounded(one.removed), "ends": ends,
    })
}

/// The download's own lists beside the chats.
pub(super) fn crosscheck(report: &Report) -> Value {
    let Some(comparison) = report.comparison() else { return Value::Null };
    let listed = |one: &Listed| {
        let categories: Vec<&str> = one.categories.iter().map(|id| report.names.category_id(*id)).collect();
        let topic = one.topic.and_then(|topic| report.names.topic(topic));
        let mut value = Map::new();
        value.insert("source".into(), json!(one.source));
        value.insert("kind".into(), json!(one.kind));
        value.insert("interest".into(), json!(one.text));
        value.insert("topic".into(), json!(topic.map(|topic| &topic.path)));
        value.insert("categories".into(), json!(categories));
        value
    };
    let explained = comparison.explained.iter().map(|(one, link, messages)| {
        let mut value = listed(one);
        value.insert("by".into(), json!(link.name()));
        value.insert("messages".into(), json!(messages));
        value
    });
    let absent = comparison.absent.iter().filter_map(|id| report.names.topic(*id)).map(|name| name.name.as_str());
    json!({
        "is": "association only: that a listed interest is also a topic of the chats does not show that it came from them",
        "explained": explained.collect::<Vec<_>>(),
        "not_explained": comparison.unexplained.iter().map(|one| listed(one)).collect::<Vec<_>>(),
        "not_understood": comparison.unplaced.iter().map(|one| listed(one)).collect::<Vec<_>>(),
        "predicted_but_absent": absent.collect::<Vec<_>>(),
        "not_compared": comparison.others,
    })
}
