//! Where documents live: databases of JSON documents with attachments, views and a changes feed.
//!
//! [`Store`] offers what Kazoo's rules need, in CouchDB's vocabulary and with CouchDB's guarantees (every write names the
//! revision it replaces), and nothing of CouchDB's HTTP. [`embedded`] keeps everything in one file; [`couch`] talks to a
//! CouchDB server. Nothing here knows a rule of Kazoo's.

use std::{borrow::Cow, fmt, ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt, future::LocalBoxFuture, stream::BoxStream};
use serde_json::{Map, Value};

mod assembled;
pub mod cached;
pub mod couch;
pub mod embedded;
pub mod measured;
mod open;
mod pages;
mod update;
mod weight;

pub use assembled::Assembled;
pub use cached::Cached;
pub use measured::Measured;
pub use open::{Location, open};
pub use pages::Pages;
pub use update::{Merged, update};

/// A JSON object: a document, or a part of one.
pub type Object = Map<String, Value>;

/// A document as it was read: shared, so that a reader who only looks never copies it.
pub type Document = Arc<Object>;

/// A document's revision, `N-<32 hex>`: `N` counts its edits.
pub type Rev = String;

/// Bytes on their way in or out of a store.
pub type ByteStream = BoxStream<'static, Result<Bytes, Error>>;

/// Databases as they change. It ends with an error, or when the server ends it.
pub type Updates = BoxStream<'static, Result<Update, Error>>;

/// Says whether what was read would be read the same now.
pub type Proof = Box<dyn Fn() -> bool + Send + Sync>;

/// The name of a database as CouchDB has it, slashes and all: `accounts`, `account/0a/1b/2c3d…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Db(Cow<'static, str>);

impl Db {
    /// A name that is known at compile time; it's taken as it stands.
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name from outside. `None` when CouchDB wouldn't take it: it must begin with a lower-case letter (or be one of
    /// CouchDB's own, which begin with `_`) and consist of `a-z`, `0-9` and `_$()+-/`.
    pub fn parse(name: &str) -> Option<Self> {
        let mut bytes = name.bytes();
        let first = matches!(bytes.next(), Some(b'a'..=b'z' | b'_'));
        let rest = bytes.all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' | b'(' | b')' | b'+' | b'-' | b'/'));
        (first && rest && name.len() <= 238).then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name, unencoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can go wrong in a store. Each names the database, and the document where there is one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database doesn't exist.
    #[error("{db}: no such database")]
    NoDatabase { db: Db },
    /// The database to be created exists already.
    #[error("{db}: database exists already")]
    DatabaseExists { db: Db },
    /// The document doesn't exist, or has been deleted.
    #[error("{db}/{id}: no such document")]
    NotFound { db: Db, id: String },
    /// The document has no attachment of that name.
    #[error("{db}/{id}: no attachment {name:?}")]
    NoAttachment { db: Db, id: String, name: String },
    /// The database has no such view.
    #[error("{db}: no view {view}")]
    NoView { db: Db, view: String },
    /// The write named a revision that isn't the current one.
    #[error("{db}/{id}: not the current revision")]
    Conflict { db: Db, id: String },
    /// The store refuses what was sent: an illegal id, a document that isn't one, a validation function's "no".
    #[error("{db}/{id}: {reason}")]
    Invalid { db: Db, id: String, reason: String },
    /// The store doesn't accept our credentials, or they don't suffice.
    #[error("{db}: the database server refuses our credentials: {reason}")]
    Unauthorized { db: Db, reason: String },
    /// The store can't be reached.
    #[error("the database can't be reached: {source}")]
    Unreachable { source: anyhow::Error },
    /// The store didn't answer in time.
    #[error("{db}: no answer from the database in time")]
    Timeout { db: Db },
    /// What is stored, or what the store answered, can't be understood; or the store itself fails.
    #[error("{db}/{id}: {source}")]
    Corrupt { db: Db, id: String, source: anyhow::Error },
}

impl Error {
    /// The same once more, for somebody else who waited for the same; where it comes from is told in words.
    fn retold(&self) -> Self {
        let anew = |source: &anyhow::Error| anyhow::anyhow!("{source:#}");
        match self {
            Self::NoDatabase { db } => Self::NoDatabase { db: db.clone() },
            Self::DatabaseExists { db } => Self::DatabaseExists { db: db.clone() },
            Self::NotFound { db, id } => Self::NotFound { db: db.clone(), id: id.clone() },
            Self::NoAttachment { db, id, name } => Self::NoAttachment { db: db.clone(), id: id.clone(), name: name.clone() },
            Self::NoView { db, view } => Self::NoView { db: db.clone(), view: view.clone() },
            Self::Conflict { db, id } => Self::Conflict { db: db.clone(), id: id.clone() },
            Self::Invalid { db, id, reason } => Self::Invalid { db: db.clone(), id: id.clone(), reason: reason.clone() },
            Self::Unauthorized { db, reason } => Self::Unauthorized { db: db.clone(), reason: reason.clone() },
            Self::Unreachable { source } => Self::Unreachable { source: anew(source) },
            Self::Timeout { db } => Self::Timeout { db: db.clone() },
            Self::Corrupt { db, id, source } => Self::Corrupt { db: db.clone(), id: id.clone(), source: anew(source) },
        }
    }
}

/// A view: the design document's name (without `_design/`) and the view's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    pub design: &'static str,
    pub name: &'static str,
}

