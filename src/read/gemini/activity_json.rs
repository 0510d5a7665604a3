//! `MyActivity.json`.

use serde::Deserialize;

use super::activity::{Activity, Log};
use super::is_ours;
use crate::error::Result;
use crate::input::Member;
use crate::read::html::fragment_text;
use crate::read::json::{self, Lax, List, Text, Time};
use crate::read::split::each_record;
use crate::read::{Sink, Split};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    header: Text,
    title: Text,
    #[serde(rename = "titleUrl")]
    link: Text,
    time: Time,
    products: List<Text>,
    text: Text,
    #[serde(rename = "attachmentInfo")]
    attachments: List<serde::de::IgnoredAny>,
    #[serde(rename = "safeHtmlItem")]
    replies: List<Lax<Reply>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reply {
    html: Text,
}

/// Reads a file of activities.
pub(crate) fn read(member: &Member, sink: &mut dyn Sink) -> Result<()> {
    let mut log = Log::default();
    let outcome = each_record(member, Split::Elements(None), &mut |record, number| {
        let item = match json::parse::<Lax<Item>>(record) {
            Ok(Lax(item)) => item,
            Err(error) => {
                sink.trouble(&format!("record {number}"), error.message());
                return Ok(());
            }
        };
        let names = item.header.0.iter().chain(item.products.0.iter().filter_map(|product| product.0.as_ref()));
        if !names.into_iter().any(|name| is_ours(name)) {
            sink.skip("other_product", 1);
            return Ok(());
        }
        sink.skip("attachment", item.attachments.0.len() as u64);
        log.push(activity(item))
    });
    // What stands before a cut is told before the cut is.
    log.conclude(member.stem(), sink)?;
    outcome
}

fn activity(item: Item) -> Activity {
    let replies = item.replies.0.iter().filter_map(|reply| reply.0.html.0.as_deref()).map(fragment_text);
    let replies: Vec<String> = replies.filter(|reply| !reply.is_empty()).collect();
    Activity {
        time: item.time.0,
        conversation: item.link.0.as_deref().and_then(conversation_id),
        title: item.title.0.unwrap_or_default(),
        prompt: item.text.0,
        reply: replies.join("\n"),
    }
}

/// The id in `https://gemini.google.com/app/<id>`.
pub(crate) fn conversation_id(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("gemini.google.com/")?;
    let (_, id) = rest.split_once("app/")?;
    let end = id.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(id.len());
    (end > 0).then(|| id[..end].to_owned())
}
