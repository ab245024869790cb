//! Documents are written, read, changed and deleted, revision by revision.

use futures_util::future::join_all;
use serde_json::json;
use storefront::store::{self, Db, Error, Query, Since, Store, View};

use super::contract::{doc, fill, generation, on};

on_every_store! {
    a_document_is_read_as_it_was_written,
    every_edit_has_a_revision_of_its_own,
    an_edit_needs_the_current_revision,
    a_deleted_document_is_not_found,
    deleting_needs_the_current_revision,
    a_deleted_document_can_be_made_again,
    a_tombstones_revision_can_be_edited_too,
    putting_a_deleted_document_deletes_it,
    any_string_can_be_an_id,
    several_documents_are_read_in_the_order_asked_for,
    several_documents_are_written_each_for_itself,
    of_ten_writers_on_one_revision_one_wins,
    of_ten_merges_into_one_document_none_is_lost,
    a_local_document_is_in_no_list_and_no_feed,
}

async fn a_document_is_read_as_it_was_written(store: &dyn Store, db: &Db) {
    let written = json!({
        "_id": "a", "name": "Ünï ☎ \"quoted\" \\ \n", "pvt_type": "app", "pvt_unknown": {"b": [1, 2.5, -3, null, true], "a": {}},
        "empty": "", "big": 1_740_787_200_123_i64, "list": [], "0": "zero"
    });
    let rev = store.put(db, &doc(written.clone())).await.unwrap();
    assert_eq!(*store.get(db, "a").await.unwrap(), on(&rev, written));
}

async fn every_edit_has_a_revision_of_its_own(store: &dyn Store, db: &Db) {
    let first = store.put(db, &doc(json!({"_id": "a", "n": 1}))).await.unwrap();
    let second = store.put(db, &on(&first, json!({"_id": "a", "n": 2}))).await.unwrap();
    // An edit that changes nothing is one as well.
    let third = store.put(db, &on(&second, json!({"_id": "a", "n": 2}))).await.unwrap();
    assert_eq!([&first, &second, &third].map(|rev| generation(rev)), [1, 2, 3]);
    let read = store.get(db, "a").await.unwrap();
    assert_eq!((&read["n"], &read["_rev"]), (&json!(2), &json!(third)));
}

async fn an_edit_needs_the_current_revision(store: &dyn Store, db: &Db) {
    let first = store.put(db, &doc(json!({"_id": "a", "n": 1}))).await.unwrap();
    let second = store.put(db, &on(&first, json!({"_id": "a", "n": 2}))).await.unwrap();
    let refused = [
        store.put(db, &on(&first, json!({"_id": "a", "n": 3}))).await,
        store.put(db, &doc(json!({"_id": "a", "n": 3}))).await,
        store.put(db, &on("2-00000000000000000000000000000000", json!({"_id": "a", "n": 3}))).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::Conflict { db: ref named, ref id }) if named == db && id == "a"), "{refused:?}");
    }
    assert_eq!(store.get(db, "a").await.unwrap()["_rev"], json!(second));
}

async fn a_deleted_document_is_not_found(store: &dyn Store, db: &Db) {
    let missing = store.get(db, "a").await;
    assert!(matches!(missing, Err(Error::NotFound { db: ref named, ref id }) if named == db && id == "a"), "{missing:?}");
    let rev = store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    let tombstone = store.delete(db, "a", &rev).await.unwrap();
    assert_eq!(generation(&tombstone), 2);
    assert!(matches!(store.get(db, "a").await, Err(Error::NotFound { .. })));
    assert_eq!(store.get_many(db, &["a"]).await.unwrap(), [None]);
    assert!(store.view(db, View::ALL_DOCS, &Query::default()).await.unwrap().is_empty());
}

async fn deleting_needs_the_current_revision(store: &dyn Store, db: &Db) {
    let first = store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    let second = store.put(db, &on(&first, json!({"_id": "a"}))).await.unwrap();
    assert!(matches!(store.delete(db, "a", &first).await, Err(Error::Conflict { .. })));
    assert!(matches!(store.delete(db, "b", &first).await, Err(Error::NotFound { .. })));
    store.delete(db, "a", &second).await.unwrap();
    assert!(matches!(store.delete(db, "a", &second).await, Err(Error::NotFound { .. } | Error::Conflict { .. })));
}

async fn a_deleted_document_can_be_made_again(store: &dyn Store, db: &Db) {
    let first = store.put(db, &doc(json!({"_id": "a", "n": 1}))).await.unwrap();
    store.delete(db, "a", &first).await.unwrap();
    assert!(matches!(store.put(db, &on(&first, json!({"_id": "a"}))).await, Err(Error::Conflict { .. })));
    let third = store.put(db, &doc(json!({"_id": "a", "n": 2}))).await.unwrap();
    assert_eq!(generation(&third), 3);
    assert_eq!(*store.get(db, "a").await.unwrap(), on(&third, json!({"_id": "a", "n": 2})));
}

async fn a_tombstones_revision_can_be_edited_too(store: &dyn Store, db: &Db) {
    let first = store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    let tombstone = store.delete(db, "a", &first).await.unwrap();
    let third = store.put(db, &on(&tombstone, json!({"_id": "a", "back": true}))).await.unwrap();
    assert_eq!(generation(&third), 3);
}

