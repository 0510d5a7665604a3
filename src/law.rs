//! Which lists name which category: laws on sensitive data and the rules of ad sellers, as data (`lexicons/laws.toml`).
//!
//! Law: a list says what somebody calls sensitive; whether it applies to a person, and what it forbids, it does not say.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::policy::Texts;

/// One list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// The id for `--by`.
    pub id: String,
    /// A short name.
    pub name: Texts,
    /// Where it holds.
    pub place: String,
    /// `law` or `platform`.
    pub kind: String,
    /// Categories that it names.
    pub named: Vec<String>,
    /// Categories of which it names a part, or which it means with a wider word.
    #[serde(default)]
    pub partly: Vec<String>,
    /// Categories that can be sensitive under it, by the case.
    #[serde(default)]
    pub context: Vec<String>,
    /// How well this is known: P, Pq, S, X, U as in the policy profiles; M from general knowledge.
    pub mark: String,
    /// Where it was read.
    pub sources: Vec<String>,
    /// What the list means by a category, where that is not the whole of it.
    #[serde(default)]
    pub notes: BTreeMap<String, String>,
}

/// How a list names a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// In so many words, or plainly meant.
    Named,
    /// A part of it, or under a wider word.
    Partly,
    /// It depends on the case.
    Context,
}

impl Names {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Names::Named => "named",
            Names::Partly => "partly",
            Names::Context => "context",
        }
    }
}

impl Law {
    /// How it names a category; none where it does not.
    pub fn names(&self, category: &str) -> Option<Names> {
        let has = |list: &[String]| list.iter().any(|id| id == category);
        [(&self.named, Names::Named), (&self.partly, Names::Partly), (&self.context, Names::Context)]
            .into_iter()
            .find_map(|(list, how)| has(list).then_some(how))
    }
}

#[derive(Debug, Default, Deserialize)]
struct File {
    law: Vec<Law>,
}

/// Parsed once. A test reads the file, so that it cannot be wrong in a release.
static LAWS: LazyLock<File> =
    LazyLock::new(|| toml::from_str(include_str!("../lexicons/laws.toml")).unwrap_or_default());

/// Every list, in the order of the file.
pub fn all() -> &'static [Law] {
    &LAWS.law
}

/// The list of that id.
pub fn find(id: &str) -> Result<&'static Law> {
    let known = || all().iter().map(|law| law.id.as_str()).collect::<Vec<_>>().join(", ");
    all()
        .iter()
        .find(|law| law.id == id)
        .ok_or_else(|| Error::new(ErrorKind::Usage, format!("no list `{id}`; there are {}", known())))
}

#[cfg(test)]
mod tests {
    use super::{Names, all, find};
    use crate::policy::Policy;

    #[test]
    fn the_lists_name_known_categories_once() {
        let file: super::File = toml::from_str(include_str!("../lexicons/laws.toml")).unwrap();
        assert_eq!(file.law.len(), 11);
        let taxonomy = include_str!("../lexicons/taxonomy.toml");
        for law in all() {
            let ids: Vec<&String> = law.named.iter().chain(&law.partly).chain(&law.context).collect();
            for (place, id) in ids.iter().enumerate() {
                assert!(taxonomy.contains(&format!("id = \"{id}\"")), "{}: {id}", law.id);
                assert!(!ids[..place].contains(id), "{}: {id} stands twice", law.id);
            }
            assert!(law.notes.keys().all(|id| taxonomy.contains(&format!("id = \"{id}\""))), "{}", law.id);
            assert!(!law.sources.is_empty() && ["law", "platform"].contains(&law.kind.as_str()), "{}", law.id);
        }
    }

    #[test]
    fn what_they_say() {
        let gdpr = find("gdpr").unwrap();
        assert_eq!(gdpr.names("genetics"), Some(Names::Named));
        assert_eq!(gdpr.names("crime"), Some(Names::Partly));
        assert_eq!(gdpr.names("finances"), None);
        assert_eq!(find("quebec").unwrap().names("grief"), Some(Names::Context));
        assert!(find("hipaa").unwrap_err().message().contains("gdpr"));
        let meta = Policy::builtin("meta-ai-ads").unwrap();
        assert!(find("meta").unwrap().named.iter().all(|id| meta.excludes(id)));
    }
}
