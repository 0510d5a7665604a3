//! Compiles the lexicon that is part of the program, with the program's own modules, so that no start has to. Two seconds of
//! one core for six languages, and only when a file of the lexicon or of these modules has changed.

#![allow(dead_code, missing_docs, unreachable_pub, unused_imports)]

#[path = "src/chat.rs"]
mod chat;
#[path = "src/error.rs"]
mod error;
#[path = "src/finding.rs"]
mod finding;
#[path = "src/simd.rs"]
mod simd;
#[path = "src/taxonomy.rs"]
mod taxonomy;
#[path = "src/text/mod.rs"]
mod text;

#[path = "src/lexicon"]
mod lexicon {
    pub mod builtin;
    pub mod channels;
    pub mod compile;
    pub mod condition;
    pub mod cue;
    mod cue_word;
    pub mod digest;
    pub mod grammar;
    pub mod image;
    pub mod layer;
    pub mod matcher;
    pub mod pack;
    pub mod parse;
    pub mod phrase;
    pub mod phrases;
    pub mod screen;
    pub mod source;
    pub mod spelling;
    pub mod table;
    pub mod words;
}

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lexicon::builtin::{COMMON, PACKS};
use lexicon::pack::Pack;
use lexicon::source::PackText;
use taxonomy::Taxonomy;

const WRITABLE: &str = "the folder for what is built can be written to";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names a folder"));
    let common = |name: &str| COMMON.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| *text);
    let taxonomy = Taxonomy::parse(common("taxonomy.toml"), common("topics.tsv"), common("proxies.tsv"));
    let taxonomy = &taxonomy.unwrap_or_else(|error| panic!("{error}"));
    std::thread::scope(|threads| {
        threads.spawn(|| std::fs::write(out.join("lexicon.sha256"), digest()).expect(WRITABLE));
        for (tag, files) in PACKS {
            let path = out.join(format!("{tag}.pack"));
            threads.spawn(move || compile(&path, files, taxonomy));
        }
    });
}

/// There are seventeen megabytes of files: no run should have to digest them for its manifest.
fn digest() -> String {
    let common: BTreeMap<&str, &str> = COMMON.iter().copied().collect();
    let packs: BTreeMap<&str, &[(&str, &str)]> = PACKS.iter().copied().collect();
    lexicon::digest::of(common.into_iter().chain(packs.values().flat_map(|files| files.iter().copied())))
}

fn compile(path: &Path, files: &[(&'static str, &'static str)], taxonomy: &Taxonomy) {
    let texts: Vec<PackText> =
        files.iter().map(|(path, text)| PackText { path: (*path).to_owned(), text: (*text).into() }).collect();
    // Mistakes in the data are for `lexicon check` to tell.
    let image = Pack::compile(texts.into(), taxonomy, &mut Vec::new()).image();
    std::fs::write(path, image).expect(WRITABLE);
}
