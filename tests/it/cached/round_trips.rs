//! What is read twice is asked of the store once, until it changes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use storefront::store::{self, Cached, Db, Error, Object, Query, Store, Upload, View, embedded::EmbeddedStore};

use crate::{
    store::contract::{cached, design, doc, fill, fresh, on},
    support::{
        couch::{Scratch, store as couch_store},
        counted::Counted,
    },
};

/// A cache in front of a store that counts, with another way to that store.
pub struct Rig {
    pub cached: Cached,
    pub counted: Arc<Counted>,
    /// Somebody else.
    pub other: Arc<dyn Store>,
    pub db: Db,
    /// Another database, in which only [`Rig::settle`] writes.
    aside: Db,
}

impl Rig {
    pub async fn run(inner: Arc<dyn Store>, other: Arc<dyn Store>, db: &Db, case: impl AsyncFnOnce(&Rig)) {
        let counted = Counted::new(inner);
        let cached = cached(counted.clone()).await;
        let rig = Self { cached, counted, other, db: db.clone(), aside: fresh() };
        rig.other.create_database(&rig.aside).await.unwrap();
        case(&rig).await;
        rig.other.delete_database(&rig.aside).await.unwrap();
    }

    /// Waits until a document is read as somebody else has written it.
    async fn until(&self, db: &Db, id: &str, is_right: impl Fn(Result<&Object, &Error>) -> bool) {
        until(&self.cached, db, id, is_right).await;
    }

    /// [`settle`]
    pub async fn settle(&self) {
        settle(&self.cached, &*self.other, &self.aside).await;
    }

    /// The same, after somebody else has written to a database of which something is kept: from now on the cache knows
    /// where to go on in that one's changes.
    async fn acquaint(&self) {
        let _ = self.cached.get(&self.db, "stranger").await;
        self.settle().await;
        self.other.put(&self.db, &doc(json!({"_id": "stranger"}))).await.unwrap();
        self.settle().await;
    }
}

/// Waits until the feed has told all that has happened, and what it told has been seen to: two things happen aside, in a
/// database in which nobody else writes, one after the other, and when the second is known, all is done that came with the
/// first.
pub async fn settle(cached: &Cached, other: &dyn Store, aside: &Db) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    for _ in 0..2 {
        let id = format!("marker-{}", COUNT.fetch_add(1, SeqCst));
        assert!(cached.get(aside, &id).await.is_err());
        other.put(aside, &doc(json!({"_id": id}))).await.unwrap();
        until(cached, aside, &id, |read| read.is_ok()).await;
    }
}

/// Waits until so many documents have been read before anybody asked, all in all.
pub async fn has_read_ahead(cached: &Cached, documents: u64) {
    for _ in 0..600 {
        if cached.counters().read().ahead >= documents {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", cached.counters().read());
}

/// Waits until a document is read as somebody else has written it.
pub async fn until(cached: &Cached, db: &Db, id: &str, is_right: impl Fn(Result<&Object, &Error>) -> bool) {
    for _ in 0..600 {
        let read = cached.get(db, id).await;
        if is_right(read.as_deref()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{db}/{id} is never read as it is");
}

/// Makes of each named function `async fn(&Rig)` a test for every store there is.
macro_rules! on_every_rig {
    ($($case:ident),+ $(,)?) => {
        mod embedded {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::cached::round_trips::embedded_rig(super::$case).await;
                }
            )+
        }
        mod couch {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::cached::round_trips::couch_rig(super::$case).await;
                }
            )+
        }
    };
}

pub(super) use on_every_rig;

pub async fn embedded_rig(case: impl AsyncFnOnce(&Rig)) {
    let dir = tempfile::tempdir().unwrap();
    let open = || Arc::new(EmbeddedStore::open(dir.path()).unwrap());
    let (ours, other, db) = (open(), open(), fresh());
    other.create_database(&db).await.unwrap();
    Rig::run(ours, other, &db, case).await;
}

pub async fn couch_rig(case: impl AsyncFnOnce(&Rig)) {
    let scratch = Scratch::new().await;
    Rig::run(couch_store(), couch_store(), &scratch.db, case).await;
}

