//! Meta: Facebook and Instagram downloads, Messenger's encrypted chats, the Meta AI app.
//!
//! Files are found by their content; the path tells the thread, the part, the app, and whether it is a place of AI chats.
//! Law: a thread without an AI is counted, never emitted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::people::{Kind, Owner};
use super::catalog::{Catalog, Content, Entry, State};
use super::{Format, How, Interest, ReadStream, Task, Told};
use crate::error::Result;
use crate::input::Member;

mod account;
mod ai_html;
mod ai_json;
mod app_lines;
mod columns;
mod interests;
mod messages_html;
mod messages_json;
mod owner;
mod people;
mod place;
mod tables;
mod thread;
mod tree;

/// The detail of ledger lines of members that `interests` reads.
const LISTS_INTERESTS: &str = "lists interests, not chats";

/// Meta's exports.
#[derive(Debug)]
pub(crate) struct Meta;

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    /// `message_N.json`.
    Thread,
    /// `message_N.html`.
    ThreadPage,
    /// An end-to-end encrypted chat.
    Encrypted,
    /// `ai_conversations.json`.
    AiTree,
    /// A page of one AI thread.
    AiPage,
    /// The page of the Meta AI app.
    AppPage,
}

impl Format for Meta {
    fn id(&self) -> &'static str {
        "meta"
    }

    fn about(&self) -> &'static str {
        "Meta AI in Facebook, Instagram and Meta AI app downloads (JSON or HTML): messages/…/message_N, ai_conversations, \
         end-to-end encrypted Messenger chats"
    }

    fn plan(&self, catalog: &mut Catalog) -> Vec<Task> {
        let pages = claim(catalog);
        let owner = Arc::new(find_owner(catalog));
        let (works, human): (Vec<Work>, Vec<Work>) =
            gather(catalog, &pages, &owner).into_iter().partition(|work| work.can_have_ai(catalog));
        human.iter().flat_map(|work| &work.entries).for_each(|&i| catalog.skip(i, "human_only", ""));
        skip_others(catalog);
        works.into_iter().map(|work| work.task(catalog, Arc::clone(&owner))).collect()
    }

    fn interests(&self, catalog: &Catalog) -> Vec<Interest> {
        let marked = |entry: &&Entry| matches!(&entry.state, State::Skipped(_, detail) if detail == LISTS_INTERESTS);
        let lists = catalog.entries.iter().filter(marked);
        let read =
            lists.filter_map(|entry| interests::read(&entry.member, interests::listing(entry)?, entry.content).ok());
        read.flatten().collect()
    }

    fn told(&self, catalog: &Catalog) -> Told {
        let mut told = Told::default();
        catalog.entries.iter().for_each(|entry| account::learn(&mut told, entry));
        told
    }
}

/// What one listing says; nothing when the member is none.
fn list(entry: &Entry) -> Result<Vec<Interest>> {
    let listing = interests::listing(entry);
    listing.map_or(Ok(Vec::new()), |listing| interests::read(&entry.member, listing, entry.content))
}

/// Claims every page that holds chats; its place in the catalog and what it is.
fn claim(catalog: &mut Catalog) -> Vec<(usize, Holds)> {
    let candidates = catalog.free(|entry| matches!(entry.content, Content::Json | Content::Html));
    let mut pages: Vec<(usize, Holds)> =
        candidates.into_iter().filter_map(|i| Some((i, page(&catalog.entries[i])?))).collect();
    // Beside the pages of the threads stands a page that only lists them.
    let is_index = |i: usize| catalog.entries[i].member.stem() == "ai_conversations";
    let (indexes, threads): (Vec<_>, Vec<_>) =
        pages.iter().copied().partition(|&(i, page)| page == Holds::AiPage && is_index(i));
    if threads.iter().any(|(_, page)| *page == Holds::AiPage) {
        pages = threads;
        indexes.into_iter().for_each(|(i, _)| catalog.skip(i, "not_chat", "list of threads"));
    }
    for &(i, _) in &pages {
        catalog.claim(i, "meta");
    }
    pages
}