async fn putting_a_deleted_document_deletes_it(store: &dyn Store, db: &Db) {
    let first = store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    let tombstone = store.put(db, &on(&first, json!({"_id": "a", "_deleted": true}))).await.unwrap();
    assert_eq!(generation(&tombstone), 2);
    assert!(matches!(store.get(db, "a").await, Err(Error::NotFound { .. })));
    let feed = store.changes(db, &Since::default()).await.unwrap().results;
    assert!(matches!(feed.as_slice(), [change] if change.deleted && change.rev == tombstone));
}

async fn any_string_can_be_an_id(store: &dyn Store, db: &Db) {
    let odd = ["a/b", "a+b c", "ü", "_design/x", "%2F", "a?b&c=d#e", "\"'<>", "☎", "+15551234567", "a\\b", "A", "a"];
    let revs = fill(store, db, odd.map(|id| json!({"_id": id, "is": id}))).await;
    for (id, rev) in odd.iter().zip(&revs) {
        assert_eq!(*store.get(db, id).await.unwrap(), on(rev, json!({"_id": id, "is": id})));
        let second = store.put(db, &on(rev, json!({"_id": id}))).await.unwrap();
        store.delete(db, id, &second).await.unwrap();
        assert!(matches!(store.get(db, id).await, Err(Error::NotFound { .. })), "{id}");
    }
}

async fn several_documents_are_read_in_the_order_asked_for(store: &dyn Store, db: &Db) {
    let revs = fill(store, db, ["a", "b", "c", "_design/d"].map(|id| json!({"_id": id, "is": id}))).await;
    store.delete(db, "b", &revs[1]).await.unwrap();
    let read = store.get_many(db, &["c", "b", "_design/d", "nothing", "a", "c"]).await.unwrap();
    let read: Vec<_> = read.iter().map(|doc| doc.as_ref().map(|doc| doc["is"].as_str().unwrap())).collect();
    assert_eq!(read, [Some("c"), None, Some("_design/d"), None, Some("a"), Some("c")]);
    assert!(store.get_many(db, &[]).await.unwrap().is_empty());
}

async fn several_documents_are_written_each_for_itself(store: &dyn Store, db: &Db) {
    let rev = store.put(db, &doc(json!({"_id": "b", "n": 1}))).await.unwrap();
    let docs = [json!({"_id": "a"}), json!({"_id": "b", "n": 2}), json!({"_id": "d"})].map(doc);
    let written = store.put_many(db, &docs).await.unwrap();
    assert!(matches!(written.as_slice(), [Ok(_), Err(Error::Conflict { id, .. }), Ok(_)] if id == "b"), "{written:?}");
    assert_eq!(store.get(db, "a").await.unwrap()["_rev"], json!(written[0].as_ref().unwrap()));
    assert_eq!(store.get(db, "b").await.unwrap()["n"], json!(1));
    store.get(db, "d").await.unwrap();
    let deleted = store.put_many(db, &[on(&rev, json!({"_id": "b", "_deleted": true}))]).await.unwrap();
    assert_eq!(generation(deleted[0].as_ref().unwrap()), 2);
    assert!(matches!(store.get(db, "b").await, Err(Error::NotFound { .. })));
    assert!(store.put_many(db, &[]).await.unwrap().is_empty());
}

async fn of_ten_writers_on_one_revision_one_wins(store: &dyn Store, db: &Db) {
    let rev = &store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    let write = |n: usize| async move { store.put(db, &on(rev, json!({"_id": "a", "n": n}))).await };
    let outcomes = join_all((0..10).map(write)).await;
    let won: Vec<_> = outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_ok()).map(|(n, _)| n).collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::Conflict { .. }))).count(), 9);
    assert_eq!(store.get(db, "a").await.unwrap()["n"], json!(won[0]));
}

async fn of_ten_merges_into_one_document_none_is_lost(store: &dyn Store, db: &Db) {
    let merge = |n: usize| async move {
        let add = async |doc: &mut store::Object| {
            doc.insert(format!("n{n}"), n.into());
            Ok::<_, Error>(())
        };
        store::update(store, db, "a", add).await.unwrap();
    };
    join_all((0..10).map(merge)).await;
    let merged = store.get(db, "a").await.unwrap();
    assert_eq!((0..10).filter(|n| merged.get(&format!("n{n}")) == Some(&json!(n))).count(), 10, "{merged:?}");
    assert_eq!(generation(merged["_rev"].as_str().unwrap()), 10);
}

async fn a_local_document_is_in_no_list_and_no_feed(store: &dyn Store, db: &Db) {
    store.put(db, &doc(json!({"_id": "_local/here", "n": 1}))).await.unwrap();
    let read = store.get(db, "_local/here").await.unwrap();
    assert_eq!(read["n"], json!(1));
    store.put(db, &on(read["_rev"].as_str().unwrap(), json!({"_id": "_local/here", "n": 2}))).await.unwrap();
    assert_eq!(store.get(db, "_local/here").await.unwrap()["n"], json!(2));
    assert!(store.view(db, View::ALL_DOCS, &Query::default()).await.unwrap().is_empty());
    assert!(store.changes(db, &Since::default()).await.unwrap().results.is_empty());
}
