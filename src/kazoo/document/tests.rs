use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::*;

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

fn merged(base: Value, patch: Value) -> Value {
    let mut base = object(base);
    merge(&mut base, &object(patch));
    Value::Object(base)
}

#[test]
fn times_are_counted_from_the_year_0() {
    assert_eq!(gregorian(1_740_787_200), 63_908_006_400);
    assert_eq!(unix(63_908_006_400), Some(1_740_787_200));
    assert_eq!(unix(0), None);
}

#[test]
fn clients_see_public_members_and_the_id_last() {
    let doc = object(json!({"_id": "u1", "_rev": "1-a", "id": "other", "name": "Jane", "pvt_type": "user",
                            "nested": {"_x": 1, "pvt_y": 2}}));
    let shown = public(&doc);
    assert_eq!(Value::Object(shown.clone()), json!({"name": "Jane", "nested": {"_x": 1, "pvt_y": 2}, "id": "u1"}));
    assert_eq!(shown.keys().next_back().unwrap(), "id");
    assert_eq!(public(&object(json!({"name": "x"}))), object(json!({"name": "x"})));
}

#[test]
fn a_patch_wins_and_leaves_the_rest() {
    assert_eq!(
        merged(json!({"a": {"b": 1, "c": 2}, "d": [1, 2], "e": 1}), json!({"a": {"b": 3}, "d": [3]})),
        json!({"a": {"b": 3, "c": 2}, "d": [3], "e": 1})
    );
}

#[test]
fn null_in_a_patch_removes_at_any_depth() {
    assert_eq!(merged(json!({"a": {"b": 1, "c": 2}, "d": 1}), json!({"a": {"b": null}, "d": null})), json!({"a": {"c": 2}}));
    assert_eq!(merged(json!({}), json!({"a": {"b": null, "c": {"d": null}}, "e": null})), json!({"a": {"c": {}}}));
    assert_eq!(merged(json!({"a": 1}), json!({"a": {"b": null, "c": 1}})), json!({"a": {"c": 1}}));
}

#[test]
fn a_large_object_is_emptied_in_one_go() {
    let members = |value: &Value| -> Object { (0..100_000).map(|n| (format!("k{n}"), value.clone())).collect() };
    let mut base = members(&json!(1));
    base.insert("stays".into(), json!(1));
    let began = std::time::Instant::now();
    merge(&mut base, &members(&Value::Null));
    assert_eq!(base.keys().collect::<Vec<_>>(), ["stays"]);
    // One after the other they would take minutes.
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn an_empty_object_in_a_patch_empties_and_lists_keep_their_nulls() {
    assert_eq!(merged(json!({"a": {"b": 1}}), json!({"a": {}})), json!({"a": {}}));
    assert_eq!(merged(json!({"a": [1]}), json!({"a": [null, {"b": null}]})), json!({"a": [null, {"b": null}]}));
}

#[test]
fn a_flag_is_true_or_says_true() {
    let doc = object(json!({"a": true, "b": "true", "c": false, "d": "yes", "e": 1}));
    assert_eq!(["a", "b", "c", "d", "e", "f"].map(|key| flag(&doc, key)), [true, true, false, false, false, false]);
}

#[test]
fn a_name_is_reduced_to_its_latin_letters_and_digits() {
    assert_eq!(alphanum(" Master-Co. 2 "), "masterco2");
    assert_eq!(alphanum("Blåfuchs Ltd"), "blfuchsltd");
}

fn a_save() -> Stamp<'static> {
    Stamp {
        now: 63_876_543_210,
        request_id: "r1",
        author: Some(Author { account_id: "a1", user_id: Some("u1") }),
        original: None,
        account_id: Some("a2"),
        account_db: Some("account%2Fa2"),
    }
}

#[test]
fn a_new_document_gets_all_of_the_bookkeeping() {
    let mut doc = object(json!({"pvt_type": "user", "first_name": "Jane", "last_name": "Doe"}));
    stamp(&mut doc, &a_save());
    assert_eq!(
        Value::Object(doc),
        json!({"pvt_type": "user", "first_name": "Jane", "last_name": "Doe", "pvt_vsn": "1", "pvt_account_id": "a2",
               "pvt_account_db": "account%2Fa2", "pvt_created": 63_876_543_210_u64, "pvt_modified": 63_876_543_210_u64,
               "pvt_request_id": "r1", "pvt_is_authenticated": true, "pvt_auth_account_id": "a1", "pvt_auth_user_id": "u1",
               "pvt_alphanum_name": "janedoe"})
    );
}

#[test]
fn a_document_that_exists_keeps_where_it_belongs_and_when_it_was_made() {
    let mut doc =
        object(json!({"_rev": "1-a", "pvt_created": 5, "pvt_vsn": 2, "pvt_account_id": "old", "pvt_account_db": "olddb",
                                "pvt_other": 1, "name": "Blue Fox"}));
    stamp(&mut doc, &a_save());
    for (key, value) in [
        ("pvt_created", json!(5)),
        ("pvt_vsn", json!(2)),
        ("pvt_account_id", json!("old")),
        ("pvt_account_db", json!("olddb")),
        ("pvt_other", json!(1)),
        ("pvt_modified", json!(63_876_543_210_u64)),
        ("pvt_alphanum_name", json!("bluefox")),
    ] {
        assert_eq!(doc[key], value, "{key}");
    }
}

#[test]
fn a_save_without_credentials_does_not_name_the_author_of_the_last_one() {
    let mut doc = object(json!({"_rev": "1-a"}));
    stamp(&mut doc, &Stamp { original: Some(Author { account_id: "m", user_id: Some("admin") }), ..a_save() });
    assert_eq!(doc["pvt_original_auth_account_id"], "m");
    assert_eq!(doc["pvt_original_auth_owner_id"], "admin");
    stamp(&mut doc, &Stamp { author: None, ..a_save() });
    assert_eq!(doc["pvt_is_authenticated"], false);
    assert_eq!(doc.keys().filter(|key| key.contains("auth_")).count(), 0, "{doc:?}");
}

#[test]
fn a_soft_deleted_document_remains_and_says_so() {
    let mut doc = object(json!({"name": "x"}));
    assert!(!is_soft_deleted(&doc));
    soft_delete(&mut doc);
    assert!(is_soft_deleted(&doc));
    assert_eq!(Value::Object(doc), json!({"name": "x", "pvt_deleted": true}));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), (0..9).prop_map(Value::from)];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-d]", inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn objects() -> impl Strategy<Value = Object> {
    vec(("[a-d]", values()), 0..5).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #[test]
    fn merging_twice_is_merging_once(base in objects(), patch in objects()) {
        let mut once = base;
        merge(&mut once, &patch);
        let mut twice = once.clone();
        merge(&mut twice, &patch);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn what_a_patch_does_not_name_stays_and_what_it_names_null_is_gone(base in objects(), patch in objects()) {
        let mut doc = base.clone();
        merge(&mut doc, &patch);
        for (key, value) in &base {
            if !patch.contains_key(key) {
                prop_assert_eq!(doc.get(key), Some(value));
            }
        }
        for (key, value) in &patch {
            prop_assert_eq!(doc.contains_key(key), !value.is_null());
        }
    }
}
