//! Made-up findings and reports for the tests of the reports.

use std::sync::Arc;

use super::names::RuleName;
use super::{CategoryName, InputFile, Manifest, Names, Options, Report, TopicName};
use crate::chat::{Role, Timestamp};
use crate::finding::{
    Assessment, CategoryId, Disclosure, Evidence, Finding, Implication, Intent, TopicEstimate, TopicId, Verdict,
};
use crate::policy::{Account, Policy, Question};
use crate::read::Ledger;
use crate::read::ledger::FileLine;
use crate::tally::Tally;

const CATEGORIES: &[(&str, &str, &str)] = &[
    ("health", "Health", "Santé"),
    ("religion", "Religion", "Religion"),
    ("politics", "Politics", "Politique"),
    ("orientation", "Sexual orientation", "Orientation sexuelle"),
    ("ethnicity", "Racial or ethnic origin", "Origine raciale ou ethnique"),
    ("philosophy", "Philosophical beliefs", "Convictions philosophiques"),
    ("union", "Trade-union membership", "Appartenance syndicale"),
    ("finances", "Debt and hardship", "Dettes et précarité"),
    ("grief", "Grief", "Deuil"),
    ("immigration", "Immigration status", "Statut migratoire"),
    ("crime", "Crime", "Délits et crimes"),
    ("children", "Children", "Enfants"),
];

const TOPICS: &[(&str, &[&str], u16)] = &[
    ("653", &["Travel", "Travel Locations"], 1),
    ("654", &["Travel"], 1),
    ("210", &["Food & Drink"], 2),
    ("1", &["Automotive"], 3),
    ("596", &["Technology & Computing"], 4),
    ("552", &["Style & Fashion"], 5),
    ("422", &["Pets"], 6),
    ("274", &["Home & Garden"], 7),
    ("483", &["Sports"], 8),
    ("680", &["Video Gaming"], 9),
];

pub(super) fn names() -> Names {
    let category = |(place, (id, en, fr)): (usize, &(&str, &str, &str))| CategoryName {
        id: (*id).into(),
        name_en: (*en).into(),
        name_fr: (*fr).into(),
        definition: String::new(),
        listed: place < 7,
    };
    let topic = |(id, path, root): &(&str, &[&str], u16)| TopicName {
        id: (*id).into(),
        name: path[0].into(),
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        root: TopicId(*root),
        segment: crate::ads::Segment::default(),
        band: crate::ads::Band::of(id),
    };
    let halal = RuleName {
        category: CategoryId(1),
        strength: 0.7,
        reason_en: "Halal butchers are looked for by people who keep to the rule, and their guests.".into(),
        reason_fr: "On cherche une boucherie halal parce qu’on suit la règle, ou pour des invités.".into(),
        source: String::new(),
    };
    Names {
        categories: CATEGORIES.iter().enumerate().map(category).collect(),
        rules: [("halal".to_owned(), halal)].into(),
        topics: TOPICS.iter().map(topic).collect(),
    }
}

/// A small generator, so that samples are the same everywhere.
fn dice(n: u64, salt: u64, sides: u64) -> u64 {
    let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 33) % sides
}

fn assessment(n: u64) -> Assessment {
    let disclosure = [Disclosure::Oneself, Disclosure::Another, Disclosure::Topic][dice(n, 1, 3) as usize];
    let sensitive = match dice(n, 2, 9) {
        0 => vec![Verdict {
            category: CategoryId([0, 0, 0, 2, 2, 1, 3, 4][dice(n, 3, 8) as usize]),
            score: 0.93,
            disclosure,
        }],
        _ => Vec::new(),
    };
    let unlisted = match dice(n, 4, 30) {
        0 => vec![Verdict { category: CategoryId(7 + dice(n, 5, 5) as u8), score: 0.8, disclosure }],
        _ => Vec::new(),
    };
    let topics = match dice(n, 6, 3) {
        0 => vec![TopicEstimate { topic: TopicId(dice(n, 7, 10).min(dice(n, 8, 10)) as u16), score: 0.7 }],
        _ => Vec::new(),
    };
    let implies = match dice(n, 9, 60) {
        0 => vec![Implication { category: CategoryId(1), score: 0.7, rule: "halal".into() }],
        _ => Vec::new(),
    };
    Assessment {
        language: if dice(n, 10, 40) == 0 { "ja" } else { "en" }.into(),
        judged: dice(n, 10, 40) != 0,
        sensitive,
        unlisted,
        topics,
        intent: [Intent::Purchase, Intent::Interest, Intent::None][dice(n, 11, 3) as usize],
        implies,
        evidence: Vec::new(),
    }
}

/// Findings of a ChatGPT export; the first is the one of the interface description.
pub(super) fn findings(count: u64) -> Vec<Finding> {
    (0..count)
        .map(|n| finding(n, "chatgpt", "web", &Policy::builtin("meta-ai-ads").unwrap(), &Account::default()))
        .collect()
}

