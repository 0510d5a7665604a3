//! Folders, archives and compressed files, sound and damaged.

use std::io::{Cursor, Write};

use offlimits::ErrorKind;
use offlimits::read::catalog::State;
use offlimits::read::{Batch, Catalog, Ledger, drive, plan};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const ROW: &[u8] = b"{\"text\": \"hello\"}\n";

fn zipped(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).expect("starts");
        writer.write_all(bytes).expect("writes");
    }
    writer.finish().expect("finishes").into_inner()
}

fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(files, CompressionMethod::Deflated)
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).expect("writes");
    writer.finish().expect("finishes")
}

/// Each member's path with the reason for leaving it out.
fn members(catalog: &Catalog) -> Vec<(String, &'static str)> {
    let reason = |state: &State| match state {
        State::Skipped(reason, _) => *reason,
        _ => "",
    };
    catalog.entries.iter().map(|e| (e.member.path.clone(), reason(&e.state))).collect()
}

fn read(catalog: &mut Catalog) -> (Vec<String>, Ledger) {
    let plan = plan(catalog, None).expect("plans");
    let mut texts = Vec::new();
    let work = |batch: Batch<'_>| {
        let messages = batch.conversations.into_iter().flat_map(|c| c.messages);
        messages.map(|m| m.text).collect::<Vec<_>>()
    };
    let collect = |more: Vec<String>| {
        texts.extend(more);
        Ok(())
    };
    let ledger = drive(&plan, work, collect, |_| ()).expect("reads");
    (texts, ledger)
}

fn in_memory(name: &str, bytes: Vec<u8>) -> Catalog {
    Catalog::from_bytes("in", vec![(name, bytes)]).expect("opens")
}

#[test]
fn members_of_an_archive_and_their_places() {
    let inner = deflated(&[("b.jsonl", ROW)]);
    let bytes = deflated(&[
        ("x\\a.jsonl", ROW),
        ("__MACOSX/x/._a.jsonl", b"mac"),
        ("x/photo.JPG", b"\xff\xd8"),
        ("inner.zip", &inner),
        ("c.jsonl.gz", &gzipped(ROW)),
        ("blob", b"\x00\x01\x02"),
        ("empty/", b""),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("all.zip");
    std::fs::write(&path, &bytes).expect("writes");
    let path = path.to_string_lossy();
    let mut catalog = Catalog::open(&path).expect("opens");
    let wanted = [
        ("x/a.jsonl", ""),
        ("__MACOSX/x/._a.jsonl", "resource_fork"),
        ("x/photo.JPG", "media"),
        ("inner.zip!b.jsonl", ""),
        ("c.jsonl", ""),
        ("blob", ""),
    ];
    assert_eq!(members(&catalog), wanted.map(|(path, reason)| (path.to_owned(), reason)));
    assert_eq!(catalog.entries[3].member.place(), format!("{path}!inner.zip!b.jsonl"));
    let (texts, ledger) = read(&mut catalog);
    assert_eq!(texts, ["hello"; 3]);
    assert_eq!(ledger.files.iter().filter(|line| line.reason == Some("beside")).count(), 1);

    let mut catalog = Catalog::open(&folder.path().to_string_lossy()).expect("opens");
    assert_eq!(catalog.entries[0].member.path, "all.zip!x/a.jsonl");
    assert_eq!(catalog.entries[0].member.place(), format!("{path}!x/a.jsonl"));
    assert_eq!(read(&mut catalog).0, ["hello"; 3]);
}

#[test]
fn stored_archives_inside_are_read_in_place_and_depth_is_bounded() {
    let mut bytes = zipped(&[("a.jsonl", ROW)], CompressionMethod::Stored);
    for depth in 1..=6 {
        let catalog = &mut in_memory("deep.zip", bytes.clone());
        let texts = read(catalog).0;
        if depth <= 4 {
            assert_eq!(texts, ["hello"], "depth {depth}");
        } else {
            assert_eq!(texts, [""; 0], "depth {depth}");
            assert_eq!(members(catalog)[0].1, "limit");
        }
        bytes = zipped(&[("in.zip", &bytes)], CompressionMethod::Stored);
    }
}

#[test]
fn compressed_files_are_told_by_their_bytes() {
    assert_eq!(read(&mut in_memory("a.jsonl", gzipped(ROW))).0, ["hello"]);
    assert_eq!(read(&mut in_memory("a.gz", gzipped(&deflated(&[("a.jsonl", ROW)])))).0, ["hello"]);
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let mut frames = ruzstd::encoding::compress_to_vec(ROW, level);
    frames.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    frames.extend(ruzstd::encoding::compress_to_vec(ROW, level));
    assert_eq!(read(&mut in_memory("a.jsonl.zst", frames.clone())).0, ["hello"; 2]);
    frames.truncate(frames.len() - 4);
    let (texts, ledger) = read(&mut in_memory("a.jsonl.zst", frames));
    assert!(texts.len() <= 2 && ledger.files.iter().any(|line| line.reason == Some("unreadable")));
}

#[test]
fn a_cut_archive_says_so() {
    let bytes = deflated(&[("a.jsonl", ROW), ("b.jsonl", ROW)]);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &bytes[..bytes.len() - 30]).expect("writes");
    let error = Catalog::open(&file.path().to_string_lossy()).expect_err("no table of contents");
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("cut short"), "{error}");
    let outer = deflated(&[("good.jsonl", ROW), ("bad.zip", &bytes[..40])]);
    let mut catalog = in_memory("outer.zip", outer);
    assert_eq!(members(&catalog)[1], ("outer.zip!bad.zip".to_owned(), "unreadable"));
    assert_eq!(read(&mut catalog).0, ["hello"]);
}

