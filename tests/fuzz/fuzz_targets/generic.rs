//! Reads bytes as generic_jsonl, generic_text.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("rows.json", bytes, Some("generic_jsonl"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("generic_jsonl"));
    offlimits_fuzz::read("chat.md", bytes, Some("generic_text"));
});
