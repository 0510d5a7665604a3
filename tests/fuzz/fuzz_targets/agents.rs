//! Reads bytes as claude_code, codex.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("log.jsonl", bytes, Some("claude_code"));
    offlimits_fuzz::read("log.jsonl", bytes, Some("codex"));
});
