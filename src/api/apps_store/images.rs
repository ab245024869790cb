//! Icons and screenshots of apps, as an account shows them: its override's, else the app's own.

use crate::{
    http::{Context, Failure, Reply},
    kazoo::{
        document::{is_soft_deleted, text},
        pictures::{self, LANGUAGE},
    },
    platform::overrides::Pictured,
    store::Document,
};

/// `GET apps_store/{app}/icon`
pub async fn icon(context: &Context) -> Result<Reply, Failure> {
    let pictured = pictured(context).await?;
    for name in pictures::icons(&pictured.doc, language(context)) {
        if let Some(reply) = context.pictured(&pictured.sources, name).await? {
            return Ok(reply);
        }
    }
    Err(Failure::BadIdentifierList(context.param("app").to_owned()))
}

/// `GET apps_store/{app}/screenshot/{n}`: the n-th of the app's screenshots, counted from 0, or the one of that name.
pub async fn screenshot(context: &Context) -> Result<Reply, Failure> {
    let number = context.param("number");
    let missing = || Failure::BadIdentifierList(format!("screenshot/{number}"));
    let pictured = pictured(context).await?;
    let name = pictures::screenshot(&pictured.doc, language(context), number).ok_or_else(missing)?;
    context.pictured(&pictured.sources, name).await?.ok_or_else(missing)
}

async fn pictured(context: &Context) -> Result<Pictured, Failure> {
    let id = context.param("app");
    let account = super::shown_to(context).await?;
    let pictured = context.platform.pictured_app(account.as_deref(), id).await?;
    pictured.ok_or_else(|| Failure::BadIdentifierDetails { details: id.to_owned() })
}

/// The language in the path, as it's written there.
pub fn language(context: &Context) -> &str {
    context.request.param("language").unwrap_or(LANGUAGE)
}

/// An app of the master account.
pub async fn catalogue_app(context: &Context, id: &str) -> Result<Document, Failure> {
    let master_id = context.platform.master_id().await?.unwrap_or_default();
    let app = context.platform.account_doc(&master_id, id).await?;
    let app = app.filter(|doc| text(doc, "pvt_type") == Some("app") && !is_soft_deleted(doc));
    app.ok_or_else(|| Failure::BadIdentifierDetails { details: id.to_owned() })
}
