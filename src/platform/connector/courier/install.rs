//! Putting an app into its place and into the catalogue, and taking it out again.

use std::{io, path::Path};

use serde_json::{Value, json};

use super::{Courier, Trouble};
use crate::{
    kazoo::{
        delivery::{Delivery, Package},
        document::{self, flag, gregorian, text},
    },
    platform::{
        names,
        packages::{
            LoadError, Loader, Mode,
            unpack::{self, UnpackError},
        },
        unix_now,
    },
    store::{self, Document, Object, update},
};

/// What an app's document keeps of its delivery: `{delivery, version, sha256, unpublished}`.
const DELIVERED: &str = "pvt_marketplace";

impl Courier<'_> {
    /// Has the package in its place and the app in the catalogue.
    pub(super) async fn install(&self, delivery: &Delivery, package: &Package) -> Result<(), Trouble> {
        let loader = Loader::new(self.platform, self.report, self.connector.api_url(), Mode::Refresh).await.map_err(trouble)?;
        if self.shelf.has(delivery) {
            self.report.say("  its package is there already");
        } else {
            self.put_in_place(delivery, package, &loader).await?;
        }
        loader.load(&self.shelf.place(&delivery.app), None).await.map_err(trouble)?;
        let delivered = json!({ "delivery": delivery.id, "version": delivery.version, "sha256": package.sha256 });
        for app in self.apps(&delivery.app).await? {
            self.edit(&app, |doc| {
                if doc.get(DELIVERED).and_then(Value::as_object).is_some_and(|before| flag(before, "unpublished")) {
                    doc.insert("published".into(), true.into());
                }
                doc.insert(DELIVERED.into(), delivered.clone());
            })
            .await?;
        }
        Ok(())
    }

    /// Nothing takes an app's place before everything about it is known to be good.
    async fn put_in_place(&self, delivery: &Delivery, package: &Package, loader: &Loader<'_>) -> Result<(), Trouble> {
        let (archive, folder) = (self.shelf.workbench(), self.shelf.workbench());
        let put = self.put_in_place_by(delivery, package, loader, &archive, &folder).await;
        for rest in [archive, folder] {
            discard(&rest).await?;
        }
        put
    }

    async fn put_in_place_by(
        &self,
        delivery: &Delivery,
        package: &Package,
        loader: &Loader<'_>,
        archive: &Path,
        folder: &Path,
    ) -> Result<(), Trouble> {
        self.download(delivery, package, archive).await?;
        self.report.say(&format!("  downloaded {} bytes", package.size));
        let root = {
            let (archive, folder) = (archive.to_owned(), folder.to_owned());
            blocking(move || {
                let files = unpack::unpack(&archive, &folder)?;
                Ok::<_, UnpackError>((files, unpack::root(&folder)?))
            })
        };
        let (files, root) = match root.await? {
            Ok(unpacked) => unpacked,
            Err(UnpackError::Disk(error)) => return Err(disk(error)),
            Err(bad) => return Err(Trouble::Bad(bad.to_string())),
        };
        self.report.say(&format!("  unpacked {files} files"));
        // Where exactly it lies is nobody else's business.
        let hidden = |error: LoadError| match trouble(error) {
            Trouble::Bad(detail) => Trouble::Bad(detail.replace(&root.display().to_string(), "the package")),
            other => other,
        };
        let app = loader.examine(&root).await.map_err(hidden)?;
        if text(&app, "name") != Some(delivery.app.as_str()) {
            let other = text(&app, "name").unwrap_or_default().chars().take(80).collect::<String>();
            return Err(Trouble::Bad(format!("the package has another app in it: {other:?}")));
        }
        self.shelf.put(delivery, &root).map_err(disk)?;
        self.report.say("  put it in its place");
        Ok(())
    }

    /// Takes an app that the marketplace delivered out of the catalogue and from its place; others are none of its business.
    pub(super) async fn remove(&self, delivery: &Delivery) -> Result<(), Trouble> {
        let apps = self.apps(&delivery.app).await?;
        if let Some(app) = apps.iter().find(|app| !app.contains_key(DELIVERED)) {
            return Err(Trouble::Bad(format!("app {} didn't come from the marketplace", text(app, "name").unwrap_or_default())));
        }
        for app in &apps {
            self.edit(app, |doc| {
                let was_published = doc.get("published") != Some(&Value::Bool(false));
                if let Some(Value::Object(delivered)) = doc.get_mut(DELIVERED).filter(|_| was_published) {
                    delivered.insert("unpublished".into(), true.into());
                }
                doc.insert("published".into(), false.into());
            })
            .await?;
        }
        self.shelf.remove(&delivery.app).map_err(disk)
    }

    /// Whether all that a delivery is about is as it should be.
    pub(super) async fn verify(&self, delivery: &Delivery) -> Result<(), Trouble> {
        let apps = self.apps(&delivery.app).await?;
        let missing = |what: &str| Err(Trouble::Bad(format!("app {} {what}", delivery.app)));
        if delivery.package.is_none() {
            return match apps.iter().any(|app| app.get("published") != Some(&Value::Bool(false))) {
                true => missing("is still published"),
                false if self.shelf.has_any(&delivery.app) => missing("is still in its place"),
                false => Ok(()),
            };
        }
        match apps.len() {
            0 => missing("isn't in the catalogue"),
            1 if self.shelf.has(delivery) => Ok(()),
            1 => missing("isn't in its place"),
            _ => missing("is in the catalogue more than once"),
        }
    }

    /// The documents of an app in the catalogue.
    async fn apps(&self, name: &str) -> Result<Vec<Document>, Trouble> {
        let master_id = self.platform.master_id().await?.ok_or_else(|| trouble(LoadError::NoMaster))?;
        Ok(self.platform.apps_named(&master_id, name).await?)
    }

    async fn edit(&self, app: &Document, mut edit: impl FnMut(&mut Object)) -> Result<(), Trouble> {
        let master_id = self.platform.master_id().await?.ok_or_else(|| trouble(LoadError::NoMaster))?;
        let db = names::known_account_db(&master_id)?;
        let id = document::id(app).unwrap_or_default();
        update(self.platform.store.as_ref(), &db, id, async |doc: &mut Object| {
            // It may have been deleted meanwhile.
            if !doc.contains_key("_rev") {
                return Err(store::Error::NotFound { db: db.clone(), id: id.to_owned() });
            }
            let before = doc.clone();
            edit(doc);
            if *doc != before {
                doc.insert("pvt_modified".into(), gregorian(unix_now()).into());
            }
            Ok(())
        })
        .await?;
        Ok(())
    }
}

fn trouble(error: LoadError) -> Trouble {
    match error {
        LoadError::Store(error) => error.into(),
        LoadError::Save { source: error @ (store::Error::Unreachable { .. } | store::Error::Timeout { .. }), .. } => error.into(),
        other => Trouble::Bad(other.to_string()),
    }
}

pub(super) fn disk(error: io::Error) -> Trouble {
    Trouble::Bad(format!("the app couldn't be written to disk: {error}"))
}

/// Does something that takes its time on another thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Trouble> {
    tokio::task::spawn_blocking(work).await.map_err(|error| disk(io::Error::other(error)))
}

async fn discard(path: &Path) -> Result<(), Trouble> {
    let gone = match tokio::fs::metadata(path).await {
        Ok(metadata) if metadata.is_dir() => tokio::fs::remove_dir_all(path).await,
        Ok(_) => tokio::fs::remove_file(path).await,
        Err(_) => Ok(()),
    };
    gone.map_err(disk)
}
