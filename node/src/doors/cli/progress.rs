//! A progress bar on standard error, when that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that a desk's progress calls move.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// `what` is done in units of `unit`.
    pub(super) fn new(what: &'static str, unit: &str) -> Self {
        let template = format!("{what} {{bar:40}} {{percent:>3}} %  {{pos}}/{{len}} {unit}  {{eta}}");
        let bar = ProgressBar::new(0);
        // The template is ours; were it wrong, the plain bar does.
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So much of so much is done.
    pub(super) fn moved(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
