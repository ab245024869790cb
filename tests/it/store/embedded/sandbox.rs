//! Functions that misbehave.

use serde_json::{Value, json};
use storefront::store::{Query, Reduce, Store, View, embedded::EmbeddedStore};

use super::{DB, store};
use crate::store::contract::{design, fill, keys};

const BAD: View = View::new("test", "bad");
const GOOD: View = View::new("test", "good");

/// What a map shows for three documents, one of which has `bad`; another map of the same design document shows all.
async fn rows_of(map: &str) -> Vec<Value> {
    let (_dir, store) = store().await;
    design(&store, &DB, "test", &[("bad", map, ""), ("good", "function(doc) { emit(doc._id, null); }", "")]).await;
    fill(&store, &DB, [json!({"_id": "a"}), json!({"_id": "b", "bad": true}), json!({"_id": "c"})]).await;
    let rows = keys(&store, &DB, BAD, &Query::default()).await;
    assert_eq!(keys(&store, &DB, GOOD, &Query::default()).await, ["a", "b", "c"]);
    rows
}

#[tokio::test]
async fn a_map_that_never_ends_passes_over_that_document_only() {
    let endless = "function(doc) { emit(doc._id); while (doc.bad) { try { while (true); } catch (e) {} } }";
    assert_eq!(rows_of(endless).await, ["a", "c"]);
}

#[tokio::test]
async fn a_map_that_eats_memory_passes_over_that_document_only() {
    let hungry =
        "function(doc) { emit(doc._id); var all = []; while (doc.bad) all.push(new Array(1000).join('x') + all.length); }";
    assert_eq!(rows_of(hungry).await, ["a", "c"]);
}

#[tokio::test]
async fn a_map_that_calls_itself_for_ever_passes_over_that_document_only() {
    let deep = "function(doc) { function down() { return doc.bad && down(); } down(); emit(doc._id); }";
    assert_eq!(rows_of(deep).await, ["a", "c"]);
}

#[tokio::test]
async fn a_map_that_emits_for_ever_passes_over_that_document_only() {
    assert_eq!(rows_of("function(doc) { do { emit(doc._id, 'x'); } while (doc.bad); }").await, ["a", "c"]);
}

#[tokio::test]
async fn a_row_that_could_not_be_read_back_passes_over_that_document_only() {
    let nested = "function(doc) { var v = 1; for (var i = 0; doc.bad && i < 500; i++) v = [v]; emit(doc._id, v); }";
    assert_eq!(rows_of(nested).await, ["a", "c"]);
    assert_eq!(rows_of("function(doc) { emit(doc._id, doc.bad ? '\\ud83d' : 1); }").await, ["a", "c"]);
}

#[tokio::test]
async fn a_map_that_overwrites_its_helpers_does_so_for_one_document() {
    let vandal = "function(doc) { emit(sum([1, 2]), null); sum = 0; isArray = emit = null; left = doc._id; }";
    let (_dir, store) = store().await;
    design(&store, &DB, "test", &[("bad", vandal, "")]).await;
    fill(&store, &DB, ["a", "b", "c"].map(|id| json!({"_id": id}))).await;
    assert_eq!(keys(&store, &DB, BAD, &Query::default()).await, [3, 3, 3]);
}

#[tokio::test]
async fn there_is_no_way_out() {
    let names = "function(doc) { emit([typeof require, typeof process, typeof fetch, typeof os, typeof std, typeof print, typeof console]); }";
    assert_eq!(rows_of(names).await[0], json!(vec!["undefined"; 7]));
}

#[tokio::test]
async fn a_reduce_function_that_fails_is_an_error_and_the_next_one_works() {
    let (_dir, store) = store().await;
    let map = "function(doc) { emit(doc._id, 1); }";
    let views = [
        ("bad", map, "function(k, v) { throw new Error('no'); }"),
        ("good", map, "function(k, v) { return k ? k[0][1] : v[0]; }"),
    ];
    design(&store, &DB, "test", &views).await;
    fill(&store, &DB, (0..2500).map(|n| json!({"_id": format!("{n:04}")}))).await;
    let all = Query { reduce: Reduce::All, ..Query::default() };
    let failed = store.view(&DB, BAD, &all).await;
    assert!(matches!(failed, Err(storefront::store::Error::Invalid { .. })), "{failed:?}");
    assert_eq!(
        store.view(&DB, GOOD, &all).await.unwrap()[0].value,
        json!("0000"),
        "keys come as [key, id], and are reduced in parts"
    );
}

#[tokio::test]
async fn dropping_the_store_ends_a_function_that_does_not() {
    let (dir, store) = store().await;
    design(&store, &DB, "test", &[("bad", "function(doc) { while (true); }", "")]).await;
    fill(&store, &DB, (0..10_000).map(|n| json!({"_id": format!("{n}")}))).await;
    let query = Query::default();
    tokio::select! {
        biased;
        _ = store.view(&DB, BAD, &query) => panic!("it can't be over"),
        () = std::future::ready(()) => {}
    }
    drop(store);
    EmbeddedStore::open(dir.path()).unwrap().get(&DB, "0").await.unwrap();
}
