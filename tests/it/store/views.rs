//! Views: which rows a query gets, and in which order.

use serde_json::{Value, json};
use storefront::store::{Db, Keys, Query, Reduce, Row, Store, View};

use super::contract::{design, fill, ids, keys, on, pairs};

on_every_store! {
    rows_come_in_the_order_of_types,
    rows_with_equal_keys_come_by_document,
    one_key_gets_its_rows_only,
    several_keys_get_their_rows_in_the_order_asked_for,
    a_range_includes_its_end_unless_told,
    a_range_of_array_keys_ends_at_an_object,
    descending_turns_everything_round,
    limit_and_skip_cut_the_rows,
    documents_come_with_the_rows_on_demand,
    a_row_can_bring_another_document,
    nothing_is_reduced_to_no_row,
    count_and_sum_are_grouped_by_key_and_by_level,
    stats_are_built_in,
    a_reduce_function_of_ones_own_works,
    all_documents_are_a_view,
    all_documents_are_cut_like_any_view,
}

// What only ICU shows; the stand-in for CouchDB orders strings by code points.
on_store! { icu, crate::store::contract::embedded; strings_come_in_the_order_of_icu }

const BY_KEY: View = View::new("test", "by_key");
const REDUCED: View = View::new("test", "reduced");

/// Documents `{_id, key, value}` in a view by their key.
async fn by_key(store: &dyn Store, db: &Db, docs: &[(&str, Value)]) {
    let map = "function(doc) { if ('key' in doc) emit(doc.key, doc.value); }";
    design(store, db, "test", &[("by_key", map, "")]).await;
    fill(store, db, docs.iter().map(|(id, key)| json!({"_id": id, "key": key, "value": id}))).await;
}

/// Five documents with the keys 1 to 5.
async fn five(store: &dyn Store, db: &Db) {
    by_key(store, db, &[("a", json!(1)), ("b", json!(2)), ("c", json!(3)), ("d", json!(4)), ("e", json!(5))]).await;
}

async fn rows_come_in_the_order_of_types(store: &dyn Store, db: &Db) {
    let ordered = [
        json!(null),
        json!(false),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(10),
        json!("a"),
        json!("aa"),
        json!("b"),
        json!([]),
        json!([1]),
        json!([1, "x"]),
        json!([2]),
        json!(["a"]),
        json!({}),
        json!({"a": 1}),
        json!({"a": 2}),
    ];
    let names: Vec<_> = (0..ordered.len()).map(|n| format!("doc{}", (n * 7) % ordered.len())).collect();
    let docs: Vec<_> = names.iter().map(String::as_str).zip(ordered.clone()).collect();
    by_key(store, db, &docs).await;
    assert_eq!(keys(store, db, BY_KEY, &Query::default()).await, ordered);
    let rows = store.view(db, BY_KEY, &Query::key("aa")).await.unwrap();
    assert!(matches!(rows.as_slice(), [Row { id: Some(id), value, doc: None, .. }] if id == &names[8] && *value == json!(id)));
}

pub async fn strings_come_in_the_order_of_icu(store: &dyn Store, db: &Db) {
    let ordered = ["", "_", "!", "~", "1", "a", "A", "á", "aa", "b", "B"];
    let names: Vec<_> = (0..ordered.len()).map(|n| format!("doc{}", (n * 7) % ordered.len())).collect();
    let docs: Vec<_> = names.iter().map(String::as_str).zip(ordered.map(Value::from)).collect();
    by_key(store, db, &docs).await;
    assert_eq!(keys(store, db, BY_KEY, &Query::default()).await, ordered);
    let range = Query::range(json!("a"), json!("a\u{fff0}"));
    assert_eq!(keys(store, db, BY_KEY, &range).await, ["a", "A", "á", "aa"]);
    assert_eq!(keys(store, db, BY_KEY, &Query::key("A")).await, ["A"]);
}

async fn rows_with_equal_keys_come_by_document(store: &dyn Store, db: &Db) {
    by_key(store, db, &[("c", json!("x")), ("a", json!("x")), ("b", json!("x")), ("d", json!("w"))]).await;
    assert_eq!(ids(store, db, BY_KEY, &Query::default()).await, ["d", "a", "b", "c"]);
    assert_eq!(ids(store, db, BY_KEY, &Query::default().descending()).await, ["c", "b", "a", "d"]);
}

