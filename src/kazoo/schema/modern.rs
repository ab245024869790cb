//! From draft 4, in which Kazoo's schemas are written, to the JSON Schema of today (2020-12), for those who read nothing else.

use serde_json::Value;

use super::{
    super::document::{Object, is_private},
    compile::{FORMATS, Holds, holds, split},
};

/// A schema document as JSON Schema 2020-12. `uri` says how one of that name is referred to.
///
/// What Kazoo doesn't hold data against is left out: formats that it passes over, and its own notes.
pub fn modern(doc: &Object, uri: &impl Fn(&str) -> String) -> Object {
    let public = doc.iter().filter(|(key, _)| !is_private(key) && *key != "id");
    let mut schema = Object::new();
    for (keyword, value) in public {
        match (keyword.as_str(), value) {
            ("$schema" | "support_level", _) => {}
            ("format", Value::String(format)) if !FORMATS.contains(&format.as_str()) => {}
            // A word of draft 3; from draft 4 on it's a list.
            ("required", Value::Bool(_)) => {}
            ("$ref", Value::String(reference)) => {
                schema.insert(keyword.clone(), referred(reference, uri).into());
            }
            ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(is_exclusive)) => {
                let (bound, exclusive) = if keyword == "exclusiveMinimum" { ("minimum", keyword) } else { ("maximum", keyword) };
                if let (true, Some(limit)) = (is_exclusive, doc.get(bound)) {
                    schema.shift_remove(bound);
                    schema.insert(exclusive.clone(), limit.clone());
                }
            }
            ("minimum" | "maximum", limit) => {
                let exclusive = if keyword == "minimum" { "exclusiveMinimum" } else { "exclusiveMaximum" };
                if doc.get(exclusive) != Some(&Value::Bool(true)) {
                    schema.insert(keyword.clone(), limit.clone());
                }
            }
            ("items", Value::Array(_)) => {
                schema.insert("prefixItems".to_owned(), schemas(value, uri));
            }
            ("additionalItems", _) => {
                if doc.get("items").is_some_and(Value::is_array) {
                    schema.insert("items".to_owned(), schemas(value, uri));
                }
            }
            _ => {
                let value = match (holds(keyword), value) {
                    (Holds::Schemas, value) => schemas(value, uri),
                    (Holds::Named, Value::Object(named)) => {
                        Value::Object(named.iter().map(|(key, value)| (key.clone(), schemas(value, uri))).collect())
                    }
                    (_, other) => other.clone(),
                };
                schema.insert(keyword.clone(), value);
            }
        }
    }
    schema
}

fn schemas(value: &Value, uri: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Object(schema) => Value::Object(modern(schema, uri)),
        Value::Array(several) => several.iter().map(|value| schemas(value, uri)).collect(),
        other => other.clone(),
    }
}

fn referred(reference: &str, uri: &impl Fn(&str) -> String) -> String {
    match split(reference) {
        ("", _) => reference.to_owned(),
        (name, None) => uri(name),
        (name, Some(place)) => format!("{}{place}", uri(name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn converted(schema: Value) -> Value {
        Value::Object(modern(schema.as_object().unwrap(), &|name| format!("#/{name}")))
    }

    #[test]
    fn what_has_changed_since_draft_4_is_said_in_new_words() {
        let old = json!({
            "_id": "things", "$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
            "properties": {
                "a": { "type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false },
                "b": { "$ref": "others", "description": "b" },
                "c": { "type": "array", "items": [{ "$ref": "others#/definitions/x" }], "additionalItems": false },
                "d": { "type": "string", "format": "uri", "support_level": "supported", "required": true },
                "id": { "type": "string", "format": "email" },
            },
            "required": ["a"],
        });
        let new = json!({
            "type": "object",
            "properties": {
                "a": { "type": "number", "exclusiveMinimum": 1, "maximum": 9 },
                "b": { "$ref": "#/others", "description": "b" },
                "c": { "type": "array", "prefixItems": [{ "$ref": "#/others/definitions/x" }], "items": false },
                "d": { "type": "string" },
                "id": { "type": "string", "format": "email" },
            },
            "required": ["a"],
        });
        assert_eq!(converted(old), new);
    }
}
