//! `accounts/{id}/reseller`: making an account a reseller, and taking that back.

use super::reply;
use crate::{
    http::{Context, Failure, Reply},
    kazoo::document::text,
};

/// `PUT accounts/{id}/reseller`
pub async fn promote(context: &Context) -> Result<Reply, Failure> {
    let location = context.request.location(context.account_id()?);
    Ok(set(context, true).await?.location(location))
}

/// `DELETE accounts/{id}/reseller`
pub async fn demote(context: &Context) -> Result<Reply, Failure> {
    set(context, false).await
}

async fn set(context: &Context, is_reseller: bool) -> Result<Reply, Failure> {
    let account_id = context.account_id()?;
    if !context.caller()?.is_superduper() || context.platform.master_id().await?.as_deref() == Some(account_id) {
        return Err(Failure::Forbidden);
    }
    if context.platform.has_reseller_below(account_id).await? {
        return Err(Failure::HasDescendants);
    }
    context.may_write(text(context.account()?, "_rev"))?;
    context.platform.set_reseller(account_id, is_reseller).await?;
    let account = context.platform.account(account_id).await?;
    let account = account.ok_or_else(|| Failure::BadIdentifier { cause: account_id.to_owned() })?;
    let standing = context.platform.standing(&account).await?;
    Ok(reply(context, &account, &standing, account.as_ref()).await?.of(&account))
}
