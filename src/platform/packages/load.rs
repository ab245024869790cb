//! Loading a Monster UI app from disk into the master account.
//!
//! An app's document and its pictures are written at once: whoever interrupts a load can just begin it again.

use std::path::Path;

use serde_json::Value;

use super::{
    Report,
    folder::{self, BadPackage},
    picture::{Kind, Picture},
};
use crate::{
    kazoo::{
        document::{self, gregorian, text},
        id,
    },
    platform::{Platform, names, schemas::CheckError, unix_now},
    store::{self, Db, Document, Object},
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
pub enum LoadError {
    #[error("there is no master account yet; make it with create-account")]
    NoMaster,
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
    report: &'a dyn Report,
    api_url: Option<&'a str>,
    mode: Mode,
    master_id: String,
    db: Db,
}

impl<'a> Loader<'a> {
    /// `api_url` is the API that the apps are to use; without it they use Monster UI's own.
    pub async fn new(
        platform: &'a Platform,
        report: &'a dyn Report,
        api_url: Option<&'a str>,
        mode: Mode,
    ) -> Result<Self, LoadError> {
        let master_id = platform.master_id().await?.ok_or(LoadError::NoMaster)?;
        let db = names::known_account_db(&master_id)?;
        Ok(Self { platform, report, api_url, mode, master_id, db })
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the app in a folder could be loaded with all of its pictures; the error says why not.
    pub async fn examine(&self, path: &Path) -> Result<Object, LoadError> {
        let app = folder::read(path)?;
        self.check(path, &app).await?;
        for kind in [Kind::Icon, Kind::Screenshots] {
            kind.read(path, &app).map_err(|error| LoadError::Invalid {
                path: path.display().to_string(),
                reason: format!("{}: {error}", kind.as_str()),
            })?;
        }
        Ok(app)
    }

    /// Loads the app in a folder, over the one that bore a previous name where one is given. `false` when one of its pictures
    /// couldn't be loaded.
    pub async fn load(&self, path: &Path, previous: Option<&str>) -> Result<bool, LoadError> {
        let mut app = folder::read(path)?;
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
                self.report.say(&format!(" app {} already loaded in system", text(doc, "name").unwrap_or_default()));
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
            self.report.say(&format!(" no metadata changes for app {app_id}"));
            return Ok(complete);
        }
        doc.insert("pvt_modified".into(), gregorian(unix_now()).into());
        let saved = self.platform.store.put(&self.db, &doc).await;
        saved.map_err(|source| LoadError::Save { name: name.clone(), db: self.db.clone(), source })?;
        match before {
            None => self.report.say(&format!(" saved app {name} as doc {app_id}")),
            Some(_) => self.report.say(&format!(" updated {name} app {app_id} metadata")),
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
                self.report.say(&format!(" not updating {key}, it is unchanged"));
            } else {
                self.report.say(&format!(" preparing to update {key}"));
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
            let fail =
                |reason: String| self.report.warn(&format!("  failed to load {} in {}: {reason}", kind.as_str(), path.display()));
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
                self.report.say(&format!("   saved {} to {app_id}", picture.name));
            }
        }
        if !attachments.is_empty() {
            doc.insert("_attachments".into(), attachments.into());
        }
        Ok(complete)
    }
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
