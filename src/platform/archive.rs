//! Documents with their attachments in one file, out of a store and into another: `docs/export-format.md` describes it.
//!
//! Everything is streamed; neither a database nor an attachment is ever whole in memory. What was interrupted is begun
//! again with the same words: a torn file is cut behind its last good record and continued, and of a file that is read
//! whatever the store has already is recognised by comparing.

use std::{io, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::store;

mod compare;
mod export;
mod import;
mod read;
mod record;
mod same;
mod scope;
mod sink;
mod write;

pub use compare::{Difference, compare};
pub use export::{Exported, export, part_of};
pub use import::{Imported, Met, import};
pub use read::verify;

/// What is taken of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The account that is taken, with all below it; everything if there's none.
    pub account: Option<String>,
    /// Whether the databases of accounts' months are taken, too.
    pub months: bool,
}

/// How much there is in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub databases: u64,
    pub documents: u64,
    pub attachments: u64,
    /// Of attachments.
    pub bytes: u64,
}

/// Why something couldn't be exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// The file isn't an export, or not as it was written.
    #[error("{}, byte {offset}: {reason}", path.display())]
    Damaged { path: PathBuf, offset: u64, reason: String },
    /// The file, or what is left of an interrupted export, isn't what was asked for.
    #[error("{}: {reason}", path.display())]
    Unsuitable { path: PathBuf, reason: String },
    #[error("there is nothing to export")]
    Nothing,
    /// A document is written to faster than it can be read.
    #[error("{db}/{id} doesn't stand still")]
    Restless { db: store::Db, id: String },
}
