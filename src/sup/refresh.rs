//! `kapps_maintenance refresh`: databases, views and schemas that ought to be there.

use super::Console;
use crate::{
    platform::{Platform, names},
    store::{self, Db},
};

/// Refreshes one database (by its name or an account's id), or all.
pub async fn refresh(platform: &Platform, console: &Console, database: Option<&str>) -> anyhow::Result<bool> {
    let databases = match database {
        None => platform.databases_with_views().await?,
        Some(name) => match named(name) {
            Some(db) => vec![db],
            None => {
                console.warn(&format!("{name} is no database's name"));
                return Ok(false);
            }
        },
    };
    let bar = console.progress(databases.len());
    let (count, mut good) = (databases.len(), true);
    for (done, db) in databases.iter().enumerate() {
        bar.set_message(db.to_string());
        let outcome = if names::SYSTEM.contains(&db) {
            platform.ensure_database(db).await
        } else {
            refresh_other(platform, console, db).await
        };
        bar.suspend(|| match outcome {
            Ok(_) => console.say(&format!("({}/{count}) refreshed database {db}", done + 1)),
            Err(store::Error::NoDatabase { .. }) => {
                good = false;
                console.warn(&format!("({}/{count}) there is no database {db}", done + 1));
            }
            Err(error) => {
                good = false;
                console.warn(&format!("({}/{count}) failed to refresh database {db}: {error}", done + 1));
            }
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    if databases.contains(&names::SYSTEM_SCHEMAS) {
        platform.install_schemas(false).await?;
    }
    Ok(good)
}

/// Refreshes an account's databases, and its copy in `accounts`.
pub async fn refresh_account(platform: &Platform, console: &Console, account_id: &str) -> anyhow::Result<bool> {
    let Some(own) = names::account_db(account_id).filter(|_| !account_id.is_empty()) else {
        console.warn(&format!("{account_id} is no account's id"));
        return Ok(false);
    };
    let mut good = refresh(platform, console, Some(own.as_str())).await?;
    for month in platform.store.databases(&format!("{own}-")).await? {
        good &= refresh(platform, console, Some(month.as_str())).await?;
    }
    Ok(good)
}

/// Puts the design documents of the system databases there.
pub async fn register_views(platform: &Platform, console: &Console) -> anyhow::Result<bool> {
    console.say("crossbar register_views()");
    for db in names::SYSTEM {
        platform.ensure_database(db).await?;
    }
    Ok(true)
}

/// Writes the schemas that ship with Storefront over those in the store.
pub async fn update_schemas(platform: &Platform, console: &Console) -> anyhow::Result<bool> {
    console.say("starting system schemas update");
    let written = platform.install_schemas(true).await?;
    console.say(&format!("finished system schemas update: {written} written"));
    Ok(true)
}

/// A database that isn't the system's. What an account's own document says counts over the copy in `accounts`.
async fn refresh_other(platform: &Platform, console: &Console, db: &Db) -> Result<usize, store::Error> {
    let written = platform.install_views(db).await?;
    if let Some(account_id) = names::account_of(db)
        && platform.account(&account_id).await?.is_some()
    {
        console.say(&format!("ensuring necessary documents from account '{account_id}' are in aggregate dbs"));
        platform.copy_account(&account_id).await?;
    }
    Ok(written)
}

/// A database by its name, or an account's id.
pub(super) fn named(name: &str) -> Option<Db> {
    names::account_db(name).or_else(|| Db::parse(&name.replace("%2F", "/").replace("%2f", "/")))
}
