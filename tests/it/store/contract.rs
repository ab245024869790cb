//! How one case runs against every store: on an empty database of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use storefront::store::{Cached, Db, Object, Query, Row, Store, View, cached::Limits, embedded::EmbeddedStore};
use tokio::time::timeout;

use crate::support::couch::{self, Scratch};

/// Makes of each named function `async fn(&dyn Store, &Db)` a test for every store there is.
macro_rules! on_every_store {
    ($($case:ident),+ $(,)?) => {
        on_store! { embedded, crate::store::contract::embedded; $($case),+ }
        on_store! { couch, crate::store::contract::couch; $($case),+ }
        on_store! { cached_embedded, crate::store::contract::cached_embedded; $($case),+ }
        on_store! { cached_couch, crate::store::contract::cached_couch; $($case),+ }
    };
}

/// The same for one store: a module of tests, and the function that runs a case.
macro_rules! on_store {
    ($name:ident, $run:path; $($case:ident),+ $(,)?) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $run(super::$case).await;
                }
            )+
        }
    };
}

/// Runs a case against an embedded store in a directory of its own.
pub async fn embedded(case: impl AsyncFnOnce(&dyn Store, &Db)) {
    let dir = tempfile::tempdir().unwrap();
    run(Arc::new(EmbeddedStore::open(dir.path()).unwrap()), case).await;
}

/// Runs a case against CouchDB, or its stand-in.
pub async fn couch(case: impl AsyncFnOnce(&dyn Store, &Db)) {
    let scratch = Scratch::new().await;
    case(&*couch::store(), &scratch.db).await;
}

/// The same from memory: each case finds the cache in use.
pub async fn cached_embedded(case: impl AsyncFnOnce(&dyn Store, &Db)) {
    let dir = tempfile::tempdir().unwrap();
    run(Arc::new(cached(Arc::new(EmbeddedStore::open(dir.path()).unwrap())).await), case).await;
}

pub async fn cached_couch(case: impl AsyncFnOnce(&dyn Store, &Db)) {
    let scratch = Scratch::new().await;
    case(&cached(couch::store()).await, &scratch.db).await;
}

/// A cache that has begun to answer, and that no busy machine brings out of step.
pub async fn cached(inner: Arc<dyn Store>) -> Cached {
    couch::ensure_feed().await;
    let cached = Cached::new(inner, Limits { age: Duration::from_secs(40), ..Limits::default() });
    timeout(Duration::from_secs(60), cached.alive().wait_for(|alive| *alive)).await.expect("the feed is heard").unwrap();
    cached
}

async fn run(store: Arc<dyn Store>, case: impl AsyncFnOnce(&dyn Store, &Db)) {
    let db = fresh();
    store.create_database(&db).await.unwrap();
    case(&*store, &db).await;
    // The case may have deleted it.
    let _ = store.delete_database(&db).await;
}

/// A database's name that nothing else uses, in the shape of an account's.
pub fn fresh() -> Db {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let (pid, nth) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    Db::parse(&format!("account/te/st/{pid:x}-{nth}")).unwrap()
}

/// A document from `json!`.
pub fn doc(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no document"),
    }
}

/// The document with its `_rev` replaced.
pub fn on(rev: &str, value: Value) -> Object {
    let mut doc = doc(value);
    doc.insert("_rev".into(), rev.into());
    doc
}

/// How many edits a revision stands for.
pub fn generation(rev: &str) -> u64 {
    rev.split_once('-').unwrap().0.parse().unwrap()
}

/// Makes a design document of maps, and of reduce functions where they aren't empty.
pub async fn design(store: &dyn Store, db: &Db, name: &str, views: &[(&str, &str, &str)]) -> String {
    let mut members = Object::new();
    for (view, map, reduce) in views {
        let mut functions = doc(serde_json::json!({ "map": map }));
        if !reduce.is_empty() {
            functions.insert("reduce".into(), (*reduce).into());
        }
        members.insert((*view).into(), functions.into());
    }
    let id = format!("_design/{name}");
    let mut design = doc(serde_json::json!({ "_id": id, "language": "javascript", "views": members }));
    if let Ok(current) = store.get(db, &id).await {
        design.insert("_rev".into(), current["_rev"].clone());
    }
    store.put(db, &design).await.unwrap()
}

/// Writes documents that aren't there yet.
pub async fn fill(store: &dyn Store, db: &Db, docs: impl IntoIterator<Item = Value>) -> Vec<String> {
    let docs: Vec<_> = docs.into_iter().map(doc).collect();
    let written = store.put_many(db, &docs).await.unwrap();
    written.into_iter().map(Result::unwrap).collect()
}

/// A view's keys.
pub async fn keys(store: &dyn Store, db: &Db, view: View, query: &Query) -> Vec<Value> {
    store.view(db, view, query).await.unwrap().into_iter().map(|row| row.key).collect()
}

/// The ids of a view's rows.
pub async fn ids(store: &dyn Store, db: &Db, view: View, query: &Query) -> Vec<String> {
    store.view(db, view, query).await.unwrap().into_iter().filter_map(|row| row.id).collect()
}

/// Key and value of each row.
pub fn pairs(rows: Vec<Row>) -> Vec<(Value, Value)> {
    rows.into_iter().map(|row| (row.key, row.value)).collect()
}
