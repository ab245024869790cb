//! A CouchDB server as a store.
//!
//! `couch_rs` carries the requests and nothing more: paths (`path`), errors (`fault`) and the meaning of answers are
//! made here, since a name made of dots may delete a database there, and a refusal loses its reason.

use std::{fmt, ops::Range, sync::Arc, time::Duration};

use anyhow::anyhow;
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Attachment, Changes, Db, Document, Error, Object, Query, Reduce, Rev, Row, Since, Store, Updates, Upload, View};
use attachment::Place;
use client::{Call, SERVER, Server};
use fault::{Refusal, Subject};

mod attachment;
mod changes;
mod client;
mod fault;
mod gate;
mod path;
mod updates;
mod view;

/// How long a CouchDB server may take. Connecting is part of it: `couch_rs` has no limit of its own for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For reading or writing documents, and for an attachment to begin.
    pub document: Duration,
    /// For the rows of a view, which CouchDB may have to build first.
    pub view: Duration,
    /// For the next bytes of an attachment, in either direction.
    pub idle: Duration,
}

impl Default for Timeouts {
    /// Ten seconds, a minute, and half a minute.
    fn default() -> Self {
        Self { document: Duration::from_secs(10), view: Duration::from_secs(60), idle: Duration::from_secs(30) }
    }
}

/// The databases of a CouchDB 3 server.
pub struct CouchStore {
    server: Arc<Server>,
}

impl CouchStore {
    /// The server at `http://user:password@host:5984`, or below a path of a proxy. It isn't asked anything yet.
    pub fn new(url: &Url) -> Result<Self, Error> {
        Self::with_timeouts(url, Timeouts::default())
    }

    /// [`CouchStore::new`] with other limits.
    pub fn with_timeouts(url: &Url, timeouts: Timeouts) -> Result<Self, Error> {
        Ok(Self { server: Arc::new(Server::new(url, timeouts)?) })
    }

    fn place<'a>(&'a self, db: &Db, id: &str, name: &'a str) -> Result<Place<'a>, Error> {
        let path = self.server.paths.attachment(db, id, name)?;
        Ok(Place { server: &self.server, subject: Subject::attachment(db, id, name), name, path })
    }
}

/// The server without its credentials.
impl fmt::Debug for CouchStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CouchStore({})", self.server)
    }
}

/// What CouchDB answers to a write, and for each of several.
#[derive(Deserialize)]
struct Written {
    id: Option<String>,
    rev: Option<Rev>,
    #[serde(flatten)]
    rest: Object,
}

impl Written {
    fn into_rev(self, subject: &Subject) -> Result<Rev, Error> {
        if let Some(rev) = self.rev {
            return Ok(rev);
        }
        Err(match Refusal::find(&self.rest) {
            Some(refusal) if refusal.error == "conflict" => subject.conflict(),
            Some(refusal) => subject.invalid(refusal.reason),
            None => subject.corrupt(anyhow!("a write was answered without a revision")),
        })
    }
}

/// What CouchDB answers to a change of a whole database.
#[derive(Deserialize)]
struct Done {}

#[async_trait]
impl Store for CouchStore {
    async fn ping(&self) -> Result<(), Error> {
        let call = Call::get(self.server.paths.databases()).with("limit", "1").at_once();
        self.server.ask::<Vec<String>>(&Subject::database(&SERVER), call).await.map(drop)
    }

    async fn create_database(&self, db: &Db) -> Result<(), Error> {
        let call = Call::put(self.server.paths.database(db)?);
        self.server.ask::<Done>(&Subject::database(db), call).await.map(drop)
    }

