//! The store with a server that behaves.

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use storefront::store::{Document, Error, Query, Store, Upload, View, couch::CouchStore};

use super::object;
use crate::support::couch::{self, Scratch, Standin};

#[tokio::test]
async fn the_right_password_is_accepted_and_a_wrong_one_told() {
    couch::store().ping().await.unwrap();
    let mut url = couch::url();
    // A user that doesn't exist: CouchDB locks those out who fail too often.
    url.set_username("nobody").unwrap();
    let error = CouchStore::new(&url).unwrap().ping().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error:?}");
}

#[tokio::test]
async fn five_megabytes_come_back_as_they_went() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let bytes: Vec<u8> = (0..5 << 20_u32).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let chunks: Vec<_> = bytes.chunks(64 << 10).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let upload =
        Upload { content_type: "audio/mpeg".into(), length: Some(bytes.len() as u64), body: stream::iter(chunks).boxed() };
    store.put_attachment(&scratch.db, "prompt", None, "a b/c+é.mp3", upload).await.unwrap();

    let whole = store.attachment(&scratch.db, "prompt", "a b/c+é.mp3", None).await.unwrap();
    assert_eq!((whole.info.content_type.as_str(), whole.info.length), ("audio/mpeg", bytes.len() as u64));
    let doc: Document = store.get(&scratch.db, "prompt").await.unwrap();
    assert_eq!(doc["_attachments"]["a b/c+é.mp3"]["digest"], whole.info.digest);
    let body: Vec<Bytes> = whole.body.try_collect().await.unwrap();
    assert!(body.concat() == bytes);

    let part = store.attachment(&scratch.db, "prompt", "a b/c+é.mp3", Some(1_000_000..3_000_001)).await.unwrap();
    assert_eq!((part.range.clone(), part.info.length), (1_000_000..3_000_001, bytes.len() as u64));
    let body: Vec<Bytes> = part.body.try_collect().await.unwrap();
    assert!(body.concat() == bytes[1_000_000..3_000_001]);
}

#[tokio::test]
async fn a_range_behind_the_end_has_no_bytes_and_isnt_an_error() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let upload = Upload { content_type: "image/png".into(), length: None, body: stream::iter([Ok(Bytes::from("abc"))]).boxed() };
    store.put_attachment(&scratch.db, "x", None, "y", upload).await.unwrap();
    for asked in [3..5, 10..20, 1..1] {
        let part = store.attachment(&scratch.db, "x", "y", Some(asked.clone())).await.unwrap();
        assert!(part.range.is_empty() && part.info.length == 3, "{asked:?}");
        assert_eq!(part.body.try_collect::<Vec<Bytes>>().await.unwrap().concat(), b"");
    }
}

#[tokio::test]
async fn a_view_of_kazoos_that_declares_no_variables_has_its_rows() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let map = "function(doc) { for (i in doc.apps || {}) emit(i, doc.apps[i]); }";
    store.put(&scratch.db, &object(json!({"_id": "_design/apps", "views": {"listing": {"map": map}}}))).await.unwrap();
    store.put(&scratch.db, &object(json!({"_id": "x", "apps": {"a": 1, "b": 2}}))).await.unwrap();
    let view = View::new("apps", "listing");
    assert_eq!(store.view(&scratch.db, view, &Query::default()).await.unwrap().len(), 2);
    // CouchDB calls a range without rows an error.
    let backwards = Query::range(json!("b"), json!("a"));
    assert_eq!(store.view(&scratch.db, view, &backwards).await.unwrap(), []);
    assert_eq!(store.view(&scratch.db, View::ALL_DOCS, &backwards).await.unwrap(), []);
}

#[tokio::test]
async fn a_store_finds_its_server_again_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().to_str().unwrap();
    let db = couch::name();
    let standin = Standin::start(&["--dir", directory]);
    let port = standin.url.port().unwrap().to_string();
    let store = CouchStore::new(&standin.url).unwrap();
    store.create_database(&db).await.unwrap();
    store.put(&db, &object(json!({"_id": "x"}))).await.unwrap();

    drop(standin);
    assert!(matches!(store.get(&db, "x").await.unwrap_err(), Error::Unreachable { .. }));

    let _standin = Standin::start(&["--dir", directory, "--port", &port]);
    assert_eq!(store.get(&db, "x").await.unwrap()["_id"], "x");
}
