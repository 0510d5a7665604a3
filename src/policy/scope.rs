//! Whether a policy covers a message: a fixed order of facts, each in, out or unknown.
//!
//! Law: out outweighs unknown, unknown outweighs in. The reasons given are all those that carry the verdict.

use super::profile::{RoleRule, Uses};
use super::region::RegionRule;
use super::{Known, Policy};
use crate::chat::{Role, Timestamp};
use crate::finding::{AdUse, Scope, ScopeVerdict};

macro_rules! reasons {
    ($($code:literal => $scope:ident,)*) => {
        /// Every reason, in the order in which facts are asked, with the scope that it speaks for. Codes are fixed; add, never
        /// rename. Their words stand in `src/report/words/`.
        pub const REASONS: &[(&str, Scope)] = &[$(($code, Scope::$scope)),*];

        /// The scope that a reason speaks for. Asked for every message, so a `match` and no search of the table.
        pub fn reason_scope(code: &str) -> Option<Scope> {
            match code {
                $($code => Some(Scope::$scope),)*
                _ => None,
            }
        }
    };
}

reasons! {
    "as_if" => In,
    "other_platform" => Out,
    "platform_unknown" => Unknown,
    "not_used" => Out,
    "not_readable" => Out,
    "use_unknown" => Unknown,
    "surface_unknown" => Unknown,
    "plan_out" => Out,
    "plan_unknown" => Unknown,
    "role_out" => Out,
    "role_unknown" => Unknown,
    "between_people" => Out,
    "addressee_unknown" => Unknown,
    "before_start" => Out,
    "after_end" => Out,
    "no_date" => Unknown,
    "date_border" => Unknown,
    "start_unknown" => Unknown,
    "end_unknown" => Unknown,
    "region_out" => Out,
    "region_unlisted" => Unknown,
    "region_unknown" => Unknown,
    "region_start" => Unknown,
    "not_linked" => Out,
    "link_unknown" => Unknown,
    "covered" => In,
    "not_ads" => In,
    "list_open" => In,
    "list_contested" => In,
    "list_unknown" => In,
}

/// Formats that can hold chats with any assistant, so that the platform is not known.
const ANY_PLATFORM: &[&str] = &["generic", "openai_jsonl", "sharegpt"];

/// One day: how far a local time can be from UTC, rounded up.
const DAY: i64 = 86_400_000;

/// What is known of the account. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Its region, as [`region`](super::region()) writes it.
    pub region: Option<String>,
    /// Its plan (`free`, `plus`), where a policy asks for it.
    pub plan: Option<String>,
    /// Apps in the same account.
    pub linked: Vec<String>,
    /// Apps known not to be in the same account.
    pub unlinked: Vec<String>,
    /// Count other platforms as if they were the policy's own.
    pub as_if: bool,
}

/// What a policy is asked about one message.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Platform of the conversation.
    pub platform: &'a str,
    /// Surface of the conversation.
    pub surface: Option<&'a str>,
    /// Who wrote it.
    pub role: Role,
    /// Whether it was said to the AI, where several people talk; for a thread of one person and an AI it goes without
    /// saying.
    pub to_ai: Option<bool>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// The time had no zone.
    pub local_time: bool,
    /// The account.
    pub account: &'a Account,
    /// Ids of the sensitive categories found in it, listed and unlisted.
    pub categories: &'a [&'a str],
}

impl Policy {
    /// Whether the policy covers a message, why, and what follows for ads.
    pub fn scope(&self, question: &Question) -> ScopeVerdict {
        let mut reasons = Vec::with_capacity(4);
        let stand_in = self.platform(question, &mut reasons);
        match self.profile.uses {
            Uses::No => reasons.push("not_used"),
            Uses::Unreadable => reasons.push("not_readable"),
            Uses::Unknown => reasons.push("use_unknown"),
            Uses::Yes => {
                self.door(question, stand_in, &mut reasons);
                self.role(question, &mut reasons);
                self.date(question, &mut reasons);
                self.region(question, &mut reasons);
                self.link(question, stand_in, &mut reasons);
            }
        }
        let weight = |scope: Scope| match scope {
            Scope::In => 0,
            Scope::Unknown => 1,
            Scope::Out => 2,
        };
        let scope = reasons.iter().filter_map(|code| reason_scope(code)).max_by_key(|scope| weight(*scope));
        let scope = scope.unwrap_or(Scope::In);
        reasons.retain(|code| reason_scope(code) == Some(scope));
        if stand_in {
            reasons.retain(|code| *code != "as_if");
            reasons.insert(0, "as_if");
        }
        if scope == Scope::In {
            reasons.push("covered");
        }
        let ad_use = self.ad_use(scope, question, &mut reasons);
        ScopeVerdict { scope, reasons, ad_use }
    }

    /// Asks for the platform; true when another one stands in for it.
    fn platform(&self, question: &Question, reasons: &mut Vec<&'static str>) -> bool {
        if self.profile.platforms.iter().any(|platform| platform == question.platform) {
            return false;
        }
        reasons.push(match question.platform {
            _ if question.account.as_if => "as_if",
            any if ANY_PLATFORM.contains(&any) => "platform_unknown",
            _ => "other_platform",
        });
        question.account.as_if
    }

