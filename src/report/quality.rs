//! The quality card: how well each language is judged, as measured on rows that were set aside.

use std::sync::LazyLock;

use serde::Deserialize;

/// Scores of one language on its hard gold rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Score {
    /// The language.
    pub(super) tag: String,
    /// Rows judged.
    pub(super) rows: u64,
    /// Mean F1 over the listed categories.
    pub(super) f1: f64,
    /// Rows on nothing sensitive that were flagged.
    pub(super) alarms: u64,
    /// Rows on nothing sensitive.
    pub(super) clean: u64,
    /// Whether it has a lexicon for proxies and for what is on nobody's list.
    #[serde(default)]
    pub(super) leaks: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    version: String,
    language: Vec<Score>,
}

/// Parsed once. A test reads the file, so that it cannot be wrong in a release.
static CARD: LazyLock<Card> =
    LazyLock::new(|| toml::from_str(include_str!("../../lexicons/quality.toml")).unwrap_or_default());

/// The scores, best known language first.
pub(super) fn scores() -> &'static [Score] {
    &CARD.language
}

/// The version of the program that was measured.
pub(super) fn version() -> &'static str {
    &CARD.version
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_card_is_that_of_the_readme_and_of_the_gold_rows() {
        let card: super::Card = toml::from_str(include_str!("../../lexicons/quality.toml")).unwrap();
        let readme = include_str!("../../README.md");
        let hard: String = readme.lines().filter(|line| line.starts_with("| hard gold,")).collect();
        for score in card.language {
            let f1 = format!("{:.2}", score.f1);
            assert!(hard.contains(f1.trim_start_matches('0')), "{}: {f1}", score.tag);
            assert!(hard.contains(&format!("{} of {}", score.alarms, score.clean)), "{}: false alarms", score.tag);
            let gold = format!("{}/tests/gold/{}-hard.jsonl", env!("CARGO_MANIFEST_DIR"), score.tag);
            let rows = std::fs::read_to_string(&gold).unwrap().lines().count() as u64;
            assert_eq!(rows, score.rows, "{gold}");
            let entries = |name: &str| {
                let file = format!("{}/lexicons/{}/{name}.tsv", env!("CARGO_MANIFEST_DIR"), score.tag);
                let text = std::fs::read_to_string(file).unwrap();
                text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("phrase\t")).count()
            };
            assert_eq!(score.leaks, entries("proxies") > 0 && entries("finances") > 0, "{}", score.tag);
        }
    }
}
