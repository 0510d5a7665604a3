//! Counts whose keys hardly change from message to message: platform, surface, language, reasons of the scope.
//!
//! Looking four strings up in maps for every message took as long as matching it; here equal ones in a row are counted first
//! and looked up once.

use super::summary::{Summary, language};
use crate::finding::Finding;

/// Messages in a row that agree in these.
#[derive(Debug, Clone, Default)]
pub(super) struct Streak {
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
        let said = &finding.assessment;
        let same = self.language == said.language
            && self.judged == said.judged
            && self.platform == finding.platform
            && self.surface == finding.surface
            && self.reasons == finding.scope.reasons;
        if !same {
            self.close(sums);
            (self.platform, self.surface, self.judged) = (finding.platform, finding.surface, said.judged);
            self.language.clone_from(&said.language);
            self.reasons.clone_from(&finding.scope.reasons);
        }
        self.count += 1;
    }

    /// Puts what was counted into the sums.
    pub(super) fn close(&mut self, sums: &mut Summary) {
        let count = std::mem::take(&mut self.count);
        if count == 0 {
            return;
        }
        *sums.platforms.entry(self.platform).or_default() += count;
        *sums.surfaces.entry((self.platform, self.surface.unwrap_or(""))).or_default() += count;
        let language = language(&self.language);
        if !self.judged {
            *sums.unjudged.entry(language.clone()).or_default() += count;
        }
        *sums.languages.entry(language).or_default() += count;
        for reason in &self.reasons {
            *sums.reasons.entry(reason).or_default() += count;
        }
    }
}
