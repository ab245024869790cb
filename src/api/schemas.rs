//! `schemas`: the JSON schemas that bodies are held against.

use serde_json::Value;

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Member, does},
    },
    kazoo::document::{self, is_true},
    platform::{
        found,
        names::SYSTEM_SCHEMAS,
        schemas::{self, CheckError},
    },
    store::{Query, View},
};

const INTERNALS: &[Member] = &[Member::flag("internals", "Whether the schemas of Kazoo's internal messages are listed too")];

const LISTS: Description = does("Lists the names of schemas").asked(INTERNALS).gives_texts();
const SHOWS: Description = does("Shows a schema").gives_anything();
const VALIDATES: Description = does("Holds data against a schema")
    .note("Gives the data with defaults filled in, or what is wrong with it. Nothing is stored.")
    .takes_anything()
    .gives_anything()
    .only_asks();

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("schemas").get(Access::Public, handler!(list), LISTS),
        Endpoint::at("schemas/{name}").get(Access::Public, handler!(show), SHOWS),
        Endpoint::at("schemas/{name}/validation").put(Access::Account, handler!(validate), VALIDATES),
        Endpoint::at("accounts/{account}/schemas").get(Access::Account, handler!(list), LISTS),
        Endpoint::at("accounts/{account}/schemas/{name}").get(Access::Account, handler!(show), SHOWS),
        Endpoint::at("accounts/{account}/schemas/{name}/validation").put(Access::Account, handler!(validate), VALIDATES),
    ]
}

/// `GET schemas`: names; those of Kazoo's internal messages only with `internals`.
async fn list(context: &Context) -> Result<Reply, Failure> {
    let internals = context.request.value("internals").is_some_and(is_wanted);
    let rows = context.platform.store.view(&SYSTEM_SCHEMAS, View::ALL_DOCS, &Query::default()).await?;
    let shown = |name: &String| !name.starts_with("_design/") && (internals || !name.starts_with("kapi."));
    let mut names: Vec<String> = rows.into_iter().filter_map(|row| row.id).filter(shown).collect();
    names.sort();
    Ok(Reply::list(names.into_iter().map(Value::from).collect()))
}

/// Here Kazoo takes more words for yes than elsewhere.
fn is_wanted(value: &Value) -> bool {
    is_true(value) || *value == 1 || ["1", "yes", "on"].iter().any(|yes| value == yes)
}

/// `GET schemas/{name}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let name = context.param("name");
    let stored = found(context.platform.store.get(&SYSTEM_SCHEMAS, name).await)?.filter(|doc| !document::is_soft_deleted(doc));
    let doc = stored.or_else(|| schemas::bundled(name)).ok_or_else(|| Failure::BadIdentifier { cause: name.to_owned() })?;
    Ok(Reply::data(document::public(&doc)).of(&doc))
}

/// `PUT schemas/{name}/validation`: the data with defaults filled in, or what's wrong with it. Nothing is stored.
async fn validate(context: &Context) -> Result<Reply, Failure> {
    match context.check(context.param("name")).await {
        // The schema itself, or one that it refers to.
        Err(CheckError::Unknown(name)) => Err(Failure::BadIdentifier { cause: name }),
        checked => Ok(Reply::data(checked?)),
    }
}
