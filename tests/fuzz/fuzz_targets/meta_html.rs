//! Reads bytes as meta.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("your_instagram_activity/messages/inbox/a_1/message_1.html", bytes, Some("meta"));
    offlimits_fuzz::read("messages/ai_conversations/thread_for_mailbox1_2.html", bytes, Some("meta"));
    offlimits_fuzz::read("meta_ai_profile/your_ai_conversations.html", bytes, Some("meta"));
});
