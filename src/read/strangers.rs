//! Files that people give by mistake: other exports, and the wrong part of the right one. Each is told by its keys or its
//! beginning, and answered in a sentence that says what to ask for instead.

use super::catalog::{Catalog, Content, Entry};

/// How a file is told.
enum Sign {
    /// The records of a JSON document have all these paths.
    Keys(&'static [&'static str]),
    /// Some path of a JSON document begins so.
    Path(&'static str),
    /// The text begins with this.
    Start(&'static str),
    /// The text has this near its beginning.
    Near(&'static str),
    /// The file's name holds this.
    Name(&'static str),
}

const STRANGERS: &[(Sign, &str)] = &[
    (Sign::Path("semanticSegments"), "Google Maps Timeline, not chats with Gemini"),
    (Sign::Path("timelineObjects"), "Google Maps location history, not chats with Gemini"),
    (Sign::Path("locations[].latitudeE7"), "Google Maps location history, not chats with Gemini"),
    (Sign::Path("Browser History"), "Chrome's browser history, not chats with Gemini"),
    (Sign::Keys(&["conversations_memory"]), "Claude's memories; the chats are in conversations.json"),
    (Sign::Keys(&["prompt_template", "docs"]), "Claude's projects; the chats are in conversations.json"),
    (
        Sign::Keys(&["uuid", "full_name", "email_address"]),
        "the account of a Claude export; the chats are in conversations.json",
    ),
    (
        Sign::Keys(&["uuid", "name", "created_at"]),
        "a list of Claude's conversations; the chats are in files of their own",
    ),
    (Sign::Keys(&["chatgpt_plus_user"]), "the account of a ChatGPT export; the chats are in conversations.json"),
    (
        Sign::Keys(&["conversation_id", "is_anonymous"]),
        "ChatGPT's list of shared links; the chats are in conversations.json",
    ),
    (Sign::Keys(&["evaluation_name", "rating"]), "ChatGPT's feedback; the chats are in conversations.json"),
    (
        Sign::Path("messages[].from_id"),
        "a Telegram export, which holds no chats with an assistant that can be read here",
    ),
    (
        Sign::Keys(&["guild", "channel", "messages"]),
        "a Discord export, which holds no chats with an assistant that can be read here",
    ),
    (Sign::Keys(&["ms_played"]), "Spotify's listening history"),
    (Sign::Keys(&["artistName", "trackName"]), "Spotify's listening history"),
    (Sign::Start("Profile Name,Start Time"), "Netflix's viewing history"),
    (Sign::Start("BEGIN:VCARD"), "contacts"),
    (Sign::Start("BEGIN:VCALENDAR"), "a calendar"),
    (Sign::Start("From "), "a mailbox"),
    (Sign::Near("<!DOCTYPE HealthData"), "Apple's health data"),
    (Sign::Near("<title>ChatGPT"), "a saved page of ChatGPT; ask for the data export under Settings, Data controls"),
    (Sign::Near("<title>Claude"), "a saved page of Claude; ask for the data export under Settings, Privacy"),
    (Sign::Near("<title>Gemini"), "a saved page of Gemini; ask for My Activity, Gemini Apps at takeout.google.com"),
    (Sign::Name("msgstore"), "WhatsApp's own backup, which is encrypted; use Export chat in the chat's menu"),
    (Sign::Name(".crypt1"), "WhatsApp's own backup, which is encrypted; use Export chat in the chat's menu"),
    (Sign::Name(".7z"), "a 7z archive; unpack it first"),
    (Sign::Name(".rar"), "a RAR archive; unpack it first"),
    (Sign::Name(".xls"), "an Excel workbook; save it as CSV first"),
    (Sign::Name(".sqlite"), "a database"),
    (Sign::Name(".db"), "a database"),
];

/// So far into a file a sign may stand.
const NEAR: usize = 4096;

/// What a file is that nothing here reads, in words; none when it is not known either.
pub(super) fn name(entry: &Entry) -> Option<&'static str> {
    if let Some(product) = other_activity(entry) {
        return Some(product);
    }
    STRANGERS.iter().find(|(sign, _)| is(sign, entry)).map(|(_, words)| *words)
}

fn is(sign: &Sign, entry: &Entry) -> bool {
    let json = entry.content == Content::Json;
    let text = entry.head.trim_start();
    match sign {
        Sign::Keys(keys) => json && keys.iter().all(|key| entry.shape().has_record(key)),
        Sign::Path(path) => {
            json && entry.shape().paths.range((*path).to_owned()..).next().is_some_and(|p| p.starts_with(path))
        }
        Sign::Start(start) => !json && text.starts_with(start),
        Sign::Near(words) => {
            let head: String = text.chars().take(NEAR).collect();
            entry.content == Content::Html && head.contains(words)
        }
        Sign::Name(part) => entry.content == Content::Binary && entry.name().to_lowercase().contains(part),
    }
}

/// Google keeps the activity of all its products in files of one shape.
fn other_activity(entry: &Entry) -> Option<&'static str> {
    const PRODUCTS: &[(&str, &str)] = &[
        ("YouTube", "the activity of YouTube, not of Gemini"),
        ("Maps", "the activity of Google Maps, not of Gemini"),
        ("Search", "the activity of Google Search, not of Gemini"),
        ("Assistant", "the activity of Google Assistant, not of Gemini"),
        ("Chrome", "the activity of Chrome, not of Gemini"),
        ("", "the activity of another Google product, not of Gemini"),
    ];
    let shape = entry.shape();
    let is_list = entry.content == Content::Json && shape.has_record("header") && shape.has_record("titleUrl");
    let is_page = entry.content == Content::Html && entry.head.contains("outer-cell");
    if !is_list && !is_page {
        return None;
    }
    PRODUCTS.iter().find(|(product, _)| entry.head.contains(product)).map(|(_, words)| *words)
}

/// What a whole input is from which nothing was read, as far as its folders say.
pub(super) fn download(catalog: &Catalog) -> Option<&'static str> {
    const DOWNLOADS: &[(&[&str], &str)] = &[
        (
            &["tweets.js", "data/manifest.js"],
            "this is an X (Twitter) archive; chats with Grok come from grok.com's own export",
        ),
        (
            &["Takeout/"],
            "this is a Google Takeout without Gemini's chats; choose My Activity there, and in it Gemini Apps",
        ),
        (
            &["your_instagram_activity/"],
            "this is an Instagram download without chats with Meta AI; choose Messages for all time when you ask for it",
        ),
        (
            &["your_facebook_activity/", "your_activity_across_facebook/"],
            "this is a Facebook download without chats with Meta AI; choose Messages for all time when you ask for it",
        ),
        (
            &["ads_information/", "personal_information/", "logged_information/"],
            "this is a part of a Meta download that holds no messages",
        ),
    ];
    let among = |folders: &[&str]| {
        let paths = catalog.entries.iter().map(|entry| entry.member.path.as_str());
        paths.into_iter().any(|path| folders.iter().any(|folder| path.contains(folder)))
    };
    DOWNLOADS.iter().find(|(folders, _)| among(folders)).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::{download, name};
    use crate::read::Catalog;

    #[track_caller]
    fn called(file: &str, text: &str, words: &str) {
        let catalog = Catalog::from_bytes("x", vec![(file, text.as_bytes().to_vec())]).expect("opens");
        let found = name(&catalog.entries[0]).or_else(|| download(&catalog)).unwrap_or_default();
        assert!(found.contains(words), "{file}: {found:?}");
    }

    #[test]
    fn the_commonest_wrong_files_are_named() {
        called("Timeline.json", r#"{"semanticSegments":[{"startTime":"x"}]}"#, "Maps");
        called("Records.json", r#"{"locations":[{"latitudeE7":1}]}"#, "Maps");
        called("watch-history.json", r#"[{"header":"YouTube","title":"x","titleUrl":"y","time":"z"}]"#, "YouTube");
        called("result.json", r#"{"name":"x","messages":[{"id":1,"from_id":"u"}]}"#, "Telegram");
        called("user.json", r#"{"id":"u","chatgpt_plus_user":true}"#, "conversations.json");
        called("tweets.js", "window.YTD.tweets.part0 = [{}]", "archive");
        called("Takeout/Drive/x.bin", "\0\0", "Takeout");
        called("your_instagram_activity/media/posts_1.json", "[{\"media\":[]}]", "Instagram");
        called("x.json", r#"{"some":"thing"}"#, "");
    }
}
