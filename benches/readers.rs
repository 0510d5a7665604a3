//! Reading speed by format, in bytes of the file a second: from bytes in memory to conversations, on all cores.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use offlimits::read::{Batch, Catalog, drive, plan};

/// So many bytes a format at least.
const SIZE: usize = 4 << 20;

/// What people write and what they are answered: of ordinary length.
const QUESTION: &str = "Could you help me plan three days in Lisbon? My mother has a bad hip, so not too many stairs.";
const ANSWER: &str = "Gladly! Day one: Belém by tram, then the \\\"Jardim Botânico\\\", which is flat. \
    Day two: the Gulbenkian, which has lifts, and grilled fish in Alcântara. Day three: Sintra by taxi.";

/// A format: its file's name, what stands before, one record by its number, what stands between, what stands behind.
type Made = (&'static str, &'static str, &'static str, fn(usize) -> String, &'static str, &'static str);

const FORMATS: &[Made] = &[
    ("chatgpt", "conversations.json", "[", chatgpt, ",", "]"),
    ("claude", "conversations.json", "[", claude, ",", "]"),
    ("deepseek", "conversations.json", "[", deepseek, ",", "]"),
    ("meta JSON", "messages/inbox/metaai_1/message_1.json", META, meta, ",", "]}"),
    ("meta HTML", "messages/inbox/metaai_1/message_1.html", "<html><body>", meta_page, "", "</body></html>"),
    ("whatsapp", "WhatsApp Chat with Meta AI.txt", "", whatsapp, "", ""),
    ("gemini JSON", "MyActivity.json", "[", gemini, ",", "]"),
    ("gemini HTML", "MyActivity.html", "<html><body>", gemini_page, "", "</body></html>"),
    ("copilot", "copilot.csv", "Conversation,Time,Author,Message\n", copilot, "", ""),
    ("wildchat", "wildchat.jsonl", "", wildchat, "", ""),
    ("openai", "chats.jsonl", "", openai, "", ""),
    ("sharegpt", "sharegpt.json", "[", sharegpt, ",", "]"),
    ("claude code", "session.jsonl", "", claude_code, "", ""),
    ("rows in JSON", "rows.jsonl", "", rows, "", ""),
    ("rows in CSV", "rows.csv", "conversation_id,role,text\n", table, "", ""),
    ("text", "chat.md", "", text, "", ""),
];

const META: &str = r#"{"participants":[{"name":"Meta AI"},{"name":"Zoe"}],"thread_path":"inbox/metaai_1","title":"Meta AI","messages":["#;

fn chatgpt(n: usize) -> String {
    let node = |id: &str, parent: &str, child: &str, role: &str, text: &str| {
        format!(
            r#""{id}":{{"id":"{id}","parent":"{parent}","children":["{child}"],"message":{{"id":"{id}","author":{{"role":"{role}","name":null,"metadata":{{}}}},"create_time":1767949200.5,"content":{{"content_type":"text","parts":["{text}"]}},"status":"finished_successfully","weight":1.0,"metadata":{{"model_slug":"gpt-5"}},"recipient":"all","channel":null}}}}"#
        )
    };
    let nodes = [node("a", "r", "b", "user", QUESTION), node("b", "a", "", "assistant", ANSWER)].join(",");
    format!(
        r#"{{"title":"T","create_time":1767949200.0,"update_time":1767949300.0,"mapping":{{"r":{{"id":"r","message":null,"parent":null,"children":["a"]}},{nodes}}},"current_node":"b","conversation_id":"c{n}","id":"c{n}"}}"#
    )
}

fn claude(n: usize) -> String {
    let said = |who: &str, text: &str| {
        format!(
            r#"{{"uuid":"{who}{n}","text":"{text}","content":[{{"type":"text","text":"{text}","citations":[]}}],"sender":"{who}","created_at":"2026-04-02T07:00:00.000000Z","attachments":[],"files":[]}}"#
        )
    };
    format!(
        r#"{{"uuid":"c{n}","name":"","created_at":"2026-04-02T07:00:00Z","updated_at":"2026-04-02T07:00:00Z","chat_messages":[{},{}]}}"#,
        said("human", QUESTION),
        said("assistant", ANSWER)
    )
}

fn deepseek(n: usize) -> String {
    let node = |id: &str, parent: &str, kind: &str, text: &str| {
        format!(
            r#""{id}":{{"id":"{id}","parent":"{parent}","children":[],"message":{{"files":[],"inserted_at":"2026-01-01T08:00:00+08:00","fragments":[{{"type":"{kind}","content":"{text}"}}]}}}}"#
        )
    };
    let nodes = [node("1", "root", "REQUEST", QUESTION), node("2", "1", "RESPONSE", ANSWER)].join(",");
    format!(
        r#"{{"id":"c{n}","title":"","inserted_at":"2026-01-01T08:00:00+08:00","mapping":{{"root":{{"id":"root","message":null}},{nodes}}}}}"#
    )
}

fn meta(n: usize) -> String {
    let at = 1_767_600_000_000 - n * 60_000;
    let said = |name: &str, at: usize, text: &str| {
        format!(
            r#"{{"sender_name":"{name}","timestamp_ms":{at},"content":"{text}","is_geoblocked_for_viewer":false,"reactions":[]}}"#
        )
    };
    [said("Meta AI", at, ANSWER), said("Zoe", at - 9_000, QUESTION)].join(",")
}

fn meta_page(n: usize) -> String {
    let (hour, minute) = (1 + n / 60 % 12, n % 60);
    let said = |name: &str, text: &str| {
        format!(
            r#"<div class="pam _a6-g"><h2 class="_3-95 _2pim _a6-h _a6-i">{name}</h2><div class="_3-95 _a6-p"><div><div></div><div>{text}</div></div></div><div class="_3-94 _a6-o">Sep 22, 2025 {hour}:{minute:02} pm</div></div>"#
        )
    };
    said("Meta AI", ANSWER) + &said("Zoe", QUESTION)
}

fn whatsapp(n: usize) -> String {
    let (hour, minute) = (n / 60 % 24, n % 60);
    let head = format!("13/02/2025, {hour:02}:{minute:02} - ");
    format!("{head}Zoe: {QUESTION}\n{head}Meta AI: {ANSWER}\n")
}

fn gemini(n: usize) -> String {
    let (hour, minute) = (23 - n / 60 % 24, 59 - n % 60);
    format!(
        r#"{{"header":"Gemini Apps","title":"Prompted {QUESTION}","time":"2026-03-01T{hour:02}:{minute:02}:00.{:03}Z","products":["Gemini Apps"],"safeHtmlItem":[{{"html":"<p>{ANSWER}</p>"}}]}}"#,
        n % 1000
    )
}

fn gemini_page(n: usize) -> String {
    let (hour, minute) = (1 + n / 60 % 12, n % 60);
    format!(
        r#"<div class="outer-cell mdl-cell"><div class="mdl-grid"><div class="header-cell"><p>Gemini Apps<br></p></div><div class="content-cell mdl-typography--body-1">Prompted&nbsp;{n} {QUESTION}<br>Mar 1, 2026, {hour}:{minute:02}:00 AM UTC<br><p>{ANSWER}</p></div></div></div>"#
    )
}

fn copilot(n: usize) -> String {
    let (hour, minute) = (n / 60 % 24, n % 60);
    let answer = ANSWER.replace('\\', "").replace('"', "\"\"");
    format!(
        "T{n},2026-07-26T{hour:02}:{minute:02}:00,AI,\"{answer}\"\nT{n},2026-07-26T{hour:02}:{minute:02}:00,Human,\"{QUESTION}\"\n"
    )
}

fn wildchat(n: usize) -> String {
    format!(
        r#"{{"conversation_hash":"h{n}","model":"m","conversation":[{{"role":"user","content":"{QUESTION}","toxic":false}},{{"role":"assistant","content":"{ANSWER}","toxic":false}}],"turn":1}}"#
    ) + "\n"
}

fn openai(n: usize) -> String {
    format!(
        r#"{{"id":"c{n}","messages":[{{"role":"user","content":"{QUESTION}"}},{{"role":"assistant","content":"{ANSWER}"}}]}}"#
    ) + "\n"
}

fn sharegpt(n: usize) -> String {
    format!(
        r#"{{"id":"c{n}","conversations":[{{"from":"human","value":"{QUESTION}"}},{{"from":"gpt","value":"{ANSWER}"}}]}}"#
    )
}

fn claude_code(n: usize) -> String {
    let line = |role: &str, text: &str| {
        format!(
            r#"{{"type":"{role}","sessionId":"s1","uuid":"{role}{n}","timestamp":"2026-01-01T00:00:00.000Z","message":{{"id":"m{n}","role":"{role}","content":"{text}"}}}}"#
        ) + "\n"
    };
    line("user", QUESTION) + &line("assistant", ANSWER)
}

fn rows(n: usize) -> String {
    let row =
        |role: &str, text: &str| format!(r#"{{"conversation_id":"c{n}","role":"{role}","text":"{text}"}}"#) + "\n";
    row("user", QUESTION) + &row("assistant", ANSWER)
}

fn table(n: usize) -> String {
    let answer = ANSWER.replace('\\', "").replace('"', "\"\"");
    format!("c{n},user,\"{QUESTION}\"\nc{n},assistant,\"{answer}\"\n")
}

fn text(_: usize) -> String {
    format!("User: {QUESTION}\n\nAssistant: {ANSWER}\n\n")
}

fn file(made: &Made) -> Vec<u8> {
    let (_, _, before, record, between, behind) = made;
    let mut file = (*before).to_owned();
    for n in 0.. {
        if n > 0 {
            file.push_str(between);
        }
        file.push_str(&record(n));
        if file.len() > SIZE {
            break;
        }
    }
    (file + behind).into_bytes()
}

fn formats(criterion: &mut Criterion) {
    let work = |batch: Batch<'_>| drop(black_box(batch.conversations));
    for made in FORMATS {
        let bytes = file(made);
        let mut group = criterion.benchmark_group("read");
        group.sample_size(10).throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(made.0, |bencher| {
            bencher.iter(|| {
                let mut catalog = Catalog::from_bytes("input", vec![(made.1, bytes.clone())]).expect("opens");
                let plan = plan(&mut catalog, None).expect("plans");
                let ledger = drive(&plan, work, |()| Ok(()), |_| ()).expect("reads");
                assert!(ledger.messages > 1000, "{}: {:?}", made.0, ledger.files);
                ledger.messages
            });
        });
        group.finish();
    }
}

criterion_group!(benches, formats);
criterion_main!(benches);
