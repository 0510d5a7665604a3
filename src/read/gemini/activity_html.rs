//! `MyActivity.html`, Takeout's default: a card an activity.

use scraper::{ElementRef, Html};

use super::activity::{Activity, conclude};
use super::activity_json::conversation_id;
use super::is_ours;
use crate::error::Result;
use crate::input::Member;
use crate::read::html::{has_class, parse_part, text_of};
use crate::read::{Sink, written_time};

/// How every card begins. Pages of years are hundreds of megabytes: they are cut into cards before they are parsed.
const CARD: &str = "<div class=\"outer-cell";

/// Reads a page of activities.
pub(crate) fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let page = member.text()?;
    let mut activities = Vec::new();
    for (number, card) in page.split(CARD).skip(1).enumerate() {
        let Ok(card) = parse_part(&format!("{CARD}{card}")) else {
            sink.trouble(&format!("card {}", number + 1), "elements nested too deep");
            continue;
        };
        match activity(&card) {
            Some(activity) => activities.push(activity),
            None => sink.skip("other_product", 1),
        }
    }
    conclude(activities, member.stem(), sink)
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
