//! All that is found in a text, for `explain`.

use super::disclosure::Case;
use super::evidence::{self, Item};
use super::passage::{self, Passage};
use super::{Classifier, Request, Scratch, speaker};
use crate::finding::CategoryId;
use crate::lexicon::matcher::{ALL_LAYERS, LAYERS};
use crate::lexicon::pack::Pack;
use crate::lexicon::whom::Tally;
use crate::lexicon::words::{Opinion, Words};

/// All that a language's pack finds in a text, for `explain`.
#[derive(Debug)]
pub struct Weighed<'p> {
    /// The pack.
    pub pack: &'p Pack,
    /// Its entries that occur, by place.
    pub items: Vec<Item>,
    /// What its words say by themselves.
    pub opinion: Opinion,
    /// The best passage of each category that anything speaks for.
    pub passages: Vec<Passage>,
    /// By category: the signs that tell whom it is about.
    pub whom: Vec<(CategoryId, Tally)>,
}

impl Classifier {
    /// Every addend for `explain`: one list a language tried.
    pub fn weigh_all<'p>(&'p self, scratch: &mut Scratch, request: &Request<'_>) -> Vec<Weighed<'p>> {
        let Some(text) = request.parts.first() else { return Vec::new() };
        scratch.text.read(text);
        let chosen = self.choose_language(scratch, request);
        let mut out = Vec::new();
        for (place, pack) in chosen.packs().filter_map(|tag| self.lexicon.pack(tag)).enumerate() {
            scratch.hits.clear();
            let words = if place == 0 { &pack.words } else { Words::none() };
            self.screen(scratch, pack, words);
            pack.matcher.confirm(&scratch.text, &scratch.candidates, ALL_LAYERS, &mut scratch.hits);
            pack.cues.find(&pack.matcher, &scratch.text, &scratch.candidates, &mut scratch.cues);
            pack.cues.find_late(&scratch.text, &mut scratch.cues);
            let mut items = Vec::new();
            for layer in LAYERS {
                evidence::weigh(pack, &scratch.text, &scratch.hits, &scratch.cues, layer, &mut items);
            }
            items.sort_by_key(|item| item.start);
            let alone = self.alone(&scratch.opinion);
            let categories = self.thresholds.len();
            let passages = passage::best(&items, pack.lines, categories, alone, &mut scratch.seen);
            let whom = passages.iter().map(|best| {
                let category = self.lexicon.taxonomy.category(best.category);
                let case =
                    Case { text: &scratch.text, cues: &scratch.cues, pack, speaker: speaker(request.role, category) };
                let words = self.reasons(words, &scratch.text, best);
                (best.category, case.tally(best.evidence(&items), &words))
            });
            let whom = whom.collect();
            out.push(Weighed { pack, items, opinion: scratch.opinion.clone(), passages, whom });
        }
        out
    }
}
