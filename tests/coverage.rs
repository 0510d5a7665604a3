//! How often the 95 % interval of a corrected share holds the true one: the table of `src/stats/COVERAGE.md`.
//!
//! ```text
//! cargo test --release --test coverage -- --ignored --nocapture
//! ```
//!
//! A corpus is 2,000 conversations of 1 to 15 messages; the share of a conversation's messages that are true comes from a beta
//! distribution with an intra-class correlation of 0.1, so messages are no strangers. Gold rows stand apart from it, one in five
//! of them positive. A stratified sample is drawn from the corpus itself, a third each from the flagged messages, from the near
//! misses (seven in ten of the missed, three in a hundred of the rest) and from all others.

#![allow(clippy::print_stdout, reason = "the table is what the long run is for")]

use offlimits::stats::cluster::Clusters;
use offlimits::stats::prevalence::{Errors, Seen, corrected};
use offlimits::stats::random::Random;
use offlimits::stats::stratified::{Sample, Stratum};
use rayon::prelude::*;

/// 1 / (1 + ν) is the intra-class correlation.
const NU: f64 = 9.0;

#[derive(Clone, Copy)]
struct Cell {
    prevalence: f64,
    sensitivity: f64,
    specificity: f64,
    gold: u64,
}

/// Conversations with their messages that are true, and of those and of the others how many are flagged.
fn corpus(cell: Cell, conversations: u64, random: &mut Random) -> (Clusters, Errors) {
    let (mut clusters, mut all) = (Clusters::default(), Errors::default());
    for _ in 0..conversations {
        let messages = 1 + random.below(15) as u64;
        let share = random.beta(cell.prevalence * NU, (1.0 - cell.prevalence) * NU);
        let positives = random.binomial(messages, share);
        let found = random.binomial(positives, cell.sensitivity);
        let alarms = random.binomial(messages - positives, 1.0 - cell.specificity);
        clusters.add(messages, found + alarms);
        all.found += found as f64;
        all.missed += (positives - found) as f64;
        all.alarms += alarms as f64;
        all.quiet += (messages - positives - alarms) as f64;
    }
    (clusters, all)
}

fn gold_apart(cell: Cell, random: &mut Random) -> Errors {
    let positives = cell.gold / 5;
    let found = random.binomial(positives, cell.sensitivity);
    let alarms = random.binomial(cell.gold - positives, 1.0 - cell.specificity);
    Errors {
        found: found as f64,
        missed: (positives - found) as f64,
        alarms: alarms as f64,
        quiet: (cell.gold - positives - alarms) as f64,
    }
}

fn apart_covers(cell: Cell, draws: u32, seed: u64) -> bool {
    let mut random = Random::new(seed);
    let (clusters, _) = corpus(cell, 2_000, &mut random);
    let errors = gold_apart(cell, &mut random);
    let seen = Seen { share: clusters.share(), effective: clusters.effective() };
    corrected(seen, &errors, draws, random.bits()).estimate.is_some_and(|e| e.interval.holds(cell.prevalence))
}

/// Takes `wanted` of the messages without putting one back: (gold, all) as they come.
fn take(wanted: u64, gold: f64, rest: f64, random: &mut Random) -> (f64, f64) {
    let (mut gold_left, mut left, mut taken, mut hits) = (gold, gold + rest, 0.0, 0.0);
    while taken < wanted as f64 && left > 0.0 {
        if random.uniform() * left < gold_left {
            (gold_left, hits) = (gold_left - 1.0, hits + 1.0);
        }
        (left, taken) = (left - 1.0, taken + 1.0);
    }
    (hits, taken)
}

