//! The defaults of a schema, put where data has nothing.

use std::collections::HashMap;

use jsonschema::{Draft, Validator};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{super::document::Object, Sources, compile::uri};

/// How many schemas are looked into for one piece of data. Schemas that go in circles, or that make ever more defaults
/// of their own defaults, end here.
const STEPS: usize = 200_000;
/// How many schemas may be followed into one another, through references and data.
const NESTING: usize = 512;

pub(super) struct Defaults {
    root: String,
    /// The patterns of `patternProperties`, by themselves.
    patterns: HashMap<String, Validator>,
}

impl Defaults {
    pub(super) fn new(name: &str, sources: &Sources) -> Self {
        let mut patterns = HashMap::new();
        let mut values: Vec<&Value> = sources.values().collect();
        while let Some(value) = values.pop() {
            if let Some(named) = value.get("patternProperties").and_then(Value::as_object) {
                for pattern in named.keys() {
                    let schema = Value::Object(Object::from_iter([("pattern".to_owned(), pattern.as_str().into())]));
                    if let Ok(validator) = jsonschema::options().with_draft(Draft::Draft4).build(&schema) {
                        patterns.insert(pattern.clone(), validator);
                    }
                }
            }
            match value {
                Value::Object(members) => values.extend(members.values()),
                Value::Array(items) => values.extend(items),
                _ => {}
            }
        }
        Self { root: uri(name), patterns }
    }

    /// Adds to `data` what the schema gives for members that are absent: those whose own schema has a `type` and a
    /// `default` of that type, also inside of objects and lists that are there or were themselves added.
    pub(super) fn fill(&self, sources: &Sources, data: &mut Value) {
        if let Some((home, schema)) = sources.get_key_value(&self.root) {
            Filling { defaults: self, sources, steps: STEPS }.fill(schema, home, data, NESTING);
        }
    }
}

struct Filling<'a> {
    defaults: &'a Defaults,
    sources: &'a Sources,
    steps: usize,
}

impl<'a> Filling<'a> {
    /// `home` is the URI of the document that `schema` stands in.
    fn fill(&mut self, schema: &'a Value, home: &'a str, data: &mut Value, nesting: usize) {
        let (Some(schema), Some(nesting), Some(steps)) = (schema.as_object(), nesting.checked_sub(1), self.steps.checked_sub(1))
        else {
            return;
        };
        self.steps = steps;
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            // Draft 4 passes over what stands beside a reference.
            if let Some((home, target)) = self.resolve(reference, home) {
                self.fill(target, home, data, nesting);
            }
            return;
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.fill(part, home, data, nesting);
        }
        match data {
            Value::Object(members) => self.fill_object(schema, home, members, nesting),
            Value::Array(items) => match schema.get("items") {
                Some(Value::Array(schemas)) => {
                    for (schema, item) in schemas.iter().zip(items) {
                        self.fill(schema, home, item, nesting);
                    }
                }
                Some(schema) => items.iter_mut().for_each(|item| self.fill(schema, home, item, nesting)),
                None => {}
            },
            _ => {}
        }
    }

    fn fill_object(&mut self, schema: &'a Object, home: &'a str, members: &mut Object, nesting: usize) {
        let named = schema.get("properties").and_then(Value::as_object);
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
        if patterns.is_some() || others.is_some() {
            for (key, value) in members.iter_mut() {
                let mut is_known = named.is_some_and(|named| named.contains_key(key));
                for (pattern, schema) in patterns.into_iter().flatten() {
                    if self.matches(pattern, key) {
                        is_known = true;
                        self.fill(schema, home, value, nesting);
                    }
                }
                if let (Some(schema), false) = (others, is_known) {
                    self.fill(schema, home, value, nesting);
                }
            }
        }
        for (key, schema) in named.into_iter().flatten() {
            match members.get_mut(key) {
                Some(value) => self.fill(schema, home, value, nesting),
                None => {
                    if let Some(default) = default(schema) {
                        let mut value = default.clone();
                        self.fill(schema, home, &mut value, nesting);
                        members.insert(key.clone(), value);
                    }
                }
            }
        }
    }

    fn matches(&self, pattern: &str, key: &str) -> bool {
        self.defaults.patterns.get(pattern).is_some_and(|pattern| pattern.is_valid(&Value::from(key)))
    }

    fn resolve(&self, reference: &str, home: &'a str) -> Option<(&'a str, &'a Value)> {
        let (uri, place) = reference.split_once('#').unwrap_or((reference, ""));
        let uri = if uri.is_empty() { home } else { uri };
        let (home, document) = self.sources.get_key_value(uri)?;
        Some((home, document.pointer(&percent_decode_str(place).decode_utf8().ok()?)?))
    }
}

/// A property's default, if it is of the property's own type.
fn default(schema: &Value) -> Option<&Value> {
    let default = schema.get("default")?;
    let is_right = match schema.get("type")? {
        Value::String(name) => is_a(default, name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(|name| is_a(default, name)),
        _ => false,
    };
    is_right.then_some(default)
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        _ => false,
    }
}
