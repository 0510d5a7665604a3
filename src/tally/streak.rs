//! Counts whose keys hardly change from message to message: platform, surface, language, reasons of the scope.
//!
//! Looking four strings up in maps for every message took as long as matching it; here equal ones are counted first and
//! looked up once. Two who talk take turns, perhaps in two languages: a few kinds of message are kept apart.

use super::summary::{Summary, language};
use crate::finding::Finding;

/// Kinds of message that are counted at the same time.
const KINDS: usize = 4;

/// Messages of a few kinds, not yet in the sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Streak {
    kinds: Vec<Kind>,
    /// The one that is given up next when there are too many.
    oldest: usize,
}

/// Messages that agree in these.
#[derive(Debug, Clone, Default)]
struct Kind {
    platform: &'static str,
    surface: Option<&'static str>,
    language: String,
    judged: bool,
    reasons: Vec<&'static str>,
    count: u64,
}

impl Streak {
    /// Counts one more message.
    pub(super) fn add(&mut self, finding: &Finding, sums: &mut Summary) {
        if let Some(kind) = self.kinds.iter_mut().find(|kind| kind.holds(finding)) {
            kind.count += 1;
            return;
        }
        let new = Kind::of(finding);
        if self.kinds.len() < KINDS {
            self.kinds.push(new);
            return;
        }
        self.oldest = (self.oldest + 1) % KINDS;
        std::mem::replace(&mut self.kinds[self.oldest], new).close(sums);
    }

    /// Puts what was counted into the sums.
    pub(super) fn close(&mut self, sums: &mut Summary) {
        self.kinds.drain(..).for_each(|kind| kind.close(sums));
    }
}

impl Kind {
    fn of(finding: &Finding) -> Kind {
        Kind {
            platform: finding.platform,
            surface: finding.surface,
            language: finding.assessment.language.clone(),
            judged: finding.assessment.judged,
            reasons: finding.scope.reasons.clone(),
            count: 1,
        }
    }

    fn holds(&self, finding: &Finding) -> bool {
        let said = &finding.assessment;
        self.language == said.language
            && self.judged == said.judged
            && self.platform == finding.platform
            && self.surface == finding.surface
            && self.reasons == finding.scope.reasons
    }

    fn close(self, sums: &mut Summary) {
        *sums.platforms.entry(self.platform).or_default() += self.count;
        *sums.surfaces.entry((self.platform, self.surface.unwrap_or(""))).or_default() += self.count;
        let language = language(&self.language);
        if !self.judged {
            *sums.unjudged.entry(language.clone()).or_default() += self.count;
        }
        *sums.languages.entry(language).or_default() += self.count;
        for reason in self.reasons {
            *sums.reasons.entry(reason).or_default() += self.count;
        }
    }
}
