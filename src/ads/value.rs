//! How much advertisers pay for a field: three bands, because published figures support nothing finer.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a field is worth to advertisers, as far as published figures tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// Cheap, or not known.
    #[default]
    Low,
    /// In between.
    Medium,
    /// Dear.
    High,
}

impl Band {
    /// The name used in files and options.
    pub fn name(self) -> &'static str {
        match self {
            Band::Low => "low",
            Band::Medium => "medium",
            Band::High => "high",
        }
    }

    /// Reads the name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Band::Low, Band::Medium, Band::High].into_iter().find(|band| band.name() == name)
    }

    /// The part of an estimate: a third, two thirds, one.
    pub fn part(self) -> f64 {
        f64::from(self as u8 + 1) / 3.0
    }

    /// The published band of a tier-1 topic, by its id; `low` where no file names it.
    pub fn of(topic: &str) -> Self {
        BANDS.get(topic).copied().unwrap_or_default()
    }
}

static BANDS: LazyLock<HashMap<&str, Band>> = LazyLock::new(|| rows().filter_map(read).collect());

fn rows() -> impl Iterator<Item = &'static str> {
    let text: &'static str = include_str!("../../lexicons/value.tsv");
    text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("id\t"))
}

fn read(line: &'static str) -> Option<(&'static str, Band)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [topic, _name, band, _relative, _evidence] = columns[..] else { return None };
    Some((topic, Band::from_name(band)?))
}

#[cfg(test)]
mod tests {
    use super::{BANDS, Band, rows};

    #[test]
    fn every_field_that_ads_may_use_has_a_band() {
        assert_eq!(rows().count(), BANDS.len());
        let topics: &str = include_str!("../../lexicons/topics.tsv");
        for line in topics.lines().filter(|line| line.ends_with("\tad")) {
            let columns: Vec<&str> = line.split('\t').collect();
            if columns[1].is_empty() {
                assert!(BANDS.contains_key(columns[0]), "{}", columns[2]);
                assert!(rows().any(|row| row.starts_with(&format!("{}\t{}\t", columns[0], columns[2]))));
            }
        }
        assert_eq!(Band::of("391"), Band::High);
        assert_eq!(Band::of("nothing"), Band::Low);
    }
}