async fn one_key_gets_its_rows_only(store: &dyn Store, db: &Db) {
    by_key(store, db, &[("a", json!("x")), ("b", json!("xx")), ("c", json!(["x"])), ("d", json!("x")), ("e", json!(null))]).await;
    assert_eq!(ids(store, db, BY_KEY, &Query::key("x")).await, ["a", "d"]);
    assert_eq!(ids(store, db, BY_KEY, &Query::key(json!(["x"]))).await, ["c"]);
    assert_eq!(ids(store, db, BY_KEY, &Query::key(Value::Null)).await, ["e"]);
    assert!(ids(store, db, BY_KEY, &Query::key("y")).await.is_empty());
}

async fn several_keys_get_their_rows_in_the_order_asked_for(store: &dyn Store, db: &Db) {
    five(store, db).await;
    let asked = |keys: &[i32]| Query::keys(keys.iter().map(|key| json!(key)).collect());
    assert_eq!(ids(store, db, BY_KEY, &asked(&[4, 9, 1, 4])).await, ["d", "a", "d"]);
    assert!(ids(store, db, BY_KEY, &asked(&[])).await.is_empty());
    let page = Query { skip: 1, limit: Some(2), ..asked(&[5, 3, 2, 1]) };
    assert_eq!(ids(store, db, BY_KEY, &page).await, ["c", "b"]);
}

async fn a_range_includes_its_end_unless_told(store: &dyn Store, db: &Db) {
    five(store, db).await;
    let range = |start: Option<i32>, end: Option<i32>, inclusive_end| {
        let keys = Keys::Range { start: start.map(Value::from), end: end.map(Value::from), inclusive_end };
        Query { keys, ..Query::default() }
    };
    assert_eq!(ids(store, db, BY_KEY, &range(Some(2), Some(4), true)).await, ["b", "c", "d"]);
    assert_eq!(ids(store, db, BY_KEY, &range(Some(2), Some(4), false)).await, ["b", "c"]);
    assert_eq!(ids(store, db, BY_KEY, &range(Some(4), None, true)).await, ["d", "e"]);
    assert_eq!(ids(store, db, BY_KEY, &range(None, Some(2), true)).await, ["a", "b"]);
    assert_eq!(ids(store, db, BY_KEY, &range(Some(3), Some(3), true)).await, ["c"]);
    assert_eq!(ids(store, db, BY_KEY, &range(Some(4), Some(2), true).descending()).await, ["d", "c", "b"]);
    assert_eq!(ids(store, db, BY_KEY, &range(Some(4), Some(2), false).descending()).await, ["d", "c"]);
    assert_eq!(ids(store, db, BY_KEY, &range(None, Some(4), true).descending()).await, ["e", "d"]);
    assert_eq!(ids(store, db, BY_KEY, &range(Some(4), Some(2), true)).await, [""; 0], "backwards there is nothing");
    assert_eq!(ids(store, db, BY_KEY, &range(Some(2), Some(4), true).descending()).await, [""; 0]);
}

async fn a_range_of_array_keys_ends_at_an_object(store: &dyn Store, db: &Db) {
    let docs = [
        ("a", json!(["x", 1])),
        ("b", json!(["x", "name"])),
        ("c", json!(["x", ["deep"]])),
        ("d", json!(["y"])),
        ("e", json!(["w"])),
    ];
    by_key(store, db, &docs).await;
    assert_eq!(ids(store, db, BY_KEY, &Query::range(json!(["x"]), json!(["x", {}]))).await, ["a", "b", "c"]);
    assert_eq!(ids(store, db, BY_KEY, &Query::range(json!(["x", {}]), json!(["x"])).descending()).await, ["c", "b", "a"]);
    assert_eq!(ids(store, db, BY_KEY, &Query::range(json!(["x", "n"]), json!(["x", "n\u{fff0}"]))).await, ["b"]);
}

async fn descending_turns_everything_round(store: &dyn Store, db: &Db) {
    five(store, db).await;
    assert_eq!(ids(store, db, BY_KEY, &Query::default().descending()).await, ["e", "d", "c", "b", "a"]);
    assert_eq!(ids(store, db, BY_KEY, &Query { skip: 1, ..Query::default().descending().limit(2) }).await, ["d", "c"]);
}