    async fn delete_database(&self, db: &Db) -> Result<(), Error> {
        let call = Call::delete_database(self.server.paths.database(db)?);
        self.server.ask::<Done>(&Subject::database(db), call).await.map(drop)
    }

    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error> {
        let end = format!("{prefix}\u{ffff}");
        let call = Call::get(self.server.paths.databases())
            .with("startkey", json!(prefix).to_string())
            .with("endkey", json!(end).to_string());
        let names: Vec<String> = self.server.ask(&Subject::database(&SERVER), call).await?;
        let names = names.iter().filter(|name| name.starts_with(prefix) && !name.starts_with('_'));
        let mut names: Vec<Db> = names.filter_map(|name| Db::parse(name)).collect();
        names.sort();
        Ok(names)
    }

    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error> {
        let call = Call::get(self.server.paths.document(db, id)?);
        self.server.ask::<Object>(&Subject::document(db, id), call).await.map(Into::into)
    }

    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error> {
        #[derive(Deserialize)]
        struct Found {
            rows: Vec<FoundRow>,
        }
        #[derive(Deserialize)]
        struct FoundRow {
            key: String,
            doc: Option<Object>,
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let subject = Subject::database(db);
        let question = json!({"keys": ids, "include_docs": true});
        let call = Call::query(self.server.paths.endpoint(db, "_all_docs")?).json(&question, &subject)?;
        let found: Found = self.server.ask(&subject, call).await?;
        if !found.rows.iter().map(|row| row.key.as_str()).eq(ids.iter().copied()) {
            return Err(subject.corrupt(anyhow!("other documents came than were asked for")));
        }
        Ok(found.rows.into_iter().map(|row| row.doc.map(Into::into)).collect())
    }

    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error> {
        let id = id_of(doc);
        let subject = Subject::document(db, id).changed();
        let call = Call::put(self.server.paths.document(db, id)?).json(doc, &subject)?;
        self.server.ask::<Written>(&subject, call).await?.into_rev(&subject)
    }

    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error> {
        let subject = Subject::database(db).changed();
        // One bad id would fail all the others.
        let sent: Vec<&Object> = docs.iter().filter(|doc| path::is_document_id(id_of(doc))).collect();
        let written: Vec<Written> = if sent.is_empty() {
            Vec::new()
        } else {
            let call = Call::post(self.server.paths.endpoint(db, "_bulk_docs")?).json(&json!({"docs": sent}), &subject)?;
            self.server.ask(&subject, call).await?
        };
        // A revision that goes to the wrong document would be believed.
        if !written.iter().map(|written| written.id.as_deref().unwrap_or_default()).eq(sent.iter().map(|doc| id_of(doc))) {
            return Err(subject.corrupt(anyhow!("other documents were answered than were sent")));
        }
        let mut written = written.into_iter();
        let results = docs.iter().map(|doc| {
            let subject = Subject::document(db, id_of(doc)).changed();
            let answer = if path::is_document_id(id_of(doc)) { written.next() } else { None };
            answer.map_or_else(|| Err(subject.invalid("not a document's id")), |written| written.into_rev(&subject))
        });
        Ok(results.collect())
    }

    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error> {
        let subject = Subject::document(db, id).changed();
        let call = Call::delete(self.server.paths.document(db, id)?, rev);
        self.server.ask::<Written>(&subject, call).await?.into_rev(&subject)
    }

    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        if view::is_empty(query) {
            return Ok(Vec::new());
        }
        let subject = Subject::view(db, view);
        if view == View::ALL_DOCS && query.reduce != Reduce::No {
            return Err(subject.invalid("_all_docs can't be reduced"));
        }
        let call = Call::query(self.server.paths.view(db, view)?)
            .json(&view::parameters(view, query), &subject)?
            .within(self.server.timeouts.view);
        match self.server.ask::<view::Answer>(&subject, call).await {
            Ok(answer) => answer.into_rows(&subject, view, query),
            Err(error) if view::is_empty_range(query, &error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        self.place(db, id, name)?.read(range).await
    }

    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error> {
        self.place(db, id, name)?.write(rev, upload).await
    }

    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error> {
        let subject = Subject::attachment(db, id, name).changed();
        let call = Call::delete(self.server.paths.attachment(db, id, name)?, rev);
        self.server.ask::<Written>(&subject, call).await?.into_rev(&subject)
    }

    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error> {
        if since.limit == Some(0) {
            // CouchDB takes none for one.
            return Ok(Changes { results: Vec::new(), last: since.seq.clone().unwrap_or_else(changes::beginning) });
        }
        let call = changes::question(self.server.paths.endpoint(db, "_changes")?, since, self.server.timeouts.document);
        self.server.ask::<changes::Answer>(&Subject::database(db), call).await.map(Into::into)
    }

    async fn updates(&self, pulse: Duration) -> Result<Updates, Error> {
        updates::open(&self.server, pulse).await
    }
}

/// A document's id; an empty one, which no document has, where there is none.
fn id_of(doc: &Object) -> &str {
    doc.get("_id").and_then(Value::as_str).unwrap_or_default()
}
