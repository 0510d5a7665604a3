//! Quirks of Meta, WhatsApp and other exports that the sample files do not show, one case a quirk.

use offlimits::read::{Batch, Catalog, Ledger, drive, plan};
use proptest::prelude::*;

/// One line a message: `conversation index role author time text`, and the ledger.
fn read(input: &str, files: &[(&str, &str)]) -> (Vec<String>, Ledger) {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect();
    let mut catalog = Catalog::from_bytes(input, files).expect("opens");
    let plan = plan(&mut catalog, None).expect("plans");
    let mut rows = Vec::new();
    let work = |batch: Batch<'_>| {
        let mut rows = Vec::new();
        for conversation in &batch.conversations {
            let surface = conversation.surface.unwrap_or("-");
            for message in &conversation.messages {
                let time = message.sent_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
                let author = message.author.as_deref().unwrap_or("-");
                let role = message.role.name();
                rows.push(format!("{surface} {} | {role} {author} | {time} | {}", conversation.id, message.text));
            }
        }
        rows
    };
    let collect = |batch: Vec<String>| {
        rows.extend(batch);
        Ok(())
    };
    let mut ledger = drive(&plan, work, collect, |_| ()).expect("reads");
    ledger.files.sort_by(|a, b| a.place.cmp(&b.place));
    (rows, ledger)
}

fn rows(input: &str, files: &[(&str, &str)]) -> Vec<String> {
    read(input, files).0
}

fn thread(path: &str, names: &[&str], messages: &[(&str, i64, &str)]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{{\"name\":\"{name}\"}}")).collect();
    let messages: Vec<String> = messages
        .iter()
        .map(|(name, at, text)| format!("{{\"sender_name\":\"{name}\",\"timestamp_ms\":{at},\"content\":\"{text}\"}}"))
        .collect();
    format!(
        "{{\"participants\":[{}],\"messages\":[{}],\"title\":\"T\",\"thread_path\":\"{path}\"}}",
        names.join(","),
        messages.join(",")
    )
}

#[test]
fn parts_are_sorted_by_number_and_meet_across_zips() {
    let part = |at: i64, text: &str| thread("inbox/m_1", &["Meta AI", "Zoe"], &[("Zoe", at, text)]);
    let base = "your_facebook_activity/messages/inbox/m_1";
    let files = [
        (format!("facebook-z-1.zip!{base}/message_10.json"), part(1_000_000_000_000, "oldest")),
        (format!("facebook-z-2.zip!facebook-z-2/{base}/message_9.json"), part(1_000_000_000_000, "middle")),
        (format!("facebook-z-1.zip!{base}/message_1.json"), part(1_000_000_000_000, "newest")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let texts: Vec<String> = rows("folder", &files);
    let texts: Vec<&str> = texts.iter().filter_map(|row| row.rsplit(" | ").next()).collect();
    assert_eq!(texts, ["oldest", "middle", "newest"]);
}

#[test]
fn ties_are_turned_round_and_types_of_the_app_dropped() {
    let text = r#"{"participants":[{"name":"Meta AI"},{"name":"Zoe"}],"thread_path":"inbox/m_1","messages":[
        {"sender_name":"Meta AI","timestamp_ms":1767600000000,"content":"answer"},
        {"sender_name":"Zoe","timestamp_ms":1767600000000,"content":"question"},
        {"sender_name":"Zoe","timestamp_ms":1767500000000,"content":"Zoe left the call.","type":"Call"},
        {"sender_name":"Zoe","timestamp_ms":1767500000000,"content":"Reacted 😂 to your message "},
        {"sender_name":"Zoe","timestamp_ms":1767500000000,"content":"gone","is_unsent":true},
        {"timestamp_ms":1767500000000,"content":"nobody"}, 7, null]}"#;
    let (rows, ledger) = read("message_1.json", &[("message_1.json", text)]);
    assert_eq!(
        rows,
        [
            "messenger inbox/m_1 | user Zoe | 2026-01-05T08:00:00Z | question",
            "messenger inbox/m_1 | assistant Meta AI | 2026-01-05T08:00:00Z | answer"
        ]
    );
    assert_eq!(ledger.skipped.get("app_line"), Some(&2));
    assert_eq!(ledger.skipped.get("deleted"), Some(&1));
    assert_eq!(ledger.skipped.get("bad_record"), Some(&3));
}

