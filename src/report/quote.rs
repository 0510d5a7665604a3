//! Messages with their words marked, for the local page that `--quote` asks for. Nothing else in a report holds text.

use crate::chat::{Message, Timestamp};
use crate::finding::{CategoryId, Disclosure, Evidence, Finding, Intent, TopicId};

use super::Names;

/// Most messages of each kind that a page keeps; a browser can still scroll them.
const MOST: usize = 3_000;
/// Bytes of one text that are shown, around the first mark.
const LONGEST: usize = 3_000;
/// What is shown before the first mark of a text that is too long.
const BEFORE: usize = 600;

/// A flagged message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Platform.
    pub platform: &'static str,
    /// The conversation's id.
    pub conversation_id: String,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// Sensitive categories, listed or not, and whom they are about.
    pub categories: Vec<(CategoryId, Disclosure)>,
    /// Tier-1 ad topics.
    pub topics: Vec<TopicId>,
    /// Commercial intent.
    pub intent: Intent,
    /// The message's text and its attachments.
    pub texts: Vec<Vec<Piece>>,
}

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// The category or field that they speak for.
    pub mark: Option<String>,
}

impl Quote {
    /// A message with a sensitive category or an ad topic; none for any other.
    pub fn of(finding: &Finding, message: &Message, names: &Names) -> Option<Quote> {
        let said = &finding.assessment;
        let verdicts = said.sensitive.iter().chain(&said.unlisted);
        let categories: Vec<(CategoryId, Disclosure)> = verdicts.map(|v| (v.category, v.disclosure)).collect();
        let mut topics: Vec<TopicId> =
            said.topics.iter().filter_map(|one| names.topic(one.topic)).map(|name| name.root).collect();
        topics.dedup();
        if categories.is_empty() && topics.is_empty() {
            return None;
        }
        let wanted: Vec<&str> = categories
            .iter()
            .map(|(id, _)| names.category_id(*id))
            .chain(topics.iter().filter_map(|id| names.topic(*id)).map(|name| name.name.as_str()))
            .collect();
        let parts = std::iter::once(&message.text).chain(&message.attachments);
        let marked = |(part, text): (usize, &String)| {
            let found = said.evidence.iter().filter(|one| one.part == part && one.weight > 0.0);
            pieces(text, found.filter(|one| wanted.contains(&field(&one.category))))
        };
        Some(Quote {
            platform: finding.platform,
            conversation_id: finding.conversation_id.as_ref().to_owned(),
            sent_at: finding.sent_at,
            categories,
            topics,
            intent: said.intent,
            texts: parts.enumerate().map(marked).filter(|pieces| !pieces.is_empty()).collect(),
        })
    }
}

/// `Travel` of `Travel/Hotels and Motels`.
fn field(category: &str) -> &str {
    category.split('/').next().unwrap_or(category)
}

/// A text cut at its marks; where two overlap, the first one counts.
fn pieces<'a>(text: &str, found: impl Iterator<Item = &'a Evidence>) -> Vec<Piece> {
    let mut marks: Vec<(usize, usize, &str)> = found
        .filter(|one| text.get(one.span.0..one.span.1).is_some_and(|words| !words.is_empty()))
        .map(|one| (one.span.0, one.span.1, field(&one.category)))
        .collect();
    marks.sort_unstable();
    let (from, to) = window(text, marks.first().map_or(0, |mark| mark.0));
    let mut out = Vec::new();
    let mut push = |text: &str, mark: Option<&str>| {
        if !text.is_empty() {
            out.push(Piece { text: text.to_owned(), mark: mark.map(str::to_owned) });
        }
    };
    push(if from > 0 { "… " } else { "" }, None);
    let mut at = from;
    for (start, end, category) in marks {
        if start >= at && end <= to {
            push(&text[at..start], None);
            push(&text[start..end], Some(category));
            at = end;
        }
    }
    push(&text[at..to], None);
    push(if to < text.len() { " …" } else { "" }, None);
    out
}

/// The part of a text that is shown.
fn window(text: &str, first: usize) -> (usize, usize) {
    if text.len() <= LONGEST {
        return (0, text.len());
    }
    let from = boundary(text, if first > LONGEST / 2 { first - BEFORE } else { 0 });
    (from, boundary(text, from + LONGEST))
}

/// The last place at or before `at` that does not part a character.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

/// The messages of an archive, in its order, as many as a page can bear: those on a sensitive topic, and the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quotes {
    /// Those kept.
    pub kept: Vec<Quote>,
    /// How many are not shown.
    pub more: u64,
    sensitive: usize,
}

impl Quotes {
    /// Adds a message, or counts it where there are too many of its kind.
    pub fn add(&mut self, quote: Quote) {
        let sensitive = !quote.categories.is_empty();
        let same = if sensitive { self.sensitive } else { self.kept.len() - self.sensitive };
        if same >= MOST {
            self.more += 1;
            return;
        }
        self.sensitive += usize::from(sensitive);
        self.kept.push(quote);
    }

    /// Adds those of the stretch of input that follows.
    pub fn merge(&mut self, next: Quotes) {
        self.more += next.more;
        next.kept.into_iter().for_each(|quote| self.add(quote));
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, MOST, Quote, Quotes, pieces};
    use crate::chat::{Message, Role};
    use crate::finding::Evidence;
    use crate::report::sample;

    fn evidence(span: (usize, usize), category: &str) -> Evidence {
        Evidence {
            span,
            part: 0,
            category: category.into(),
            phrase: String::new(),
            weight: 1.0,
            because: String::new(),
        }
    }

    #[test]
    fn texts_are_cut_at_their_marks() {
        let found =
            [evidence((4, 8), "health"), evidence((6, 12), "politics"), evidence((13, 17), "Travel/Air Travel")];
        let cut = pieces("you rash is in Rome", found.iter().chain(&[evidence((0, 99), "health")]));
        let shown: Vec<(&str, Option<&str>)> = cut.iter().map(|p| (p.text.as_str(), p.mark.as_deref())).collect();
        let wanted =
            [("you ", None), ("rash", Some("health")), (" is i", None), ("n Ro", Some("Travel")), ("me", None)];
        assert_eq!(shown, wanted);
        assert_eq!(pieces("é", [evidence((1, 2), "health")].iter()).len(), 1, "half a character is no mark");
    }

    #[test]
    fn a_long_text_is_shown_around_its_first_mark() {
        let text = format!("{}é pain {}", "a ".repeat(4_000), "b ".repeat(4_000));
        let at = text.find("pain").unwrap();
        let cut = pieces(&text, [evidence((at, at + 4), "health")].iter());
        assert!(cut[0].text == "… " && cut[2].text == "pain" && cut.last().unwrap().text == " …");
        assert!(cut.iter().map(|piece| piece.text.len()).sum::<usize>() <= LONGEST + 8);
    }

    #[test]
    fn only_flagged_messages_are_kept_and_not_without_end() {
        let (names, message) = (sample::names(), Message::new(Role::User, "my SECRET"));
        let findings = sample::findings(40);
        let quotes: Vec<Quote> = findings.iter().filter_map(|f| Quote::of(f, &message, &names)).collect();
        assert!(quotes.len() < findings.len() && quotes[0].texts[0][1].text == "SECRET");
        let (mut one, mut two) = (Quotes::default(), Quotes::default());
        (0..MOST + 5).for_each(|_| two.add(quotes[0].clone()));
        one.merge(two);
        assert_eq!((one.kept.len(), one.more), (MOST, 5));
    }
}
