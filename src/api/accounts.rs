//! `accounts`

use serde_json::{Value, json};

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, Verb},
    kazoo::{
        account::{self, Standing},
        document::{self, gregorian, is_true, text},
        validation::Invalid,
    },
    platform::accounts::NewAccount,
    store::{Document, Object},
};

mod api_key;
mod lists;
mod reseller;

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("accounts").put(Access::Token, handler!(create_below_caller)),
        Endpoint::at("accounts/{account}")
            .spares_master()
            .get(Access::Account, handler!(show))
            .put(Access::Admin, handler!(create))
            .post(Access::Admin, handler!(edit))
            .patch(Access::Admin, handler!(edit))
            .delete(Access::Admin, handler!(delete)),
        Endpoint::at("accounts/{account}/children").get(Access::Account, handler!(lists::children)),
        Endpoint::at("accounts/{account}/descendants").get(Access::Account, handler!(lists::descendants)),
        Endpoint::at("accounts/{account}/siblings").get(Access::Account, handler!(lists::siblings)),
        Endpoint::at("accounts/{account}/parents").get(Access::Account, handler!(lists::parents)),
        Endpoint::at("accounts/{account}/tree").get(Access::Account, handler!(lists::tree)),
        Endpoint::at("accounts/{account}/api_key")
            .get(Access::Admin, handler!(api_key::show))
            .put(Access::Admin, handler!(api_key::renew)),
        Endpoint::at("accounts/{account}/reseller")
            .put(Access::Admin, handler!(reseller::promote))
            .delete(Access::Admin, handler!(reseller::demote)),
        Endpoint::at("accounts/{account}/move").post(Access::Admin, handler!(relocate)),
    ]
}

/// `GET accounts/{id}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    let standing = context.platform.standing(account).await?;
    Ok(reply(context, account, &standing, account.as_ref()).await?.of(account))
}

/// `PUT accounts/{id}`: a new account below that one.
async fn create(context: &Context) -> Result<Reply, Failure> {
    let parent = context.account()?;
    let may_decide = context.caller()?.is_above(parent);
    let account = create_below(context, parent, true, may_decide).await?;
    let standing = context.platform.standing(&account).await?;
    reply(context, &account, &standing, account.as_ref()).await
}

/// `PUT accounts`: a new account below the caller's.
async fn create_below_caller(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    if caller.is_plain_user() {
        return Err(Failure::Forbidden);
    }
    let account = create_below(context, &caller.account, false, true).await?;
    let standing = Standing { reseller_id: None, ..context.platform.standing(&account).await? };
    reply(context, &account, &standing, account.as_ref()).await
}

/// `may_decide`: whether the caller may say that the new account is disabled.
async fn create_below(context: &Context, parent: &Document, parent_named: bool, may_decide: bool) -> Result<Document, Failure> {
    let data = body(context)?;
    context.platform.check_may_have_accounts(&context.caller()?.account).await?;
    context.may_write(None)?;
    let enabled = account::wants_enabled(&data).filter(|_| may_decide);
    let new = NewAccount { parent: Some(parent), parent_named, data, enabled, stamp: context.stamp() };
    Ok(context.platform.create_account(new).await?)
}

/// `POST` and `PATCH accounts/{id}`: both merge. Only an account above says whether this one is enabled.
async fn edit(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    let mut data = body(context)?;
    account::strip_derived(&mut data);
    context.platform.check_may_have_accounts(&context.caller()?.account).await?;
    if context.request.verb == Verb::Post {
        // It merges, but what comes has to be an account by itself.
        context.platform.check("accounts", Value::Object(data.clone())).await?;
    }
    let enabled = account::wants_enabled(&data).filter(|_| context.caller().is_ok_and(|caller| caller.is_above(account)));
    let may_write = |rev: Option<&str>| context.may_write(rev);
    let account = context.platform.edit_account(context.account_id()?, &data, enabled, &context.stamp(), may_write).await?;
    let standing = context.platform.standing(&account).await?;
    Ok(reply(context, &account, &standing, account.as_ref()).await?.of(&account))
}

/// `DELETE accounts/{id}`: the account and all that's in it are gone for good.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    context.may_write(text(account, "_rev"))?;
    context.platform.delete_account(account).await?;
    let mut shown = document::public(account);
    shown.insert("_read_only".into(), json!({ "deleted": true }));
    let mut metadata = document::metadata(account);
    metadata.insert("deleted".into(), true.into());
    Ok(Reply::data(shown).of(account).metadata(metadata))
}

/// `POST accounts/{id}/move`: puts the account, with all below it, under the one that `to` names.
async fn relocate(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    let caller = context.caller()?;
    let Some(to) = context.request.data.get("to").filter(|to| !to.is_null()) else {
        return Err(Invalid::one("to", "required", "Field 'to' is required").into());
    };
    let unknown = || Failure::invalid("to", "not_found", "There is no account of that id", to.clone());
    let target_id = to.as_str().ok_or_else(unknown)?;
    let target = context.platform.account(target_id).await?.ok_or_else(unknown)?;
    let allowed = match context.platform.settings("crossbar.accounts").await?.text("allow_move") {
        None | Some("superduper_admin") => caller.is_superduper(),
        Some("tree") => caller.is_above(account) && caller.is_above(&target),
        Some(_) => false,
    };
    if !allowed {
        return Err(Failure::Forbidden);
    }
    context.may_write(text(account, "_rev"))?;
    context.platform.move_account(context.account_id()?, target_id, gregorian(context.now)).await?;
    let account = context.platform.account(context.account_id()?).await?.ok_or_else(unknown)?;
    let standing = context.platform.standing(&account).await?;
    Ok(reply(context, &account, &standing, account.as_ref()).await?.of(&account))
}

/// The request's data, which must be an object.
fn body(context: &Context) -> Result<Object, Failure> {
    match &context.request.data {
        Value::Object(data) => Ok(data.clone()),
        other => Err(crate::http::failure::not_an_object(other)),
    }
}

/// An account as it's shown to the caller. Its api key only on demand, and never to a plain user.
async fn reply(context: &Context, account: &Document, standing: &Standing, shown: &Object) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let asked = context.request.value("include_api_key").is_some_and(is_true);
    let exposed = asked || context.platform.settings("crossbar.accounts").await?.flag("expose_api_key") == Some(true);
    let with_key = exposed && !caller.is_plain_user();
    let derived = account::derived(account, standing, &caller.account_id, with_key, gregorian(context.now));
    let mut metadata = document::metadata(account);
    metadata.extend(account::metadata(&derived));
    Ok(Reply::data(account::shown(shown, derived)).metadata(metadata))
}
