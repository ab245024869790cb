//! Loading Monster UI apps from disk into the master account.
//!
//! An app's document and its pictures are written at once: whoever interrupts a load can just begin it again.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::Value;

use super::{
    is_empty, master,
    package::{self, BadPackage},
    picture::{Kind, Picture},
};
use crate::{
    kazoo::{
        document::{self, gregorian, text},
        id,
    },
    platform::{Platform, names, schemas::CheckError, unix_now},
    store::{self, Db, Document, Object},
    sup::Console,
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
    #[error("failed to find app {name}: {reason}")]
    Ambiguous { name: String, reason: String },
    #[error("failed to save app {name} to {db}: {source}")]
    Save { name: String, db: Db, source: store::Error },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Loads apps into the master account's database.
pub struct Loader<'a> {
    platform: &'a Platform,
    console: &'a Console,
    api_url: Option<&'a str>,
    mode: Mode,
    master_id: String,
    db: Db,
}

impl<'a> Loader<'a> {
    pub async fn new(platform: &'a Platform, console: &'a Console, api_url: Option<&'a str>, mode: Mode) -> anyhow::Result<Self> {
        let master_id = master(platform).await?;
        let db = names::account_db(&master_id).context("the master account has no database")?;
        Ok(Self { platform, console, api_url, mode, master_id, db })
    }