impl View {
    /// Every document of a database by id, design documents included; a row's value is `{"rev": …}`.
    pub const ALL_DOCS: View = View { design: "", name: "_all_docs" };

    pub const fn new(design: &'static str, name: &'static str) -> Self {
        Self { design, name }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.design, self.name)
    }
}

/// Which rows of a view are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Keys {
    /// All of them.
    #[default]
    All,
    /// Those with exactly this key.
    One(Value),
    /// Those with these keys, in the order given; a key that has no row gives none.
    Many(Vec<Value>),
    /// From `start` to `end` in the direction of the query; an absent bound is open. Nothing when they are the wrong way round.
    Range { start: Option<Value>, end: Option<Value>, inclusive_end: bool },
}

/// How the rows of a view with a reduce function are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reduce {
    /// Not at all: the map's rows.
    #[default]
    No,
    /// One value over all rows; its key is null. No row at all when nothing matches.
    All,
    /// One value for each distinct key (`group=true`).
    Group,
    /// One value for each distinct array prefix of this many elements (`group_level`).
    Level(usize),
}

/// A question to a view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query {
    pub keys: Keys,
    pub descending: bool,
    pub limit: Option<usize>,
    pub skip: usize,
    pub include_docs: bool,
    /// Whether these documents name, under `_conflicts`, the revisions that lost against the current one, if there are any:
    /// what came of two writes at the same time on different servers. A store of one machine has none.
    pub conflicts: bool,
    pub reduce: Reduce,
}

impl Query {
    /// The rows with exactly this key.
    pub fn key(key: impl Into<Value>) -> Self {
        Self { keys: Keys::One(key.into()), ..Self::default() }
    }

    /// The rows with these keys, in that order.
    pub fn keys(keys: Vec<Value>) -> Self {
        Self { keys: Keys::Many(keys), ..Self::default() }
    }

    /// The rows between two keys, both included.
    pub fn range(start: Value, end: Value) -> Self {
        Self { keys: Keys::Range { start: Some(start), end: Some(end), inclusive_end: true }, ..Self::default() }
    }

    /// Makes of this the question for what comes after the rows that it was answered with. For a range, or all rows.
    pub fn follow(&mut self, rows: &[Row]) {
        let Some(last) = rows.last() else { return };
        // Where a range begins is said by a key only, which several rows may have.
        let alike = rows.iter().rev().take_while(|row| row.key == last.key).count();
        let carried = if alike == rows.len() && self.starts_at(&last.key) { self.skip } else { 0 };
        self.skip = carried + alike;
        let (end, inclusive_end) = match std::mem::take(&mut self.keys) {
            Keys::Range { end, inclusive_end, .. } => (end, inclusive_end),
            _ => (None, true),
        };
        self.keys = Keys::Range { start: Some(last.key.clone()), end, inclusive_end };
    }

    fn starts_at(&self, key: &Value) -> bool {
        matches!(&self.keys, Keys::Range { start: Some(start), .. } if start == key)
    }

    pub fn with_docs(self) -> Self {
        Self { include_docs: true, ..self }
    }

