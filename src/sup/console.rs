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

    /// Whether there is somebody to be asked.
    pub fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal()
    }

    /// Asks whether something is to be done. It isn't where nobody can be asked, or the terminal is closed.
    pub fn ask(&self, question: &str) -> bool {
        if !self.can_ask() {
            return false;
        }
        eprint!("{question} [y/N] ");
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }

    /// A bar for work of `steps` steps; invisible unless somebody watches.
    pub fn progress(&self, steps: usize) -> ProgressBar {
        self.bar(steps as u64, "{bar:30} {pos}/{len} {wide_msg}")
    }

    /// A bar for reading so many bytes.
    pub fn progress_of_bytes(&self, bytes: u64) -> ProgressBar {
        self.bar(bytes, "{bar:30} {bytes}/{total_bytes} {eta} {wide_msg}")
    }

    fn bar(&self, length: u64, template: &str) -> ProgressBar {
        if !self.progress || length < 2 {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(length).with_style(style)
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
