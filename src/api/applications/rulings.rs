//! `applications/{type}/{id}/block` and `/entitlement`: which applications a reseller withholds from its accounts, and which
//! an account has activated. A document says one thing about one application.

use serde_json::{Value, json};

use super::{new_id, page};
use crate::{
    http::{Context, Failure, Reply},
    kazoo::applications::Ruling,
    platform::applications::rulings,
    store::{Document, Object},
};

/// `GET applications/{type}/blocklists`, `GET applications/{type}/entitlements`
pub async fn list(context: &Context, ruling: Ruling) -> Result<Reply, Failure> {
    let app_type = context.param("type");
    page(context, rulings(ruling), Some((json!([app_type]), json!([app_type, {}])))).await
}

/// `GET block`, `GET entitlement`
pub async fn show(context: &Context, ruling: Ruling) -> Result<Reply, Failure> {
    Ok(Reply::document(&load(context, ruling).await?))
}

/// `PUT block`, `PUT entitlement`
pub async fn create(context: &Context, ruling: Ruling) -> Result<Reply, Failure> {
    let data = checked(context, ruling).await?;
    let id = ruling.id(new_id(context)?, context.param("type"));
    let doc = context.create(&id, ruling.as_str(), data).await?;
    Ok(Reply::document(&doc).location(context.request.location(&id)))
}

/// `POST block`, `POST entitlement`
pub async fn replace(context: &Context, ruling: Ruling) -> Result<Reply, Failure> {
    let data = checked(context, ruling).await?;
    let old = load(context, ruling).await?;
    Ok(Reply::document(&context.replace(&old, data).await?))
}

/// `DELETE block`, `DELETE entitlement`: the document goes for good.
pub async fn delete(context: &Context, ruling: Ruling) -> Result<Reply, Failure> {
    let old = load(context, ruling).await?;
    context.remove(&old).await?;
    Ok(Reply::deleted(&old))
}

async fn checked(context: &Context, ruling: Ruling) -> Result<Object, Failure> {
    let mut data = context.body()?;
    ruling.complete(&mut data, context.param("application"), context.param("type"));
    Ok(context.platform.check(ruling.as_str(), Value::Object(data)).await?)
}

async fn load(context: &Context, ruling: Ruling) -> Result<Document, Failure> {
    context.load(&ruling.id(context.param("application"), context.param("type")), ruling.as_str()).await
}
