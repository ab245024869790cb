//! The page: a section for each noun, in it what can be done, folded.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;

use super::rows::{self, Row, described};

#[derive(Template)]
#[template(path = "openapi.html")]
struct Page<'a> {
    style: &'a str,
    title: &'a str,
    version: &'a str,
    /// What all paths begin with.
    base: &'a str,
    introduction: Vec<&'a str>,
    logins: Vec<Row>,
    nouns: Vec<Noun<'a>>,
    /// Parameters of every list in pages.
    paging: Vec<Row>,
    errors: Vec<Mistake<'a>>,
    schemas: Vec<Schema<'a>>,
}

struct Noun<'a> {
    name: &'a str,
    about: &'a str,
    operations: Vec<Operation<'a>>,
}

/// Something that can be done, at one path or at several that differ in what stands before the noun.
struct Operation<'a> {
    id: &'a str,
    verb: String,
    paths: Vec<&'a str>,
    summary: &'a str,
    /// Notes, the last of them about who may. Of each path's where they differ.
    notes: Vec<String>,
    params: Vec<Row>,
    in_pages: bool,
    types: Vec<&'a str>,
    body: Vec<Row>,
    answers: Vec<Answer<'a>>,
    /// Statuses of errors.
    fails: Vec<&'a str>,
}

struct Answer<'a> {
    status: &'a str,
    about: &'a str,
    types: Vec<&'a str>,
    rows: Vec<Row>,
}

/// An error that many answers share.
struct Mistake<'a> {
    status: &'a str,
    about: &'a str,
    has_body: bool,
}

struct Schema<'a> {
    name: &'a str,
    about: &'a str,
    rows: Vec<Row>,
}

/// The page of a description.
pub fn render(api: &Value, style: &str) -> Result<String, askama::Error> {
    let components = &api["components"];
    let nouns = members(&api["tags"]).map(|tag| Noun {
        name: text(&tag["name"]),
        about: text(&tag["description"]),
        operations: operations(api, text(&tag["name"])),
    });
    let schemas = entries(&components["schemas"]).filter(|(name, _)| !name.ends_with(".part"));
    let paging = entries(&components["parameters"]).filter(|(_, parameter)| parameter["in"] == "query");
    let page = Page {
        style,
        title: text(&api["info"]["title"]),
        version: text(&api["info"]["version"]),
        base: text(&api["servers"][0]["url"]),
        introduction: text(&api["info"]["description"]).split("\n\n").collect(),
        logins: entries(&components["securitySchemes"]).map(|(_, scheme)| login(scheme)).collect(),
        nouns: nouns.collect(),
        paging: paging.map(|(_, parameter)| Row::parameter(parameter)).collect(),
        errors: errors(api),
        schemas: schemas
            .map(|(name, schema)| Schema { name, about: text(&schema["description"]), rows: described(schema) })
            .collect(),
    };
    page.render()
}

/// What can be done about a noun. Paths that end alike, and at which the same is done, are one.
fn operations<'a>(api: &'a Value, noun: &str) -> Vec<Operation<'a>> {
    let mut found: Vec<Operation<'a>> = Vec::new();
    let mut places: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for (path, item) in entries(&api["paths"]) {
        for (verb, operation) in entries(item).filter(|(key, _)| *key != "parameters") {
            if operation["tags"][0] != noun {
                continue;
            }
            let key = (verb, ending(path, noun), text(&operation["summary"]));
            let at = *places.entry(key).or_insert(found.len());
            match found.get_mut(at) {
                Some(known) => known.join(path, operation),
                None => found.push(Operation::new(api, verb, path, item, operation)),
            }
        }
    }
    found
}

/// A path from its noun on.
fn ending<'a>(path: &'a str, noun: &str) -> &'a str {
    path.rfind(&format!("/{noun}")).map_or(path, |at| path.get(at..).unwrap_or(path))
}

