//! A profile's fields in words, in one order for all, so that two profiles can be laid side by side.
//!
//! Law: what nobody states reads "unknown", never "no" and never nothing.

use super::Policy;
use super::profile::{Known, Profile, RoleRule, Rule, Uses};

impl Policy {
    /// Every field with its value; the same names in the same order for every profile.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let profile = &self.profile;
        let mut fields = vec![
            ("purpose", listed(&profile.purpose)),
            ("uses chats", uses(profile.uses).to_owned()),
            ("platforms", listed(&profile.platforms)),
            ("announced", known(profile.announced.as_deref())),
            ("users told from", known(profile.notice_from.as_deref())),
            ("from", known(profile.valid_from.as_deref())),
            ("to", to(profile)),
            ("earlier chats", profile.retroactive.map_or("unknown", yes_no).to_owned()),
            ("stays out", excluded(profile)),
            ("stays out how", known(profile.exclusion_kind.as_deref())),
            ("stays out of", known(profile.exclusion_scope.as_deref())),
            ("deleting withdraws", known_word(profile.deletion_withdraws).to_owned()),
        ];
        fields.extend(regions(profile));
        fields.extend(people(profile));
        fields
    }
}

fn known(value: Option<&str>) -> String {
    value.unwrap_or("unknown").to_owned()
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn known_word(value: Known) -> &'static str {
    match value {
        Known::Yes => "yes",
        Known::No => "no",
        Known::Unknown => "unknown",
    }
}

fn uses(value: Uses) -> &'static str {
    match value {
        Uses::Yes => "yes",
        Uses::No => "no, says the company",
        Uses::Unreadable => "it cannot read them, says the company",
        Uses::Unknown => "unknown",
    }
}

fn to(profile: &Profile) -> String {
    match (&profile.valid_to, &profile.ends_after) {
        (Some(day), _) => day.clone(),
        (None, Some(day)) => format!("end announced on {day}, its day unknown"),
        (None, None) => "open".to_owned(),
    }
}

fn excluded(profile: &Profile) -> String {
    let mut text = match profile.excluded.as_deref() {
        None => return "unknown".to_owned(),
        Some([]) => "nothing".to_owned(),
        Some(list) => list.join(", "),
    };
    if profile.excluded_open_ended {
        text += " and the like";
    }
    if let Some(from) = &profile.excluded_contested_from {
        text += &format!(" (contested from {from})");
    }
    text
}

fn listed(list: &[String]) -> String {
    if list.is_empty() { "none named".to_owned() } else { list.join(", ") }
}

fn regions(profile: &Profile) -> Vec<(&'static str, String)> {
    let lists = &profile.regions;
    let default = match lists.default {
        Rule::In => "covered",
        Rule::Out => "not covered",
        Rule::Unknown => "unknown",
    };
    let later: Vec<String> = lists.later.iter().map(|(region, day)| format!("{region} by {day}")).collect();
    vec![
        ("regions in", listed(&lists.inside)),
        ("regions out", listed(&lists.out)),
        ("regions unknown", listed(&lists.unknown)),
        ("regions later", listed(&later)),
        ("other regions", default.to_owned()),
    ]
}

fn people(profile: &Profile) -> Vec<(&'static str, String)> {
    let linkage = profile.linkage.as_ref().map_or_else(
        || "none named".to_owned(),
        |linkage| match linkage.requires_added.as_slice() {
            [] => linkage.rule.clone(),
            apps => format!("{}; only if added: {}", linkage.rule, apps.join(", ")),
        },
    );
    let age = profile.age.as_ref().map_or_else(
        || "unknown".to_owned(),
        |age| match (age.min, age.interest_ads_min) {
            (Some(min), _) => format!("from {min}"),
            (None, Some(min)) => format!("ads by interest from {min}"),
            (None, None) => "unknown".to_owned(),
        },
    );
    let role = |name: &str| match profile.roles.get(name) {
        Some(RoleRule::In) => "in",
        Some(RoleRule::Out) => "out",
        Some(RoleRule::IfPersonalised) => "if personalisation is on",
        Some(RoleRule::IfConsent) => "if the user has agreed",
        Some(RoleRule::Unknown) | None => "unknown",
    };
    vec![
        ("surfaces", listed(&profile.surfaces.inside)),
        ("plans", listed(&profile.surfaces.plans)),
        ("joined accounts", linkage),
        ("opt-out", known_word(profile.choice.opt_out).to_owned()),
        ("opt-in", known_word(profile.choice.opt_in).to_owned()),
        ("if nothing is chosen", known(profile.choice.default.as_deref())),
        ("controls", listed(&profile.choice.controls)),
        ("age", age),
        ("what you write", role("user_text").to_owned()),
        ("what others write", role("others_to_ai").to_owned()),
        ("the AI’s replies", role("assistant").to_owned()),
        ("between people", role("between_people").to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::{PROFILES, Policy};

    #[test]
    fn every_profile_has_the_same_fields_and_unknown_is_never_no() {
        let names = |policy: &Policy| policy.fields().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let meta = Policy::builtin("meta-ai-ads").unwrap();
        for (id, _) in PROFILES {
            let policy = Policy::builtin(id).unwrap();
            assert_eq!(names(&policy), names(&meta), "{id}");
            assert!(policy.fields().iter().all(|(_, value)| !value.is_empty()), "{id}");
        }
        let field = |name: &str| meta.fields().into_iter().find(|(known, _)| *known == name).unwrap().1;
        assert_eq!(field("the AI’s replies"), "unknown");
        assert_eq!(field("deleting withdraws"), "unknown");
        assert_eq!(field("opt-out"), "no");
        assert_eq!(field("stays out").split(", ").count(), 7);
    }
}
