//! `apps_store/{app}/override`: an account's own texts and pictures for an app. Whether there is such an app isn't asked.

use serde_json::Value;

use super::paths::in_account;
use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, describe::does, pictures::PICTURES},
    kazoo::{
        apps::overrides::{TYPE, override_id},
        pictures::Kind,
    },
    store::Document,
};

mod pictures;

/// The endpoints of overrides.
pub fn endpoints() -> impl Iterator<Item = Endpoint> {
    let documents = in_account!("apps_store/{app}/override").map(|path| {
        Endpoint::at(path)
            .get(Access::Account, handler!(show), does("Shows the account's own texts for an app").gives(TYPE))
            .put(Access::Admin, handler!(create), does("Gives an app texts of the account's own").takes(TYPE).gives(TYPE))
            .post(Access::Admin, handler!(replace), does("Replaces the account's own texts for an app").takes(TYPE).gives(TYPE))
            .delete(Access::Admin, handler!(delete), does("Takes the account's own texts for an app away").gives(TYPE))
    });
    let icons = in_account!("apps_store/{app}/override/icon").map(|path| {
        picture(path)
            .get(
                Access::Account,
                handler!(pictures::icon),
                does("Shows the account's own icon for an app").gives_file(&["image/*"]),
            )
            .post(
                Access::Admin,
                handler!(pictures::upload, Kind::Icon),
                does("Sets the account's own icon for an app").takes_file().gives(TYPE),
            )
            .delete(
                Access::Admin,
                handler!(pictures::delete, Kind::Icon),
                does("Removes the account's own icon for an app").gives(TYPE),
            )
    });
    let uploads = in_account!("apps_store/{app}/override/screenshot").map(|path| {
        picture(path).post(
            Access::Admin,
            handler!(pictures::upload, Kind::Screenshot),
            does("Adds a screenshot of the account's own").takes_file().gives(TYPE),
        )
    });
    let screenshots = in_account!("apps_store/{app}/override/screenshot/{number}").map(|path| {
        picture(path)
            .get(
                Access::Account,
                handler!(pictures::screenshot),
                does("Shows a screenshot of the account's own").gives_file(&["image/*"]),
            )
            .delete(
                Access::Admin,
                handler!(pictures::delete, Kind::Screenshot),
                does("Removes a screenshot of the account's own").gives(TYPE),
            )
    });
    documents.into_iter().chain(icons).chain(uploads).chain(screenshots)
}

fn picture(path: &'static str) -> Endpoint {
    Endpoint::at(path).provides_file().consumes(PICTURES)
}

/// `GET override`
async fn show(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::document(&load(context).await?))
}

/// `PUT override`
async fn create(context: &Context) -> Result<Reply, Failure> {
    let checked = context.platform.check(TYPE, Value::Object(context.body()?)).await?;
    let id = override_id(context.param("app"));
    let doc = context.create(&id, TYPE, checked).await?;
    Ok(Reply::document(&doc).location(context.request.location(&id)))
}

/// `POST override`: new public members; the pictures stay.
async fn replace(context: &Context) -> Result<Reply, Failure> {
    let checked = context.platform.check(TYPE, Value::Object(context.body()?)).await?;
    let old = load(context).await?;
    Ok(Reply::document(&context.replace(&old, checked).await?))
}

/// `DELETE override`: the document stays, marked as deleted.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let old = load(context).await?;
    Ok(Reply::deleted(&context.soft_delete(&old).await?))
}

async fn load(context: &Context) -> Result<Document, Failure> {
    context.load(&override_id(context.param("app")), TYPE).await
}
