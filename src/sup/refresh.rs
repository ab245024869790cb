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
            platform.ensure_database(db).await.map(|()| 0)
        } else {
            platform.install_views(db).await
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

/// Writes the schemas that ship with Storefront over those in the store.
pub async fn update_schemas(platform: &Platform, console: &Console) -> anyhow::Result<bool> {
    console.say("starting system schemas update");
    let written = platform.install_schemas(true).await?;
    console.say(&format!("finished system schemas update: {written} written"));
    Ok(true)
}

fn named(name: &str) -> Option<Db> {
    names::account_db(name).or_else(|| Db::parse(&name.replace("%2F", "/").replace("%2f", "/")))
}
