//! Reads bytes as deepseek, grok, mistral, perplexity, character_ai, snapchat.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("conversations.json", bytes, Some("deepseek"));
    offlimits_fuzz::read("conversations.json", bytes, Some("grok"));
    offlimits_fuzz::read("conversations.json", bytes, Some("mistral"));
    offlimits_fuzz::read("conversations.json", bytes, Some("perplexity"));
    offlimits_fuzz::read("conversations.json", bytes, Some("character_ai"));
    offlimits_fuzz::read("conversations.json", bytes, Some("snapchat"));
});
