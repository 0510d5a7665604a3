//! A progress bar on standard error, only where somebody sees it.

use std::io::IsTerminal;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::read::Progress;

/// A bar, or nothing.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar when `wanted` and standard error is a terminal.
    pub(super) fn new(wanted: bool) -> Bar {
        if !wanted || !std::io::stderr().is_terminal() {
            return Bar(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {prefix} {msg}")
        {
            bar.set_style(style);
        }
        Bar(Some(bar))
    }

    /// Begins a new input.
    pub(super) fn name(&self, input: &str) {
        if let Some(bar) = &self.0 {
            bar.reset();
            bar.set_message(input.to_owned());
        }
    }

    /// Moves it; `messages` were seen so far.
    pub(super) fn show(&self, progress: Progress, messages: u64) {
        if let Some(bar) = &self.0 {
            if progress.looking_for_copies {
                bar.set_prefix("looking for copies:");
            } else {
                bar.set_prefix(format!("{} messages:", HumanCount(messages)));
            }
            if let Some(total) = progress.total {
                bar.set_length(total.max(progress.read));
            }
            bar.set_position(progress.read);
        }
    }

    /// Takes it away.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
