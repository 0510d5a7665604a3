//! Own sentences, in all languages: who is it about?

use std::sync::Arc;

use crate::chat::Role;
use crate::classify::{Classifier, Request, Scratch};
use crate::lexicon::Lexicon;

/// Language, whom it is about, category, sentence.
const SENTENCES: &[(&str, &str, &str, &str)] = &[
    ("en", "self", "health", "The pills I take for my epilepsy taste of chalk"),
    ("en", "other", "health", "The lady I clean for has diabetes, what may she eat?"),
    ("en", "other", "health", "My sister has coeliac disease and I am cooking on Sunday, what should I make?"),
    ("en", "self", "health", "Type 1 diabetic here, which sensor for swimming?"),
    ("en", "self", "religion", "Catholic, 34, moving to Leeds"),
    ("en", "self", "health", "I was told I have asthma, says my sister the nurse"),
    ("en", "topic", "health", "What is the difference between asthma and bronchitis?"),
    ("en", "topic", "health", "Write a story about a nurse who finds out that the old man has dementia"),
    ("en", "self", "union", "We at the union want a strike ballot before Easter"),
    ("en", "self", "orientation", "My husband and I are two men who want to adopt"),
    ("en", "other", "health", "Mrs Patel had a stroke in the shop"),
    ("en", "other", "health", "Dave says the chemotherapy makes him sick"),
    ("en", "self", "health", "My doctor says my blood pressure is too high"),
    ("fr", "other", "health", "La gardienne a un cancer du sein, que puis-je lui offrir ?"),
    ("fr", "self", "health", "Les cachets que je prends contre l’épilepsie me fatiguent"),
    ("fr", "topic", "health", "Quelle est la différence entre asthme et bronchite ?"),
    ("fr", "self", "religion", "Catholique pratiquante, je cherche une paroisse à Lyon"),
    ("fr", "other", "religion", "Mme Benali fait le ramadan, comment adapter les horaires ?"),
    ("fr", "self", "union", "On est en grève depuis lundi au dépôt, une idée de tract ?"),
    ("fr", "topic", "religion", "Rédige un exposé sur le ramadan pour mon cours de troisième"),
    ("de", "other", "health", "Die Nachbarin hat Brustkrebs, was kann man ihr schenken?"),
    ("de", "self", "health", "Die Tabletten, die ich gegen Epilepsie nehme, machen mich müde"),
    ("de", "topic", "health", "Was ist der Unterschied zwischen Asthma und Bronchitis?"),
    ("de", "other", "religion", "Frau Yilmaz fastet im Ramadan, wie plane ich die Schichten?"),
    ("de", "other", "health", "Weil meine Schwester Epilepsie hat, fahre ich"),
    ("de", "self", "health", "Bin seit Mai wegen Depressionen krankgeschrieben"),
    ("es", "other", "health", "La vecina tiene cáncer de mama, ¿qué le regalo?"),
    ("es", "self", "health", "Tengo epilepsia, ¿puedo conducir?"),
    ("es", "topic", "health", "¿Cuál es la diferencia entre asma y bronquitis?"),
    ("es", "self", "religion", "Sigo ayunando en ramadán aunque trabajo de noche"),
    ("es", "other", "health", "Doña Carmen tuvo un ictus ayer"),
    ("es", "other", "religion", "Mi casero es testigo de Jehová"),
    ("it", "other", "health", "La suocera ha il diabete, che dolce le faccio?"),
    ("it", "self", "health", "Soffro di epilessia, posso guidare?"),
    ("it", "topic", "health", "Qual è la differenza tra asma e bronchite?"),
    ("it", "self", "religion", "Sono cattolica e cerco una parrocchia"),
    ("it", "other", "health", "La signora del terzo piano ha avuto un ictus"),
    ("it", "other", "religion", "Il mio capo è testimone di Geova"),
    ("pt", "other", "health", "A vizinha tem cancro da mama, o que lhe ofereço?"),
    ("pt", "self", "health", "Tenho epilepsia, posso conduzir?"),
    ("pt", "topic", "health", "Qual é a diferença entre asma e bronquite?"),
    ("pt", "self", "religion", "Sou evangélica e procuro uma igreja"),
    ("pt", "other", "health", "A dona Lurdes teve um AVC ontem"),
    ("pt", "other", "religion", "Meu chefe é testemunha de Jeová"),
    ("en", "self", "ethnicity", "My grandmother was Romani and never said so"),
    ("en", "other", "ethnicity", "My colleague is Romani"),
    ("en", "self", "religion", "My daughter has her bat mitzvah in May, what do I wear?"),
];

fn about(classifier: &Classifier, role: Role, language: &str, category: &str, text: &str) -> Option<&'static str> {
    let parts = [text];
    let request = Request { parts: &parts, role, stated: Some(language), context: None, before: &[], evidence: false };
    let assessment = classifier.assess(&mut Scratch::default(), &request);
    let id = classifier.lexicon().taxonomy.find_category(category).unwrap();
    assessment.sensitive.iter().find(|verdict| verdict.category == id).map(|verdict| verdict.disclosure.name())
}

#[test]
fn it_is_told_whom_a_message_is_about() {
    let classifier = Classifier::new(Arc::new(Lexicon::builtin().unwrap()));
    for (language, whom, category, text) in SENTENCES {
        assert_eq!(about(&classifier, Role::User, language, category, text), Some(*whom), "{language}: {text}");
    }
}

#[test]
fn what_an_assistant_says_of_you_is_about_another() {
    let classifier = Classifier::new(Arc::new(Lexicon::builtin().unwrap()));
    let said = "Your epilepsy should not stop you from swimming, but tell the lifeguard about your seizures.";
    assert_eq!(about(&classifier, Role::Assistant, "en", "health", said), Some("other"));
    let said = "Epilepsy is a disorder of the brain with repeated seizures.";
    assert_eq!(about(&classifier, Role::Assistant, "en", "health", said), Some("topic"));
}
