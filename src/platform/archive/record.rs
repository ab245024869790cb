//! The records of a file, and the digests that hold them together.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Scope, Totals};
use crate::{kazoo::hex, store::Object};

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// Bytes of a record's first line at most: longer than any document, short enough for memory.
pub(super) const LONGEST_LINE: u64 = 64 << 20;

/// What a record's first line says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Record {
    /// The first one.
    Export(Header),
    /// What follows is in this database.
    Database(String),
    /// A document without `_rev`; the bytes of its attachments follow in this order, each with a newline behind.
    Document { document: Object, attachments: Vec<Attached> },
    /// The last one.
    End(Totals),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) version: u32,
    /// Where the documents were, without a password.
    pub(super) store: String,
    #[serde(flatten)]
    pub(super) scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Attached {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) length: u64,
}

/// The line behind a record.
#[derive(Serialize, Deserialize)]
pub(super) struct Seal {
    pub(super) sha256: String,
}

/// Digests of records, each made over the one before: what is lost, added or exchanged shows, not only what is altered.
#[derive(Clone, Default)]
pub(super) struct Chain {
    last: String,
    hash: Sha256,
}

impl Chain {
    pub(super) fn begin(&mut self) {
        self.hash = Sha256::new_with_prefix(&self.last);
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// The digest of the record that ends here.
    pub(super) fn end(&mut self) -> Seal {
        self.last = hex(&std::mem::take(&mut self.hash).finalize());
        Seal { sha256: self.last.clone() }
    }
}
