//! JSON as Meta writes it: keys in file order, and strings whose UTF-8 bytes were each written as a character.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::error::Result;
use crate::read::json;

/// A JSON value. Objects keep the order of their keys: some keys are translated, so that only the order tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, exact: ids can be numbers.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Tree>),
    /// An object.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// Parses a document and repairs its strings.
    pub(crate) fn parse_repaired(text: &str) -> Result<Tree> {
        let mut tree = Tree::parse(text)?;
        tree.repair();
        Ok(tree)
    }

    /// Parses a document.
    pub(crate) fn parse(text: &str) -> Result<Tree> {
        json::parse(text.as_bytes())
    }

    /// The value of a key of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Tree> {
        self.pairs().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The string of a key of an object.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Tree::as_text)
    }

    /// The number of a key of an object.
    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        match self.get(key) {
            Some(Tree::Number(number)) => number.as_f64(),
            Some(Tree::Text(text)) => text.parse().ok(),
            _ => None,
        }
    }

    /// The string or the digits of a key of an object, unless empty.
    pub(crate) fn id(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Tree::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            Tree::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Whether a key of an object is `true`.
    pub(crate) fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some(&Tree::Bool(true))
    }

    /// The elements of a key of an object; none when it is no array.
    pub(crate) fn list(&self, key: &str) -> &[Tree] {
        self.get(key).map_or(&[], Tree::items)
    }

    /// The string itself.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Tree::Text(text) = self { Some(text) } else { None }
    }

    /// The elements of an array; none of anything else.
    pub(crate) fn items(&self) -> &[Tree] {
        if let Tree::List(items) = self { items } else { &[] }
    }

    /// The members of an object; none of anything else.
    pub(crate) fn pairs(&self) -> &[(String, Tree)] {
        if let Tree::Map(pairs) = self { pairs } else { &[] }
    }

    /// Repairs every string, keys too. The depth is bounded by the parser.
    pub(crate) fn repair(&mut self) {
        match self {
            Tree::Text(text) => mend(text),
            Tree::List(items) => items.iter_mut().for_each(Tree::repair),
            Tree::Map(pairs) => pairs.iter_mut().for_each(|(key, value)| {
                mend(key);
                value.repair();
            }),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) => {}
        }
    }
}

/// Undoes UTF-8 that was read as Latin-1, unless the string cannot be that: a repaired file is not damaged.
fn mend(text: &mut String) {
    if text.is_ascii() {
        return;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    if let Some(repaired) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        *text = repaired;
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Tree, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Tree, E> {
        Ok(Number::from_f64(value).map_or(Tree::Null, Tree::Number))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Tree, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Tree::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::mend;

    #[track_caller]
    fn mended(text: &str, wanted: &str) {
        let mut text = text.to_owned();
        mend(&mut text);
        assert_eq!(text, wanted);
    }

    #[test]
    fn mojibake_is_undone() {
        mended("Rados\u{c5}\u{82}aw", "Radosław");
        mended("\u{e2}\u{80}\u{9c}D\u{c3}\u{a9}but\u{e2}\u{80}\u{9d} \u{f0}\u{9f}\u{a4}\u{b0}", "“Début” 🤰");
        mended("caf\u{c3}\u{83}\u{c2}\u{a9}", "cafÃ©");
    }

    #[test]
    fn proper_strings_are_not_damaged() {
        for text in
            ["Zoë Müller", "plain", "I’m “fine” é", "🤰", "naïve", "ÃÂ", "Ã", "été à Noël", "Łódź", "é\u{c3}\u{a9}"]
        {
            mended(text, text);
        }
    }
}
