//! `applications/{type}`: what an account or one of its users has.

use serde_json::Value;

use crate::{
    http::{Context, Failure, Reply},
    kazoo::{applications::is_uuid, document, pictures::Kind},
    platform::{applications::Wanted, overrides::Pictured},
};

/// `GET applications/{type}`
pub async fn list(context: &Context) -> Result<Reply, Failure> {
    let apps = read(context, None).await?;
    Ok(Reply::list(apps.iter().map(|app| Value::Object(document::public(&app.doc))).collect()))
}

/// `GET applications/{type}/{id}`
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::data(document::public(&find(context).await?.doc)))
}

/// `GET applications/{type}/{id}/icon`
pub async fn icon(context: &Context) -> Result<Reply, Failure> {
    let app = find(context).await?;
    context.icon(&app.doc, &app.sources).await?.ok_or_else(|| context.no_picture(Kind::Icon))
}

/// `GET applications/{type}/{id}/screenshots/{n}`
pub async fn screenshot(context: &Context) -> Result<Reply, Failure> {
    let app = find(context).await?;
    context.screenshot(&app.doc, &app.sources).await?.ok_or_else(|| context.no_picture(Kind::Screenshot))
}

async fn find(context: &Context) -> Result<Pictured, Failure> {
    let id = context.param("application");
    let app = if is_uuid(id) { read(context, Some(id)).await?.pop() } else { None };
    app.ok_or_else(|| Failure::BadIdentifier { cause: id.to_owned() })
}

/// The applications of whoever stands in the path.
async fn read(context: &Context, id: Option<&str>) -> Result<Vec<Pictured>, Failure> {
    let user = match context.request.param("user") {
        Some(user_id) => {
            let user = context.platform.user(context.account_id()?, user_id).await?;
            Some((user_id, user.ok_or_else(|| Failure::BadIdentifier { cause: user_id.to_owned() })?))
        }
        None => None,
    };
    let user = user.as_ref().map(|(id, doc)| (*id, &**doc));
    let wanted = Wanted { account: context.account()?, user, app_type: context.param("type"), id };
    Ok(context.platform.applications_of(wanted).await?)
}
