//! A survey: records and gold rows in, shares out. What `offlimits prevalence` and the Python package have in common.

use std::collections::BTreeMap;

use super::count::{Counted, Counter, Question};
use super::errors::GoldErrors;
use super::join::Join;
use super::prevalence::{Row, Unit, Wanted, rows};
use crate::classify::Classifier;
use crate::error::{Error, ErrorKind, Result};
use crate::eval::{self, Gold};

/// Fewer draws cannot tell where 2.5 % end.
const FEWEST_DRAWS: u32 = 100;

/// What is asked of a set of records.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Only these categories, and `any` (listed one) by that name; all listed ones where there is none. Unlisted ones only by name.
    pub only: Vec<String>,
    /// Count only what is about this person: `self`, `other` or `topic`.
    pub about: Option<String>,
    /// What it is grouped by.
    pub by: Vec<String>,
    /// The column that names a person.
    pub user: Option<String>,
    /// A file with a line a conversation, whose columns can be grouped by.
    pub join: Option<String>,
    /// Hide what rests on fewer than this.
    pub min_cell: u64,
    /// Draws for the intervals of corrected shares.
    pub draws: u32,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The categories, in the order of the errors; `any` comes last by itself.
    pub categories: Vec<String>,
    /// The classifier's errors, where there are gold rows.
    pub errors: Option<GoldErrors>,
    /// Messages that were not judged, by language.
    pub unjudged: BTreeMap<String, u64>,
    /// The shares.
    pub shares: Vec<Row>,
    /// Draws that were made.
    pub draws: u32,
}

impl Survey {
    /// The shares of the records that `count` hands to the counter, corrected where there are `gold` rows.
    pub fn take(
        &self,
        classifier: &Classifier,
        gold: Option<Vec<Gold>>,
        count: impl FnOnce(&mut Counter) -> Result<()>,
    ) -> Result<Found> {
        let mut categories = eval::listed(classifier);
        let listed = categories.len();
        categories.extend(eval::unlisted(classifier));
        let usage = |words: String| Error::new(ErrorKind::Usage, words);
        if let Some(wrong) = self.only.iter().find(|id| *id != "any" && !categories.contains(id)) {
            return Err(usage(format!("`{wrong}` is none of {}, any", categories.join(", "))).at("category"));
        }
        let (mut place, only) = (0..categories.len(), &self.only);
        categories.retain(|id| place.next().is_some_and(|place| place < listed) || only.contains(id));
        let draws = self.draws.max(FEWEST_DRAWS);
        let errors = gold.map(|gold| self.errors(classifier, gold, (&categories, listed), draws));
        let mut counter = Counter::new(self.question(classifier, (&categories, listed))?);
        count(&mut counter)?;
        let Counted { groups, mut unjudged } = counter.finish()?;
        unjudged.retain(|_, messages| *messages >= self.min_cell);
        let wanted = Wanted { categories: categories.clone(), only: self.only.clone(), draws, min_cell: self.min_cell };
        let shares = rows(&groups, errors.as_ref(), &wanted);
        if !shares.iter().any(|row| row.unit == Unit::Messages) {
            return Err(usage("no records".to_owned()));
        }
        Ok(Found { categories, errors, unjudged, shares, draws })
    }

    fn errors(
        &self,
        classifier: &Classifier,
        mut gold: Vec<Gold>,
        (categories, listed): (&[String], usize),
        draws: u32,
    ) -> GoldErrors {
        eval::spell_out(&mut gold, &categories[..listed]);
        // What the scan itself said, with the conversation before its eyes, is what the records hold.
        gold.iter_mut().filter(|row| row.said.is_some()).for_each(|row| row.text.clear());
        let answers = eval::answers(classifier, &gold);
        GoldErrors::of(&gold, &answers, (categories, listed), self.about.as_deref(), draws)
    }

    fn question(&self, classifier: &Classifier, (categories, listed): (&[String], usize)) -> Result<Question> {
        let fields: Vec<String> = self.by.iter().chain(&self.user).cloned().collect();
        Ok(Question {
            categories: categories.to_vec(),
            listed,
            languages: classifier.lexicon().tags().map(str::to_owned).collect(),
            about: self.about.clone(),
            by: self.by.clone(),
            user: self.user.clone(),
            join: self.join.as_deref().map(|path| Join::read(path, &fields)).transpose()?,
        })
    }
}
