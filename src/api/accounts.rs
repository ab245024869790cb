//! `accounts`

use serde_json::Value;

use super::Place;
use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, Verb},
    kazoo::{
        account::{self, Standing},
        document::{gregorian, is_true},
    },
    platform::accounts::NewAccount,
    store::{Document, Object},
};

pub fn endpoint(place: &Place<'_>) -> Option<Endpoint> {
    match place.params.as_slice() {
        [] => Some(Endpoint::new().on(Verb::Put, Access::Token, handler!(create_below_caller))),
        [_account] => {
            Some(Endpoint::new().on(Verb::Get, Access::Account, handler!(show)).on(Verb::Put, Access::Admin, handler!(create)))
        }
        _ => None,
    }
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
    let caller = context.caller()?;
    let asked = context.request.data.get("enabled").and_then(Value::as_bool);
    let may_decide = caller.account_id != context.account_id()? && (caller.is_superduper() || caller.is_above(parent));
    create_below(context, parent, true, asked.filter(|_| may_decide)).await
}

/// `PUT accounts`: a new account below the caller's.
async fn create_below_caller(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    if caller.is_plain_user() {
        return Err(Failure::Forbidden);
    }
    let asked = context.request.data.get("enabled").and_then(Value::as_bool);
    create_below(context, &caller.account.clone(), false, asked).await
}

async fn create_below(context: &Context, parent: &Document, parent_named: bool, enabled: Option<bool>) -> Result<Reply, Failure> {
    let Value::Object(data) = &context.request.data else {
        return Err(crate::http::failure::not_an_object(&context.request.data));
    };
    context.may_write(None)?;
    let new = NewAccount { parent: Some(parent), parent_named, data: data.clone(), enabled, stamp: context.stamp() };
    let account = context.platform.create_account(new).await?;
    let standing = match parent_named {
        true => context.platform.standing(&account).await?,
        false => Standing { reseller_id: None, ..context.platform.standing(&account).await? },
    };
    reply(context, &account, &standing, account.as_ref()).await
}

/// An account as it's shown to the caller. Its api key only on demand, and never to a plain user.
async fn reply(context: &Context, account: &Document, standing: &Standing, shown: &Object) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let asked = context.request.value("include_api_key").is_some_and(is_true);
    let exposed = asked || context.platform.settings("crossbar.accounts").await?.flag("expose_api_key") == Some(true);
    let with_key = exposed && !caller.is_plain_user();
    let derived = account::derived(account, standing, &caller.account_id, with_key, gregorian(context.now));
    let metadata = account::metadata(&derived);
    Ok(Reply::data(account::shown(shown, derived)).metadata(metadata))
}
