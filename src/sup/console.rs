//! What a command says: results on standard output, complaints and progress on standard error.

use std::io::{IsTerminal, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use crate::platform::packages::Report;

/// Where a command's words go.
pub struct Console {
    silent: bool,
    progress: bool,
}

impl Console {
    pub fn new() -> Self {
        Self { silent: false, progress: std::io::stderr().is_terminal() }
    }

    /// One that keeps what goes well to itself.
    pub fn silent() -> Self {
        Self { silent: true, progress: false }
    }

    /// A line of the result.
    pub fn say(&self, line: &str) {
        if !self.silent {
            // Whoever has read enough (`| head`) may go.
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }

    /// Something that went wrong.
    pub fn warn(&self, line: &str) {
        eprintln!("{line}");
    }

    /// A bar for work of `steps` steps; invisible unless somebody watches.
    pub fn progress(&self, steps: usize) -> ProgressBar {
        if !self.progress || steps < 2 {
            return ProgressBar::hidden();
        }
        let style =
            ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(steps as u64).with_style(style)
    }
}

impl Report for Console {
    fn say(&self, line: &str) {
        Console::say(self, line);
    }

    fn warn(&self, line: &str) {
        Console::warn(self, line);
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}
