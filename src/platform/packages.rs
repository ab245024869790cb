//! Apps as they lie on disk, and loading them into the master account's catalogue.

pub mod folder;
pub mod load;
pub mod picture;
pub mod unpack;

pub use load::{LoadError, Loader, Mode};

/// Who is told how some work goes on.
pub trait Report {
    /// A line of the result.
    fn say(&self, line: &str);
    /// Something that went wrong.
    fn warn(&self, line: &str);
}
