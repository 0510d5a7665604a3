//! The times that exports write, as [`Timestamp`]s.

use crate::chat::Timestamp;

/// A number of seconds, milliseconds or microseconds since 1970, told apart by its size; 0 is no time.
pub fn from_number(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number == 0.0 {
        return None;
    }
    let ms = if number.abs() > 1e14 {
        number / 1000.0
    } else if number.abs() > 1e11 {
        number
    } else {
        number * 1000.0
    };
    Some(Timestamp(ms.round() as i64))
}
