//! The whole report as one JSON document: manifest, policy, summary, ledger. Keys are fixed; add, never rename.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Extras, Manifest, Names, Report, json_ads};
use crate::finding::{AdUse, CategoryId, Disclosure, Intent, Scope};
use crate::policy::{Known, Policy};
use crate::tally::{CategoryTally, Month, MonthTally, Proxy, Summary};

/// The version of the document's shape.
pub const SCHEMA_VERSION: u32 = 1;

const DISCLOSURES: [Disclosure; 3] = [Disclosure::Oneself, Disclosure::Another, Disclosure::Topic];
const INTENTS: [Intent; 3] = [Intent::Purchase, Intent::Interest, Intent::None];
const SCOPES: [Scope; 3] = [Scope::In, Scope::Out, Scope::Unknown];
const AD_USES: [AdUse; 4] = [AdUse::Excluded, AdUse::Available, AdUse::OutOfScope, AdUse::Unknown];

/// The parts, in the order in which they are written.
#[derive(Serialize)]
struct Document {
    schema_version: u32,
    manifest: Value,
    policy: Value,
    list: Value,
    summary: Value,
    crosscheck: Value,
    ledger: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    text_check: Value,
}

/// The report as JSON, indented, with a line end.
pub fn write(report: &Report) -> String {
    write_with(report, &Extras::default())
}

/// The report, with what was made besides it.
pub fn write_with(report: &Report, extras: &Extras) -> String {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        manifest: manifest(report),
        policy: policy(report),
        list: json_ads::list(report),
        summary: summary(report, extras),
        crosscheck: json_ads::crosscheck(report),
        ledger: ledger(report),
        text_check: extras.check.map_or(
            Value::Null,
            |check| json!({"run": crate::echo::RUN, "messages_looked_up": check.messages, "echoes": check.echoes}),
        ),
    };
    // Maps with text keys and finite numbers cannot fail to be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// What it takes to get the same numbers again, and how many there were.
pub fn manifest(report: &Report) -> Value {
    let (manifest, ledger) = (&report.manifest, &report.ledger);
    let mut document = asked(manifest, &report.policy);
    document["build"] = json!(manifest.build);
    document["inputs"] = json!(manifest.inputs);
    document["counts"] = json!({
        "conversations": ledger.conversations, "messages": ledger.messages, "bytes": ledger.bytes,
        "classified": report.summary.messages, "off_limits": report.summary.off_limits,
    });
    document["records"] = json!(manifest.records);
    document["told_by_download"] = json!({
        "region": report.told.region, "policy_notice": report.told.notice.map(|at| at.to_string()),
    });
    document
}

/// What a run was asked for, apart from its inputs: everything that can change a record.
pub fn asked(manifest: &Manifest, policy: &Policy) -> Value {
    let options = &manifest.options;
    let thresholds = |list: &[(String, f32)]| -> Map<String, Value> {
        list.iter().map(|(category, value)| (category.clone(), json_ads::rounded(f64::from(*value)))).collect()
    };
    json!({
        "version": manifest.version,
        "lexicon_sha256": manifest.lexicon_sha256,
        "lexicon": manifest.lexicon_parts.iter().cloned().collect::<BTreeMap<String, String>>(),
        "policy": {"id": policy.id(), "version": policy.profile.version, "sha256": manifest.policy_sha256},
        "options": {
            "region": options.region, "plan": options.plan, "linked": options.linked, "unlinked": options.unlinked,
            "as_if": options.as_if, "since": options.since, "until": options.until, "roles": options.roles,
            "lang": options.language, "lexicons": options.lexicons, "no_builtin": options.no_builtin,
            "format": options.format, "by": options.by,
            "value": options.values.iter().cloned().collect::<BTreeMap<String, String>>(),
            "threshold": thresholds(&options.thresholds), "quote": options.quote,
            "min_cell": options.min_cell,
        },
        "thresholds": thresholds(&manifest.thresholds),
    })
}

fn policy(report: &Report) -> Value {
    let profile = &report.policy.profile;
    let facts: Vec<Value> = profile
        .facts
        .iter()
        .map(|fact| json!({"field": fact.field, "mark": fact.mark.name(), "says": fact.says.en, "sources": fact.sources}))
        .collect();
    let contradictions: Vec<Value> = profile
        .contradictions
        .iter()
        .map(|one| {
            let side = |side: &crate::policy::Side| json!({"says": side.says, "sources": side.sources});
            json!({"field": one.field, "question": one.question, "resolved": one.resolved,
                   "holds": side(&one.holds), "against": side(&one.against)})
        })
        .collect();
    let known = |known: Known| match known {
        Known::Yes => Some(true),
        Known::No => Some(false),
        Known::Unknown => None,
    };
    json!({
        "id": profile.id, "version": profile.version, "name": profile.name.en, "about": profile.about.en,
        "purpose": profile.purpose, "valid_from": profile.valid_from, "valid_to": profile.valid_to,
        "checked_until": profile.checked_until, "excluded": profile.excluded,
        "exclusion_kind": profile.exclusion_kind, "exclusion_scope": profile.exclusion_scope,
        "opt_out": known(profile.choice.opt_out), "deletion_withdraws": known(profile.deletion_withdraws),
        "facts": facts, "contradictions": contradictions,
    })
}

