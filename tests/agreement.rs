//! Coefficients of agreement against the Python packages `krippendorff` and `irrcac`, on the tables of
//! `tests/stats/agreement.json`, which `tests/stats/agreement.py` made.

use offlimits::stats::agreement::Ratings;
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    name: String,
    scale: usize,
    rows: Vec<Vec<Option<u16>>>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    percent: f64,
    cohen: Option<f64>,
    fleiss: f64,
    alpha: f64,
    alpha_irrcac: f64,
    ac1: f64,
}

#[test]
fn coefficients_are_those_of_the_python_packages() {
    let tables: Vec<Table> = serde_json::from_str(include_str!("stats/agreement.json")).expect("the fixture");
    assert!(tables.len() > 5);
    for table in tables {
        let mut ratings = Ratings::new(table.scale);
        table.rows.into_iter().for_each(|row| ratings.add(row));
        let found = ratings.agreement(50, 1);
        let wanted = &table.expected;
        let pairs = [
            ("percent", found.percent, wanted.percent),
            ("Fleiss", found.fleiss, wanted.fleiss),
            ("alpha", found.alpha, wanted.alpha),
            ("alpha of irrcac", found.alpha, wanted.alpha_irrcac),
            ("AC1", found.ac1, wanted.ac1),
        ];
        let cohen = wanted.cohen.map(|value| ("Cohen", found.cohen, value));
        for (what, estimate, value) in pairs.into_iter().chain(cohen) {
            let estimate = estimate.unwrap_or_else(|| panic!("{}: no {what}", table.name));
            assert!((estimate.value - value).abs() < 1e-9, "{}: {what} is {}, not {value}", table.name, estimate.value);
            assert!(estimate.interval.low <= estimate.interval.high);
        }
    }
}
