//! What isn't a document is refused, and nothing happens.

use serde_json::{Value, json};
use storefront::store::{Db, Error, Query, Store, View};

use super::contract::doc;

on_every_store! {
    a_document_needs_an_id,
    ids_with_an_underscore_are_reserved,
}

// CouchDB refuses these as well, stand-ins don't all.
on_store! {
    strict, crate::store::contract::embedded;
    what_couchdb_would_not_take_is_refused,
    a_revision_of_a_document_that_never_was_is_a_conflict,
    too_large_and_too_deep_is_refused,
}

async fn refuses(store: &dyn Store, db: &Db, illegal: Value) {
    let illegal = doc(illegal);
    let refused = store.put(db, &illegal).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    let refused = store.put_many(db, &[doc(json!({"_id": "fine"})), illegal]).await.unwrap();
    assert!(matches!(refused.as_slice(), [Ok(_), Err(Error::Invalid { .. })]), "{refused:?}");
    store.delete(db, "fine", refused[0].as_ref().unwrap()).await.unwrap();
    assert!(store.view(db, View::ALL_DOCS, &Query::default()).await.unwrap().is_empty());
}

async fn a_document_needs_an_id(store: &dyn Store, db: &Db) {
    refuses(store, db, json!({"name": "x"})).await;
    refuses(store, db, json!({"_id": ""})).await;
    refuses(store, db, json!({"_id": 1})).await;
}

async fn ids_with_an_underscore_are_reserved(store: &dyn Store, db: &Db) {
    refuses(store, db, json!({"_id": "_x"})).await;
}

async fn what_couchdb_would_not_take_is_refused(store: &dyn Store, db: &Db) {
    for illegal in [
        json!({"_id": "_design/"}),
        json!({"_id": "a\u{0}b"}),
        json!({"_id": "a", "_unknown": 1}),
        json!({"_id": "a", "_rev": 1}),
        json!({"_id": "a", "_rev": "nonsense"}),
        json!({"_id": "a", "_deleted": "yes"}),
        json!({"_id": "a", "_attachments": []}),
        json!({"_id": "a", "_attachments": {"x": {}}}),
        json!({"_id": "a", "_attachments": {"x": {"stub": true}}}),
        json!({"_id": "a", "_attachments": {"x": {"data": "not base64!"}}}),
        json!({"_id": "a", "_attachments": {"_x": {"data": ""}}}),
        json!({"_id": "a", "_attachments": {"": {"data": ""}}}),
        json!({"_id": "_local/a", "_attachments": {"x": {"data": ""}}}),
    ] {
        refuses(store, db, illegal).await;
    }
}

async fn a_revision_of_a_document_that_never_was_is_a_conflict(store: &dyn Store, db: &Db) {
    let made_up = doc(json!({"_id": "a", "_rev": "1-00000000000000000000000000000000"}));
    assert!(matches!(store.put(db, &made_up).await, Err(Error::Conflict { .. })));
    let upload = super::attachments::upload("image/png", b"x");
    let made_up = store.put_attachment(db, "a", Some("1-00000000000000000000000000000000"), "x", upload).await;
    assert!(matches!(made_up, Err(Error::Conflict { .. })));
    assert!(matches!(store.get(db, "a").await, Err(Error::NotFound { .. })));
}

async fn too_large_and_too_deep_is_refused(store: &dyn Store, db: &Db) {
    refuses(store, db, json!({"_id": "a", "text": "x".repeat(8_000_001)})).await;
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    refuses(store, db, json!({"_id": "a", "deep": nested(1000)})).await;
    store.put(db, &doc(json!({"_id": "a", "deep": nested(100), "text": "x".repeat(1_000_000)}))).await.unwrap();
    store.get(db, "a").await.unwrap();
}