#[test]
fn human_threads_are_counted_and_a_silent_assistant_counts_as_one() {
    let humans = thread("inbox/b_1", &["Bo", "Zoe"], &[("Bo", 1, "ask Meta AI"), ("Zoe", 2, "ok")]);
    let (none, ledger) = read("message_1.json", &[("message_1.json", &humans)]);
    assert!(none.is_empty());
    assert_eq!(ledger.skipped.get("human_only"), Some(&1));
    let silent = thread("inbox/m_1", &["META AI", "Zoe"], &[("Zoe", 1_767_600_000_000, "anybody?")]);
    assert_eq!(
        rows("message_1.json", &[("message_1.json", &silent)]),
        ["messenger inbox/m_1 | user Zoe | 2026-01-05T08:00:00Z | anybody?"]
    );
}

#[test]
fn instagram_profiles_name_the_owner_in_any_language() {
    let profile = r#"{"profile_user":[{"string_map_data":{"Nom":{"value":"Zo\u00c3\u00ab"},"Nom d\u00e2\u0080\u0099utilisateur":{"value":"zoe.m"}}}]}"#;
    let group = thread("inbox/g_1", &["Meta AI", "zoe.m", "bo"], &[("bo", 2, "b"), ("zoe.m", 1, "a")]);
    let root = "your_instagram_activity/messages";
    let character = thread("ai_conversations/luna_1", &["Luna", "zoe.m"], &[("Luna", 2, "Hi"), ("zoe.m", 1, "a")]);
    let found = rows(
        "folder",
        &[
            ("x/personal_information/personal_information/personal_information.json", profile),
            (&format!("x/{root}/inbox/g_1/message_1.json"), &group),
            (&format!("x/{root}/ai_conversations/luna_1/message_1.json"), &character),
        ],
    );
    let roles: Vec<&str> = found.iter().filter_map(|row| row.split(" | ").nth(1)).collect();
    assert_eq!(roles, ["user zoe.m", "participant bo", "user zoe.m", "assistant Luna"]);
    assert!(found.iter().all(|row| row.starts_with("instagram ")));
}

/// A conversation of the tree with the given labels for text and author.
fn tree(labels: [&str; 2], messages: &[(&str, &str, i64)]) -> String {
    let message = |(author, text, at): &(&str, &str, i64)| {
        format!(
            r#"{{"dict":[{{"label":"A"}},{{"label":"{}","value":"{text}"}},{{"label":"V","vec":[]}},{{"label":"{}","value":"{author}"}},
            {{"dict":[{{"dict":[{{"label":"R","value":"x"}},{{"timestamp_value":5}}],"title":""}}],"title":"Reactions"}},{{"timestamp_value":{at}}}],"title":""}}"#,
            labels[0], labels[1]
        )
    };
    let messages: Vec<String> = messages.iter().map(message).collect();
    format!(
        r#"{{"title":"Conversation","timestamp":1,"media":[],"label_values":[{{"label":"N","value":"Conversation"}},
        {{"dict":[],"title":"I"}},{{"dict":[{{"dict":[{{"label":"N","value":"Zoe"}}],"title":""}}],"title":"P"}},
        {{"dict":[{}],"title":"M"}}]}}"#,
        messages.join(",")
    )
}