#[test]
fn what_is_wrong_with_one_member_costs_only_that_member() {
    let long = "{\"text\": \"hello\"}\n".repeat(100_000);
    let mut bytes = zipped(&[("a.jsonl", long.as_bytes()), ("b.jsonl", ROW)], CompressionMethod::Stored);
    bytes[1_000_000] = b'X';
    let (texts, ledger) = read(&mut in_memory("x.zip", bytes));
    assert!(texts.len() > 90_000);
    let lines: Vec<_> = ledger.files.iter().map(|line| (line.place.as_str(), line.reason)).collect();
    assert!(
        lines.contains(&("in!x.zip!a.jsonl", Some("unreadable"))) && lines.contains(&("in!x.zip!b.jsonl", None)),
        "{lines:?}"
    );
}

#[test]
fn an_archive_that_lies_about_sizes_is_cut_with_an_error() {
    let long = "{\"text\": \"hello\"}\n".repeat(100_000);
    let mut bytes = deflated(&[("a.jsonl", long.as_bytes())]);
    let directory = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").expect("a table of contents");
    bytes[directory + 24..directory + 28].copy_from_slice(&(long.len() as u32 / 2).to_le_bytes());
    let (texts, ledger) = read(&mut in_memory("x.zip", bytes));
    assert!(texts.len() <= 50_000);
    assert!(
        ledger.files.iter().any(|line| line.detail.contains("longer than its table of contents")),
        "{:?}",
        ledger.files
    );
}

#[test]
fn overlapping_entries_are_refused() {
    let zeros = vec![b' '; 4 << 20];
    let one = deflated(&[("a", &zeros), ("b", &zeros)]);
    // Both entries of the table of contents point at the first file.
    let mut bytes = one.clone();
    let entries: Vec<usize> = (0..bytes.len() - 4).filter(|&at| &bytes[at..at + 4] == b"PK\x01\x02").collect();
    let second_local = (1..entries[0]).find(|&at| &bytes[at..at + 4] == b"PK\x03\x04").expect("a second file");
    let cut = entries[0] - second_local;
    bytes.drain(second_local..entries[0]);
    let second = entries[1] - cut;
    bytes[second + 42..second + 46].copy_from_slice(&0u32.to_le_bytes());
    let end = bytes.windows(4).rposition(|w| w == b"PK\x05\x06").expect("an end");
    bytes[end + 16..end + 20].copy_from_slice(&(second_local as u32).to_le_bytes());
    let catalog = in_memory("x.zip", bytes);
    assert_eq!(members(&catalog)[0].1, "limit", "{:?}", members(&catalog));
}

#[test]
fn tables_in_utf_16() {
    let text = "\u{feff}role\ttext\r\nuser\tgrüezi\r\nassistant\t\"zwei\r\nZeilen\"\r\n";
    let bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&mut in_memory("excel.txt", bytes)).0, ["grüezi", "zwei\nZeilen"]);
}

#[test]
fn what_an_earlier_run_made_is_not_read_beside_chats() {
    let page: &[u8] =
        br#"<!doctype html><html><head><meta name="generator" content="offlimits"></head><body>User: hi</body></html>"#;
    let record: &[u8] = br#"{"source":"chats.jsonl","conversation_id":"c","role":"user","sensitive":[],"scope_reasons":[],"ad_use":"unknown","text":"hello"}"#;
    let files = |others: &[(&'static str, &[u8])]| {
        let files = others.iter().map(|(name, bytes)| (*name, bytes.to_vec()));
        Catalog::from_bytes("in", files.collect()).expect("opens")
    };
    let mut beside = files(&[("chats.jsonl", ROW), ("page.html", page), ("records.jsonl", record)]);
    assert_eq!(read(&mut beside).0, ["hello"], "once");
    let reasons: Vec<&str> = members(&beside).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "not_chat").count(), 2, "{reasons:?}");
    // By themselves quoting records are what their user asks for.
    assert_eq!(read(&mut files(&[("records.jsonl", record)])).0, ["hello"]);
}
