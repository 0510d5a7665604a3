//! The reports' sentences in the reader's language, and the way numbers, days and sizes are written in it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::chat::Timestamp;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::Texts;
use crate::read::ledger;
use crate::tally::Month;

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Entry {
    Plain(String),
    Counted { one: String, other: String },
}

type Table = BTreeMap<String, Entry>;

/// What a language's file holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    /// The sentences of the reports.
    sentences: Table,
    /// Names and texts of the data files, by their English.
    #[serde(default)]
    texts: BTreeMap<String, String>,
}

macro_rules! books {
    ($($tag:literal),*) => {
        /// Languages that reports can be written in.
        pub const LANGUAGES: &[&str] = &[$($tag),*];

        /// Their files, each parsed once and only if it is asked for. A test reads them, so that none can be wrong in a release.
        static BOOKS: [LazyLock<Book>; LANGUAGES.len()] =
            [$(LazyLock::new(|| toml::from_str(include_str!(concat!("words/", $tag, ".toml"))).unwrap_or_default())),*];
    };
}

books!["en", "fr", "de", "es", "it", "pt"];

static PLATFORMS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| toml::from_str(include_str!("words/platforms.toml")).unwrap_or_default());

/// The sentences of one language.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    book: &'static Book,
    language: &'static str,
}

impl Words {
    /// The sentences of `language`, one of [`LANGUAGES`].
    pub fn new(language: &str) -> Result<Self> {
        match LANGUAGES.iter().zip(&BOOKS).find(|(known, _)| **known == language) {
            Some((language, book)) => Ok(Words { book, language }),
            None => {
                let message = format!("no reports in `{language}`; there are {}", LANGUAGES.join(", "));
                Err(Error::new(ErrorKind::Usage, message))
            }
        }
    }

    /// A name or a text out of a data file, given in English; English where the language has no other.
    pub fn text<'a>(&self, english: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.book.texts.get(english).map_or(english, String::as_str)
    }

    /// A text of a data file that has English and French of its own.
    pub fn of<'a>(&self, texts: &'a Texts) -> &'a str
    where
        'static: 'a,
    {
        self.either(&texts.en, &texts.fr)
    }

    /// Of a text that the data files have in English and French the one for this language.
    pub fn either<'a>(&self, english: &'a str, french: &'a str) -> &'a str
    where
        'static: 'a,
    {
        if self.language == "fr" { french } else { self.text(english) }
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
        match self.book.sentences.get(key) {
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
        let text = match self.book.sentences.get(key) {
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
        if self.language == "en" { text } else { text.replace('.', ",") }
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
        PLATFORMS.get(id).map_or(id, String::as_str)
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
        match self.book.sentences.get(&format!("{prefix}{code}"))? {
            Entry::Plain(text) => Some(text),
            Entry::Counted { other, .. } => Some(other),
        }
    }

    /// A name in the middle of a sentence. German writes nouns with a capital there too.
    pub fn lower(&self, name: &str) -> String {
        let mut chars = name.chars();
        match chars.next() {
            Some(first) if self.language != "de" => first.to_lowercase().chain(chars).collect(),
            _ => name.to_owned(),
        }
    }

    /// A list of words: `a, b and c`.
    pub fn list(&self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} {} {last}", most.join(", "), self.and(last)),
        }
    }

    /// The word before the last of a list. Spanish "y" is "e" before the sound of an i.
    fn and(&self, last: &str) -> &str {
        let last = last.to_lowercase();
        let sounds_i = last.starts_with(['i', 'í']) || (last.starts_with("hi") && !last.starts_with("hie"));
        if self.language == "es" && sounds_i { "e" } else { self.get("and") }
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
        let digits = if self.language == "en" { digits } else { digits.replace('.', ",") };
        format!("{digits}\u{a0}{prefix}{unit}")
    }
}