    fn door(&self, question: &Question, stand_in: bool, reasons: &mut Vec<&'static str>) {
        if stand_in {
            return;
        }
        let surfaces = &self.profile.surfaces;
        let listed = |surface: &str| surfaces.inside.iter().any(|listed| listed == surface);
        let own = self.profile.platforms.iter().any(|platform| platform == question.platform);
        if own && !surfaces.inside.is_empty() && !question.surface.is_some_and(listed) {
            reasons.push("surface_unknown");
        }
        if own && !surfaces.plans.is_empty() {
            match &question.account.plan {
                Some(plan) if surfaces.plans.contains(plan) => {}
                Some(_) => reasons.push("plan_out"),
                None => reasons.push("plan_unknown"),
            }
        }
    }

    fn role(&self, question: &Question, reasons: &mut Vec<&'static str>) {
        let rule = |role: &str| self.profile.roles.get(role).copied().unwrap_or(RoleRule::Unknown);
        let (rule, out) = match (question.role, question.to_ai) {
            (Role::Assistant, _) => (rule("assistant"), "role_out"),
            (_, Some(false)) => (rule("between_people"), "between_people"),
            (Role::User, _) => (rule("user_text"), "role_out"),
            (Role::Participant, Some(true)) => (rule("others_to_ai"), "role_out"),
            (Role::Participant, None) => return reasons.push("addressee_unknown"),
        };
        match rule {
            RoleRule::In => {}
            RoleRule::Out => reasons.push(out),
            RoleRule::Unknown | RoleRule::IfPersonalised | RoleRule::IfConsent => reasons.push("role_unknown"),
        }
    }

    fn date(&self, question: &Question, reasons: &mut Vec<&'static str>) {
        let Some(start) = self.start else { return reasons.push("start_unknown") };
        let Some(Timestamp(sent)) = question.sent_at else { return reasons.push("no_date") };
        let slack = if question.local_time { DAY } else { 0 };
        if self.profile.retroactive != Some(true) && sent < start.by.saturating_add(slack) {
            reasons.push(if sent < start.from.saturating_sub(slack) { "before_start" } else { "date_border" });
        }
        if let Some(end) = self.end
            && sent >= end.from.saturating_sub(slack)
        {
            let certain = sent >= end.after.saturating_add(slack);
            if certain {
                reasons.push("after_end");
            } else if sent >= end.after.saturating_sub(slack) {
                reasons.push("date_border");
            }
        }
        if self.end_after.is_some_and(|end| sent >= end.from.saturating_sub(slack)) {
            reasons.push("end_unknown");
        }
    }

    fn region(&self, question: &Question, reasons: &mut Vec<&'static str>) {
        match self.regions.rule(question.account.region.as_deref()) {
            Some(RegionRule::In) => {}
            Some(RegionRule::Out) => reasons.push("region_out"),
            Some(RegionRule::Unknown) => reasons.push("region_unlisted"),
            Some(RegionRule::Later(day)) => match question.sent_at {
                Some(Timestamp(sent)) if sent >= day => {}
                _ => reasons.push("region_start"),
            },
            None => reasons.push("region_unknown"),
        }
    }

    fn link(&self, question: &Question, stand_in: bool, reasons: &mut Vec<&'static str>) {
        let Some(linkage) = self.profile.linkage.as_ref().filter(|_| !stand_in) else { return };
        let Some(surface) = question.surface else { return };
        if !linkage.requires_added.iter().any(|app| app == surface) {
            return;
        }
        let names = |apps: &[String]| apps.iter().any(|app| app == surface);
        if names(&question.account.unlinked) {
            reasons.push("not_linked");
        } else if !names(&question.account.linked) {
            reasons.push("link_unknown");
        }
    }

    fn ad_use(&self, scope: Scope, question: &Question, reasons: &mut Vec<&'static str>) -> AdUse {
        if scope == Scope::Out {
            return AdUse::OutOfScope;
        }
        if !self.profile.for_ads() {
            reasons.push("not_ads");
            return AdUse::OutOfScope;
        }
        if scope == Scope::Unknown {
            return AdUse::Unknown;
        }
        match self.exclusion(question) {
            (Known::Yes, _) => AdUse::Excluded,
            (Known::No, _) => AdUse::Available,
            (Known::Unknown, reason) => {
                reasons.push(reason);
                AdUse::Unknown
            }
        }
    }

    /// Whether the policy leaves out one of the categories, with the reason when it cannot be told.
    fn exclusion(&self, question: &Question) -> (Known, &'static str) {
        if question.categories.is_empty() {
            return (Known::No, "");
        }
        let Some(excluded) = &self.profile.excluded else { return (Known::Unknown, "list_unknown") };
        if question.categories.iter().any(|category| excluded.iter().any(|id| id == category)) {
            let contested = self.contested.zip(question.sent_at).is_some_and(|(from, sent)| sent.0 >= from.from);
            return if contested { (Known::Unknown, "list_contested") } else { (Known::Yes, "") };
        }
        if self.profile.excluded_open_ended { (Known::Unknown, "list_open") } else { (Known::No, "") }
    }
}
