//! The changes feed: what changed, in order, and waiting for it.

use std::time::{Duration, Instant};

use serde_json::json;
use storefront::store::{Change, Changes, Db, Error, Since, Store};

use super::contract::{doc, fill, fresh, on};

on_every_store! {
    changes_come_in_the_order_of_the_writes,
    a_document_shows_at_its_latest_change_only,
    a_feed_goes_on_where_it_was_left,
    a_limit_cuts_the_feed,
    documents_come_with_their_changes_on_demand,
    waiting_ends_with_the_next_write,
    waiting_ends_without_a_write_when_the_time_is_over,
    what_has_changed_already_is_not_waited_for,
    other_databases_changes_are_not_in_the_feed,
}

/// A time that no test should ever wait.
const LONG: Duration = Duration::from_secs(60);

fn ids(changes: &Changes) -> Vec<&str> {
    changes.results.iter().map(|change| change.id.as_str()).collect()
}

async fn all(store: &dyn Store, db: &Db) -> Changes {
    store.changes(db, &Since::default()).await.unwrap()
}

fn after(changes: &Changes) -> Since {
    Since { seq: Some(changes.last.clone()), ..Since::default() }
}

async fn changes_come_in_the_order_of_the_writes(store: &dyn Store, db: &Db) {
    for id in ["b", "a", "_design/d", "c"] {
        store.put(db, &doc(json!({"_id": id}))).await.unwrap();
    }
    assert_eq!(ids(&all(store, db).await), ["b", "a", "_design/d", "c"]);
}

async fn a_document_shows_at_its_latest_change_only(store: &dyn Store, db: &Db) {
    let revs = fill(store, db, [json!({"_id": "a"}), json!({"_id": "b"}), json!({"_id": "c"})]).await;
    let second = store.put(db, &on(&revs[0], json!({"_id": "a"}))).await.unwrap();
    let tombstone = store.delete(db, "b", &revs[1]).await.unwrap();
    let feed = all(store, db).await;
    let seen: Vec<_> = feed.results.iter().map(|Change { id, rev, deleted, .. }| (id.as_str(), rev.clone(), *deleted)).collect();
    assert_eq!(seen, [("c", revs[2].clone(), false), ("a", second, false), ("b", tombstone, true)]);
}

async fn a_feed_goes_on_where_it_was_left(store: &dyn Store, db: &Db) {
    fill(store, db, [json!({"_id": "a"}), json!({"_id": "b"})]).await;
    let before = all(store, db).await;
    assert!(store.changes(db, &after(&before)).await.unwrap().results.is_empty());
    fill(store, db, [json!({"_id": "c"})]).await;
    let next = store.changes(db, &after(&before)).await.unwrap();
    assert_eq!(ids(&next), ["c"]);
    let from_the_first = Since { seq: Some(before.results[0].seq.clone()), ..Since::default() };
    assert_eq!(ids(&store.changes(db, &from_the_first).await.unwrap()), ["b", "c"]);
}

async fn a_limit_cuts_the_feed(store: &dyn Store, db: &Db) {
    fill(store, db, ["a", "b", "c"].map(|id| json!({"_id": id}))).await;
    let page = store.changes(db, &Since { limit: Some(2), ..Since::default() }).await.unwrap();
    assert_eq!(ids(&page), ["a", "b"]);
    assert_eq!(ids(&store.changes(db, &Since { limit: Some(2), ..after(&page) }).await.unwrap()), ["c"]);
}

async fn documents_come_with_their_changes_on_demand(store: &dyn Store, db: &Db) {
    let rev = store.put(db, &doc(json!({"_id": "a", "n": 1}))).await.unwrap();
    let feed = store.changes(db, &Since { include_docs: true, ..Since::default() }).await.unwrap();
    assert_eq!(feed.results[0].doc.as_deref(), Some(&on(&rev, json!({"_id": "a", "n": 1}))));
    assert!(all(store, db).await.results[0].doc.is_none());
}

async fn waiting_ends_with_the_next_write(store: &dyn Store, db: &Db) {
    fill(store, db, [json!({"_id": "a"})]).await;
    let before = all(store, db).await;
    let started = Instant::now();
    let waiting = Since { wait: Some(LONG), ..after(&before) };
    let write = async {
        tokio::task::yield_now().await;
        store.put(db, &doc(json!({"_id": "b"}))).await.unwrap();
    };
    let (changes, ()) = tokio::join!(store.changes(db, &waiting), write);
    assert_eq!(ids(&changes.unwrap()), ["b"]);
    assert!(started.elapsed() < LONG / 2);
}

async fn waiting_ends_without_a_write_when_the_time_is_over(store: &dyn Store, db: &Db) {
    fill(store, db, [json!({"_id": "a"})]).await;
    let before = all(store, db).await;
    let waiting = Since { wait: Some(Duration::from_millis(20)), ..after(&before) };
    let changes = store.changes(db, &waiting).await.unwrap();
    assert!(changes.results.is_empty());
    fill(store, db, [json!({"_id": "b"})]).await;
    assert_eq!(ids(&store.changes(db, &after(&changes)).await.unwrap()), ["b"]);
}

async fn what_has_changed_already_is_not_waited_for(store: &dyn Store, db: &Db) {
    fill(store, db, [json!({"_id": "a"})]).await;
    let started = Instant::now();
    let changes = store.changes(db, &Since { wait: Some(LONG), ..Since::default() }).await.unwrap();
    assert_eq!(ids(&changes), ["a"]);
    assert!(started.elapsed() < LONG / 2);
}

async fn other_databases_changes_are_not_in_the_feed(store: &dyn Store, db: &Db) {
    let other = fresh();
    store.create_database(&other).await.unwrap();
    fill(store, &other, [json!({"_id": "x"})]).await;
    fill(store, db, [json!({"_id": "a"})]).await;
    assert_eq!(ids(&all(store, db).await), ["a"]);
    store.delete_database(&other).await.unwrap();
    assert!(matches!(store.changes(&other, &Since::default()).await, Err(Error::NoDatabase { .. })));
}
