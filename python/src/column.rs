//! Cells of Arrow columns, read where they lie, as the text that the same cell has in a file of rows.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use offlimits::chat::Timestamp;
use offlimits::read::time;

/// A column whose cells are texts, or numbers that can be written as such.
#[derive(Clone)]
pub(crate) struct Column {
    values: ArrayRef,
    /// For a dictionary, each row's place in `values`.
    keys: Option<Vec<usize>>,
    /// The rows' own nulls, where there is a dictionary.
    whole: ArrayRef,
}

impl Column {
    /// A column that [`Column::text`] can read.
    pub(crate) fn of(array: &ArrayRef) -> Option<Column> {
        if let Some(dictionary) = array.as_any_dictionary_opt() {
            let values = ArrayRef::clone(dictionary.values());
            readable(values.data_type()).then_some(())?;
            // The keys of rows without a value mean nothing, and of an empty dictionary no row has one.
            let keys = if values.is_empty() { vec![0; array.len()] } else { dictionary.normalized_keys() };
            return Some(Column { values, keys: Some(keys), whole: ArrayRef::clone(array) });
        }
        readable(array.data_type()).then(|| Column {
            values: ArrayRef::clone(array),
            keys: None,
            whole: ArrayRef::clone(array),
        })
    }

    fn place(&self, row: usize) -> Option<usize> {
        if self.whole.is_null(row) {
            return None;
        }
        let place = self.keys.as_ref().map_or(row, |keys| keys[row]);
        (self.keys.is_none() || !self.values.is_null(place)).then_some(place)
    }

    /// The cell as text; none where it is null or blank.
    pub(crate) fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        let text = written(&self.values, self.place(row)?)?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// About how many bytes the cell has.
    pub(crate) fn bytes(&self, row: usize) -> usize {
        self.place(row).and_then(|place| written(&self.values, place)).map_or(0, |text| text.len())
    }

    /// The cell as a moment, and whether it was written without a zone.
    pub(crate) fn time(&self, row: usize) -> Option<(Timestamp, bool)> {
        let place = self.place(row)?;
        match moment(&self.values, place) {
            Some(ms) => time::from_milliseconds(ms).map(|at| (at, false)),
            None => time::from_text(&written(&self.values, place)?),
        }
    }

    /// The cell as a count.
    pub(crate) fn number(&self, row: usize) -> Option<u64> {
        self.text(row)?.parse().ok()
    }
}

fn readable(kind: &DataType) -> bool {
    let text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let time = matches!(kind, DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Null);
    text || time || kind.is_integer() || matches!(kind, DataType::Float32 | DataType::Float64)
}

fn written(values: &ArrayRef, at: usize) -> Option<Cow<'_, str>> {
    macro_rules! number {
        ($kind:ty) => {
            Some(Cow::Owned(values.as_primitive::<$kind>().value(at).to_string()))
        };
    }
    // As JSON writes a number, so that an id is the same in a table and in a file of rows.
    let real = |value: f64| serde_json::Number::from_f64(value).map(|number| Cow::Owned(number.to_string()));
    match values.data_type() {
        DataType::Utf8 => Some(Cow::Borrowed(values.as_string::<i32>().value(at))),
        DataType::LargeUtf8 => Some(Cow::Borrowed(values.as_string::<i64>().value(at))),
        DataType::Utf8View => Some(Cow::Borrowed(values.as_string_view().value(at))),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => real(f64::from(values.as_primitive::<Float32Type>().value(at))),
        DataType::Float64 => real(values.as_primitive::<Float64Type>().value(at)),
        _ => None,
    }
}

/// Milliseconds since 1970 of a cell that is a time, rounded as written times are. Without a zone it is held to be UTC, as
/// in Parquet files.
fn moment(values: &ArrayRef, at: usize) -> Option<i64> {
    let rounded = |value: i64, unit: i64| value.div_euclid(unit) + i64::from(value.rem_euclid(unit) >= unit / 2);
    match values.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            values.as_primitive::<TimestampSecondType>().value(at).checked_mul(1_000)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            Some(values.as_primitive::<TimestampMillisecondType>().value(at))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Some(rounded(values.as_primitive::<TimestampMicrosecondType>().value(at), 1_000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Some(rounded(values.as_primitive::<TimestampNanosecondType>().value(at), 1_000_000))
        }
        DataType::Date32 => Some(i64::from(values.as_primitive::<Date32Type>().value(at)) * 86_400_000),
        DataType::Date64 => Some(values.as_primitive::<Date64Type>().value(at)),
        _ => None,
    }
}
