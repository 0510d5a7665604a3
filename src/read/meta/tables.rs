//! Pages of labelled values: tables of `td._a6_q` (label) and `td._a6_r` (value), nested in one another.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html};

use crate::read::html::{has_class, text_of, text_without};

/// A label and its value.
pub(crate) type Pair = (String, String);

/// The page's labelled values in records. Rows of one table belong together; a label that repeats starts the next record.
pub(crate) fn records(page: &Html) -> Vec<Vec<Pair>> {
    let mut tables: BTreeMap<usize, usize> = BTreeMap::new();
    let mut records: Vec<Vec<Vec<Pair>>> = Vec::new();
    for (table, pair) in rows(page) {
        let next = records.len();
        let place = *tables.entry(table).or_insert(next);
        if place == next {
            records.push(vec![Vec::new()]);
        }
        let own = &mut records[place];
        if own.last().is_some_and(|record| record.iter().any(|(label, _)| *label == pair.0)) {
            own.push(Vec::new());
        }
        if let Some(record) = own.last_mut() {
            record.push(pair);
        }
    }
    records.into_iter().flatten().collect()
}

/// All pairs as one run, whatever their tables: for pages where every row is a table of its own.
pub(crate) fn runs(page: &Html) -> Vec<Vec<Pair>> {
    let mut runs: Vec<Vec<Pair>> = Vec::new();
    for (_, pair) in rows(page) {
        match runs.last_mut() {
            Some(run) if !run.iter().any(|(label, _)| *label == pair.0) => run.push(pair),
            _ => runs.push(vec![pair]),
        }
    }
    runs
}

/// Rows with a label and a value of its own, with a number for the table that they stand in.
fn rows(page: &Html) -> Vec<(usize, Pair)> {
    let mut numbers = BTreeMap::new();
    let mut rows = Vec::new();
    for cell in page.tree.root().descendants().filter_map(ElementRef::wrap).filter(is_label) {
        let row = cell.ancestors().filter_map(ElementRef::wrap).find(|e| e.value().name() == "tr");
        let table = cell.ancestors().find(|n| n.value().as_element().is_some_and(|e| e.name() == "table"));
        let count = numbers.len();
        let table = table.map_or(0, |table| *numbers.entry(table.id()).or_insert(count + 1));
        let value = row.and_then(|row| row.child_elements().find(|e| has_class(*e, "_a6_r")));
        match value {
            Some(value) if !has_table(value) => rows.push((table, (text_of(cell), text_of(value)))),
            Some(_) => {}
            None => rows.extend(inner_value(cell).map(|pair| (table, pair))),
        }
    }
    rows
}

fn is_label(element: &ElementRef<'_>) -> bool {
    element.value().name() == "td" && has_class(*element, "_a6_q")
}

fn has_table(element: ElementRef<'_>) -> bool {
    element.descendants().any(|node| node.value().as_element().is_some_and(|e| e.name() == "table"))
}

/// A cell over two columns holds its label as its own text, and the value in a block below.
fn inner_value(cell: ElementRef<'_>) -> Option<Pair> {
    if has_table(cell) {
        return None;
    }
    let block = cell.child_elements().find(|e| e.value().name() == "div")?;
    let label = text_without(cell, |element| element.value().name() == "div");
    let value = text_of(block);
    (!value.is_empty()).then_some((label, value))
}
