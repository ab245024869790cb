//! What an endpoint answers: successes as it's described, errors by rule, as the order of checks has them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    super::{Access, Endpoint, Verb, describe::Gives, endpoint::Action},
    object, params,
    schemas::Schemas,
};
use crate::store::Object;

/// An error that operations share: status, name, what it means, whether it has a body.
pub type Shared = (u16, &'static str, &'static str, bool);

/// The errors that there are.
const ERRORS: [Shared; 13] = [
    (304, "NotModified", "The client has the current state already, by its `If-None-Match`", false),
    (400, "Invalid", "What was sent doesn't hold up: `data` says which members, and why", true),
    (401, "Unauthorized", "No token, or one that isn't valid; at a login, wrong credentials", true),
    (403, "Forbidden", "Whoever it is, this isn't for him", true),
    (
        404,
        "NotFound",
        "The path leads nowhere, or to something that isn't there; or a parameter of the query makes no sense",
        true,
    ),
    (405, "MethodNotAllowed", "The path exists, the verb (which `verb` in a body may replace) doesn't", true),
    (406, "NotAcceptable", "The client takes no type that this comes in", false),
    (409, "Conflict", "Something stands in the way: a document of that id, or that somebody else has changed meanwhile", true),
    (412, "PreconditionFailed", "`If-Match` or `If-None-Match` doesn't hold", false),
    (415, "UnsupportedMediaType", "The body's type isn't taken here", false),
    (429, "TooManyRequests", "The bucket of the client's address is empty", true),
    (500, "PassedThrough", "The marketplace refused or failed; `data` has its own words", true),
    (503, "Unavailable", "The store can't be reached, or lacks something", true),
];

/// Every error's answer, by its name.
pub fn errors() -> Object {
    shared(&ERRORS)
}

/// Answers by their names; a body is in the shape of the schema `Error`.
pub fn shared(errors: &[Shared]) -> Object {
    let answer = |&(_, name, about, has_body): &Shared| {
        let mut answer = json!({ "description": about });
        if has_body {
            answer["content"] = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
        }
        (name.to_owned(), answer)
    };
    errors.iter().map(answer).collect()
}

/// The answers of a verb.
pub fn of(endpoint: &Endpoint, verb: Verb, action: &Action, schemas: &mut Schemas) -> Value {
    let mut answers = Object::new();
    let status = if verb == Verb::Put { "201" } else { "200" };
    answers.insert(status.into(), success(verb, action, schemas));
    if !verb.writes() && matches!(action.description.gives, Gives::File(_)) {
        let mut part = success(verb, action, schemas);
        part["description"] = "The part that `Range` asks for".into();
        answers.insert("206".into(), part);
    }
    for status in failures(endpoint, verb, action) {
        if let Some((_, name, ..)) = ERRORS.iter().find(|(known, ..)| *known == status) {
            answers.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
    }
    answers.into()
}

/// The statuses of errors that a verb may be answered with.
fn failures(endpoint: &Endpoint, verb: Verb, action: &Action) -> BTreeSet<u16> {
    let description = &action.description;
    let is_public = action.access == Access::Public;
    let stores = verb.writes() && !description.only_asks;
    let rules = [
        // A body is read before anything else, whoever sends it.
        (400, true),
        (401, !is_public || endpoint.guards_login),
        (403, !is_public),
        (404, params(endpoint).next().is_some() || description.in_pages),
        (405, verb.writes()),
        (406, true),
        (304, !verb.writes()),
        (409, stores),
        (412, stores || !verb.writes()),
        (415, stores),
        // Basic authentication is a guess at a password, wherever it's tried.
        (429, true),
        (503, true),
    ];
    let derived = rules.into_iter().filter(|(_, applies)| *applies).map(|(status, _)| status);
    derived.chain(description.fails.iter().copied()).collect()
}

fn success(verb: Verb, action: &Action, schemas: &mut Schemas) -> Value {
    let description = match verb {
        Verb::Put => "Made",
        _ => "Done",
    };
    json!({ "description": description, "content": content(verb, &action.description.gives, schemas) })
}

fn content(verb: Verb, gives: &Gives, schemas: &mut Schemas) -> Object {
    let files = |types: &[&str]| -> Object { types.iter().map(|media_type| ((*media_type).to_owned(), json!({}))).collect() };
    let (mut content, data) = match gives {
        Gives::File(types) => return files(types),
        Gives::FileOr(types, members) => (files(types), Some(object(members))),
        Gives::Unsaid | Gives::Nothing => (Object::new(), None),
        Gives::Anything => (Object::new(), Some(json!({ "type": "object" }))),
        Gives::Document(name) => (Object::new(), Some(schemas.document(name))),
        Gives::Documents(name) => (Object::new(), Some(json!({ "type": "array", "items": schemas.document(name) }))),
        Gives::Members(members) => (Object::new(), Some(object(members))),
        Gives::List(members) => (Object::new(), Some(json!({ "type": "array", "items": object(members) }))),
        Gives::Texts => (Object::new(), Some(json!({ "type": "array", "items": { "type": "string" } }))),
        Gives::Text => (Object::new(), Some(json!({ "type": "string" }))),
    };
    let mut whole = vec![json!({ "$ref": "#/components/schemas/Envelope" })];
    whole.extend(data.map(|data| json!({ "type": "object", "properties": { "data": data } })));
    let schema = if let [only] = whole.as_slice() { only.clone() } else { json!({ "allOf": whole }) };
    content.shift_insert(0, "application/json".into(), json!({ "schema": schema }));
    if !verb.writes() && !matches!(gives, Gives::FileOr(..)) {
        content.insert("text/csv".into(), json!({ "schema": { "type": "string" } }));
    }
    content
}
