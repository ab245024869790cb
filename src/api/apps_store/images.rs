//! Icons and screenshots of apps, as an account shows them: its override's, else the app's own.

use crate::{
    http::{Context, Failure, Reply},
    platform::overrides::Pictured,
};

/// `GET apps_store/{app}/icon`
pub async fn icon(context: &Context) -> Result<Reply, Failure> {
    let app = pictured(context).await?;
    let missing = || Failure::BadIdentifierList(context.param("app").to_owned());
    context.icon(&app.doc, &app.sources).await?.ok_or_else(missing)
}

/// `GET apps_store/{app}/screenshot/{n}`: the n-th of the app's screenshots, counted from 0, or the one of that name.
pub async fn screenshot(context: &Context) -> Result<Reply, Failure> {
    let app = pictured(context).await?;
    let missing = || Failure::BadIdentifierList(format!("screenshot/{}", context.param("number")));
    context.screenshot(&app.doc, &app.sources).await?.ok_or_else(missing)
}

/// The app whose pictures are wanted, whether or not the account may have it. Where no account is meant, it's the caller's, if
/// there is a caller: that is how Monster UI asks for screenshots.
async fn pictured(context: &Context) -> Result<Pictured, Failure> {
    let id = context.param("app");
    let account = super::shown_to(context).await?.or_else(|| Some(context.caller.as_deref()?.account.clone()));
    let app = context.platform.pictured_app(account.as_deref(), id).await?;
    app.ok_or_else(|| Failure::BadIdentifierDetails { details: id.to_owned() })
}
