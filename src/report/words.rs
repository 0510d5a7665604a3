//! The reports' sentences in the reader's language, and the way numbers, days and sizes are written in it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::chat::Timestamp;
use crate::error::{Error, ErrorKind, Result};
use crate::read::ledger;
use crate::tally::Month;

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Entry {
    Plain(String),
    Counted { one: String, other: String },
}

type Table = BTreeMap<String, Entry>;

/// Parsed once. A test reads the file, so that it cannot be wrong in a release.
static TABLES: LazyLock<BTreeMap<String, Table>> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).unwrap_or_default());

/// Languages that reports can be written in.
pub const LANGUAGES: &[&str] = &["en", "fr"];

/// The sentences of one language.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    table: &'static Table,
    platforms: &'static Table,
    language: &'static str,
}

impl Words {
    /// The sentences of `language`, one of [`LANGUAGES`].
    pub fn new(language: &str) -> Result<Self> {
        let known = LANGUAGES.iter().find(|known| **known == language);
        match (known, known.and_then(|known| TABLES.get(*known)), TABLES.get("platform")) {
            (Some(language), Some(table), Some(platforms)) => Ok(Words { table, platforms, language }),
            _ => {
                let message = format!("no reports in `{language}`; there are {}", LANGUAGES.join(", "));
                Err(Error::new(ErrorKind::Usage, message))
            }
        }
    }

    /// The language.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The sentence of that key; the key itself where there is none.
    pub fn get<'a>(&self, key: &'a str) -> &'a str
    where
        'static: 'a,
    {
        match self.table.get(key) {
            Some(Entry::Plain(text)) => text,
            Some(Entry::Counted { other, .. }) => other,
            None => key,
        }
    }

    /// The sentence with its `{places}` filled.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.get(key), values)
    }

    /// The sentence for `count` things; `{n}` is the count.
    pub fn count(&self, key: &str, count: u64, values: &[(&str, &str)]) -> String {
        // French counts 0 as singular.
        let single = count == 1 || (count == 0 && self.language == "fr");
        let text = match self.table.get(key) {
            Some(Entry::Counted { one, other }) => if single { one } else { other }.as_str(),
            _ => self.get(key),
        };
        fill(&fill(text, values), &[("n", &self.number(count))])
    }

    /// A number with its thousands parted.
    pub fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + 8);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(self.get("thousands"));
            }
            text.push(digit);
        }
        text
    }

    /// A share to two decimals.
    pub fn decimal(&self, share: f64) -> String {
        let text = format!("{share:.2}");
        if self.language == "fr" { text.replace('.', ",") } else { text }
    }

    /// A part of a whole in per cent.
    pub fn percent(&self, part: u64, whole: u64) -> String {
        let share = if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 };
        if part > 0 && share < 1.0 {
            return self.get("percent_small").to_owned();
        }
        // 99.9 must not read as all of it.
        let rounded = if part < whole { share.round().min(99.0) } else { share };
        self.fill("percent", &[("n", &format!("{rounded:.0}"))])
    }

    /// A calendar day.
    pub fn day(&self, at: Timestamp) -> String {
        let Some(month) = Month::of(at) else { return at.day() };
        let day = at.day();
        let number = day.rsplit('-').next().unwrap_or_default().trim_start_matches('0');
        let year = month.year().to_string();
        self.fill("day", &[("d", number), ("m", self.month_name(month)), ("y", &year)])
    }

    /// A month.
    pub fn month(&self, month: Month) -> String {
        format!("{} {}", self.month_name(month), month.year())
    }

    fn month_name(&self, month: Month) -> &str {
        let place = usize::from(month.month()) - 1;
        self.get("months").split(' ').nth(place).unwrap_or_default()
    }

    /// The name of a platform.
    pub fn platform<'a>(&self, id: &'a str) -> &'a str
    where
        'static: 'a,
    {
        match self.platforms.get(id) {
            Some(Entry::Plain(name)) => name,
            _ => id,
        }
    }

    /// The words for a reason code of a scope.
    pub fn reason(&self, code: &str) -> &'static str {
        self.coded("reason-", code).unwrap_or("?")
    }

    /// The words for a reason code of the ledger.
    pub fn ledger(&self, code: &str) -> &'static str {
        let english = || ledger::REASONS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words);
        self.coded("ledger-", code).or_else(english).unwrap_or("?")
    }

    /// The words of a key made of a prefix and a code.
    pub fn coded(&self, prefix: &str, code: &str) -> Option<&'static str> {
        match self.table.get(&format!("{prefix}{code}"))? {
            Entry::Plain(text) => Some(text),
            Entry::Counted { other, .. } => Some(other),
        }
    }

    /// A list of words: `a, b and c`.
    pub fn list(&self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} {} {last}", most.join(", "), self.get("and")),
        }
    }

    /// A size in bytes.
    pub fn bytes(&self, bytes: u64) -> String {
        let unit = if self.language == "fr" { "o" } else { "B" };
        let (mut value, mut prefix) = (bytes as f64, "");
        for next in ["k", "M", "G", "T"] {
            if value < 999.5 {
                break;
            }
            (value, prefix) = (value / 1000.0, next);
        }
        let digits = if prefix.is_empty() || value >= 99.95 { format!("{value:.0}") } else { format!("{value:.1}") };
        let digits = if self.language == "fr" { digits.replace('.', ",") } else { digits };
        format!("{digits}\u{a0}{prefix}{unit}")
    }
}

