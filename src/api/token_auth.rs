//! `token_auth`: what a token says, and logging out.

use serde_json::Value;

use super::Place;
use crate::{
    auth::revocation,
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, Verb},
};

/// Its paths: which verbs each has, and who may use them.
pub fn endpoint(place: &Place<'_>) -> Option<Endpoint> {
    match (place.params.as_slice(), place.in_account) {
        ([], false) => {
            Some(Endpoint::new().on(Verb::Get, Access::Token, handler!(show)).on(Verb::Delete, Access::Token, handler!(revoke)))
        }
        ([], true) => Some(Endpoint::new().on(Verb::Get, Access::Account, handler!(show)).on(
            Verb::Delete,
            Access::Account,
            handler!(revoke),
        )),
        _ => None,
    }
}

/// `GET token_auth`: the claims of the caller's token, and what a login tells.
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let mut data = caller.claims.clone();
    data.extend(context.platform.login_data(&caller.account, caller.user_id.as_deref()).await?);
    Ok(Reply::data(data))
}

/// `DELETE token_auth`: logs out. The token is refused from now on.
async fn revoke(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    if let Some(token) = &caller.token {
        let expires = caller.claims.get("exp").and_then(Value::as_u64);
        revocation::revoke(&context.platform, token, expires, context.now).await?;
    }
    Ok(Reply::nothing())
}
