//! The API's description of itself: whole, true to the table of endpoints, and there to be read.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use storefront::{
    api,
    http::{
        Verb,
        describe::{Gives, Takes},
    },
    portal,
};

use crate::support::{client::Api, marketplace::Market, process, process::Server, upstream::Upstream, world::World};

on_every_world! { the_description_is_served_for_programs_and_for_people }

fn described() -> Value {
    api::describe(api::routes(true).endpoints())
}

fn marketplace() -> Value {
    portal::http::describe()
}

#[test]
fn the_descriptions_that_are_kept_are_those_that_are_generated() {
    for (file, command) in [("docs/openapi.yaml", "openapi"), ("docs/openapi-marketplace.yaml", "openapi --marketplace")] {
        let kept = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap_or_default();
        let generated = process::run(command.split(' ')).ok();
        let differs = kept.lines().zip(generated.lines()).position(|(kept, generated)| kept != generated);
        let line = differs.unwrap_or(kept.lines().count().min(generated.lines().count())) + 1;
        assert!(kept == generated, "{file} differs from line {line} on; write it anew: cargo run -- {command} > {file}");
    }
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
fn what_the_descriptions_refer_to_is_there_and_makes_sense() {
    makes_sense(&described(), 150);
    makes_sense(&marketplace(), 55);
}

fn makes_sense(api: &Value, operations: usize) {
    let mut names = BTreeSet::new();
    for operation in api["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values()) {
        if let Some(name) = operation["operationId"].as_str() {
            assert!(names.insert(name), "two operations are called {name}");
        }
    }
    assert!(names.len() > operations, "{}", names.len());
    let mut stack = vec![api];
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

/// Bodies and statuses of the marketplace are looked at by its client, whatever a test asks (`support::promise`).
#[test]
fn every_endpoint_of_the_marketplace_says_what_it_does_and_for_whom() {
    let api = marketplace();
    let known = |member: &str, name: &str| api[member].as_array().unwrap().iter().any(|one| one["name"] == name);
    for (path, item) in api["paths"].as_object().unwrap() {
        for param in item["parameters"].as_array().into_iter().flatten() {
            assert_ne!(param["description"], "", "{path}: {param}");
        }
        for (verb, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            let summary = operation["summary"].as_str().unwrap();
            assert!(!summary.is_empty() && !summary.ends_with('.'), "{verb} {path}");
            assert!(known("tags", operation["tags"][0].as_str().unwrap()), "{verb} {path}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "{verb} {path} gives nothing");
            let is_open = operation["security"].is_null();
            assert!(is_open || answers.contains_key("401"), "{verb} {path} isn't open, and refuses nobody");
            for param in operation["parameters"].as_array().into_iter().flatten() {
                assert!(param["description"].as_str().is_some_and(|about| !about.is_empty()), "{verb} {path}: {param}");
            }
        }
    }
    let who = |verb: &str, path: &str| {
        api["paths"][path][verb]["security"][0].as_object().map(|who| who.keys().next().unwrap().as_str())
    };
    assert_eq!(who("get", "/listings"), None);
    assert_eq!(who("post", "/orders"), Some("customer"));
    assert_eq!(who("get", "/connector/deliveries"), Some("cluster"));
    assert_eq!(who("put", "/vendor/listings/{slug}/icon"), Some("vendor"));
    assert_eq!(who("post", "/staff/refunds/{id}/{verdict}"), Some("staff"));
}

async fn the_description_is_served_for_programs_and_for_people(world: World) {
    let market = Market::on(world);
    shown(&market.world.api, "", api::routes(true).endpoints().count()).await;
    shown(&Api::new(market.api.url().to_owned()), "/api/v1", marketplace()["paths"].as_object().unwrap().len()).await;

    // Before a Kazoo they speak of what is answered here.
    let upstream = Upstream::echoing().await;
    let flags = ["--no-cache", "--upstream", &upstream.url, "--forward-nouns", "users"];
    let server = Server::serve_with(&market.world.store, &flags);
    let before = Api::new(server.url());
    let answer = before.get("/openapi.json").await.is(200);
    assert_eq!(answer.header("x-upstream"), None);
    let paths = answer.json()["paths"].as_object().unwrap().clone();
    assert!(paths.contains_key("/accounts/{account}") && !paths.contains_key("/accounts/{account}/users"), "{:?}", paths.keys());
    assert_eq!(before.get("/docs").await.is(200).header("x-upstream"), None);
}

async fn shown(api: &Api, base: &str, paths: usize) {
    let json = api.get(&format!("{base}/openapi.json")).await.is(200);
    assert_eq!(json.header("content-type"), Some("application/json"));
    assert_eq!(json.header("access-control-allow-origin"), Some("*"));
    let tag = json.header("etag").unwrap();
    api.with("if-none-match", tag).get(&format!("{base}/openapi.json")).await.is(304);
    let page = api.get(&format!("{base}/docs")).await.is(200);
    let api = json.json();
    assert_eq!(api["openapi"], "3.1.0");
    assert_eq!(api["paths"].as_object().unwrap().len(), paths);

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
}
