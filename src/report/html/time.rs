//! The chart over time, and the table behind it.

use super::super::chart::{self, Column};
use super::super::view::View;
use super::number;
use crate::tally::{Month, MonthTally};

/// Months that a chart shows one by one; more are joined to years.
const MONTHS: usize = 48;

/// A row of the table.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) numbers: [String; 4],
}

/// What the section shows.
#[derive(Default)]
pub(super) struct Time {
    /// None where no message has a time.
    pub(super) svg: Option<String>,
    /// The first and the last step.
    pub(super) ends: [String; 2],
    /// Which step has most, and how many.
    pub(super) peak: String,
    /// Steps are years.
    pub(super) yearly: bool,
    pub(super) steps: Vec<Step>,
}

impl Time {
    pub(super) fn of(view: &View) -> Time {
        let (words, (yearly, steps)) = (view.words, steps(view));
        let (Some((first, _)), Some((last, _))) = (steps.first(), steps.last()) else { return Time::default() };
        let rest = |sums: &MonthTally| sums.messages - sums.off_limits - sums.left;
        let most = steps.iter().rev().max_by_key(|(_, sums)| sums.messages);
        let (peak, most) = most.map_or(("", 0), |(name, sums)| (name.as_str(), sums.messages));
        let most = words.number(most);
        let title = |name: &str, sums: &MonthTally| {
            let values = [sums.messages, sums.off_limits, sums.left].map(|count| words.number(count));
            words.fill("time-step", &[("step", name), ("m", &values[0]), ("o", &values[1]), ("l", &values[2])])
        };
        let columns: Vec<Column> = steps
            .iter()
            .map(|(name, sums)| Column { title: title(name, sums), parts: [sums.off_limits, sums.left, rest(sums)] })
            .collect();
        let label = words.fill("time-desc", &[("first", first), ("last", last), ("peak", peak), ("n", &most)]);
        let row = |(name, sums): &(String, MonthTally)| Step {
            name: name.clone(),
            numbers: [sums.messages, sums.off_limits, sums.left, rest(sums)].map(|n| number(words, n)),
        };
        Time {
            svg: Some(chart::columns(&columns, ["limit", "left", "rest"], &label)),
            ends: [first.clone(), last.clone()],
            peak: words.fill("time-peak", &[("step", peak), ("n", &most)]),
            yearly,
            steps: steps.iter().map(row).collect(),
        }
    }
}

/// The months without a gap, or the years where they are too many.
fn steps(view: &View) -> (bool, Vec<(String, MonthTally)>) {
    let (words, months) = (view.words, &view.summary().months);
    let Some((first, last)) = months.keys().next().zip(months.keys().next_back()) else { return (false, Vec::new()) };
    let all: Vec<Month> =
        std::iter::successors(Some(*first), |month| Some(month.next())).take_while(|month| month <= last).collect();
    let yearly = all.len() > MONTHS;
    let mut steps: Vec<(String, MonthTally)> = Vec::new();
    for month in all {
        let name = if yearly { month.year().to_string() } else { words.month(month) };
        let sums = months.get(&month).copied().unwrap_or_default();
        match steps.last_mut().filter(|(last, _)| *last == name) {
            Some((_, year)) => {
                year.messages += sums.messages;
                year.off_limits += sums.off_limits;
                year.left += sums.left;
            }
            None => steps.push((name, sums)),
        }
    }
    (yearly, steps)
}
