//! The store in one file: what survives, what is left behind, and who else may use it.

use std::path::Path;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::json;
use storefront::store::{Db, Error, Query, Reduce, Since, Store, Upload, View, embedded::EmbeddedStore};
use tempfile::TempDir;

use super::{
    attachments::upload,
    contract::{design, doc, fill, keys, on},
};

mod processes;
mod sandbox;

pub static DB: Db = Db::named("test");
const BY_NAME: View = View::new("test", "by_name");
const MAP: &str = "function(doc) { if (doc.name) emit(doc.name, null); }";

/// A store with an empty database.
pub async fn store() -> (TempDir, EmbeddedStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    store.create_database(&DB).await.unwrap();
    (dir, store)
}

/// A number from the file itself.
pub fn ask_file(dir: &Path, sql: &str) -> i64 {
    let conn = rusqlite::Connection::open(dir.join("storefront.db")).unwrap();
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let (dir, store) = store().await;
    let rev = store.put_attachment(&DB, "a", None, "icon", upload("image/png", &[7; 100_000])).await.unwrap();
    let feed = store.changes(&DB, &Since::default()).await.unwrap();
    drop(store);
    let store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(store.get(&DB, "a").await.unwrap()["_rev"], json!(rev));
    assert_eq!(store.attachment(&DB, "a", "icon", None).await.unwrap().info.length, 100_000);
    fill(&store, &DB, [json!({"_id": "b"})]).await;
    let since = Since { seq: Some(feed.last), ..Since::default() };
    assert_eq!(store.changes(&DB, &since).await.unwrap().results[0].id, "b");
}

