//! JSON values as exports really write them: any field may be null, missing or of another type.
//!
//! Each type here takes whatever JSON stands in its place and keeps what it can use, so that one odd value never costs the
//! rest of a conversation. Only broken syntax is an error.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::roles::{Speaker, speaker};
use super::time;
use crate::chat::Timestamp;
use crate::error::Result;

/// Parses a record. What Python and JavaScript write beside the standard (`NaN`, lone surrogates, raw control characters
/// in strings) is mended first where it is the reason that parsing fails.
pub fn parse<T: for<'de> Deserialize<'de>>(record: &[u8]) -> Result<T> {
    parse_with(record, |record| serde_json::from_slice(record))
}

/// [`parse`] for types that borrow from the record: they must be used up where they are parsed, because a record that was
/// mended lives no longer.
pub fn parse_with<T>(record: &[u8], mut parse: impl FnMut(&[u8]) -> serde_json::Result<T>) -> Result<T> {
    match parse(record) {
        Ok(value) => Ok(value),
        Err(error) if error.is_syntax() => match mended(record) {
            Some(mended) => parse_with(&mended, parse),
            None => Err(error.into()),
        },
        // Everything here takes any type, so what is left to go wrong is a key that stands twice.
        Err(error) if error.is_data() => match last_of_each_key(record) {
            Some(single) if single != record => Ok(parse(&single)?),
            _ => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The record with the last of several equal keys alone, as most programs read it.
fn last_of_each_key(record: &[u8]) -> Option<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_slice(record).ok()?;
    serde_json::to_vec(&value).ok()
}

/// A copy with the usual deviations mended; none when there are none.
fn mended(record: &[u8]) -> Option<Vec<u8>> {
    let mut copy = Vec::with_capacity(record.len() + 16);
    let (mut at, mut in_string, mut changed) = (0, false, false);
    while let Some(&byte) = record.get(at) {
        let rest = &record[at..];
        let (taken, written): (usize, Cow<'_, [u8]>) = match byte {
            b'\\' if in_string => match escape(rest) {
                (taken, None) => (taken, Cow::Borrowed(&rest[..taken])),
                (taken, Some(instead)) => (taken, Cow::Borrowed(instead)),
            },
            b'"' => {
                in_string = !in_string;
                (1, Cow::Borrowed(&rest[..1]))
            }
            0..0x20 if in_string => (1, Cow::Owned(format!("\\u{byte:04x}").into_bytes())),
            _ if !in_string && let Some(word) = NOT_NUMBERS.iter().find(|word| rest.starts_with(word)) => {
                (word.len(), Cow::Borrowed(b"null"))
            }
            _ => (1, Cow::Borrowed(&rest[..1])),
        };
        changed |= *written != rest[..taken];
        copy.extend_from_slice(&written);
        at += taken;
    }
    changed.then_some(copy)
}

const NOT_NUMBERS: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];

/// How long an escape is, and what to write in its place when it is half of a surrogate pair or no escape at all.
fn escape(rest: &[u8]) -> (usize, Option<&'static [u8]>) {
    const REPLACEMENT: &[u8] = b"\\ufffd";
    let unit = |at: usize| -> Option<u16> {
        let digits = rest.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    match (rest.get(1), unit(0), unit(6)) {
        (_, Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (12, None),
        (_, Some(0xD800..=0xDFFF), _) => (6, Some(REPLACEMENT)),
        (_, Some(_), _) => (6, None),
        (Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), ..) => (2, None),
        _ => (1, Some(b"\\\\")),
    }
}

/// Visitor methods that step over what a type cannot use.
macro_rules! otherwise {
    ($value:expr; $($method:ident($type:ty)),*) => {
        $(fn $method<E>(self, _: $type) -> std::result::Result<Self::Value, E> { Ok($value) })*
    };
    ($value:expr; unit) => {
        fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> { Ok($value) }
    };
    ($value:expr; seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
    ($value:expr; map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
}

/// A text: a JSON string, else nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Option<String>);

/// An identifier: a JSON string that is not empty, or an integer, else nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Id(pub Option<String>);

/// A text that is only looked at: borrowed from the record where nothing in it is escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word<'a>(pub Option<Cow<'a, str>>);

/// An identifier that is only looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key<'a>(pub Option<Cow<'a, str>>);

/// The speaker that a string names; anything else names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role(pub Speaker);

impl Default for Role {
    fn default() -> Self {
        Role(Speaker::Unknown)
    }
}

/// A string or a number, as text; else nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scalar(pub Option<String>);

/// `true`, or anything else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

/// A number, else nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Number(pub Option<f64>);

/// A time as a number or as text, and whether it was local.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Time(pub Option<(Timestamp, bool)>);

/// The elements of an array; of anything else none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

/// The members of an object, in order; of anything else none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs<T>(pub Vec<(String, T)>);

/// The members of an object that borrow their names from the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members<'a, T>(pub Vec<(Key<'a>, T)>);

/// A struct where an object stands; its default where anything else does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lax<T>(pub T);

/// A text, or the parts of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextOr<T> {
    /// A string.
    Text(String),
    /// Something else.
    Other(T),
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Pairs(Vec::new())
    }
}

impl<T> Default for Members<'_, T> {
    fn default() -> Self {
        Members(Vec::new())
    }
}

impl<T: Default> Default for TextOr<T> {
    fn default() -> Self {
        TextOr::Other(T::default())
    }
}

impl Time {
    /// The time alone.
    pub fn at(self) -> Option<Timestamp> {
        self.0.map(|(time, _)| time)
    }

    /// Whether it is a local time without a zone.
    pub fn is_local(self) -> bool {
        self.0.is_some_and(|(_, local)| local)
    }
}

macro_rules! borrowed {
    ($type:ident, $($taken:tt)*) => {
        impl<'de: 'a, 'a> Deserialize<'de> for $type<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                struct It;
                impl<'de> Visitor<'de> for It {
                    type Value = $type<'de>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("any JSON")
                    }
                    $($taken)*
                    otherwise!($type::default(); unit);
                    otherwise!($type::default(); seq);
                    otherwise!($type::default(); map);
                }
                deserializer.deserialize_any(It)
            }
        }
    };
}

