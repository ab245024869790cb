//! `api_auth`: logging in with an account's api key.

use super::user_auth::{HOW, WELCOME, may_be_used, may_log_in, welcome};
use crate::{
    auth::login::Login,
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, does},
    },
    kazoo::document::text,
};

const LOGS_IN: Description =
    does("Logs in with an account's api key").note(HOW).takes("api_auth").gives_members(WELCOME).only_asks();

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("api_auth").guards_login().put(Access::Public, handler!(log_in), LOGS_IN),
        Endpoint::at("accounts/{account}/api_auth").guards_login().put(Access::Account, handler!(log_in), LOGS_IN),
    ]
}

/// `PUT api_auth`: a key for a token.
async fn log_in(context: &Context) -> Result<Reply, Failure> {
    let data = context.check("api_auth").await?;
    let key = text(&data, "api_key").unwrap_or_default();
    for account_id in context.platform.accounts_by_api_key(key).await? {
        let Some(account) = context.platform.account(&account_id).await? else { continue };
        may_be_used(&account, context.now)?;
        let module = context.platform.auth_module("cb_api_auth", &account).await?;
        may_log_in(&module)?;
        let login = Login { account: &account, user: None, module: &module, claims: Default::default() };
        return Ok(Reply { location: Some(context.request.location(&account_id)), ..welcome(context, &login).await? });
    }
    Err(Failure::LoginRefused)
}
