//! Answers from memory, in front of any store, and the proof that they are fresh.
//!
//! A read is answered from memory only while the store's feed of changed databases is heard (`feed`), and only if
//! nothing has been marked as changed since that answer's read began (`marks`). Our own writes mark their places before
//! and after, whatever became of them; other writers' are marked when the feed names them. A feed that is silent for too
//! long is lost, and with it everything that was kept: reads go to the store then, as if there were no cache.

use std::{future::Future, ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt, TryStreamExt, future::LocalBoxFuture, stream};
use tokio::sync::watch;

use self::{
    counters::{Counters, count},
    ears::{Ears, Patience},
    feed::Feed,
    flights::Flights,
    marks::Moment,
    shelf::{Answer, Key, Shelf},
};
use super::{
    Attachment, AttachmentInfo, Changes, Db, Document, Error, Object, Proof, Query, Rev, Row, Since, Store, Updates, Upload, View,
};

pub mod counters;
mod ears;
mod feed;
mod flights;
mod marks;
mod seen;
mod shelf;
mod writing;

use writing::Writing;

/// What a cache may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How old an answer may be at most when somebody else has written. Of CouchDB, which takes half a second to tell, no
    /// less than a second and a half can be asked.
    pub age: Duration,
    /// Bytes of answers, about.
    pub bytes: u64,
}

impl Default for Limits {
    /// Two seconds, 64 MiB.
    fn default() -> Self {
        Self { age: Duration::from_secs(2), bytes: 64 << 20 }
    }
}

/// A store whose reads are answered from memory where that can't be told from asking.
pub struct Cached {
    inner: Arc<dyn Store>,
    kept: Arc<Kept>,
    _feed: Feed,
}

/// What is kept, and what is known of its freshness.
struct Kept {
    shelf: Shelf,
    ears: Ears,
    /// Reads on their way, of one answer each and of several documents.
    flights: Flights<Key, Answer>,
    group_flights: Flights<(Db, Vec<String>), Documents>,
    counters: Arc<Counters>,
}

/// Documents in the order in which they were asked for.
type Documents = Arc<[Option<Document>]>;

impl Cached {
    /// Starts to follow the store's feed; until that is heard, every read goes to the store.
    pub fn new(inner: Arc<dyn Store>, limits: Limits) -> Self {
        let kept = Arc::new(Kept {
            shelf: Shelf::new(limits.bytes),
            ears: Ears::new(Patience::for_answers_as_old_as(limits.age)),
            flights: Flights::default(),
            group_flights: Flights::default(),
            counters: Arc::default(),
        });
        let feed = Feed::start(Arc::clone(&inner), Arc::clone(&kept));
        Self { inner, kept, _feed: feed }
    }

    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.kept.counters)
    }

    /// Whether reads are answered from memory at the moment, as it changes.
    pub fn alive(&self) -> watch::Receiver<bool> {
        self.kept.ears.alive()
    }

    /// About how many answers are kept, and how many bytes they have.
    pub fn size(&self) -> (u64, u64) {
        self.kept.shelf.size()
    }

    fn writing(&self, db: &Db) -> Writing {
        count(&self.kept.counters.writes);
        Writing::begin(Arc::clone(&self.kept), db)
    }

    /// The answer from memory, else what a read of the store says: this one, or one on its way that asks the same.
    async fn answer<R>(&self, key: &Key, read: impl FnOnce(Arc<dyn Store>) -> R) -> Result<Answer, Error>
    where
        R: Future<Output = Result<Answer, Error>> + Send + 'static,
    {
        let as_of = match self.kept.find(key) {
            Ok(answer) => return Ok(answer),
            Err(as_of) => as_of,
        };
        let (kept, read) = (Arc::clone(&self.kept), read(Arc::clone(&self.inner)));
        let own_key = key.clone();
        let read = async move {
            let said = read.await;
            kept.keep(own_key, as_of, &said, Answer::clone);
            said
        };
        let read = self.kept.flights.join(key, as_of, |began| self.kept.is_good(key, began), read);
        self.kept.wait(read).await
    }

    /// Documents that aren't kept, likewise.
    async fn documents(&self, db: &Db, ids: Vec<String>, as_of: Moment) -> Result<Documents, Error> {
        let (kept, inner) = (Arc::clone(&self.kept), Arc::clone(&self.inner));
        let question = (db.clone(), ids);
        let (db, ids) = question.clone();
        let read = async move {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let docs: Documents = inner.get_many(&db, &ids).await?.into();
            for (id, doc) in ids.into_iter().zip(docs.iter()).filter(|(id, _)| is_ordinary(id)) {
                let answer = doc.clone().map_or(Answer::Nothing, Answer::Document);
                kept.keep(Key::Document(db.clone(), id.to_owned()), as_of, &Ok(answer), Answer::clone);
            }
            Ok(docs)
        };
        let marks = &self.kept.shelf.marks;
        let (db, ids) = &question;
        let is_good = |id: &String, began| is_ordinary(id) && marks.is_good_document(db, id, began);
        let is_good = |began| self.kept.ears.is_fresh() && ids.iter().all(|id| is_good(id, began));
        let read = self.kept.group_flights.join(&question, as_of, is_good, read);
        self.kept.wait(read).await
    }
}

