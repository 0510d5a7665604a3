//! The shape of a JSON document's beginning: which keys occur where. Formats are told apart by it.

use std::collections::{BTreeSet, HashMap};

use super::Split;

/// Paths deeper than this are not collected.
const MAX_DEPTH: usize = 8;
/// At most this many paths are collected.
const MAX_PATHS: usize = 4_000;
/// At most this many keys below one path: an object that is used as a map has thousands.
const MAX_KEYS: usize = 48;
/// Keys beyond this length are data, not structure.
const LONG_KEY: usize = 40;

/// How the document is laid out at the top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// No JSON.
    #[default]
    None,
    /// One array.
    Array,
    /// One object, as far as the head goes; it may be the first of JSON lines.
    Object,
    /// Several values one after the other: JSON lines.
    Lines,
}

/// The key paths seen at the start of a JSON document. `[]` stands for any element; the keys below an object that is used
/// as a map are written as they are, so ask with [`Shape::has`], which takes `*` for any one key.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Paths such as `[].mapping.*.message`.
    pub paths: BTreeSet<String>,
    /// The layout at the top.
    pub layout: Layout,
    /// A line break was seen inside the first value: lines are not records.
    pub pretty: bool,
    /// The first keys of the top object or of the elements, in the order of the document.
    keys: Vec<String>,
}

impl Shape {
    /// Reads the shape of `head`, which may be cut anywhere. Not JSON: an empty shape.
    ///
    /// ```
    /// use offlimits::read::Shape;
    ///
    /// let shape = Shape::of(r#"[{"uuid": "1", "chat_messages": [{"sender": "hu"#);
    /// assert!(shape.has("[].chat_messages[].sender"));
    /// assert!(shape.has_record("chat_messages"));
    /// ```
    pub fn of(head: &str) -> Shape {
        let mut scan =
            Scan { head: head.as_bytes(), at: 0, path: String::new(), shape: Shape::default(), counts: HashMap::new() };
        scan.top();
        scan.shape
    }

    /// Whether a path such as `[].mapping.*.message` was seen.
    pub fn has(&self, path: &str) -> bool {
        let star = if path.starts_with('*') { Some(0) } else { path.find(".*").map(|dot| dot + 1) };
        let Some(star) = star else {
            return self.paths.contains(path);
        };
        let (start, after) = (path[..star].to_owned(), &path[star + 1..]);
        let below = self.paths.range(start.clone()..).take_while(|p| p.starts_with(&start));
        // Each candidate's key stands in for the star; further stars are resolved the same way.
        let keys: BTreeSet<&str> = below.map(|p| key_at(&p[start.len()..])).collect();
        keys.into_iter().any(|key| self.has(&format!("{start}{key}{after}")))
    }

    /// Whether the records have a path such as `messages[].role`: the elements of the top array, the JSON lines, or the
    /// one object that is there.
    pub fn has_record(&self, path: &str) -> bool {
        match self.layout {
            Layout::None => false,
            Layout::Object => self.has(path),
            Layout::Array | Layout::Lines => self.has(&format!("[].{path}")),
        }
    }

