//! A tally at rest, so that an interrupted run can go on counting where it stopped.
//!
//! Codes (platforms, reasons …) are names that live as long as the program: those of a saved tally point into its text, which
//! therefore has to live as long.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::conversation::Stretch;
use super::{Basis, Summary, Tally};

/// What a tally has counted, without what it must know besides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Saved {
    sums: Summary,
    head: Option<Box<Stretch>>,
    tail: Option<Box<Stretch>>,
}

impl Tally {
    /// What was counted so far.
    pub fn save(&self) -> Saved {
        let (mut sums, mut streak) = (self.sums.clone(), self.streak.clone());
        streak.close(&mut sums);
        Saved { sums, head: self.head.clone(), tail: self.tail.clone() }
    }

    /// A tally that goes on from there.
    pub fn load(basis: Arc<Basis>, saved: Saved) -> Tally {
        Tally { basis, sums: saved.sums, head: saved.head, tail: saved.tail, ..Tally::default() }
    }
}

/// Shared texts as texts.
pub(super) mod text {
    use super::{Arc, Deserialize};

    pub(crate) fn serialize<S: serde::Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Arc::from)
    }
}

/// Maps with keys in two parts, as lists.
pub(super) mod pairs {
    use super::{BTreeMap, Deserialize};

    type Pairs = BTreeMap<(&'static str, &'static str), u64>;

    pub(crate) fn serialize<S: serde::Serializer>(map: &Pairs, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    pub(crate) fn deserialize<'de: 'static, D: serde::Deserializer<'de>>(from: D) -> Result<Pairs, D::Error> {
        Vec::<((&'static str, &'static str), u64)>::deserialize(from).map(|pairs| pairs.into_iter().collect())
    }
}
