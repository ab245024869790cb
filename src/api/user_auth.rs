//! `user_auth`: logging in with a user's credentials, password recovery, impersonation.

use serde_json::{Value, json};

use super::token_auth;
use crate::{
    auth::{login::Login, module::Module},
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        reply::{Paging, Revision},
    },
    kazoo::{
        account,
        document::{gregorian, text},
        id,
        validation::Invalid,
    },
    store::{Document, Object},
};

mod recovery;

/// The module's name in settings and tokens.
const MODULE: &str = "cb_user_auth";

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("user_auth").guards_login().put(Access::Public, handler!(log_in)),
        Endpoint::at("user_auth/recovery")
            .guards_login()
            .put(Access::Public, handler!(recovery::request))
            .post(Access::Public, handler!(recovery::reset)),
        Endpoint::at("user_auth/{token}").get(Access::Token, handler!(show)),
        Endpoint::at("accounts/{account}/user_auth").guards_login().put(Access::Account, handler!(log_in)),
        Endpoint::at("accounts/{account}/user_auth/{token}").get(Access::Token, handler!(show)),
        Endpoint::at("accounts/{account}/users/{user}/user_auth").put(Access::Superduper, handler!(impersonate)),
    ]
}

/// `PUT user_auth`: credentials for a token.
async fn log_in(context: &Context) -> Result<Reply, Failure> {
    if context.request.value("action").is_some() {
        return Err(Failure::Forbidden);
    }
    let data = context.check("user_auth").await?;
    let credentials = text(&data, "credentials").unwrap_or_default();
    let method = text(&data, "method").unwrap_or("md5");
    let mut accounts = find_accounts(context, &data).await?;
    let known = !accounts.is_empty();
    if !known {
        // The same work for an account that doesn't exist: its absence mustn't show in the time this takes.
        accounts.extend(context.platform.master_id().await?);
    }
    for account_id in accounts {
        let users = context.platform.users_by_hash(&account_id, method, credentials).await?;
        let (Some(user_id), true) = (users.first(), known) else { continue };
        let [Some(account), Some(user)] = context.platform.account_docs(&account_id, [&account_id, user_id]).await? else {
            continue;
        };
        may_be_used(&account, context.now)?;
        let module = context.platform.auth_module(MODULE, &account).await?;
        may_log_in(&module)?;
        let claims = data.get("as").and_then(speaking_for).map(|other| ("as".to_owned(), other)).into_iter().collect();
        let login = Login { account: &account, user: Some(&user), module: &module, claims };
        if account::is_superduper(&account)
            && text(&user, "priv_level") == Some("admin")
            && let Some(origin) = context.request.header("origin")
        {
            context.platform.meet_user_interface(origin, &context.crossbar).await;
        }
        return Ok(Reply { location: Some(context.request.location(user_id)), ..welcome(context, &login).await? });
    }
    Err(Failure::LoginRefused)
}

/// The accounts that a login may mean: by realm, else by name, else by id. Numbers aren't known here: one that is given leads
/// to the next way.
async fn find_accounts(context: &Context, data: &Object) -> Result<Vec<String>, Failure> {
    if let Some(realm) = text(data, "account_realm").or_else(|| text(data, "realm")) {
        let found = context.platform.accounts_by_realm(realm).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if let Some(name) = text(data, "account_name") {
        let found = context.platform.accounts_by_name(name).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    match text(data, "account_id") {
        Some(id) => Ok(context.platform.account(id).await?.map(|_| id.to_owned()).into_iter().collect()),
        None => Ok(Vec::new()),
    }
}

/// Whom a login wants its token to speak for, where that is somebody who could exist; nothing else gets into a token.
fn speaking_for(other: &Value) -> Option<Value> {
    let [account_id, owner_id] = ["account_id", "owner_id"].map(|key| datum(other, key).filter(|id| id::is_id(id)));
    Some(json!({ "account_id": account_id?, "owner_id": owner_id? }))
}

/// Refuses an account that's disabled, or whose trial is over.
pub fn may_be_used(account: &Object, now: u64) -> Result<(), Failure> {
    if let Some(since) = account::expired_since(account, gregorian(now)) {
        return Err(Failure::invalid("account", "expired", "account expired", since));
    }
    if !account::is_enabled(account) {
        return Err(Invalid::one("account", "disabled", "account disabled").into());
    }
    Ok(())
}

/// Refuses a way of logging in that's switched off, or that demands a second factor: nobody checks one here, and what an
/// account demands mustn't be got around by asking another server.
pub fn may_log_in(module: &Module) -> Result<(), Failure> {
    match module {
        Module { enabled: false, .. } => Err(Failure::ExpiredToken),
        Module { second_factor: true, .. } => Err(Failure::SecondFactor),
        _ => Ok(()),
    }
}

/// The answer to a login: a token, and what a client wants to know first.
pub async fn welcome(context: &Context, login: &Login<'_>) -> Result<Reply, Failure> {
    let token = async { Ok::<_, Failure>(context.platform.issue_token(login, context.now).await?) };
    let data = async { Ok(context.platform.login_data(login.account, login.user).await?) };
    let (token, data) = futures_util::future::try_join(token, data).await?;
    Ok(Reply {
        auth_token: Some(token),
        revision: Some(Revision::Word("automatic")),
        paging: Paging { page_size: Some(1), ..Paging::default() },
        ..Reply::data(data)
    })
}

/// `PUT accounts/{id}/users/{id}/user_auth`: a superduper admin takes the place of a user of another account; an api key of
/// such an account's may do so anywhere.
async fn impersonate(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let user_id = context.param("user");
    let asked = context.request.text("action") == Some("impersonate_user");
    let admin = caller.is_account_admin() && caller.account_id != context.account_id()?;
    if !asked || !(admin || caller.method() == "cb_api_auth") {
        return Err(Failure::Forbidden);
    }
    let account: &Document = context.account()?;
    let user = context.platform.user(context.account_id()?, user_id).await?;
    let user = user.ok_or_else(|| Failure::BadIdentifier { cause: user_id.to_owned() })?;
    may_be_used(account, context.now)?;
    let original = [("original_account_id", Some(&caller.account_id)), ("original_owner_id", caller.user_id.as_ref())];
    let original = original.into_iter().filter_map(|(claim, id)| Some((claim.to_owned(), Value::from(id?.as_str()))));
    let module = context.platform.auth_module(MODULE, account).await?;
    let login = Login { account, user: Some(&user), module: &module, claims: original.collect() };
    Ok(Reply { revision: None, paging: Paging::default(), ..welcome(context, &login).await? })
}

/// `GET accounts/{id}/user_auth/{token}`: what one's own token says. Nobody else's is shown, and without an account in the
/// path not even that, as in Kazoo.
async fn show(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let own = caller.token.as_deref() == Some(context.param("token"));
    let at_home = context.request.account_param() == Some(&caller.account_id);
    if own && at_home { token_auth::show(context).await } else { Err(Failure::Forbidden) }
}

/// A text of the request's data.
fn datum<'a>(data: &'a Value, key: &str) -> Option<&'a str> {
    data.get(key).and_then(Value::as_str)
}
