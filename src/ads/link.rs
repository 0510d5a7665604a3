//! Where a chat can be opened and deleted, for platforms whose addresses are made of the chat's id.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    url: String,
    id: Form,
    #[serde(default)]
    digits: Option<(usize, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Uuid,
    Hex,
}

/// Parsed once. A test reads the file, so that it cannot be wrong in a release.
static PATTERNS: LazyLock<BTreeMap<String, Pattern>> =
    LazyLock::new(|| toml::from_str(include_str!("../../lexicons/links.toml")).unwrap_or_default());

/// The address of a chat. An id of any other form than the platform's own makes none, so that no export can plant a link.
pub fn link(platform: &str, id: &str) -> Option<String> {
    let pattern = PATTERNS.get(platform)?;
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let sound = match pattern.id {
        Form::Uuid => {
            let dash = |place: usize| matches!(place, 8 | 13 | 18 | 23);
            id.len() == 36 && id.bytes().enumerate().all(|(place, b)| if dash(place) { b == b'-' } else { hex(b) })
        }
        Form::Hex => {
            let (least, most) = pattern.digits.unwrap_or((1, 64));
            (least..=most).contains(&id.len()) && id.bytes().all(hex)
        }
    };
    sound.then(|| pattern.url.replace("{id}", id))
}

#[cfg(test)]
mod tests {
    use super::{PATTERNS, link};

    #[test]
    fn only_ids_become_links() {
        assert_eq!(PATTERNS.len(), 6);
        assert!(PATTERNS.values().all(|pattern| pattern.url.starts_with("https://") && pattern.url.contains("{id}")));
        let id = "00000001-0000-4000-8000-00000000000a";
        assert_eq!(link("chatgpt", id).unwrap(), format!("https://chatgpt.com/c/{id}"));
        assert!(link("chatgpt", "00000001x0000-4000-8000-00000000000a").is_none());
        assert!(link("chatgpt", "javascript:alert(1)").is_none());
        assert!(link("meta_ai", id).is_none());
        assert!(link("gemini", "f11fdb0ca1fc6a70").is_some() && link("gemini", "2026-01-10T09").is_none());
    }
}
