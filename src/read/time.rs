//! The times that exports write, as [`Timestamp`]s.

use crate::chat::Timestamp;

/// 0000-01-01T00:00:00Z and the last millisecond of the year 9999: what RFC 3339 can write.
const SPAN: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// A number of seconds, milli-, micro- or nanoseconds since 1970, told apart by its size; 0 is no time.
pub fn from_number(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number == 0.0 {
        return None;
    }
    let ms = if number.abs() > 1e17 {
        number / 1_000_000.0
    } else if number.abs() > 1e14 {
        number / 1000.0
    } else if number.abs() > 1e11 {
        number
    } else {
        number * 1000.0
    };
    from_milliseconds(ms.round() as i64)
}

/// A written time and whether it had no zone (then it is read as if it were UTC): RFC 3339 and its relatives
/// (`2026-01-05 08:00:00 UTC`, `2026-01-05T08:00`, `2026-01-05`), or a number as in [`from_number`].
///
/// ```
/// use offlimits::read::time::from_text;
///
/// let (time, local) = from_text("2026-01-01T10:00:05.1239+02:00").unwrap();
/// assert_eq!(time.to_string(), "2026-01-01T08:00:05.124Z");
/// assert!(!local);
/// ```
pub fn from_text(text: &str) -> Option<(Timestamp, bool)> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return from_number(number).map(|time| (time, false));
    }
    let mut rest = Cursor(text.as_bytes());
    let (year, month, day) = (rest.digits(4)?, rest.after(b'-', 2)?, rest.after(b'-', 2)?);
    let (mut seconds, mut ms) = (0, 0);
    if rest.eat(|b| matches!(b, b'T' | b't' | b' ' | b'_')) {
        let (hour, minute) = (rest.digits(2)?, rest.after(b':', 2)?);
        let second = if rest.0.first() == Some(&b':') { rest.after(b':', 2)? } else { 0 };
        // A leap second is written as 60; it counts as the next second.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        seconds = hour * 3600 + minute * 60 + second;
        if rest.eat(|b| matches!(b, b'.' | b',')) {
            ms = rest.fraction()?;
        }
    }
    let offset = rest.zone()?;
    let days = days_since_1970(year, month, day)?;
    let total = (days * 86_400 + seconds - offset.unwrap_or(0)) * 1000 + ms;
    from_milliseconds(total).map(|time| (time, offset.is_none()))
}

/// Milliseconds since 1970 as [`Timestamp`]; none before the year 0 or after 9999.
pub fn from_milliseconds(ms: i64) -> Option<Timestamp> {
    SPAN.contains(&ms).then_some(Timestamp(ms))
}

/// Howard Hinnant's days-from-civil; none for a day that the calendar does not have.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// A moment in the calendar and on the clock, as [`Timestamp`]; none when it does not exist. For formats that write times
/// their own way.
pub fn from_parts(date: (i64, i64, i64), clock: (i64, i64, i64)) -> Option<Timestamp> {
    let (hour, minute, second) = clock;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
        return None;
    }
    let days = days_since_1970(date.0, date.1, date.2)?;
    from_milliseconds((days * 86_400 + hour * 3600 + minute * 60 + second) * 1000)
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn eat(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let eaten = self.0.first().is_some_and(|&b| wanted(b));
        if eaten {
            self.0 = &self.0[1..];
        }
        eaten
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
    }

    fn after(&mut self, separator: u8, count: usize) -> Option<i64> {
        if self.eat(|b| b == separator) { self.digits(count) } else { None }
    }

    /// The decimals of the second, rounded to milliseconds (1000 when they round up to the next second).
    fn fraction(&mut self) -> Option<i64> {
        let length = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        let digit = |place: usize| digits.get(place).map_or(0, |b| i64::from(b - b'0'));
        (length > 0).then(|| digit(0) * 100 + digit(1) * 10 + digit(2) + i64::from(digit(3) >= 5))
    }

    /// The zone's offset in seconds; `Some(None)` without a zone, none when there is something else.
    fn zone(&mut self) -> Option<Option<i64>> {
        while self.eat(|b| b == b' ') {}
        match self.0 {
            [] => Some(None),
            [b'Z' | b'z'] | b"UTC" | b"GMT" => Some(Some(0)),
            [sign @ (b'+' | b'-'), ..] => {
                let sign = if *sign == b'+' { 1 } else { -1 };
                self.0 = &self.0[1..];
                let hours = self.digits(2)?;
                self.eat(|b| b == b':');
                let minutes = if self.0.is_empty() { 0 } else { self.digits(2)? };
                (self.0.is_empty() && hours <= 23 && minutes <= 59)
                    .then_some(Some(sign * (hours * 3600 + minutes * 60)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        from_text(text).map(|(time, local)| format!("{time}{}", if local { " local" } else { "" }))
    }

    #[test]
    fn written_times() {
        let cases = [
            ("2026-04-02T07:00:00.000000Z", Some("2026-04-02T07:00:00Z")),
            ("2024-01-15T10:30:00.123456+00:00", Some("2024-01-15T10:30:00.123Z")),
            ("2023-12-31T23:59:59.9996-01:30", Some("2024-01-01T01:30:00Z")),
            ("2026-01-05 08:00:00", Some("2026-01-05T08:00:00Z local")),
            ("2026-01-05 08:00:00 UTC", Some("2026-01-05T08:00:00Z")),
            ("2026-07-26T23:20:56", Some("2026-07-26T23:20:56Z local")),
            ("2024-02-29", Some("2024-02-29T00:00:00Z local")),
            ("1767600000", Some("2026-01-05T08:00:00Z")),
            ("2026-01-05T08:00+0530", Some("2026-01-05T02:30:00Z")),
            ("2023-02-29", None),
            ("2026-01-05T25:00:00Z", None),
            ("2026-01-05T08:00:00 CEST", None),
            ("yesterday", None),
            ("", None),
            ("0", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn numbers_of_three_sizes() {
        for number in [1_767_600_000.0, 1_767_600_000_000.0, 1_767_600_000_000_000.0, 1_767_600_000_000_000_000.0] {
            assert_eq!(from_number(number).map(|t| t.to_string()).as_deref(), Some("2026-01-05T08:00:00Z"));
        }
        assert_eq!(from_number(f64::NAN), None);
        assert_eq!(from_number(1e300), None);
        assert_eq!(
            from_parts((2025, 9, 22), (18, 33, 0)).map(|t| t.to_string()).as_deref(),
            Some("2025-09-22T18:33:00Z")
        );
    }
}
