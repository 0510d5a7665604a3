//! Throughput of each stage on made-up chat text, in bytes a second: read the words, find phrases, classify, read a format.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
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
            let mut hits = Vec::new();
            group.bench_function("match", |b| {
                b.iter(|| {
                    hits.clear();
                    pack.matcher.find(black_box(&words), &mut hits);
                })
            });
            let mut scratch = Scratch::default();
            let parts = [text.as_str()];
            let request = Request { parts: &parts, role: Role::User, stated: None, context: None, evidence: false };
            group.bench_function("classify", |b| b.iter(|| classifier.assess(&mut scratch, black_box(&request))));
            group.finish();
        }
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
