//! `user_auth`: logging in with a user's credentials, password recovery, impersonation.

use serde_json::{Value, json};

use super::token_auth;
use crate::{
    auth::login::Login,
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        reply::{Paging, Revision},
    },
    kazoo::{
        account,
        document::{gregorian, text},
    },
    store::{Document, Object},
};

mod recovery;

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
    let data = context.platform.check("user_auth", context.request.data.clone()).await?;
    let credentials = text(&data, "credentials").unwrap_or_default();
    let method = text(&data, "method").unwrap_or("md5");
    if context.platform.settings("crossbar.auth").await?.flag("auth_modules.cb_user_auth.enabled") == Some(false) {
        return Err(Failure::ExpiredToken);
    }
    let mut accounts = find_accounts(context, &data).await?;
    let known = !accounts.is_empty();
    if !known {
        // The same work for an account that doesn't exist: its absence mustn't show in the time this takes.
        accounts.extend(context.platform.master_id().await?);
    }
    for account_id in accounts {
        let users = context.platform.users_by_hash(&account_id, method, credentials).await?;
        let (Some(user_id), true) = (users.first(), known) else { continue };
        let Some(account) = context.platform.account(&account_id).await? else { continue };
        may_be_used(&account, context.now)?;
        let claims = data.get("as").map(|other| ("as".to_owned(), other.clone())).into_iter().collect();
        let login = Login { account: &account, user_id: Some(user_id), method: "cb_user_auth", claims };
        return Ok(Reply { location: Some(context.request.location(user_id)), ..welcome(context, &login).await? });
    }
    Err(Failure::LoginRefused)
}

/// The accounts that a login may mean: by realm, else by name.
async fn find_accounts(context: &Context, data: &Object) -> Result<Vec<String>, Failure> {
    if let Some(realm) = text(data, "account_realm").or_else(|| text(data, "realm")) {
        let found = context.platform.accounts_by_realm(realm).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    match text(data, "account_name") {
        Some(name) => Ok(context.platform.accounts_by_name(name).await?),
        None => Ok(Vec::new()),
    }
}

/// Refuses an account that's disabled, or whose trial is over.
pub fn may_be_used(account: &Object, now: u64) -> Result<(), Failure> {
    if let Some(since) = account::expired_since(account, gregorian(now)) {
        return Err(Failure::invalid("account", "expired", "account expired", since));
    }
    if !account::is_enabled(account) {
        return Err(crate::kazoo::validation::Invalid::one("account", "disabled", "account disabled").into());
    }
    Ok(())
}

/// The answer to a login: a token, and what a client wants to know first.
pub async fn welcome(context: &Context, login: &Login<'_>) -> Result<Reply, Failure> {
    let token = context.platform.issue_token(login, context.now).await?;
    let data = context.platform.login_data(login.account, login.user_id).await?;
    Ok(Reply {
        auth_token: Some(token),
        revision: Some(Revision::Word("automatic")),
        paging: Paging { page_size: Some(1), ..Paging::default() },
        ..Reply::data(data)
    })
}

/// `PUT accounts/{id}/users/{id}/user_auth`: a superduper admin becomes somebody else.
async fn impersonate(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let user_id = context.param("user");
    let asked = context.request.text("action") == Some("impersonate_user");
    if !asked || !caller.is_account_admin() || caller.account_id == context.account_id()? {
        return Err(Failure::Forbidden);
    }
    let account: &Document = context.account()?;
    let user = context.platform.user(context.account_id()?, user_id).await?;
    if user.is_none() {
        return Err(Failure::BadIdentifier { cause: user_id.to_owned() });
    }
    may_be_used(account, context.now)?;
    let original = json!({ "original_account_id": caller.account_id, "original_owner_id": caller.user_id });
    let claims = original.as_object().cloned().unwrap_or_default();
    let login = Login { account, user_id: Some(user_id), method: "cb_user_auth", claims };
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