on_every_rig! {
    what_was_read_is_not_asked_for_again,
    what_is_not_there_is_not_asked_for_again,
    a_small_attachment_is_kept_and_cut,
    our_own_write_is_read_at_once,
    a_write_that_fails_or_whose_outcome_is_unknown_is_read_at_once,
    our_own_write_costs_what_it_changed,
    what_somebody_else_wrote_costs_what_it_changed,
    a_database_that_comes_or_goes_is_noticed,
    a_merge_survives_what_somebody_else_wrote,
}

pub(super) const BY_KIND: View = View::new("d", "by_kind");

/// A view, and three documents in it.
pub(super) async fn furnish(rig: &Rig) {
    design(&*rig.other, &rig.db, "d", &[("by_kind", "function(doc) { if (doc.kind) emit(doc.kind, doc.n); }", "")]).await;
    fill(&*rig.other, &rig.db, ["a", "b", "c"].map(|id| json!({"_id": id, "kind": "x", "n": 1}))).await;
    rig.acquaint().await;
}

async fn read_all(rig: &Rig) -> Vec<Value> {
    let Rig { cached, db, .. } = rig;
    let mut seen = vec![cached.get(db, "a").await.unwrap()["n"].clone()];
    for doc in cached.get_many(db, &["b", "c", "missing"]).await.unwrap() {
        seen.extend(doc.map(|doc| doc["n"].clone()));
    }
    seen.extend(cached.view(db, BY_KIND, &Query::key("x").with_docs()).await.unwrap().into_iter().map(|row| row.value));
    seen.extend(cached.view(db, BY_KIND, &Query::key("x").limit(1)).await.unwrap().into_iter().map(|row| row.value));
    seen
}

async fn what_was_read_is_not_asked_for_again(rig: &Rig) {
    furnish(rig).await;
    rig.counted.reads();
    let first = read_all(rig).await;
    assert_eq!(first, vec![json!(1); 7]);
    assert_eq!(rig.counted.reads(), 4);
    for _ in 0..3 {
        assert_eq!(read_all(rig).await, first);
    }
    assert_eq!(rig.counted.reads(), 0);
    let counts = rig.cached.counters().read();
    assert!(counts.hits >= 18 && counts.losses == 0, "{counts}");
    assert!(rig.cached.get_many(&rig.db, &[]).await.unwrap().is_empty());
}

async fn what_is_not_there_is_not_asked_for_again(rig: &Rig) {
    let nowhere = fresh();
    furnish(rig).await;
    let Rig { cached, counted, db, .. } = rig;
    counted.reads();
    for _ in 0..2 {
        assert!(matches!(cached.get(db, "missing").await, Err(Error::NotFound { db: of, id }) if of == *db && id == "missing"));
        let view = cached.view(db, View::new("no", "such"), &Query::default()).await;
        assert!(matches!(view, Err(Error::NoView { view, .. }) if view == "no/such"));
        assert!(matches!(cached.get(&nowhere, "a").await, Err(Error::NoDatabase { db }) if db == nowhere));
        assert!(
            matches!(cached.attachment(db, "a", "icon", None).await, Err(Error::NoAttachment { name, .. }) if name == "icon")
        );
        assert!(matches!(cached.attachment(db, "missing", "icon", None).await, Err(Error::NotFound { .. })));
    }
    assert_eq!(counted.reads(), 5);
    // An error that says nothing of what is stored isn't kept.
    for _ in 0..2 {
        assert!(cached.view(db, View::ALL_DOCS, &Query { reduce: store::Reduce::All, ..Query::default() }).await.is_err());
    }
    assert_eq!(counted.reads(), 2);
}

fn upload(bytes: &'static [u8]) -> Upload {
    let body = stream::once(async move { Ok(Bytes::from_static(bytes)) }).boxed();
    Upload { content_type: "image/png".into(), length: Some(bytes.len() as u64), body }
}

