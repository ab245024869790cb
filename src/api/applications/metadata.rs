//! `applications`, `applications/application/{id}`: the documents of a catalogue.

use serde_json::Value;

use super::{new_id, page};
use crate::{
    http::{Context, Failure, Reply},
    kazoo::{
        applications::{TYPE, merged},
        document::{self, is_private},
    },
    platform::applications::LISTING,
    store::{Document, Object},
};

const SCHEMA: &str = "applications";

/// `GET applications`
pub async fn list(context: &Context) -> Result<Reply, Failure> {
    page(context, LISTING, None).await
}

/// `GET application/{id}`
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::document(&load(context).await?))
}

/// `PUT application/{id}`: what the master account has of that id shows through.
pub async fn create(context: &Context) -> Result<Reply, Failure> {
    let mut data = checked(context, context.body()?).await?;
    let id = new_id(context)?;
    let master_id = context.platform.master_id().await?.filter(|master| Some(master.as_str()) != context.request.account_param());
    if let Some(master_id) = master_id
        && let Some(master) = context.platform.application(&master_id, id).await?
    {
        data = merged(&master, &data);
        data.retain(|key, _| !is_private(key) && key != "id");
    }
    let doc = context.create(id, TYPE, data).await?;
    Ok(Reply::document(&doc).location(context.request.location(id)))
}

/// `POST application/{id}`: new public members; the pictures stay.
pub async fn replace(context: &Context) -> Result<Reply, Failure> {
    let data = checked(context, context.body()?).await?;
    let old = load(context).await?;
    Ok(Reply::document(&context.replace(&old, data).await?))
}

/// `PATCH application/{id}`
pub async fn patch(context: &Context) -> Result<Reply, Failure> {
    let patch = context.body()?;
    let doc = context.change(context.param("application"), TYPE, async |doc: &mut Object| {
        let mut data = document::public(doc);
        data.shift_remove("id");
        document::merge(&mut data, &patch);
        let data = checked(context, data).await?;
        doc.retain(|key, _| is_private(key));
        doc.extend(data);
        Ok(())
    });
    Ok(Reply::document(&doc.await?))
}

/// `DELETE application/{id}`: the document stays, marked as deleted.
pub async fn delete(context: &Context) -> Result<Reply, Failure> {
    let old = load(context).await?;
    Ok(Reply::deleted(&context.soft_delete(&old).await?))
}

/// What is to be stored: what the schema lets through, and the id in the path once more.
async fn checked(context: &Context, data: Object) -> Result<Object, Failure> {
    let mut data = context.platform.check(SCHEMA, Value::Object(data)).await?;
    data.insert("uuid".into(), context.param("application").into());
    Ok(data)
}

/// The document in the path.
pub async fn load(context: &Context) -> Result<Document, Failure> {
    context.load(context.param("application"), TYPE).await
}
