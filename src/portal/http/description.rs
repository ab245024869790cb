//! The API in the words of OpenAPI 3.1, made of the table of endpoints and the types of their handlers.

use std::collections::BTreeMap;

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{callers::TOKENS, endpoint::Endpoint, operation::Operation};
use crate::{http::openapi, portal::BASE};

const INTRODUCTION: &str = "What the marketplace's pages can do, for programs; clusters fetch their apps through it. Times are \
                            Unix times in seconds, prices in the currency's smallest unit. Whatever is asked by GET can be \
                            asked by HEAD; a verb that a path doesn't have is 405, and `Allow` says which it has.";

/// What the first word of a path is about.
const NOUNS: [(&str, &str); 14] = [
    ("session", "Logging in and out"),
    ("identity_apis", "Where customers are known"),
    ("me", "The customer himself"),
    ("account", "The customer's account, and its cluster"),
    ("kazoo_versions", "Versions of Kazoo"),
    ("solutions", "Labels of apps"),
    ("categories", "Labels of apps"),
    ("collections", "Labels of apps"),
    ("listings", "What is on sale"),
    ("orders", "Buying"),
    ("subscriptions", "What was bought"),
    ("connector", "The cluster's side: linking it, fetching what was bought"),
    ("vendor", "For vendors: their listings"),
    ("staff", "For the operator's staff"),
];

/// What stands in the place of a path's parameters.
const PARAMS: [(&str, &str); 5] = [
    ("slug", "The listing's name in addresses"),
    ("id", "The id by which the list knows it"),
    ("number", "A screenshot's place, from 1"),
    ("action", "What is to be done"),
    ("verdict", "What is decided"),
];

/// The errors that there are.
const ERRORS: [openapi::Shared; 12] = [
    (304, "NotModified", "The client has the current state already, by its `If-None-Match`", false),
    (400, "Invalid", "What was sent doesn't hold up: `errors` says which members, and why", true),
    (401, "Unauthorized", "No token, or one that isn't good; at a login, wrong credentials", true),
    (403, "Forbidden", "Whoever it is may not; `reason` says why", true),
    (404, "NotFound", "It isn't there, or isn't the client's", true),
    (409, "Conflict", "Things aren't as they would have to be; `reason` says how", true),
    (412, "NotYet", "Something has to be done first: `reasons`; or `If-Match` doesn't hold", true),
    (413, "TooLarge", "The body is too large", true),
    (422, "Unprocessable", "It's understood, and can't be; `reason` says why", true),
    (429, "TooManyRequests", "Too many attempts; `Retry-After` says when to try again", true),
    (502, "LoginService", "The API that customers log in by doesn't answer as it should", true),
    (503, "Unavailable", "The marketplace's database can't be reached", true),
];

/// Describes a table of endpoints.
pub fn document(endpoints: &[Endpoint]) -> Value {
    let mut schemas = SchemaSettings::draft2020_12().for_serialize().with(component).into_generator();
    let mut sent = SchemaSettings::draft2020_12().for_deserialize().with(inline).into_generator();
    let mut paths = Map::new();
    for endpoint in endpoints {
        let path = Path::of(endpoint.path);
        let item = paths.entry(path.name.clone()).or_insert_with(|| path.item());
        item[endpoint.method.as_str().to_lowercase()] = operation(endpoint, &path, &mut schemas, &mut sent);
    }
    let mut components = schemas.take_definitions(true);
    components.insert("Error".into(), error());
    let about = |(name, about): (&str, &str)| json!({ "name": name, "description": about });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Storefront's marketplace",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": INTRODUCTION,
        },
        "servers": [{ "url": BASE }],
        "security": [],
        "tags": NOUNS.map(about),
        "paths": paths,
        "components": { "securitySchemes": tokens(), "responses": openapi::shared(&ERRORS), "schemas": components },
    })
}

fn component(settings: &mut SchemaSettings) {
    settings.meta_schema = None;
    settings.definitions_path = "#/components/schemas".into();
}