impl Kept {
    /// The answer from memory; else the moment at which a read of the store begins.
    fn find(&self, key: &Key) -> Result<Answer, Moment> {
        let as_of = self.shelf.marks.now();
        if !self.ears.is_fresh() {
            self.bypass();
            return Err(as_of);
        }
        if key.is_ordinary() {
            seen::note(key)
        } else {
            seen::lose()
        }
        let found = self.shelf.find(key);
        count(if found.is_some() { &self.counters.hits } else { &self.counters.misses });
        found.ok_or(as_of)
    }

    /// Something is read that isn't kept, or not now.
    fn bypass(&self) {
        count(&self.counters.bypasses);
        seen::lose();
    }

    /// Whether a read of the store that is as old as this would be believed.
    fn is_good(&self, key: &Key, as_of: Moment) -> bool {
        self.ears.is_fresh() && key.is_good(&self.shelf.marks, as_of)
    }

    /// Waits for a read, which somebody else may have begun.
    async fn wait<A>(&self, (read, is_joined): (impl Future<Output = Result<A, Arc<Error>>>, bool)) -> Result<A, Error> {
        if is_joined {
            count(&self.counters.joined);
        }
        read.await.map_err(|error| error.retold())
    }

    /// Keeps what a read of the store said.
    fn keep<T>(&self, key: Key, as_of: Moment, said: &Result<T, Error>, answer: impl FnOnce(&T) -> Answer) {
        let answer = match said {
            Ok(said) => Some(answer(said)),
            Err(error) => Answer::of_error(error, &key),
        };
        if let Some(answer) = answer.filter(|_| self.ears.is_fresh()) {
            self.ears.watch(key.db());
            self.shelf.keep(key, as_of, answer);
        }
    }

    /// Voids everything until the feed is heard again; whether it was heard before.
    fn lose(&self) -> bool {
        let was_heard = self.ears.lose();
        self.shelf.clear();
        if was_heard {
            count(&self.counters.losses);
        }
        was_heard
    }
}

/// Whether a document shows in feeds and can be asked for by any means: local ones can't, and of other names with an
/// underscore some stores say that they are none.
fn is_ordinary(id: &str) -> bool {
    !matches!(id, "" | "." | "..") && (!id.starts_with('_') || id.starts_with("_design/"))
}

#[async_trait]
impl Store for Cached {
    async fn ping(&self) -> Result<(), Error> {
        self.inner.ping().await
    }

    async fn create_database(&self, db: &Db) -> Result<(), Error> {
        let _writing = self.writing(db).of_everything();
        self.inner.create_database(db).await
    }

    async fn delete_database(&self, db: &Db) -> Result<(), Error> {
        let _writing = self.writing(db).of_everything();
        self.inner.delete_database(db).await
    }

    async fn databases(&self, prefix: &str) -> Result<Vec<Db>, Error> {
        self.kept.bypass();
        self.inner.databases(prefix).await
    }

    async fn get(&self, db: &Db, id: &str) -> Result<Document, Error> {
        let key = Key::Document(db.clone(), id.to_owned());
        if !key.is_ordinary() {
            self.kept.bypass();
            return self.inner.get(db, id).await;
        }
        let read = |store: Arc<dyn Store>| {
            let (db, id) = (db.clone(), id.to_owned());
            async move { store.get(&db, &id).await.map(Answer::Document) }
        };
        match self.answer(&key, read).await? {
            Answer::Document(doc) => Ok(doc),
            answer => Err(answer.into_error(&key)),
        }
    }