async fn bytes(rig: &Rig, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let attachment = rig.cached.attachment(&rig.db, "a", "icon", range).await.unwrap();
    assert_eq!(attachment.info.content_type, "image/png");
    let pieces: Vec<Bytes> = attachment.body.try_collect().await.unwrap();
    let bytes = pieces.concat();
    assert_eq!(attachment.range.end - attachment.range.start, bytes.len() as u64);
    bytes
}

async fn a_small_attachment_is_kept_and_cut(rig: &Rig) {
    let rev = rig.cached.put_attachment(&rig.db, "a", None, "icon", upload(b"0123456789")).await.unwrap();
    rig.acquaint().await;
    assert_eq!(bytes(rig, None).await, b"0123456789");
    rig.counted.reads();
    assert_eq!(bytes(rig, None).await, b"0123456789");
    assert_eq!(bytes(rig, Some(2..5)).await, b"234");
    assert_eq!(bytes(rig, Some(8..99)).await, b"89");
    assert_eq!(bytes(rig, Some(50..99)).await, b"");
    assert_eq!(rig.counted.reads(), 0);
    rig.cached.put_attachment(&rig.db, "a", Some(&rev), "icon", upload(b"new")).await.unwrap();
    assert_eq!(bytes(rig, None).await, b"new");
}

async fn our_own_write_is_read_at_once(rig: &Rig) {
    furnish(rig).await;
    let Rig { cached, db, .. } = rig;
    for n in 2..12 {
        read_all(rig).await;
        let rev = cached.get(db, "a").await.unwrap()["_rev"].as_str().unwrap().to_owned();
        let rev = cached.put(db, &on(&rev, json!({"_id": "a", "kind": "x", "n": n}))).await.unwrap();
        assert_eq!(cached.get(db, "a").await.unwrap()["_rev"], json!(rev));
        assert_eq!(cached.view(db, BY_KIND, &Query::key("x")).await.unwrap()[0].value, n);
        assert_eq!(cached.get_many(db, &["b", "a"]).await.unwrap()[1].as_ref().unwrap()["n"], n);
    }
    let rev = cached.get(db, "a").await.unwrap()["_rev"].as_str().unwrap().to_owned();
    cached.delete(db, "a", &rev).await.unwrap();
    assert!(matches!(cached.get(db, "a").await, Err(Error::NotFound { .. })));
    assert_eq!(cached.view(db, BY_KIND, &Query::key("x")).await.unwrap().len(), 2);
    cached.put_many(db, &[doc(json!({"_id": "a", "kind": "x", "n": 99}))]).await.unwrap();
    assert_eq!(cached.get(db, "a").await.unwrap()["n"], 99);
    design(cached, db, "d", &[("by_kind", "function(doc) { emit('x', 'changed'); }", "")]).await;
    assert_eq!(cached.view(db, BY_KIND, &Query::key("x")).await.unwrap()[0].value, "changed");
}

async fn a_write_that_fails_or_whose_outcome_is_unknown_is_read_at_once(rig: &Rig) {
    furnish(rig).await;
    let Rig { cached, counted, db, .. } = rig;
    let old = cached.get(db, "a").await.unwrap();
    counted.hides_writes.store(true, SeqCst);
    let unknown = cached.put(db, &on(old["_rev"].as_str().unwrap(), json!({"_id": "a", "n": 7}))).await;
    assert!(matches!(unknown, Err(Error::Timeout { .. })));
    assert_eq!(cached.get(db, "a").await.unwrap()["n"], 7);
    cached.put_many(db, &[doc(json!({"_id": "b"})), doc(json!({"_id": "new"}))]).await.unwrap_err();
    assert!(cached.get(db, "new").await.is_ok());
    counted.hides_writes.store(false, SeqCst);
    // What was written unknown to us has been read ahead by now.
    rig.settle().await;
    // A conflict says that what is kept is old.
    assert!(matches!(cached.put(db, &old).await, Err(Error::Conflict { .. })));
    counted.reads();
    cached.get(db, "a").await.unwrap();
    assert_ne!(counted.reads(), 0);
}

