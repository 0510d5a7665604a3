//! Who is who in a thread: the assistant, the owner of the download, other humans.

use std::collections::BTreeSet;

use crate::chat::Role;

/// Names under which Meta's assistant writes in ordinary threads.
pub(crate) const AI_NAMES: &[&str] = &["meta ai"];

/// Whether a name is the assistant's.
pub(crate) fn is_ai(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    AI_NAMES.contains(&name.as_str())
}

/// Whether the assistant's name stands anywhere in a text.
pub(crate) fn names_ai(text: &str) -> bool {
    let text = text.as_bytes();
    AI_NAMES.iter().any(|name| text.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name.as_bytes())))
}

/// The names of the owner of the download, as far as its profile files tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Owner(BTreeSet<String>);

impl Owner {
    /// Adds a name.
    pub(crate) fn add(&mut self, name: &str) {
        let name = name.trim().to_lowercase();
        if !name.is_empty() && !is_ai(&name) {
            self.0.insert(name);
        }
    }

    /// Whether a name is the owner's.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.contains(&name.trim().to_lowercase())
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The kind of thread: it decides who can be an AI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A thread of humans, in which Meta AI can take part.
    Ordinary,
    /// A thread in an `ai_conversations` place, where AI characters have any name.
    WithAi,
}

/// Everybody in one thread.
#[derive(Debug)]
pub(crate) struct Cast {
    owner: BTreeSet<String>,
    assistants: BTreeSet<String>,
    humans: BTreeSet<String>,
}

impl Cast {
    /// Sorts names (participants and authors) into owner, assistants and other humans.
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>, kind: Kind, owner: &Owner) -> Cast {
        let names: BTreeSet<String> = names.map(|n| n.trim().to_lowercase()).filter(|n| !n.is_empty()).collect();
        let (assistants, mut humans): (BTreeSet<_>, BTreeSet<_>) = names.into_iter().partition(|name| is_ai(name));
        let mut cast = Cast { owner: BTreeSet::new(), assistants, humans: BTreeSet::new() };
        cast.owner = humans.iter().filter(|name| owner.is(name)).cloned().collect();
        humans.retain(|name| !cast.owner.contains(name));
        let characters =
            kind == Kind::WithAi && (!cast.owner.is_empty() || cast.assistants.is_empty() && !owner.is_empty());
        if characters {
            cast.assistants.append(&mut humans);
        } else if cast.owner.is_empty() && humans.len() == 1 {
            // The only human must be the owner, whatever the profile calls them.
            cast.owner.append(&mut humans);
        }
        cast.humans = humans;
        cast
    }

    /// Whether an AI takes part.
    pub(crate) fn has_assistant(&self) -> bool {
        !self.assistants.is_empty()
    }

    /// What a name's messages count as.
    pub(crate) fn role(&self, name: &str) -> Role {
        let name = name.trim().to_lowercase();
        if self.assistants.contains(&name) {
            Role::Assistant
        } else if self.owner.contains(&name) {
            Role::User
        } else {
            Role::Participant
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cast, Kind, Owner};
    use crate::chat::Role;

    fn roles(names: &[&str], kind: Kind, owner: &str) -> Vec<Role> {
        let mut known = Owner::default();
        known.add(owner);
        let cast = Cast::of(names.iter().copied(), kind, &known);
        names.iter().map(|name| cast.role(name)).collect()
    }

    #[test]
    fn the_only_human_is_the_owner() {
        assert_eq!(roles(&["META AI", "zoe.m"], Kind::Ordinary, ""), [Role::Assistant, Role::User]);
        assert_eq!(roles(&["Meta AI", "zoe.m"], Kind::WithAi, "Zoë Müller"), [Role::Assistant, Role::User]);
    }

    #[test]
    fn groups_need_a_known_owner() {
        let group = ["Meta AI", "Zoë", "Bo"];
        assert_eq!(roles(&group, Kind::Ordinary, ""), [Role::Assistant, Role::Participant, Role::Participant]);
        assert_eq!(roles(&group, Kind::Ordinary, "zoë "), [Role::Assistant, Role::User, Role::Participant]);
    }

    #[test]
    fn characters_have_any_name() {
        assert_eq!(roles(&["Luna", "zoe.m"], Kind::WithAi, "zoe.m"), [Role::Assistant, Role::User]);
        assert_eq!(roles(&["Luna", "zoe.m"], Kind::WithAi, ""), [Role::Participant, Role::Participant]);
        assert_eq!(roles(&["Luna", "zoe.m"], Kind::Ordinary, "zoe.m"), [Role::Participant, Role::User]);
    }
}
