//! The answers that are kept, by what was asked; so many bytes of them, the least used ones go first.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use moka::sync::Cache;

use super::{
    is_ordinary,
    marks::{Marks, Moment},
};
use crate::store::{
    AttachmentInfo, Db, Document, Error, Query, Row, View,
    weight::{self, OVERHEAD},
};

/// An answer of more than this part of the whole would push out too many others.
const LARGEST_PART: u64 = 16;

/// After this an answer is asked for again, although nobody said that it changed: CouchDB may lose an announcement when
/// the part of it that collects them crashes.
const LIFETIME: Duration = Duration::from_secs(60);

/// A question to a store.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Document(Db, String),
    Rows(Db, View, Query),
    File(Db, String, String),
}

/// What came of it.
#[derive(Clone)]
pub(super) enum Answer {
    Document(Document),
    Rows(Arc<[Row]>),
    File(AttachmentInfo, Bytes),
    NoDatabase,
    /// No such document, view or attachment.
    Nothing,
    /// An attachment's document isn't there.
    NoDocument,
}

#[derive(Clone)]
struct Entry {
    as_of: Moment,
    answer: Answer,
    bytes: u32,
}

pub(super) struct Shelf {
    entries: Cache<Key, Entry>,
    largest: u64,
    pub(super) marks: Marks,
}

impl Key {
    pub(super) fn db(&self) -> &Db {
        match self {
            Self::Document(db, _) | Self::Rows(db, ..) | Self::File(db, ..) => db,
        }
    }

    /// Whether it's about what shows in feeds.
    pub(super) fn is_ordinary(&self) -> bool {
        match self {
            Self::Document(_, id) | Self::File(_, id, _) => is_ordinary(id),
            Self::Rows(..) => true,
        }
    }

    /// Whether nothing of it was marked since.
    pub(super) fn is_good(&self, marks: &Marks, as_of: Moment) -> bool {
        match self {
            Self::Document(db, id) | Self::File(db, id, _) => marks.is_good_document(db, id, as_of),
            Self::Rows(db, ..) => marks.is_good_listing(db, as_of),
        }
    }

    fn bytes(&self) -> usize {
        let rest = match self {
            Self::Document(_, id) => id.len(),
            Self::Rows(_, _, query) => weight::query(query),
            Self::File(_, id, name) => id.len() + name.len(),
        };
        self.db().as_str().len() + rest
    }
}

impl Answer {
    /// The answer that an error is; `None` for those that say nothing of what is stored.
    pub(super) fn of_error(error: &Error, key: &Key) -> Option<Self> {
        match (error, key) {
            (Error::NoDatabase { .. }, _) => Some(Self::NoDatabase),
            (Error::NotFound { .. }, Key::Document(..)) => Some(Self::Nothing),
            (Error::NotFound { .. }, Key::File(..)) => Some(Self::NoDocument),
            (Error::NoView { .. }, Key::Rows(..)) | (Error::NoAttachment { .. }, Key::File(..)) => Some(Self::Nothing),
            _ => None,
        }
    }

    /// The error that an answer stands for, where it stands for one.
    pub(super) fn into_error(self, key: &Key) -> Error {
        match (self, key) {
            (Self::NoDatabase, key) => Error::NoDatabase { db: key.db().clone() },
            (Self::NoDocument, Key::File(db, id, _)) => Error::NotFound { db: db.clone(), id: id.clone() },
            (_, Key::Document(db, id)) => Error::NotFound { db: db.clone(), id: id.clone() },
            (_, Key::Rows(db, view, _)) => Error::NoView { db: db.clone(), view: view.to_string() },
            (_, Key::File(db, id, name)) => Error::NoAttachment { db: db.clone(), id: id.clone(), name: name.clone() },
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Document(doc) => weight::object(doc),
            Self::Rows(rows) => weight::rows(rows),
            Self::File(info, bytes) => info.content_type.len() + info.digest.len() + bytes.len(),
            Self::NoDatabase | Self::Nothing | Self::NoDocument => 0,
        }
    }
}

impl Shelf {
    pub(super) fn new(bytes: u64) -> Self {
        let entries = Cache::builder().max_capacity(bytes).weigher(|_, entry: &Entry| entry.bytes).time_to_live(LIFETIME).build();
        Self { entries, largest: bytes / LARGEST_PART, marks: Marks::default() }
    }

    /// How many bytes an answer may have to be kept.
    pub(super) fn largest(&self) -> u64 {
        self.largest
    }

    /// The answer, if it's there and nothing has been marked since it was read.
    pub(super) fn find(&self, key: &Key) -> Option<Answer> {
        let entry = self.entries.get(key)?;
        key.is_good(&self.marks, entry.as_of).then_some(entry.answer)
    }

    /// Whether a document is or was kept, good or void.
    pub(super) fn has_document(&self, db: &Db, id: &str) -> bool {
        self.entries.contains_key(&Key::Document(db.clone(), id.to_owned()))
    }

    /// Keeps the answer of a read that began at `as_of`.
    pub(super) fn keep(&self, key: Key, as_of: Moment, answer: Answer) {
        let bytes = OVERHEAD + key.bytes() + answer.bytes();
        if bytes as u64 > self.largest || !key.is_good(&self.marks, as_of) {
            return;
        }
        self.entries.insert(key, Entry { as_of, answer, bytes: u32::try_from(bytes).unwrap_or(u32::MAX) });
    }

    /// Voids everything, and gives the memory back.
    pub(super) fn clear(&self) {
        self.marks.mark_everything();
        self.entries.invalidate_all();
    }

    /// About how many answers there are, and how many bytes they have.
    pub(super) fn size(&self) -> (u64, u64) {
        (self.entries.entry_count(), self.entries.weighted_size())
    }
}
