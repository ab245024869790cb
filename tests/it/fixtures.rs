//! The data files: schemas, views, the expected DNS records and the demo apps.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a data file that can't be read fails its test")]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use jsonschema::{Draft, Retrieve, Uri, Validator};
use rquickjs::{CatchResultExt, Context, Runtime};
use serde_json::{Value, json};

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}

/// The name of a file without `.json`.
fn stem(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap().strip_suffix(".json").unwrap()
}

fn schemas() -> Vec<(String, Value)> {
    entries(&path("fixtures/schemas")).iter().map(|file| (stem(file).to_owned(), read(file))).collect()
}

/// Every design document: where it's kept (`accounts/search`) and its content.
fn designs() -> Vec<(String, Value)> {
    let folders = entries(&path("couch_views")).into_iter().filter(|entry| entry.is_dir());
    let files = folders.flat_map(|folder| {
        let kind = folder.file_name().unwrap().to_str().unwrap().to_owned();
        entries(&folder).into_iter().map(move |file| (format!("{kind}/{}", stem(&file)), read(&file)))
    });
    files.collect()
}

/// Calls `look` on every object inside `value`, itself included.
fn each_object(value: &Value, look: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            look(object);
            object.values().for_each(|inner| each_object(inner, look));
        }
        Value::Array(items) => items.iter().for_each(|inner| each_object(inner, look)),
        _ => {}
    }
}

/// Finds the schema files that others refer to by their bare names.
struct Files;

impl Retrieve for Files {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let name = uri.path().as_str().trim_start_matches('/');
        Ok(read(&path(&format!("fixtures/schemas/{name}.json"))))
    }
}

