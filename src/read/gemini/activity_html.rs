//! `MyActivity.html`, Takeout's default: a card an activity.

use std::io::Read;

use scraper::{ElementRef, Html};

use super::activity::{Activity, Log};
use super::activity_json::conversation_id;
use super::is_ours;
use crate::error::{Error, ErrorKind, Result};
use crate::input::Member;
use crate::read::html::{has_class, parse_part, text_of};
use crate::read::{Sink, written_time};

/// How every card begins. Pages of years are hundreds of megabytes: they are cut into cards before they are parsed.
const CARD: &str = "<div class=\"outer-cell";

/// A card over this size is none.
const LONGEST: usize = 64 << 20;

/// Reads a page of activities.
pub(crate) fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut log = Log::default();
    let outcome = each_card(member, &mut |card, number| {
        let Ok(card) = parse_part(card) else {
            sink.trouble(&format!("card {number}"), "elements nested too deep");
            return Ok(());
        };
        match activity(&card) {
            Some(activity) => log.push(activity),
            None => {
                sink.skip("other_product", 1);
                Ok(())
            }
        }
    });
    // What stands before a cut is told before the cut is.
    log.conclude(member.stem(), sink)?;
    outcome
}

/// Cuts the page into its cards, one in memory at a time.
fn each_card(member: &Member, take: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()> {
    let mut page = member.open()?;
    let mut buffer: Vec<u8> = Vec::new();
    // What stands before the first card is none.
    let (mut number, mut inside, mut looked_at) = (0, false, 0);
    loop {
        let read = (&mut page).take(1 << 20).read_to_end(&mut buffer);
        let mut card = 0;
        while let Some(at) = memchr::memmem::find(&buffer[looked_at..], CARD.as_bytes()) {
            let next = looked_at + at;
            if inside {
                number += 1;
                take(&String::from_utf8_lossy(&buffer[card..next]), number)?;
            }
            (inside, card, looked_at) = (true, next, next + CARD.len());
        }
        let done = read.map_err(|e| Error::from(e).at(member.place()))? == 0;
        // The beginning of a card may be cut by the end of the piece.
        looked_at = looked_at.max(buffer.len().saturating_sub(CARD.len()));
        if !inside {
            card = looked_at;
        }
        buffer.drain(..card);
        looked_at -= card;
        if buffer.len() > LONGEST {
            return Err(Error::new(ErrorKind::Limit, "a card is over the limit of 64 MiB").at(member.place()));
        }
        if done {
            break;
        }
    }
    if inside { take(&String::from_utf8_lossy(&buffer), number + 1) } else { Ok(()) }
}

fn activity(card: &Html) -> Option<Activity> {
    let cells = |class: &'static str| elements(card).filter(move |element| has_class(*element, class));
    let caption = cells("mdl-typography--caption").map(text_of);
    let ours = cells("header-cell").map(text_of).chain(caption).any(|name| is_ours(&name));
    let is_body = |cell: &ElementRef<'_>| {
        cell.value().classes().any(|class| class.ends_with("body-1")) && !has_class(*cell, "mdl-typography--text-right")
    };
    let body = cells("content-cell").find(is_body).filter(|_| ours)?;
    let links = elements(card).filter_map(|element| element.value().attr("href"));
    let conversation = links.into_iter().find_map(conversation_id);
    Some(Activity { conversation, ..parts(&text_of(body)) })
}

fn elements(card: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    card.tree.root().descendants().filter_map(ElementRef::wrap)
}

/// `Prompted text`, the line with the time, the reply. A time that cannot be read stands in the second line.
fn parts(text: &str) -> Activity {
    let lines: Vec<&str> = text.lines().collect();
    let timed = lines.iter().enumerate().skip(1).find_map(|(at, line)| Some((at, written_time::parse(line)?)));
    let (at, time) = timed.map_or((1, None), |(at, time)| (at, Some((time.at, time.local))));
    let title = lines[..at.min(lines.len())].join("\n");
    let reply = lines.get(at + 1..).unwrap_or_default().join("\n");
    Activity { time, conversation: None, title, prompt: None, reply }
}
