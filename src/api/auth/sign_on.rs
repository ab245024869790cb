//! Signing on by way of other identity providers. What Kazoo knows of them is shown; nobody is let in by them.

use crate::http::{Context, Failure, Reply};

/// `GET auth/apps`
pub async fn apps(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::list(context.platform.sign_on_apps().await?))
}

/// `GET auth/links`: the caller's own.
pub async fn links(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    Ok(Reply::list(match &caller.user_id {
        Some(user_id) => context.platform.sign_on_links(&caller.account_id, user_id).await?,
        None => Vec::new(),
    }))
}

/// `GET auth/providers`
pub async fn providers(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::list(context.platform.sign_on_providers().await?))
}

/// `PUT auth/authorize`, `PUT auth/callback`
pub async fn refuse(_: &Context) -> Result<Reply, Failure> {
    Err(Failure::ForbiddenCause { cause: "no identity provider is trusted" })
}