async fn limit_and_skip_cut_the_rows(store: &dyn Store, db: &Db) {
    five(store, db).await;
    assert_eq!(ids(store, db, BY_KEY, &Query::default().limit(2)).await, ["a", "b"]);
    assert_eq!(ids(store, db, BY_KEY, &Query { skip: 3, ..Query::default() }).await, ["d", "e"]);
    assert_eq!(ids(store, db, BY_KEY, &Query { skip: 9, ..Query::default() }).await, [""; 0]);
    assert_eq!(ids(store, db, BY_KEY, &Query::default().limit(0)).await, [""; 0]);
}

async fn documents_come_with_the_rows_on_demand(store: &dyn Store, db: &Db) {
    five(store, db).await;
    let rows = store.view(db, BY_KEY, &Query::key(2).with_docs()).await.unwrap();
    assert_eq!(rows[0].doc, Some(store.get(db, "b").await.unwrap()));
    assert_eq!(store.view(db, BY_KEY, &Query::key(2)).await.unwrap()[0].doc, None);
}

async fn a_row_can_bring_another_document(store: &dyn Store, db: &Db) {
    design(store, db, "test", &[("by_key", "function(doc) { if (doc.link) emit(doc._id, {_id: doc.link, x: 1}); }", "")]).await;
    fill(store, db, [json!({"_id": "a", "link": "b"}), json!({"_id": "b"}), json!({"_id": "c", "link": "nowhere"})]).await;
    let rows = store.view(db, BY_KEY, &Query::default().with_docs()).await.unwrap();
    let brought: Vec<_> =
        rows.iter().map(|row| (row.id.as_deref().unwrap(), row.doc.as_ref().map(|doc| doc["_id"].clone()))).collect();
    assert_eq!(brought, [("a", Some(json!("b"))), ("c", None)]);
}

/// Sales by country and town, summed.
async fn sales(store: &dyn Store, db: &Db, reduce: &str) {
    let map = "function(doc) { if (doc.town) emit([doc.country, doc.town], doc.sold); }";
    design(store, db, "test", &[("reduced", map, reduce)]).await;
    let sale =
        |id: &str, country: &str, town: &str, sold: i32| json!({"_id": id, "country": country, "town": town, "sold": sold});
    let sales = [sale("1", "de", "bonn", 3), sale("2", "fr", "lyon", 5), sale("3", "de", "bonn", 4), sale("4", "de", "ulm", 8)];
    fill(store, db, sales).await;
}

fn reduced(reduce: Reduce) -> Query {
    Query { reduce, ..Query::default() }
}

async fn nothing_is_reduced_to_no_row(store: &dyn Store, db: &Db) {
    sales(store, db, "_count").await;
    let none = Query { keys: Keys::One(json!("nothing")), ..reduced(Reduce::All) };
    assert!(store.view(db, REDUCED, &none).await.unwrap().is_empty());
    assert!(store.view(db, REDUCED, &Query { reduce: Reduce::Group, ..none }).await.unwrap().is_empty());
}

async fn count_and_sum_are_grouped_by_key_and_by_level(store: &dyn Store, db: &Db) {
    sales(store, db, "_sum").await;
    let view = async |query: Query| pairs(store.view(db, REDUCED, &query).await.unwrap());
    assert_eq!(view(reduced(Reduce::All)).await, [(json!(null), json!(20))]);
    let towns = [(json!(["de", "bonn"]), json!(7)), (json!(["de", "ulm"]), json!(8)), (json!(["fr", "lyon"]), json!(5))];
    assert_eq!(view(reduced(Reduce::Group)).await, towns);
    assert_eq!(view(reduced(Reduce::Level(1))).await, [(json!(["de"]), json!(15)), (json!(["fr"]), json!(5))]);
    assert_eq!(view(reduced(Reduce::Level(9))).await, towns);
    assert_eq!(view(Query { skip: 1, limit: Some(1), ..reduced(Reduce::Group) }).await, [towns[1].clone()]);
    assert_eq!(view(reduced(Reduce::Group).descending().limit(1)).await, [towns[2].clone()]);
    let german = Keys::Range { start: Some(json!(["de"])), end: Some(json!(["de", {}])), inclusive_end: true };
    assert_eq!(view(Query { keys: german, ..reduced(Reduce::All) }).await, [(json!(null), json!(15))]);
    let asked = Keys::Many(vec![json!(["fr", "lyon"]), json!(["xx"]), json!(["de", "bonn"])]);
    assert_eq!(view(Query { keys: asked, ..reduced(Reduce::Group) }).await, [towns[2].clone(), towns[0].clone()]);
    let rows = store.view(db, REDUCED, &Query::default()).await.unwrap();
    assert_eq!(rows.len(), 4, "unless it's asked for, nothing is reduced");
    assert!(rows.iter().all(|row| row.id.is_some()));

    let design_rev = store.get(db, "_design/test").await.unwrap()["_rev"].clone();
    store.delete(db, "_design/test", design_rev.as_str().unwrap()).await.unwrap();
    design(store, db, "test", &[("reduced", "function(doc) { if (doc.town) emit([doc.country, doc.town]); }", "_count")]).await;
    assert_eq!(view(reduced(Reduce::All)).await, [(json!(null), json!(4))]);
    assert_eq!(view(reduced(Reduce::Level(1))).await, [(json!(["de"]), json!(3)), (json!(["fr"]), json!(1))]);
}

