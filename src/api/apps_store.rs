//! `apps_store`: which apps an account may have, which it has, and their pictures.

use serde_json::{Value, json};

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply},
    kazoo::apps::{self, App, ListItem},
    store::Object,
};

mod blacklist;
mod images;
mod install;

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("apps_store").get(Access::Account, handler!(list)),
        Endpoint::at("apps_store/{app}")
            .get(Access::Account, handler!(show_catalogue))
            .put(Access::Admin, handler!(install::install))
            .post(Access::Admin, handler!(install::change))
            .delete(Access::Admin, handler!(install::uninstall)),
        pictures("apps_store/{app}/icon").get(Access::Public, handler!(images::icon)),
        pictures("apps_store/{app}/screenshot/{number}").get(Access::Public, handler!(images::screenshot)),
        Endpoint::at("accounts/{account}/apps_store").get(Access::Account, handler!(list)),
        Endpoint::at("accounts/{account}/users/{user}/apps_store").get(Access::Account, handler!(list)),
        Endpoint::at("accounts/{account}/apps_store/blacklist")
            .get(Access::Account, handler!(blacklist::show))
            .post(Access::Admin, handler!(blacklist::replace)),
        Endpoint::at("accounts/{account}/apps_store/{app}")
            .get(Access::Account, handler!(show))
            .put(Access::Admin, handler!(install::install))
            .post(Access::Admin, handler!(install::change))
            .delete(Access::Admin, handler!(install::uninstall)),
        pictures("accounts/{account}/apps_store/{app}/icon").get(Access::Account, handler!(images::icon)),
        pictures("accounts/{account}/apps_store/{app}/screenshot/{number}").get(Access::Account, handler!(images::screenshot)),
    ]
}

/// `GET apps_store`: the apps that the account may have, in Kazoo's order: by name, backwards.
async fn list(context: &Context) -> Result<Reply, Failure> {
    let apps = context.platform.apps_of(context.account()?, None).await?;
    let shown: Vec<ListItem<'_>> = apps.iter().rev().filter(|app| app.is_published()).map(ListItem).collect();
    Reply::content(&shown)
}

/// A picture of an app.
fn pictures(path: &'static str) -> Endpoint {
    Endpoint::at(path).provides_file()
}

/// `GET apps_store/{app}`: the catalogue's document.
async fn show_catalogue(context: &Context) -> Result<Reply, Failure> {
    let app = images::catalogue_app(context, context.param("app")).await?;
    let mut shown = crate::kazoo::document::public(&app);
    shown.insert("authority".into(), "master_account".into());
    shown.insert("account_id".into(), json!(context.platform.master_id().await?));
    Ok(Reply::data(shown))
}

/// `GET accounts/{id}/apps_store/{app}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let id = context.param("app");
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
