//! Where chats are looked over and deleted, platform by platform.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::policy::Texts;

/// The way to a platform's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    /// An address that leads there.
    pub(super) url: String,
    /// The way through the menus.
    pub(super) way: Texts,
    /// How sure it is, as in policy profiles.
    pub(super) mark: String,
    /// Where that was read.
    pub(super) sources: Vec<String>,
}

/// Parsed once. A test reads the file, so that it cannot be wrong in a release.
static SETTINGS: LazyLock<BTreeMap<String, Setting>> =
    LazyLock::new(|| toml::from_str(include_str!("../../lexicons/settings.toml")).unwrap_or_default());

/// The settings of a platform.
pub(super) fn of(platform: &str) -> Option<&'static Setting> {
    SETTINGS.get(platform)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_setting_is_of_a_platform_and_has_a_source() {
        let file: std::collections::BTreeMap<String, super::Setting> =
            toml::from_str(include_str!("../../lexicons/settings.toml")).unwrap();
        for (platform, setting) in file {
            assert!(crate::report::words::platform_id(&platform).is_some(), "{platform}");
            assert!(setting.url.starts_with("https://") && !setting.url.contains(['"', '<', ' ']), "{platform}");
            assert!(["P", "S"].contains(&setting.mark.as_str()) && !setting.sources.is_empty(), "{platform}");
        }
    }
}
