//! The apps of the master account: showing them, loading them from disk, changing them.

use anyhow::Context as _;

use super::Console;
use crate::{
    kazoo::document::text,
    platform::Platform,
    store::{Document, Object},
};

pub mod edit;
pub mod load;

/// Prints all apps of the master account.
pub async fn list(platform: &Platform, console: &Console) -> anyhow::Result<bool> {
    for app in platform.catalogue(&master(platform).await?).await? {
        print(console, &app);
    }
    Ok(true)
}

/// Prints one app, by its name or id.
pub async fn show(platform: &Platform, console: &Console, wanted: &str) -> anyhow::Result<bool> {
    match find(platform.catalogue(&master(platform).await?).await?, wanted) {
        Some(app) => {
            print(console, &app);
            Ok(true)
        }
        None => {
            console.warn("unknown app");
            Ok(false)
        }
    }
}

/// The app with this id, else the one of this name.
pub fn find(apps: Vec<Document>, wanted: &str) -> Option<Document> {
    let by = |key: &str| apps.iter().find(|app| text(app, key) == Some(wanted));
    by("_id").or_else(|| by("name")).cloned()
}

/// The master account's id.
pub async fn master(platform: &Platform) -> anyhow::Result<String> {
    platform.master_id().await?.context("there is no master account yet; make it with create-account")
}

fn print(console: &Console, app: &Object) {
    console.say(&format!("App {}", text(app, "name").unwrap_or_default()));
    console.say(&format!("  id: {}", text(app, "_id").unwrap_or_default()));
    for key in ["phase", "published", "api_url", "source_url", "tags", "i18n"] {
        if let Some(value) = app.get(key) {
            console.say(&format!("  {key}: {value}"));
        }
    }
}
