//! Who may import whom: the crate's layers, checked against every `crate::…` in `src`.
//!
//! Cargo cannot enforce layers inside one crate, so this test reads the sources. Each module may use itself and the modules
//! named in its row, nothing else.

#![allow(clippy::unwrap_used, reason = "outside test functions clippy does not know that this is a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module → the modules that it may use besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    // words
    ("error", &[]),
    ("chat", &[]),
    ("simd", &[]),
    ("finding", &["chat", "taxonomy"]),
    // ground
    ("text", &["error", "simd"]),
    ("taxonomy", &["error", "finding"]),
    ("input", &["error"]),
    ("stats", &[]),
    ("table", &["stats"]),
    // nouns and files
    ("lexicon", &["error", "finding", "taxonomy", "text"]),
    ("read", &["chat", "error", "input", "simd"]),
    // deciding: never `read` or `input`
    ("classify", &["chat", "error", "finding", "lexicon", "taxonomy", "text"]),
    ("policy", &["chat", "error", "finding"]),
    // counting
    ("tally", &["chat", "finding", "policy"]),
    // what follows for ads
    ("law", &["error", "policy"]),
    ("ads", &["chat", "finding", "tally", "taxonomy"]),
    // running
    ("scan", &["chat", "classify", "finding", "policy", "tally", "text"]),
    ("eval", &["chat", "classify", "error", "finding", "stats", "table"]),
    ("audit", &["classify", "error", "eval", "lexicon", "read", "stats", "table", "taxonomy", "text"]),
    ("explain", &["chat", "classify", "finding", "lexicon", "text"]),
    ("check", &["chat", "classify", "finding", "lexicon", "text"]),
    ("echo", &["text"]),
    ("crosscheck", &["chat", "classify", "finding", "lexicon", "read", "tally"]),
    ("bench", &["chat", "classify", "error", "lexicon", "read", "scan", "text"]),
    // showing
    (
        "report",
        &["ads", "chat", "crosscheck", "echo", "error", "finding", "law", "policy", "read", "tally", "taxonomy"],
    ),
];

/// Doors may use anything below them, and nobody may use a door.
const DOORS: &[&str] = &["cli", "main", "lib"];

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The modules named in `crate::name` anywhere in the text, and in `use crate::{a, b}`. Doc links do not count.
fn used(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let list = rest.strip_prefix('{').map_or(rest, |inner| &inner[..inner.find('}').unwrap_or(inner.len())]);
        let pieces: Vec<&str> = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        for piece in pieces {
            let name: String = piece.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // Re-exports of the crate root: Error, ErrorKind, Result.
            let name = if name.starts_with(char::is_uppercase) { "error".to_owned() } else { name };
            names.insert(name);
        }
    }
    names.remove("");
    names
}

#[test]
fn every_module_stays_in_its_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs").to_owned();
        if DOORS.contains(&module.as_str()) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: module `{module}` has no row in the table of layers", inside.display()));
            continue;
        };
        for name in used(&fs::read_to_string(&file).unwrap()) {
            if name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: `{module}` may not use `{name}`", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_dependency_opens_a_network_connection() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let banned = [
        "hyper",
        "reqwest",
        "ureq",
        "curl",
        "tokio",
        "async-std",
        "native-tls",
        "rustls",
        "openssl",
        "socket2",
        "mio",
        "tungstenite",
        "isahc",
        "attohttpc",
    ];
    for name in banned {
        assert!(!lock.contains(&format!("name = \"{name}\"")), "{name} is in the dependency tree");
    }
}