#[tokio::test]
async fn a_document_begins_with_its_id_and_revision_and_keeps_its_order_and_numbers() {
    let (_dir, store) = store().await;
    let text = r#"{"z":1.0,"_id":"a","b":{"y":18446744073709551615,"x":1e+300,"1":0},"a":[0.1,-7]}"#;
    let rev = store.put(&DB, &serde_json::from_str(text).unwrap()).await.unwrap();
    let read = serde_json::to_string(&*store.get(&DB, "a").await.unwrap()).unwrap();
    let expected = r#","z":1.0,"b":{"y":18446744073709551615,"x":1e+300,"1":0},"a":[0.1,-7]}"#;
    assert_eq!(read, format!(r#"{{"_id":"a","_rev":"{rev}"{expected}"#));
}

#[tokio::test]
async fn the_same_edits_have_the_same_revisions_anywhere() {
    let ((_one, here), (_two, there)) = (store().await, store().await);
    for (n, other) in [(1, 1), (2, 2), (3, 4)] {
        let write = async |store: &EmbeddedStore, n: i32| {
            let current = store.get(&DB, "a").await.map(|doc| doc["_rev"].as_str().unwrap().to_owned());
            let edit = json!({"_id": "a", "n": n});
            store.put(&DB, &current.map_or(doc(edit.clone()), |rev| on(&rev, edit))).await.unwrap()
        };
        assert_eq!(write(&here, n).await == write(&there, other).await, n == other);
    }
}

#[tokio::test]
async fn an_index_is_kept_and_only_another_map_makes_another() {
    let (dir, store) = store().await;
    design(&store, &DB, "test", &[("by_name", MAP, "")]).await;
    fill(&store, &DB, [json!({"_id": "a", "name": "x"}), json!({"_id": "b", "name": "y"})]).await;
    assert_eq!(keys(&store, &DB, BY_NAME, &Query::default()).await, ["x", "y"]);
    let index = || ask_file(dir.path(), "SELECT ix FROM indexes");
    let first = index();
    drop(store);
    assert_eq!(ask_file(dir.path(), "SELECT count(*) FROM view_rows"), 2);
    let store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(keys(&store, &DB, BY_NAME, &Query::default()).await, ["x", "y"]);
    design(&store, &DB, "test", &[("by_name", MAP, "function(keys, values) { return values.length; }")]).await;
    let count = Query { reduce: Reduce::All, ..Query::default() };
    assert_eq!(store.view(&DB, BY_NAME, &count).await.unwrap()[0].value, json!(2));
    assert_eq!(index(), first);
    design(&store, &DB, "test", &[("by_name", "function(doc) { emit(doc.name, 1); }", "")]).await;
    assert_eq!(keys(&store, &DB, BY_NAME, &Query::default()).await, ["x", "y"]);
    assert_ne!(index(), first);
    assert_eq!(ask_file(dir.path(), "SELECT count(*) FROM view_rows"), 2, "the old index is gone");
}

#[tokio::test]
async fn what_is_deleted_leaves_nothing_behind() {
    let (dir, store) = store().await;
    let rows = |tables: &str| -> i64 {
        tables.split(' ').map(|table| ask_file(dir.path(), &format!("SELECT count(*) FROM {table}"))).sum()
    };
    let rev = design(&store, &DB, "test", &[("by_name", MAP, "")]).await;
    fill(&store, &DB, [json!({"_id": "b", "name": "y"})]).await;
    assert_eq!(keys(&store, &DB, BY_NAME, &Query::default()).await, ["y"]);
    store.delete(&DB, "_design/test", &rev).await.unwrap();
    assert_eq!(rows("indexes view_rows view_counts"), 0);

    let first = store.put_attachment(&DB, "a", None, "icon", upload("image/png", &[1; 100_000])).await.unwrap();
    let second = store.put_attachment(&DB, "a", Some(&first), "icon", upload("image/png", &[2; 10])).await.unwrap();
    assert_eq!(rows("chunks"), 1);
    store.delete(&DB, "a", &second).await.unwrap();
    assert_eq!(rows("chunks blobs attachments"), 0);

    store.put_attachment(&DB, "c", None, "icon", upload("image/png", &[1; 100_000])).await.unwrap();
    design(&store, &DB, "test", &[("by_name", MAP, "")]).await;
    assert_eq!(keys(&store, &DB, BY_NAME, &Query::default()).await, ["y"]);
    store.delete_database(&DB).await.unwrap();
    assert_eq!(rows("databases docs attachments blobs chunks indexes view_rows view_counts"), 0);
}

#[tokio::test]
async fn an_upload_that_ends_badly_leaves_nothing_behind() {
    let (dir, store) = store().await;
    let half = || stream::iter([Ok(Bytes::from(vec![1; 3 << 20]))]);

    // The caller goes away while bytes are still to come.
    let body = half().chain(stream::pending()).boxed();
    let upload = Upload { content_type: "image/png".into(), length: None, body };
    let arrived = async {
        while ask_file(dir.path(), "SELECT count(*) FROM chunks") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = store.put_attachment(&DB, "a", None, "icon", upload) => panic!("it can't be over"),
        () = arrived => {}
    }
    // One that is shorter than announced, and one that fails.
    let short = Upload { content_type: "image/png".into(), length: Some(4 << 20), body: half().boxed() };
    store.put_attachment(&DB, "a", None, "icon", short).await.unwrap_err();
    let body = half().chain(stream::iter([Err(Error::Timeout { db: DB.clone() })])).boxed();
    store
        .put_attachment(&DB, "a", None, "icon", Upload { content_type: "image/png".into(), length: None, body })
        .await
        .unwrap_err();

    // Whatever was to be cleared away has been when the next write is done.
    fill(&store, &DB, [json!({"_id": "b"})]).await;
    assert_eq!(ask_file(dir.path(), "SELECT (SELECT count(*) FROM chunks) + (SELECT count(*) FROM blobs)"), 0);
    assert!(matches!(store.get(&DB, "a").await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn couchdbs_own_databases_are_not_listed() {
    let (_dir, store) = store().await;
    store.create_database(&Db::named("_users")).await.unwrap();
    assert_eq!(store.databases("").await.unwrap(), std::slice::from_ref(&DB));
    assert_eq!(store.databases("_").await.unwrap(), []);
}

#[tokio::test]
async fn a_feed_starts_over_in_a_database_made_anew_and_refuses_nonsense() {
    let (_dir, store) = store().await;
    fill(&store, &DB, [json!({"_id": "a"}), json!({"_id": "b"})]).await;
    let last = store.changes(&DB, &Since::default()).await.unwrap().last;
    store.delete_database(&DB).await.unwrap();
    store.create_database(&DB).await.unwrap();
    fill(&store, &DB, [json!({"_id": "c"})]).await;
    let since = |seq: &str| Since { seq: Some(storefront::store::Seq(seq.into())), ..Since::default() };
    assert_eq!(store.changes(&DB, &since(&last.0)).await.unwrap().results[0].id, "c");
    assert!(store.changes(&DB, &since("now")).await.unwrap().results.is_empty());
    assert!(matches!(store.changes(&DB, &since("nonsense")).await, Err(Error::Invalid { .. })));
}

#[test]
fn a_file_that_is_no_store_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("storefront.db"), "anything but a database, and long enough to see it".repeat(100)).unwrap();
    assert!(matches!(EmbeddedStore::open(dir.path()).err(), Some(Error::Corrupt { .. })));

    let newer = tempfile::tempdir().unwrap();
    drop(EmbeddedStore::open(newer.path()).unwrap());
    rusqlite::Connection::open(newer.path().join("storefront.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(EmbeddedStore::open(newer.path()).err(), Some(Error::Corrupt { .. })));

    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(EmbeddedStore::open(file.path()).err(), Some(Error::Corrupt { .. })));
}

#[tokio::test]
async fn damage_shows_as_an_error_and_not_as_a_panic() {
    let (dir, store) = store().await;
    fill(&store, &DB, [json!({"_id": "a", "name": "x"}), json!({"_id": "b", "name": "y"})]).await;
    let conn = rusqlite::Connection::open(dir.path().join("storefront.db")).unwrap();
    conn.execute("UPDATE docs SET body = x'7b22' WHERE id = 'a'", []).unwrap();
    assert!(matches!(store.get(&DB, "a").await, Err(Error::Corrupt { ref id, .. }) if id == "a"));
    store.get(&DB, "b").await.unwrap();
    conn.execute("DROP TABLE attachments", []).unwrap();
    assert!(matches!(store.put(&DB, &doc(json!({"_id": "c"}))).await, Ok(_) | Err(Error::Corrupt { .. })));
    let current = store.get(&DB, "b").await.unwrap()["_rev"].as_str().unwrap().to_owned();
    assert!(matches!(store.put(&DB, &on(&current, json!({"_id": "b"}))).await, Err(Error::Corrupt { .. })));
    assert_eq!(store.get(&DB, "b").await.unwrap()["name"], json!("y"));
}
