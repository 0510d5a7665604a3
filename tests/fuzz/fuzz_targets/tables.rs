//! Reads bytes as copilot, generic_csv.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("rows.csv", bytes, Some("copilot"));
    offlimits_fuzz::read("rows.csv", bytes, Some("generic_csv"));
    offlimits_fuzz::read("rows.tsv", bytes, Some("generic_csv"));
});
