//! Views keep up: with documents, with design documents, and with functions that fail.

use serde_json::{Value, json};
use storefront::store::{Db, Error, Query, Reduce, Store, View};

use super::contract::{design, doc, fill, ids, keys, on, pairs};

on_every_store! {
    a_view_shows_every_write_made_before,
    a_changed_design_document_makes_other_rows,
    a_view_that_is_not_there_is_an_error,
    a_map_that_throws_passes_over_that_document_only,
    undeclared_variables_work_and_do_not_leak,
    couchdbs_helpers_are_there,
    a_map_may_end_like_a_statement,
    a_document_may_have_many_rows,
    design_documents_are_not_in_views,
    what_has_no_json_is_null,
    a_view_of_many_documents_is_complete,
}

// CouchDB takes a source as a string only; Kazoo's files have lines, and a map that doesn't compile is refused there.
on_store! {
    sources, crate::store::contract::embedded;
    a_source_may_be_an_array_of_lines,
    a_map_that_does_not_compile_has_no_rows,
}

const BY_NAME: View = View::new("test", "by_name");
const MAP: &str = "function(doc) { if (doc.name) emit(doc.name, null); }";

async fn a_view_shows_every_write_made_before(store: &dyn Store, db: &Db) {
    design(store, db, "test", &[("by_name", MAP, "")]).await;
    let names = async || keys(store, db, BY_NAME, &Query::default()).await;
    assert!(names().await.is_empty());
    let rev = store.put(db, &doc(json!({"_id": "a", "name": "x"}))).await.unwrap();
    assert_eq!(names().await, ["x"]);
    store.put(db, &doc(json!({"_id": "b", "name": "w"}))).await.unwrap();
    assert_eq!(names().await, ["w", "x"]);
    let rev = store.put(db, &on(&rev, json!({"_id": "a", "name": "v"}))).await.unwrap();
    assert_eq!(names().await, ["v", "w"]);
    let rev = store.put(db, &on(&rev, json!({"_id": "a"}))).await.unwrap();
    assert_eq!(names().await, ["w"]);
    let rev = store.put(db, &on(&rev, json!({"_id": "a", "name": "u"}))).await.unwrap();
    store.delete(db, "a", &rev).await.unwrap();
    assert_eq!(names().await, ["w"]);
    store.put(db, &doc(json!({"_id": "a", "name": "back"}))).await.unwrap();
    assert_eq!(names().await, ["back", "w"]);
}

async fn a_changed_design_document_makes_other_rows(store: &dyn Store, db: &Db) {
    design(store, db, "test", &[("by_name", MAP, "")]).await;
    fill(store, db, [json!({"_id": "a", "name": "x"}), json!({"_id": "b", "name": "y"})]).await;
    assert_eq!(keys(store, db, BY_NAME, &Query::default()).await, ["x", "y"]);
    let upper = "function(doc) { if (doc.name) emit(doc.name.toUpperCase(), null); }";
    design(store, db, "test", &[("by_name", upper, "")]).await;
    assert_eq!(keys(store, db, BY_NAME, &Query::default()).await, ["X", "Y"]);
    design(store, db, "test", &[("by_name", upper, "_count"), ("again", MAP, "")]).await;
    let count = store.view(db, BY_NAME, &Query { reduce: Reduce::All, ..Query::default() }).await.unwrap();
    assert_eq!(pairs(count), [(Value::Null, json!(2))]);
    assert_eq!(keys(store, db, View::new("test", "again"), &Query::default()).await, ["x", "y"]);
}

async fn a_view_that_is_not_there_is_an_error(store: &dyn Store, db: &Db) {
    let missing = async |view| matches!(store.view(db, view, &Query::default()).await, Err(Error::NoView { .. }));
    assert!(missing(BY_NAME).await);
    let rev = design(store, db, "test", &[("by_name", MAP, "")]).await;
    assert!(missing(View::new("test", "other")).await);
    assert!(!missing(BY_NAME).await);
    store.delete(db, "_design/test", &rev).await.unwrap();
    assert!(missing(BY_NAME).await);
}

async fn a_map_that_throws_passes_over_that_document_only(store: &dyn Store, db: &Db) {
    let throws = "function(doc) { emit('before', null); emit(doc.name.toLowerCase(), null); }";
    design(store, db, "test", &[("by_name", throws, ""), ("others", "function(doc) { emit(doc._id, null); }", "")]).await;
    fill(store, db, [json!({"_id": "a", "name": "X"}), json!({"_id": "b"}), json!({"_id": "c", "name": "Y"})]).await;
    assert_eq!(keys(store, db, BY_NAME, &Query::default()).await, ["before", "before", "x", "y"]);
    assert_eq!(keys(store, db, View::new("test", "others"), &Query::default()).await, ["a", "b", "c"]);
}

