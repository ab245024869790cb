//! What becomes of data, and what a schema is made of.

use proptest::{collection::vec, prelude::*};

use super::*;

#[test]
fn defaults_are_added_behind_the_datas_own_members() {
    let stored = users().check(json!({"last_name": "Doe", "first_name": "Jane", "extra": 1}), false).unwrap();
    assert_eq!(
        Value::Object(stored.clone()),
        json!({"last_name": "Doe", "first_name": "Jane", "extra": 1, "enabled": true, "hotdesk": {"enabled": false}})
    );
    assert_eq!(stored.keys().collect::<Vec<_>>(), ["last_name", "first_name", "extra", "enabled", "hotdesk"]);
}

#[test]
fn defaults_inside_an_object_without_default_need_the_object() {
    let stored = checked(
        &users(),
        json!({"first_name": "A", "last_name": "B", "call_forward": {"number": "1"}, "hotdesk": {"pin": "1234"}}),
    );
    assert_eq!(stored["call_forward"], json!({"number": "1", "enabled": false}));
    assert_eq!(stored["hotdesk"], json!({"pin": "1234", "enabled": false}));
}

#[test]
fn defaults_are_followed_through_references_but_not_begun_by_them() {
    let media = json!({"type": "object", "default": {}, "properties": {"audio": {"type": "object", "default": {}, "properties": {
        "codecs": {"type": "array", "default": []}}}}});
    let schema = compiled(json!({
        "s": {"properties": {"media": {"$ref": "endpoint.media"}, "list": {"items": {"$ref": "endpoint.media#/properties/audio"}}}},
        "endpoint.media": media}));
    assert_eq!(checked(&schema, json!({})), json!({}));
    assert_eq!(checked(&schema, json!({"media": {}})), json!({"media": {"audio": {"codecs": []}}}));
    assert_eq!(checked(&schema, json!({"list": [{}]})), json!({"list": [{"codecs": []}]}));
}

#[test]
fn defaults_reach_members_that_only_a_pattern_names() {
    let flow = json!({"type": "object", "properties": {"data": {"type": "object", "default": {}}}});
    let schema = schema(
        json!({"patternProperties": {"^[[:digit:]]+$": flow}, "additionalProperties": {"properties": {"other": {"type": "integer", "default": 1}}}}),
    );
    assert_eq!(checked(&schema, json!({"1": {}, "a": {}})), json!({"1": {"data": {}}, "a": {"other": 1}}));
}

#[test]
fn a_default_without_type_or_of_another_type_is_not_added() {
    assert_eq!(checked(&property(json!({"default": 1})), json!({})), json!({}));
    assert_eq!(checked(&property(json!({"type": "string", "default": 1})), json!({})), json!({}));
    assert_eq!(checked(&property(json!({"type": ["string", "integer"], "default": 1})), json!({})), json!({"p": 1}));
}

#[test]
fn private_members_are_dropped_at_the_top_only() {
    let schema = schema(json!({"properties": {"a": {}}, "additionalProperties": false}));
    let data = json!({"_rev": "1-a", "pvt_type": "user", "a": {"_x": 1, "pvt_y": 2}});
    assert_eq!(checked(&schema, data), json!({"a": {"_x": 1, "pvt_y": 2}}));
}

#[test]
fn text_becomes_the_number_or_boolean_that_is_expected() {
    for (kind, text, value) in [
        ("integer", "5", json!(5)),
        ("integer", "-5", json!(-5)),
        ("integer", "18446744073709551615", json!(u64::MAX)),
        ("number", "5", json!(5)),
        ("number", "1.5", json!(1.5)),
        ("number", "-1.5e3", json!(-1500.0)),
        ("boolean", "true", json!(true)),
        ("boolean", "false", json!(false)),
    ] {
        let schema = schema(json!({"properties": {"p": {"items": {"properties": {"q": {"type": kind}}}}}}));
        let data = json!({"p": [{"q": text}]});
        assert_eq!(checked(&schema, data.clone()), json!({"p": [{"q": value}]}));
        assert!(schema.check(data, true).is_err(), "strict {kind} {text}");
    }
    for (kind, text) in [
        ("integer", "1.5"),
        ("integer", ""),
        ("integer", " 5"),
        ("number", "inf"),
        ("number", "NaN"),
        ("number", "1e999"),
        ("boolean", "yes"),
        ("boolean", "True"),
        ("object", "{}"),
        ("null", "null"),
    ] {
        let failed = checked(&property(json!({"type": kind})), json!({"p": text}));
        assert_eq!(failed["p"]["type"]["value"], text, "{kind}");
    }
}

