//! Reads bytes as meta.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("your_facebook_activity/messages/inbox/a_1/message_1.json", bytes, Some("meta"));
    offlimits_fuzz::read("messages/ai_conversations.json", bytes, Some("meta"));
    offlimits_fuzz::read("chat.json", bytes, Some("meta"));
});
