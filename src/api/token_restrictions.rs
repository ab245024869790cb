//! `accounts/{id}/token_restrictions`: what tokens of the account's users are good for.

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, describe::does},
    kazoo::document::{self, Stamp, text},
    platform::names::TOKEN_RESTRICTIONS,
    store::{Document, Object},
};

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    let endpoint = Endpoint::at("accounts/{account}/token_restrictions");
    vec![
        endpoint
            .get(Access::Admin, handler!(show), does("Shows what tokens are good for").gives(TOKEN_RESTRICTIONS))
            .post(
                Access::Admin,
                handler!(replace),
                does("Says what tokens are good for").takes(TOKEN_RESTRICTIONS).gives(TOKEN_RESTRICTIONS),
            )
            .delete(Access::Admin, handler!(delete), does("Lets tokens be good for everything").gives(TOKEN_RESTRICTIONS)),
    ]
}

/// `GET token_restrictions`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let doc = load(context).await?.ok_or_else(missing)?;
    Ok(Reply::data(document::public(&doc)).of(&doc))
}

/// `POST token_restrictions`: makes them, or puts others in their place.
async fn replace(context: &Context) -> Result<Reply, Failure> {
    let data = context.check(TOKEN_RESTRICTIONS).await?;
    let stored = context.platform.account_doc(context.account_id()?, TOKEN_RESTRICTIONS).await?;
    let living = stored.as_deref().filter(|doc| !document::is_soft_deleted(doc));
    context.may_write(living.and_then(|doc| text(doc, "_rev")))?;
    let mut doc = stored.as_deref().cloned().unwrap_or_default();
    doc.retain(|key, _| document::is_private(key) && key != "pvt_deleted");
    doc.extend(data.into_iter().filter(|(key, _)| key != "id"));
    doc.insert("_id".into(), TOKEN_RESTRICTIONS.into());
    doc.insert("pvt_type".into(), TOKEN_RESTRICTIONS.into());
    let account_id = context.account_id()?;
    let account_db = crate::kazoo::id::account_db_encoded(account_id);
    let stamp = Stamp { account_id: Some(account_id), account_db: account_db.as_deref(), ..context.stamp() };
    document::stamp(&mut doc, &stamp);
    let rev = context.platform.store.put(&context.account_db()?, &doc).await?;
    Ok(Reply::data(document::public(&doc)).revision(&rev))
}

/// `DELETE token_restrictions`: gone for good, so that no program that shares the database goes on obeying them.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let doc = load(context).await?.ok_or_else(missing)?;
    let rev = text(&doc, "_rev").unwrap_or_default();
    context.may_write(Some(rev))?;
    let rev = context.platform.store.delete(&context.account_db()?, TOKEN_RESTRICTIONS, rev).await?;
    let mut shown: Object = document::public(&doc);
    shown.insert("_read_only".into(), serde_json::json!({ "deleted": true }));
    Ok(Reply::data(shown).revision(&rev))
}

async fn load(context: &Context) -> Result<Option<Document>, Failure> {
    let [doc] = context.platform.account_docs(context.account_id()?, [TOKEN_RESTRICTIONS]).await?;
    Ok(doc)
}

fn missing() -> Failure {
    Failure::BadIdentifier { cause: TOKEN_RESTRICTIONS.to_owned() }
}
