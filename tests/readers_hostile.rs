//! No bytes make a reader panic, and a file that was cut short still yields what comes before the cut.

use std::path::{Path, PathBuf};

use offlimits::read::{Batch, Catalog, FORMATS, drive, normal, plan};
use proptest::prelude::*;

/// The sample files, as bytes with their names.
fn samples() -> Vec<(String, Vec<u8>)> {
    let mut folders: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("exports").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            match path.is_dir() {
                true => folders.push(path),
                false if name.starts_with("EXPECTED") || name == "MANIFEST.jsonl" => {}
                false => files.push((name, std::fs::read(path).expect("a sample"))),
            }
        }
    }
    files.sort();
    files
}

/// The rows of one file in memory, read as whatever it seems to be, or as the format that is named.
fn rows(name: &str, bytes: Vec<u8>, format: Option<&str>) -> Vec<String> {
    let mut catalog = Catalog::from_bytes("input", vec![(name, bytes)]).expect("opens");
    let plan = plan(&mut catalog, format).expect("plans");
    let mut rows = Vec::new();
    let work = |batch: Batch<'_>| {
        let mut out = Vec::new();
        for conversation in &batch.conversations {
            normal::write_rows(&mut out, "f", conversation).expect("memory");
        }
        String::from_utf8(out).expect("UTF-8")
    };
    let collect = |text: String| {
        rows.extend(text.lines().map(str::to_owned));
        Ok(())
    };
    drive(&plan, work, collect, |_| ()).expect("reads");
    rows
}

/// Files whose conversations are records of their own, and how often one stands behind another.
const RECORDS: &[(&str, usize)] = &[
    ("chatgpt/classic_export.zip", 1),
    ("quirks/chatgpt/pretty_array.json", 1),
    ("quirks/chatgpt/lines.jsonl", 1),
    ("quirks/chatgpt/wrapped_object.json", 1),
    ("quirks/claude/lines.jsonl", 1),
    ("quirks/deepseek/lines.jsonl", 1),
    ("quirks/grok/lines.jsonl", 1),
    ("corpora/openai_chat.jsonl", 1),
    ("corpora/prism.jsonl", 1),
    ("corpora/ultrachat.jsonl", 1),
    ("corpora/wildchat-1m.jsonl", 1),
    ("quirks/corpora/oasst_tree.jsonl", 1),
    ("quirks/corpora/sg.jsonl", 1),
    ("quirks/corpora/hh.jsonl", 20),
    ("quirks/generic/instr.jsonl", 20),
    ("quirks/generic/chats.jsonl", 5),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), format in 0..FORMATS.len()) {
        rows("conversations.json", bytes.clone(), None);
        rows("conversations.json", bytes, Some(FORMATS[format].id()));
    }

    #[test]
    fn any_brackets(text in "[\\[\\]{},:\"\\\\a 0-9\n]{0,200}", format in 0..FORMATS.len()) {
        rows("x.jsonl", text.clone().into_bytes(), None);
        rows("x.json", text.into_bytes(), Some(FORMATS[format].id()));
    }

    #[test]
    fn any_damage(pick in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let samples = samples();
        let (name, mut bytes) = samples[pick.index(samples.len())].clone();
        if !bytes.is_empty() {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        rows(&name, bytes, None);
    }

    #[test]
    fn any_cut_of_a_list_of_conversations(cut in any::<prop::sample::Index>()) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports");
        let many = |record: &str| format!("[{}]", (0..5).map(|n| record.replace("NUMBER", &n.to_string())).collect::<Vec<_>>().join(", "));
        let chat = r#"{"conversation_id": "cNUMBER", "current_node": "b", "mapping": {"a": {"parent": null, "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["hi NUMBER"]}}},
            "b": {"parent": "a", "message": {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["hé \"NUMBER\" }]"]}}}}}"#;
        let claude = r#"{"uuid": "cNUMBER", "chat_messages": [{"sender": "human", "text": "hi NUMBER"}, {"sender": "assistant", "text": "}]\\"}]}"#;
        let rows_text = std::fs::read_to_string(folder.join("generic/rows.jsonl")).expect("a sample");
        for (name, text) in [("conversations.json", many(chat)), ("conversations.json", many(claude)), ("rows.jsonl", rows_text)] {
            let all = rows(name, text.clone().into_bytes(), None);
            let at = cut.index(text.len());
            let some = rows(name, text.as_bytes()[..at].to_vec(), None);
            prop_assert!(all.starts_with(&some), "cut at {at}: {some:?}");
            prop_assert!(all.len() >= 3);
        }
    }

    #[test]
    fn any_cut_of_a_file_of_records(pick in 0..RECORDS.len(), cut in any::<prop::sample::Index>(), packed in any::<bool>()) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports");
        let (name, times) = RECORDS[pick];
        let one = std::fs::read(folder.join(name)).expect("a sample");
        let mut bytes: Vec<u8> = Vec::new();
        // Lines may follow one another as they are; the ids of copies would make them one.
        (0..times).for_each(|_| bytes.extend_from_slice(&one));
        if packed {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut gzip, &bytes).expect("memory");
            bytes = gzip.finish().expect("memory");
        }
        let all = rows("input", bytes.clone(), None);
        let at = cut.index(bytes.len());
        let some = rows("input", bytes[..at].to_vec(), None);
        prop_assert!(all.len() >= 2, "{name}: {all:?}");
        prop_assert!(all.starts_with(&some), "{name} cut at {at}: {some:?}");
    }
}
