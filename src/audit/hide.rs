//! Small cells: what rests on a few people is not told.

use std::collections::BTreeMap;

use super::count::Group;
use super::prevalence::{Row, Wanted};

/// Hides rows behind which fewer than `min_cell` stand: fewer flagged ones, or fewer units. Where one value of a dimension is
/// hidden alone, the total would give it away, so the next smallest is hidden as well.
pub(super) fn hide(rows: &mut [Row], groups: &[Group], wanted: &Wanted) {
    let least = wanted.min_cell;
    if least <= 1 {
        return;
    }
    let small = |row: &Row| {
        let people = groups.iter().find(|group| group.dimension == row.dimension && group.value == row.value);
        let place = wanted.categories.iter().position(|id| *id == row.category).unwrap_or(wanted.categories.len());
        // People are what is to be protected; where they are not known, conversations stand for them.
        let behind = people.map(|group| {
            let sums = if group.users[place].messages > 0 { &group.users } else { &group.conversations };
            (sums[place].flagged, sums[place].messages)
        });
        let (flagged, of) = behind.unwrap_or_default();
        of < least || (row.flagged.is_some_and(|count| count > 0) && flagged.min(row.flagged.unwrap_or(0)) < least)
    };
    let mut hidden: Vec<bool> = rows.iter().map(small).collect();
    let key = |row: &Row| (row.unit.name(), row.dimension.clone(), row.category.clone());
    let mut families: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    rows.iter().enumerate().filter(|(_, row)| !row.dimension.is_empty()).for_each(|(place, row)| {
        families.entry(key(row)).or_default().push(place);
    });
    for family in families.values() {
        if family.iter().filter(|place| hidden[**place]).count() == 1 {
            let open = family.iter().filter(|place| !hidden[**place] && rows[**place].flagged.unwrap_or(0) > 0);
            if let Some(next) = open.min_by_key(|place| rows[**place].flagged) {
                hidden[*next] = true;
            }
        }
    }
    for (row, _) in rows.iter_mut().zip(hidden).filter(|(_, hidden)| *hidden) {
        *row = Row {
            hidden_below: Some(least),
            of: None,
            flagged: None,
            design_effect: None,
            seen: None,
            corrected: None,
            bounds: None,
            bounds_interval: None,
            method: None,
            caveat: None,
            ..row.clone()
        };
    }
}