fn summary(report: &Report, extras: &Extras) -> Value {
    let (summary, names) = (&report.summary, &report.names);
    json!({
        "messages": summary.messages, "conversations": summary.conversations, "chars": summary.chars,
        "first": summary.first.map(|at| at.to_string()), "last": summary.last.map(|at| at.to_string()),
        "undated": summary.undated, "roles": summary.roles, "platforms": summary.platforms,
        "surfaces": surfaces(summary),
        "languages": summary.languages, "unjudged": summary.unjudged, "not_classified": summary.not_classified,
        "off_limits": {
            "messages": summary.off_limits, "conversations": summary.off_limits_conversations,
            "disclosure": named(DISCLOSURES.map(Disclosure::name), summary.disclosures),
        },
        "unlisted_only": summary.unlisted,
        "left": {
            "messages": summary.left,
            "intent": named(INTENTS.map(Intent::name), summary.intents),
            "with_topic": summary.with_topic,
            "potential": json_ads::archive(report),
        },
        "scope": named(SCOPES.map(Scope::name), summary.scopes), "scope_reasons": summary.reasons,
        "ad_use": ad_use(summary.ad_use),
        "categories": by_category(&summary.categories, names, |id, tally| category(id, tally, report)),
        "implies": by_category(&summary.proxies, names, |_, proxy| implied(proxy, names)),
        "tiers": json_ads::topics(report, &summary.tiers), "topics": json_ads::topics(report, &summary.topics),
        "months": months(summary),
        "exposures": json_ads::deletions(report, extras),
    })
}

/// What gives a category away; the rules with the most messages first.
fn implied(proxy: &Proxy, names: &Names) -> Value {
    let mut rules: Vec<(&String, u64)> = proxy.rules.iter().map(|(rule, messages)| (rule, *messages)).collect();
    rules.sort_by_key(|(_, messages)| std::cmp::Reverse(*messages));
    let rule = |(id, messages): (&String, u64)| {
        let known = names.rules.get(id);
        // To two decimals: it is an estimate, and binary fractions would look like more.
        let strength = known.map(|rule| (f64::from(rule.strength) * 100.0).round() / 100.0);
        json!({
            "rule": id, "messages": messages, "strength": strength, "reason": known.map(|rule| &rule.reason_en),
            "source": known.map(|rule| &rule.source).filter(|source| !source.is_empty()),
        })
    };
    json!({"messages": proxy.messages, "left": proxy.left, "rules": rules.into_iter().map(rule).collect::<Vec<_>>()})
}

fn by_category<T>(
    tallies: &BTreeMap<CategoryId, T>,
    names: &Names,
    value: impl Fn(CategoryId, &T) -> Value,
) -> Map<String, Value> {
    tallies.iter().map(|(id, tally)| (names.category_id(*id).to_owned(), value(*id, tally))).collect()
}

fn surfaces(summary: &Summary) -> Vec<Value> {
    let row = |((platform, surface), messages): (&(&str, &str), &u64)| {
        let surface = Some(*surface).filter(|surface| !surface.is_empty());
        json!({"platform": platform, "surface": surface, "messages": messages})
    };
    summary.surfaces.iter().map(row).collect()
}

fn months(summary: &Summary) -> Map<String, Value> {
    let month = |(month, sums): (&Month, &MonthTally)| {
        let sums = json!({"messages": sums.messages, "off_limits": sums.off_limits, "left": sums.left});
        (month.to_string(), sums)
    };
    summary.months.iter().map(month).collect()
}

fn named<const N: usize>(names: [&'static str; N], counts: [u64; N]) -> Value {
    names.into_iter().map(str::to_owned).zip(counts.map(Value::from)).collect::<Map<String, Value>>().into()
}

/// Messages by what may become of them.
pub(super) fn ad_use(counts: [u64; 4]) -> Value {
    named(AD_USES.map(AdUse::name), counts)
}

fn by_month(months: &BTreeMap<Month, u64>) -> Map<String, Value> {
    months.iter().map(|(month, count)| (month.to_string(), json!(count))).collect()
}

fn category(id: CategoryId, tally: &CategoryTally, report: &Report) -> Value {
    let names = &report.names;
    json!({
        "listed": names.categories.get(usize::from(id.0)).map(|name| name.listed),
        "on_list": report.excluded(id), "laws": json_ads::laws(names.category_id(id)),
        "messages": tally.messages,
        "disclosure": named(DISCLOSURES.map(Disclosure::name), tally.disclosures),
        "conversations": tally.conversations,
        "disclosure_conversations": named(DISCLOSURES.map(Disclosure::name), tally.disclosure_conversations),
        "ad_use": ad_use(tally.ad_use),
        "months": by_month(&tally.months),
    })
}

fn ledger(report: &Report) -> Value {
    let ledger = &report.ledger;
    let files: Vec<Value> = ledger
        .files
        .iter()
        .map(|file| json!({"place": file.place, "format": file.format, "reason": file.reason, "detail": file.detail}))
        .collect();
    let read = ledger.files.iter().filter(|file| file.format.is_some()).count();
    json!({
        "files_found": files.len(), "files_read": read,
        "conversations": ledger.conversations, "messages": ledger.messages, "bytes": ledger.bytes,
        "classified": report.summary.messages, "not_classified": report.summary.not_classified,
        "unjudged": report.summary.unjudged, "skipped": ledger.skipped, "files": files,
    })
}

#[cfg(test)]
mod tests {
    use crate::report::sample;

    #[test]
    fn the_document_has_its_parts_and_no_text() {
        for (name, report) in sample::reports() {
            let text = super::write(&report);
            sample::save(&format!("{name}.json"), &text);
            assert!(!text.contains("SECRET"));
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let places =
                ["schema_version", "manifest", "policy", "summary", "ledger"].map(|key| text.find(key).unwrap());
            assert!(places.is_sorted());
            assert_eq!(value["schema_version"], 1);
            assert_eq!(value["summary"]["messages"], report.summary.messages);
            assert_eq!(text, super::write(&report), "the same report, the same bytes");
            if name == "one" {
                insta::assert_snapshot!("json-one", text);
            }
        }
    }
}
