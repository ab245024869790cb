//! The components of a description that say what data looks like: Kazoo's schemas, as far as endpoints name them, and the
//! envelopes around data.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{kazoo::schema, platform::schemas, store::Object};

/// Stands behind a schema's name where some of its members are enough.
const PART: &str = ".part";

/// The schemas that are named so far.
#[derive(Default)]
pub struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// The schema of this name.
    pub fn reference(&mut self, name: &str) -> Value {
        self.add(name);
        json!({ "$ref": uri(name) })
    }

    /// The schema of this name, where no member has to be there, within members neither.
    pub fn part(&mut self, name: &str) -> Value {
        self.add(name);
        let mut wanted = vec![name.to_owned()];
        while let Some(name) = wanted.pop() {
            let part = format!("{name}{PART}");
            let Some(whole) = self.0.get(&name).filter(|_| !self.0.contains_key(&part)) else { continue };
            let mut schema = whole.clone();
            loosen(&mut schema, &mut wanted);
            self.0.insert(part, schema);
        }
        json!({ "$ref": uri(&format!("{name}{PART}")) })
    }

    /// A document that the schema is for, with the members that every document has. It may be older than the schema, so that
    /// what that demands needn't be there.
    pub fn document(&mut self, name: &str) -> Value {
        let id = json!({ "type": "string", "description": "The document's id" });
        json!({ "allOf": [self.part(name), { "type": "object", "properties": { "id": id } }] })
    }

    /// Everything that was named, and what that refers to.
    pub fn into_components(self) -> Object {
        let own = [("Envelope", envelope()), ("Error", error())].map(|(name, schema)| (name.to_owned(), schema));
        own.into_iter().chain(self.0).collect()
    }

    fn add(&mut self, name: &str) {
        let mut wanted = vec![name.to_owned()];
        while let Some(name) = wanted.pop() {
            let Some(doc) = schemas::bundled(&name).filter(|_| !self.0.contains_key(&name)) else { continue };
            wanted.extend(schema::references(&doc));
            self.0.insert(name, Value::Object(schema::modern(&doc, &uri)));
        }
    }
}

/// Takes out what demands members, also of the schemas that are referred to, whose names are added to `wanted`.
fn loosen(schema: &mut Value, wanted: &mut Vec<String>) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| loosen(schema, wanted)),
        Value::Object(schema) => {
            if schema.get("required").is_some_and(Value::is_array) {
                schema.shift_remove("required");
            }
            // Without what they demand, several may fit.
            if let Some(choices) = schema.shift_remove("oneOf") {
                schema.insert("anyOf".to_owned(), choices);
            }
            if let Some(Value::String(reference)) = schema.get_mut("$ref") {
                wanted.extend(reference.rsplit('/').next().map(str::to_owned));
                reference.push_str(PART);
            }
            schema.values_mut().for_each(|value| loosen(value, wanted));
        }
        _ => {}
    }
}

fn uri(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn envelope() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    json!({
        "type": "object",
        "description": "What stands around every answer's data",
        "properties": {
            "auth_token": text("The token: at a login the new one, else the caller's own"),
            "metadata": { "type": "object", "description": "What is told beside the data" },
            "node": text("Which server it was"),
            "page_size": { "type": "integer", "description": "How many rows are on this page" },
            "start_key": text("Where this page begins"),
            "next_start_key": text("Where the next one begins, if there is one"),
            "request_id": text("Also in the header `X-Request-ID`, and in the log"),
            "revision": text("The document's revision, or a digest of the data; the entity tag"),
            "status": { "type": "string", "enum": ["success"] },
            "timestamp": text("When this was answered"),
            "tokens": {
                "type": "object",
                "description": "The state of the client's bucket",
                "properties": { "consumed": { "type": "integer" }, "remaining": { "type": "integer" } },
            },
            "version": text("Kazoo's version"),
        },
        "required": ["node", "request_id", "status", "timestamp", "tokens"],
    })
}

fn error() -> Value {
    json!({
        "type": "object",
        "description": "An answer without success",
        "properties": {
            "data": { "description": "What is wrong. Of data that doesn't hold up: by member and rule, what to tell people" },
            "error": { "type": "string", "description": "The status once more" },
            "message": { "type": "string", "description": "What kind of error it is" },
            "request_id": { "type": "string" },
            "status": { "type": "string", "enum": ["error"] },
        },
        "required": ["error", "message", "request_id", "status"],
    })
}
