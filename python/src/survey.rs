//! Shares of a table of records: its columns read where they lie, counted by the library, and given back as a table.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use offlimits::audit::count::Counter;
use offlimits::audit::lines::{Record, Said};
use offlimits::audit::prevalence::Row;
use offlimits::audit::survey::Survey;
use offlimits::stats::Interval;
use offlimits::{Error, ErrorKind};
use pyo3::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::capsule::Chunk;
use crate::column::Column;

/// What is asked; `python/offlimits/_scanner.py` documents it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Asked {
    categories: Vec<String>,
    about: Option<String>,
    by: Vec<String>,
    user: Option<String>,
    join: Option<String>,
    min_cell: u64,
    bootstrap: u32,
}

impl From<Asked> for Survey {
    fn from(asked: Asked) -> Survey {
        let Asked { categories, about, by, user, join, min_cell, bootstrap } = asked;
        Survey { only: categories, about, by, user, join, min_cell, draws: bootstrap }
    }
}

fn usage(words: String) -> Error {
    Error::new(ErrorKind::Usage, words)
}

/// The verdicts of rows: a list of structures, whatever kind of list a library makes of it.
struct Verdicts {
    list: ArrayRef,
    category: Column,
    disclosure: Column,
}

impl Verdicts {
    fn of(list: ArrayRef) -> Option<Verdicts> {
        let items = match list.data_type() {
            DataType::List(_) => list.as_list::<i32>().values(),
            DataType::LargeList(_) => list.as_list::<i64>().values(),
            _ => return None,
        };
        let items = items.as_struct_opt()?;
        let part = |name| Column::of(items.column_by_name(name)?);
        Some(Verdicts { category: part("category")?, disclosure: part("disclosure")?, list })
    }

    fn at(&self, row: usize) -> Vec<Said<'_>> {
        if self.list.is_null(row) {
            return Vec::new();
        }
        let range = match self.list.data_type() {
            DataType::List(_) => {
                let ends = self.list.as_list::<i32>().value_offsets();
                ends[row] as usize..ends[row + 1] as usize
            }
            _ => {
                let ends = self.list.as_list::<i64>().value_offsets();
                ends[row] as usize..ends[row + 1] as usize
            }
        };
        // A count needs no score.
        let said = |place| {
            let (category, disclosure) = (self.category.text(place)?, self.disclosure.text(place)?);
            Some(Said { category, score: 0.0, disclosure })
        };
        range.filter_map(said).collect()
    }
}

/// One piece of a table of records, with the columns that a count needs.
struct Piece {
    rows: usize,
    source: Column,
    platform: Column,
    surface: Option<Column>,
    conversation: Column,
    role: Column,
    timestamp: Option<Column>,
    lang: Column,
    sensitive: Verdicts,
    /// Not every table has it: whoever counts listed categories alone may drop the column.
    unlisted: Option<Verdicts>,
    /// Columns of the user's own, to group by.
    more: Vec<(String, Column)>,
}

impl Piece {
    fn of(chunk: &Chunk, survey: &Survey) -> Result<Piece, Error> {
        let find = |name: &str| {
            let place = chunk.names.iter().position(|known| known == name)?;
            Some(ArrayRef::clone(&chunk.columns[place]))
        };
        let text = |name: &str| find(name).as_ref().and_then(Column::of);
        let needed = |name: &str| text(name).ok_or_else(|| not_records(name));
        let more = survey.by.iter().chain(&survey.user);
        Ok(Piece {
            rows: chunk.rows,
            source: needed("source")?,
            platform: needed("platform")?,
            surface: text("surface"),
            conversation: needed("conversation_id")?,
            role: needed("role")?,
            timestamp: text("timestamp"),
            lang: needed("lang")?,
            sensitive: find("sensitive").and_then(Verdicts::of).ok_or_else(|| not_records("sensitive"))?,
            unlisted: find("unlisted").and_then(Verdicts::of),
            more: more.filter_map(|name| Some((name.clone(), text(name)?))).collect(),
        })
    }

    /// The row's record; none where a row of an aligned table has none.
    fn record(&self, row: usize) -> Option<Record<'_>> {
        Some(Record {
            source: self.source.text(row).unwrap_or_default(),
            platform: self.platform.text(row)?,
            surface: self.surface.as_ref().and_then(|column| column.text(row)),
            conversation_id: self.conversation.text(row).unwrap_or_default(),
            message_id: None,
            index: 0,
            role: self.role.text(row)?,
            timestamp: self.timestamp.as_ref().and_then(|column| column.text(row)),
            lang: self.lang.text(row)?,
            sensitive: self.sensitive.at(row),
            unlisted: self.unlisted.as_ref().map_or_else(Vec::new, |verdicts| verdicts.at(row)),
            text: None,
        })
    }

    /// The columns of the user's own as the line of a record would have them.
    fn line(&self, row: usize) -> Vec<u8> {
        let cell =
            |(name, column): &(String, Column)| Some((name.clone(), Value::from(column.text(row)?.into_owned())));
        Value::Object(self.more.iter().filter_map(cell).collect::<Map<_, _>>()).to_string().into_bytes()
    }
}

