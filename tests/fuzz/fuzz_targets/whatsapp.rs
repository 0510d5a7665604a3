//! Reads bytes as whatsapp.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("WhatsApp Chat.txt", bytes, Some("whatsapp"));
});
