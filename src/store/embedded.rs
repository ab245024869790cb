//! Everything in one file: CouchDB's documents, views and feeds on SQLite and QuickJS, for one machine.
//!
//! Reads run where they're called, on connections of their own. All writes go through one thread, which commits what waits
//! for it together. Views are indexed by another thread, the only one on which JavaScript runs. Other processes may use
//! the same file at the same time.

use std::{ops::Range, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{FutureExt, future::LocalBoxFuture};

use self::{
    bell::Bell,
    edit::Edit,
    fault::Fault,
    readers::Readers,
    version::Version,
    views::Views,
    writer::{Worker, Writer},
};
use super::{Attachment, Changes, Db, Document, Error, Object, Proof, Query, Rev, Row, Since, Store, Updates, Upload, View};

mod apply;
mod attachments;
mod bell;
mod blobs;
mod changes;
mod collation;
mod databases;
mod documents;
mod edit;
mod fault;
mod file;
mod readers;
mod revision;
mod updates;
mod version;
mod views;
mod writer;

/// The name of the file in its directory.
pub(super) const FILE: &str = "storefront.db";

/// A store in one file. Dropping it ends its threads after what has been queued is written.
pub struct EmbeddedStore {
    // In the order in which they must end: the indexer writes through the writer.
    views: Views,
    writer: Writer,
    _writing: Worker,
    readers: Arc<Readers>,
    bell: Arc<Bell>,
    version: Arc<Version>,
}

impl EmbeddedStore {
    /// Opens the file `storefront.db` in a directory; both are made when they're absent.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let opened = || {
            let path = dir.join(FILE);
            file::create(dir, &path)?;
            let conn = file::connect(&path)?;
            blobs::sweep(&conn)?;
            let version = Version::of(&path)?.into();
            let readers = Arc::new(Readers::new(path));
            let bell = Arc::default();
            let (writer, writing) = Writer::start(conn, Arc::clone(&bell))?;
            let views = Views::start(Arc::clone(&readers), writer.clone())?;
            Ok(Self { views, writer, _writing: writing, readers, bell, version })
        };
        opened().map_err(|fault: Fault| fault.at(&Db::named("embedded"), FILE))
    }

    /// Runs an edit through the writer.
    async fn edit(&self, db: &Db, edit: Result<Edit, Fault>) -> Result<Rev, Fault> {
        let (db, edit) = (db.clone(), edit?);
        self.writer.write(move |tx| apply::apply(tx, databases::find(tx.conn, &db)?, &edit)).await
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn ping(&self) -> Result<(), Error> {
        let ping = || Ok(self.readers.lend()?.query_row("SELECT 1", [], |_| Ok(()))?);
        ping().map_err(|fault: Fault| fault.at(&Db::named("embedded"), FILE))
    }

    async fn create_database(&self, db: &Db) -> Result<(), Error> {
        let name = db.clone();
        self.writer.write(move |tx| databases::create(tx, &name)).await.map_err(|fault| fault.at(db, ""))
    }

    async fn delete_database(&self, db: &Db) -> Result<(), Error> {
        let name = db.clone();
        self.writer.write(move |tx| databases::delete(tx, &name)).await.map_err(|fault| fault.at(db, ""))
    }

    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error> {
        let list = || databases::list(&*self.readers.lend()?, prefix);
        list().map_err(|fault| fault.at(&Db::named("embedded"), FILE))
    }

    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error> {
        let get = || self.readers.parsed.get(&*self.readers.lend()?, db, id);
        get().map_err(|fault| fault.at(db, id))
    }

    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error> {
        let get = || self.readers.parsed.get_many(&*self.readers.lend()?, db, ids);
        get().map_err(|fault| fault.at(db, ""))
    }

    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error> {
        let id = doc.get("_id").and_then(|id| id.as_str()).unwrap_or_default();
        self.edit(db, Edit::from_object(doc)).await.map_err(|fault| fault.at(db, id))
    }

    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error> {
        let name = db.clone();
        let edits: Vec<_> = docs.iter().map(Edit::from_object).collect();
        let write = self.writer.write(move |tx| {
            let number = databases::find(tx.conn, &name)?;
            let mut outcomes = Vec::with_capacity(edits.len());
            for edit in edits {
                outcomes.push(match edit.and_then(|edit| apply::apply(tx, number, &edit)) {
                    // Not this document's trouble, but everyone's.
                    Err(fault @ Fault::Sql(_)) => return Err(fault),
                    outcome => outcome,
                });
            }
            Ok(outcomes)
        });
        let outcomes = write.await.map_err(|fault| fault.at(db, ""))?;
        let id = |doc: &Object| doc.get("_id").and_then(|id| id.as_str()).unwrap_or_default().to_owned();
        Ok(outcomes.into_iter().zip(docs).map(|(outcome, doc)| outcome.map_err(|fault| fault.at(db, &id(doc)))).collect())
    }

    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error> {
        let (name, edit) = (db.clone(), Edit::tombstone(id, rev));
        let delete = async {
            let edit = edit?;
            let work = move |tx: &writer::Tx<'_>| {
                let number = databases::find(tx.conn, &name)?;
                if documents::exists(tx.conn, number, &edit.id)? { apply::apply(tx, number, &edit) } else { Err(Fault::NotFound) }
            };
            self.writer.write(work).await
        };
        delete.await.map_err(|fault| fault.at(db, id))
    }

    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        self.views.query(db, view, query).await.map_err(|fault| fault.at(db, &view.to_string()))
    }

    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        attachments::open(self, db, id, name, range).map_err(|fault| fault.at(db, id))
    }

    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error> {
        attachments::put(self, db, id, rev, name, upload).await.map_err(|fault| fault.at(db, id))
    }

    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error> {
        let (of, doc, on, which) = (db.clone(), id.to_owned(), rev.to_owned(), name.to_owned());
        let delete = self.writer.write(move |tx| attachments::delete(tx, &of, &doc, &on, &which));
        delete.await.map_err(|fault| fault.at(db, id))
    }

    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error> {
        changes::changes(self, db, since).await.map_err(|fault| fault.at(db, ""))
    }

    async fn updates(&self, pulse: Duration) -> Result<Updates, Error> {
        updates::open(self.readers.file(), pulse).map_err(|fault| fault.at(&Db::named("embedded"), FILE))
    }

    fn proven<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, Option<Proof>> {
        async {
            let proof = self.version.proof();
            reads.await;
            proof
        }
        .boxed_local()
    }
}
