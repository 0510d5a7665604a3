//! Opens bytes as whatever they seem to be: archives, compressed streams, tables, any format.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("input", bytes, None);
    offlimits_fuzz::read("your_instagram_activity/messages/ai_conversations.json", bytes, None);
});
