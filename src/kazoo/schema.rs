//! JSON schemas as Kazoo uses them: draft 4, spread over documents that refer to each other by name, filling in defaults
//! and reporting in Kazoo's words.
//!
//! [`references`] tells which documents a schema needs, [`Schema::compile`] puts them together once, and
//! [`Schema::check`] is what a request's `data` goes through.

mod coerce;
mod compile;
mod defaults;
mod modern;
mod pattern;
mod report;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, sync::Arc};

use jsonschema::Validator;
use serde_json::Value;

use self::defaults::Defaults;
use super::{
    document::{Object, strip_private},
    validation::{Detail, Invalid},
};

pub use compile::references;
pub use modern::modern;

/// How deep lists and objects may be nested, in data and in schemas; what is parsed from JSON text never goes beyond.
/// What walks them may therefore recurse.
const DEPTH: usize = 128;

/// A compiled schema.
pub struct Schema {
    name: String,
    validator: Validator,
    defaults: Defaults,
    /// What the validator was compiled from, for telling what a value should have been.
    sources: Arc<Sources>,
}

/// Schema documents by their URI (see [`compile::uri`]).
type Sources = HashMap<String, Value>;

/// Why a schema can't be compiled.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// There is no document of that name, though the schema refers to it, or is it.
    #[error("schema {name} not found.")]
    Missing { name: String },
    /// The document isn't a draft-4 schema.
    #[error("schema {name} is invalid: {reason}")]
    Invalid { name: String, reason: String },
}

impl Schema {
    /// Compiles the schema called `name`. `documents` has it and all it refers to, by name, as they are stored: `_id`,
    /// `_rev`, `id` and private members are passed over.
    pub fn compile(name: &str, documents: &HashMap<String, Arc<Object>>) -> Result<Self, SchemaError> {
        let sources = Arc::new(compile::sources(name, documents)?);
        let validator = compile::validator(name, &sources)?;
        let defaults = Defaults::new(name, &sources);
        Ok(Self { name: name.to_owned(), validator, defaults, sources })
    }

    /// What `data` becomes under the schema: without private members, with the schema's defaults behind its own
    /// members, and (unless `strict`) with numbers and booleans where they came as text.
    pub fn check(&self, mut data: Value, strict: bool) -> Result<Object, Invalid> {
        let Value::Object(object) = &mut data else { return Err(no_object(data)) };
        strip_private(object);
        self.defaults.fill(&self.sources, &mut data);
        if is_deeper_than(&data, DEPTH) {
            return Err(Invalid::one("", "invalid", "Value is nested too deeply"));
        }
        if !self.validator.is_valid(&data) {
            let errors: Vec<_> = self.validator.iter_errors(&data).collect();
            let conversions = if strict { Vec::new() } else { coerce::conversions(&errors) };
            if conversions.is_empty() {
                return Err(report::invalid(&errors, &self.sources));
            }
            drop(errors);
            coerce::apply(conversions, &mut data);
            if !self.validator.is_valid(&data) {
                let errors: Vec<_> = self.validator.iter_errors(&data).collect();
                return Err(report::invalid(&errors, &self.sources));
            }
        }
        match data {
            Value::Object(object) => Ok(object),
            other => Err(no_object(other)),
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.name)
    }
}

fn no_object(data: Value) -> Invalid {
    Invalid::one("", "type", Detail::new("Value did not match type(s): object").target("object").value(data))
}

fn is_deeper_than(value: &Value, depth: usize) -> bool {
    let Some(left) = depth.checked_sub(1) else { return value.is_array() || value.is_object() };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper_than(item, left)),
        Value::Object(members) => members.values().any(|member| is_deeper_than(member, left)),
        _ => false,
    }
}
