//! The API's description of itself: whole, true to the table of endpoints, and there to be read.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use storefront::{
    api,
    http::{
        Verb,
        describe::{Gives, Takes},
    },
};

use crate::support::{client::Api, process, process::Server, upstream::Upstream, world::World};

on_every_world! { the_description_is_served_for_programs_and_for_people }

const KEPT: &str = "docs/openapi.yaml";

fn described() -> Value {
    api::describe(api::routes(true).endpoints())
}

#[test]
fn the_description_that_is_kept_is_the_one_that_is_generated() {
    let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(KEPT)).unwrap_or_default();
    let generated = process::run(["openapi"]).ok();
    let differs = kept.lines().zip(generated.lines()).position(|(kept, generated)| kept != generated);
    let line = differs.unwrap_or(kept.lines().count().min(generated.lines().count())) + 1;
    assert!(kept == generated, "{KEPT} differs from line {line} on; write it anew: cargo run -- openapi > {KEPT}");
}

#[test]
fn every_endpoint_says_what_it_does_takes_and_gives() {
    let guide = &api::description::GUIDE;
    let routes = api::routes(true);
    let mut complaints = Vec::new();
    for endpoint in routes.endpoints() {
        for verb in endpoint.verbs() {
            let said = endpoint.action(verb).unwrap().description;
            let mut complain = |what: &str| complaints.push(format!("{} {}: {what}", verb.as_str(), endpoint.path));
            if said.summary.is_empty() || said.summary.ends_with('.') {
                complain("the summary isn't a sentence without its full stop");
            }
            let has_body = matches!(verb, Verb::Put | Verb::Post | Verb::Patch);
            if has_body == (said.takes == Takes::Unsaid) {
                complain("it has to say what it takes, if it has a body and only then");
            }
            if said.gives == Gives::Unsaid {
                complain("it doesn't say what it gives");
            }
            let gives_file = matches!(said.gives, Gives::File(_) | Gives::FileOr(..));
            if gives_file != (endpoint.provides_file && verb == Verb::Get) {
                complain("it gives a file, or doesn't, other than the endpoint says");
            }
        }
        let params = endpoint.path.split('/').filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'));
        let unknown = params.filter(|name| !guide.params.iter().any(|param| param.name == *name));
        complaints.extend(unknown.map(|name| format!("{}: the guide doesn't know {{{name}}}", endpoint.path)));
        if !guide.nouns.iter().any(|(noun, _)| *noun == endpoint.noun) {
            complaints.push(format!("the guide doesn't know the noun {}", endpoint.noun));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn what_the_description_refers_to_is_there_and_makes_sense() {
    let api = described();
    let mut names = BTreeSet::new();
    for operation in api["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values()) {
        if let Some(name) = operation["operationId"].as_str() {
            assert!(names.insert(name), "two operations are called {name}");
        }
    }
    assert!(names.len() > 150, "{}", names.len());
    let mut stack = vec![&api];
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(members) => stack.extend(members.values()),
            Value::Array(members) => stack.extend(members),
            _ => {}
        }
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let place = reference.strip_prefix('#').unwrap();
            assert!(api.pointer(place).is_some(), "{reference} leads nowhere");
        }
    }
    for (name, schema) in api["components"]["schemas"].as_object().unwrap() {
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            panic!("{name} is no schema: {error} at {}", error.instance_path());
        }
    }
}

#[test]
fn statuses_follow_from_what_an_endpoint_is() {
    let api = described();
    let statuses = |verb: &str, path: &str| {
        let answers = &api["paths"][path][verb]["responses"];
        answers.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    let (user, login, schemas) = ("/accounts/{account}/users/{user}", "/user_auth", "/schemas");
    assert_eq!(statuses("get", user), "200 304 400 401 403 404 406 412 429 503");
    assert_eq!(statuses("patch", user), "200 400 401 403 404 405 406 409 412 415 429 503");
    assert_eq!(statuses("put", login), "201 400 401 405 406 429 503");
    assert_eq!(statuses("get", schemas), "200 304 400 406 412 429 503");
    assert_eq!(api["paths"][login]["put"]["security"], json!([]));
    assert_eq!(api["paths"][user]["get"]["security"], Value::Null);
    let body = &api["paths"][user]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["properties"]["data"]["$ref"], "#/components/schemas/users");
}

async fn the_description_is_served_for_programs_and_for_people(world: World) {
    let json = world.api.get("/openapi.json").await.is(200);
    assert_eq!(json.header("content-type"), Some("application/json"));
    assert_eq!(json.header("access-control-allow-origin"), Some("*"));
    let tag = json.header("etag").unwrap();
    world.api.with("if-none-match", tag).get("/openapi.json").await.is(304);
    let api = json.json();
    assert_eq!(api["openapi"], "3.1.0");
    assert_eq!(api["paths"].as_object().unwrap().len(), api::routes(true).endpoints().count());

    let page = world.api.get("/docs").await.is(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    let html = page.text();
    for path in api["paths"].as_object().unwrap().keys() {
        assert!(html.contains(&format!("<code>{path}</code>")), "{path}");
    }
    for elsewhere in ["<script", "src=", "http://", "https://", "url(", "@import"] {
        assert!(!html.contains(elsewhere), "{elsewhere}");
    }

    // Before a Kazoo they speak of what is answered here.
    let upstream = Upstream::echoing().await;
    let flags = ["--no-cache", "--upstream", &upstream.url, "--forward-nouns", "users"];
    let server = Server::serve_with(&world.store, &flags);
    let before = Api::new(server.url());
    let answer = before.get("/openapi.json").await.is(200);
    assert_eq!(answer.header("x-upstream"), None);
    let paths = answer.json()["paths"].as_object().unwrap().clone();
    assert!(paths.contains_key("/accounts/{account}") && !paths.contains_key("/accounts/{account}/users"), "{:?}", paths.keys());
    assert_eq!(before.get("/docs").await.is(200).header("x-upstream"), None);
}
