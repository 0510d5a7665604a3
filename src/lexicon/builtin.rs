//! The lexicon that is part of the program: one word a language, one a file. A test compares the lists with the folder.

/// Files in the lexicon folder itself.
pub(crate) const COMMON: &[(&str, &str)] = &[
    ("taxonomy.toml", include_str!("../../lexicons/taxonomy.toml")),
    ("topics.tsv", include_str!("../../lexicons/topics.tsv")),
    ("proxies.tsv", include_str!("../../lexicons/proxies.tsv")),
    ("languages.tsv", include_str!("../../lexicons/languages.tsv")),
    ("whom.tsv", include_str!("../../lexicons/whom.tsv")),
    ("whom-words.tsv", include_str!("../../lexicons/whom-words.tsv")),
    ("sources.toml", include_str!("../../lexicons/sources.toml")),
];

macro_rules! packs {
    ($($tag:literal: [$($file:literal),* $(,)?]),* $(,)?) => {
        /// Language tag → (path, text) of each file.
        pub(crate) const PACKS: &[(&str, &[(&str, &str)])] = &[
            $(($tag, &[$((concat!($tag, "/", $file), include_str!(concat!("../../lexicons/", $tag, "/", $file)))),*])),*
        ];
    };
}

macro_rules! languages {
    ($($tag:literal),* $(,)?) => {
        packs! { $($tag: [
            "pack.toml",
            "health.tsv", "religion.tsv", "politics.tsv", "orientation.tsv", "ethnicity.tsv", "philosophy.tsv", "union.tsv",
            "mask.tsv", "genre.tsv", "spelling.tsv", "words.tsv", "topics.tsv", "intent.tsv", "proxies.tsv",
            "finances.tsv", "crime.tsv", "immigration.tsv", "sex_life.tsv", "relationships.tsv", "grief.tsv", "abuse.tsv",
            "children.tsv", "genetics.tsv", "location.tsv",
            "health.examples.tsv", "religion.examples.tsv", "politics.examples.tsv", "orientation.examples.tsv",
            "ethnicity.examples.tsv", "philosophy.examples.tsv", "union.examples.tsv", "mask.examples.tsv", "genre.examples.tsv",
            "topics.examples.tsv", "intent.examples.tsv", "proxies.examples.tsv",
            "finances.examples.tsv", "crime.examples.tsv", "immigration.examples.tsv", "sex_life.examples.tsv",
            "relationships.examples.tsv", "grief.examples.tsv", "abuse.examples.tsv", "children.examples.tsv",
            "genetics.examples.tsv", "location.examples.tsv",
        ]),* }
    };
}

languages!["de", "en", "es", "fr", "it", "pt"];