/// The id of a platform that reports have a name for, to be kept for good.
pub fn platform_id(id: &str) -> Option<&'static str> {
    TABLES.get("platform")?.get_key_value(id).map(|(known, _)| known.as_str())
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::{LANGUAGES, TABLES, Words};
    use crate::chat::Timestamp;
    use crate::policy::REASONS;
    use crate::read::ledger;
    use crate::tally::NOT_CLASSIFIED;

    #[test]
    fn both_languages_say_the_same_things() {
        let keys = |language: &str| -> Vec<&String> {
            TABLES[language]
                .keys()
                .filter(|key| !key.starts_with("ledger-") || TABLES["en"].contains_key(*key))
                .collect()
        };
        assert_eq!(keys("en"), keys("fr"));
        for language in LANGUAGES {
            let words = Words::new(language).unwrap();
            for (code, _) in REASONS {
                assert_ne!(words.reason(code), "?", "{language}: {code}");
            }
            for code in NOT_CLASSIFIED {
                assert!(words.coded("passed-", code).is_some(), "{language}: {code}");
            }
        }
        for (code, _) in ledger::REASONS {
            assert!(Words::new("fr").unwrap().coded("ledger-", code).is_some(), "{code}");
        }
    }

    #[test]
    fn every_key_that_is_asked_for_exists() {
        let sources = [
            include_str!("view.rs"),
            include_str!("view_left.rs"),
            include_str!("terminal.rs"),
            include_str!("html.rs"),
            include_str!("html/browse.rs"),
            include_str!("html/flow.rs"),
            include_str!("html/rows.rs"),
            include_str!("html/time.rs"),
            include_str!("page.html"),
        ];
        let asks = regex::Regex::new(r#"(?:words\.get|words\.fill|words\.count|\bt)\(\s*"([a-z_-]+)""#).unwrap();
        for key in ["sum-none", "sum-found", "sum-found-single", "limits-title", "limits-lead", "unlisted-lead"] {
            assert!(TABLES["en"].contains_key(&format!("{key}-list")), "{key}");
        }
        for key in sources.iter().flat_map(|source| asks.captures_iter(source)) {
            assert!(TABLES["en"].contains_key(&key[1]), "{}", &key[1]);
        }
    }

    #[test]
    fn numbers_read_well() {
        let (en, fr) = (Words::new("en").unwrap(), Words::new("fr").unwrap());
        assert_eq!([en.number(0), en.number(999), en.number(1_234_567)], ["0", "999", "1,234,567"]);
        assert_eq!(fr.number(12_345), "12\u{202f}345");
        assert_eq!([en.percent(1, 500), en.percent(499, 500), en.percent(0, 0)], ["under 1%", "99%", "0%"]);
        assert_eq!(
            [en.bytes(999), en.bytes(1_234_567), fr.bytes(12_340)],
            ["999\u{a0}B", "1.2\u{a0}MB", "12,3\u{a0}ko"]
        );
        assert_eq!(en.day(Timestamp(1_768_035_600_000)), "10\u{a0}Jan\u{a0}2026");
        assert_eq!(en.count("messages", 1, &[]), "1 message");
        assert_eq!([en.count("messages", 0, &[]), fr.count("messages", 0, &[])], ["0 messages", "0 message"]);
        assert_eq!(en.list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert!(Words::new("xx").is_err());
    }
}
