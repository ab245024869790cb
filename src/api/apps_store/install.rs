//! `apps_store/{app}`: giving an account's users an app, changing who has it, taking it away.

use serde_json::{Value, json};

use super::{find, permission};
use crate::{
    http::{Context, Failure, Reply},
    kazoo::{
        document::{self, Stamp, text},
        id,
        validation::{Detail, ELEMENTS, Invalid},
    },
    store::{Document, Object, update},
};

const ALREADY: Failure = Failure::Refused { status: 400, message: "Application already installed" };
const NOT_INSTALLED: Failure = Failure::Refused { status: 400, message: "Application is not installed" };

/// `PUT apps_store/{app}`
pub async fn install(context: &Context) -> Result<Reply, Failure> {
    let entry = entry(context).await?;
    let saved = save(context, |apps, id| {
        if apps.contains_key(id) {
            return Err(ALREADY);
        }
        apps.insert(id.to_owned(), entry.clone());
        Ok(())
    })
    .await?;
    Ok(Reply::data(entry).of(&saved).location(context.request.location("apps_store")))
}

/// `POST apps_store/{app}`: replaces the permission.
pub async fn change(context: &Context) -> Result<Reply, Failure> {
    let entry = entry(context).await?;
    let saved = save(context, |apps, id| match apps.get_mut(id) {
        Some(permission) => {
            *permission = entry.clone();
            Ok(())
        }
        None => Err(NOT_INSTALLED),
    })
    .await?;
    Ok(Reply::data(entry).of(&saved))
}

/// `DELETE apps_store/{app}`: also possible for an app that the account may no longer have.
pub async fn uninstall(context: &Context) -> Result<Reply, Failure> {
    let id = context.param("app");
    let apps_store = context.platform.apps_store_of(context.account()?).await?;
    let installed = apps_store.as_deref().is_some_and(|doc| permission(doc, id).is_some());
    if !installed && find(context, id).await?.is_none() {
        return Err(Failure::ForbiddenDetails { details: id.to_owned() });
    }
    let saved = save(context, |apps, id| apps.shift_remove(id).map(drop).ok_or(NOT_INSTALLED)).await?;
    Ok(Reply::data(json!({})).of(&saved))
}

/// The permission that the client sent, under the app's own name. An app that the account may not have is forbidden.
async fn entry(context: &Context) -> Result<Value, Failure> {
    let id = context.param("app");
    let app = find(context, id).await?.ok_or_else(|| Failure::ForbiddenDetails { details: id.to_owned() })?;
    let Value::Object(data) = &context.request.data else {
        return Err(crate::http::failure::not_an_object(&context.request.data));
    };
    check(data)?;
    let mut entry = data.clone();
    if entry.is_empty() {
        entry.insert("allowed_users".into(), "specific".into());
        entry.insert("users".into(), json!([]));
    }
    entry.shift_remove("id");
    entry.insert("name".into(), app.name().into());
    Ok(Value::Object(entry))
}

/// Who may use an app is said in words that mean something.
fn check(data: &Object) -> Result<(), Failure> {
    let mut invalid = Invalid::new();
    let known = ["specific", "all", "admins"];
    if let Some(allowed) = data.get("allowed_users")
        && !known.iter().any(|word| allowed == word)
    {
        let detail = Detail::new("Value not found in enumerated list of values").target(known.to_vec()).value(allowed.clone());
        invalid.add("allowed_users", "enum", detail);
    }
    match data.get("users") {
        None | Some(Value::Null) => {}
        Some(Value::Array(users)) => {
            let named = |user: &Value| user.is_string() || user.get("id").is_some_and(Value::is_string);
            for (place, user) in users.iter().enumerate().filter(|(_, user)| !named(user)).take(ELEMENTS) {
                let detail =
                    Detail::new("Value did not match type(s): string, object").target("string, object").value(user.clone());
                invalid.add(format!("users.{place}"), "type", detail);
            }
        }
        Some(other) => {
            let detail = Detail::new("Value did not match type(s): array").target("array").value(other.clone());
            invalid.add("users", "type", detail);
        }
    }
    Ok(invalid.into_result()?)
}

/// Edits the account's permissions, on whatever revision is the current one.
async fn save(context: &Context, edit: impl Fn(&mut Object, &str) -> Result<(), Failure>) -> Result<Document, Failure> {
    let account_id = context.account_id()?;
    let app_id = context.param("app");
    let account_db = id::account_db_encoded(account_id);
    let stamp = Stamp { account_id: Some(account_id), account_db: account_db.as_deref(), ..context.stamp() };
    let merged = update(context.platform.store.as_ref(), &context.account_db()?, "apps_store", async |doc: &mut Object| {
        let mut apps = match doc.get("apps") {
            Some(Value::Object(apps)) => apps.clone(),
            _ => Object::new(),
        };
        edit(&mut apps, app_id)?;
        context.may_write(text(doc, "_rev"))?;
        doc.insert("apps".into(), apps.into());
        document::stamp(doc, &stamp);
        Ok::<_, Failure>(())
    })
    .await?;
    Ok(merged.doc)
}