fn finding(n: u64, platform: &'static str, surface: &'static str, policy: &Policy, account: &Account) -> Finding {
    let mut assessment = assessment(n);
    if n == 0 {
        let verdict =
            |category, score| Verdict { category: CategoryId(category), score, disclosure: Disclosure::Oneself };
        assessment.sensitive = vec![verdict(0, 0.97)];
        assessment.unlisted = vec![verdict(7, 0.9)];
        assessment.topics = vec![TopicEstimate { topic: TopicId(0), score: 0.812_34 }];
        assessment.intent = Intent::Purchase;
        assessment.implies = vec![Implication { category: CategoryId(1), score: 0.7, rule: "halal".into() }];
        (assessment.language, assessment.judged) = ("en".into(), true);
        assessment.evidence = vec![Evidence {
            span: (3, 9),
            part: 0,
            category: "health".into(),
            phrase: "SECRET".into(),
            weight: 4.0,
            because: "condition".into(),
        }];
    }
    let sent_at = (n % 50 != 5).then_some(Timestamp(1_768_035_600_000 + n as i64 * 13_000_000));
    let names = names();
    let verdicts = assessment.sensitive.iter().chain(&assessment.unlisted);
    let categories: Vec<&str> = verdicts.map(|verdict| names.category_id(verdict.category)).collect();
    let scope = policy.scope(&Question {
        platform,
        surface: Some(surface),
        role: Role::User,
        to_ai: None,
        sent_at,
        local_time: false,
        account,
        categories: &categories,
    });
    Finding {
        source: "conversations.json".into(),
        platform,
        surface: Some(surface),
        conversation_id: if platform == "chatgpt" && n >= 8 {
            format!("{:08x}-0000-4000-8000-000000000000", n / 8).into()
        } else {
            format!("c{}", n / 8).into()
        },
        message_id: Some(format!("m{n}")),
        index: n % 8,
        role: Role::User,
        sent_at,
        chars: 58,
        assessment,
        scope,
    }
}

fn ledger(messages: u64) -> Ledger {
    let line = |place: &str, format, reason, detail: &str| FileLine {
        place: format!("export.zip!{place}"),
        format,
        reason,
        detail: detail.into(),
    };
    let mut ledger = Ledger {
        files: vec![
            line("conversations.json", Some("chatgpt"), None, ""),
            line("user.json", None, Some("not_chat"), ""),
            line("chat.html", None, Some("duplicate_rendering"), ""),
            line("file-1.png", None, Some("media"), ""),
            line("notes.bin", None, Some("unrecognised"), "starts with 7F 45 4C 46"),
        ],
        conversations: messages.div_ceil(8),
        messages: messages * 2,
        bytes: messages * 2_345,
        ..Ledger::default()
    };
    ledger.skip("tool", 12);
    ledger.skip("no_text", 3);
    ledger
}

fn report(findings: &[Finding], policy: Policy, account: &Account) -> Report {
    let names = names();
    let mut tally = Tally::new(Arc::new(names.basis(&policy, None)));
    findings.iter().for_each(|finding| tally.add(finding));
    if !findings.is_empty() {
        tally.pass_over("role", findings.len() as u64);
    }
    let options = Options {
        region: account.region.clone(),
        linked: account.linked.clone(),
        as_if: account.as_if,
        roles: vec!["user".into()],
        ..Options::default()
    };
    let thresholds = names.categories.iter().map(|name| (name.id.clone(), 0.5)).collect();
    Report {
        summary: tally.finish(),
        ledger: if findings.is_empty() { Ledger::default() } else { ledger(findings.len() as u64) },
        manifest: Manifest {
            version: "0.1.0".into(),
            inputs: vec![InputFile {
                path: "export.zip".into(),
                bytes: 1_234_567,
                sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
            }],
            lexicon_sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
            options,
            thresholds,
            ..Manifest::default()
        },
        policy,
        names,
        list: None,
        listed: Vec::new(),
        told: Default::default(),
    }
}

/// Reports of every kind, by name.
pub(super) fn reports() -> Vec<(&'static str, Report)> {
    let case = |id: &str, region: Option<&str>, as_if: bool, count: u64, platform, surface| {
        let policy = Policy::builtin(id).unwrap();
        let account = Account { region: region.map(str::to_owned), as_if, ..Account::default() };
        let findings: Vec<Finding> = (0..count).map(|n| finding(n, platform, surface, &policy, &account)).collect();
        report(&findings, policy, &account)
    };
    vec![
        ("many", case("meta-ai-ads", None, false, 1_204, "chatgpt", "web")),
        ("empty", case("meta-ai-ads", None, false, 0, "chatgpt", "web")),
        ("one", case("meta-ai-ads", Some("US"), false, 1, "meta_ai", "messenger")),
        ("nothing", nothing()),
        ("unknown", case("meta-ai-ads", None, false, 400, "meta_ai", "whatsapp")),
        ("covered", case("meta-ai-ads", Some("US"), false, 400, "meta_ai", "messenger")),
        ("outside", case("meta-ai-ads", Some("FR"), false, 400, "meta_ai", "messenger")),
        ("as-if", case("meta-ai-ads", Some("US"), true, 400, "claude", "web")),
        ("no-list", case("anthropic-claude", None, false, 400, "claude", "web")),
    ]
}

/// Messages on nothing in particular.
fn nothing() -> Report {
    let policy = Policy::builtin("meta-ai-ads").unwrap();
    let account = Account { region: Some("US".into()), ..Account::default() };
    let mut findings: Vec<Finding> = (0..12).map(|n| finding(n, "meta_ai", "messenger", &policy, &account)).collect();
    for finding in &mut findings {
        let said = &mut finding.assessment;
        said.sensitive.clear();
        said.unlisted.clear();
        said.topics.clear();
        said.implies.clear();
        said.judged = true;
    }
    report(&findings, policy, &account)
}

/// Keeps an output for looking at, in `target/reports`.
pub(super) fn save(name: &str, text: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reports");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}
