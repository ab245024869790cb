//! `apps_store`: which apps an account may have, which it has, and their pictures.

use serde_json::{Value, json};

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Member, does},
    },
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

const LISTED: &[Member] = &[
    Member::text("id", "The app's id"),
    Member::text("name", "The app's name"),
    Member::object("i18n", "Its texts, by language"),
    Member::list("tags", "What it's filed under"),
    Member::text("api_url", "The API that it uses; without it Monster UI's own"),
    Member::text("source_url", "Where it's loaded from"),
    Member::text("account_id", "Whose app it is"),
    Member::list("users", "Who may use it, if not everybody"),
    Member::text("allowed_users", "`all`, `admins` or `specific`"),
    Member::flag("masqueradable", "Whether it's there for who looks at another account"),
    Member::text("icon", "The icon's name"),
    Member::text("author", "Who made it"),
    Member::text("version", "Its version"),
    Member::text("license", "Its licence"),
    Member::number("price", "Its price"),
    Member::list("screenshots", "The screenshots' names"),
    Member::object("urls", "Where to read more"),
    Member::text("authority", "What had the last word on it being here"),
    Member::flag("published", "Whether it's offered"),
];
const PERMISSION: &[Member] = &[
    Member::word("allowed_users", &["all", "admins", "specific"], "For whom it is"),
    Member::list("users", "Those for whom it is if it's `specific`: ids, or objects with an `id`"),
];
const BLACKLIST: &[Member] = &[Member::texts("blacklist", "Ids of the apps that the account may not have")];
const CONNECTOR: &[Member] = &[
    Member::text("cluster_id", "This cluster's id"),
    Member::text("name", "What the marketplace calls it"),
    Member::flag("enabled", "Whether the connector is on"),
    Member::flag("is_linked", "Whether the cluster is linked"),
    Member::flag("is_aio_cluster", "Whether it is all in one machine"),
    Member::text("api_url", "This cluster's API"),
    Member::text("kazoo_version", "The version that the marketplace was told"),
    Member::text("marketplace_url", "Where the marketplace's API is"),
    Member::text("app_exchange_url", "Where its pages are"),
];
const ACTS: &[Member] = &[
    Member::word("action", &["enable", "disable", "link", "unlink", "update"], "What is to be done").required(),
    Member::text("access_code", "The marketplace's code, to `link`"),
    Member::object("settings", "Settings, to `link` and `update`"),
];
const FROM_ABOVE: &str = "the accounts above: nobody sees or says what is forbidden to himself";

const LISTS: Description = does("Lists the apps that the account may have").gives_list(LISTED);
const SHOWS: Description = does("Shows an app").gives_anything();
const SHOWS_ICON: Description = does("Shows an app's icon").gives_file(&["image/*"]);
const SHOWS_SCREENSHOT: Description = does("Shows a screenshot of an app").gives_file(&["image/*"]);
const INSTALLS: Description = does("Installs an app").takes_members(PERMISSION).gives_members(PERMISSION);
const CHANGES: Description = does("Changes for whom an app is").takes_members(PERMISSION).gives_members(PERMISSION);
const UNINSTALLS: Description = does("Uninstalls an app").gives_anything();

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    let connector = ["apps_store/marketplace", "accounts/{account}/apps_store/marketplace"].map(|path| {
        Endpoint::at(path)
            .get(
                Access::Superduper,
                handler!(marketplace::show),
                does("Shows the marketplace connector").gives_members(CONNECTOR),
            )
            .patch(
                Access::Superduper,
                handler!(marketplace::act),
                does("Links this cluster to the marketplace, and sets up the connector")
                    .note("A refusal of the marketplace's, in its own words, is a 500, as Kazoo has it.")
                    .takes_members(ACTS)
                    .gives_members(CONNECTOR)
                    .fails(&[500]),
            )
    });
    let own = [
        Endpoint::at("apps_store").get(Access::Account, handler!(list), LISTS),
        Endpoint::at("apps_store/{app}")
            .get(Access::Account, handler!(show), SHOWS)
            .put(Access::Admin, handler!(install::install), INSTALLS)
            .post(Access::Admin, handler!(install::change), CHANGES)
            .delete(Access::Admin, handler!(install::uninstall), UNINSTALLS),
        pictures("apps_store/{app}/icon").get(Access::Public, handler!(images::icon), SHOWS_ICON),
        pictures("apps_store/{app}/screenshot/{number}").get(Access::Public, handler!(images::screenshot), SHOWS_SCREENSHOT),
        // What stands before it doesn't change which apps there are.
        Endpoint::at("i18n/{language}/apps_store").get(Access::Account, handler!(list), LISTS),
        Endpoint::at("whitelabel/{domain}/apps_store").get(Access::Account, handler!(list), LISTS),
        Endpoint::at("accounts/{account}/whitelabel/{domain}/apps_store").get(Access::Account, handler!(list), LISTS),
        Endpoint::at("accounts/{account}/users/{user}/apps_store").get(Access::Account, handler!(list), LISTS),
        Endpoint::at("accounts/{account}/apps_store/blacklist")
            .get(
                Access::Account,
                handler!(blacklist::show),
                does("Shows which apps the account may not have").only(FROM_ABOVE).gives_members(BLACKLIST),
            )
            .post(
                Access::Admin,
                handler!(blacklist::replace),
                does("Says which apps the account may not have")
                    .only(FROM_ABOVE)
                    .takes_members(BLACKLIST)
                    .gives_members(BLACKLIST),
            ),
        Endpoint::at("accounts/{account}/apps_store/{app}")
            .get(Access::Account, handler!(show), SHOWS)
            .put(Access::Admin, handler!(install::install), INSTALLS)
            .post(Access::Admin, handler!(install::change), CHANGES)
            .delete(Access::Admin, handler!(install::uninstall), UNINSTALLS),
        pictures("accounts/{account}/apps_store/{app}/icon").get(Access::Account, handler!(images::icon), SHOWS_ICON),
        pictures("accounts/{account}/apps_store/{app}/screenshot/{number}").get(
            Access::Account,
            handler!(images::screenshot),
            SHOWS_SCREENSHOT,
        ),
    ];
    let lists = in_account!("apps_store").map(|path| Endpoint::at(path).get(Access::Account, handler!(list), LISTS));
    let shown = branded!("apps_store/{app}").map(|path| Endpoint::at(path).get(Access::Account, handler!(show), SHOWS));
    let icons =
        branded!("apps_store/{app}/icon").map(|path| pictures(path).get(Access::Account, handler!(images::icon), SHOWS_ICON));
    let screenshots = branded!("apps_store/{app}/screenshot/{number}")
        .map(|path| pictures(path).get(Access::Account, handler!(images::screenshot), SHOWS_SCREENSHOT));
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
