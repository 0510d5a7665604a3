//! Day-first or month-first: decided for the whole file.

use crate::chat::Timestamp;
use crate::read::time;

/// A date and time as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// The three numbers of the date, in file order.
    pub(crate) date: [i64; 3],
    /// The first number has four digits: it is the year, then month and day.
    pub(crate) year_first: bool,
    /// Hour (of 24), minute, second.
    pub(crate) clock: (i64, i64, i64),
}

/// The order of the numbers in a date that does not begin with its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

impl Written {
    /// The local time as if in UTC; none when there is no such date.
    pub(crate) fn resolve(self, order: Order) -> Option<Timestamp> {
        let [first, second, third] = self.date;
        let (year, month, day) = match (self.year_first, order) {
            (true, _) => (first, second, third),
            (false, Order::DayFirst) => (third, second, first),
            (false, Order::MonthFirst) => (third, first, second),
        };
        let year = match year {
            0..100 => year + 2000,
            // The Thai calendar counts from the Buddha's death.
            2500..2700 => year - 543,
            _ => year,
        };
        time::from_parts((year, month, day), self.clock)
    }
}

/// What speaks against either order, date by date.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    day_first: Cost,
    month_first: Cost,
}

impl Orders {
    /// Counts the next date of the file.
    pub(crate) fn add(&mut self, date: Written) {
        self.day_first.add(date.resolve(Order::DayFirst));
        self.month_first.add(date.resolve(Order::MonthFirst));
    }

    /// The order with the fewest impossible dates, then the one in which time goes back least often, then day first.
    pub(crate) fn best(&self) -> Order {
        let cost = |cost: &Cost| (cost.impossible, cost.backward);
        if cost(&self.month_first) < cost(&self.day_first) { Order::MonthFirst } else { Order::DayFirst }
    }
}

#[derive(Debug, Default)]
struct Cost {
    impossible: u64,
    backward: u64,
    last: Option<Timestamp>,
}

impl Cost {
    fn add(&mut self, time: Option<Timestamp>) {
        match time {
            Some(time) => {
                self.backward += u64::from(self.last.is_some_and(|last| last > time));
                self.last = Some(time);
            }
            None => self.impossible += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Orders, Written};

    fn order(dates: &[Written]) -> Order {
        let mut orders = Orders::default();
        dates.iter().for_each(|date| orders.add(*date));
        orders.best()
    }

    fn dates(rows: &[[i64; 3]]) -> Vec<Written> {
        rows.iter().map(|&date| Written { date, year_first: date[0] > 999, clock: (8, 0, 0) }).collect()
    }

    #[test]
    fn impossible_dates_decide_first() {
        assert_eq!(order(&dates(&[[1, 2, 25], [13, 2, 25]])), Order::DayFirst);
        assert_eq!(order(&dates(&[[1, 2, 25], [2, 13, 25]])), Order::MonthFirst);
        assert_eq!(order(&dates(&[[2, 29, 24]])), Order::MonthFirst);
    }

    #[test]
    fn then_time_should_not_go_back() {
        assert_eq!(order(&dates(&[[1, 2, 25], [1, 2, 25], [2, 1, 25]])), Order::MonthFirst);
        assert_eq!(order(&dates(&[[2, 1, 25], [1, 2, 25]])), Order::DayFirst);
        assert_eq!(order(&dates(&[[1, 2, 25]])), Order::DayFirst);
        assert_eq!(order(&[]), Order::DayFirst);
    }

    #[test]
    fn year_first_needs_no_order() {
        let time = dates(&[[2025, 2, 13]])[0].resolve(Order::MonthFirst).map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2025-02-13T08:00:00Z"));
    }
}
