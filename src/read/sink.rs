//! What readers yield, brought to one form: trimmed, line ends alike, nothing empty.

use super::Sink;
use super::ledger::{FileLine, Ledger};
use crate::chat::{Conversation, Message};
use crate::error::Result;

/// So many troubles of one member are told one by one; the rest is counted.
const TOLD: usize = 8;

/// A sink that keeps what comes.
#[derive(Debug, Default)]
pub struct Collector {
    /// What was read.
    pub conversations: Vec<Conversation>,
    /// What was counted and what went wrong.
    pub ledger: Ledger,
    /// The member's place, for troubles.
    place: String,
    format: Option<&'static str>,
}

impl Collector {
    /// A collector for a member or a task of a format.
    pub fn new(place: &str, format: &'static str) -> Self {
        Collector { place: place.to_owned(), format: Some(format), ..Collector::default() }
    }
}

impl Sink for Collector {
    fn conversation(&mut self, mut conversation: Conversation) -> Result<()> {
        settle(&mut conversation, &mut self.ledger);
        if !conversation.messages.is_empty() {
            self.conversations.push(conversation);
        }
        Ok(())
    }

    fn skip(&mut self, reason: &'static str, count: u64) {
        if count > 0 {
            self.ledger.skip(reason, count);
        }
    }

    fn trouble(&mut self, place: &str, message: &str) {
        self.ledger.skip("bad_record", 1);
        if self.ledger.files.len() < TOLD {
            let place = if place.is_empty() { self.place.clone() } else { format!("{}: {place}", self.place) };
            let detail = message.to_owned();
            self.ledger.files.push(FileLine { place, format: self.format, reason: Some("bad_record"), detail });
        }
    }
}

/// Brings the texts to their form and drops messages without any.
pub fn settle(conversation: &mut Conversation, ledger: &mut Ledger) {
    let before = conversation.messages.len();
    for message in &mut conversation.messages {
        settle_message(message);
    }
    conversation.messages.retain(|message| !message.is_empty());
    let dropped = before - conversation.messages.len();
    if dropped > 0 {
        ledger.skip("no_text", dropped as u64);
    }
}

/// Brings one message's texts to their form.
pub fn settle_message(message: &mut Message) {
    settle_text(&mut message.text);
    message.attachments.iter_mut().for_each(settle_text);
    message.attachments.retain(|text| !text.is_empty());
}

fn settle_text(text: &mut String) {
    if memchr::memchr(b'\r', text.as_bytes()).is_some() && text.contains("\r\n") {
        *text = text.replace("\r\n", "\n");
    }
    let kept = text.trim();
    if kept.len() != text.len() {
        *text = kept.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Role;

    #[test]
    fn empty_messages_are_dropped_and_counted() {
        let mut conversation = Conversation::new("generic", None, "c");
        conversation.messages =
            [" a\r\nb\r ", " \n", "x"].into_iter().map(|text| Message::new(Role::User, text)).collect();
        conversation.messages[2].text.clear();
        conversation.messages[2].attachments = vec![" ".into(), "paste\r\n".into()];
        let mut sink = Collector::new("f", "generic");
        sink.conversation(conversation).expect("collects");
        let kept = &sink.conversations[0].messages;
        assert_eq!(
            (kept.len(), kept[0].text.as_str(), &kept[1].attachments[..]),
            (2, "a\nb", &["paste".to_owned()][..])
        );
        assert_eq!(sink.ledger.skipped.get("no_text"), Some(&1));
    }
}