async fn our_own_write_costs_what_it_changed(rig: &Rig) {
    furnish(rig).await;
    read_all(rig).await;
    let rev = rig.cached.get(&rig.db, "b").await.unwrap()["_rev"].as_str().unwrap().to_owned();
    rig.cached.put(&rig.db, &on(&rev, json!({"_id": "b", "kind": "x", "n": 2}))).await.unwrap();
    rig.counted.reads();
    read_all(rig).await;
    // Two answers of views: the document is known.
    assert_eq!(rig.counted.reads(), 2);
    // The feed tells us what we have just done, and that costs nothing.
    rig.settle().await;
    rig.counted.reads();
    read_all(rig).await;
    assert_eq!(rig.counted.reads(), 0);
}

async fn what_somebody_else_wrote_costs_what_it_changed(rig: &Rig) {
    furnish(rig).await;
    read_all(rig).await;
    let rev = rig.other.get(&rig.db, "b").await.unwrap()["_rev"].as_str().unwrap().to_owned();
    let ahead = rig.cached.counters().read().ahead;
    rig.other.put(&rig.db, &on(&rev, json!({"_id": "b", "kind": "x", "n": 2}))).await.unwrap();
    has_read_ahead(&rig.cached, ahead + 1).await;
    rig.until(&rig.db, "b", |read| read.is_ok_and(|doc| doc["n"] == 2)).await;
    rig.settle().await;
    rig.counted.reads();
    let seen = read_all(rig).await;
    assert_eq!(seen, [1, 2, 1, 1, 2, 1, 1].map(Value::from));
    // Two answers of views: the document was read before anybody asked.
    assert_eq!(rig.counted.reads(), 2);
}

async fn a_database_that_comes_or_goes_is_noticed(rig: &Rig) {
    let Rig { cached, other, .. } = rig;
    let db = fresh();
    assert!(matches!(cached.get(&db, "a").await, Err(Error::NoDatabase { .. })));
    cached.create_database(&db).await.unwrap();
    assert!(matches!(cached.get(&db, "a").await, Err(Error::NotFound { .. })));
    cached.put(&db, &doc(json!({"_id": "a"}))).await.unwrap();
    cached.get(&db, "a").await.unwrap();
    cached.delete_database(&db).await.unwrap();
    assert!(matches!(cached.get(&db, "a").await, Err(Error::NoDatabase { .. })));
    rig.settle().await;
    let one = cached.get(&db, "a").await;
    assert!(matches!(one, Err(Error::NoDatabase { .. })), "{one:?}");
    let many = cached.get_many(&db, &["a"]).await;
    assert!(matches!(many, Err(Error::NoDatabase { .. })), "{many:?}");
    other.create_database(&db).await.unwrap();
    rig.until(&db, "a", |read| matches!(read, Err(Error::NotFound { .. }))).await;
    other.put(&db, &doc(json!({"_id": "a"}))).await.unwrap();
    rig.until(&db, "a", |read| read.is_ok()).await;
    other.delete_database(&db).await.unwrap();
    rig.until(&db, "a", |read| matches!(read, Err(Error::NoDatabase { .. }))).await;
}

async fn a_merge_survives_what_somebody_else_wrote(rig: &Rig) {
    furnish(rig).await;
    for n in 0..5 {
        let rev = rig.cached.get(&rig.db, "a").await.unwrap()["_rev"].as_str().unwrap().to_owned();
        let theirs = json!({"_id": "a", "kind": "x", "n": 1, "theirs": n});
        store::update(&*rig.other, &rig.db, "a", async |doc: &mut Object| {
            doc.insert("theirs".into(), n.into());
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
        assert!(rig.other.put(&rig.db, &on(&rev, theirs)).await.is_err());
        let merged = store::update(&rig.cached, &rig.db, "a", async |doc: &mut Object| {
            doc.insert("ours".into(), n.into());
            Ok::<_, Error>(())
        });
        let merged = merged.await.unwrap().doc;
        assert_eq!((&merged["theirs"], &merged["ours"]), (&json!(n), &json!(n)));
    }
}