    async fn get_many(&self, db: &Db, ids: &[&str]) -> Result<Vec<Option<Document>>, Error> {
        let as_of = self.kept.shelf.marks.now();
        let (mut docs, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
        for (nth, id) in ids.iter().enumerate() {
            let key = Key::Document(db.clone(), (*id).to_owned());
            match self.kept.find(&key) {
                Ok(Answer::Document(doc)) => docs.push(Some(doc)),
                Ok(Answer::NoDatabase) => return Err(Answer::NoDatabase.into_error(&key)),
                Ok(_) => docs.push(None),
                Err(_) => {
                    missing.push(nth);
                    docs.push(None);
                }
            }
        }
        if missing.is_empty() {
            return Ok(docs);
        }
        let asked = missing.iter().map(|nth| ids[*nth].to_owned()).collect();
        for (nth, doc) in missing.into_iter().zip(self.documents(db, asked, as_of).await?.iter()) {
            docs[nth].clone_from(doc);
        }
        Ok(docs)
    }

    async fn put(&self, db: &Db, doc: &Object) -> Result<Rev, Error> {
        let id = id_of(doc);
        let writing = self.writing(db).of_document(id);
        let outcome = writing.done(id, self.inner.put(db, doc).await);
        if let Ok(rev) = &outcome {
            writing.wrote(doc, rev);
        }
        outcome
    }

    async fn put_many(&self, db: &Db, docs: &[Object]) -> Result<Vec<Result<Rev, Error>>, Error> {
        let mut writing = self.writing(db);
        for doc in docs {
            writing = writing.of_document(id_of(doc));
        }
        let written = self.inner.put_many(db, docs).await?;
        Ok(written.into_iter().zip(docs).map(|(outcome, doc)| writing.done(id_of(doc), outcome)).collect())
    }

    async fn delete(&self, db: &Db, id: &str, rev: &str) -> Result<Rev, Error> {
        let writing = self.writing(db).of_document(id);
        writing.done(id, self.inner.delete(db, id, rev).await)
    }

    async fn view(&self, db: &Db, view: View, query: &Query) -> Result<Vec<Row>, Error> {
        let key = Key::Rows(db.clone(), view, query.clone());
        let read = |store: Arc<dyn Store>| {
            let (db, query) = (db.clone(), query.clone());
            async move { store.view(&db, view, &query).await.map(|rows| Answer::Rows(rows.into())) }
        };
        match self.answer(&key, read).await? {
            Answer::Rows(rows) => Ok(rows.to_vec()),
            answer => Err(answer.into_error(&key)),
        }
    }

    async fn attachment(&self, db: &Db, id: &str, name: &str, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        let key = Key::File(db.clone(), id.to_owned(), name.to_owned());
        match self.kept.find(&key) {
            Ok(Answer::File(info, bytes)) => Ok(whole_or_part(info, bytes, range)),
            Ok(answer) => Err(answer.into_error(&key)),
            // A part isn't kept: whoever asks for parts asks for something long.
            Err(_) if range.is_some() || !self.kept.ears.is_fresh() => self.inner.attachment(db, id, name, range).await,
            Err(as_of) => {
                let said = self.inner.attachment(db, id, name, None).await;
                match said {
                    Ok(attachment) if attachment.info.length <= self.kept.shelf.largest() => {
                        let (info, bytes) = collect(attachment).await?;
                        if bytes.len() as u64 == info.length {
                            let answer = |(info, bytes): &(AttachmentInfo, Bytes)| Answer::File(info.clone(), bytes.clone());
                            self.kept.keep(key, as_of, &Ok((info.clone(), bytes.clone())), answer);
                        }
                        Ok(whole_or_part(info, bytes, None))
                    }
                    said => {
                        if said.is_err() {
                            self.kept.keep(key, as_of, &said, |_| Answer::Nothing);
                        }
                        said
                    }
                }
            }
        }
    }

    async fn put_attachment(&self, db: &Db, id: &str, rev: Option<&str>, name: &str, upload: Upload) -> Result<Rev, Error> {
        let writing = self.writing(db).of_document(id);
        writing.done(id, self.inner.put_attachment(db, id, rev, name, upload).await)
    }

    async fn delete_attachment(&self, db: &Db, id: &str, rev: &str, name: &str) -> Result<Rev, Error> {
        let writing = self.writing(db).of_document(id);
        writing.done(id, self.inner.delete_attachment(db, id, rev, name).await)
    }

    async fn changes(&self, db: &Db, since: &Since) -> Result<Changes, Error> {
        self.kept.bypass();
        self.inner.changes(db, since).await
    }

    async fn updates(&self, pulse: Duration) -> Result<Updates, Error> {
        self.inner.updates(pulse).await
    }

    fn proven<'a>(&'a self, reads: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, Option<Proof>> {
        async {
            let (kept, as_of) = (Arc::clone(&self.kept), self.kept.shelf.marks.now());
            let keys = seen::gather(reads).await?;
            let proof = move || kept.ears.is_fresh() && keys.iter().all(|key| key.is_good(&kept.shelf.marks, as_of));
            Some(Box::new(proof) as Proof)
        }
        .boxed_local()
    }
}

fn id_of(doc: &Object) -> &str {
    doc.get("_id").and_then(|id| id.as_str()).unwrap_or_default()
}

async fn collect(attachment: Attachment) -> Result<(AttachmentInfo, Bytes), Error> {
    let Attachment { info, mut body, .. } = attachment;
    let mut bytes = BytesMut::with_capacity(usize::try_from(info.length).unwrap_or_default());
    while let Some(piece) = body.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok((info, bytes.freeze()))
}

fn whole_or_part(info: AttachmentInfo, bytes: Bytes, range: Option<Range<u64>>) -> Attachment {
    let length = bytes.len() as u64;
    let range = range.unwrap_or(0..length);
    let end = range.end.min(length);
    let range = range.start.min(end)..end;
    let part = bytes.slice(range.start as usize..range.end as usize);
    let body = if part.is_empty() { stream::empty().boxed() } else { stream::once(async move { Ok(part) }).boxed() };
    Attachment { info, range, body }
}
