//! From stored schema documents to one validator.

use std::{collections::HashMap, error::Error, sync::Arc};

use jsonschema::{Draft, Retrieve, Uri, Validator};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{
    super::document::{Object, is_private},
    DEPTH, SchemaError, Sources, is_deeper_than, pattern,
};

/// The formats that Kazoo checks; it takes any text for all others.
pub(super) const FORMATS: [&str; 4] = ["date-time", "email", "ipv4", "ipv6"];

/// Where a pattern had to be translated, the original stays beside it, for messages.
pub(super) const ORIGINAL_PATTERN: &str = "kazoo:pattern";

/// What stands for itself in a URI must not be escaped: the validator would undo it, and miss the document.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a schema keyword holds.
pub(super) enum Holds {
    /// A schema, or a list of schemas.
    Schemas,
    /// An object of schemas.
    Named,
    /// Something else.
    Other,
}

pub(super) fn holds(keyword: &str) -> Holds {
    match keyword {
        "items" | "additionalItems" | "additionalProperties" | "not" | "allOf" | "anyOf" | "oneOf" => Holds::Schemas,
        "properties" | "patternProperties" | "definitions" | "dependencies" => Holds::Named,
        _ => Holds::Other,
    }
}

/// The names of the documents that a schema document refers to, each once.
pub fn references(doc: &Object) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut schemas = vec![doc];
    while let Some(schema) = schemas.pop() {
        if let Some((name, _)) = schema.get("$ref").and_then(Value::as_str).map(split)
            && !name.is_empty()
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
        for (keyword, value) in schema {
            match (holds(keyword), value) {
                (Holds::Schemas, Value::Object(one)) => schemas.push(one),
                (Holds::Schemas, Value::Array(several)) => schemas.extend(several.iter().filter_map(Value::as_object)),
                (Holds::Named, Value::Object(named)) => schemas.extend(named.values().filter_map(Value::as_object)),
                _ => {}
            }
        }
    }
    names
}

/// A reference's document (empty for the one that it stands in) and the place in it.
pub(super) fn split(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once('#') {
        Some((name, place)) => (name, Some(place)),
        None => (reference, None),
    }
}

/// A schema document's URI. The validator wants one to tell documents apart; it is never fetched.
pub(super) fn uri(name: &str) -> String {
    format!("urn:kazoo:{}", utf8_percent_encode(name, NAME))
}

/// The schema called `name` and all it refers to, made ready for the validator.
pub(super) fn sources(name: &str, documents: &HashMap<String, Arc<Object>>) -> Result<Sources, SchemaError> {
    let mut sources = Sources::new();
    let mut wanted = vec![name.to_owned()];
    while let Some(name) = wanted.pop() {
        let uri = uri(&name);
        if sources.contains_key(&uri) {
            continue;
        }
        let Some(doc) = documents.get(&name) else { return Err(SchemaError::Missing { name }) };
        if doc.values().any(|value| is_deeper_than(value, DEPTH)) {
            return Err(SchemaError::Invalid { name, reason: "nested too deeply".to_owned() });
        }
        wanted.extend(references(doc));
        let public = doc.iter().filter(|(key, _)| !is_private(key));
        sources.insert(uri, Value::Object(prepared(public)));
    }
    Ok(sources)
}

pub(super) fn validator(name: &str, sources: &Arc<Sources>) -> Result<Validator, SchemaError> {
    let uri = uri(name);
    let Some(root) = sources.get(&uri) else { return Err(SchemaError::Missing { name: name.to_owned() }) };
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .with_base_uri(uri)
        .with_retriever(Documents(sources.clone()))
        .should_validate_formats(true)
        .with_format("email", is_email)
        .build(root)
        .map_err(|error| SchemaError::Invalid { name: name.to_owned(), reason: error.to_string() })
}

/// A schema in the words of the validator.
fn prepared<'a>(members: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Object {
    let mut schema = Object::new();
    for (keyword, value) in members {
        match (keyword.as_str(), value) {
            // A name of Kazoo's would be taken for a base that references are relative to.
            ("id" | "$schema", Value::String(_)) => {}
            ("format", Value::String(format)) if !FORMATS.contains(&format.as_str()) => {}
            ("$ref", Value::String(reference)) => {
                schema.insert(keyword.clone(), absolute(reference).into());
            }
            ("pattern", Value::String(original)) => {
                let translated = pattern::translated(original);
                if translated != *original {
                    schema.insert(ORIGINAL_PATTERN.to_owned(), value.clone());
                }
                schema.insert(keyword.clone(), translated.into());
            }
            ("patternProperties", Value::Object(named)) => {
                let named = named.iter().map(|(key, value)| (pattern::translated(key), schema_or_list(value)));
                schema.insert(keyword.clone(), Value::Object(named.collect()));
            }
            _ => {
                let value = match (holds(keyword), value) {
                    (Holds::Schemas, value) => schema_or_list(value),
                    (Holds::Named, Value::Object(named)) => {
                        Value::Object(named.iter().map(|(key, value)| (key.clone(), schema_or_list(value))).collect())
                    }
                    (_, other) => other.clone(),
                };
                schema.insert(keyword.clone(), value);
            }
        }
    }
    schema
}

fn schema_or_list(value: &Value) -> Value {
    match value {
        Value::Object(schema) => Value::Object(prepared(schema)),
        Value::Array(schemas) => schemas.iter().map(schema_or_list).collect(),
        other => other.clone(),
    }
}

fn absolute(reference: &str) -> String {
    match split(reference) {
        ("", _) => reference.to_owned(),
        (name, None) => uri(name),
        (name, Some(place)) => format!("{}#{place}", uri(name)),
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// Gives the validator the documents that it was handed, and nothing from elsewhere.
struct Documents(Arc<Sources>);

impl Retrieve for Documents {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        self.0.get(uri.as_str()).cloned().ok_or_else(|| format!("no schema {uri}").into())
    }
}