#[test]
fn a_converted_value_is_checked_again() {
    let schema = schema(json!({"properties": {"p": {"type": "integer", "minimum": 5}, "q": {"type": "boolean"}}}));
    assert_eq!(checked(&schema, json!({"p": "6", "q": "true"})), json!({"p": 6, "q": true}));
    assert_eq!(
        checked(&schema, json!({"p": "4", "q": "true"})),
        json!({"p": {"minimum": {"message": "Value must be at least 5", "target": 5, "value": 4}}})
    );
}

#[test]
fn a_schema_names_the_documents_that_it_refers_to() {
    let doc = json!({
        "properties": {
            "a": {"$ref": "caller_id"},
            "default": {"$ref": "call_recording.source"},
            "b": {"items": {"oneOf": [{"$ref": "caller_id"}, {"$ref": "formatters.format_options"}]}},
            "c": {"patternProperties": {".+": {"$ref": "metaflow#/definitions/x"}}, "additionalProperties": {"$ref": "#/definitions/y"}},
            "$ref": {"type": "string"},
        },
        "definitions": {"y": {"not": {"$ref": "y"}}},
        "default": {"$ref": "no schema"}, "enum": [{"$ref": "no schema either"}],
    });
    let mut names = references(doc.as_object().unwrap());
    names.sort();
    assert_eq!(names, ["call_recording.source", "caller_id", "formatters.format_options", "metaflow", "y"]);
}

#[test]
fn a_missing_document_is_named() {
    assert_eq!(Schema::compile("s", &HashMap::new()).unwrap_err(), SchemaError::Missing { name: "s".into() });
    let documents = documents(json!({"s": {"properties": {"a": {"$ref": "t"}}}, "t": {"items": {"$ref": "u"}}}));
    let error = Schema::compile("s", &documents).unwrap_err();
    assert_eq!(error, SchemaError::Missing { name: "u".into() });
    assert_eq!(error.to_string(), "schema u not found.");
}

#[test]
fn what_is_no_schema_is_refused_by_name() {
    for wrong in [
        json!({"type": 5}),
        json!({"pattern": "("}),
        json!({"properties": {"a": {"$ref": "#/definitions/none"}}}),
        (0..1_000).fold(json!({}), |inner, _| json!({"not": inner})),
    ] {
        let error = Schema::compile("s", &documents(json!({"s": wrong}))).unwrap_err();
        assert!(matches!(error, SchemaError::Invalid { ref name, .. } if name == "s"), "{error}");
    }
}

#[test]
fn nothing_is_fetched() {
    for elsewhere in ["http://127.0.0.1:1/schema", "file:///etc/hostname", "http://json-schema.org/draft-04/schema#"] {
        let error = Schema::compile("s", &documents(json!({"s": {"$ref": elsewhere}}))).unwrap_err();
        assert!(matches!(error, SchemaError::Missing { .. }), "{error}");
    }
}

#[test]
fn documents_may_have_any_name() {
    for name in ["..", "a b", "ü", "a/b", "a%20b", "x:y", "?q", "kapi.route.req"] {
        let schema = Schema::compile(
            name,
            &documents(json!({name: {"properties": {"a": {"$ref": "t"}}}, "t": {"properties": {"b": {"$ref": name}}}})),
        )
        .unwrap();
        assert_eq!(checked(&schema, json!({"a": {"b": {"a": 1}}})), json!({"a": {"b": {"a": 1}}}), "{name}");
    }
}

#[test]
fn schemas_that_go_in_circles_come_to_an_end() {
    let data = json!({"n": 1});
    for circle in [
        json!({"s": {"$ref": "t"}, "t": {"$ref": "s"}}),
        json!({"s": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}),
        json!({"s": {"properties": {"n": {"$ref": "s"}, "m": {"items": {"$ref": "s"}}}}}),
    ] {
        assert_eq!(checked(&compiled(circle), data.clone()), data);
    }
    let child = json!({"type": "object", "default": {}, "allOf": [{"$ref": "s"}]});
    let endless = compiled(json!({"s": {"properties": {"a": child, "b": child}}}));
    assert!(endless.check(data, false).is_err());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9.]{0,6}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["first_name", "last_name", "email", "enabled", "hotdesk", "pin", "call_forward", "a.b", "_x"])
        .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn what_was_accepted_is_accepted_again_and_stays_as_it_is(members in vec((key(), values()), 0..6)) {
        let users = users();
        let mut data = Object::from_iter([("first_name".to_owned(), "A".into()), ("last_name".to_owned(), "B".into())]);
        data.extend(members);
        if let Ok(stored) = users.check(Value::Object(data), false) {
            prop_assert_eq!(users.check(Value::Object(stored.clone()), true), Ok(stored));
        }
    }

    #[test]
    fn what_is_refused_says_why(data in values()) {
        if let Err(invalid) = users().check(data, false) {
            prop_assert!(!invalid.is_empty());
        }
    }
}
