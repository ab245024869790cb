//! What only a CouchDB shows and its stand-in can't: run with `COUCHDB_URL`, counted otherwise.

use std::{io::Write, time::Duration};

use bytes::Bytes;
use futures_util::{TryStreamExt, future::LocalBoxFuture};
use serde_json::json;
use storefront::store::{Db, Error, Query, Reduce, Since, Store, View};

use crate::{
    store::{
        attachments::upload,
        contract::{self, design, doc, fill},
        views::strings_come_in_the_order_of_icu,
    },
    support::couch,
};

macro_rules! cases {
    ($($case:ident),* $(,)?) => { [$((stringify!($case), || Box::pin(contract::couch($case)))),*] };
}

type Case = (&'static str, fn() -> LocalBoxFuture<'static, ()>);

#[tokio::test]
async fn what_only_a_couchdb_shows() {
    let cases: [Case; 6] = cases![
        a_part_of_a_compressed_attachment_is_cut_from_the_whole,
        numbers_keep_their_form,
        strings_come_in_the_order_of_icu,
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

async fn a_part_of_a_compressed_attachment_is_cut_from_the_whole(store: &dyn Store, db: &Db) {
    let text = "0123456789".repeat(100);
    store.put_attachment(db, "x", None, "y", upload("text/plain", text.as_bytes())).await.unwrap();
    let part = store.attachment(db, "x", "y", Some(123..456)).await.unwrap();
    assert_eq!((part.info.length, part.range), (1000, 123..456));
    assert_eq!(part.info.digest, store.get(db, "x").await.unwrap()["_attachments"]["y"]["digest"]);
    assert_eq!(part.body.try_collect::<Vec<Bytes>>().await.unwrap().concat(), &text.as_bytes()[123..456]);
}

async fn numbers_keep_their_form(store: &dyn Store, db: &Db) {
    let written = doc(json!({"_id": "x", "float": 1.0, "big": 9_007_199_254_740_993_u64}));
    store.put(db, &written).await.unwrap();
    let read = store.get(db, "x").await.unwrap();
    assert_eq!((&read["float"], &read["big"]), (&written["float"], &written["big"]));
}

async fn a_sum_of_what_cant_be_summed_is_an_error(store: &dyn Store, db: &Db) {
    design(store, db, "d", &[("v", "function(doc) { emit(null, 'text'); }", "_sum")]).await;
    fill(store, db, [json!({"_id": "x"})]).await;
    let query = Query { reduce: Reduce::All, ..Query::default() };
    let error = store.view(db, View::new("d", "v"), &query).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
}

async fn a_design_document_that_doesnt_compile_is_refused(store: &dyn Store, db: &Db) {
    let broken = doc(json!({"_id": "_design/d", "views": {"v": {"map": "function(doc) {"}}}));
    let error = store.put(db, &broken).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
}

async fn a_feed_without_news_ends_in_time_and_says_where_to_go_on(store: &dyn Store, db: &Db) {
    let last = store.changes(db, &Since::default()).await.unwrap().last;
    let wait = Some(Duration::from_millis(100));
    let none = store.changes(db, &Since { seq: Some(last), wait, ..Since::default() }).await.unwrap();
    assert!(none.results.is_empty());
    fill(store, db, [json!({"_id": "x"})]).await;
    let some = store.changes(db, &Since { seq: Some(none.last), wait, ..Since::default() }).await.unwrap();
    assert_eq!(some.results.len(), 1);
}
