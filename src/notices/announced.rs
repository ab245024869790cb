//! A store whose writes are announced.

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;

use super::{Bus, Notice, notice::Change};
use crate::store::{
    Attachment, Changes, Db, Document, Error, Object, Proof, Query, Rev, Row, Since, Store, Updates, Upload, View,
};

/// A store, and where what happens to it is told.
pub struct Announced {
    inner: Arc<dyn Store>,
    bus: Arc<Bus>,
}

impl Announced {
    pub fn new(inner: Arc<dyn Store>, bus: Arc<Bus>) -> Self {
        Self { inner, bus }
    }

    fn tell(&self, change: Change, db: &Db, id: &str, rev: &str, doc: &Object) {
        if let Some(notice) = Notice::of_document(change, db, id, rev, doc) {
            self.bus.tell(notice);
        }
    }

    /// Tells of a write that didn't bring the document along. If that can't be read, its type remains unsaid: better a notice
    /// that reaches few than none.
    async fn tell_of(&self, db: &Db, id: &str, rev: &str) {
        let doc = self.inner.get(db, id).await.unwrap_or_default();
        self.tell(Change::Edited, db, id, rev, &doc);
    }
}

#[async_trait]
impl Store for Announced {
    async fn ping(&self) -> Result<(), Error> {
        self.inner.ping().await
    }

    async fn create_database(&self, db: &Db) -> Result<(), Error> {
        self.inner.create_database(db).await?;
        self.bus.tell(Notice::of_database(Change::Created, db));
        Ok(())
    }

    async fn delete_database(&self, db: &Db) -> Result<(), Error> {
        self.inner.delete_database(db).await?;
        self.bus.tell(Notice::of_database(Change::Deleted, db));
        Ok(())
    }

    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error> {
        self.inner.databases(prefix).await
    }

    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error> {
        self.inner.get(db, id).await
    }

    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error> {
        self.inner.get_many(db, ids).await
    }

    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error> {
        let rev = self.inner.put(db, doc).await?;
        self.tell(Change::of(doc), db, id_of(doc), &rev, doc);
        Ok(rev)
    }

    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error> {
        let written = self.inner.put_many(db, docs).await?;
        for (doc, outcome) in docs.iter().zip(&written) {
            if let Ok(rev) = outcome {
                self.tell(Change::of(doc), db, id_of(doc), rev, doc);
            }
        }
        Ok(written)
    }

    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error> {
        // Afterwards nobody knows what it was.
        let doc = self.inner.get(db, id).await.unwrap_or_default();
        let rev = self.inner.delete(db, id, rev).await?;
        self.tell(Change::Deleted, db, id, &rev, &doc);
        Ok(rev)
    }

    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        self.inner.view(db, view, query).await
    }

    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        self.inner.attachment(db, id, name, range).await
    }

    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error> {
        let rev = self.inner.put_attachment(db, id, rev, name, upload).await?;
        self.tell_of(db, id, &rev).await;
        Ok(rev)
    }

    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error> {
        let rev = self.inner.delete_attachment(db, id, rev, name).await?;
        self.tell_of(db, id, &rev).await;
        Ok(rev)
    }

    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error> {
        self.inner.changes(db, since).await
    }

    async fn updates(&self, pulse: Duration) -> Result<Updates, Error> {
        self.inner.updates(pulse).await
    }

    fn proven<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, Option<Proof>> {
        self.inner.proven(reads)
    }
}

fn id_of(doc: &Object) -> &str {
    doc.get("_id").and_then(|id| id.as_str()).unwrap_or_default()
}
