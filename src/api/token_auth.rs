//! `token_auth`: what a token says, and logging out.

use serde_json::Value;

use crate::{
    auth::revocation,
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, does},
    },
};

const SHOWS: Description = does("Tells what one's token says, and what a login tells").gives_anything();
const REVOKES: Description = does("Logs out").note("The token is refused from now on.").gives_nothing().only_asks();

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("token_auth").get(Access::Token, handler!(show), SHOWS).delete(Access::Token, handler!(revoke), REVOKES),
        Endpoint::at("accounts/{account}/token_auth").get(Access::Account, handler!(show), SHOWS).delete(
            Access::Account,
            handler!(revoke),
            REVOKES,
        ),
    ]
}

/// `GET token_auth`: the claims of the caller's token, and what a login tells.
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let mut data = caller.claims.clone();
    data.extend(context.platform.login_data(&caller.account, caller.user.as_ref()).await?);
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
