//! `applications`: a catalogue of apps of any type. The master account and resellers keep it, resellers withhold from it, and
//! accounts activate what they want of it.

use serde_json::Value;

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, pictures::PICTURES},
    kazoo::{applications::Ruling, pictures::Kind},
};

mod exchange;
mod metadata;
mod pictures;
mod rulings;

/// A path below an account, without and with a language before it.
macro_rules! in_account {
    ($path:literal) => {
        [concat!("accounts/{account}/applications/", $path), concat!("accounts/{account}/i18n/{language}/applications/", $path)]
    };
}

/// A path at which the applications are that somebody has: those of an account, for whoever activates them, and those of one
/// of its users.
macro_rules! of_somebody {
    ($path:literal) => {
        [
            (concat!("accounts/{account}/applications/", $path), Access::AdminAlways),
            (concat!("accounts/{account}/users/{user}/applications/", $path), Access::Account),
        ]
    };
    ($path:literal, in a language) => {
        [
            (concat!("accounts/{account}/applications/", $path), Access::AdminAlways),
            (concat!("accounts/{account}/i18n/{language}/applications/", $path), Access::AdminAlways),
            (concat!("accounts/{account}/users/{user}/applications/", $path), Access::Account),
            (concat!("accounts/{account}/users/{user}/i18n/{language}/applications/", $path), Access::Account),
        ]
    };
}

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    [kept(), had(), ruled()].concat()
}

/// The catalogue of an account.
fn kept() -> Vec<Endpoint> {
    let may = Access::Reseller;
    let documents = [
        Endpoint::at("accounts/{account}/applications").get(may, handler!(metadata::list)),
        Endpoint::at("accounts/{account}/applications/application/{application}")
            .get(may, handler!(metadata::show))
            .put(may, handler!(metadata::create))
            .post(may, handler!(metadata::replace))
            .patch(may, handler!(metadata::patch))
            .delete(may, handler!(metadata::delete)),
    ];
    let icons = in_account!("application/{application}/icon").map(|path| {
        picture(path)
            .get(may, handler!(pictures::icon))
            .post(may, handler!(pictures::upload, Kind::Icon))
            .delete(may, handler!(pictures::delete, Kind::Icon))
    });
    let uploads = in_account!("application/{application}/screenshots")
        .map(|path| picture(path).post(may, handler!(pictures::upload, Kind::Screenshot)));
    let screenshots = in_account!("application/{application}/screenshots/{number}").map(|path| {
        picture(path).get(may, handler!(pictures::screenshot)).delete(may, handler!(pictures::delete, Kind::Screenshot))
    });
    documents.into_iter().chain(icons).chain(uploads).chain(screenshots).collect()
}

/// What somebody has.
fn had() -> Vec<Endpoint> {
    let lists = of_somebody!("{type}").map(|(path, may)| Endpoint::at(path).get(may, handler!(exchange::list)));
    let shown = of_somebody!("{type}/{application}").map(|(path, may)| Endpoint::at(path).get(may, handler!(exchange::show)));
    let icons = of_somebody!("{type}/{application}/icon", in a language)
        .map(|(path, may)| picture(path).get(may, handler!(exchange::icon)));
    let screenshots = of_somebody!("{type}/{application}/screenshots/{number}", in a language)
        .map(|(path, may)| picture(path).get(may, handler!(exchange::screenshot)));
    lists.into_iter().chain(shown).chain(icons).chain(screenshots).collect()
}

/// What is withheld, and what is activated.
fn ruled() -> Vec<Endpoint> {
    let (resellers, admins) = (Access::Reseller, Access::AdminAlways);
    vec![
        Endpoint::at("accounts/{account}/applications/{type}/blocklists")
            .get(resellers, handler!(rulings::list, Ruling::Blocklist)),
        Endpoint::at("accounts/{account}/applications/{type}/{application}/block")
            .get(resellers, handler!(rulings::show, Ruling::Blocklist))
            .put(resellers, handler!(rulings::create, Ruling::Blocklist))
            .post(resellers, handler!(rulings::replace, Ruling::Blocklist))
            .delete(resellers, handler!(rulings::delete, Ruling::Blocklist)),
        Endpoint::at("accounts/{account}/applications/{type}/entitlements")
            .get(admins, handler!(rulings::list, Ruling::Entitlement)),
        Endpoint::at("accounts/{account}/applications/{type}/{application}/entitlement")
            .get(admins, handler!(rulings::show, Ruling::Entitlement))
            .put(admins, handler!(rulings::create, Ruling::Entitlement))
            .post(admins, handler!(rulings::replace, Ruling::Entitlement))
            .delete(admins, handler!(rulings::delete, Ruling::Entitlement)),
    ]
}

fn picture(path: &'static str) -> Endpoint {
    Endpoint::at(path).provides_file().consumes(PICTURES)
}

/// The id in the path, which has to be one for something new to have it.
fn new_id(context: &Context) -> Result<&str, Failure> {
    let id = context.param("application");
    if crate::kazoo::applications::is_uuid(id) {
        Ok(id)
    } else {
        Err(Failure::invalid("uuid", "not_valid", "uuid in the url is not valid", Value::from(id)))
    }
}

/// A list out of one of the account's views, between two keys.
async fn page(context: &Context, view: crate::store::View, range: Option<(Value, Value)>) -> Result<Reply, Failure> {
    let page = context.page().await?;
    let db = context.account_db()?;
    let (low, high) = range.unzip();
    let (rows, paging) = page.rows(low, high, async |query| context.platform.view(&db, view, &query).await).await?;
    Ok(Reply::list(rows.into_iter().map(|row| row.value).collect()).paging(paging))
}
