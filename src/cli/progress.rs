//! A progress bar on standard error, only where somebody sees it.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg}") {
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

    /// Moves it.
    pub(super) fn show(&self, progress: Progress) {
        if let Some(bar) = &self.0 {
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
