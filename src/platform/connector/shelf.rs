//! The folder with the apps that the marketplace delivered, a folder for each.
//!
//! An app's folder is either whole or not there. It's made in a corner of the shelf and put into its place by renaming; a note
//! inside says which package it is. What somebody who died on the way has left is put in order by whoever opens the shelf next.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::kazoo::{delivery::Delivery, id};

/// The corner of the shelf that isn't an app.
const CORNER: &str = ".storefront";
/// An app's note of which package it is.
const NOTE: &str = ".storefront.json";

/// An opened shelf. Nobody else on this machine has it open.
pub struct Shelf {
    root: PathBuf,
    /// Of the shelf, wherever it's opened from.
    pub id: String,
    _lock: File,
}

impl Shelf {
    /// Opens a shelf, which is made if it isn't there; `None` when another process has it open.
    pub fn open(root: &Path) -> io::Result<Option<Self>> {
        let corner = root.join(CORNER);
        for folder in ["new", "old", "removed"] {
            fs::create_dir_all(corner.join(folder))?;
        }
        // The lock goes when its process goes, however that ends.
        let lock = File::options().create(true).truncate(false).write(true).open(corner.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let shelf = Self { root: root.to_owned(), id: identity(&corner.join("id"))?, _lock: lock };
        shelf.put_in_order()?;
        Ok(Some(shelf))
    }

    /// Where an app is, if it's there.
    pub fn place(&self, app: &str) -> PathBuf {
        self.root.join(app)
    }

    /// A path in the corner at which there is nothing yet.
    pub fn workbench(&self) -> PathBuf {
        self.corner("new", &id::new_id())
    }

    /// Whether a delivery's package is in its place.
    pub fn has(&self, delivery: &Delivery) -> bool {
        let package = self.note(&delivery.app).and_then(|note| note.get("sha256")?.as_str().map(str::to_owned));
        let wanted = delivery.package.as_ref().map(|package| package.sha256.as_str());
        package.is_some() && package.as_deref() == wanted && self.place(&delivery.app).join("metadata/app.json").is_file()
    }

    /// Whether there is an app of that name that the marketplace delivered.
    pub fn has_any(&self, app: &str) -> bool {
        self.note(app).is_some()
    }

    /// Puts a folder into an app's place; what was there before goes.
    pub fn put(&self, delivery: &Delivery, folder: &Path) -> io::Result<()> {
        let sha256 = delivery.package.as_ref().map(|package| package.sha256.as_str());
        let note = json!({ "delivery": delivery.id, "app": delivery.app, "version": delivery.version, "sha256": sha256 });
        write(&folder.join(NOTE), &note.to_string())?;
        let (place, old) = (self.place(&delivery.app), self.corner("old", &delivery.app));
        discard(&old)?;
        if place.symlink_metadata().is_ok() {
            fs::rename(&place, &old)?;
        }
        fs::rename(folder, &place)?;
        sync(&self.root)?;
        discard(&old)
    }

    /// Takes an app away from its place. What it consists of is kept aside, in the corner.
    pub fn remove(&self, app: &str) -> io::Result<()> {
        if !self.has_any(app) {
            return Ok(());
        }
        let removed = self.corner("removed", app);
        discard(&removed)?;
        fs::rename(self.place(app), &removed)?;
        sync(&self.root)
    }

    fn note(&self, app: &str) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.place(app).join(NOTE)).ok()?).ok()
    }

    fn corner(&self, kind: &str, name: &str) -> PathBuf {
        self.root.join(CORNER).join(kind).join(name)
    }

    /// Half-made folders go. An app that was taken from its place for another to come there goes back if that didn't.
    fn put_in_order(&self) -> io::Result<()> {
        for half_made in fs::read_dir(self.root.join(CORNER).join("new"))? {
            discard(&half_made?.path())?;
        }
        for old in fs::read_dir(self.root.join(CORNER).join("old"))? {
            let old = old?;
            let place = self.root.join(old.file_name());
            if place.symlink_metadata().is_ok() {
                discard(&old.path())?;
            } else {
                fs::rename(old.path(), place)?;
            }
        }
        Ok(())
    }
}

/// The id in a file; a new one if there is none.
fn identity(file: &Path) -> io::Result<String> {
    match fs::read_to_string(file) {
        Ok(known) if id::is_id(&known) => Ok(known),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => {
            let new = id::new_id();
            write(file, &new)?;
            Ok(new)
        }
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(file)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

/// Has the names in a folder survive a loss of power.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes whatever is at a path; links aren't followed.
fn discard(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