    pub fn descending(self) -> Self {
        Self { descending: true, ..self }
    }

    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

/// A row of a view's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The document that emitted it; `None` for a reduced row.
    pub id: Option<String>,
    pub key: Value,
    pub value: Value,
    /// The document, when it was asked for and still exists.
    pub doc: Option<Document>,
}

/// What a store knows of an attachment without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentInfo {
    pub content_type: String,
    /// Bytes of the whole attachment.
    pub length: u64,
    /// `md5-<base64>` as in the document's stub. CouchDB computes it over its own compressed form for text.
    pub digest: String,
}

/// An attachment being read.
pub struct Attachment {
    pub info: AttachmentInfo,
    /// The bytes that `body` holds: all of them, or the part that was asked for.
    pub range: Range<u64>,
    pub body: ByteStream,
}

/// An attachment to be written.
pub struct Upload {
    pub content_type: String,
    /// Bytes to come, where they are known beforehand.
    pub length: Option<u64>,
    pub body: ByteStream,
}

/// A position in a changes feed. Opaque: only ever given back to the database it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seq(pub String);

impl Seq {
    /// The position behind everything that has happened.
    pub fn now() -> Self {
        Self("now".to_owned())
    }
}

/// A question to a changes feed.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// Changes after this; `None` from the beginning.
    pub seq: Option<Seq>,
    pub limit: Option<usize>,
    pub include_docs: bool,
    /// When nothing has changed yet: how long to wait for something that does.
    pub wait: Option<Duration>,
}

/// One document's latest change.
#[derive(Clone, Debug)]
pub struct Change {
    pub seq: Seq,
    pub id: String,
    pub rev: Rev,
    pub deleted: bool,
    pub doc: Option<Document>,
}

/// Changes in the order in which they happened; a document that changed more than once shows at its latest place only.
#[derive(Clone, Debug)]
pub struct Changes {
    pub results: Vec<Change>,
    /// Where to go on.
    pub last: Seq,
}

/// What a feed of databases says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// A database's documents have changed, by whomever.
    Written(Db),
    /// A database was made or removed.
    Replaced(Db),
    /// There is nothing to tell, but the feed is alive.
    Pulse,
}

/// Databases of documents. Each method is one round trip to the server where there is one, unless it says otherwise.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Whether the store answers and accepts our credentials.
    async fn ping(&self) -> Result<(), Error>;

    /// Makes an empty database; [`Error::DatabaseExists`] when it's there.
    async fn create_database(&self, db: &Db) -> Result<(), Error>;

    /// Removes a database and all in it; [`Error::NoDatabase`] when there is none.
    async fn delete_database(&self, db: &Db) -> Result<(), Error>;

    /// The names of all databases that begin with `prefix`, sorted; CouchDB's own (`_users`, …) left out.
    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error>;

    /// A document, with `_id`, `_rev` and, where it has attachments, their stubs under `_attachments`.
    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error>;

    /// Several documents in the order asked for; `None` for each that doesn't exist.
    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error>;

    /// Writes a document: `_id` must be there, `_rev` must be the current one, or absent for a new (or deleted) document.
    /// Attachments whose stubs aren't under `_attachments` are dropped; an entry with base64 `data` and a `content_type`
    /// is stored with the document.
    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error>;

    /// Writes several documents, each for itself.
    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error>;

    /// Deletes a document, leaving a tombstone in the changes feed; returns the tombstone's revision.
    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error>;

    /// The rows of a view, in CouchDB's collation. Always includes every write acknowledged before.
    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error>;

    /// An attachment, or the part of it in `range` (bytes, end excluded; cut to the attachment's length).
    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error>;

    /// Writes an attachment to the document's current revision `rev` (`None` makes the document).
    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error>;

    /// Removes an attachment.
    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error>;

    /// What changed in a database.
    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error>;

    /// Which databases change, from now on; something is heard at least about every `pulse`.
    async fn updates(&self, pulse: Duration) -> Result<Updates, Error>;

    /// Carries out reads, all in the task that this is, and gives a proof of what they have read; `None` where nobody can say later
    /// whether it still holds. No round trip of its own, and none when the proof is asked.
    fn proven<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, Option<Proof>> {
        reads.map(|()| None).boxed_local()
    }
}
