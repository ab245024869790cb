//! `apps_store`: which apps an account may have, which it has, and their pictures.

use serde_json::{Value, json};

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply},
    kazoo::apps::{self, App, ListItem},
    store::{Document, Object},
};

mod blacklist;
mod images;
mod install;
mod marketplace;
mod overrides;
mod paths;

use paths::{branded, in_account};

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    let connector = ["apps_store/marketplace", "accounts/{account}/apps_store/marketplace"].map(|path| {
        Endpoint::at(path)
            .get(Access::Superduper, handler!(marketplace::show))
            .patch(Access::Superduper, handler!(marketplace::act))
    });
    let own = [
        Endpoint::at("apps_store").get(Access::Account, handler!(list)),
        Endpoint::at("apps_store/{app}")
            .get(Access::Account, handler!(show))
            .put(Access::Admin, handler!(install::install))
            .post(Access::Admin, handler!(install::change))
            .delete(Access::Admin, handler!(install::uninstall)),
        pictures("apps_store/{app}/icon").get(Access::Public, handler!(images::icon)),
        pictures("apps_store/{app}/screenshot/{number}").get(Access::Public, handler!(images::screenshot)),
        // What stands before it doesn't change which apps there are.
        Endpoint::at("i18n/{language}/apps_store").get(Access::Account, handler!(list)),
        Endpoint::at("whitelabel/{domain}/apps_store").get(Access::Account, handler!(list)),
        Endpoint::at("accounts/{account}/whitelabel/{domain}/apps_store").get(Access::Account, handler!(list)),
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
    ];
    let lists = in_account!("apps_store").map(|path| Endpoint::at(path).get(Access::Account, handler!(list)));
    let shown = branded!("apps_store/{app}").map(|path| Endpoint::at(path).get(Access::Account, handler!(show)));
    let icons = branded!("apps_store/{app}/icon").map(|path| pictures(path).get(Access::Account, handler!(images::icon)));
    let screenshots = branded!("apps_store/{app}/screenshot/{number}")
        .map(|path| pictures(path).get(Access::Account, handler!(images::screenshot)));
    let read = lists.into_iter().chain(shown).chain(icons).chain(screenshots);
    own.into_iter().chain(connector).chain(read).chain(overrides::endpoints()).collect()
}

/// `GET apps_store`: the apps that the account may have, in Kazoo's order: by name, backwards.
async fn list(context: &Context) -> Result<Reply, Failure> {
    let account_id = context.account_id()?;
    let list = async {
        let account =
            context.platform.account(account_id).await?.ok_or_else(|| Failure::BadIdentifier { cause: account_id.to_owned() })?;
        let apps = context.platform.apps_of(&account, None).await?;
        let shown: Vec<ListItem<'_>> = apps.iter().rev().filter(|app| app.is_published()).map(ListItem).collect();
        Ok(serde_json::to_vec(&shown).map_err(anyhow::Error::from)?)
    };
    context.assembled(&format!("apps_store/{account_id}"), list).await
}

/// A picture of an app.
fn pictures(path: &'static str) -> Endpoint {
    Endpoint::at(path).provides_file()
}

/// `GET apps_store/{app}`: the app as an account has it; the catalogue's document where none is meant.
async fn show(context: &Context) -> Result<Reply, Failure> {
    let Some(account) = shown_to(context).await? else {
        return show_catalogue(context).await;
    };
    let id = context.param("app");
    let app = find_for(context, &account, id).await?.ok_or_else(|| Failure::BadIdentifierDetails { details: id.to_owned() })?;
    let mut shown = apps::shown(&app);
    if !context.caller()?.is_superduper() && !context.caller()?.reaches(&account) {
        // Who has the app in the account behind a domain is no visitor's business.
        if let Value::Object(shown) = &mut shown {
            shown.retain(|key, _| key != "allowed_users" && key != "users");
        }
    }
    Ok(Reply::data(shown))
}

async fn show_catalogue(context: &Context) -> Result<Reply, Failure> {
    let id = context.param("app");
    let app =
        context.platform.catalogue_app(id).await?.ok_or_else(|| Failure::BadIdentifierDetails { details: id.to_owned() })?;
    let mut shown = crate::kazoo::document::public(&app);
    shown.insert("authority".into(), "master_account".into());
    shown.insert("account_id".into(), json!(context.platform.master_id().await?));
    Ok(Reply::data(shown))
}

/// For which account an app is shown: the one that has the domain in the path, else the one in the path, if any.
async fn shown_to(context: &Context) -> Result<Option<Document>, Failure> {
    if let Some(domain) = context.request.param("domain")
        && let Some(owner) = context.platform.brand_owner(domain).await?
        && let Some(account) = context.platform.account(&owner).await?
    {
        return Ok(Some(account));
    }
    Ok(context.account.clone())
}

/// An app that the account in the path may have; with `strict_by_id` off any app that it may know of.
async fn find(context: &Context, id: &str) -> Result<Option<App>, Failure> {
    find_for(context, context.account()?, id).await
}

async fn find_for(context: &Context, account: &Object, id: &str) -> Result<Option<App>, Failure> {
    let apps = context.platform.apps_of(account, None).await?;
    let strict = context.platform.app_choices().await?.strict_by_id;
    Ok(apps.into_iter().find(|app| app.id() == id && (app.is_published() || !strict)))
}

/// The permission that an account's `apps_store` document has for an app.
fn permission<'a>(apps_store: &'a Object, app_id: &str) -> Option<&'a Value> {
    apps_store.get("apps")?.get(app_id)
}