/// The id of a platform that reports have a name for, to be kept for good.
pub fn platform_id(id: &str) -> Option<&'static str> {
    PLATFORMS.get_key_value(id).map(|(known, _)| known.as_str())
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
    use std::collections::BTreeSet;

    use super::{Book, Entry, LANGUAGES, Words};
    use crate::chat::Timestamp;
    use crate::policy::REASONS;
    use crate::read::ledger;
    use crate::tally::NOT_CLASSIFIED;

    fn book(language: &str) -> Book {
        let file = format!("{}/src/report/words/{language}.toml", env!("CARGO_MANIFEST_DIR"));
        toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap_or_else(|e| panic!("{language}: {e}"))
    }

    /// The forms of a sentence, and the places to be filled in each.
    fn places(entry: &Entry) -> Vec<BTreeSet<String>> {
        let place = regex::Regex::new(r"\{[a-z_]+\}").unwrap();
        let of = |text: &String| place.find_iter(text).map(|found| found.as_str().to_owned()).collect();
        match entry {
            Entry::Plain(text) => vec![of(text)],
            Entry::Counted { one, other } => vec![of(one), of(other)],
        }
    }

    #[test]
    fn all_languages_say_the_same_things() {
        let english = book("en");
        for language in LANGUAGES {
            let there = book(language);
            let keys: Vec<&String> =
                there.sentences.keys().filter(|key| english.sentences.contains_key(*key)).collect();
            assert_eq!(english.sentences.keys().collect::<Vec<_>>(), keys, "{language}");
            for (key, entry) in &there.sentences {
                let Some(known) = english.sentences.get(key) else {
                    assert!(key.starts_with("ledger-"), "{language}: {key}");
                    continue;
                };
                // What a singular leaves out ("the one message") the other form must not.
                assert_eq!(places(known).last(), places(entry).last(), "{language}: {key}");
            }
            let words = Words::new(language).unwrap();
            for (code, _) in REASONS {
                assert_ne!(words.reason(code), "?", "{language}: {code}");
            }
            for code in NOT_CLASSIFIED {
                assert!(words.coded("passed-", code).is_some(), "{language}: {code}");
            }
            for (code, _) in ledger::REASONS {
                assert!(*language == "en" || words.coded("ledger-", code).is_some(), "{language}: {code}");
            }
            assert_eq!(words.get("months").split(' ').count(), 12, "{language}");
        }
    }

    /// The English of every text with a French one beside it.
    fn english_of(value: &toml::Value, found: &mut BTreeSet<String>) {
        match value {
            toml::Value::Table(table) => match (table.len(), table.get("en"), table.get("fr")) {
                (2, Some(toml::Value::String(english)), Some(_)) => drop(found.insert(english.clone())),
                _ => table.values().for_each(|value| english_of(value, found)),
            },
            toml::Value::Array(list) => list.iter().for_each(|value| english_of(value, found)),
            _ => {}
        }
    }

    #[test]
    fn names_and_texts_of_the_data_files_are_known_in_every_language() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicons");
        let mut english = BTreeSet::new();
        let files = [folder.clone(), folder.join("policies")].map(|folder| std::fs::read_dir(folder).unwrap());
        for file in files.into_iter().flatten().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&file).unwrap();
                english_of(&toml::Value::Table(toml::from_str(&text).unwrap()), &mut english);
            }
        }
        let data = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let taxonomy =
            crate::taxonomy::Taxonomy::parse(&data("taxonomy.toml"), &data("topics.tsv"), &data("proxies.tsv"));
        let taxonomy = taxonomy.unwrap();
        let topics: BTreeSet<String> =
            taxonomy.topics.iter().filter(|topic| topic.usable).map(|topic| topic.name.clone()).collect();
        english.extend(topics.iter().cloned());
        english.extend(taxonomy.rules.iter().map(|rule| rule.reason.en.clone()));
        for language in LANGUAGES.iter().filter(|language| **language != "en") {
            // French has everything but the topics in the data files themselves.
            let wanted = if *language == "fr" { &topics } else { &english };
            let known: BTreeSet<String> = book(language).texts.into_keys().collect();
            assert_eq!(wanted.difference(&known).collect::<Vec<_>>(), [] as [&String; 0], "{language}: not translated");
            assert_eq!(known.difference(wanted).collect::<Vec<_>>(), [] as [&String; 0], "{language}: of no use");
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
        let english = book("en").sentences;
        for key in ["sum-none", "sum-found", "sum-found-single", "limits-title", "limits-lead", "unlisted-lead"] {
            assert!(english.contains_key(&format!("{key}-list")), "{key}");
        }
        for key in sources.iter().flat_map(|source| asks.captures_iter(source)) {
            assert!(english.contains_key(&key[1]), "{}", &key[1]);
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
