//! From a phrase as written to the word sequences that match it: inflected forms, joined spellings, wildcards.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::{Text, hash_word};

/// One word of a compiled phrase.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Word {
    /// This word, folded.
    Exact(String),
    /// Any word that starts so (at least [`MIN_PREFIX`] letters).
    Prefix(String),
    /// Any number.
    Number,
}

impl Word {
    /// The hash that an equal token has; for the wildcards a constant of their own.
    pub fn hash(&self) -> u64 {
        match self {
            Word::Exact(word) => hash_word(word.as_bytes()),
            Word::Prefix(start) => hash_word(start.as_bytes()) ^ 0x5555_5555_5555_5555,
            Word::Number => NUMBER_HASH,
        }
    }
}

/// Stands for any number in place of its own hash.
pub const NUMBER_HASH: u64 = 0x0123_4567_89ab_cdef;

/// Shortest prefix: shorter ones would be looked up for nearly every word.
pub const MIN_PREFIX: usize = 3;

/// Longest phrase in words.
pub const MAX_WORDS: usize = 8;

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
        let words: Vec<&str> = phrase.split(' ').collect();
        let mut phrases = vec![String::new()];
        for (place, word) in words.iter().enumerate() {
            let inflected = match self.words {
                Which::Last if place + 1 < words.len() => vec![(*word).to_owned()],
                Which::All if self.keep.iter().any(|k| k == word) => vec![(*word).to_owned()],
                Which::Last | Which::All => self.inflect(word),
            };
            phrases = phrases
                .iter()
                .flat_map(|start| {
                    inflected.iter().map(move |w| format!("{start}{}{w}", if place > 0 { " " } else { "" }))
                })
                .collect();
            phrases.truncate(64);
        }
        phrases
    }
}

/// Every word sequence that a phrase stands for. Empty when nothing is left of it, or an error in words.
pub fn compile(phrase: &str, forms: &str, classes: &BTreeMap<String, FormClass>) -> Result<Vec<Vec<Word>>, String> {
    let lower = phrase.to_lowercase();
    let mut written = match forms {
        "" => vec![lower],
        _ => classes.get(forms).ok_or_else(|| format!("no inflection class `{forms}`"))?.expand(&lower),
    };
    // People drop apostrophes and hyphens: can't → cant, co-worker → coworker, j'ai → jai.
    for at in 0..written.len() {
        if written[at].contains(['\'', '’', '-']) {
            let joined = written[at].replace(['\'', '’', '-'], "");
            written.push(joined);
        }
    }
    let mut out: Vec<Vec<Word>> = Vec::new();
    for phrase in written {
        let words = split(&phrase)?;
        if !words.is_empty() && !out.contains(&words) {
            out.push(words);
        }
    }
    if out.is_empty() { Err("nothing is left of the phrase after folding".into()) } else { Ok(out) }
}

fn split(phrase: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    for piece in phrase.split_whitespace() {
        if piece == "#" {
            words.push(Word::Number);
            continue;
        }
        // Nearly every word is plain already; the reader would make the same of it at ten times the cost.
        if piece.bytes().all(|byte| byte.is_ascii_lowercase()) {
            words.push(Word::Exact(piece.to_owned()));
            continue;
        }
        let text = Text::of(piece);
        words.extend(text.tokens().iter().map(|t| Word::Exact(text.folded(t).to_owned())));
        if piece.ends_with('*') {
            match words.pop() {
                Some(Word::Exact(start)) if start.len() >= MIN_PREFIX => words.push(Word::Prefix(start)),
                _ => return Err(format!("`*` needs at least {MIN_PREFIX} letters before it")),
            }
        }
    }
    let inner = &words[..words.len().saturating_sub(1)];
    if inner.iter().any(|w| matches!(w, Word::Prefix(_))) {
        return Err("`*` may only end the last word".into());
    }
    if words.len() > MAX_WORDS {
        return Err(format!("more than {MAX_WORDS} words"));
    }
    Ok(words)
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
        compile(phrase, forms, &classes()).unwrap().iter().map(|w| format!("{w:?}").replace("Exact", "")).collect()
    }

    #[test]
    fn forms_and_joined_spellings_are_added() {
        assert_eq!(spelled("mal de dos", "n"), [r#"[("mal"), ("de"), ("dos")]"#, r#"[("maux"), ("de"), ("dos")]"#]);
        assert_eq!(spelled("can't sleep", "").len(), 2);
        assert_eq!(spelled("depress*", ""), [r#"[Prefix("depress")]"#]);
        assert_eq!(spelled("# mg", ""), [r#"[Number, ("mg")]"#]);
        assert!(compile("h*", "", &classes()).is_err());
        assert!(compile("…", "", &classes()).is_err());
        assert!(compile("x", "q", &classes()).is_err());
    }
}