borrowed!(Word,
    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Word<'de>, E> { Ok(Word(Some(text.into()))) }
    fn visit_str<E>(self, text: &str) -> std::result::Result<Word<'de>, E> { Ok(Word(Some(text.to_owned().into()))) }
    otherwise!(Word::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
);
borrowed!(Key,
    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Key<'de>, E> {
        Ok(Key((!text.is_empty()).then_some(text.into())))
    }
    fn visit_str<E>(self, text: &str) -> std::result::Result<Key<'de>, E> {
        Ok(Key((!text.is_empty()).then(|| text.to_owned().into())))
    }
    fn visit_i64<E>(self, number: i64) -> std::result::Result<Key<'de>, E> { Ok(Key(Some(number.to_string().into()))) }
    fn visit_u64<E>(self, number: u64) -> std::result::Result<Key<'de>, E> { Ok(Key(Some(number.to_string().into()))) }
    otherwise!(Key::default(); visit_bool(bool), visit_f64(f64));
);

impl Key<'_> {
    /// The identifier, to be kept.
    pub fn owned(self) -> Option<String> {
        self.0.map(Cow::into_owned)
    }
}

macro_rules! scalar {
    ($type:ident, $($taken:tt)*) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                struct It;
                impl<'de> Visitor<'de> for It {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("any JSON")
                    }
                    $($taken)*
                    otherwise!($type::default(); unit);
                    otherwise!($type::default(); seq);
                    otherwise!($type::default(); map);
                }
                deserializer.deserialize_any(It)
            }
        }
    };
}