fn sample_covers(cell: Cell, draws: u32, seed: u64) -> bool {
    let mut random = Random::new(seed);
    let (_, all) = corpus(cell, 2_000, &mut random);
    let near_gold = random.binomial(all.missed as u64, 0.7) as f64;
    let near_rest = random.binomial(all.quiet as u64, 0.03) as f64;
    let strata = [
        (all.found, all.alarms, true),
        (near_gold, near_rest, false),
        (all.missed - near_gold, all.quiet - near_rest, false),
    ];
    let strata = strata.into_iter().map(|(gold, rest, flagged)| {
        let (hits, taken) = take(cell.gold / 3, gold, rest, &mut random);
        let mut seen = Errors::default();
        if flagged {
            (seen.found, seen.alarms) = (hits, taken - hits);
        } else {
            (seen.missed, seen.quiet) = (hits, taken - hits);
        }
        Stratum { size: gold + rest, seen }
    });
    let sample = Sample { strata: strata.collect() };
    let true_share = (all.found + all.missed) / (all.found + all.missed + all.alarms + all.quiet);
    sample.share(draws, random.bits()).estimate.is_some_and(|e| e.interval.holds(true_share))
}

/// The share of `runs` whose interval holds the truth.
fn coverage(cell: Cell, runs: u32, draws: u32, covers: fn(Cell, u32, u64) -> bool) -> f64 {
    let held = (0..runs).into_par_iter().filter(|run| covers(cell, draws, 0x5eed_0000 + u64::from(*run))).count();
    held as f64 / f64::from(runs)
}

fn cells(golds: &[u64]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for prevalence in [0.002, 0.01, 0.05, 0.2] {
        for sensitivity in [0.6, 0.8, 0.95] {
            for specificity in [0.95, 0.99, 0.999] {
                cells.extend(golds.iter().map(|&gold| Cell { prevalence, sensitivity, specificity, gold }));
            }
        }
    }
    cells
}

/// A glance at a few cells; the long run is below.
#[test]
fn intervals_hold_the_truth_nineteen_times_in_twenty() {
    for (prevalence, sensitivity, specificity, gold) in [(0.01, 0.6, 0.99, 500), (0.2, 0.8, 0.95, 200)] {
        let cell = Cell { prevalence, sensitivity, specificity, gold };
        for (what, covers) in [("apart", apart_covers as fn(Cell, u32, u64) -> bool), ("sample", sample_covers)] {
            let found = coverage(cell, 100, 200, covers);
            assert!(found >= 0.89, "{what}, {prevalence}: {found}");
        }
    }
}

#[test]
#[ignore = "takes minutes; makes the table of src/stats/COVERAGE.md"]
fn table_of_coverage() {
    let golds = [200, 500, 1_000, 3_000];
    for (title, covers, runs, draws) in [
        ("Gold rows apart from the corpus", apart_covers as fn(Cell, u32, u64) -> bool, 2_000, 1_000),
        ("A stratified sample of the corpus", sample_covers, 1_000, 400),
    ] {
        println!(
            "\n### {title}\n\n| prevalence | sens. | spec. | 200 | 500 | 1,000 | 3,000 |\n|---|---|---|---|---|---|---|"
        );
        let (mut sum, mut within, mut least, mut most, mut count) = (0.0, 0, 1.0_f64, 0.0_f64, 0);
        for row in cells(&golds).chunks(golds.len()) {
            let found: Vec<f64> = row.iter().map(|cell| coverage(*cell, runs, draws, covers)).collect();
            for value in &found {
                (sum, count) = (sum + value, count + 1);
                within += i32::from((0.93..=0.97).contains(value));
                (least, most) = (least.min(*value), most.max(*value));
            }
            let found: Vec<String> = found.iter().map(|value| format!("{:.1}", 100.0 * value)).collect();
            let first = row[0];
            println!(
                "| {} | {} | {} | {} |",
                first.prevalence,
                first.sensitivity,
                first.specificity,
                found.join(" | ")
            );
        }
        println!(
            "\nmean {:.4}, least {least}, most {most}; {within} of {count} within 93 to 97 %",
            sum / f64::from(count)
        );
    }
}
