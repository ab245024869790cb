//! `api_auth`: logging in with an account's api key.

use super::{
    Place,
    user_auth::{may_be_used, welcome},
};
use crate::{
    auth::login::Login,
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, Verb},
    kazoo::document::text,
};

/// Its paths: which verbs each has, and who may use them.
pub fn endpoint(place: &Place<'_>) -> Option<Endpoint> {
    match (place.params.as_slice(), place.in_account) {
        ([], false) => Some(Endpoint::new().guards_login().on(Verb::Put, Access::Public, handler!(log_in))),
        ([], true) => Some(Endpoint::new().guards_login().on(Verb::Put, Access::Account, handler!(log_in))),
        _ => None,
    }
}

/// `PUT api_auth`: a key for a token.
async fn log_in(context: &Context) -> Result<Reply, Failure> {
    let data = context.platform.check("api_auth", context.request.data.clone()).await?;
    let key = text(&data, "api_key").unwrap_or_default();
    for account_id in context.platform.accounts_by_api_key(key).await? {
        let Some(account) = context.platform.account(&account_id).await? else { continue };
        may_be_used(&account, context.now)?;
        let login = Login { account: &account, user_id: None, method: "cb_api_auth", claims: Default::default() };
        return Ok(Reply { location: Some(context.request.location(&account_id)), ..welcome(context, &login).await? });
    }
    Err(Failure::LoginRefused)
}