fn page(entry: &Entry) -> Option<Holds> {
    if owner::is_profile(entry) || interests::listing(entry).is_some() {
        return None;
    }
    match entry.content {
        Content::Json => json_page(entry),
        Content::Html => html_page(entry),
        _ => None,
    }
}

fn json_page(entry: &Entry) -> Option<Holds> {
    let shape = entry.shape();
    if shape.has("messages[].sender_name") || shape.has("thread_path") && shape.has("participants") {
        Some(Holds::Thread)
    } else if shape.has("messages[].senderName") || shape.has("threadName") && shape.has("participants") {
        Some(Holds::Encrypted)
    } else {
        is_ai_tree(entry).then_some(Holds::AiTree)
    }
}

/// Many files of a download are trees of labelled values, so the place must tell; a loose file must name the assistant.
fn is_ai_tree(entry: &Entry) -> bool {
    let (shape, path) = (entry.shape(), entry.member.path.as_str());
    let tree = ["label_values", "[].label_values", "*[].label_values"].into_iter().any(|path| shape.has(path));
    let messages = ["label_values[].dict[].dict[].timestamp_value", "[].label_values[].dict[].dict[].timestamp_value"];
    let loose = || !place::in_download(path) && entry.head.contains("\"Meta AI\"");
    tree && (place::kind(path) == Kind::WithAi || loose() && messages.iter().any(|path| shape.has(path)))
}

fn html_page(entry: &Entry) -> Option<Holds> {
    let (head, path) = (entry.head.as_str(), entry.member.path.as_str());
    let ai_page = place::kind(path) == Kind::WithAi || entry.member.stem().starts_with("thread_for_mailbox");
    // Likes, comments and posts are written in the same blocks.
    let named = !place::in_download(path) || place::part_number(entry.name()).is_some();
    if entry.member.stem() == "your_ai_conversations" || head.contains(">Conversation with Meta AI") {
        Some(Holds::AppPage)
    } else if named && head.contains("_a6-h") && head.contains("_a6-o") {
        Some(Holds::ThreadPage)
    } else {
        (ai_page && head.contains("_a6_q")).then_some(Holds::AiPage)
    }
}

fn find_owner(catalog: &mut Catalog) -> Owner {
    let mut owner = Owner::default();
    for i in catalog.free(owner::is_profile) {
        owner::learn(&mut owner, &catalog.entries[i]);
        catalog.skip(i, "not_chat", "profile");
    }
    owner
}

/// A piece of work: the members of one thread, or pages that are read together.
struct Work {
    page: Holds,
    surface: &'static str,
    entries: Vec<usize>,
}

impl Work {
    /// Whether the thread can have an AI in it. Most threads have none, and need not be parsed to see that.
    fn can_have_ai(&self, catalog: &Catalog) -> bool {
        let ordinary = matches!(self.page, Holds::Thread | Holds::ThreadPage | Holds::Encrypted);
        let unnamed = |entry: &Entry| {
            entry.whole && place::kind(&entry.member.path) == Kind::Ordinary && !people::names_ai(&entry.head)
        };
        !ordinary || !self.entries.iter().all(|&i| unnamed(&catalog.entries[i]))
    }

    fn task(self, catalog: &Catalog, owner: Arc<Owner>) -> Task {
        let (page, surface) = (self.page, self.surface);
        let members = self.entries.iter().map(|&i| catalog.entries[i].member.clone()).collect();
        let read: Arc<ReadStream> = match page {
            Holds::Thread => Arc::new(move |parts, sink| messages_json::read(parts, surface, &owner, sink)),
            Holds::ThreadPage => Arc::new(move |parts, sink| messages_html::read(parts, surface, &owner, sink)),
            Holds::AiPage => Arc::new(move |pages, sink| ai_html::read(pages, surface, &owner, sink)),
            Holds::Encrypted => each(move |one, sink| messages_json::read_encrypted(one, &owner, sink)),
            Holds::AiTree => each(move |one, sink| ai_json::read(one, surface, &owner, sink)),
            Holds::AppPage => each(ai_html::read_app),
        };
        Task { format: "meta", members, how: How::Stream(read) }
    }
}

