//! What Meta's own files list about the person: interests, ad categories, advertisers, topics, preferences.
//!
//! The base name says which file it is (no two donors had it in the same folder), the shape how to read it.

use scraper::Html;

use super::tables;
use super::tree::Tree;
use crate::error::Result;
use crate::input::Member;
use crate::read::catalog::{Content, Entry};
use crate::read::html::parse_page;
use crate::read::{Interest, written_time};

/// The lead-in that Meta's model writes before an interest, in English exports.
const LEAD_IN: &str = "The user might be interested in ";

/// A kind of file that lists something about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// `interest_categories`: statements of interest that an AI wrote.
    AiInterests,
    /// `other_categories_used_to_reach_you`.
    AdCategories,
    /// `ads_interests`.
    AdsInterests,
    /// `advertisers_using_your_activity_or_information` and other lists of businesses.
    Advertisers,
    /// `recommended_topics`, `your_topics`.
    Topics,
    /// `ad_preferences`, preferred categories, consent settings.
    Preferences,
}

/// Parts of base names, apostrophes and digits aside, and what such a file lists.
const NAMES: &[(&str, Listing)] = &[
    ("interest_categories", Listing::AiInterests),
    ("other_categories_used_to_reach_you", Listing::AdCategories),
    ("ads_interests", Listing::AdsInterests),
    ("advertisers_using_your_activity_or_information", Listing::Advertisers),
    ("advertisers_youve_interacted_with", Listing::Advertisers),
    ("advertisers_you_ve_interacted_with", Listing::Advertisers),
    ("your_activity_off_meta_technologies", Listing::Advertisers),
    ("recommended_topics", Listing::Topics),
    ("your_topics", Listing::Topics),
    ("ad_preferences", Listing::Preferences),
    ("your_preferred_categories", Listing::Preferences),
    ("ads_personalization_consent", Listing::Preferences),
    ("subscription_for_no_ads", Listing::Preferences),
    ("ads_about_meta", Listing::Preferences),
    ("your_consent_settings", Listing::Preferences),
];

/// Keys that tell a file whatever it is called.
const KEYS: &[(&str, Listing)] = &[
    ("topics_v2", Listing::AdsInterests),
    ("bcts", Listing::AdCategories),
    ("ig_custom_audiences_all_types", Listing::Advertisers),
    ("topics_your_topics", Listing::Topics),
];

/// Which listing a member is, if any.
pub(crate) fn listing(entry: &Entry) -> Option<Listing> {
    if !matches!(entry.content, Content::Json | Content::Html) {
        return None;
    }
    let stem = entry.member.stem().to_lowercase().replace(['\'', '’', 'ʼ', '`'], "");
    // A second download of a file gets a number, a renamed one often a prefix.
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '(' | ')' | '_' | '-'));
    let is =
        |name: &str| stem.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with(['_', '-']));
    let named = NAMES.iter().find(|(name, _)| is(name)).map(|&(_, listing)| listing);
    let keyed = || KEYS.iter().find(|(key, _)| entry.shape().has(key)).map(|&(_, listing)| listing);
    named.or_else(keyed)
}

/// The interests of one listing, in file order.
pub(crate) fn read(member: &Member, listing: Listing, content: Content) -> Result<Vec<Interest>> {
    let text = member.text()?;
    if content == Content::Html {
        return Ok(from_page(&parse_page(&text)?, listing));
    }
    let tree = Tree::parse_repaired(&text)?;
    let source = source(listing, &tree);
    let values = match listing {
        Listing::AiInterests => entries(&tree).into_iter().filter_map(statement).collect(),
        Listing::AdCategories => strings(&tree, "bcts").chain(labelled(&tree)).collect(),
        Listing::AdsInterests => {
            strings(&tree, "topics_v2").chain(strings(&tree, "topics")).chain(labelled(&tree)).collect()
        }
        Listing::Advertisers => once(businesses(&tree)),
        Listing::Topics => topics(&tree),
        Listing::Preferences => preferences(&tree),
    };
    let values = values.into_iter().filter(|value| !value.trim().is_empty());
    Ok(values.map(|value| interest(listing, source, value)).collect())
}

fn interest(listing: Listing, source: &'static str, value: String) -> Interest {
    let kind = match listing {
        Listing::AiInterests => "ai_interest",
        Listing::AdCategories => "ad_category",
        Listing::AdsInterests => "ads_interest",
        Listing::Advertisers => "advertiser",
        Listing::Topics => "topic",
        Listing::Preferences => "ad_preference",
    };
    let subject = value.strip_prefix(LEAD_IN).unwrap_or(&value).to_owned();
    Interest { source, kind, value, subject: (listing == Listing::AiInterests).then_some(subject) }
}

