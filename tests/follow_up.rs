//! A follow-up takes the subject of what went before; a new subject does not.

use std::sync::Arc;

use offlimits::chat::Role;
use offlimits::classify::follow_up::Thread;
use offlimits::classify::{Classifier, Request, Scratch};
use offlimits::finding::{Assessment, Disclosure};
use offlimits::lexicon::Lexicon;

fn conversation(messages: &[&str]) -> (Classifier, Vec<Assessment>) {
    let classifier = Classifier::new(Arc::new(Lexicon::builtin().expect("the built-in lexicon is sound")));
    let (mut scratch, mut thread) = (Scratch::default(), Thread::default());
    let assess = |text: &&str| {
        let parts = [*text];
        let before = thread.carried();
        let request = Request { parts: &parts, role: Role::User, stated: None, context: None, before, evidence: true };
        let assessment = classifier.assess(&mut scratch, &request);
        thread.add(&classifier.lexicon().taxonomy, &assessment);
        assessment
    };
    let found = messages.iter().map(assess).collect();
    (classifier, found)
}

#[test]
fn a_follow_up_is_on_what_went_before() {
    let (classifier, found) = conversation(&[
        "I was diagnosed with epilepsy in May and the neurologist put me on lamotrigine",
        "and the side effects?",
        "Plan a picnic for six people in the park on Sunday",
        "and how long does it last?",
    ]);
    let health = classifier.lexicon().taxonomy.find_category("health").unwrap();
    let on_health = |n: usize| found[n].sensitive.iter().find(|verdict| verdict.category == health);
    assert_eq!(on_health(1).map(|verdict| verdict.disclosure), Some(Disclosure::Oneself));
    assert!(found[1].evidence.iter().any(|evidence| evidence.because == "follow-up"), "the evidence says so");
    assert!(on_health(1).unwrap().score < on_health(0).unwrap().score, "it fades");
    assert!(on_health(2).is_none(), "a new subject");
    assert!(on_health(3).is_none(), "forgotten by now");
}