fn validator(name: &str) -> Validator {
    let schema = read(&path(&format!("fixtures/schemas/{name}.json")));
    let options = jsonschema::options().with_draft(Draft::Draft4).with_base_uri("schema:///").with_retriever(Files);
    // Kazoo doesn't check "uri": a host name will do where a schema says so.
    options.should_validate_formats(false).build(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_schema_says_its_draft_and_bears_the_name_of_its_file() {
    for (name, schema) in schemas() {
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-04/schema#", "{name}");
        assert_eq!(schema["_id"], name);
        assert!(schema["description"].is_string(), "{name}");
        jsonschema::draft4::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_schema_refers_only_to_schemas_that_exist() {
    for (name, schema) in schemas() {
        each_object(&schema, &mut |object| {
            if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                assert!(path(&format!("fixtures/schemas/{target}.json")).is_file(), "{name} refers to {target}");
            }
        });
        validator(&name);
    }
}

#[test]
fn a_schema_describes_every_property() {
    for (name, schema) in schemas() {
        each_object(&schema, &mut |object| {
            for (key, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let text = property["description"].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{name}: {key}");
            }
        });
    }
}

#[test]
fn schemas_take_what_clients_send_and_refuse_what_kazoo_refuses() {
    let cases = [
        ("accounts", json!({"name": "Blue Fox", "custom": {"deep": [1]}}), true),
        ("accounts", json!({"name": "Blue Fox", "realm": "blue-fox.example.org"}), true),
        ("accounts", json!({"realm": "bluefox.example.org"}), false),
        ("accounts", json!({"name": "Blue Fox", "realm": "no realm"}), false),
        ("accounts", json!({"name": "Blue Fox", "call_recording": {"account": {"any": {"any": {"time_limit": 4}}}}}), false),
        ("accounts", json!({"name": "Blue Fox", "formatters": {"e164": {"regex": "(.+)"}, "to": [{"strip": true}]}}), true),
        ("accounts", json!({"name": "Blue Fox", "formatters": {"e164": {"strip": "no"}}}), false),
        ("users", json!({"first_name": "Jane", "last_name": "Doe", "ui_metadata": {"ui": "monster-ui"}}), true),
        ("users", json!({"first_name": "Jane", "last_name": "Doe", "media": {"audio": {"codecs": ["PCMA", "PCMA"]}}}), false),
        ("users", json!({"first_name": "Jane", "last_name": "Doe", "metaflows": {"numbers": {"1": {}}}}), false),
        ("users", json!({"first_name": "Jane", "last_name": "Doe", "username": "jane+1@example.org"}), true),
        ("user_auth", json!({"credentials": "0123", "account_name": "Blue Fox"}), true),
        ("user_auth", json!({"credentials": "0123", "method": "plain"}), false),
        ("user_auth_recovery_reset", json!({"reset_id": "abcdef"}), false),
        ("api_auth", json!({"api_key": "a".repeat(64), "more": 1}), false),
        ("whitelabel", json!({"domain": "portal.example.org", "port": {"authority": ["a", "b"]}}), true),
        ("whitelabel", json!({"domain": 5}), false),
        ("domains", json!({"CNAME": {"api.example.org": {"name": "API", "mapping": ["a"]}}}), false),
        ("domains", json!({"CNAME": {"api.{{domain}}": {"name": "API", "mapping": []}}}), false),
        ("application_entitlement", json!({"type": "specific", "users": ["a"]}), true),
        ("application_entitlement", json!({"users": ["a"]}), false),
        ("application_blocklist", json!({}), true),
        ("application_blocklist", json!({"app_id": 5}), false),
        ("applications", json!({"name": "one", "type": "ui", "author": "Us", "license": "MPL", "version": "1"}), true),
        ("applications", json!({"name": "one", "author": "Us", "license": "MPL", "version": "1"}), false),
        ("app_whitelabel", json!({"i18n": {"en-US": {"label": "Customers", "description": "Ours"}}}), true),
        ("app_whitelabel", json!({"i18n": {"en-US": {"label": "Customers"}}}), false),
        ("app_whitelabel", json!({"screenshots": "a.png"}), false),
    ];
    for (schema, document, right) in cases {
        assert_eq!(validator(schema).is_valid(&document), right, "{schema}: {document}");
    }
}

#[test]
fn the_expected_dns_records_satisfy_their_schema() {
    let domains = read(&path("fixtures/domains.json"));
    validator("domains").validate(&domains).unwrap();
    for (kind, hosts) in domains.as_object().unwrap() {
        validator("domain_hosts").validate(hosts).unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}

#[test]
fn a_design_document_bears_the_name_of_its_file_and_has_views_in_javascript() {
    for (place, design) in designs() {
        let (_, name) = place.split_once('/').unwrap();
        assert_eq!(design["_id"], format!("_design/{name}"), "{place}");
        assert_eq!(design["language"], "javascript", "{place}");
        for (view, parts) in design["views"].as_object().unwrap() {
            let map = parts["map"].as_array().unwrap();
            assert!(map.iter().all(Value::is_string), "{place}/{view}");
            assert!(parts.as_object().unwrap().keys().all(|key| key == "map" || key == "reduce"), "{place}/{view}");
        }
    }
}

#[test]
fn maintenance_views_are_the_same_in_every_kind_of_database() {
    let copies: Vec<_> = designs().into_iter().filter(|(place, _)| place.ends_with("/maintenance")).collect();
    assert!(copies.windows(2).all(|pair| pair[0].1 == pair[1].1));
}

/// Runs every map over `document`, which it may not change, and returns what went wrong.
fn run_maps(document: &Value) -> Vec<String> {
    let context = Context::full(&Runtime::new().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (place, design) in designs() {
        for (view, parts) in design["views"].as_object().unwrap() {
            let lines: Vec<_> = parts["map"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            let script = format!(
                "(function() {{
                   'use strict';
                   function freeze(o) {{ if (o && typeof o === 'object') {{ Object.values(o).forEach(freeze); Object.freeze(o); }} return o; }}
                   var rows = [];
                   function emit(key, value) {{ rows.push([key, value]); }}
                   ({map})(freeze({document}));
                   return JSON.stringify(rows);
                 }})()",
                map = lines.join("\n")
            );
            context.with(|ctx| {
                if let Err(error) = ctx.eval::<String, _>(script).catch(&ctx) {
                    wrong.push(format!("{place}/{view}: {error}"));
                }
            });
        }
    }
    wrong
}

#[test]
fn maps_skip_malformed_documents_without_failing() {
    for kind in ["account", "user", "app", "whitelabel", "service_plan", "service", "alert", "login_attempt", "provider"] {
        assert_eq!(run_maps(&json!({"_id": "x", "pvt_type": kind, "enabled": true})), Vec::<String>::new(), "{kind}");
    }
    assert_eq!(run_maps(&json!({"_id": "apps_store"})), Vec::<String>::new());
}

#[test]
fn maps_leave_documents_as_they_are() {
    let account = json!({"_id": "b", "pvt_type": "account", "name": "B", "realm": "b.example", "pvt_tree": ["a"], "flags": []});
    let user = json!({"_id": "u", "pvt_type": "user", "enabled": true, "features": ["own"], "hotdesk": {"enabled": true}});
    assert_eq!(run_maps(&account), Vec::<String>::new());
    assert_eq!(run_maps(&user), Vec::<String>::new());
}

#[test]
fn demo_apps_satisfy_the_schema_of_apps_and_bring_their_pictures() {
    let apps = entries(&path("fixtures/demo/apps"));
    assert!(apps.len() >= 12);
    for folder in apps {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let app = read(&folder.join("metadata/app.json"));
        validator("app").validate(&app).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(app["name"], name);
        assert!(app["i18n"]["en-US"].is_object(), "{name}");

        let icon = folder.join("metadata/icon").join(app["icon"].as_str().unwrap());
        let screenshots = app["screenshots"].as_array().unwrap().iter();
        let screenshots = screenshots.map(|file| folder.join("metadata/screenshots").join(file.as_str().unwrap()));
        for picture in screenshots.chain([icon]) {
            let bytes = fs::read(&picture).unwrap_or_else(|error| panic!("{}: {error}", picture.display()));
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{}", picture.display());
            assert!(bytes.len() < 40 * 1024, "{}", picture.display());
        }
    }
}