fn not_records(column: &str) -> Error {
    usage(format!("not a table of records: no column `{column}` as assess_batch and scan give it"))
}

/// Counts the rows of a table, conversation by conversation: in a table their rows may lie apart.
pub(crate) fn count(counter: &mut Counter, chunks: &[Chunk], survey: &Survey) -> Result<(), Error> {
    let pieces: Vec<Piece> = chunks.iter().map(|chunk| Piece::of(chunk, survey)).collect::<Result<_, _>>()?;
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    let mut order = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        for row in 0..piece.rows {
            let id = |column: &Column| column.text(row).map(Cow::into_owned).unwrap_or_default();
            let next = known.len();
            let key = (id(&piece.source), id(&piece.conversation));
            order.push((*known.entry(key).or_insert(next), place, row));
        }
    }
    order.sort_unstable();
    for (_, place, row) in order {
        if let Some(record) = pieces[place].record(row) {
            counter.add(&record, &pieces[place].line(row))?;
        }
    }
    Ok(())
}

fn texts(rows: &[Row], of: impl Fn(&Row) -> Option<String>) -> ArrayRef {
    let mut column = StringBuilder::new();
    rows.iter().for_each(|row| column.append_option(of(row)));
    Arc::new(column.finish())
}

fn counts(rows: &[Row], of: impl Fn(&Row) -> Option<u64>) -> ArrayRef {
    let mut column = Int64Builder::new();
    rows.iter().for_each(|row| column.append_option(of(row).map(|count| i64::try_from(count).unwrap_or(i64::MAX))));
    Arc::new(column.finish())
}

fn numbers(rows: &[Row], of: impl Fn(&Row) -> Option<f64>) -> ArrayRef {
    let mut column = Float64Builder::new();
    rows.iter().for_each(|row| column.append_option(of(row)));
    Arc::new(column.finish())
}

/// The word that JSON has for a value.
fn word(value: impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// The shares, in the columns of `offlimits prevalence --csv`.
pub(crate) fn table(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let text = |of: fn(&Row) -> &str| texts(rows, |row| Some(of(row).to_owned()));
    let low = |of: fn(&Row) -> Option<Interval>| numbers(rows, |row| of(row).map(|interval| interval.low));
    let high = |of: fn(&Row) -> Option<Interval>| numbers(rows, |row| of(row).map(|interval| interval.high));
    let seen = |row: &Row| row.seen.map(|estimate| estimate.interval);
    let corrected = |row: &Row| row.corrected.map(|estimate| estimate.interval);
    let mut pooled = BooleanBuilder::new();
    rows.iter().for_each(|row| pooled.append_value(row.pooled));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("unit", text(|row| row.unit.name())),
        ("dimension", text(|row| &row.dimension)),
        ("value", text(|row| &row.value)),
        ("category", text(|row| &row.category)),
        ("of", counts(rows, |row| row.of)),
        ("flagged", counts(rows, |row| row.flagged)),
        ("design_effect", numbers(rows, |row| row.design_effect)),
        ("share", numbers(rows, |row| row.seen.map(|estimate| estimate.value))),
        ("share_low", low(seen)),
        ("share_high", high(seen)),
        ("corrected", numbers(rows, |row| row.corrected.map(|estimate| estimate.value))),
        ("corrected_low", low(corrected)),
        ("corrected_high", high(corrected)),
        ("bound_low", low(|row| row.bounds)),
        ("bound_high", high(|row| row.bounds)),
        ("bounds_low", low(|row| row.bounds_interval)),
        ("bounds_high", high(|row| row.bounds_interval)),
        ("method", texts(rows, |row| word(row.method))),
        ("caveat", texts(rows, |row| word(row.caveat))),
        ("pooled_languages", Arc::new(pooled.finish())),
        ("hidden_below", counts(rows, |row| row.hidden_below)),
    ];
    let field = |(place, (name, array)): (usize, &(&str, ArrayRef))| {
        // What says which share it is, is always there.
        Field::new(*name, array.data_type().clone(), place >= 4 && *name != "pooled_languages")
    };
    let schema = Schema::new(columns.iter().enumerate().map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, array)| array).collect())
}
