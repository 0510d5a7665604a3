//! What gold rows say of the classifier's errors, by category and language.

use crate::eval::weighted::{add, sample};
use crate::eval::{Answer, Gold};
use crate::stats::prevalence::Errors;
use crate::stats::random::Random;
use crate::stats::stratified::Sample;

use super::count::Group;

/// Gold rows of one language serve for it alone if there are so many positives, and so many others; else all do.
const ENOUGH: (f64, f64) = (20.0, 50.0);

/// The seed of the draws of errors; shares that were seen have another, so that the two are independent.
const SEED: u64 = 11;

/// What is known of the errors on one category.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Gold rows apart from the corpus.
    Apart(Errors),
    /// A stratified sample of a corpus, with sensitivity and specificity as they may well be: drawn once for all groups.
    Sampled(Sample, Vec<(f64, f64)>),
}

impl Known {
    /// The four outcomes: counts, or shares of the corpus.
    pub fn errors(&self) -> Errors {
        match self {
            Known::Apart(errors) => *errors,
            Known::Sampled(sample, _) => sample.errors(),
        }
    }

    /// Rows that are gold, and rows that are not.
    pub fn rows(&self) -> (f64, f64) {
        let sum = |parts: &mut dyn Iterator<Item = Errors>| {
            parts.fold((0.0, 0.0), |(is, not), e| (is + e.found + e.missed, not + e.alarms + e.quiet))
        };
        match self {
            Known::Apart(errors) => sum(&mut std::iter::once(*errors)),
            Known::Sampled(sample, _) => sum(&mut sample.strata.iter().map(|stratum| stratum.seen)),
        }
    }

    /// A sample with so many draws.
    fn sampled(sample: Sample, draws: u32) -> Known {
        let mut random = Random::new(SEED);
        let pair = |drawn: Errors| {
            // No number where a draw has no positives at all.
            (drawn.found / (drawn.found + drawn.missed), drawn.quiet / (drawn.quiet + drawn.alarms))
        };
        let drawn = (0..draws).map(|_| pair(sample.draw(&mut random))).collect();
        Known::Sampled(sample, drawn)
    }

    /// Sensitivity and specificity as they may well be, for the draw of that number.
    pub fn draw(&self, number: u32, random: &mut Random) -> (f64, f64) {
        match self {
            Known::Apart(errors) => errors.draw(random),
            Known::Sampled(_, drawn) => drawn.get(number as usize).copied().unwrap_or((f64::NAN, f64::NAN)),
        }
    }
}

/// A question on one gold row: whether it is gold and whether it was flagged, where that is known.
pub fn outcome(
    gold: &Gold,
    answer: &Answer,
    category: Option<&str>,
    listed: &[String],
    about: Option<&str>,
) -> Option<(bool, bool)> {
    let is = |category: &str| {
        let whom = gold.about(category);
        // Of a category that holds of somebody unknown, nothing is known here.
        if gold.is(category) && about.is_some() && whom.is_none() {
            return None;
        }
        let is = gold.is(category) && about.is_none_or(|about| whom == Some(about));
        let said = answer.sensitive.get(category).is_some_and(|said| about.is_none_or(|about| about == said));
        gold.knows(category).then_some((is, said))
    };
    match category {
        Some(category) => is(category),
        None => listed.iter().try_fold((false, false), |(any, said), category| {
            let (one, flagged) = is(category)?;
            Some((any || one, said || flagged))
        }),
    }
}

/// Gold rows with their answers, by category; the last is any category.
#[derive(Debug, Clone)]
pub struct GoldErrors {
    all: Vec<Known>,
    languages: Vec<(String, Vec<Known>)>,
}

impl GoldErrors {
    /// Counts the outcomes of gold rows, for each of the categories and for any of the first `listed` ones. Weighted, with so many
    /// draws, if every row has a weight.
    pub fn of(
        rows: &[Gold],
        answers: &[Answer],
        (categories, listed): (&[String], usize),
        about: Option<&str>,
        draws: u32,
    ) -> GoldErrors {
        let listed = &categories[..listed.min(categories.len())];
        let pairs: Vec<(&Gold, &Answer)> = rows.iter().zip(answers).collect();
        let mut languages: Vec<String> = rows.iter().filter_map(|row| row.lang.clone()).collect();
        languages.sort_unstable();
        languages.dedup();
        let of = |language: &str| {
            let own = pairs.iter().filter(|(gold, _)| gold.lang.as_deref() == Some(language));
            known(&own.copied().collect::<Vec<_>>(), (categories, listed), about, draws)
        };
        let languages = languages.into_iter().map(|language| (language.clone(), of(&language))).collect();
        GoldErrors { all: known(&pairs, (categories, listed), about, draws), languages }
    }

    /// The errors for a group, and whether they are those of all languages together.
    pub fn find(&self, category: usize, group: &Group) -> (&Known, bool) {
        let own = self.languages.iter().find(|(language, _)| group.dimension == "lang" && *language == group.value);
        let own = own.map(|(_, known)| &known[category]);
        match own.filter(|known| known.rows().0 >= ENOUGH.0 && known.rows().1 >= ENOUGH.1) {
            Some(known) => (known, false),
            None => (&self.all[category], group.dimension == "lang" && self.languages.len() > 1),
        }
    }

    /// The errors over all rows.
    pub fn pooled(&self) -> &[Known] {
        &self.all
    }
}

fn known(
    pairs: &[(&Gold, &Answer)],
    (categories, listed): (&[String], &[String]),
    about: Option<&str>,
    draws: u32,
) -> Vec<Known> {
    let sampled = !pairs.is_empty() && pairs.iter().all(|(gold, _)| gold.weight.is_some() && gold.stratum.is_some());
    let categories = categories.iter().map(|id| Some(id.as_str())).chain([None]);
    let of = |category: Option<&str>| {
        let is = |gold: &Gold, answer: &Answer| outcome(gold, answer, category, listed, about);
        if sampled {
            return Known::sampled(sample(pairs, &is), draws);
        }
        let mut errors = Errors::default();
        let known = pairs.iter().filter_map(|(gold, answer)| is(gold, answer));
        known.for_each(|(is, said)| add(&mut errors, is, said));
        Known::Apart(errors)
    };
    categories.map(of).collect()
}