/// The app that writes a listing; `meta` where both do.
fn source(listing: Listing, tree: &Tree) -> &'static str {
    let has = |prefix: &str| tree.pairs().iter().any(|(key, _)| key.starts_with(prefix));
    match listing {
        Listing::AiInterests | Listing::Topics => "instagram",
        Listing::AdsInterests => "facebook",
        Listing::Advertisers if has("ig_") || has("apps_and_websites_off_meta") => "instagram",
        Listing::Advertisers if has("off_facebook") => "facebook",
        Listing::AdCategories | Listing::Advertisers | Listing::Preferences => "meta",
    }
}

/// The entries of a bare object, a bare list, or the lists of a wrapping object.
fn entries(tree: &Tree) -> Vec<&Tree> {
    if tree.get("label_values").is_some() {
        return vec![tree];
    }
    let inner = tree.pairs().iter().flat_map(|(_, value)| value.items());
    tree.items().iter().chain(inner).collect()
}

/// The only string of an entry; of several, the longest.
fn statement(entry: &Tree) -> Option<String> {
    let found = leaves(entry.list("label_values")).into_iter().map(|leaf| leaf.value);
    found.max_by_key(|value| value.chars().count())
}

fn strings<'a>(tree: &'a Tree, key: &str) -> impl Iterator<Item = String> + use<'a> {
    tree.list(key)
        .iter()
        .filter_map(|item| item.as_text().or(item.text("value")).or(item.text("name")))
        .map(str::to_owned)
}

/// Every value below `label_values`, without its labels.
fn labelled(tree: &Tree) -> impl Iterator<Item = String> {
    let values = entries(tree).into_iter().flat_map(|entry| leaves(entry.list("label_values")));
    values.map(|leaf| leaf.value).collect::<Vec<_>>().into_iter()
}

/// Names of businesses in lists of them.
fn businesses(tree: &Tree) -> Vec<String> {
    let mut names: Vec<String> = labelled(tree).collect();
    for (_, list) in tree.pairs().iter().filter(|(key, _)| key != "label_values") {
        let named = list.items().iter().filter_map(|item| {
            let name = ["advertiser_name", "name", "title"].into_iter().find_map(|key| item.text(key));
            name.or(item.as_text())
        });
        names.extend(named.map(str::to_owned));
    }
    names
}

/// A business is listed for each of its events; once is enough.
fn once(names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().filter(|name| seen.insert(name.clone())).collect()
}

/// The first value of each entry's map: its key is translated.
fn topics(tree: &Tree) -> Vec<String> {
    let from_map = |entry: &Tree| {
        let map = entry.get("string_map_data")?;
        map.pairs()
            .iter()
            .find_map(|(_, field)| field.text("value").filter(|value| !value.is_empty()))
            .map(str::to_owned)
    };
    let from_list = |entry: &Tree| entry.list("string_list_data").first()?.text("value").map(str::to_owned);
    let one = |entry: &Tree| from_map(entry).or_else(|| from_list(entry)).or_else(|| statement(entry));
    entries(tree).into_iter().filter_map(one).collect()
}

/// `Categories / Education / Setting: Off`.
fn preferences(tree: &Tree) -> Vec<String> {
    let leaves = entries(tree).into_iter().flat_map(|entry| leaves(entry.list("label_values")));
    leaves
        .map(|leaf| if leaf.path.is_empty() { leaf.value } else { format!("{}: {}", leaf.path, leaf.value) })
        .collect()
}

/// A string value and the labels and titles above it.
struct Leaf {
    path: String,
    value: String,
}

/// All string values below a list of labelled ones, in order. Times are no values.
fn leaves(items: &[Tree]) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut open: Vec<(&Tree, String)> = items.iter().rev().map(|item| (item, String::new())).collect();
    while let Some((item, above)) = open.pop() {
        let own = ["label", "title"].into_iter().find_map(|key| item.text(key).filter(|name| !name.is_empty()));
        let path = match own {
            Some(name) if above.is_empty() => name.to_owned(),
            Some(name) => format!("{above} / {name}"),
            None => above,
        };
        if let Some(value) = item.text("value").or(item.as_text()).filter(|value| !value.is_empty()) {
            found.push(Leaf { path: path.clone(), value: value.to_owned() });
        }
        for list in ["vec", "dict"] {
            open.extend(item.list(list).iter().rev().map(|inner| (inner, path.clone())));
        }
    }
    found
}

fn from_page(page: &Html, listing: Listing) -> Vec<Interest> {
    let source = source(listing, &Tree::Null);
    let mut values = Vec::new();
    for record in tables::records(page) {
        let pairs: Vec<_> = record.into_iter().filter(|(_, value)| written_time::parse(value).is_none()).collect();
        match listing {
            Listing::AiInterests => {
                values.extend(pairs.into_iter().map(|(_, value)| value).max_by_key(|value| value.chars().count()));
            }
            Listing::Preferences => values.extend(pairs.into_iter().map(|(label, value)| format!("{label}: {value}"))),
            _ => values.extend(pairs.iter().flat_map(|(_, value)| value.lines()).map(str::to_owned)),
        }
    }
    let values = if listing == Listing::Advertisers { once(values) } else { values };
    values.into_iter().map(|value| interest(listing, source, value)).collect()
}