    /// The keys of the records themselves, not of what is inside them.
    pub fn record_keys(&self) -> Vec<&str> {
        let strip = |path: &'_ String| -> Option<usize> {
            let start = match self.layout {
                Layout::None => return None,
                Layout::Object => 0,
                Layout::Array | Layout::Lines => path.starts_with("[].").then_some(3)?,
            };
            (!path[start..].contains(['.', '[', '\u{0}'])).then_some(start)
        };
        self.paths.iter().filter_map(|path| strip(path).map(|start| &path[start..])).collect()
    }

    /// How a document of records is split: by line, or by element (which also reads values that span lines).
    pub fn split(&self) -> Split {
        if self.layout == Layout::Array || self.pretty { Split::Elements(None) } else { Split::Lines }
    }

    /// The key paths in a form that may be shown: what is a map by names or ids has `*` in their place.
    ///
    /// ```
    /// use offlimits::read::Shape;
    ///
    /// let shape = Shape::of(r#"[{"id": "1", "said": {"by": "me"}}]"#);
    /// assert_eq!(shape.outline(), ["[].id", "[].said", "[].said.by"]);
    /// ```
    pub fn outline(&self) -> Vec<String> {
        const MANY: usize = 16;
        let mut children: HashMap<&str, usize> = HashMap::new();
        let parent = |path: &'_ str| path.rfind('.').unwrap_or(0);
        for path in &self.paths {
            *children.entry(&path[..parent(path)]).or_default() += 1;
        }
        let plain = |key: &str| {
            key.len() <= LONG_KEY
                && key.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | ' ' | '[' | ']'))
        };
        let shown = |path: &String| {
            let mut out = String::new();
            let mut from = 0;
            for key in path.split('.') {
                let above = path[..from].trim_end_matches('.');
                let is_map = children.get(above).is_some_and(|count| *count > MANY);
                out.push_str(if from > 0 { "." } else { "" });
                let brackets = if key.ends_with("[]") { "[]" } else { "" };
                out.push_str(if plain(key) && !is_map { key } else { "*" });
                out.push_str(if plain(key) && !is_map { "" } else { brackets });
                from += key.len() + 1;
            }
            out
        };
        let outline: BTreeSet<String> = self.paths.iter().map(shown).collect();
        outline.into_iter().collect()
    }

    /// The first keys at the top (of the elements, for an array), to tell a user what was seen. Long keys are data and
    /// left out.
    pub fn top_keys(&self) -> &[String] {
        &self.keys
    }
}

/// The first key of a path's rest, up to the next `.` or `[]`.
fn key_at(rest: &str) -> &str {
    let dot = rest.find('.').unwrap_or(rest.len());
    let bracket = rest.find("[]").unwrap_or(rest.len());
    &rest[..dot.min(bracket)]
}

/// What a container is waiting for.
struct Container {
    /// Length of the path at the container itself.
    path_len: usize,
    array: bool,
}

struct Scan<'a> {
    head: &'a [u8],
    at: usize,
    path: String,
    shape: Shape,
    counts: HashMap<String, usize>,
}

