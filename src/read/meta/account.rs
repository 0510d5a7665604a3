//! What a download tells of the account itself: where it is held to live, and when it was told of a new policy.
//!
//! Only the names of these files are known, from lists of members; nobody has published what stands in them. So every short
//! text is handed on, whatever its label, and who asks decides whether it is the name of a place.

use super::tables;
use super::tree::Tree;
use crate::chat::Timestamp;
use crate::read::catalog::{Content, Entry};
use crate::read::html::parse_page;
use crate::read::{Told, written_time};

/// Names of places are short.
const LONGEST: usize = 80;
/// Nobody has more of them.
const MOST: usize = 200;

/// Adds what one member tells; nothing when it is none of these files, or unreadable.
pub(super) fn learn(told: &mut Told, entry: &Entry) {
    let stem = entry.member.stem();
    let (places, notices) = match stem {
        "your_privacy_jurisdiction" => (Some(&mut told.jurisdiction), None),
        "primary_location" => (Some(&mut told.location), None),
        _ if stem.starts_with("notification_of_") && stem.contains("privacy_policy") => (None, Some(&mut told.notices)),
        _ => return,
    };
    let Ok(text) = entry.member.text() else { return };
    let (mut texts, mut times) = (Vec::new(), Vec::new());
    match entry.content {
        Content::Json => {
            let Ok(tree) = Tree::parse_repaired(&text) else { return };
            from_tree(&tree, &mut texts, &mut times);
        }
        Content::Html => {
            let Ok(page) = parse_page(&text) else { return };
            let values = tables::records(&page).into_iter().flatten().map(|(_, value)| value);
            values.for_each(|value| match written_time::parse(&value) {
                Some(written) => times.push(written.at),
                None => texts.push(value),
            });
        }
        _ => return,
    }
    texts.retain(|text| !text.is_empty() && text.len() <= LONGEST);
    texts.truncate(MOST);
    times.truncate(MOST);
    places.into_iter().for_each(|places| places.append(&mut texts));
    notices.into_iter().for_each(|notices| notices.append(&mut times));
}

/// Every text, and every number whose key speaks of a time.
fn from_tree(tree: &Tree, texts: &mut Vec<String>, times: &mut Vec<Timestamp>) {
    let mut open = vec![tree];
    while let Some(node) = open.pop() {
        if let Some(text) = node.as_text() {
            texts.push(text.trim().to_owned());
        }
        for (key, value) in node.pairs().iter().rev() {
            if key.contains("timestamp") {
                let seconds = node.number(key).filter(|seconds| *seconds > 0.0 && *seconds < 1e10);
                times.extend(seconds.map(|seconds| Timestamp(seconds as i64 * 1_000)));
            } else {
                open.push(value);
            }
        }
        open.extend(node.items().iter().rev());
    }
}