async fn stats_are_built_in(store: &dyn Store, db: &Db) {
    sales(store, db, "_stats").await;
    let rows = store.view(db, REDUCED, &reduced(Reduce::Level(1))).await.unwrap();
    assert_eq!(rows[0].value, json!({"sum": 15, "count": 3, "min": 3, "max": 8, "sumsqr": 89}));
}

async fn a_reduce_function_of_ones_own_works(store: &dyn Store, db: &Db) {
    let largest = "function(keys, values, rereduce) { return Math.max.apply(null, values); }";
    sales(store, db, largest).await;
    let view = async |query: Query| pairs(store.view(db, REDUCED, &query).await.unwrap());
    assert_eq!(view(reduced(Reduce::All)).await, [(json!(null), json!(8))]);
    assert_eq!(view(reduced(Reduce::Level(1))).await, [(json!(["de"]), json!(8)), (json!(["fr"]), json!(5))]);
}

async fn all_documents_are_a_view(store: &dyn Store, db: &Db) {
    let revs = fill(store, db, ["b", "a", "_design/d", "c"].map(|id| json!({"_id": id}))).await;
    store.delete(db, "c", &revs[3]).await.unwrap();
    let rows = store.view(db, View::ALL_DOCS, &Query::default()).await.unwrap();
    let listed: Vec<_> = rows.into_iter().map(|row| (row.id.unwrap(), row.key, row.value)).collect();
    let row = |id: &str, rev: &str| (id.to_owned(), json!(id), json!({"rev": rev}));
    assert_eq!(listed, [row("_design/d", &revs[2]), row("a", &revs[1]), row("b", &revs[0])]);
    let rows = store.view(db, View::ALL_DOCS, &Query::key("a").with_docs()).await.unwrap();
    assert_eq!(rows[0].doc.as_deref(), Some(&on(&revs[1], json!({"_id": "a"}))));
}

async fn all_documents_are_cut_like_any_view(store: &dyn Store, db: &Db) {
    let revs = fill(store, db, ["a", "b", "c", "d"].map(|id| json!({"_id": id}))).await;
    store.delete(db, "d", &revs[3]).await.unwrap();
    let all = View::ALL_DOCS;
    assert_eq!(ids(store, db, all, &Query::keys(vec![json!("c"), json!("x"), json!("d"), json!("a")])).await, ["c", "a"]);
    assert_eq!(ids(store, db, all, &Query::range(json!("b"), json!("c"))).await, ["b", "c"]);
    assert_eq!(ids(store, db, all, &Query::range(json!("b"), json!("a")).descending()).await, ["b", "a"]);
    assert_eq!(ids(store, db, all, &Query::range(json!("b"), json!("b\u{fff0}"))).await, ["b"]);
    assert_eq!(ids(store, db, all, &Query::range(json!("b"), json!("a"))).await, [""; 0]);
    assert_eq!(ids(store, db, all, &Query { skip: 1, ..Query::default().limit(1) }).await, ["b"]);
    let open = Keys::Range { start: Some(json!("b")), end: None, inclusive_end: true };
    assert_eq!(ids(store, db, all, &Query { keys: open, ..Query::default() }).await, ["b", "c"]);
    let until = Keys::Range { start: None, end: Some(json!("b")), inclusive_end: false };
    assert_eq!(ids(store, db, all, &Query { keys: until, ..Query::default() }).await, ["a"]);
}
