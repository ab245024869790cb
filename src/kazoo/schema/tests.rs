use serde_json::json;

use super::*;

fn documents(documents: Value) -> HashMap<String, Arc<Object>> {
    let Value::Object(documents) = documents else { panic!("not an object") };
    documents.into_iter().map(|(name, doc)| (name, Arc::new(doc.as_object().unwrap().clone()))).collect()
}

/// The schema `s` of several documents.
fn compiled(schemas: Value) -> Schema {
    Schema::compile("s", &documents(schemas)).unwrap()
}

fn schema(schema: Value) -> Schema {
    compiled(json!({"s": schema}))
}

/// A schema whose only property is `p`.
fn property(property: Value) -> Schema {
    schema(json!({"type": "object", "properties": {"p": property}}))
}

/// What is stored, or the errors.
fn checked(schema: &Schema, data: Value) -> Value {
    schema.check(data, false).map_or_else(|invalid| Value::Object(invalid.into_data()), Value::Object)
}

fn users() -> Schema {
    schema(json!({
        "$schema": "http://json-schema.org/draft-04/schema#", "_id": "users", "_rev": "1-a", "id": "users", "pvt_modified": 1,
        "type": "object", "required": ["first_name", "last_name"],
        "properties": {
            "call_forward": {"type": "object", "properties": {
                "enabled": {"type": "boolean", "default": false}, "number": {"type": "string", "maxLength": 35}}},
            "email": {"type": "string", "format": "email", "minLength": 3, "maxLength": 254},
            "enabled": {"type": "boolean", "default": true},
            "first_name": {"type": "string", "minLength": 1, "maxLength": 128},
            "hotdesk": {"type": "object", "default": {}, "properties": {
                "enabled": {"type": "boolean", "default": false}, "pin": {"type": "string", "minLength": 4}}},
            "last_name": {"type": "string", "minLength": 1, "maxLength": 128},
            "username": {"type": "string", "minLength": 1, "pattern": "^[+@.\\w_-]+$"},
        },
    }))
}

mod errors;
mod values;
