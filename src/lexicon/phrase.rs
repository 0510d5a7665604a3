//! From a phrase as written to the spellings that match it: inflected forms, joined spellings, wildcards.
//!
//! A spelling is folded words parted by single spaces; `#` stands for any number, and a last word that ends in `*` for any
//! word that begins so.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::Text;

/// Stands for any number in place of its own hash.
pub const NUMBER_HASH: u64 = 0x0123_4567_89ab_cdef;

/// Shortest prefix: shorter ones would be looked up for nearly every word.
pub const MIN_PREFIX: usize = 3;

/// Longest phrase in words.
pub const MAX_WORDS: usize = 8;

/// Longest phrase in bytes.
const MAX_BYTES: usize = 1000;

/// So many forms a phrase has at most.
const MAX_FORMS: usize = 64;

/// An inflection class: endings and what they become, the first rule that fits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormClass {
    /// `last`: only the last word is inflected; `all`: every word that is not in `keep`.
    #[serde(default)]
    pub words: Which,
    /// Words that never change (of, de, la …); only for `all`.
    #[serde(default)]
    pub keep: Vec<String>,
    /// `[ending, [replacement, …]]`; an empty ending always fits.
    pub rules: Vec<(String, Vec<String>)>,
}

/// Which words of a phrase a class inflects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// The last one.
    #[default]
    Last,
    /// All but the ones to keep.
    All,
}

impl FormClass {
    fn inflect(&self, word: &str) -> Vec<String> {
        for (ending, replacements) in &self.rules {
            if let Some(stem) = word.strip_suffix(ending.as_str()) {
                return replacements.iter().map(|r| format!("{stem}{r}")).collect();
            }
        }
        vec![word.to_owned()]
    }

    fn expand(&self, phrase: &str) -> Vec<String> {
        if self.words == Which::Last {
            let (start, last) = phrase.split_at(phrase.rfind(' ').map_or(0, |space| space + 1));
            let inflected = self.inflect(last).into_iter().take(MAX_FORMS);
            return inflected.map(|word| [start, &word].concat()).collect();
        }
        let words: Vec<&str> = phrase.split(' ').collect();
        let mut phrases = vec![String::new()];
        for (place, word) in words.iter().enumerate() {
            let kept = self.keep.iter().any(|k| k == word);
            let inflected = if kept { vec![(*word).to_owned()] } else { self.inflect(word) };
            phrases = phrases
                .iter()
                .flat_map(|start| {
                    inflected.iter().map(move |w| format!("{start}{}{w}", if place > 0 { " " } else { "" }))
                })
                .collect();
            phrases.truncate(MAX_FORMS);
        }
        phrases
    }
}

/// Every spelling that a phrase stands for. Empty when nothing is left of it, or an error in words.
pub fn compile(phrase: &str, forms: &str, classes: &BTreeMap<String, FormClass>) -> Result<Vec<String>, String> {
    let lower = phrase.to_lowercase();
    let mut written = match forms {
        "" => vec![lower],
        _ => classes.get(forms).ok_or_else(|| format!("no inflection class `{forms}`"))?.expand(&lower),
    };
    // People drop apostrophes and hyphens: can't → cant, co-worker → coworker, j'ai → jai.
    for at in 0..written.len() {
        if !is_plain(&written[at]) && written[at].contains(['\'', '’', '-']) {
            let joined = written[at].replace(['\'', '’', '-'], "");
            written.push(joined);
        }
    }
    let mut out: Vec<String> = Vec::with_capacity(written.len());
    for phrase in written {
        let spelled = if is_plain(&phrase) { phrase } else { spell(&phrase)? };
        if words(&spelled) > MAX_WORDS {
            return Err(format!("more than {MAX_WORDS} words"));
        }
        if spelled.len() > MAX_BYTES {
            return Err(format!("more than {MAX_BYTES} bytes"));
        }
        if !spelled.is_empty() && !out.contains(&spelled) {
            out.push(spelled);
        }
    }
    if out.is_empty() { Err("nothing is left of the phrase after folding".into()) } else { Ok(out) }
}

/// Whether a phrase without forms is its own and only spelling, as most are: lower-case words parted by single spaces. A
/// program that explains one line compiles a hundred thousand, and need not write these anew.
pub fn is_spelled(phrase: &str) -> bool {
    is_plain(phrase) && words(phrase) <= MAX_WORDS && phrase.len() <= MAX_BYTES
}

/// Whether a phrase is lower-case words parted by single spaces.
fn is_plain(phrase: &str) -> bool {
    let (mut plain, mut before) = (true, b' ');
    for byte in phrase.bytes() {
        plain &= byte.is_ascii_lowercase() | ((byte == b' ') & (before != b' '));
        before = byte;
    }
    plain & (before != b' ')
}

fn words(spelled: &str) -> usize {
    spelled.bytes().filter(|byte| *byte == b' ').count() + 1
}

fn spell(phrase: &str) -> Result<String, String> {
    let mut words: Vec<String> = Vec::new();
    for piece in phrase.split_whitespace() {
        if piece == "#" || is_plain(piece) {
            words.push(piece.to_owned());
            continue;
        }
        let text = Text::of(piece);
        words.extend(text.tokens().iter().map(|token| text.folded(token).to_owned()));
        if piece.ends_with('*') {
            match words.last_mut() {
                Some(start) if start.len() >= MIN_PREFIX && !start.ends_with('*') => start.push('*'),
                _ => return Err(format!("`*` needs at least {MIN_PREFIX} letters before it")),
            }
        }
    }
    let inner = &words[..words.len().saturating_sub(1)];
    if inner.iter().any(|word| word.ends_with('*')) {
        return Err("`*` may only end the last word".into());
    }
    Ok(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{FormClass, compile};
    use std::collections::BTreeMap;

    fn classes() -> BTreeMap<String, FormClass> {
        let n = r#"{"words":"all","keep":["de"],"rules":[["al",["al","aux"]],["s",["s"]],["",["","s"]]]}"#;
        BTreeMap::from([("n".to_owned(), serde_json::from_str(n).unwrap())])
    }

    fn spelled(phrase: &str, forms: &str) -> Vec<String> {
        compile(phrase, forms, &classes()).unwrap()
    }

    #[test]
    fn forms_and_joined_spellings_are_added() {
        assert_eq!(spelled("mal de dos", "n"), ["mal de dos", "maux de dos"]);
        assert_eq!(spelled("can't sleep", ""), ["can t sleep", "cant sleep"]);
        assert_eq!(spelled("My  depress*", ""), ["my depress*"]);
        assert_eq!(spelled("# mg", ""), ["# mg"]);
        assert_eq!(spelled("été", ""), ["ete"]);
        assert!(compile("h*", "", &classes()).is_err());
        assert!(compile("…", "", &classes()).is_err());
        assert!(compile("x", "q", &classes()).is_err());
    }
}