scalar!(Text,
    fn visit_str<E>(self, text: &str) -> std::result::Result<Text, E> { Ok(Text(Some(text.to_owned()))) }
    fn visit_string<E>(self, text: String) -> std::result::Result<Text, E> { Ok(Text(Some(text))) }
    otherwise!(Text::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
);
scalar!(Role,
    fn visit_str<E>(self, name: &str) -> std::result::Result<Role, E> { Ok(Role(speaker(name))) }
    otherwise!(Role::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
);
scalar!(Id,
    fn visit_str<E>(self, text: &str) -> std::result::Result<Id, E> {
        Ok(Id((!text.is_empty()).then(|| text.to_owned())))
    }
    fn visit_i64<E>(self, number: i64) -> std::result::Result<Id, E> { Ok(Id(Some(number.to_string()))) }
    fn visit_u64<E>(self, number: u64) -> std::result::Result<Id, E> { Ok(Id(Some(number.to_string()))) }
    otherwise!(Id::default(); visit_bool(bool), visit_f64(f64));
);
scalar!(Scalar,
    fn visit_str<E>(self, text: &str) -> std::result::Result<Scalar, E> { Ok(Scalar(Some(text.to_owned()))) }
    fn visit_string<E>(self, text: String) -> std::result::Result<Scalar, E> { Ok(Scalar(Some(text))) }
    fn visit_i64<E>(self, number: i64) -> std::result::Result<Scalar, E> { Ok(Scalar(Some(number.to_string()))) }
    fn visit_u64<E>(self, number: u64) -> std::result::Result<Scalar, E> { Ok(Scalar(Some(number.to_string()))) }
    fn visit_f64<E>(self, number: f64) -> std::result::Result<Scalar, E> { Ok(Scalar(Some(number.to_string()))) }
    otherwise!(Scalar::default(); visit_bool(bool));
);
scalar!(Flag,
    fn visit_bool<E>(self, flag: bool) -> std::result::Result<Flag, E> { Ok(Flag(flag)) }
    otherwise!(Flag::default(); visit_str(&str), visit_i64(i64), visit_u64(u64), visit_f64(f64));
);
scalar!(Number,
    fn visit_i64<E>(self, number: i64) -> std::result::Result<Number, E> { Ok(Number(Some(number as f64))) }
    fn visit_u64<E>(self, number: u64) -> std::result::Result<Number, E> { Ok(Number(Some(number as f64))) }
    fn visit_f64<E>(self, number: f64) -> std::result::Result<Number, E> { Ok(Number(Some(number))) }
    otherwise!(Number::default(); visit_bool(bool), visit_str(&str));
);
scalar!(Time,
    fn visit_str<E>(self, text: &str) -> std::result::Result<Time, E> { Ok(Time(time::from_text(text))) }
    fn visit_i64<E>(self, number: i64) -> std::result::Result<Time, E> { Ok(numbered(number as f64)) }
    fn visit_u64<E>(self, number: u64) -> std::result::Result<Time, E> { Ok(numbered(number as f64)) }
    fn visit_f64<E>(self, number: f64) -> std::result::Result<Time, E> { Ok(numbered(number)) }
    otherwise!(Time::default(); visit_bool(bool));
);

fn numbered(number: f64) -> Time {
    Time(time::from_number(number).map(|time| (time, false)))
}

/// A visitor that knows its value only by type.
struct Of<T>(PhantomData<T>);

macro_rules! expecting_any {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON")
        }
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Of<List<T>> {
    type Value = List<T>;
    expecting_any!();
    otherwise!(List::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));
    otherwise!(List::default(); unit);
    otherwise!(List::default(); map);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(List(list))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Of<Pairs<T>> {
    type Value = Pairs<T>;
    expecting_any!();
    otherwise!(Pairs::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));
    otherwise!(Pairs::default(); unit);
    otherwise!(Pairs::default(); seq);

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Pairs<T>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for Of<Members<'a, T>> {
    type Value = Members<'a, T>;
    expecting_any!();
    otherwise!(Members::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));
    otherwise!(Members::default(); unit);
    otherwise!(Members::default(); seq);

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Members<'a, T>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Members<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Of::<Members<'a, T>>(PhantomData))
    }
}

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Of<Lax<T>> {
    type Value = Lax<T>;
    expecting_any!();
    otherwise!(Lax::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64), visit_str(&str));
    otherwise!(Lax::default(); unit);
    otherwise!(Lax::default(); seq);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Lax<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Lax)
    }
}

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Of<TextOr<T>> {
    type Value = TextOr<T>;
    expecting_any!();
    otherwise!(TextOr::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
    otherwise!(TextOr::default(); unit);

    fn visit_str<E>(self, text: &str) -> std::result::Result<TextOr<T>, E> {
        Ok(TextOr::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> std::result::Result<TextOr<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(seq)).map(TextOr::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<TextOr<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Other)
    }
}

macro_rules! by_visitor {
    ($type:ident, $($bound:tt)*) => {
        impl<'de, T: $($bound)*> Deserialize<'de> for $type<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                deserializer.deserialize_any(Of::<$type<T>>(PhantomData))
            }
        }
    };
}

by_visitor!(List, Deserialize<'de>);
by_visitor!(Pairs, Deserialize<'de>);
by_visitor!(Lax, Deserialize<'de> + Default);
by_visitor!(TextOr, Deserialize<'de> + Default);

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Odd {
        id: Id,
        title: Text,
        hidden: Flag,
        at: Time,
        parts: List<Text>,
        map: Pairs<Lax<Inner>>,
        content: TextOr<List<Lax<Inner>>>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Inner {
        text: Text,
    }

    #[test]
    fn any_type_anywhere() {
        let odd: Odd = parse(
            br#"{"id":7,"title":[1,{"a":2}],"hidden":"true","at":"2026-01-05T08:00:00Z","parts":["a",null,3,{"x":[]}],
            "map":{"n":{"text":"t"},"m":null,"o":[1]},"content":[{"text":"x"},5],"more":{"deep":[[]]}}"#,
        )
        .expect("tolerated");
        assert_eq!(odd.id.0.as_deref(), Some("7"));
        assert_eq!((odd.title.0, odd.hidden.0), (None, false));
        assert_eq!(odd.parts.0.iter().filter_map(|t| t.0.as_deref()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(odd.map.0.len(), 3);
        assert!(matches!(odd.content, TextOr::Other(List(list)) if list.len() == 2));
        let all_wrong = r#"{"id":{},"title":1,"hidden":[],"at":{},"parts":{},"map":"x","content":1.5}"#;
        assert_eq!(parse::<Odd>(all_wrong.as_bytes()).expect("tolerated"), Odd::default());
    }

    #[test]
    fn deviations_are_mended() {
        let text = |record: &str| parse::<Inner>(record.as_bytes()).ok().and_then(|i| i.text.0);
        assert_eq!(text(r#"{"text":"a\ud83d b","x":NaN}"#).as_deref(), Some("a\u{fffd} b"));
        assert_eq!(text(r#"{"text":"\ud83d\ude00\udc00","x":-Infinity}"#).as_deref(), Some("😀\u{fffd}"));
        assert_eq!(text("{\"text\":\"a\nb\tc\"}").as_deref(), Some("a\nb\tc"));
        assert_eq!(text(r#"{"text":"C:\Users \x"}"#).as_deref(), Some(r"C:\Users \x"));
        assert_eq!(text(r#"{"text":"a"#), None);
        assert_eq!(text(r#"{"text":"a","x":{"y":1,"y":2},"text":"b"}"#).as_deref(), Some("b"));
    }
}
