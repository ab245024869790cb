//! `accounts/{id}/api_key`

use serde_json::json;

use crate::{
    http::{Context, Failure, Reply},
    kazoo::{document::text, id},
};

/// `GET accounts/{id}/api_key`
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    Ok(Reply::data(json!({ "api_key": text(account, "pvt_api_key") })).of(account))
}

/// `PUT accounts/{id}/api_key`: a new key, in both copies of the account. Only an account admin gets one.
pub async fn renew(context: &Context) -> Result<Reply, Failure> {
    if !context.caller()?.is_account_admin() {
        return Err(Failure::Forbidden);
    }
    context.may_write(text(context.account()?, "_rev"))?;
    let key = id::new_secret(32).map_err(anyhow::Error::from)?;
    let account_id = context.account_id()?;
    let set = |doc: &mut crate::store::Object| {
        doc.insert("pvt_api_key".into(), key.as_str().into());
    };
    context.platform.mark_account(account_id, set).await?;
    let account = context.platform.account(account_id).await?;
    let reply = Reply::data(json!({ "api_key": key })).location(context.request.location(account_id));
    Ok(match &account {
        Some(account) => reply.of(account),
        None => reply,
    })
}
