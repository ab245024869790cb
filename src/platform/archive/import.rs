//! Out of a file into a store.
//!
//! Nothing remembers how far an import came: what the store has already is seen by comparing, so that one that was
//! interrupted is simply begun again, and a document that somebody has changed isn't overwritten unless that's wanted.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use super::{
    Error,
    read::{self, Entry, Payload, Reader, Stored},
    same,
};
use crate::{
    kazoo::document,
    store::{self, Db, Document, Object, Rev, Store, Upload},
};

/// Attachments up to this many bytes are written with their document, in one revision.
const SMALL: u64 = 256 << 10;
/// Documents, and bytes of them and their small attachments, that are written together.
const BATCH: usize = 200;
const BATCH_BYTES: u64 = 4 << 20;
/// Batches that are written at the same time.
const AT_ONCE: usize = 8;

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub written: u64,
    /// Documents that were there, just like that.
    pub present: u64,
    /// Documents that were there, but not like that; left alone.
    pub differing: u64,
    /// Documents that the store wouldn't take.
    pub refused: u64,
}

/// What an import meets.
pub enum Met<'a> {
    /// It has come so far, in bytes.
    At(u64),
    /// The store has another document of that id.
    Differing(&'a Db, &'a str),
    Refused(&'a store::Error),
}

/// Writes all of a file into a store. The file should have been [verified](super::verify). Documents that are there in
/// another state are left alone unless `replace` says otherwise.
pub async fn import(store: &dyn Store, path: &Path, replace: bool, mut met: impl FnMut(Met<'_>)) -> Result<Imported, Error> {
    let batches = Batches { reader: Reader::open(path)?, db: None, next: None };
    let mut outcomes =
        stream::iter(batches).map(|batch| async { write(store, path, batch?, replace).await }).buffer_unordered(AT_ONCE);
    let mut imported = Imported::default();
    while let Some(outcome) = outcomes.try_next().await? {
        outcome.differing.iter().for_each(|(db, id)| met(Met::Differing(db, id)));
        outcome.refused.iter().for_each(|error| met(Met::Refused(error)));
        imported.written += outcome.written;
        imported.present += outcome.present;
        imported.differing += outcome.differing.len() as u64;
        imported.refused += outcome.refused.len() as u64;
        met(Met::At(outcome.end));
    }
    Ok(imported)
}

/// Documents of one database that are written together.
struct Batch {
    db: Db,
    /// Whether it's the first one of its database.
    is_first: bool,
    docs: Vec<Stored>,
    /// Where it ends in the file.
    end: u64,
}

/// A file as batches.
struct Batches {
    reader: Reader,
    db: Option<Db>,
    /// The batch that is being collected, and its bytes.
    next: Option<(Batch, u64)>,
}

impl Iterator for Batches {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.reader.next() {
                Ok(Some(entry)) => entry,
                Ok(None) => return self.next.take().map(|(batch, _)| Ok(batch)),
                Err(error) => return Some(Err(error)),
            };
            let end = self.reader.offset();
            match entry {
                Entry::Header(_) | Entry::End(_) => {}
                Entry::Database(db) => {
                    self.db = Some(db.clone());
                    let fresh = (Batch { db, is_first: true, docs: Vec::new(), end }, 0);
                    if let Some((batch, _)) = self.next.replace(fresh) {
                        return Some(Ok(batch));
                    }
                }
                Entry::Document(doc) => {
                    let small = doc.attachments.iter().map(|payload| payload.attached.length).filter(|length| *length <= SMALL);
                    let weight = doc.length + small.sum::<u64>();
                    let Some(db) = self.db.clone() else { continue };
                    let (batch, bytes) =
                        self.next.get_or_insert_with(|| (Batch { db, is_first: false, docs: Vec::new(), end }, 0));
                    batch.docs.push(doc);
                    batch.end = end;
                    *bytes += weight;
                    if batch.docs.len() >= BATCH || *bytes >= BATCH_BYTES {
                        return self.next.take().map(|(batch, _)| Ok(batch));
                    }
                }
            }
        }
    }
}

/// What came of a batch.
#[derive(Default)]
struct Outcome {
    written: u64,
    present: u64,
    differing: Vec<(Db, String)>,
    refused: Vec<store::Error>,
    end: u64,
}

/// What is to be done with a document.
enum Task {
    /// The whole document is written, over this revision if there's one.
    Write(Option<Rev>),
    /// An earlier import came as far as this revision; it lacks the attachments of these places.
    Complete(Rev, Vec<usize>),
    Nothing,
    Leave,
}

