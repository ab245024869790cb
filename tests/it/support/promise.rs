//! The marketplace's description of its API as a promise: what isn't in it no test may meet.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};
use storefront::portal::http;

use super::client::Answer;

static API: LazyLock<Value> = LazyLock::new(http::describe);

/// Fails the test if a status, a type or a body isn't as described. Paths and verbs that aren't described are for tests to look
/// at themselves.
#[track_caller]
pub fn keeps(method: &str, path: &str, answer: &Answer) {
    let Some((name, item)) = find(path.split('?').next().unwrap()) else { return };
    let verb = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let Some(operation) = item.get(&verb) else { return };
    let told = &operation["responses"][answer.status.to_string()];
    let at = format!("{method} {path}: {}: {}", answer.status, answer.text());
    assert!(told.is_object(), "not described: {at}");
    let told = told["$ref"].as_str().map_or(told, |place| API.pointer(&place[1..]).unwrap());
    let Some(content) = told["content"].as_object() else {
        assert!(answer.body.is_empty(), "no body is described: {at}");
        return;
    };
    let content_type = answer.header("content-type").unwrap_or_default();
    let media = content.get(content_type.split(';').next().unwrap()).unwrap_or_else(|| panic!("{content_type}: {at}"));
    if let (Some(schema), "HEAD" | "GET" | "POST" | "PUT" | "PATCH" | "DELETE") = (media.get("schema"), method)
        && !answer.body.is_empty()
    {
        let body = answer.json();
        let validator = validator(&format!("{verb} {name} {}", answer.status), schema);
        let complaints: Vec<String> = validator.iter_errors(&body).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(complaints.is_empty(), "{}: {at}", complaints.join("; "));
    }
}

/// The path of the description that a request's is, and what stands there.
fn find(path: &str) -> Option<(&'static str, &'static Value)> {
    let asked: Vec<&str> = path.strip_prefix("/api/v1")?.split('/').collect();
    let fits = |pattern: &str| {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == asked.len() && parts.iter().zip(&asked).all(|(part, word)| part.starts_with('{') || part == word)
    };
    // What has fewer parameters is meant rather.
    let paths = API["paths"].as_object().unwrap().iter().filter(|(pattern, _)| fits(pattern));
    paths.min_by_key(|(pattern, _)| pattern.matches('{').count()).map(|(pattern, item)| (pattern.as_str(), item))
}

fn validator(name: &str, schema: &Value) -> Arc<Validator> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let make = || {
        let whole = json!({ "allOf": [schema], "components": API["components"] });
        Arc::new(jsonschema::validator_for(&whole).unwrap())
    };
    Arc::clone(KNOWN.lock().unwrap().entry(name.to_owned()).or_insert_with(make))
}
