//! Reads bytes as wildchat, lmsys, prism, ultrachat, hh_rlhf, oasst, sharegpt, openai_jsonl, devgpt.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    offlimits_fuzz::read("rows.jsonl", bytes, Some("wildchat"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("lmsys"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("prism"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("ultrachat"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("hh_rlhf"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("oasst"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("sharegpt"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("openai_jsonl"));
    offlimits_fuzz::read("rows.jsonl", bytes, Some("devgpt"));
});
