//! `apps_store`: which apps an account may have, which it has, and their pictures.

use serde_json::{Value, json};

use super::Place;
use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, Verb},
    kazoo::apps::{self, App, ListItem},
    store::Object,
};

mod blacklist;
mod images;
mod install;

/// Its paths: which verbs each has, and who may use them.
pub fn endpoint(place: &Place<'_>) -> Option<Endpoint> {
    let pictures = || Endpoint::new().provides_file();
    match (place.params.as_slice(), place.in_account) {
        ([], _) => Some(Endpoint::new().on(Verb::Get, Access::Account, handler!(list))),
        (["blacklist"], true) => Some(Endpoint::new().on(Verb::Get, Access::Account, handler!(blacklist::show)).on(
            Verb::Post,
            Access::Admin,
            handler!(blacklist::replace),
        )),
        ([_app], _) => Some(
            Endpoint::new()
                .on(Verb::Get, Access::Account, handler!(show))
                .on(Verb::Put, Access::Admin, handler!(install::install))
                .on(Verb::Post, Access::Admin, handler!(install::change))
                .on(Verb::Delete, Access::Admin, handler!(install::uninstall)),
        ),
        ([_app, "icon"], true) => Some(pictures().on(Verb::Get, Access::Account, handler!(images::icon))),
        ([_app, "icon"], false) => Some(pictures().on(Verb::Get, Access::Public, handler!(images::icon))),
        ([_app, "screenshot", _], true) => Some(pictures().on(Verb::Get, Access::Account, handler!(images::screenshot))),
        ([_app, "screenshot", _], false) => Some(pictures().on(Verb::Get, Access::Public, handler!(images::screenshot))),
        _ => None,
    }
}

/// `GET apps_store`: the apps that the account may have, in Kazoo's order: by name, backwards.
async fn list(context: &Context) -> Result<Reply, Failure> {
    let apps = context.platform.apps_of(context.account()?, None).await?;
    let shown: Vec<ListItem<'_>> = apps.iter().rev().filter(|app| app.is_published()).map(ListItem).collect();
    Reply::content(&shown)
}

/// `GET apps_store/{app}`. Without an account, the catalogue's document.
async fn show(context: &Context) -> Result<Reply, Failure> {
    let id = context.param(0);
    if context.request.account_param().is_none() {
        let app = images::catalogue_app(context, id).await?;
        let mut shown = crate::kazoo::document::public(&app);
        shown.insert("authority".into(), "master_account".into());
        shown.insert("account_id".into(), json!(context.platform.master_id().await?));
        return Ok(Reply::data(shown));
    }
    let app = find(context, id).await?.ok_or_else(|| Failure::BadIdentifierDetails { details: id.to_owned() })?;
    Ok(Reply::data(apps::shown(&app)))
}

/// An app that the account may have; with `strict_by_id` off any app that it may know of.
async fn find(context: &Context, id: &str) -> Result<Option<App>, Failure> {
    let apps = context.platform.apps_of(context.account()?, None).await?;
    let strict = context.platform.app_choices().await?.strict_by_id;
    Ok(apps.into_iter().find(|app| app.id() == id && (app.is_published() || !strict)))
}

/// The permission that an account's `apps_store` document has for an app.
fn permission<'a>(apps_store: &'a Object, app_id: &str) -> Option<&'a Value> {
    apps_store.get("apps")?.get(app_id)
}