impl<'a> Operation<'a> {
    fn new(api: &'a Value, verb: &str, path: &'a str, item: &'a Value, operation: &'a Value) -> Self {
        let own = || members(&operation["parameters"]).filter(|parameter| parameter["$ref"].is_null());
        let named = members(&item["parameters"]).map(|parameter| referred(api, parameter));
        let content = &operation["requestBody"]["content"];
        Self {
            id: text(&operation["operationId"]),
            verb: verb.to_uppercase(),
            paths: vec![path],
            summary: text(&operation["summary"]),
            notes: text(&operation["description"]).split("\n\n").map(str::to_owned).collect(),
            params: named.chain(own()).map(Row::parameter).collect(),
            in_pages: own().count() < members(&operation["parameters"]).count(),
            types: entries(content).map(|(media_type, _)| media_type).collect(),
            body: body(&content["application/json"]["schema"]),
            answers: answers(&operation["responses"]),
            fails: entries(&operation["responses"]).filter(|(_, answer)| is_shared(answer)).map(|(status, _)| status).collect(),
        }
    }

    /// Adds another path. The one that begins with an account comes first.
    fn join(&mut self, path: &'a str, operation: &Value) {
        if path.starts_with("/accounts/") && !self.paths.first().is_some_and(|first| first.starts_with("/accounts/")) {
            self.paths.insert(0, path);
        } else {
            self.paths.push(path);
        }
        let who = text(&operation["description"]).rsplit("\n\n").next().unwrap_or_default();
        if !self.notes.iter().any(|note| note == who || note.ends_with(&format!(": {who}"))) {
            self.notes.push(format!("At {path}: {who}"));
        }
    }
}

/// Answers that are an operation's own.
fn answers<'a>(answers: &'a Value) -> Vec<Answer<'a>> {
    let answer = |(status, answer): (&'a str, &'a Value)| Answer {
        status,
        about: text(&answer["description"]),
        types: entries(&answer["content"]).map(|(media_type, _)| media_type).collect(),
        rows: body(&answer["content"]["application/json"]["schema"]),
    };
    entries(answers).filter(|(_, answer)| !is_shared(answer)).map(answer).collect()
}

/// What stands in a body: in Kazoo's envelope what its `data` is, which may be part of a schema.
fn body(schema: &Value) -> Vec<Row> {
    let parts = [schema].into_iter().chain(members(&schema["allOf"]));
    let data = parts.map(|part| &part["properties"]["data"]).find(|data| !data.is_null());
    match data {
        Some(data) => Row::of("data", data, true),
        None if schema.is_null() => Vec::new(),
        None => Row::of("…", schema, false),
    }
}

fn is_shared(answer: &Value) -> bool {
    answer["$ref"].is_string()
}

/// The errors that operations share, by their status.
fn errors(api: &Value) -> Vec<Mistake<'_>> {
    let operations = entries(&api["paths"]).flat_map(|(_, item)| entries(item));
    let answers = operations.flat_map(|(_, operation)| entries(&operation["responses"]));
    let shared: BTreeMap<&str, &Value> = answers.filter(|(_, answer)| is_shared(answer)).collect();
    let mistake = |(status, answer)| {
        let answer = referred(api, answer);
        Mistake { status, about: text(&answer["description"]), has_body: !answer["content"].is_null() }
    };
    shared.into_iter().map(mistake).collect()
}

/// What a reference leads to; anything else is itself.
fn referred<'a>(api: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().and_then(|place| api.pointer(place.trim_start_matches('#'))).unwrap_or(value)
}

/// A way of saying who one is.
fn login(scheme: &Value) -> Row {
    let (place, name) = (text(&scheme["in"]), text(&scheme["name"]));
    let (name, place) = match place {
        "" => (format!("Authorization: {}", text(&scheme["scheme"])), "header"),
        place => (name.to_owned(), place),
    };
    Row { name, kind: place.to_owned(), about: text(&scheme["description"]).to_owned(), ..Row::default() }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}