/// Reads members one by one.
fn each(read: impl Fn(&Member, &mut dyn super::Sink) -> Result<()> + Send + Sync + 'static) -> Arc<ReadStream> {
    Arc::new(move |members, sink| members.iter().try_for_each(|member| read(member, sink)))
}

/// Puts the parts of each thread together, in the order of their first members.
fn gather(catalog: &Catalog, pages: &[(usize, Holds)], owner: &Owner) -> Vec<Work> {
    let mut works: Vec<Work> = Vec::new();
    let mut open: BTreeMap<(Holds, String), (usize, BTreeSet<u32>)> = BTreeMap::new();
    for &(i, page) in pages {
        let member = &catalog.entries[i].member;
        let part = place::part_number(member.name()).filter(|_| matches!(page, Holds::Thread | Holds::ThreadPage));
        let key = match (part, page) {
            (Some(_), _) => Some((page, place::thread_key(&member.path))),
            // Without a profile, the owner shows only over several pages.
            (None, Holds::AiPage) if owner.is_empty() => Some((page, String::new())),
            _ => None,
        };
        let surface = surface(catalog, &catalog.entries[i], page);
        let known = key.as_ref().and_then(|key| open.get_mut(key));
        // The same part again is another copy of the download, and stays apart.
        if let Some((at, parts)) = known.filter(|(_, parts)| part.is_none_or(|part| !parts.contains(&part))) {
            parts.extend(part);
            works[*at].entries.push(i);
            continue;
        }
        if let Some(key) = key {
            open.insert(key, (works.len(), part.into_iter().collect()));
        }
        works.push(Work { page, surface, entries: vec![i] });
    }
    for work in &mut works {
        work.entries.sort_by_key(|&i| place::part_number(catalog.entries[i].name()));
    }
    works
}

/// The app of a page: by its path, else by the input's name, else by the rest of the download, else by the kind of page
/// (Facebook's download is JSON by choice, Instagram's HTML by default).
fn surface(catalog: &Catalog, entry: &Entry, page: Holds) -> &'static str {
    if page == Holds::AppPage {
        return "meta_ai_app";
    }
    if page == Holds::Encrypted {
        return "messenger";
    }
    let named = place::app(&entry.member.path).or_else(|| place::app(place::file_name(&catalog.input)));
    let beside =
        || catalog.entries.iter().find_map(|other| place::app(&other.member.path).filter(|app| *app != "meta_ai_app"));
    let by_kind = if matches!(page, Holds::ThreadPage | Holds::AiPage) { "instagram" } else { "messenger" };
    named.or_else(beside).unwrap_or(by_kind)
}

/// Marks listings of interests, and what else the folders of a download hold, as files without chats.
fn skip_others(catalog: &mut Catalog) {
    for i in catalog.free(|entry| interests::listing(entry).is_some()) {
        match list(&catalog.entries[i]) {
            Ok(_) => catalog.skip(i, "not_chat", LISTS_INTERESTS),
            Err(error) => catalog.skip(i, "unreadable", error.message()),
        }
    }
    let is_download = catalog.entries.iter().any(|entry| place::in_download(&entry.member.path));
    let welcome = |entry: &Entry| is_download && matches!(entry.member.name(), "start_here.html" | "index.html");
    let documents = |entry: &Entry| matches!(entry.content, Content::Json | Content::Html | Content::Text);
    let side = catalog.free(|entry| documents(entry) && (place::in_download(&entry.member.path) || welcome(entry)));
    for i in side {
        catalog.skip(i, "not_chat", "");
    }
}
