//! `accounts/{id}/users`

use serde_json::{Value, json};

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply},
    kazoo::document::{self, text},
    store::{Document, Object, View, update},
};

const LISTING: View = View::new("users", "crossbar_listing");

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("accounts/{account}/users").get(Access::Account, handler!(list)).put(Access::Admin, handler!(create)),
        Endpoint::at("accounts/{account}/users/{user}")
            .get(Access::Account, handler!(show))
            .post(Access::Oneself, handler!(replace))
            .patch(Access::Oneself, handler!(patch))
            .delete(Access::Admin, handler!(delete)),
    ]
}

/// `GET users`
async fn list(context: &Context) -> Result<Reply, Failure> {
    let page = context.page().await?;
    let db = context.account_db()?;
    let (rows, paging) = page.rows(None, None, async |query| context.platform.view(&db, LISTING, &query).await).await?;
    Ok(Reply::list(rows.into_iter().map(|row| row.value).collect()).paging(paging))
}

/// `PUT users`
async fn create(context: &Context) -> Result<Reply, Failure> {
    let mut data = body(context)?;
    data.shift_remove("id");
    let doc = context.platform.prepare_user(context.account_id()?, data, None, &context.stamp()).await?;
    context.may_write(None)?;
    let rev = context.platform.store.put(&context.account_db()?, &doc).await?;
    let location = context.request.location(text(&doc, "_id").unwrap_or_default());
    Ok(Reply::data(document::public(&doc)).revision(&rev).location(location))
}

/// `GET users/{id}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let user = load(context).await?;
    Ok(Reply::data(document::public(&user)).of(&user))
}

/// `POST users/{id}`: new public fields; credentials stay unless a password comes with them.
async fn replace(context: &Context) -> Result<Reply, Failure> {
    let user = load(context).await?;
    let doc = changed(context, &user, body(context)?).await?;
    let rev = context.platform.store.put(&context.account_db()?, &doc).await?;
    Ok(Reply::data(document::public(&doc)).revision(&rev))
}

/// `PATCH users/{id}`: merges, on whatever revision is the current one.
async fn patch(context: &Context) -> Result<Reply, Failure> {
    load(context).await?;
    let patch = body(context)?;
    let merged =
        update(context.platform.store.as_ref(), &context.account_db()?, context.param("user"), async |user: &mut Object| {
            let mut data = document::public(user);
            document::merge(&mut data, &patch);
            *user = changed(context, user, data).await?;
            Ok::<_, Failure>(())
        })
        .await?;
    Ok(Reply::data(document::public(&merged.doc)).of(&merged.doc))
}

/// A user's document with new public fields.
async fn changed(context: &Context, user: &Object, mut data: Object) -> Result<Object, Failure> {
    data.shift_remove("id");
    if context.caller()?.is_plain_user() {
        // What makes a user more than he is isn't his to change.
        for key in ["priv_level", "enabled"] {
            match user.get(key) {
                Some(value) => data.insert(key.into(), value.clone()),
                None => data.shift_remove(key),
            };
        }
    }
    let doc = context.platform.prepare_user(context.account_id()?, data, Some(user), &context.stamp()).await?;
    context.may_write(text(user, "_rev"))?;
    Ok(doc)
}

/// `DELETE users/{id}`: the document stays, marked as deleted, unless `should_soft_delete` is false.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let user = load(context).await?;
    let db = context.account_db()?;
    let rev = text(&user, "_rev").unwrap_or_default();
    context.may_write(Some(rev))?;
    let rev = if context.request.refuses("should_soft_delete") {
        context.platform.store.delete(&db, context.param("user"), rev).await?
    } else {
        let mut doc = (*user).clone();
        document::stamp(&mut doc, &context.stamp());
        document::soft_delete(&mut doc);
        context.platform.store.put(&db, &doc).await?
    };
    let mut shown = document::public(&user);
    shown.insert("_read_only".into(), json!({ "deleted": true }));
    Ok(Reply::data(shown).revision(&rev))
}

async fn load(context: &Context) -> Result<Document, Failure> {
    let id = context.param("user");
    let user = context.platform.user(context.account_id()?, id).await?;
    user.ok_or_else(|| Failure::BadIdentifier { cause: id.to_owned() })
}

/// The request's data, which must be an object.
fn body(context: &Context) -> Result<Object, Failure> {
    match &context.request.data {
        Value::Object(data) => Ok(data.clone()),
        other => Err(crate::http::failure::not_an_object(other)),
    }
}