#[test]
fn trees_are_read_whatever_their_labels() {
    let messages = [("Zoe", "ok", 1_767_600_000), ("Meta AI", "Zoe", 1_767_600_060)];
    for labels in [["Nachricht", "Absender"], ["Bericht", "Afzender"], ["x", "y"], ["", ""]] {
        let text = format!("[{}]", tree(labels, &messages));
        let found = rows("ai_conversations.json", &[("ai_conversations.json", &text)]);
        let wanted = [
            "messenger Conversation | user Zoe | 2026-01-05T08:00:00Z | ok",
            "messenger Conversation | assistant Meta AI | 2026-01-05T08:01:00Z | Zoe",
        ];
        assert_eq!(found, wanted, "{labels:?}");
    }
}

#[test]
fn characters_are_told_from_the_owner_by_who_is_in_every_conversation() {
    let one = tree(["x", "y"], &[("zoe.m", "What can I take for it?", 2), ("Luna", "Hi, I am Luna the doctor", 1)]);
    let two = tree(["x", "y"], &[("zoe.m", "Which horse should I back?", 2), ("Tex", "Howdy, I am Tex the cowboy", 1)]);
    let found = rows("ai_conversations.json", &[("ai_conversations.json", &format!("[{one},{two}]"))]);
    let roles: Vec<&str> = found.iter().filter_map(|row| row.split(" | ").nth(1)).collect();
    assert_eq!(roles, ["assistant Luna", "user zoe.m", "assistant Tex", "user zoe.m"]);
}

#[test]
fn other_trees_of_a_download_are_no_chats() {
    let other = tree(["x", "y"], &[("Meta AI", "a device", 2), ("Zoe", "another", 1)]);
    let (rows, ledger) = read("folder", &[("your_facebook_activity/other/devices.json", &other)]);
    assert!(rows.is_empty());
    assert_eq!(ledger.files[0].reason, Some("not_chat"));
}

#[test]
fn pages_with_participants_and_dates_of_another_language() {
    let block = |head: &str, body: &str, time: &str| {
        format!(
            "<div class=\"pam _a6-g\">{head}<div class=\"_3-95 _a6-p\"><div><div></div><div>{body}</div></div></div>{time}</div>"
        )
    };
    let at = |text: &str| format!("<div class=\"_3-94 _a6-o\">{text}</div>");
    let page = format!(
        "<html><head><style>._a6-h{{}}</style></head><body><div class=\"_a70e\">Reise</div>{}{}{}</body></html>",
        block("", "Teilnehmer: Zoë, Bo und Meta AI", ""),
        block("<h2 class=\"_a6-h\">Bo</h2>", "nein", &at("22. Sept. 2025, 18:34")),
        block("<h2 class=\"_a6-h\">Zoë</h2>", "ja &amp; nein<br>doch", &at("22. Sept. 2025, 18:33")),
    );
    let path = "instagram-z/your_instagram_activity/messages/inbox/reise_1/message_1.html";
    assert_eq!(
        rows("folder", &[(path, &page)]),
        [
            "instagram inbox/reise_1 | participant Zoë | 2025-09-22T18:33:00Z | ja & nein\ndoch",
            "instagram inbox/reise_1 | participant Bo | 2025-09-22T18:34:00Z | nein"
        ]
    );
}

#[test]
fn label_pages_with_one_table_for_all_messages() {
    let row = |label: &str, value: &str| {
        format!("<tr><td class=\"_a6_q\">{label}</td><td class=\"_2piu _a6_r\">{value}</td></tr>")
    };
    let message =
        |author: &str, text: &str, time: &str| row("Absender", author) + &row("Nachricht", text) + &row("Zeit", time);
    let page = format!(
        "<html><body><table>{}{}{}</table></body></html>",
        message("Meta AI", "Ja.", "Jan 05, 2026 3:05 pm"),
        message("zoe.m", "Sonnencreme?", "Jan 05, 2026 3:05 pm"),
        message("Meta AI", "Hallo", "Jan 05, 2026 3:04 pm"),
    );
    assert_eq!(
        rows("x", &[("ai_conversations/thread_for_mailbox1_2.html", &page)]),
        [
            "instagram thread_for_mailbox1_2 | assistant Meta AI | 2026-01-05T15:04:00Z | Hallo",
            "instagram thread_for_mailbox1_2 | user zoe.m | 2026-01-05T15:05:00Z | Sonnencreme?",
            "instagram thread_for_mailbox1_2 | assistant Meta AI | 2026-01-05T15:05:00Z | Ja.",
        ]
    );
}

