//! Thread pages of Instagram and Facebook: a block a message, newest first.

use scraper::{ElementRef, Html};

use super::people::{Owner, is_ai};
use super::place;
use super::thread::{Line, Thread};
use crate::error::Result;
use crate::input::Member;
use crate::read::html::{has_class, parse_page, text_of, text_without};
use crate::read::{Sink, written_time};

/// Reads the parts of a thread, in their order, and hands it on.
pub(crate) fn read(parts: &[Member], surface: &'static str, owner: &Owner, sink: &mut dyn Sink) -> Result<()> {
    let mut thread: Option<Thread> = None;
    for part in parts {
        let page = match part.text().and_then(|text| parse_page(&text)) {
            Ok(page) => page,
            Err(error) if parts.len() > 1 => {
                sink.trouble(&part.path, error.message());
                continue;
            }
            Err(error) => return Err(error),
        };
        let thread = thread.get_or_insert_with(|| start(&page, part, surface));
        blocks(&page).for_each(|block| take(thread, block));
    }
    thread.map_or(Ok(()), |thread| thread.conclude(owner, sink))
}

fn start(page: &Html, part: &Member, surface: &'static str) -> Thread {
    let title = elements(page).find(|e| has_class(*e, "_a70e")).map(text_of).filter(|title| !title.is_empty());
    let path = place::thread_path(&part.path);
    let is_local = path.is_none();
    let id = path.or_else(|| title.clone()).unwrap_or_else(|| part.stem().to_owned());
    let mut thread = Thread::new(id, surface, place::kind(&part.path));
    thread.id_is_local = is_local;
    thread.title = title;
    thread
}

fn elements(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    page.tree.root().descendants().filter_map(ElementRef::wrap)
}

fn blocks(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    elements(page).filter(|element| has_class(*element, "_a6-g"))
}

fn take(thread: &mut Thread, block: ElementRef<'_>) {
    let part = |class: &str| block.descendants().filter_map(ElementRef::wrap).find(|e| has_class(*e, class));
    let time = part("_a6-o").map(text_of);
    let Some(sender) = part("_a6-h").filter(|_| time.is_some()) else {
        // The first block lists the participants, and has no time.
        let names = text_of(block);
        thread.participants.extend(participants(&names));
        return;
    };
    let time = time.and_then(|time| written_time::parse(&time));
    let body = part("_a6-p");
    let text = body.map(|body| text_without(body, |e| has_class(e, "_a6-q"))).unwrap_or_default();
    let shares = body.is_some_and(|body| body.descendants().any(|n| n.value().as_element().is_some_and(is_share)));
    let line = Line { author: text_of(sender), at: time.map(|t| t.at), local: time.is_some_and(|t| t.local), text };
    thread.push(line, shares);
}

fn is_share(element: &scraper::node::Element) -> bool {
    matches!(element.name(), "a" | "img" | "video" | "audio")
}

/// The assistant's name, if `Participants: Zoë Müller, Bo Lind and Meta AI` holds it. Other names are not split off: the
/// words between them are translated.
fn participants(text: &str) -> Option<String> {
    let list = text.split_once(':').map_or(text, |(_, names)| names);
    let assistant = list.split([',', '\n']).any(|piece| {
        let words: Vec<&str> = piece.split_whitespace().collect();
        let link = |word: Option<&&str>| word.is_none_or(|word| word.chars().all(char::is_lowercase));
        (0..words.len()).any(|at| {
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            words.len() > at + 1 && is_ai(&words[at..at + 2].join(" ")) && link(before) && link(words.get(at + 2))
        })
    });
    assistant.then(|| "Meta AI".to_owned())
}

#[cfg(test)]
mod tests {
    use super::participants;

    #[test]
    fn the_assistant_is_found_among_participants() {
        assert!(participants("Participants: Zoë Müller, Bo Lind and Meta AI").is_some());
        assert!(participants("Teilnehmer: Meta AI und Zoë").is_some());
        assert!(participants("Zoë Müller and Bo").is_none());
        assert!(participants("Participants: The Meta AI Fans").is_none());
    }
}
