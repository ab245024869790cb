//! The API's description in the words of OpenAPI 3.1, made of the table of endpoints.
//!
//! Everything that the table knows is told from it, and what follows from the order of checks is derived by rule
//! (`answers`); only texts come from elsewhere: those on the endpoints themselves, and a [`Guide`].

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Access, Endpoint, Verb,
    describe::{Description, Kind, Member, Takes},
    endpoint::Action,
};
use crate::store::Object;

mod answers;
mod schemas;

pub use answers::{Shared, shared};
use schemas::Schemas;

/// The texts of a description that are no endpoint's.
pub struct Guide {
    pub title: &'static str,
    /// What everybody has to know, in CommonMark.
    pub introduction: &'static str,
    /// What each noun is about.
    pub nouns: &'static [(&'static str, &'static str)],
    /// What stands in the place of each parameter of a path.
    pub params: &'static [Param],
}

/// What stands in the place of a parameter of a path.
pub struct Param {
    pub name: &'static str,
    pub about: &'static str,
    /// What it looks like, where it has to look like something.
    pub pattern: Option<&'static str>,
}

/// Describes endpoints, in the order in which they come.
pub fn document<'a>(endpoints: impl Iterator<Item = &'a Endpoint>, guide: &Guide) -> Value {
    let mut schemas = Schemas::default();
    let (mut paths, mut nouns, mut parameters) = (Object::new(), BTreeMap::new(), paging());
    for endpoint in endpoints {
        paths.insert(format!("/{}", endpoint.path), path(endpoint, &mut schemas));
        parameters.extend(params(endpoint).map(|name| (name.to_owned(), param(name, guide))));
        nouns.insert(endpoint.noun, about(guide, endpoint.noun));
    }
    let tags: Vec<Value> = nouns.iter().map(|(noun, about)| json!({ "name": noun, "description": about })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": guide.title,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": guide.introduction,
        },
        "servers": [{ "url": "/v2" }],
        "security": [{ "token": [] }, { "token_in_query": [] }, { "bearer": [] }, { "basic": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "apiKey", "in": "header", "name": "X-Auth-Token", "description": "A token that a login gave" },
                "token_in_query": { "type": "apiKey", "in": "query", "name": "auth_token", "description": "The same, for links" },
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The same" },
                "basic": {
                    "type": "http", "scheme": "basic",
                    "description": "An account's id and the MD5 of `user:password`. A wrong guess costs as much as at a login",
                },
            },
            "parameters": parameters,
            "responses": answers::errors(),
            "schemas": schemas.into_components(),
        },
    })
}

fn about(guide: &Guide, noun: &str) -> &'static str {
    guide.nouns.iter().find(|(name, _)| *name == noun).map_or("", |(_, about)| about)
}

/// A path: its parameters, and an operation for each verb.
fn path(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut item = Object::new();
    let params: Vec<Value> = params(endpoint).map(parameter).collect();
    if !params.is_empty() {
        item.insert("parameters".into(), params.into());
    }
    for verb in endpoint.verbs() {
        if let Some(action) = endpoint.action(verb) {
            item.insert(verb.as_str().to_lowercase(), operation(endpoint, verb, &action, schemas));
        }
    }
    item.into()
}

/// The names of the parameters in a path.
fn params(endpoint: &Endpoint) -> impl Iterator<Item = &'static str> {
    endpoint.path.split('/').filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'))
}

/// One of the parameters that are described once for all.
fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

fn param(name: &str, guide: &Guide) -> Value {
    let known = guide.params.iter().find(|param| param.name == name);
    let mut schema = json!({ "type": "string", "minLength": 1 });
    if let Some(pattern) = known.and_then(|param| param.pattern) {
        schema = json!({ "type": "string", "pattern": pattern });
    }
    let about = known.map_or("", |param| param.about);
    json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema })
}

fn operation(endpoint: &Endpoint, verb: Verb, action: &Action, schemas: &mut Schemas) -> Value {
    let description = &action.description;
    let who = if description.only.is_empty() { who(endpoint, action.access) } else { description.only };
    let who = format!("Who may: {who}.");
    let told = if description.note.is_empty() { who } else { format!("{}\n\n{who}", description.note) };
    let mut operation = Object::from_iter([
        ("tags".to_owned(), json!([endpoint.noun])),
        ("operationId".to_owned(), name(endpoint, verb).into()),
        ("summary".to_owned(), description.summary.into()),
        ("description".to_owned(), told.into()),
        ("x-access".to_owned(), word(action.access).into()),
    ]);
    if action.access == Access::Public {
        operation.insert("security".into(), json!([]));
    }
    let query = query(description);
    if !query.is_empty() {
        operation.insert("parameters".into(), query.into());
    }
    if let Some(body) = body(endpoint, description, schemas) {
        operation.insert("requestBody".into(), body);
    }
    operation.insert("responses".into(), answers::of(endpoint, verb, action, schemas));
    operation.into()
}

/// `PUT accounts/{account}/users` is `put_accounts_account_users`.
fn name(endpoint: &Endpoint, verb: Verb) -> String {
    format!("{}_{}", verb.as_str().to_lowercase(), endpoint.path.replace('/', "_").replace(['{', '}'], ""))
}