#[test]
fn whatsapp_chats_are_named_and_their_notices_dropped() {
    let chat = "[13/02/2025, 21:04:10] Flat 3: \u{200e}Asha created this group\r\n\
        [13/02/2025, 21:04:11] Asha: hello\r\n[13/02/2025, 21:04:12] Meta AI: hi\r\n\
        [13/02/2025, 21:05:12] Asha: \u{200e}Bild weggelassen\r\n[13/02/2025, 21:06:12] Asha: ok \u{200e}<Diese Nachricht wurde bearbeitet.>\r\n";
    let found = rows("a/WhatsApp Chat - X.zip", &[("_chat.txt", chat)]);
    assert_eq!(
        found,
        [
            "whatsapp WhatsApp Chat - X | user Asha | 2025-02-13T21:04:11Z | hello",
            "whatsapp WhatsApp Chat - X | assistant Meta AI | 2025-02-13T21:04:12Z | hi",
            "whatsapp WhatsApp Chat - X | user Asha | 2025-02-13T21:06:12Z | ok",
        ]
    );
    let two = rows("folder", &[("A.zip!_chat.txt", chat), ("B.zip!_chat.txt", chat)]);
    assert!(two[0].starts_with("whatsapp A |") && two[3].starts_with("whatsapp B |"), "{two:?}");
}

#[test]
fn snapchat_of_before_and_of_now() {
    let now = r#"{"bo.l":[{"From":"bo.l","Created":"2026-01-05 08:00:09 UTC","Content":"x","IsSender":false}],
        "My AI":[{"From":"My AI","Created":"2026-01-05 08:00:05 UTC","Content":"b","IsSender":false},
        {"From":"lea","Created":"2026-01-05 08:00:05 UTC","Content":"a &lt;3 &amp; <b>","IsSender":true}]}"#;
    let (found, ledger) = read("x", &[("chat_history.json", now)]);
    assert_eq!(
        found,
        [
            "snapchat My AI | user lea | 2026-01-05T08:00:05Z | a <3 & <b>",
            "snapchat My AI | assistant My AI | 2026-01-05T08:00:05Z | b"
        ]
    );
    assert_eq!(ledger.skipped.get("human_only"), Some(&1));
    let before = r#"{"Received Saved Chat History":[{"From":"myai","Created":"2026-01-05 08:00:05 UTC","Text":"b"}],
        "Sent Saved Chat History":[{"To":"myai","Created":"2026-01-05 08:00:01 UTC","Text":"a"}]}"#;
    assert_eq!(rows("x", &[("chat_history.json", before)]).len(), 2);
}

#[test]
fn perplexity_blocks_and_character_ai_sources() {
    let blocks = r#"{"entries":[{"query_str":"q","blocks":[{"plan_block":{}},{"markdown_block":{"answer":"","chunks":["a","b"]}}],"entry_created_datetime":"2026-01-01T00:00:00"}],"thread_metadata":{"thread_id":"t"}}"#;
    assert_eq!(
        rows("x", &[("thread.json", blocks)]),
        ["web t | user - | 2026-01-01T00:00:00Z | q", "web t | assistant - | 2026-01-01T00:00:00Z | ab"]
    );
    let older = r#"{"histories":[{"external_id":"h","msgs":[{"src":{"is_human":true},"text":"a"},{"src":{"is_human":false,"name":"V"},"text":"x","is_alternative":true},{"src":{"is_human":false},"text":"b"}]}]}"#;
    assert_eq!(rows("x", &[("c.json", older)]), ["web h | user - | - | a", "web h | assistant - | - | b"]);
}

