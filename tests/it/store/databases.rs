//! Databases come, are listed, and go.

use serde_json::json;
use storefront::store::{Db, Error, Query, Since, Store, View};

use super::contract::{doc, fresh};

on_every_store! {
    a_store_that_works_answers,
    a_database_exists_once,
    a_deleted_database_is_gone_with_all_in_it,
    databases_are_listed_by_prefix_in_order,
    names_with_slashes_are_databases_apart,
    nothing_works_on_a_database_that_does_not_exist,
}

async fn a_store_that_works_answers(store: &dyn Store, _: &Db) {
    store.ping().await.unwrap();
}

async fn a_database_exists_once(store: &dyn Store, db: &Db) {
    let again = store.create_database(db).await;
    assert!(matches!(again, Err(Error::DatabaseExists { db: named }) if named == *db));
}

async fn a_deleted_database_is_gone_with_all_in_it(store: &dyn Store, db: &Db) {
    store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    store.delete_database(db).await.unwrap();
    assert!(matches!(store.get(db, "a").await, Err(Error::NoDatabase { .. })));
    assert!(matches!(store.delete_database(db).await, Err(Error::NoDatabase { .. })));
    store.create_database(db).await.unwrap();
    assert!(matches!(store.get(db, "a").await, Err(Error::NotFound { .. })));
    assert!(store.view(db, View::ALL_DOCS, &Query::default()).await.unwrap().is_empty());
}

async fn databases_are_listed_by_prefix_in_order(store: &dyn Store, db: &Db) {
    let named = |suffix: &str| Db::parse(&format!("{db}{suffix}")).unwrap();
    for suffix in ["-202502", "-202501", "/x"] {
        store.create_database(&named(suffix)).await.unwrap();
    }
    let listed = store.databases(db.as_str()).await.unwrap();
    assert_eq!(listed, [db.clone(), named("-202501"), named("-202502"), named("/x")]);
    assert_eq!(store.databases(named("-2").as_str()).await.unwrap(), [named("-202501"), named("-202502")]);
    assert!(store.databases(named("-3").as_str()).await.unwrap().is_empty());
    assert!(store.databases("").await.unwrap().contains(db));
    for suffix in ["-202502", "-202501", "/x"] {
        store.delete_database(&named(suffix)).await.unwrap();
    }
}

async fn names_with_slashes_are_databases_apart(store: &dyn Store, db: &Db) {
    let other = Db::parse(&db.as_str().replace('/', "")).unwrap();
    store.create_database(&other).await.unwrap();
    store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    assert!(matches!(store.get(&other, "a").await, Err(Error::NotFound { .. })));
    store.delete_database(&other).await.unwrap();
    store.get(db, "a").await.unwrap();
}

async fn nothing_works_on_a_database_that_does_not_exist(store: &dyn Store, _: &Db) {
    let db = &fresh();
    let a = doc(json!({"_id": "a"}));
    let view = View::new("any", "any");
    let missing = [
        store.get(db, "a").await.err(),
        store.get_many(db, &["a"]).await.err(),
        store.put(db, &a).await.err(),
        store.put_many(db, std::slice::from_ref(&a)).await.err(),
        store.view(db, View::ALL_DOCS, &Query::default()).await.err(),
        store.view(db, view, &Query::default()).await.err(),
        store.changes(db, &Since::default()).await.err(),
        store.attachment(db, "a", "b", None).await.err(),
    ];
    for error in missing {
        assert!(matches!(error, Some(Error::NoDatabase { db: ref named }) if named == db), "{error:?}");
    }
    assert!(!store.databases("").await.unwrap().contains(db), "nothing made it on the way");
}
