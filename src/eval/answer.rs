//! What the classifier says of gold rows, in names.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Gold;
use crate::chat::Role;
use crate::classify::{Classifier, Request, Scratch, logistic};
use crate::finding::Assessment;

/// What was said of one row.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Category, and whom it is about.
    pub sensitive: BTreeMap<String, String>,
    /// The probability of each category, in the taxonomy's order, also below its threshold; empty where the row has no text.
    pub scores: Vec<f64>,
    /// Tier-1 names of ad topics.
    pub topics: Vec<String>,
    /// `purchase`, `interest` or `none`; none where the row has no text.
    pub intent: Option<&'static str>,
}

impl Answer {
    /// Whether the category was flagged.
    pub fn is(&self, category: &str) -> bool {
        self.sensitive.contains_key(category)
    }
}

/// The listed categories' ids.
pub fn listed(classifier: &Classifier) -> Vec<String> {
    classifier.lexicon().taxonomy.categories.iter().filter(|c| c.listed).map(|c| c.id.clone()).collect()
}

/// The unlisted categories' ids.
pub fn unlisted(classifier: &Classifier) -> Vec<String> {
    classifier.lexicon().taxonomy.categories.iter().filter(|c| !c.listed).map(|c| c.id.clone()).collect()
}

/// The categories that rows can be scored on: the listed ones, unless nobody labelled any of them, and the others that some row has
/// a label for.
pub(super) fn labelled(classifier: &Classifier, rows: &[Gold]) -> Vec<String> {
    let known = |id: &String| rows.iter().any(|row| row.knows(id));
    let mut categories = listed(classifier);
    let others: Vec<String> = unlisted(classifier).into_iter().filter(known).collect();
    if !others.is_empty() && !categories.iter().any(known) {
        categories.clear();
    }
    categories.extend(others);
    categories
}

/// A classifier that reports every probability, however small.
#[must_use]
pub fn unbounded(classifier: &Classifier) -> Classifier {
    let mut open = classifier.clone();
    for category in &classifier.lexicon().taxonomy.categories {
        // 0 is within 0..1 and the category exists, so this cannot fail.
        let _ = open.set_threshold(&category.id, 0.0);
    }
    open
}

/// Classifies every row, on all cores; the answers stand in the order of the rows.
pub fn answers(classifier: &Classifier, rows: &[Gold]) -> Vec<Answer> {
    let open = unbounded(classifier);
    let answer = |scratch: &mut Scratch, row: &Gold| {
        if row.text.trim().is_empty() {
            return Answer { sensitive: row.said.clone().unwrap_or_default(), ..Answer::default() };
        }
        let assessment = assess(classifier, scratch, row);
        let taxonomy = &classifier.lexicon().taxonomy;
        let said = assessment.sensitive.iter().chain(&assessment.unlisted);
        Answer {
            sensitive: said
                .map(|v| (taxonomy.category(v.category).id.clone(), v.disclosure.name().to_owned()))
                .collect(),
            scores: scores(&open, &assess(&open, scratch, row)),
            topics: assessment.topics.iter().map(|t| taxonomy.topic(taxonomy.tier_1(t.topic)).name.clone()).collect(),
            intent: Some(assessment.intent.name()),
        }
    };
    rows.par_iter().map_init(Scratch::default, answer).collect()
}

fn assess(classifier: &Classifier, scratch: &mut Scratch, row: &Gold) -> Assessment {
    let role = row.role.as_deref().and_then(Role::from_name).unwrap_or(Role::User);
    let parts = [row.text.as_str()];
    let request =
        Request { parts: &parts, role, stated: row.lang.as_deref(), context: None, before: &[], evidence: false };
    classifier.assess(scratch, &request)
}

/// The probability of every category; where nothing speaks for one, that of its prior.
fn scores(open: &Classifier, assessment: &Assessment) -> Vec<f64> {
    let categories = open.lexicon().taxonomy.categories.iter().enumerate();
    categories
        .map(|(place, category)| {
            let mut said = assessment.sensitive.iter().chain(&assessment.unlisted);
            let verdict = said.find(|v| usize::from(v.category.0) == place);
            f64::from(verdict.map_or_else(|| logistic(category.slope * category.prior), |v| v.score))
        })
        .collect()
}
