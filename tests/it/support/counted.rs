//! A store that counts what it's asked, and can be told to hold answers back, to hide what became of a write, to have a database
//! that can't be read, and to go away.

use std::{
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use storefront::store::{Attachment, Changes, Db, Document, Error, Object, Query, Rev, Row, Since, Store, Updates, Upload, View};
use tokio::sync::watch;

pub struct Counted {
    inner: Arc<dyn Store>,
    reads: AtomicUsize,
    /// Whether writes, once done, are reported as not answered in time.
    pub hides_writes: AtomicBool,
    /// After how many reads there's no answer any more, to anything.
    pub ends_after: AtomicUsize,
    /// A database that can't be read.
    pub sick: OnceLock<Db>,
    /// Whether what was read is held back for the time being.
    pub holds: watch::Sender<bool>,
}

impl Counted {
    pub fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            reads: AtomicUsize::new(0),
            hides_writes: AtomicBool::new(false),
            ends_after: AtomicUsize::new(usize::MAX),
            sick: OnceLock::new(),
            holds: watch::Sender::new(false),
        })
    }

    /// How many reads there were since the last time that this was asked.
    pub fn reads(&self) -> usize {
        self.reads.swap(0, SeqCst)
    }

    /// Waits until there were so many reads.
    pub async fn until_reads(&self, reads: usize) {
        while self.reads.load(SeqCst) < reads {
            tokio::task::yield_now().await;
        }
    }

    /// Gives an answer when there's leave.
    async fn answered<T>(&self, answer: T) -> T {
        self.holds.subscribe().wait_for(|holds| !holds).await.unwrap();
        answer
    }

    fn read(&self) -> &dyn Store {
        self.reads.fetch_add(1, SeqCst);
        &*self.inner
    }

    fn is_there(&self) -> Result<(), Error> {
        if self.reads.load(SeqCst) > self.ends_after.load(SeqCst) {
            return Err(Error::Unreachable { source: anyhow::anyhow!("it has gone away") });
        }
        Ok(())
    }

    /// The same for a walk, which some databases don't allow.
    fn walked(&self, db: &Db) -> Result<&dyn Store, Error> {
        let store = self.read();
        self.is_there()?;
        match self.sick.get() {
            Some(sick) if sick == db => {
                Err(Error::Corrupt { db: db.clone(), id: String::new(), source: anyhow::anyhow!("a bad disk") })
            }
            _ => Ok(store),
        }
    }

    fn written<T>(&self, db: &Db, outcome: Result<T, Error>) -> Result<T, Error> {
        if self.hides_writes.load(SeqCst) { Err(Error::Timeout { db: db.clone() }) } else { outcome }
    }
}

#[async_trait]
impl Store for Counted {
    async fn ping(&self) -> Result<(), Error> {
        self.is_there()?;
        self.inner.ping().await
    }

    async fn create_database(&self, db: &Db) -> Result<(), Error> {
        self.written(db, self.inner.create_database(db).await)
    }

    async fn delete_database(&self, db: &Db) -> Result<(), Error> {
        self.written(db, self.inner.delete_database(db).await)
    }

    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error> {
        self.read().databases(prefix).await
    }

    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error> {
        let store = self.read();
        let answer = match self.is_there() {
            Ok(()) => store.get(db, id).await,
            Err(error) => Err(error),
        };
        self.answered(answer).await
    }

    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error> {
        self.answered(self.read().get_many(db, ids).await).await
    }

    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error> {
        self.written(db, self.inner.put(db, doc).await)
    }

    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error> {
        self.written(db, self.inner.put_many(db, docs).await)
    }

    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error> {
        self.written(db, self.inner.delete(db, id, rev).await)
    }

    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        self.answered(self.walked(db)?.view(db, view, query).await).await
    }

    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        self.read().attachment(db, id, name, range).await
    }

    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error> {
        self.written(db, self.inner.put_attachment(db, id, rev, name, upload).await)
    }

    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error> {
        self.written(db, self.inner.delete_attachment(db, id, rev, name).await)
    }

    /// Not counted: only the cache's own thread asks, and nobody waits for it.
    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error> {
        self.inner.changes(db, since).await
    }

    async fn updates(&self, pulse: Duration) -> Result<Updates, Error> {
        self.inner.updates(pulse).await
    }
}
