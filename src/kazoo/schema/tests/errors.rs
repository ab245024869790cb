//! What is refused, and in which words.

use super::*;

#[test]
fn kazoos_recorded_answers_come_out_word_for_word() {
    let users = users();
    for (data, answer) in [
        (json!([]), json!({"": {"type": {"message": "Value did not match type(s): object", "target": "object", "value": []}}})),
        (
            json!({"first_name": ""}),
            json!({"first_name": {"minLength": {"message": "String must be at least 1 characters", "target": 1, "cause": "", "value": ""}},
                   "last_name": {"required": {"message": "Field is required but missing", "value": "last_name"}}}),
        ),
        (
            json!({"first_name": 3, "last_name": "B"}),
            json!({"first_name": {"type": {"message": "Value did not match type(s): string", "target": "string", "value": 3}}}),
        ),
        (
            json!({"first_name": "A", "last_name": "B", "email": "not an email"}),
            json!({"email": {"wrong_format": {"message": "Field is not in the correct format", "value": "not an email", "format": "email"}}}),
        ),
    ] {
        assert_eq!(checked(&users, data), answer);
    }
    let long = "n".repeat(129);
    assert_eq!(
        checked(&users, json!({"first_name": long, "last_name": "B"})),
        json!({"first_name": {"maxLength": {"message": "String must not be more than 128 characters", "target": 128, "cause": long, "value": long}}})
    );
    assert_eq!(
        checked(&property(json!({"type": "string", "pattern": "^[a-fA-F0-9]{40,250}$"})), json!({"p": "abcdef"})),
        json!({"p": {"pattern": {"message": "Failed to match pattern '^[a-fA-F0-9]{40,250}$'", "target": "^[a-fA-F0-9]{40,250}$", "value": "abcdef"}}})
    );
}

#[test]
fn each_keyword_has_its_words() {
    for (keyword, value, code, mut object) in [
        (
            json!({"enum": ["a", "b"]}),
            json!("c"),
            "enum",
            json!({"message": "Value not found in enumerated list of values", "target": ["a", "b"]}),
        ),
        (
            json!({"enum": ["a"]}),
            json!("c"),
            "enum",
            json!({"message": "Value not found in enumerated list of values", "target": ["a"]}),
        ),
        (json!({"minimum": 5}), json!(4), "minimum", json!({"message": "Value must be at least 5", "target": 5})),
        (
            json!({"minimum": 5, "exclusiveMinimum": true}),
            json!(5),
            "minimum",
            json!({"message": "Value must be at least 5", "target": 5}),
        ),
        (json!({"maximum": 1.5}), json!(2), "maximum", json!({"message": "Value must be at most 1.5", "target": 1.5})),
        (json!({"minItems": 1}), json!([]), "minItems", json!({"message": "The list must have at least 1 items", "target": 1})),
        (json!({"maxItems": 1}), json!([1, 2]), "maxItems", json!({"message": "The list is more than 1 items", "target": 1})),
        (json!({"uniqueItems": true}), json!([1, 1]), "uniqueItems", json!({"message": "List of items is not unique"})),
        (
            json!({"items": [{}], "additionalItems": false}),
            json!([1, 2]),
            "additionalItems",
            json!({"message": "Strict checking of data is enabled; only include schema-defined items"}),
        ),
        (
            json!({"dependencies": {"a": ["b"]}}),
            json!({"a": 1}),
            "dependencies",
            json!({"message": "Dependencies were not validated"}),
        ),
        (json!({"oneOf": [{"type": "string"}]}), json!(1), "not_one_schema_valid", json!({"message": "failed to validate"})),
        (json!({"oneOf": [{}, {}]}), json!(1), "not_one_schema_valid", json!({"message": "failed to validate"})),
        (
            json!({"anyOf": [{"type": "string"}, {"enum": [2]}]}),
            json!(1),
            "any_schemas_not_valid",
            json!({"message": "failed to validate"}),
        ),
        (json!({"not": {}}), json!(1), "not_schema_valid", json!({"message": "failed to validate"})),
        (json!({"minProperties": 1}), json!({}), "too_few_properties", json!({"message": "failed to validate"})),
        (json!({"maxProperties": 0}), json!({"a": 1}), "too_many_properties", json!({"message": "failed to validate"})),
        (json!({"multipleOf": 2}), json!(3), "not_multiple_of", json!({"message": "failed to validate"})),
        (
            json!({"type": ["string", "null", "array"]}),
            json!({"a": 1}),
            "type",
            json!({"message": "Value did not match type(s): string, null, array", "target": "string, null, array"}),
        ),
    ] {
        object["value"] = value.clone();
        assert_eq!(checked(&property(keyword.clone()), json!({"p": value})), json!({"p": {code: object}}), "{keyword}");
    }
}

#[test]
fn a_superfluous_member_shows_the_object_that_it_is_in() {
    let schema = property(json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false}));
    assert_eq!(
        checked(&schema, json!({"p": {"a": 1, "b": 2}})),
        json!({"p.b": {"additionalProperties": {
            "message": "Strict checking of data is enabled; only include schema-defined properties", "value": {"a": 1, "b": 2}}}})
    );
}

#[test]
fn a_path_names_nested_members_and_elements() {
    let schema = property(json!({
        "additionalProperties": {"type": "object", "required": ["name"], "properties": {"flags": {"items": {"type": "string"}}}}}));
    let Value::Object(data) =
        checked(&schema, json!({"p": {"us.{{domain}}": {"flags": ["a", 1]}, "a/b~c": {"name": "x", "flags": [2]}}}))
    else {
        panic!("not an object")
    };
    assert_eq!(data.keys().collect::<Vec<_>>(), ["p.a/b~c.flags.0", "p.us%2E{{domain}}.flags.1", "p.us%2E{{domain}}.name"]);
}

