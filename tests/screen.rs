//! The screen may only leave out what comes to nothing: with it and without it, every verdict is the same.

use std::sync::Arc;

use offlimits::chat::Role;
use offlimits::classify::{Classifier, Request, Scratch};
use offlimits::lexicon::Lexicon;
use proptest::prelude::*;

fn sentences(lexicon: &Lexicon) -> Vec<String> {
    let packs = lexicon.tags().filter_map(|tag| lexicon.pack(tag));
    packs.flat_map(|pack| pack.source().examples.iter().map(|(_, example)| example.text.clone())).collect()
}

fn request<'a>(parts: &'a [&'a str]) -> Request<'a> {
    Request { parts, role: Role::User, stated: None, context: None, before: &[], evidence: false }
}

#[test]
fn the_screen_changes_no_verdict() {
    let lexicon = Arc::new(Lexicon::builtin().unwrap());
    let (mut screened, mut full) = (Classifier::new(Arc::clone(&lexicon)), Classifier::new(Arc::clone(&lexicon)));
    // A threshold of one category apart from the others, as a user may set it.
    for classifier in [&mut screened, &mut full] {
        classifier.set_threshold("health", 0.2).unwrap();
    }
    full.read_everything();
    let sentences = sentences(&lexicon);
    let (mut one, mut other) = (Scratch::default(), Scratch::default());
    let mut found = 0;
    for text in &sentences {
        let verdict = screened.assess(&mut one, &request(&[text]));
        found += usize::from(!verdict.sensitive.is_empty() || !verdict.topics.is_empty());
        assert_eq!(verdict, full.assess(&mut other, &request(&[text])));
    }
    assert!(found > sentences.len() / 3, "the sentences are there to be found something in: {found}");
    // Long texts of many sentences, in which passages matter.
    let count = 1..40usize;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 200, ..ProptestConfig::default() });
    runner
        .run(&prop::collection::vec(prop::sample::select(sentences), count), |chosen| {
            let text = chosen.join(" ");
            let verdict = screened.assess(&mut Scratch::default(), &request(&[&text]));
            prop_assert_eq!(verdict, full.assess(&mut Scratch::default(), &request(&[&text])));
            Ok(())
        })
        .unwrap();
}
