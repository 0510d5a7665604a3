//! What a platform says about AI chats and ads, as data, and the question whether it covers a message.
//!
//! A profile is a file under `lexicons/policies/`. Law: a fact that nobody has stated is *unknown*, and a verdict that
//! depends on it is unknown, too; it is never counted as "no".

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

mod builtin;
mod fields;
mod profile;
mod region;
mod scope;

pub use builtin::PROFILES;
pub use profile::{
    Age, Choice, Contradiction, Example, Fact, Known, Linkage, Mark, Profile, RegionLists, RoleRule, Side, Surfaces,
    Texts, Uses,
};
pub use region::{region, region_named, region_of};
pub use scope::{Account, Question, REASONS, reason_scope};

use profile::When;
use region::RegionTable;

/// A policy profile that is ready to be asked.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The facts, as the file holds them.
    pub profile: Profile,
    regions: RegionTable,
    start: Option<When>,
    end: Option<When>,
    end_after: Option<When>,
    contested: Option<When>,
}

impl Policy {
    /// Reads a profile from the text of its file.
    pub fn parse(text: &str) -> Result<Self> {
        let profile: Profile =
            toml::from_str(text).map_err(|error| Error::new(ErrorKind::Data, error.to_string().trim().to_owned()))?;
        let when = |date: &Option<String>| date.as_deref().map(When::parse).transpose();
        Ok(Policy {
            regions: RegionTable::new(&profile.regions)?,
            start: when(&profile.valid_from)?,
            end: when(&profile.valid_to)?,
            end_after: when(&profile.ends_after)?,
            contested: when(&profile.excluded_contested_from)?,
            profile,
        })
    }

    /// The built-in profile of that id.
    pub fn builtin(id: &str) -> Result<Self> {
        let Some((name, text)) = PROFILES.iter().find(|(name, _)| *name == id) else {
            let known: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
            let message = format!("no policy profile `{id}`; there are {}", known.join(", "));
            return Err(Error::new(ErrorKind::Usage, message));
        };
        Self::parse(text).map_err(|error| error.at(format!("policies/{name}.toml")))
    }

    /// The ids of the built-in profiles that are about a platform, in their order.
    pub fn of_platform(platform: &str) -> impl Iterator<Item = &'static str> {
        let about = move |text: &str| {
            Self::parse(text).is_ok_and(|policy| policy.profile.platforms.iter().any(|known| known == platform))
        };
        PROFILES.iter().filter(move |(_, text)| about(text)).map(|(name, _)| *name)
    }

    /// SHA-256 over the files that a built-in profile is read from, for manifests.
    pub fn sha256(id: &str) -> String {
        let own = PROFILES.iter().filter(|(name, _)| *name == id).map(|(_, text)| *text);
        let mut sha = Sha256::new();
        own.chain([builtin::REGIONS]).for_each(|text| sha.update(text.as_bytes()));
        sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The profile's id.
    pub fn id(&self) -> &str {
        &self.profile.id
    }

    /// Whether the policy says that a category stays out; false also where the policy's list is not known.
    pub fn excludes(&self, category: &str) -> bool {
        self.profile.excluded.as_ref().is_some_and(|list| list.iter().any(|id| id == category))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Account, Policy, Profile, Question, region};
    use crate::chat::{Role, Timestamp};

    #[test]
    fn the_list_of_profiles_is_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/lexicons/policies");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
            .filter(|name| name != "regions")
            .collect();
        let list: BTreeSet<String> = super::PROFILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(list, files);
    }

    #[test]
    fn every_example_of_every_profile_holds() {
        for (name, _) in super::PROFILES {
            let policy = Policy::builtin(name).unwrap();
            assert_eq!(policy.id(), *name);
            assert!(!policy.profile.examples.is_empty(), "{name} has no example");
            for example in &policy.profile.examples {
                let account = Account {
                    region: example.region.as_deref().map(|code| region(code).unwrap()),
                    plan: example.plan.clone(),
                    linked: example.linked.clone(),
                    unlinked: example.unlinked.clone(),
                    as_if: example.as_if,
                };
                let noon = |date: &String| format!("{date}T12:00:00Z").parse::<jiff::Timestamp>().unwrap();
                let categories: Vec<&str> = example.categories.iter().map(String::as_str).collect();
                let verdict = policy.scope(&Question {
                    platform: &example.platform,
                    surface: example.surface.as_deref(),
                    role: Role::from_name(&example.role).unwrap(),
                    to_ai: example.to_ai,
                    sent_at: example.date.as_ref().map(|date| Timestamp(noon(date).as_millisecond())),
                    local_time: example.local_time,
                    account: &account,
                    categories: &categories,
                });
                let got = (verdict.scope.name(), verdict.reasons, verdict.ad_use.name());
                let reasons: Vec<&str> = example.reasons.iter().map(String::as_str).collect();
                assert_eq!(got, (example.scope.as_str(), reasons, example.ad_use.as_str()), "{name}: {}", example.why);
            }
        }
    }

    #[test]
    fn a_wrong_profile_is_refused_with_the_place() {
        assert!(toml::from_str::<Profile>("id = 1").is_err());
        let meta = super::PROFILES.iter().find(|(name, _)| *name == "meta-ai-ads").unwrap().1;
        let error = Policy::parse(&meta.replace("\"KR\"", "\"KOREA\"")).unwrap_err();
        assert!(error.message().contains("KOREA"), "{error}");
        let error = Policy::parse(&meta.replace("valid_from = \"2025-12-16\"", "valid_from = \"soon\"")).unwrap_err();
        assert!(error.message().contains("soon"), "{error}");
        assert!(Policy::builtin("nobody").is_err());
    }
}