#[test]
fn of_several_failures_of_a_value_the_last_keyword_of_the_alphabet_is_shown() {
    let schema = property(json!({"pattern": "^b", "type": "string", "minLength": 3, "enum": ["x"]}));
    let failed = checked(&schema, json!({"p": "a"}));
    assert_eq!(failed["p"].as_object().unwrap().keys().collect::<Vec<_>>(), ["pattern"]);
    let failed = checked(&schema, json!({"p": 1}));
    assert_eq!(failed["p"].as_object().unwrap().keys().collect::<Vec<_>>(), ["type"]);
}

#[test]
fn lengths_count_characters() {
    let schema = property(json!({"type": "string", "minLength": 2, "maxLength": 3}));
    assert_eq!(checked(&schema, json!({"p": "üüü"})), json!({"p": "üüü"}));
    assert!(checked(&schema, json!({"p": "ü"}))["p"]["minLength"].is_object());
}

#[test]
fn null_is_a_value_of_the_wrong_type() {
    assert!(checked(&property(json!({"type": "string"})), json!({"p": null}))["p"]["type"].is_object());
    assert_eq!(
        checked(&property(json!({"type": ["string", "null"]})), json!({"p": null, "q": null})),
        json!({"p": null, "q": null})
    );
}

#[test]
fn four_formats_are_checked_and_no_others() {
    for (format, right, wrong) in [
        ("email", "a b@c", "a@b@c"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ipv6", "fe80::1", "fe80:::1"),
        ("date-time", "2024-03-12T21:24:34Z", "2024-03-12"),
    ] {
        let schema = property(json!({"type": "string", "format": format}));
        assert_eq!(checked(&schema, json!({"p": right})), json!({"p": right}));
        assert_eq!(checked(&schema, json!({"p": wrong}))["p"]["wrong_format"]["format"], format);
    }
    for format in ["uri", "hostname", "regex", "date", "time", "phone"] {
        assert_eq!(checked(&property(json!({"format": format})), json!({"p": "[ %"})), json!({"p": "[ %"}), "{format}");
    }
}

#[test]
fn patterns_are_perls() {
    for (pattern, right, wrong) in [
        (r"^[.\w_-]+$", vec!["a.b-c_d"], vec!["a b", "ä", "a\n"]),
        (r"^[.\w-]+$", vec!["a.b-c_d"], vec!["a b", "ä"]),
        (r"^([+@.\w_-]+)$", vec!["jane+1@example.org"], vec!["jane doe"]),
        ("^[[:alnum:]_]+$", vec!["aZ9_"], vec!["[", ":", "a-b", "é"]),
        (r"[a-z]{2}\-[A-Z]{2}", vec!["en-US", "xxen-USyy"], vec!["en_US"]),
        (r".*[\{]{2}domain[\}]{2}.*", vec!["us.{{domain}}"], vec!["us.{domain}"]),
        (r"^(?!x).\d$", vec!["a1"], vec!["x1", "a٣"]),
    ] {
        let schema = property(json!({"type": "string", "pattern": pattern}));
        for text in right {
            assert_eq!(checked(&schema, json!({"p": text})), json!({"p": text}), "{pattern}");
        }
        for text in wrong {
            assert_eq!(checked(&schema, json!({"p": text}))["p"]["pattern"]["target"], pattern, "{text}");
        }
    }
}

#[test]
fn keys_are_held_against_patterns_too() {
    let schema = property(
        json!({"patternProperties": {"^[[:alnum:]_]+$": {"type": "string", "pattern": "^[[:digit:]]+$"}}, "additionalProperties": false}),
    );
    assert_eq!(checked(&schema, json!({"p": {"a_1": "5"}})), json!({"p": {"a_1": "5"}}));
    assert!(checked(&schema, json!({"p": {"a-1": "5"}}))["p.a-1"]["additionalProperties"].is_object());
    assert_eq!(checked(&schema, json!({"p": {"a": "x"}}))["p.a"]["pattern"]["target"], "^[[:digit:]]+$");
}

#[test]
fn errors_behind_references_are_reported_like_others() {
    let schema = compiled(json!({
        "s": {"type": "object", "properties": {"caller_id": {"$ref": "caller_id"}}},
        "caller_id": {"definitions": {"name": {"type": ["string", "null"], "pattern": "^[[:alpha:]]*$"}}, "type": "object",
                      "properties": {"name": {"$ref": "#/definitions/name"}}}}));
    let failed = checked(&schema, json!({"caller_id": {"name": 5}}));
    assert_eq!(failed["caller_id.name"]["type"]["target"], "string, null");
    let failed = checked(&schema, json!({"caller_id": {"name": "5"}}));
    assert_eq!(failed["caller_id.name"]["pattern"]["target"], "^[[:alpha:]]*$");
}

#[test]
fn a_report_does_not_grow_with_the_square_of_what_was_sent() {
    let schema = schema(json!({"additionalProperties": false}));
    let members: Object = (0..5_000).map(|n| (format!("m{n}"), "x".repeat(100).into())).collect();
    let size = Value::Object(members.clone()).to_string().len();
    let report = checked(&schema, Value::Object(members)).to_string().len();
    assert!(report < 4 * size, "{report} for {size}");
}

#[test]
fn data_nested_too_deeply_is_refused() {
    let schema = compiled(
        json!({"s": {"additionalProperties": {"$ref": "node"}}, "node": {"type": "object", "properties": {"n": {"$ref": "node"}}}}),
    );
    let nested = |depth| (0..depth).fold(json!({}), |inner, _| json!({"n": inner}));
    assert!(schema.check(nested(120), false).is_ok());
    assert_eq!(checked(&schema, nested(1_000))[""]["invalid"]["message"], "Value is nested too deeply");
}