async fn write(store: &dyn Store, path: &Path, batch: Batch, replace: bool) -> Result<Outcome, Error> {
    let Batch { db, is_first, docs, end } = batch;
    if is_first {
        ensure(store, &db).await?;
    }
    let ids: Vec<&str> = docs.iter().map(|stored| document::id(&stored.doc).unwrap_or_default()).collect();
    let found = match store.get_many(&db, &ids).await {
        // The batch that makes the database may be behind this one.
        Err(store::Error::NoDatabase { .. }) => {
            ensure(store, &db).await?;
            vec![None; ids.len()]
        }
        found => found?,
    };
    let mut outcome = Outcome { end, ..Outcome::default() };
    let (mut new, mut whose) = (Vec::new(), Vec::new());
    let mut rest: Vec<(&Stored, Rev, Vec<usize>)> = Vec::new();
    for (stored, found) in docs.iter().zip(&found) {
        match task(store, &db, stored, found.as_ref(), replace).await? {
            Task::Nothing => outcome.present += 1,
            Task::Leave => outcome.differing.push((db.clone(), id(stored).to_owned())),
            Task::Complete(rev, missing) => rest.push((stored, rev, missing)),
            Task::Write(rev) => {
                new.push(complete(path, stored, rev)?);
                whose.push(stored);
            }
        }
    }
    if !new.is_empty() {
        for (stored, written) in whose.into_iter().zip(store.put_many(&db, &new).await?) {
            match written {
                Ok(rev) => {
                    let large = stored.attachments.iter().enumerate().filter(|(_, payload)| payload.attached.length > SMALL);
                    rest.push((stored, rev, large.map(|(nth, _)| nth).collect()));
                }
                Err(store::Error::Conflict { .. }) => outcome.differing.push((db.clone(), id(stored).to_owned())),
                Err(error @ store::Error::Invalid { .. }) => outcome.refused.push(error),
                Err(error) => return Err(error.into()),
            }
        }
    }
    for (stored, mut rev, missing) in rest {
        for payload in missing.into_iter().filter_map(|nth| stored.attachments.get(nth)) {
            rev = store.put_attachment(&db, id(stored), Some(&rev), &payload.attached.name, upload(path, payload)?).await?;
        }
        outcome.written += 1;
    }
    Ok(outcome)
}

fn id(stored: &Stored) -> &str {
    document::id(&stored.doc).unwrap_or_default()
}

async fn ensure(store: &dyn Store, db: &Db) -> Result<(), store::Error> {
    match store.create_database(db).await {
        Err(store::Error::DatabaseExists { .. }) => Ok(()),
        made => made,
    }
}

/// Compares a document with what the store has of that id.
async fn task(
    store: &dyn Store,
    db: &Db,
    stored: &Stored,
    found: Option<&Document>,
    replace: bool,
) -> Result<Task, store::Error> {
    let Some(found) = found else { return Ok(Task::Write(None)) };
    let rev = document::text(found, "_rev").unwrap_or_default().to_owned();
    let differing = if replace { Task::Write(Some(rev.clone())) } else { Task::Leave };
    if !same::documents(&stored.doc, found) {
        return Ok(differing);
    }
    let mut stubs = same::stubs(found);
    let mut missing = Vec::new();
    for (nth, payload) in stored.attachments.iter().enumerate() {
        let Some(stub) = stubs.remove(payload.attached.name.as_str()) else {
            missing.push(nth);
            continue;
        };
        let alike = stub.content_type == payload.attached.content_type && stub.length == payload.attached.length;
        if !alike || (stub.digest != payload.digest && !has_bytes(store, db, id(stored), payload).await?) {
            return Ok(differing);
        }
    }
    Ok(match (stubs.is_empty(), missing.is_empty()) {
        (false, _) => differing,
        (true, true) => Task::Nothing,
        (true, false) => Task::Complete(rev, missing),
    })
}

/// Whether a stored attachment has these bytes. CouchDB's digest doesn't say so for what it compresses.
async fn has_bytes(store: &dyn Store, db: &Db, id: &str, payload: &Payload) -> Result<bool, store::Error> {
    let attachment = store.attachment(db, id, &payload.attached.name, None).await?;
    Ok(same::md5(attachment).await? == payload.digest)
}

/// A document as it's written at first: with its small attachments.
fn complete(path: &Path, stored: &Stored, rev: Option<Rev>) -> Result<Object, Error> {
    let mut doc = stored.doc.clone();
    doc.extend(rev.map(|rev| ("_rev".to_owned(), Value::from(rev))));
    let mut attachments = Object::new();
    for payload in stored.attachments.iter().filter(|payload| payload.attached.length <= SMALL) {
        let data = STANDARD.encode(read::bytes(path, payload)?);
        attachments.insert(payload.attached.name.clone(), json!({ "content_type": payload.attached.content_type, "data": data }));
    }
    if !attachments.is_empty() {
        doc.insert("_attachments".into(), attachments.into());
    }
    Ok(doc)
}

fn upload(path: &Path, payload: &Payload) -> Result<Upload, Error> {
    let content_type = payload.attached.content_type.clone();
    Ok(Upload { content_type, length: Some(payload.attached.length), body: read::stream(path, payload)? })
}