/// What is sent is described where it's used: what has to be said there and what may be missing is another matter.
fn inline(settings: &mut SchemaSettings) {
    settings.meta_schema = None;
    settings.inline_subschemas = true;
}

/// A path and its parameters; those that take certain words only, with these.
struct Path<'a> {
    name: String,
    params: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Path<'a> {
    /// As the table has it: `{verdict:approve|reject}` is a parameter `verdict`.
    fn of(pattern: &'a str) -> Self {
        let param = |part: &'a str| part.strip_prefix('{')?.strip_suffix('}');
        let split = |param: &'a str| {
            param.split_once(':').map_or((param, Vec::new()), |(name, words)| (name, words.split('|').collect()))
        };
        let params: Vec<_> = pattern.split('/').filter_map(param).map(split).collect();
        let plain = |part: &'a str| match param(part).map(split) {
            Some((name, _)) => format!("{{{name}}}"),
            None => part.to_owned(),
        };
        Self { name: pattern.split('/').map(plain).collect::<Vec<_>>().join("/"), params }
    }

    fn item(&self) -> Value {
        let parameters: Vec<Value> = self
            .params
            .iter()
            .map(|(name, words)| {
                let about = PARAMS.iter().find(|(known, _)| known == name).map_or("", |(_, about)| about);
                let schema =
                    if words.is_empty() { json!({ "type": "string", "minLength": 1 }) } else { json!({ "enum": words }) };
                json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema })
            })
            .collect();
        if parameters.is_empty() { json!({}) } else { json!({ "parameters": parameters }) }
    }

    fn noun(&self) -> &str {
        self.name.split('/').nth(1).unwrap_or_default()
    }

    /// A name for what is done here by a verb.
    fn operation(&self, verb: &str) -> String {
        let words = self.name.split(['/', '{', '}']).filter(|word| !word.is_empty());
        [verb].into_iter().chain(words).collect::<Vec<_>>().join("_")
    }
}

fn operation(endpoint: &Endpoint, path: &Path<'_>, schemas: &mut SchemaGenerator, sent: &mut SchemaGenerator) -> Value {
    let mut said = Operation::new(schemas, sent);
    endpoint.describe(&mut said);
    let verb = endpoint.method.as_str().to_lowercase();
    let mut operation = json!({
        "tags": [path.noun()],
        "operationId": path.operation(&verb),
        "summary": endpoint.about,
        "description": format!("Who may: {}.", who(said.caller)),
    });
    if let Some(caller) = said.caller {
        operation["security"] = json!([{ caller: [] }]);
    }
    if !said.params.is_empty() {
        operation["parameters"] = said.params.into();
    }
    if let Some(body) = said.body {
        operation["requestBody"] = body;
    }
    let errors = ERRORS.iter().filter(|(status, ..)| said.errors.contains(status));
    let refer = |name| json!({ "$ref": format!("#/components/responses/{name}") });
    let answers: BTreeMap<u16, Value> =
        said.answers.into_iter().chain(errors.map(|(status, name, ..)| (*status, refer(name)))).collect();
    operation["responses"] = answers.into_iter().map(|(status, answer)| (status.to_string(), answer)).collect();
    operation
}

fn who(caller: Option<&str>) -> &'static str {
    TOKENS.iter().find(|(name, ..)| Some(*name) == caller).map_or("anybody", |(_, who, _)| who)
}

fn tokens() -> Value {
    let scheme = |(name, _, about): (&str, &str, &str)| {
        (name.to_owned(), json!({ "type": "http", "scheme": "bearer", "description": about }))
    };
    TOKENS.map(scheme).into_iter().collect()
}

fn error() -> Value {
    json!({
        "description": "What went wrong",
        "type": "object",
        "properties": {
            "message": { "type": "string", "description": "In words" },
            "reason": { "type": "string", "description": "In a word, for programs" },
            "reasons": { "type": "array", "items": { "type": "string" }, "description": "All that has to be done first" },
            "errors": {
                "type": "object", "additionalProperties": { "type": "string" },
                "description": "A complaint for each member that doesn't hold up",
            },
        },
        "required": ["message"],
    })
}
