//! The way of all messages through the policy: whether it covers them, and what it lets become of those that it does.

use super::super::chart::{self, Stop};
use super::super::view::View;
use crate::finding::{AdUse, Scope};

/// The picture; none where all messages go one way and stop there, which needs no picture.
pub(super) fn flow(view: &View) -> Option<String> {
    let (words, summary) = (view.words, view.summary());
    let [covered, out, unknown] = [Scope::In, Scope::Out, Scope::Unknown].map(|scope| summary.scopes[scope as usize]);
    let [kept, free, unsure] =
        [AdUse::Excluded, AdUse::Available, AdUse::Unknown].map(|ad_use| summary.ad_use[ad_use as usize]);
    let stop = |key, value, class| Stop { name: words.get(key).to_owned(), count: words.number(value), value, class };
    let open = unsure.saturating_sub(unknown);
    let present = |stops: Vec<Stop>| stops.into_iter().filter(|stop| stop.value > 0).collect::<Vec<Stop>>();
    let middle = present(vec![
        stop("flow-in", covered, "in"),
        stop("flow-unknown", unknown, "open"),
        stop("flow-out", out, "out"),
    ]);
    let last = present(vec![
        stop("flow-kept", kept, "limit"),
        stop("flow-free", free, "left"),
        stop("flow-open", open, "open"),
    ]);
    if middle.len() + last.len() < 2 {
        return None;
    }
    let told = |stops: &[Stop]| {
        let one = |stop: &Stop| format!("{} {}", words.lower(&stop.name), stop.count);
        words.list(&stops.iter().map(one).collect::<Vec<String>>())
    };
    let all = words.number(summary.messages);
    let mut label = words.fill("flow-desc", &[("n", &all), ("list", &told(&middle))]);
    if !last.is_empty() {
        label += &words.fill("flow-desc-in", &[("list", &told(&last))]);
    }
    Some(chart::flow(&stop("flow-all", summary.messages, "all"), &middle, &last, &label))
}
