//! What a path inside a download says: which thread, which part, which app.

use super::people::Kind;

/// The folders of a thread list, in which every folder is one thread.
const BOXES: &[&str] =
    &["inbox", "archived_threads", "e2ee_cutover", "filtered_threads", "message_requests", "ai_conversations"];

/// Folders at the root of a Facebook or Instagram download. Files below them are the platform's, with chats or not.
const ROOTS: &[&str] = &[
    "your_facebook_activity",
    "your_instagram_activity",
    "your_activity_across_facebook",
    "ads_information",
    "logged_information",
    "personal_information",
    "apps_and_websites_off_of_facebook",
    "apps_and_websites_off_of_instagram",
    "security_and_login_information",
    "meta_ai_profile",
    "meta_ai_app",
];

/// The members of a path, from the outermost archive inwards.
pub(crate) fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split(['/', '!', '\\']).filter(|part| !part.is_empty())
}

/// The last component of a path.
pub(crate) fn file_name(path: &str) -> &str {
    components(path).next_back().unwrap_or(path)
}

/// The folder part of a path, with its separator; empty for a bare file name.
pub(crate) fn folder(path: &str) -> &str {
    path.rfind(['/', '!', '\\']).map_or("", |at| &path[..=at])
}

/// `message_12.json` or `.html`: the number.
pub(crate) fn part_number(name: &str) -> Option<u32> {
    let name = name.to_lowercase();
    let number = name.strip_prefix("message_")?;
    number.strip_suffix(".json").or_else(|| number.strip_suffix(".html"))?.parse().ok()
}

/// What the parts of one thread have in common: the path of their folder without archives and wrapping folders, so that
/// parts spread over several zips meet.
pub(crate) fn thread_key(path: &str) -> String {
    let folders: Vec<&str> = components(folder(path)).collect();
    let from = folders.iter().position(|part| ROOTS.contains(part) || *part == "messages" || BOXES.contains(part));
    folders[from.unwrap_or(0)..].join("/")
}

/// `inbox/metaai_1` out of a path, the same that `thread_path` says in JSON.
pub(crate) fn thread_path(path: &str) -> Option<String> {
    let folders: Vec<&str> = components(folder(path)).collect();
    let at = folders.len().checked_sub(2)?;
    BOXES.contains(&folders[at]).then(|| folders[at..].join("/"))
}

/// Whether a path lies in a place of AI chats, and so anybody but the owner is an AI.
pub(crate) fn kind(path: &str) -> Kind {
    let in_place = components(folder(path)).any(|part| part == "ai_conversations");
    if in_place || file_name(path).starts_with("ai_conversations") { Kind::WithAi } else { Kind::Ordinary }
}

/// Whether a path lies in a folder that only these downloads have.
pub(crate) fn in_download(path: &str) -> bool {
    components(folder(path)).any(|part| ROOTS.contains(&part))
}

/// The app that a path (or the name of the input) names, above the names of threads.
pub(crate) fn app(path: &str) -> Option<&'static str> {
    let above = components(path).take_while(|part| *part != "messages" && !BOXES.contains(part));
    above.map(str::to_lowercase).find_map(|part| {
        let named = |app: &str| {
            let rest = part.strip_prefix(app);
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)) || part.ends_with(&format!("_of_{app}"))
        };
        if part.starts_with("meta_ai_profile") || part.starts_with("meta_ai_app") {
            Some("meta_ai_app")
        } else if part == "your_instagram_activity" || named("instagram") {
            Some("instagram")
        } else {
            let facebook = ["your_facebook_activity", "your_activity_across_facebook"].contains(&part.as_str());
            (facebook || named("facebook")).then_some("messenger")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{app, kind, part_number, thread_key, thread_path};
    use crate::read::meta::people::Kind;

    #[test]
    fn parts_of_a_thread_meet_across_archives() {
        let first = "facebook-a-1.zip!your_facebook_activity/messages/inbox/metaai_1/message_1.json";
        let tenth = "facebook-a-2.zip!facebook-a-2\\your_facebook_activity\\messages\\inbox\\metaai_1\\message_10.json";
        assert_eq!(thread_key(first), thread_key(tenth));
        assert_eq!(part_number("message_10.json"), Some(10));
        assert_eq!(part_number("message_x.json"), None);
        assert_eq!(thread_path(first).as_deref(), Some("inbox/metaai_1"));
        assert_eq!(thread_path("metaai_1/message_1.html"), None);
    }

    #[test]
    fn places_tell_the_app_and_the_kind() {
        assert_eq!(app("your_instagram_activity/messages/inbox/a/message_1.json"), Some("instagram"));
        assert_eq!(app("your_activity_across_facebook/messages/inbox/a/message_1.json"), Some("messenger"));
        assert_eq!(app("x/messages/inbox/a/message_1.json"), None);
        assert_eq!(kind("messages/ai_conversations.json"), Kind::WithAi);
        assert_eq!(kind("messages/ai_conversations/thread_for_mailbox1_2.html"), Kind::WithAi);
        assert_eq!(kind("messages/inbox/metaai_1/message_1.json"), Kind::Ordinary);
    }
}
