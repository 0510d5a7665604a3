//! Throughput of each stage on made-up chat text, in bytes a second: words, phrases (at several sizes of the lexicon, and by
//! script), assessments. `offlimits bench` measures the same on a file, from end to end.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use offlimits::bench;
use offlimits::chat::Role;
use offlimits::classify::{Classifier, Request, Scratch};
use offlimits::lexicon::Lexicon;
use offlimits::text::Text;

/// One text a script and register, about 130 bytes and about 4 kB.
const TEXTS: &[(&str, &str)] = &[
    (
        "english",
        "Could you help me plan three days in Lisbon? My mother has a bad hip, so not too many stairs, and we love grilled fish. ",
    ),
    (
        "french",
        "Peux-tu m’aider à préparer trois jours à Lyon ? Ma mère a mal à la hanche, donc peu d’escaliers, et on adore le marché. ",
    ),
    ("greek", "Μπορείς να με βοηθήσεις να οργανώσω τρεις μέρες στη Θεσσαλονίκη; Η μητέρα μου κουράζεται εύκολα. "),
    (
        "japanese",
        "リスボンで三日間の旅行を計画するのを手伝ってくれますか。母は腰が悪いので、階段が少ないほうがいいです。",
    ),
    (
        "code",
        "for (let i = 0; i < rows.length; i++) { if (rows[i].union_id === id) { return rows[i].value; } } // O(n) \n",
    ),
];

fn stages(criterion: &mut Criterion) {
    let lexicon = Arc::new(Lexicon::builtin().expect("the built-in lexicon is sound"));
    let classifier = Classifier::new(Arc::clone(&lexicon));
    for (name, short) in TEXTS {
        for (size, text) in [("short", (*short).to_owned()), ("long", short.repeat(4096 / short.len() + 1))] {
            let mut group = criterion.benchmark_group(format!("{name}/{size}"));
            group.throughput(Throughput::Bytes(text.len() as u64));
            let mut words = Text::default();
            group.bench_function("fold", |b| b.iter(|| words.read(black_box(&text))));
            words.read(&text);
            let pack = lexicon.pack(if *name == "french" { "fr" } else { "en" }).expect("built in");
            let (mut candidates, mut hits) = (Vec::new(), Vec::new());
            group.bench_function("match", |b| {
                b.iter(|| {
                    hits.clear();
                    pack.matcher.find(black_box(&words), &mut candidates, &mut hits);
                })
            });
            let mut scratch = Scratch::default();
            let parts = [text.as_str()];
            let request =
                Request { parts: &parts, role: Role::User, stated: None, context: None, before: &[], evidence: false };
            group.bench_function("classify", |b| b.iter(|| classifier.assess(&mut scratch, black_box(&request))));
            group.finish();
        }
    }
}

/// The matcher with so many phrases of the lexicon, spread over all of it, over chats made of its own examples: far denser
/// in matches than real ones.
fn sizes(criterion: &mut Criterion) {
    let lexicon = Lexicon::builtin().expect("the built-in lexicon is sound");
    let pack = lexicon.pack("en").expect("built in");
    let phrases = bench::plain_phrases(pack);
    let chats = String::from_utf8(bench::made_up(&lexicon, 1 << 20)).expect("made of text");
    let words = Text::of(&chats);
    let mut group = criterion.benchmark_group("size");
    group.throughput(Throughput::Bytes(chats.len() as u64));
    for size in bench::SIZES {
        let matcher = bench::matcher_of(&bench::spread(&phrases, size));
        let (mut candidates, mut hits) = (Vec::new(), Vec::new());
        group.bench_function(format!("match {}", matcher.len()), |b| {
            b.iter(|| {
                hits.clear();
                matcher.find(black_box(&words), &mut candidates, &mut hits);
            })
        });
    }
    group.finish();
}

criterion_group!(benches, stages, sizes);
criterion_main!(benches);
