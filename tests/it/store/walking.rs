//! All documents of a database, page by page, and the conflicts among them.

use serde_json::{Value, json};
use storefront::store::{Db, Object, Pages, Query, Store, View};

use super::contract::{doc, fill};
use crate::support::couch::{self as server, Scratch};

on_every_store! {
    a_walk_meets_every_document_once,
    a_walk_goes_on_behind_a_document,
    a_walk_through_some_documents_passes_over_what_isnt_there,
    what_is_deleted_on_the_way_takes_no_neighbour_along,
    documents_without_conflicts_name_none,
}

async fn ids(mut pages: Pages<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(docs) = pages.next().await.unwrap() {
        ids.extend(docs.iter().map(|doc| doc["_id"].as_str().unwrap().to_owned()));
    }
    ids
}

async fn a_walk_meets_every_document_once(store: &dyn Store, db: &Db) {
    assert_eq!(ids(Pages::all(store, db, None)).await, Vec::<String>::new());
    // More than a page, and some so long that a page has few of them.
    let numbers = 0..1_250;
    let id = |number: usize| format!("{number:04}");
    let text = |number: usize| "x".repeat(if number.is_multiple_of(100) { 200_000 } else { 10 });
    fill(store, db, numbers.clone().map(|number| json!({ "_id": id(number), "text": text(number) }))).await;
    assert_eq!(ids(Pages::all(store, db, None)).await, numbers.map(id).collect::<Vec<_>>());
    let mut pages = Pages::all(store, db, None);
    let mut found = 0;
    while let Some(ids) = pages.next_ids().await.unwrap() {
        found += ids.len();
    }
    assert_eq!(found, 1_250);
}

async fn a_walk_goes_on_behind_a_document(store: &dyn Store, db: &Db) {
    fill(store, db, ["_design/d", "A", "a", "a b", "ä"].map(|id| json!({ "_id": id }))).await;
    assert_eq!(ids(Pages::all(store, db, Some("a"))).await, ["a b", "ä"]);
    assert_eq!(ids(Pages::all(store, db, Some("B"))).await, ["_design/d", "a", "a b", "ä"]);
    assert_eq!(ids(Pages::all(store, db, Some("ä"))).await, Vec::<String>::new());
}

async fn a_walk_through_some_documents_passes_over_what_isnt_there(store: &dyn Store, db: &Db) {
    fill(store, db, (0..250).map(|number| json!({ "_id": format!("{number:03}") }))).await;
    let wanted: Vec<String> = (0..300).rev().map(|number| format!("{number:03}")).collect();
    assert_eq!(ids(Pages::some(store, db, wanted.clone())).await, wanted[50..]);
}

async fn what_is_deleted_on_the_way_takes_no_neighbour_along(store: &dyn Store, db: &Db) {
    let revs = fill(store, db, (0..150).map(|number| json!({ "_id": format!("{number:03}") }))).await;
    let mut pages = Pages::all(store, db, None);
    let first = pages.next().await.unwrap().unwrap();
    let last = first.last().unwrap()["_id"].as_str().unwrap().to_owned();
    store.delete(db, &last, &revs[first.len() - 1]).await.unwrap();
    assert_eq!(first.len() + ids(pages).await.len(), 150);
}

async fn documents_without_conflicts_name_none(store: &dyn Store, db: &Db) {
    fill(store, db, ["a", "b"].map(|id| json!({ "_id": id }))).await;
    assert_eq!(conflicts(store, db).await, [Value::Null, Value::Null]);
}

async fn conflicts(store: &dyn Store, db: &Db) -> Vec<Value> {
    let query = Query { conflicts: true, ..Query::default().with_docs() };
    let rows = store.view(db, View::ALL_DOCS, &query).await.unwrap();
    rows.iter().map(|row| row.doc.as_ref().unwrap().get("_conflicts").cloned().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_revisions_that_lost_are_named() {
    let (scratch, store) = (Scratch::new().await, server::store());
    fill(&*store, &scratch.db, [json!({ "_id": "b" })]).await;
    server::write_conflict(&scratch.db, &doc(json!({ "_id": "a", "n": 1 }))).await;
    let lost = json!([format!("1-{}", "1".repeat(32))]);
    assert_eq!(conflicts(&*store, &scratch.db).await, [lost.clone(), Value::Null]);
    let winner: Object = (*store.get(&scratch.db, "a").await.unwrap()).clone();
    assert_eq!((&winner["_rev"], winner.get("_conflicts")), (&json!(format!("1-{}", "2".repeat(32))), None));
    let mut pages = Pages::all(&*store, &scratch.db, None).with_conflicts();
    assert_eq!(pages.next().await.unwrap().unwrap()[0]["_conflicts"], lost);
}
