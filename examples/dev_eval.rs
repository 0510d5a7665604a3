fn main() {
    let mut files = offlimits::lexicon::LexiconFiles::builtin();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut files2 = offlimits::lexicon::LexiconFiles::without_terms();
    files2.overlay(std::path::Path::new("lexicons")).unwrap();
    files = files2;
    let lex = std::sync::Arc::new(offlimits::lexicon::Lexicon::from_files(files).unwrap());
    for t in ["en", "fr"] {
        let p = lex.check(t);
        println!("{t}: {} problems", p.len());
        for q in p.iter().take(15) {
            println!("  {q}");
        }
        println!("{} phrases", lex.pack(t).unwrap().matcher.len());
    }
    let c = offlimits::classify::Classifier::new(lex);
    for f in &args {
        let rows = offlimits::eval::read_gold(f, &std::fs::read_to_string(f).unwrap()).unwrap();
        let e = offlimits::eval::evaluate(&c, &rows, 0);
        let s = &e.all;
        println!("== {f} rows {}", s.rows);
        for (n, k) in &s.categories {
            println!(
                "{n:12} P {:.3} R {:.3} F {:.3}  pos {} neg {}",
                k.precision(),
                k.recall(),
                k.f1(),
                k.positives(),
                k.negatives()
            );
        }
        println!(
            "macro {:.3} FA {}/{} disc {}/{} topics P {:.3} R {:.3} F {:.3} tFA {}/{} intent {}/{}",
            s.macro_f1(),
            s.false_alarms.0,
            s.false_alarms.1,
            s.disclosure.0,
            s.disclosure.1,
            s.topics.precision(),
            s.topics.recall(),
            s.topics.f1(),
            s.topic_false_alarms.0,
            s.topic_false_alarms.1,
            s.intent.0,
            s.intent.1
        );
    }
}