async fn undeclared_variables_work_and_do_not_leak(store: &dyn Store, db: &Db) {
    let map = "function(doc) {
        if (doc.list) { total = 0; for (i in doc.list) { total += doc.list[i]; } emit(doc._id, total); }
        else { emit(doc._id, typeof total === 'undefined'); }
    }";
    design(store, db, "test", &[("by_name", map, "")]).await;
    fill(store, db, [json!({"_id": "a", "list": [1, 2]}), json!({"_id": "b", "list": [3]})]).await;
    assert_eq!(
        pairs(store.view(db, BY_NAME, &Query::default()).await.unwrap()),
        [(json!("a"), json!(3)), (json!("b"), json!(3))]
    );
}

async fn couchdbs_helpers_are_there(store: &dyn Store, db: &Db) {
    let map = "function(doc) { log('here'); emit([isArray(doc.list), sum(doc.list), toJSON(doc.list)], null); }";
    design(store, db, "test", &[("by_name", map, "")]).await;
    store.put(db, &doc(json!({"_id": "a", "list": [1, 2, 3.5]}))).await.unwrap();
    assert_eq!(keys(store, db, BY_NAME, &Query::default()).await, [json!([true, 6.5, "[1,2,3.5]"])]);
}

async fn a_map_may_end_like_a_statement(store: &dyn Store, db: &Db) {
    design(store, db, "test", &[("by_name", "function(doc) { emit(doc._id, 1); };", "")]).await;
    store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    assert_eq!(ids(store, db, BY_NAME, &Query::default()).await, ["a"]);
}

async fn a_document_may_have_many_rows(store: &dyn Store, db: &Db) {
    let map = "function(doc) { doc.tree.forEach(function(id, depth) { emit([id, doc.name], depth); }); }";
    design(store, db, "test", &[("by_name", map, "")]).await;
    let rev = store.put(db, &doc(json!({"_id": "a", "name": "x", "tree": ["p", "q", "p"]}))).await.unwrap();
    let rows = || async { pairs(store.view(db, BY_NAME, &Query::default()).await.unwrap()) };
    assert_eq!(rows().await, [(json!(["p", "x"]), json!(0)), (json!(["p", "x"]), json!(2)), (json!(["q", "x"]), json!(1))]);
    store.put(db, &on(&rev, json!({"_id": "a", "name": "x", "tree": ["q"]}))).await.unwrap();
    assert_eq!(rows().await, [(json!(["q", "x"]), json!(0))]);
}

async fn design_documents_are_not_in_views(store: &dyn Store, db: &Db) {
    design(store, db, "test", &[("by_name", "function(doc) { emit(doc._id, null); }", "")]).await;
    fill(store, db, [json!({"_id": "a"}), json!({"_id": "_local/b"})]).await;
    assert_eq!(keys(store, db, BY_NAME, &Query::default()).await, ["a"]);
}

async fn what_has_no_json_is_null(store: &dyn Store, db: &Db) {
    design(store, db, "test", &[("by_name", "function(doc) { emit(doc.nothing, undefined); emit(NaN, doc.nothing); }", "")])
        .await;
    store.put(db, &doc(json!({"_id": "a"}))).await.unwrap();
    let rows = pairs(store.view(db, BY_NAME, &Query::default()).await.unwrap());
    assert!(rows.len() == 2 && rows.iter().all(|(key, value)| key.is_null() && value.is_null()), "{rows:?}");
}

async fn a_view_of_many_documents_is_complete(store: &dyn Store, db: &Db) {
    design(store, db, "test", &[("by_name", MAP, "_count")]).await;
    fill(store, db, (0..1200).map(|n| json!({"_id": format!("d{n:04}"), "name": format!("{:02}", n % 40)}))).await;
    let rows = store.view(db, BY_NAME, &Query::default()).await.unwrap();
    assert_eq!(rows.len(), 1200);
    assert_eq!((rows[0].id.as_deref(), rows[1].id.as_deref()), (Some("d0000"), Some("d0040")));
    let groups = store.view(db, BY_NAME, &Query { reduce: Reduce::Group, ..Query::default() }).await.unwrap();
    assert!(groups.len() == 40 && groups.iter().all(|group| group.value == json!(30)));
}

async fn a_source_may_be_an_array_of_lines(store: &dyn Store, db: &Db) {
    let lines = ["function(doc) {", "  // the name", "  if (doc.name)", "    emit(doc.name, null);", "}"];
    store.put(db, &doc(json!({"_id": "_design/test", "views": {"by_name": {"map": lines}}}))).await.unwrap();
    store.put(db, &doc(json!({"_id": "a", "name": "x"}))).await.unwrap();
    assert_eq!(keys(store, db, BY_NAME, &Query::default()).await, ["x"]);
}

async fn a_map_that_does_not_compile_has_no_rows(store: &dyn Store, db: &Db) {
    for broken in ["function(doc) { emit(", "42", "function(doc) {}; 1 +", ""] {
        design(store, db, "test", &[("by_name", broken, ""), ("others", MAP, "")]).await;
        let _ = store.put(db, &doc(json!({"_id": "a", "name": "x"}))).await;
        assert!(ids(store, db, BY_NAME, &Query::default()).await.is_empty());
        assert_eq!(keys(store, db, View::new("test", "others"), &Query::default()).await, ["x"]);
    }
}
