//! Loading Monster UI apps from disk into the master account, and showing which are there.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use super::{
    Console,
    package::{self, BadPackage, Kind, Picture},
};
use crate::{
    kazoo::{
        document::{self, gregorian, text},
        id,
    },
    platform::{Platform, names, schemas::CheckError, unix_now},
    store::{self, Db, Object},
};

/// What a refresh brings up to date, where no setting says so.
const REFRESHED: [&str; 11] =
    ["name", "i18n", "tags", "author", "version", "license", "price", "icon", "screenshots", "api_url", "phase"];

/// What happens to an app that's there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Its URL and pictures are brought up to date.
    Init,
    /// Everything is.
    Refresh,
}

/// Why an app wasn't loaded.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error("{0}")]
    Package(#[from] BadPackage),
    #[error("failed to validate app data {path}: {reason}")]
    Invalid { path: String, reason: String },
    #[error("failed to find app {name}: there are {count} of that name")]
    Several { name: String, count: usize },
    #[error("failed to save app {name} to {db}: {source}")]
    Save { name: String, db: Db, source: store::Error },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Loads every app below a folder. `false` when one of them failed; the others are loaded all the same.
pub async fn load_all(
    platform: &Platform,
    console: &Console,
    root: &Path,
    api_url: Option<&str>,
    mode: Mode,
) -> anyhow::Result<bool> {
    if !root.is_dir() {
        anyhow::bail!("{} is no folder", root.display());
    }
    let packages = package::find(root);
    if packages.is_empty() {
        console.warn(&format!("there is no app below {}; an app has a file metadata/app.json", root.display()));
        return Ok(false);
    }
    let bar = console.progress(packages.len());
    let mut failed = Vec::new();
    for path in &packages {
        bar.set_message(path.display().to_string());
        let loaded = load(platform, console, path, api_url, mode).await?;
        if !loaded {
            failed.push(path.display().to_string());
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if !failed.is_empty() {
        console.warn(&format!("{} of {} apps failed: {}", failed.len(), packages.len(), failed.join(", ")));
    }
    Ok(failed.is_empty())
}

/// Loads one app. `false` when it, or one of its pictures, couldn't be loaded.
pub async fn load(
    platform: &Platform,
    console: &Console,
    path: &Path,
    api_url: Option<&str>,
    mode: Mode,
) -> anyhow::Result<bool> {
    let verb = if mode == Mode::Init { "init" } else { "refresh" };
    console.say(&format!("trying to {verb} app from {}", path.display()));
    let master_id = platform.master_id().await?.context("there is no master account yet; make it with create-account")?;
    let db = names::account_db(&master_id).context("the master account has no database")?;
    match store_app(platform, console, path, api_url, mode, &master_id, &db).await {
        Ok(complete) => Ok(complete),
        Err(LoadError::Store(error)) => Err(error.into()),
        Err(error) => {
            console.warn(&format!("  {error}"));
            Ok(false)
        }
    }
}

async fn store_app(
    platform: &Platform,
    console: &Console,
    path: &Path,
    api_url: Option<&str>,
    mode: Mode,
    master_id: &str,
    db: &Db,
) -> Result<bool, LoadError> {
    let mut app = package::read(path)?;
    match platform.check("app", Value::Object(app.clone())).await {
        Ok(_) => {}
        Err(CheckError::Store(error)) => return Err(error.into()),
        Err(CheckError::Invalid(invalid)) => {
            let reason = Value::Object(invalid.into_data()).to_string();
            return Err(LoadError::Invalid { path: path.display().to_string(), reason });
        }
        Err(error) => return Err(LoadError::Invalid { path: path.display().to_string(), reason: error.to_string() }),
    }
    match api_url {
        Some(url) => app.insert("api_url".into(), url.into()),
        None => app.shift_remove("api_url"),
    };
    let name = text(&app, "name").unwrap_or_default().to_owned();
    let known = platform.apps_named(master_id, &name).await?;
    let before = match known.as_slice() {
        [] => None,
        [doc] => {
            console.say(&format!(" app {name} already loaded in system"));
            Some(doc)
        }
        several => return Err(LoadError::Several { name, count: several.len() }),
    };
    let mut doc = match before {
        None => created(app.clone(), master_id),
        Some(doc) => updated(platform, console, doc, &app, mode).await?,
    };
    let complete = attach(console, path, &app, &mut doc);
    if before.is_some_and(|before| **before == doc) {
        console.say(&format!(" no metadata changes for app {}", text(&doc, "_id").unwrap_or_default()));
        return Ok(complete);
    }
    doc.insert("pvt_modified".into(), gregorian(unix_now()).into());
    platform.store.put(db, &doc).await.map_err(|source| LoadError::Save { name: name.clone(), db: db.clone(), source })?;
    let app_id = text(&doc, "_id").unwrap_or_default();
    match before {
        None => console.say(&format!(" saved app {name} as doc {app_id}")),
        Some(_) => console.say(&format!(" updated {name} app {app_id} metadata")),
    }
    Ok(complete)
}

/// A new app's document: everything in the file but where its code is.
fn created(mut app: Object, master_id: &str) -> Object {
    app.shift_remove("source_url");
    let id = text(&app, "_id").filter(|id| !id.starts_with('_')).map_or_else(id::new_id, str::to_owned);
    app.retain(|key, _| !key.starts_with('_'));
    app.shift_insert(0, "_id".into(), id.into());
    let now = gregorian(unix_now());
    app.insert("pvt_type".into(), "app".into());
    app.insert("pvt_account_id".into(), master_id.into());
    app.insert("pvt_account_db".into(), id::account_db_encoded(master_id).into());
    app.insert("pvt_created".into(), now.into());
    app
}

/// A known app's document with the members that this way of loading brings up to date.
async fn updated(platform: &Platform, console: &Console, doc: &Object, app: &Object, mode: Mode) -> Result<Object, store::Error> {
    let settings = platform.settings("crossbar").await?;
    let configured = settings.get("refresh_app_keys").and_then(Value::as_array);
    let keys: Vec<&str> = match (mode, configured) {
        (Mode::Init, _) => vec!["api_url"],
        (Mode::Refresh, Some(keys)) => keys.iter().filter_map(Value::as_str).collect(),
        (Mode::Refresh, None) => REFRESHED.to_vec(),
    };
    let mut doc = doc.clone();
    for key in keys.into_iter().filter(|key| !document::is_private(key)) {
        let Some(value) = app.get(key).filter(|value| !is_empty(value)) else { continue };
        if doc.get(key) == Some(value) {
            console.say(&format!(" not updating {key}, it is unchanged"));
        } else {
            console.say(&format!(" preparing to update {key}"));
            doc.insert(key.to_owned(), value.clone());
        }
    }
    Ok(doc)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Puts the pictures that aren't there yet into the document. `false` when some couldn't be read: then none of their kind is
/// touched.
fn attach(console: &Console, path: &Path, app: &Object, doc: &mut Object) -> bool {
    let app_id = text(doc, "_id").unwrap_or_default().to_owned();
    let mut complete = true;
    let mut attachments = doc.get("_attachments").and_then(Value::as_object).cloned().unwrap_or_default();
    for kind in [Kind::Icon, Kind::Screenshots] {
        let pictures: Vec<Picture> = match kind.read(path, app) {
            Ok(pictures) => pictures,
            Err(error) => {
                console.warn(&format!("  failed to load {} in {}: {error}", kind.as_str(), path.display()));
                complete = false;
                continue;
            }
        };
        for picture in pictures
            .iter()
            .filter(|picture| !attachments.get(&picture.name).is_some_and(|stub| picture.is(stub)))
            .collect::<Vec<_>>()
        {
            attachments.insert(picture.name.clone(), picture.inline());
            console.say(&format!("   saved {} to {app_id}", picture.name));
        }
    }
    if !attachments.is_empty() {
        doc.insert("_attachments".into(), attachments.into());
    }
    complete
}

/// Prints all apps of the master account.
pub async fn list(platform: &Platform, console: &Console) -> anyhow::Result<bool> {
    let master_id = platform.master_id().await?.context("there is no master account yet; make it with create-account")?;
    for app in platform.catalogue(&master_id).await? {
        print(console, &app);
    }
    Ok(true)
}

/// Prints one app, by its name or id.
pub async fn show(platform: &Platform, console: &Console, wanted: &str) -> anyhow::Result<bool> {
    let master_id = platform.master_id().await?.context("there is no master account yet; make it with create-account")?;
    let apps = platform.catalogue(&master_id).await?;
    match apps.iter().find(|app| text(app, "name") == Some(wanted) || text(app, "_id") == Some(wanted)) {
        Some(app) => {
            print(console, app);
            Ok(true)
        }
        None => {
            console.warn("unknown app");
            Ok(false)
        }
    }
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
