//! The owner's names, from the profile files of a download.

use super::people::Owner;
use super::tables;
use super::tree::Tree;
use crate::read::catalog::{Content, Entry};
use crate::read::html::parse_page;

/// Base names of the profile files: Facebook's and Instagram's.
const PROFILES: &[&str] = &["profile_information", "personal_information"];

/// Names are short; a biography is not.
const LONGEST_NAME: usize = 80;

/// Whether a member is a profile file.
pub(crate) fn is_profile(entry: &Entry) -> bool {
    PROFILES.contains(&entry.member.stem()) && matches!(entry.content, Content::Json | Content::Html)
}

/// Adds the names that a profile file tells. An unreadable one tells nothing.
pub(crate) fn learn(owner: &mut Owner, entry: &Entry) {
    let Ok(text) = entry.member.text() else { return };
    match entry.content {
        Content::Json => from_json(owner, &text),
        Content::Html => from_page(owner, &text, entry.member.stem() == PROFILES[0]),
        _ => {}
    }
}

fn from_json(owner: &mut Owner, text: &str) {
    let Ok(tree) = Tree::parse_repaired(text) else { return };
    // Relatives are listed in the same file, so only the places of the own name are read.
    for (_, profile) in tree.pairs().iter().filter(|(key, _)| key.starts_with("profile")) {
        let own = profile.get("name").and_then(|name| name.text("full_name").or(name.as_text()));
        own.into_iter().chain(profile.text("username")).for_each(|name| owner.add(name));
        // Instagram's labels are translated: any value may be the name or the user name.
        let users = profile.items().iter().chain(std::iter::once(profile));
        let maps = users.filter_map(|user| user.get("string_map_data"));
        maps.flat_map(Tree::pairs).filter_map(|(_, entry)| entry.text("value")).for_each(|value| add(owner, value));
    }
    let labelled = tree.items().iter().chain(std::iter::once(&tree)).flat_map(|item| item.list("label_values"));
    labelled.filter_map(|item| item.text("value")).for_each(|value| add(owner, value));
}

fn from_page(owner: &mut Owner, text: &str, facebook: bool) {
    let Ok(page) = parse_page(text) else { return };
    let pairs = tables::records(&page).into_iter().flatten();
    // Facebook's page goes on with relatives; the own name comes first.
    let most = if facebook { 1 } else { usize::MAX };
    pairs.take(most).for_each(|(_, value)| add(owner, &value));
}

fn add(owner: &mut Owner, value: &str) {
    if value.len() <= LONGEST_NAME && !value.contains('\n') {
        owner.add(value);
    }
}