#[test]
fn gemini_links_silence_and_repeats() {
    let item = |title: &str, time: &str, more: &str| {
        format!(r#"{{"header":"Gemini Apps","products":["Gemini Apps"],"title":"{title}","time":"{time}"{more}}}"#)
    };
    let link = r#","titleUrl":"https://gemini.google.com/app/abc?x=1""#;
    let reply = r#","text":"the whole long prompt","safeHtmlItem":[{"html":"<p>r</p>"}]"#;
    let file = [
        item("Prompted c", "2026-03-01T11:31:00Z", ""),
        item("Prompted b", "2026-03-01T11:00:00Z", ""),
        item("Prompted b", "2026-03-01T11:00:00Z", ""),
        item("Prompted x", "2026-03-01T10:50:00Z", link),
        item("Demandé the whole long prompt", "2026-03-01T10:40:00Z", reply),
        item("Prompted y", "2026-03-01T10:30:00Z", link),
    ];
    let (found, ledger) = read("x", &[("MyActivity.json", &format!("[{}]", file.join(",")))]);
    assert_eq!(
        found,
        [
            "web abc | user - | 2026-03-01T10:30:00Z | y",
            "web abc | user - | 2026-03-01T10:50:00Z | x",
            "web gemini:2026-03-01T10:40:00Z | user - | 2026-03-01T10:40:00Z | the whole long prompt",
            "web gemini:2026-03-01T10:40:00Z | assistant - | 2026-03-01T10:40:00Z | r",
            "web gemini:2026-03-01T10:40:00Z | user - | 2026-03-01T11:00:00Z | b",
            "web gemini:2026-03-01T11:31:00Z | user - | 2026-03-01T11:31:00Z | c",
        ]
    );
    assert_eq!(ledger.skipped.get("duplicate"), Some(&1));
}

/// Documents whose readers go by the place, with that place.
const PLACED: &[&str] = &[
    "meta/ai_conversations.json",
    "meta/ai_conversations/thread_for_mailbox10001_20002.html",
    "meta/meta_ai_profile/your_ai_conversations.html",
    "meta/instagram_message_1.html",
    "meta/message_1.json",
    "meta/ad_preferences.json",
    "gemini/MyActivity.html",
    "whatsapp/android_es.txt",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_in_its_place_never_panics(
        pick in 0..PLACED.len(),
        from in any::<prop::sample::Index>(),
        length in 0_usize..60,
        instead in "[<>{}\\[\\]\",:a-z_0-9 \u{200e}\u{e9}\n-]{0,20}",
    ) {
        let exports = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports");
        let text = std::fs::read_to_string(exports.join(PLACED[pick])).expect("a sample");
        let mut characters: Vec<char> = text.chars().collect();
        let from = from.index(characters.len());
        let to = (from + length).min(characters.len());
        characters.splice(from..to, instead.chars());
        let text: String = characters.into_iter().collect();
        rows("input", &[(PLACED[pick], &text), ("your_instagram_activity/x/personal_information.html", &text)]);
    }

    #[test]
    fn any_dated_lines_are_read(lines in prop::collection::vec("\\[?[0-9./-]{6,10}[, ]{1,2}(klo |à )?[0-9:.]{4,8}( ?[ap]\\.? ?m\\.?)?(\\]| -) (Meta AI|~ Bo|[ -~é\u{200e}]{0,8})(: [ -~é\u{200e}]{0,20})?", 1..8)) {
        let text = format!("13/02/2025, 21:04 - Meta AI: hi\n{}", lines.join("\n"));
        prop_assert!(!rows("input", &[("chat.txt", &text)]).is_empty());
    }
}