impl Scan<'_> {
    fn top(&mut self) {
        let mut values = 0;
        let mut end = 0;
        let mut on_one_line = false;
        while let Some(byte) = self.skip_to_value() {
            values += 1;
            let between = self.head.get(end..self.at).filter(|_| end > 0);
            on_one_line |= between.is_some_and(|between| !between.contains(&b'\n'));
            match (values, byte) {
                (1, b'[') => self.shape.layout = Layout::Array,
                (1, b'{') => self.shape.layout = Layout::Object,
                // A second value makes lines of both: the first object is scanned again as an element.
                (2, b'{') if self.shape.layout == Layout::Object => {
                    self.shape.layout = Layout::Lines;
                    self.shape.paths.clear();
                    self.counts.clear();
                    self.at = 0;
                    values = 2;
                    self.path.push_str("[]");
                    continue;
                }
                (_, b'{' | b'[') => {}
                _ => return,
            }
            let from = self.at;
            self.value();
            end = self.at.min(self.head.len());
            if values == 1 {
                self.shape.pretty = self.head[from..end].contains(&b'\n');
            }
            self.shape.pretty |= on_one_line;
        }
    }

    fn skip_to_value(&mut self) -> Option<u8> {
        while let Some(&byte) = self.head.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Scans one array or object, without recursion.
    fn value(&mut self) {
        let mut stack: Vec<Container> = Vec::new();
        let base = self.path.len();
        while let Some(&byte) = self.head.get(self.at) {
            match byte {
                b'{' | b'[' => {
                    stack.push(Container { path_len: self.path.len(), array: byte == b'[' });
                    self.at += 1;
                    if byte == b'[' && stack.len() <= MAX_DEPTH {
                        self.path.push_str("[]");
                    }
                }
                b'}' | b']' => {
                    self.at += 1;
                    let Some(closed) = stack.pop() else { break };
                    self.path.truncate(closed.path_len);
                    if stack.is_empty() {
                        break;
                    }
                }
                b'"' => {
                    let text = self.string();
                    let is_key = stack.last().is_some_and(|c| !c.array) && self.skip_to_colon();
                    if is_key && let Some(object) = stack.last() {
                        self.path.truncate(object.path_len);
                        let depth = stack.len();
                        self.key(text, depth);
                    }
                }
                _ => self.at += 1,
            }
        }
        self.path.truncate(base);
    }

    /// Steps over a string and answers its inside.
    fn string(&mut self) -> (usize, usize) {
        let from = self.at + 1;
        self.at = from;
        while let Some(found) = memchr::memchr2(b'"', b'\\', self.head.get(self.at..).unwrap_or_default()) {
            self.at += found;
            if self.head[self.at] == b'"' {
                self.at += 1;
                return (from, self.at - 1);
            }
            self.at += 2;
        }
        self.at = self.head.len();
        (from, from)
    }

    fn skip_to_colon(&mut self) -> bool {
        while self.head.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let colon = self.head.get(self.at) == Some(&b':');
        self.at += usize::from(colon);
        colon
    }

    fn key(&mut self, (from, to): (usize, usize), depth: usize) {
        let raw = String::from_utf8_lossy(&self.head[from..to]);
        let unescaped =
            raw.contains('\\').then(|| serde_json::from_str::<String>(&format!("\"{raw}\"")).ok()).flatten();
        let key = unescaped.as_deref().unwrap_or(&raw);
        if depth > MAX_DEPTH {
            return;
        }
        let at_top = self.path.is_empty() || self.path == "[]";
        let keys = self.counts.entry(self.path.clone()).or_default();
        let parent = self.path.len();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.extend(key.chars().take(200));
        if self.shape.paths.contains(&self.path) {
            return;
        }
        *keys += 1;
        if *keys > MAX_KEYS || self.shape.paths.len() >= MAX_PATHS {
            // Below a map with many keys the shape is known by now; a placeholder keeps the deeper paths out.
            self.path.truncate(parent);
            self.path.push_str(".\u{0}");
            return;
        }
        self.shape.paths.insert(self.path.clone());
        if at_top
            && self.shape.keys.len() < 8
            && key.chars().count() <= LONG_KEY
            && !self.shape.keys.iter().any(|k| k == key)
        {
            self.shape.keys.push(key.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_one_key() {
        let shape =
            Shape::of(r#"[{"id":"c","mapping":{"root":{"message":null},"n\u0031":{"message":{"author":{"role":"us"#);
        assert!(shape.has("[].mapping.*.message"));
        assert!(shape.has("[].mapping.*.message.author.role"));
        assert!(shape.has("[].mapping.n1"));
        assert!(!shape.has("[].mapping.*.fragments"));
        assert!(!shape.has("mapping"));
        assert_eq!(shape.layout, Layout::Array);
        assert_eq!(shape.top_keys(), ["id", "mapping"]);
    }

    #[test]
    fn lines_and_single_objects_are_records() {
        let lines = Shape::of("{\"messages\":[{\"role\":\"user\"}]}\n\n{\"messages\":[],\"id\":1}\n{\"mess");
        assert_eq!((lines.layout, lines.pretty), (Layout::Lines, false));
        assert!(lines.has("[].messages[].role") && lines.has("[].id") && lines.has_record("messages[].role"));
        assert!(!lines.has("messages"));
        let one = Shape::of(r#"{"messages":[{"role":"user"}]}"#);
        assert_eq!(one.layout, Layout::Object);
        assert!(one.has_record("messages[].role") && one.has("messages[].role"));
        assert_eq!(one.split(), Split::Lines);
        assert_eq!(Shape::of("{\n \"messages\": []\n}").split(), Split::Elements(None));
        assert_eq!(Shape::of(r#"{"a":1}{"a":2}"#).split(), Split::Elements(None));
        assert_eq!(Shape::of("{\"a\":1}\n{\"a\":2}\n{\"a\":3}").split(), Split::Lines);
    }

    #[test]
    fn nested_arrays_and_broken_heads() {
        assert!(Shape::of(r#"{"a":[[{"b":1}]]}"#).has("a[][].b"));
        assert!(Shape::of("not json").paths.is_empty());
        assert!(Shape::of("{\"a\\").paths.is_empty());
        assert!(Shape::of("[").has("") || Shape::of("[").layout == Layout::Array);
        let map: String = (0..10_000).map(|i| format!("\"k{i}\":{{\"m\":1}},")).collect();
        let shape = Shape::of(&format!("{{{map}"));
        assert!(shape.has("*.m") && shape.has("k1.m"));
        assert!(shape.paths.len() < 200);
    }
}
