//! `apps_store/blacklist`: the apps that an account above forbids. An account doesn't get to see its own.

use serde_json::{Value, json};

use crate::{
    http::{Context, Failure, Reply},
    kazoo::{
        document::{self, Stamp, text},
        id,
        validation::{Detail, ELEMENTS, Invalid},
    },
    store::{Error, Object, update},
};

/// `GET apps_store/blacklist`
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    from_above(context)?;
    let apps_store = context.platform.apps_store_of(context.account()?).await?;
    let list = apps_store.as_deref().and_then(|doc| doc.get("blacklist").cloned()).unwrap_or_else(|| json!([]));
    let reply = Reply::data(json!({ "blacklist": list }));
    Ok(match &apps_store {
        Some(doc) => reply.of(doc),
        None => reply,
    })
}

/// `POST apps_store/blacklist`: replaces the list; without one it's cleared.
pub async fn replace(context: &Context) -> Result<Reply, Failure> {
    from_above(context)?;
    let list = context.body()?.shift_remove("blacklist").unwrap_or_else(|| json!([]));
    check(&list)?;
    let account_id = context.account_id()?;
    let before = context.platform.apps_store_of(context.account()?).await?;
    context.may_write(before.as_deref().and_then(|doc| text(doc, "_rev")))?;
    let account_db = id::account_db_encoded(account_id);
    let stamp = Stamp { account_id: Some(account_id), account_db: account_db.as_deref(), ..context.stamp() };
    let merged = update(context.platform.store.as_ref(), &context.account_db()?, "apps_store", async |doc: &mut Object| {
        doc.insert("blacklist".into(), list.clone());
        document::stamp(doc, &stamp);
        Ok::<_, Error>(())
    })
    .await?;
    Ok(Reply::data(json!({ "blacklist": list })).of(&merged.doc))
}

/// Only an account strictly above may look and write.
fn from_above(context: &Context) -> Result<(), Failure> {
    if context.caller()?.is_above(context.account()?) { Ok(()) } else { Err(Failure::Forbidden) }
}

/// A blacklist is an array of app ids.
fn check(list: &Value) -> Result<(), Failure> {
    let Value::Array(ids) = list else {
        let detail = Detail::new("Value did not match type(s): array").target("array").value(list.clone());
        return Err(Invalid::one("blacklist", "type", detail).into());
    };
    let mut invalid = Invalid::new();
    for (place, id) in ids.iter().enumerate().filter(|(_, id)| !id.is_string()).take(ELEMENTS) {
        let detail = Detail::new("Value did not match type(s): string").target("string").value(id.clone());
        invalid.add(format!("blacklist.{place}"), "type", detail);
    }
    Ok(invalid.into_result()?)
}
