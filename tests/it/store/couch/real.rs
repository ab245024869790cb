//! What only a CouchDB shows and its stand-in can't: run with `COUCHDB_URL`, counted otherwise.

use std::{io::Write, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, future::LocalBoxFuture, stream};
use serde_json::{Value, json};
use storefront::store::{Error, Query, Reduce, Since, Upload, View};

use super::object;
use crate::support::couch::{self, Scratch};

macro_rules! cases {
    ($($case:ident),* $(,)?) => { [$((stringify!($case), || Box::pin($case()))),*] };
}

type Case = (&'static str, fn() -> LocalBoxFuture<'static, ()>);

#[tokio::test]
async fn what_only_a_couchdb_shows() {
    let cases: [Case; 6] = cases![
        a_part_of_a_compressed_attachment_is_cut_from_the_whole,
        numbers_keep_their_form,
        strings_are_sorted_by_language_not_by_code,
        a_sum_of_what_cant_be_summed_is_an_error,
        a_design_document_that_doesnt_compile_is_refused,
        a_feed_without_news_ends_in_time_and_says_where_to_go_on,
    ];
    if !couch::is_real() {
        // Past the test harness, which would keep it to itself.
        let _ = writeln!(std::io::stderr(), "{} cases that need a CouchDB are skipped; COUCHDB_URL names one", cases.len());
        return;
    }
    for (name, case) in cases {
        let _ = writeln!(std::io::stderr(), "on CouchDB: {name}");
        case().await;
    }
}

async fn a_part_of_a_compressed_attachment_is_cut_from_the_whole() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let text = "0123456789".repeat(100);
    let body = stream::iter([Ok(Bytes::from(text.clone()))]).boxed();
    let upload = Upload { content_type: "text/plain".into(), length: Some(1000), body };
    store.put_attachment(&scratch.db, "x", None, "y", upload).await.unwrap();
    let doc = store.get(&scratch.db, "x").await.unwrap();
    let part = store.attachment(&scratch.db, "x", "y", Some(123..456)).await.unwrap();
    assert_eq!((part.info.length, part.range), (1000, 123..456));
    assert_eq!(part.info.digest, doc["_attachments"]["y"]["digest"]);
    assert_eq!(part.body.try_collect::<Vec<Bytes>>().await.unwrap().concat(), &text.as_bytes()[123..456]);
}

async fn numbers_keep_their_form() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let doc = object(json!({"_id": "x", "float": 1.0, "big": 9_007_199_254_740_993_u64}));
    store.put(&scratch.db, &doc).await.unwrap();
    let stored = store.get(&scratch.db, "x").await.unwrap();
    assert_eq!((&stored["float"], &stored["big"]), (&doc["float"], &doc["big"]));
}

async fn strings_are_sorted_by_language_not_by_code() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let map = "function(doc) { if (doc.key !== undefined) emit(doc.key, null); }";
    store.put(&scratch.db, &object(json!({"_id": "_design/d", "views": {"v": {"map": map}}}))).await.unwrap();
    let sorted = ["", "_", "!", "1", "a", "A", "á", "aa", "b", "B"];
    for (id, key) in sorted.iter().rev().enumerate() {
        store.put(&scratch.db, &object(json!({"_id": id.to_string(), "key": key}))).await.unwrap();
    }
    let rows = store.view(&scratch.db, View::new("d", "v"), &Query::default()).await.unwrap();
    assert_eq!(rows.into_iter().map(|row| row.key).collect::<Value>(), json!(sorted));
}

async fn a_sum_of_what_cant_be_summed_is_an_error() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let view = json!({"map": "function(doc) { emit(null, 'text'); }", "reduce": "_sum"});
    store.put(&scratch.db, &object(json!({"_id": "_design/d", "views": {"v": view}}))).await.unwrap();
    store.put(&scratch.db, &object(json!({"_id": "x"}))).await.unwrap();
    let query = Query { reduce: Reduce::All, ..Query::default() };
    let error = store.view(&scratch.db, View::new("d", "v"), &query).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
}

async fn a_design_document_that_doesnt_compile_is_refused() {
    let scratch = Scratch::new().await;
    let doc = object(json!({"_id": "_design/d", "views": {"v": {"map": "function(doc) {"}}}));
    let error = couch::store().put(&scratch.db, &doc).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
}

async fn a_feed_without_news_ends_in_time_and_says_where_to_go_on() {
    let scratch = Scratch::new().await;
    let store = couch::store();
    let last = store.changes(&scratch.db, &Since::default()).await.unwrap().last;
    let wait = Some(Duration::from_millis(100));
    let none = store.changes(&scratch.db, &Since { seq: Some(last), wait, ..Since::default() }).await.unwrap();
    assert!(none.results.is_empty());
    store.put(&scratch.db, &object(json!({"_id": "x"}))).await.unwrap();
    let some = store.changes(&scratch.db, &Since { seq: Some(none.last), wait, ..Since::default() }).await.unwrap();
    assert_eq!(some.results.len(), 1);
}
