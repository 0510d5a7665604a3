//! Reads bytes as gemini, ai_studio.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("MyActivity.json", bytes, Some("gemini"));
    offlimits_fuzz::read("MyActivity.html", bytes, Some("gemini"));
    offlimits_fuzz::read("conversation_1.txt", bytes, Some("gemini"));
    offlimits_fuzz::read("prompt", bytes, Some("ai_studio"));
});
