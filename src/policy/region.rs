//! Regions of accounts: codes, groups of codes, and what a policy says of each.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::builtin::REGIONS;
use super::profile::{RegionLists, Rule, When};
use crate::error::{Error, ErrorKind, Result};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Regions {
    alias: BTreeMap<String, String>,
    group: BTreeMap<String, Vec<String>>,
    name: BTreeMap<String, String>,
    iso: Iso,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Iso {
    codes: String,
}

/// Parsed once. A test reads the file, so that it cannot be wrong in a release.
static KNOWN: LazyLock<Regions> = LazyLock::new(|| toml::from_str(REGIONS).unwrap_or_default());

/// The code of a region as profiles write it: upper case, `UK` is `GB`, and a group such as `EU` stands for itself.
pub fn region(code: &str) -> Result<String> {
    let code = code.trim().to_ascii_uppercase();
    let code = KNOWN.alias.get(&code).cloned().unwrap_or(code);
    if KNOWN.group.contains_key(&code) || KNOWN.iso.codes.split_whitespace().any(|known| known == code) {
        return Ok(code);
    }
    Err(Error::new(ErrorKind::Usage, format!("`{code}` is no region code (ISO 3166-1 alpha-2, such as US, FR, GB)")))
}

/// The code of a region by its name, as a download writes it: `United States`, `California, United States`, `US`.
pub fn region_named(text: &str) -> Option<String> {
    let last = text.rsplit(',').next().unwrap_or(text).trim();
    let is_code = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_uppercase());
    let by_name = KNOWN.name.get(&last.to_lowercase()).cloned();
    by_name.or_else(|| region(last).ok().filter(|_| is_code))
}

/// The region of which some texts speak: none where they speak of none, or of several.
pub fn region_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut regions = texts.into_iter().filter_map(region_named);
    let first = regions.next()?;
    regions.all(|other| other == first).then_some(first)
}

/// What a policy says of one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RegionRule {
    In,
    Out,
    Unknown,
    /// In from that moment on, unknown before it.
    Later(i64),
}

/// The lists of a profile, with the groups spelled out.
#[derive(Debug, Clone)]
pub(super) struct RegionTable {
    default: RegionRule,
    rules: BTreeMap<String, RegionRule>,
}

impl RegionTable {
    pub(super) fn new(lists: &RegionLists) -> Result<Self> {
        let mut rules = BTreeMap::new();
        let mut add = |name: &String, rule: RegionRule| -> Result<()> {
            let code = region(name).map_err(|error| Error::new(ErrorKind::Data, error.message().to_owned()))?;
            for member in KNOWN.group.get(&code).into_iter().flatten() {
                rules.insert(member.clone(), rule);
            }
            rules.insert(code, rule);
            Ok(())
        };
        lists.inside.iter().try_for_each(|name| add(name, RegionRule::In))?;
        lists.out.iter().try_for_each(|name| add(name, RegionRule::Out))?;
        lists.unknown.iter().try_for_each(|name| add(name, RegionRule::Unknown))?;
        for (name, day) in &lists.later {
            add(name, RegionRule::Later(When::parse(day)?.by))?;
        }
        let default = match lists.default {
            Rule::In => RegionRule::In,
            Rule::Out => RegionRule::Out,
            Rule::Unknown => RegionRule::Unknown,
        };
        Ok(RegionTable { default, rules })
    }

    /// The rule for a region; none when no region is given and it would make a difference.
    pub(super) fn rule(&self, region: Option<&str>) -> Option<RegionRule> {
        match region {
            Some(code) => Some(self.rules.get(code).copied().unwrap_or(self.default)),
            None if self.rules.values().all(|rule| *rule == self.default) => Some(self.default),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, region, region_named, region_of};

    #[test]
    fn names_are_read_defensively() {
        for (name, code) in &KNOWN.name {
            assert_eq!((&region(code).unwrap(), name), (code, &name.to_lowercase()));
        }
        let named = ["California, United States", "états-unis", "GB", "European Union", "us", "Jurisdiction", "ON"];
        let codes = named.map(region_named);
        assert_eq!(
            codes,
            [Some("US"), Some("US"), Some("GB"), Some("EU"), None, None, None].map(|c| c.map(str::to_owned))
        );
        assert_eq!(region_of(["Privacy jurisdiction", "France", "FR"]).unwrap(), "FR");
        assert_eq!(region_of(["France", "Brazil"]), None, "two places are none");
    }

    #[test]
    fn codes_are_tidied_and_checked() {
        assert_eq!(region(" uk ").unwrap(), "GB");
        assert_eq!(region("eu").unwrap(), "EU");
        assert!(region("XX").is_err());
        assert!(region("").is_err());
        assert_eq!(KNOWN.iso.codes.split_whitespace().count(), 249);
        for code in KNOWN.group.values().flatten().chain(KNOWN.alias.values()) {
            assert_eq!(&region(code).unwrap(), code);
        }
    }

    #[test]
    fn the_union_has_27_members() {
        let parts = ["AX", "GF", "GP", "MF", "MQ", "RE", "YT"];
        assert_eq!(KNOWN.group["EU"].iter().filter(|code| !parts.contains(&code.as_str())).count(), 27);
    }
}