    /// Loads every app below a folder. `false` when one of them failed; the others are loaded all the same.
    pub async fn load_all(&self, root: &Path) -> anyhow::Result<bool> {
        if !root.is_dir() {
            anyhow::bail!("{} is no folder", root.display());
        }
        let package::Found { apps, unreadable } = package::find(root);
        unreadable.iter().for_each(|reason| self.console.warn(&format!("  failed to look into {reason}")));
        if apps.is_empty() {
            self.console.warn(&format!("there is no app below {}; an app has a file metadata/app.json", root.display()));
            return Ok(false);
        }
        let surplus = surplus(&apps);
        let bar = self.console.progress(apps.len());
        let mut failed = Vec::new();
        for path in &apps {
            bar.set_message(path.display().to_string());
            let loaded = match surplus.get(path) {
                Some((name, other)) => {
                    self.announce(path);
                    let reason = format!("there is another of that name in {}", other.display());
                    self.report(Err(LoadError::Ambiguous { name: name.clone(), reason }))?
                }
                None => self.load(path).await?,
            };
            if !loaded {
                failed.push(path.display().to_string());
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        if !failed.is_empty() {
            self.console.warn(&format!("{} of {} apps failed: {}", failed.len(), apps.len(), failed.join(", ")));
        }
        Ok(failed.is_empty() && unreadable.is_empty())
    }

    /// Loads one app. `false` when it, or one of its pictures, couldn't be loaded.
    pub async fn load(&self, path: &Path) -> anyhow::Result<bool> {
        self.announce(path);
        self.report(self.store(path, None).await)
    }

    /// Loads one app over the one that had another name.
    pub async fn rename(&self, path: &Path, previous: &str) -> anyhow::Result<bool> {
        self.announce(path);
        self.report(self.store(path, Some(previous)).await)
    }

    fn announce(&self, path: &Path) {
        let verb = if self.mode == Mode::Init { "init" } else { "refresh" };
        self.console.say(&format!("trying to {verb} app from {}", path.display()));
    }

    fn report(&self, outcome: Result<bool, LoadError>) -> anyhow::Result<bool> {
        match outcome {
            Ok(complete) => Ok(complete),
            Err(LoadError::Store(error)) => Err(error.into()),
            Err(error) => {
                self.console.warn(&format!("  {error}"));
                Ok(false)
            }
        }
    }

    async fn store(&self, path: &Path, previous: Option<&str>) -> Result<bool, LoadError> {
        let mut app = package::read(path)?;
        self.check(path, &app).await?;
        match self.api_url {
            Some(url) => app.insert("api_url".into(), url.into()),
            None => app.shift_remove("api_url"),
        };
        let name = text(&app, "name").unwrap_or_default().to_owned();
        let before = self.known(&name, previous).await?;
        let mut doc = match &before {
            None => self.created(app.clone()),
            Some(doc) => {
                self.console.say(&format!(" app {} already loaded in system", text(doc, "name").unwrap_or_default()));
                let mut doc = self.updated(doc, &app).await?;
                if previous.is_some() {
                    doc.insert("name".into(), name.as_str().into());
                }
                doc
            }
        };
        let complete = self.attach(path, &app, &mut doc).await?;
        let app_id = text(&doc, "_id").unwrap_or_default().to_owned();
        if before.as_deref() == Some(&doc) {
            self.console.say(&format!(" no metadata changes for app {app_id}"));
            return Ok(complete);
        }
        doc.insert("pvt_modified".into(), gregorian(unix_now()).into());
        let saved = self.platform.store.put(&self.db, &doc).await;
        saved.map_err(|source| LoadError::Save { name: name.clone(), db: self.db.clone(), source })?;
        match before {
            None => self.console.say(&format!(" saved app {name} as doc {app_id}")),
            Some(_) => self.console.say(&format!(" updated {name} app {app_id} metadata")),
        }
        Ok(complete)
    }

    async fn check(&self, path: &Path, app: &Object) -> Result<(), LoadError> {
        let reason = match self.platform.check("app", Value::Object(app.clone())).await {
            Ok(_) => return Ok(()),
            Err(CheckError::Store(error)) => return Err(error.into()),
            Err(CheckError::Invalid(invalid)) => Value::Object(invalid.into_data()).to_string(),
            Err(error) => error.to_string(),
        };
        Err(LoadError::Invalid { path: path.display().to_string(), reason })
    }

    /// The app that is there already; with a previous name the one that still bears it.
    async fn known(&self, name: &str, previous: Option<&str>) -> Result<Option<Document>, LoadError> {
        let named = self.one_named(name).await?;
        let Some(previous) = previous.filter(|previous| *previous != name) else {
            return Ok(named);
        };
        let ambiguous = |reason: &str| LoadError::Ambiguous { name: previous.to_owned(), reason: reason.to_owned() };
        match (self.one_named(previous).await?, named) {
            (Some(doc), None) => Ok(Some(doc)),
            // It was renamed before.
            (None, Some(doc)) => Ok(Some(doc)),
            (Some(_), Some(_)) => Err(ambiguous(&format!("it can't be called {name}, as another app is"))),
            (None, None) => Err(ambiguous("there is none")),
        }
    }

    async fn one_named(&self, name: &str) -> Result<Option<Document>, LoadError> {
        let mut known = self.platform.apps_named(&self.master_id, name).await?;
        if known.len() > 1 {
            let reason = format!("there are {} of that name", known.len());
            return Err(LoadError::Ambiguous { name: name.to_owned(), reason });
        }
        Ok(known.pop())
    }

    /// A new app's document: everything in the file but where its code is.
    fn created(&self, mut app: Object) -> Object {
        app.shift_remove("source_url");
        let id = text(&app, "_id").filter(|id| !id.starts_with('_')).map_or_else(id::new_id, str::to_owned);
        app.retain(|key, _| !key.starts_with('_'));
        app.shift_insert(0, "_id".into(), id.into());
        app.insert("pvt_type".into(), "app".into());
        app.insert("pvt_account_id".into(), self.master_id.as_str().into());
        app.insert("pvt_account_db".into(), id::account_db_encoded(&self.master_id).into());
        app.insert("pvt_created".into(), gregorian(unix_now()).into());
        app
    }

    /// A known app's document with the members that this way of loading brings up to date.
    async fn updated(&self, doc: &Object, app: &Object) -> Result<Object, store::Error> {
        let settings = self.platform.settings("crossbar").await?;
        let configured = settings.get("refresh_app_keys").and_then(Value::as_array);
        let keys: Vec<&str> = match (self.mode, configured) {
            (Mode::Init, _) => vec!["api_url"],
            (Mode::Refresh, Some(keys)) => keys.iter().filter_map(Value::as_str).collect(),
            (Mode::Refresh, None) => REFRESHED.to_vec(),
        };
        let mut doc = doc.clone();
        for key in keys.into_iter().filter(|key| !document::is_private(key)) {
            let Some(value) = app.get(key).filter(|value| !is_empty(value)) else { continue };
            if doc.get(key) == Some(value) {
                self.console.say(&format!(" not updating {key}, it is unchanged"));
            } else {
                self.console.say(&format!(" preparing to update {key}"));
                doc.insert(key.to_owned(), value.clone());
            }
        }
        Ok(doc)
    }

    /// Puts the pictures that aren't there yet into the document. `false` when some couldn't be read: then none of their kind is
    /// touched.
    async fn attach(&self, path: &Path, app: &Object, doc: &mut Object) -> Result<bool, store::Error> {
        let app_id = text(doc, "_id").unwrap_or_default().to_owned();
        let (mut complete, mut pictures) = (true, Vec::<Picture>::new());
        for kind in [Kind::Icon, Kind::Screenshots] {
            let fail = |reason: String| {
                self.console.warn(&format!("  failed to load {} in {}: {reason}", kind.as_str(), path.display()))
            };
            match kind.read(path, app) {
                // Both kinds share the names of one document's attachments.
                Ok(more) => match more.iter().find(|one| pictures.iter().any(|other| other.name == one.name && !other.is(one))) {
                    None => pictures.extend(more),
                    Some(taken) => {
                        fail(format!("{}: the icon has this name and is another picture", taken.name));
                        complete = false;
                    }
                },
                Err(error) => {
                    fail(error.to_string());
                    complete = false;
                }
            }
        }
        let mut attachments = doc.get("_attachments").and_then(Value::as_object).cloned().unwrap_or_default();
        for picture in &pictures {
            if !picture.is_in(self.platform.store.as_ref(), &self.db, doc).await? {
                attachments.insert(picture.name.clone(), picture.inline());
                self.console.say(&format!("   saved {} to {app_id}", picture.name));
            }
        }
        if !attachments.is_empty() {
            doc.insert("_attachments".into(), attachments.into());
        }
        Ok(complete)
    }
}

/// Of several folders with an app of the same name one is loaded: that which bears the name itself, else the first. These are
/// the others, with the name and the one that is loaded.
fn surplus(apps: &[PathBuf]) -> HashMap<&PathBuf, (String, &PathBuf)> {
    let mut by_name: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
    for path in apps {
        if let Some(name) = package::read(path).ok().and_then(|app| text(&app, "name").map(str::to_owned)) {
            by_name.entry(name).or_default().push(path);
        }
    }
    let mut surplus = HashMap::new();
    for (name, paths) in by_name {
        let fits = |path: &&&PathBuf| path.file_name().is_some_and(|folder| folder == name.as_str());
        let Some(chosen) = paths.iter().find(fits).or_else(|| paths.first()).copied() else { continue };
        surplus.extend(paths.iter().filter(|path| **path != chosen).map(|path| (*path, (name.clone(), chosen))));
    }
    surplus
}
