//! `crossbar_maintenance set_app_*`: changing an app of the master account by hand.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

use super::{find, master, print};
use crate::{
    kazoo::{
        document::{self, gregorian, text},
        validation::Invalid,
    },
    platform::{Platform, names, packages::picture::Picture, schemas::CheckError, unix_now},
    store::{self, Document, Object, update},
    sup::Console,
};

/// Why an app wasn't changed.
#[derive(Debug, thiserror::Error)]
enum EditError {
    #[error("{0} isn't to be set by hand")]
    Private(String),
    #[error("there is another app of that name")]
    Taken,
    #[error("{}", Value::Object(.0.clone().into_data()))]
    Invalid(Invalid),
    #[error(transparent)]
    Schema(CheckError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Sets a member of an app, by the path to it. Text becomes a number or a boolean where the schema of apps wants one.
pub async fn set(platform: &Platform, console: &Console, app: &str, path: &[&str], value: Value) -> anyhow::Result<bool> {
    change(platform, console, app, async |doc: &mut Object, apps: &[Document]| {
        if path.iter().any(|key| document::is_private(key)) {
            return Err(EditError::Private(path.join(".")));
        }
        let others = || apps.iter().filter(|other| document::id(other) != document::id(doc));
        if path == ["name"] && others().any(|other| other.get("name") == Some(&value)) {
            return Err(EditError::Taken);
        }
        let mut edited = doc.clone();
        put(&mut edited, path, value.clone());
        let fitting = fit(platform, &edited, path).await?.unwrap_or_else(|| value.clone());
        put(doc, path, fitting);
        Ok(())
    })
    .await
}

/// The member at a path as the schema of apps would have it; `None` where it has nothing to say. Only what is wrong about this
/// member keeps it from being set: the document may have been wrong elsewhere before.
async fn fit(platform: &Platform, app: &Object, path: &[&str]) -> Result<Option<Value>, EditError> {
    let mut app = app.clone();
    // The schema demands it, although an app that uses Monster UI's own API has none.
    app.entry("api_url").or_insert_with(|| "http://localhost/".into());
    match platform.check("app", Value::Object(app)).await {
        Ok(checked) => {
            let (first, rest) = path.split_first().unwrap_or((&"", &[]));
            Ok(rest.iter().try_fold(checked.get(*first), |value, key| value.map(|value| value.get(*key))).flatten().cloned())
        }
        Err(CheckError::Invalid(invalid)) => {
            let (here, below) = (path.join("."), path.join(".") + ".");
            let wrong = invalid.clone().into_data().keys().any(|key| *key == here || key.starts_with(&below));
            if wrong { Err(EditError::Invalid(invalid)) } else { Ok(None) }
        }
        Err(CheckError::Store(error)) => Err(error.into()),
        Err(error) => Err(EditError::Schema(error)),
    }
}

fn put(object: &mut Object, path: &[&str], value: Value) {
    match path {
        [] => {}
        [key] => drop(object.insert((*key).to_owned(), value)),
        [key, rest @ ..] => {
            let inner = object.entry(*key).or_insert_with(|| Object::new().into());
            if !inner.is_object() {
                *inner = Object::new().into();
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Adds a picture to an app. What the app calls its icon stays as it is, as in Kazoo.
pub async fn add_icon(platform: &Platform, console: &Console, app: &str, file: &Path) -> anyhow::Result<bool> {
    let picture = match Picture::read(file) {
        Ok(picture) => picture,
        Err(error) => {
            console.warn(&format!("  failed to load icon in {}: {error}", file.display()));
            return Ok(false);
        }
    };
    let hint = format!("set_app_field {app} icon {:?}", picture.name);
    add(platform, console, app, &[picture], |doc, added| text(doc, "icon") == added.first().copied(), &hint).await
}

/// Adds every `*.png` of a folder to an app. What the app calls its screenshots stays as it is, as in Kazoo.
pub async fn add_screenshots(platform: &Platform, console: &Console, app: &str, folder: &Path) -> anyhow::Result<bool> {
    let fail = |reason: String| {
        console.warn(&format!("  failed to load screenshots in {}: {reason}", folder.display()));
        Ok(false)
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return fail(error.to_string()),
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "png")).collect();
    files.sort();
    if files.is_empty() {
        return fail("there is no *.png".into());
    }
    let mut pictures = Vec::new();
    for file in &files {
        match Picture::read(file) {
            Ok(picture) => pictures.push(picture),
            Err(error) => return fail(format!("{}: {error}", file.display())),
        }
    }
    let listed = |doc: &Object, added: &[&str]| {
        let names = doc.get("screenshots").and_then(Value::as_array);
        added.iter().all(|name| names.is_some_and(|names| names.iter().any(|known| known == name)))
    };
    add(platform, console, app, &pictures, listed, "its app.json names them: refresh_app").await
}

/// Adds pictures; a hint is given when the app doesn't name them.
async fn add(
    platform: &Platform,
    console: &Console,
    app: &str,
    pictures: &[Picture],
    named: impl Fn(&Object, &[&str]) -> bool,
    hint: &str,
) -> anyhow::Result<bool> {
    let db = names::account_db(&master(platform).await?).context("the master account has no database")?;
    let names: Vec<&str> = pictures.iter().map(|picture| picture.name.as_str()).collect();
    let mut is_named = true;
    let done = change(platform, console, app, async |doc: &mut Object, _: &[Document]| {
        is_named = named(doc, &names);
        let mut attachments = doc.get("_attachments").and_then(Value::as_object).cloned().unwrap_or_default();
        for picture in pictures {
            if !picture.is_in(platform.store.as_ref(), &db, doc).await? {
                attachments.insert(picture.name.clone(), picture.inline());
            }
            console.say(&format!("   saved {} to {}", picture.name, text(doc, "_id").unwrap_or_default()));
        }
        doc.insert("_attachments".into(), attachments.into());
        Ok(())
    })
    .await?;
    if done && !is_named {
        console.warn(&format!("hint: the app doesn't show {} yet; {hint}", names.join(", ")));
    }
    Ok(done)
}

/// Changes an app, by its id or name, and prints it.
async fn change(
    platform: &Platform,
    console: &Console,
    wanted: &str,
    mut edit: impl AsyncFnMut(&mut Object, &[Document]) -> Result<(), EditError>,
) -> anyhow::Result<bool> {
    let master_id = master(platform).await?;
    let db = names::account_db(&master_id).context("the master account has no database")?;
    let apps = platform.catalogue(&master_id).await?;
    let Some(app) = find(apps.clone(), wanted) else {
        console.warn(&format!("updating {wanted} failed: unknown app"));
        return Ok(false);
    };
    let id = document::id(&app).unwrap_or_default();
    let changed = update(platform.store.as_ref(), &db, id, async |doc: &mut Object| {
        let before = doc.clone();
        edit(doc, &apps).await?;
        if *doc != before {
            doc.insert("pvt_modified".into(), gregorian(unix_now()).into());
        }
        Ok::<_, EditError>(())
    });
    match changed.await {
        Ok(merged) => {
            print(console, &merged.doc);
            Ok(true)
        }
        Err(error) => {
            console.warn(&format!("updating {wanted} failed: {error}"));
            Ok(false)
        }
    }
}
