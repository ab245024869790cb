//! The store with a server that behaves.

use bytes::Bytes;
use futures_util::TryStreamExt;
use serde_json::json;
use storefront::store::{Error, Store, couch::CouchStore};

use crate::{
    store::{attachments::upload, contract::doc},
    support::couch::{self, Scratch, Standin},
};

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
async fn a_range_behind_the_end_has_no_bytes_and_isnt_an_error() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    store.put_attachment(&scratch.db, "x", None, "y", upload("image/png", b"abc")).await.unwrap();
    for asked in [3..5, 10..20, 1..1] {
        let part = store.attachment(&scratch.db, "x", "y", Some(asked.clone())).await.unwrap();
        assert!(part.range.is_empty() && part.info.length == 3, "{asked:?}");
        assert_eq!(part.body.try_collect::<Vec<Bytes>>().await.unwrap().concat(), b"");
    }
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
    store.put(&db, &doc(json!({"_id": "x"}))).await.unwrap();

    drop(standin);
    assert!(matches!(store.get(&db, "x").await.unwrap_err(), Error::Unreachable { .. }));

    let _standin = Standin::start(&["--dir", directory, "--port", &port]);
    assert_eq!(store.get(&db, "x").await.unwrap()["_id"], "x");
}
