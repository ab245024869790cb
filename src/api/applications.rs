//! `applications`: a catalogue of apps of any type. The master account and resellers keep it, resellers withhold from it, and
//! accounts activate what they want of it.

use serde_json::Value;

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Gives, Member, does},
        pictures::PICTURES,
    },
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

const SCHEMA: &str = "applications";
const BLOCK: &str = "application_blocklist";
const ENTITLEMENT: &str = "application_entitlement";
const LISTED: &[Member] = &[
    Member::text("id", "The application's id"),
    Member::text("name", "Its name"),
    Member::text("type", "What kind of application it is"),
];
const RULED: &[Member] = &[
    Member::text("app_id", "The application's id"),
    Member::text("app_type", "What kind of application it is"),
    Member::text("type", "Whom it's activated for"),
];

const SHOWS_ICON: Description = does("Shows an application's icon").gives_file(&["image/*"]);
const SHOWS_SCREENSHOT: Description = does("Shows a screenshot of an application").gives_file(&["image/*"]);

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    [kept(), had(), ruled()].concat()
}

/// The catalogue of an account.
fn kept() -> Vec<Endpoint> {
    let may = Access::Reseller;
    let documents = [
        Endpoint::at("accounts/{account}/applications").get(
            may,
            handler!(metadata::list),
            does("Lists the applications in the account's catalogue").in_pages().gives_list(LISTED),
        ),
        Endpoint::at("accounts/{account}/applications/application/{application}")
            .get(may, handler!(metadata::show), does("Shows an application of the catalogue").gives(SCHEMA))
            .put(may, handler!(metadata::create), does("Puts an application into the catalogue").takes(SCHEMA).gives(SCHEMA))
            .post(
                may,
                handler!(metadata::replace),
                does("Replaces an application").note("Its pictures stay.").takes(SCHEMA).gives(SCHEMA),
            )
            .patch(
                may,
                handler!(metadata::patch),
                does("Changes some members of an application").takes_part_of(SCHEMA).gives(SCHEMA),
            )
            .delete(may, handler!(metadata::delete), does("Takes an application out of the catalogue").gives(SCHEMA)),
    ];
    let icons = in_account!("application/{application}/icon").map(|path| {
        picture(path)
            .get(may, handler!(pictures::icon), SHOWS_ICON)
            .post(may, handler!(pictures::upload, Kind::Icon), does("Sets an application's icon").takes_file().gives(SCHEMA))
            .delete(may, handler!(pictures::delete, Kind::Icon), does("Removes an application's icon").gives(SCHEMA))
    });
    let uploads = in_account!("application/{application}/screenshots").map(|path| {
        picture(path).post(
            may,
            handler!(pictures::upload, Kind::Screenshot),
            does("Adds a screenshot to an application").takes_file().gives(SCHEMA),
        )
    });
    let screenshots = in_account!("application/{application}/screenshots/{number}").map(|path| {
        picture(path).get(may, handler!(pictures::screenshot), SHOWS_SCREENSHOT).delete(
            may,
            handler!(pictures::delete, Kind::Screenshot),
            does("Removes a screenshot of an application").gives(SCHEMA),
        )
    });
    documents.into_iter().chain(icons).chain(uploads).chain(screenshots).collect()
}

/// What somebody has.
fn had() -> Vec<Endpoint> {
    let lists = of_somebody!("{type}").map(|(path, may)| {
        Endpoint::at(path).get(
            may,
            handler!(exchange::list),
            does("Lists the applications that somebody has").giving(Gives::Documents(SCHEMA)),
        )
    });
    let shown = of_somebody!("{type}/{application}").map(|(path, may)| {
        Endpoint::at(path).get(may, handler!(exchange::show), does("Shows an application that somebody has").gives(SCHEMA))
    });
    let icons = of_somebody!("{type}/{application}/icon", in a language)
        .map(|(path, may)| picture(path).get(may, handler!(exchange::icon), SHOWS_ICON));
    let screenshots = of_somebody!("{type}/{application}/screenshots/{number}", in a language)
        .map(|(path, may)| picture(path).get(may, handler!(exchange::screenshot), SHOWS_SCREENSHOT));
    lists.into_iter().chain(shown).chain(icons).chain(screenshots).collect()
}

/// What is withheld, and what is activated.
fn ruled() -> Vec<Endpoint> {
    let (resellers, admins) = (Access::Reseller, Access::AdminAlways);
    vec![
        Endpoint::at("accounts/{account}/applications/{type}/blocklists").get(
            resellers,
            handler!(rulings::list, Ruling::Blocklist),
            does("Lists the applications that are withheld").in_pages().gives_list(RULED),
        ),
        Endpoint::at("accounts/{account}/applications/{type}/{application}/block")
            .get(
                resellers,
                handler!(rulings::show, Ruling::Blocklist),
                does("Shows that an application is withheld").gives(BLOCK),
            )
            .put(
                resellers,
                handler!(rulings::create, Ruling::Blocklist),
                does("Withholds an application from the accounts below").takes(BLOCK).gives(BLOCK),
            )
            .post(
                resellers,
                handler!(rulings::replace, Ruling::Blocklist),
                does("Replaces what withholds an application").takes(BLOCK).gives(BLOCK),
            )
            .delete(
                resellers,
                handler!(rulings::delete, Ruling::Blocklist),
                does("Offers an application to the accounts below again").gives(BLOCK),
            ),
        Endpoint::at("accounts/{account}/applications/{type}/entitlements").get(
            admins,
            handler!(rulings::list, Ruling::Entitlement),
            does("Lists the applications that are activated").in_pages().gives_list(RULED),
        ),
        Endpoint::at("accounts/{account}/applications/{type}/{application}/entitlement")
            .get(
                admins,
                handler!(rulings::show, Ruling::Entitlement),
                does("Shows for whom an application is activated").gives(ENTITLEMENT),
            )
            .put(
                admins,
                handler!(rulings::create, Ruling::Entitlement),
                does("Activates an application").takes(ENTITLEMENT).gives(ENTITLEMENT),
            )
            .post(
                admins,
                handler!(rulings::replace, Ruling::Entitlement),
                does("Changes for whom an application is activated").takes(ENTITLEMENT).gives(ENTITLEMENT),
            )
            .delete(
                admins,
                handler!(rulings::delete, Ruling::Entitlement),
                does("Deactivates an application").gives(ENTITLEMENT),
            ),
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