/// Whether the path names an account that the caller could reach.
fn names_account(endpoint: &Endpoint) -> bool {
    params(endpoint).any(|name| name == "account")
}

/// Who may, for programs.
fn word(access: Access) -> &'static str {
    match access {
        Access::Public => "public",
        Access::Token => "token",
        Access::Account => "account",
        Access::Admin => "admin",
        Access::Oneself => "oneself",
        Access::AdminAlways => "admin_always",
        Access::Reseller => "reseller",
        Access::Superduper => "superduper",
    }
}

/// Who may, in words.
fn who(endpoint: &Endpoint, access: Access) -> &'static str {
    match (access, names_account(endpoint)) {
        (Access::Public, _) => "anybody",
        (Access::Token, _) => "whoever has a valid token",
        (Access::Account, true) => "the account's users, and those of the accounts above it",
        (Access::Account, false) => "the users of a superduper admin's account",
        (Access::Admin | Access::AdminAlways, true) => "the account's admins, and those of the accounts above it",
        (Access::Admin | Access::AdminAlways, false) => "the admins of a superduper admin's account",
        (Access::Oneself, _) => "the account's admins, those of the accounts above it, and the user in the path",
        (Access::Reseller, _) => "the account's admins, and those of the accounts above it, in a reseller's account",
        (Access::Superduper, _) => "superduper admins",
    }
}

fn query(description: &Description) -> Vec<Value> {
    let named = description.query.iter().map(|member| {
        let mut parameter = json!({ "name": member.name, "in": "query", "description": member.about, "schema": kind(member) });
        if member.is_required {
            parameter["required"] = true.into();
        }
        parameter
    });
    let paging = paging();
    let shared = paging.keys().filter(|_| description.in_pages);
    named.chain(shared.map(|name| parameter(name))).collect()
}

/// The parameters of every list that comes in pages.
fn paging() -> Object {
    let parameter = |name: &str, about: &str, schema: Value| {
        (name.to_owned(), json!({ "name": name, "in": "query", "description": about, "schema": schema }))
    };
    let text = || json!({ "type": "string" });
    let time = || json!({ "type": "integer", "minimum": 0 });
    Object::from_iter([
        parameter("page_size", "Rows on a page", json!({ "type": "integer", "minimum": 1 })),
        parameter("start_key", "Where the page begins: the former page's `next_start_key`", text()),
        parameter("paginate", "`false`: everything on one page", json!({ "type": "boolean" })),
        parameter("ascending", "Whether the list runs the other way round", json!({ "type": "boolean" })),
        parameter("has_key", "Only documents that have this member; of nested ones the path, with dots", text()),
        parameter("key_missing", "Only documents that don't have this member", text()),
        parameter("has_value", "Only documents in which this member isn't empty", text()),
        parameter("value_missing", "Only documents in which this member is missing or empty", text()),
        parameter("created_from", "Only documents made since, in gregorian seconds", time()),
        parameter("created_to", "Only documents made until then", time()),
        parameter("modified_from", "Only documents changed since", time()),
        parameter("modified_to", "Only documents changed until then", time()),
        (
            "filter".to_owned(),
            json!({
                "name": "filter",
                "in": "query",
                "description": "`filter_KEY=VALUE`, `filter_not_KEY=VALUE`: only documents of which a member has a value, or hasn't",
                "style": "form",
                "explode": true,
                "schema": {
                    "type": "object",
                    "patternProperties": { "^filter_": { "type": "string" } },
                    "additionalProperties": false,
                },
            }),
        ),
    ])
}

/// What is to be sent; `None`: nothing.
fn body(endpoint: &Endpoint, description: &Description, schemas: &mut Schemas) -> Option<Value> {
    let data = match description.takes {
        Takes::Unsaid | Takes::Nothing => return None,
        Takes::Anything => json!({ "type": "object" }),
        Takes::Schema(name) => schemas.reference(name),
        Takes::PartOf(name) => schemas.part(name),
        Takes::Members(members) => object(members),
        Takes::File => {
            let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
            let several = json!({ "schema": { "type": "object", "properties": { "file": file }, "required": ["file"] } });
            let mut content: Object = endpoint.consumes.iter().map(|media_type| ((*media_type).to_owned(), json!({}))).collect();
            content.insert("multipart/form-data".into(), several);
            return Some(json!({ "required": true, "content": content }));
        }
    };
    let schema = json!({ "type": "object", "properties": { "data": data }, "required": ["data"] });
    Some(json!({ "required": true, "content": { "application/json": { "schema": schema } } }))
}

/// The schema of an object with these members.
fn object(members: &[Member]) -> Value {
    let properties: Object = members
        .iter()
        .map(|member| {
            let mut schema = kind(member);
            schema["description"] = member.about.into();
            (member.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = members.iter().filter(|member| member.is_required).map(|member| member.name).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn kind(member: &Member) -> Value {
    match member.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Object => json!({ "type": "object" }),
        Kind::List => json!({ "type": "array", "items": {} }),
    }
}
