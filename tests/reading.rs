//! What readers do with rows, copies, pieces and interruptions.

use offlimits::chat::Conversation;
use offlimits::read::{Batch, Catalog, Ledger, drive, plan};
use offlimits::{Error, ErrorKind};

fn read(files: &[(&str, &str)]) -> (Vec<Conversation>, Ledger) {
    read_as(files, None)
}

fn read_as(files: &[(&str, &str)], format: Option<&str>) -> (Vec<Conversation>, Ledger) {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect();
    let mut catalog = Catalog::from_bytes("in", files).expect("opens");
    let plan = plan(&mut catalog, format).expect("plans");
    let mut conversations = Vec::new();
    let collect = |more: Vec<Conversation>| {
        conversations.extend(more);
        Ok(())
    };
    let ledger = drive(&plan, |batch: Batch<'_>| batch.conversations, collect, |_| ()).expect("reads");
    (conversations, ledger)
}

/// `id#first_index: text|text` for each conversation.
fn told(conversations: &[Conversation]) -> Vec<String> {
    let texts = |c: &Conversation| c.messages.iter().map(|m| m.text.as_str()).collect::<Vec<_>>().join("|");
    conversations.iter().map(|c| format!("{}#{}: {}", c.id, c.first_index, texts(c))).collect()
}

#[test]
fn rows_of_one_conversation_come_together_wherever_they_stand() {
    let rows = [("k1", "a"), ("k2", "b"), ("k1", "c"), ("", "loose"), ("k2", "d")];
    let lines: String = rows
        .iter()
        .map(|(id, text)| format!("{{\"session_id\": \"{id}\", \"text\": \"{text}\", \"x\": [1]}}\n"))
        .collect();
    let (conversations, _) = read(&[("mixed.jsonl", &lines)]);
    assert_eq!(told(&conversations), ["mixed#0: loose", "k1#0: a|c", "k2#0: b|d"]);
    let table = "Conversation ID,Text\n1,a\n2,b\n1,c\n";
    assert_eq!(told(&read(&[("t.csv", table)]).0), ["1#0: a|c", "2#0: b"]);
}

#[test]
fn unrelated_rows_come_in_pieces_that_count_on() {
    let lines: String = (0..2500).map(|n| format!("{{\"id\": {n}, \"text\": \"{}\"}}\n", ["t", ""][n % 2])).collect();
    let (conversations, ledger) = read(&[("rows.jsonl", &lines)]);
    assert_eq!(conversations.iter().map(|c| c.first_index).collect::<Vec<_>>(), [0, 1024]);
    assert!(conversations.iter().all(|c| !c.threaded && c.id == "rows" && c.id_is_local));
    assert_eq!((ledger.conversations, ledger.messages), (1, 1250));
    assert_eq!(ledger.skipped.get("no_text"), Some(&1250));
    assert_eq!(conversations[0].messages[1].id.as_deref(), Some("2"));
}

#[test]
fn the_specific_format_wins_over_rows() {
    let line = r#"{"id":"r1","text":"t","lang":"en","messages":[{"role":"user","content":"m"}],"labelled":["x"]}"#;
    let (conversations, ledger) = read(&[("a.jsonl", line)]);
    assert_eq!(told(&conversations), ["r1#0: m"]);
    assert_eq!(ledger.files[0].format, Some("openai_jsonl"));
    let (conversations, _) = read_as(&[("a.jsonl", line)], Some("generic_jsonl"));
    assert_eq!(told(&conversations), ["a#0: t"]);
    assert_eq!(told(&read(&[("a.json", "[\n {\"text\": \"one\"},\n {\"text\": \"two\"}\n]")]).0), ["a#0: one|two"]);
}

fn claude(id: &str, updated: &str, text: &str) -> String {
    format!(r#"{{"uuid":"{id}","updated_at":"{updated}","chat_messages":[{{"sender":"human","text":"{text}"}}]}}"#)
}

#[test]
fn of_two_copies_the_newer_then_the_longer_stays() {
    let old = claude("a", "2026-01-01T00:00:00Z", "a long old text");
    let new = claude("a", "2026-01-02T00:00:00Z", "new");
    let short = claude("b", "2026-01-01T00:00:00Z", "short");
    let longer = claude("b", "2026-01-01T00:00:00Z", "longer text");
    let files = [("1.json", format!("[{new},{short}]")), ("2.json", format!("[{old},{longer}, {longer}]"))];
    let (conversations, ledger) = read(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    assert_eq!(told(&conversations), ["a#0: new", "b#0: longer text"]);
    assert_eq!(ledger.skipped.get("duplicate"), Some(&3));
    // Ids that only count in their file are no copies.
    let rows = "{\"conversation_id\": 1, \"text\": \"x\"}\n{\"conversation_id\": 1, \"text\": \"y\"}\n";
    assert_eq!(read(&[("1.jsonl", rows), ("2.jsonl", rows)]).0.len(), 2);
    let chat = "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}\n";
    assert_eq!(read(&[("1.jsonl", chat), ("2.jsonl", chat)]).0.len(), 2);
}

#[test]
fn a_very_long_tree_is_read_in_time() {
    let count = 30_000;
    let node = |n: usize| {
        format!(
            r#""{n}":{{"parent":"{}","message":{{"author":{{"role":"user"}},"content":{{"content_type":"text","parts":["x"]}}}}}}"#,
            n.wrapping_sub(1)
        )
    };
    let nodes = (0..count).map(node).collect::<Vec<_>>().join(",");
    let text = format!(r#"[{{"id":"c","current_node":"{}","mapping":{{{nodes}}}}}]"#, count - 1);
    let (conversations, _) = read(&[("conversations.json", &text)]);
    assert_eq!(conversations[0].messages.len(), count);
}

#[test]
fn a_vendors_other_files_are_no_rows() {
    let chats = format!("[{}]", claude("a", "2026-01-01T00:00:00Z", "hi"));
    let files = [
        ("x/conversations.json", chats.as_str()),
        ("x/extra.json", "[{\"text\": \"not a chat\"}]"),
        ("x/users.json", "[]"),
    ];
    let (conversations, ledger) = read(&files);
    assert_eq!(told(&conversations), ["a#0: hi"]);
    let reasons: Vec<_> = ledger.files.iter().map(|line| line.reason).collect();
    assert_eq!(reasons, [None, Some("beside"), Some("not_chat")]);
}

#[test]
fn collecting_may_stop_the_run_and_working_may_fail() {
    let lines = format!("{}\n", claude("a", "2026-01-01T00:00:00Z", &"x".repeat(2000))).repeat(5_000);
    let mut catalog = Catalog::from_bytes("in", vec![("c.jsonl", lines.into_bytes())]).expect("opens");
    let plan = plan(&mut catalog, None).expect("plans");
    let mut seen = 0;
    let stop = |_| {
        seen += 1;
        if seen > 3 { Err(Error::new(ErrorKind::Io, "closed")) } else { Ok(()) }
    };
    let error = drive(&plan, |_| (), stop, |_| ()).expect_err("stops");
    assert_eq!(error.message(), "closed");
    let broken = std::panic::AssertUnwindSafe(|| drive(&plan, |_| panic!("on purpose"), |(): ()| Ok(()), |_| ()));
    assert!(std::panic::catch_unwind(broken).is_err());
    assert!(offlimits::read::plan(&mut catalog, Some("nothing")).is_err());
}
