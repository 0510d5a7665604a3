//! Reads bytes as chatgpt.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("conversations.json", bytes, Some("chatgpt"));
});
