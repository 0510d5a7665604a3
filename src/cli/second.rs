//! The second reading: titles are fetched, and every message is looked up in the finished reports.

use std::collections::BTreeSet;

use anyhow::Result;

use super::progress::Bar;
use crate::echo::{Reader, Runs};
use crate::read::{self, Batch, Plan};
use crate::report::{Check, Report, Titles};
use crate::scan::shown_id;

/// The inputs, as they were read the first time. What came through a pipe was kept, so it can be read again.
pub(super) struct Inputs {
    plans: Vec<Plan>,
    /// Show progress.
    visible: bool,
}

impl Inputs {
    pub(super) fn new(visible: bool) -> Inputs {
        Inputs { plans: Vec::new(), visible }
    }

    pub(super) fn add(&mut self, plan: Plan) {
        self.plans.push(plan);
    }

    /// Reads everything again; what `work` makes of each batch goes to `collect`.
    fn read<T: Send>(&self, work: impl Fn(Batch<'_>) -> T + Sync, mut collect: impl FnMut(T)) -> Result<()> {
        let bar = Bar::new(self.visible);
        for plan in &self.plans {
            bar.name("second reading");
            read::drive(
                plan,
                &work,
                |done| {
                    collect(done);
                    Ok(())
                },
                |progress| bar.show(progress, 0),
            )?;
        }
        bar.clear();
        Ok(())
    }

    /// The titles of the conversations that the report lists.
    pub(super) fn titles(&self, report: &Report) -> Result<Titles> {
        let key = |one: &crate::tally::Exposure| (one.source.clone(), one.conversation_id.clone());
        let wanted: BTreeSet<(String, String)> = report.summary.exposures.iter().map(key).collect();
        let find = |batch: Batch<'_>| {
            let mut found = Vec::new();
            for conversation in &batch.conversations {
                let key = (batch.place.clone(), shown_id(conversation));
                if let Some(title) = conversation.title.clone().filter(|_| wanted.contains(&key)) {
                    found.push((key, title));
                }
            }
            found
        };
        let mut titles = Titles::new();
        self.read(find, |found| titles.extend(found))?;
        Ok(titles)
    }

    /// Looks up every message, and every title, unless titles were asked for.
    pub(super) fn look_up(&self, runs: &Runs, titles: bool) -> Result<Check> {
        let find = |batch: Batch<'_>| {
            let (mut reader, mut check) = (Reader::default(), Check::default());
            for conversation in &batch.conversations {
                // Some formats have no title but the file's name, which a report shows.
                let told = |title: &&String| titles && !batch.place.contains(title.as_str());
                if let Some(title) = conversation.title.as_ref().filter(told) {
                    check.echoes += reader.echoes(runs, title);
                }
                for message in &conversation.messages {
                    check.messages += 1;
                    let texts = std::iter::once(&message.text).chain(&message.attachments);
                    check.echoes += texts.map(|text| reader.echoes(runs, text)).sum::<u64>();
                }
            }
            check
        };
        let mut sum = Check::default();
        self.read(find, |check| {
            sum.messages += check.messages;
            sum.echoes += check.echoes;
        })?;
        Ok(sum)
    }
}
