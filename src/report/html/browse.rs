//! The messages themselves, to be looked through: only in the local page that `--quote` asks for.

use std::collections::BTreeMap;

use super::super::quote::{Piece, Quote, Quotes};
use super::super::view::View;
use crate::finding::{Disclosure, Intent};
use crate::tally::Month;

/// The script that hides what was not asked for. Without it, everything is shown.
pub(super) const SCRIPT: &str = include_str!("../browse.js");

/// A choice of a filter: its value, its name, how many messages have it.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) count: String,
}

/// A filter.
pub(super) struct Filter {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) any: &'static str,
    pub(super) choices: Vec<Choice>,
}

/// A message.
pub(super) struct Entry {
    pub(super) platform: String,
    pub(super) id: String,
    pub(super) day: String,
    /// Values for the filters, parted by blanks.
    pub(super) values: [String; 4],
    pub(super) tags: Vec<String>,
    pub(super) texts: Vec<Vec<Piece>>,
}

/// The section.
pub(super) struct Browse {
    pub(super) filters: Vec<Filter>,
    pub(super) entries: Vec<Entry>,
    /// How many are shown, and that there are more.
    pub(super) lead: String,
    /// `{n} of {m} messages`, for the script to fill in.
    pub(super) shown: String,
}

impl Browse {
    pub(super) fn of(view: &View, quotes: &Quotes) -> Browse {
        let words = view.words;
        let kept = quotes.kept.len() as u64;
        let mut lead = words.count("browse-lead", kept, &[]);
        if quotes.more > 0 {
            lead = format!("{lead} {}", words.count("browse-more", quotes.more, &[]));
        }
        Browse {
            filters: filters(view, quotes),
            entries: quotes.kept.iter().map(|quote| entry(view, quote)).collect(),
            lead,
            shown: words.get("browse-shown").to_owned(),
        }
    }
}

fn values(view: &View, quote: &Quote) -> [Vec<(String, String)>; 4] {
    let (words, names) = (view.words, view.names());
    let category = |(id, _): &(crate::finding::CategoryId, Disclosure)| {
        (names.category_id(*id).to_owned(), names.category(*id, words).to_owned())
    };
    let topic = |id: &crate::finding::TopicId| {
        names.topic(*id).map(|name| (format!("t{}", id.0), words.text(&name.name).to_owned())).unwrap_or_default()
    };
    let about = |(_, disclosure): &(crate::finding::CategoryId, Disclosure)| {
        let name = disclosure.name();
        (name.to_owned(), words.coded("col-", name).unwrap_or(name).to_owned())
    };
    let month = quote.sent_at.and_then(Month::of);
    let month = month.map_or_else(
        || ("none".to_owned(), words.get("browse-undated").to_owned()),
        |month| (month.to_string(), words.month(month)),
    );
    let mut abouts: Vec<_> = quote.categories.iter().map(about).collect();
    abouts.sort();
    abouts.dedup();
    [quote.categories.iter().map(category).collect(), quote.topics.iter().map(topic).collect(), abouts, vec![month]]
}

fn filters(view: &View, quotes: &Quotes) -> Vec<Filter> {
    let words = view.words;
    let mut counts: [BTreeMap<(String, String), u64>; 4] = Default::default();
    for quote in &quotes.kept {
        for (counted, found) in counts.iter_mut().zip(values(view, quote)) {
            found.into_iter().for_each(|value| *counted.entry(value).or_default() += 1);
        }
    }
    let ids = ["category", "topic", "about", "month"];
    let keys = ["browse-category", "browse-topic", "browse-about", "browse-month"];
    let choices = |(place, counted): (usize, BTreeMap<(String, String), u64>)| {
        let mut counted: Vec<_> = counted.into_iter().collect();
        if place < 2 {
            // Names in alphabetical order; months as they come.
            counted.sort_by(|((_, a), _), ((_, b), _)| a.cmp(b));
        }
        let choice =
            |((value, name), count): ((String, String), u64)| Choice { value, name, count: words.number(count) };
        Filter {
            id: ids[place],
            name: words.get(keys[place]),
            any: words.get("browse-any"),
            choices: counted.into_iter().map(choice).collect(),
        }
    };
    counts.into_iter().enumerate().map(choices).collect()
}

fn entry(view: &View, quote: &Quote) -> Entry {
    let (words, names) = (view.words, view.names());
    let mut tags: Vec<String> = quote
        .categories
        .iter()
        .map(|(id, disclosure)| {
            let about = words.coded("col-", disclosure.name()).unwrap_or_default();
            format!("{} ({})", names.category(*id, words), words.lower(about))
        })
        .collect();
    tags.extend(quote.topics.iter().filter_map(|id| names.topic(*id)).map(|name| words.text(&name.name).to_owned()));
    if quote.intent == Intent::Purchase {
        tags.push(words.get("col-purchase").to_owned());
    }
    let joined = |found: Vec<(String, String)>| found.into_iter().map(|(value, _)| value).collect::<Vec<_>>().join(" ");
    Entry {
        platform: words.platform(quote.platform).to_owned(),
        id: quote.conversation_id.clone(),
        day: quote.sent_at.map_or_else(|| words.get("browse-undated").to_owned(), |at| words.day(at)),
        values: values(view, quote).map(joined),
        tags,
        texts: quote.texts.iter().map(|text| text.iter().map(|piece| named(view, piece)).collect()).collect(),
    }
}

/// A piece whose mark is a name instead of an id.
fn named(view: &View, piece: &Piece) -> Piece {
    let categories = &view.names().categories;
    let name = |mark: &String| {
        let category = categories.iter().find(|category| category.id == *mark);
        category.map_or_else(|| mark.clone(), |one| one.name(view.words).to_owned())
    };
    Piece { text: piece.text.clone(), mark: piece.mark.as_ref().map(name) }
}
