//! An app as it lies on disk, in Monster UI's layout: `APP/metadata/app.json`, `icon/` and `screenshots/` beside it.
//!
//! Whoever wrote it need not be trusted: nothing outside the app's own folder is read for it, nothing that isn't a plain file, and
//! nothing without end.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::Value;
use walkdir::WalkDir;

use crate::store::Object;

/// Folders below this depth aren't looked into.
const DEEPEST: usize = 12;

/// Bytes that an `app.json` may have.
const LONGEST: u64 = 1 << 20;

/// Why there is no app at a path.
#[derive(Debug, thiserror::Error)]
pub enum BadPackage {
    #[error("failed to incorporate app because there was no app.json in {}", .0.display())]
    NoAppJson(PathBuf),
    #[error("failed to find metadata in {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("failed to validate app data {}: {reason}", path.display())]
    NotJson { path: PathBuf, reason: String },
}

/// What is at or below a path.
pub struct Found {
    /// The folders of apps, sorted.
    pub apps: Vec<PathBuf>,
    /// What couldn't be looked into, and why.
    pub unreadable: Vec<String>,
}

/// Looks for apps at or below a path.
pub fn find(root: &Path) -> Found {
    let mut found = Found { apps: Vec::new(), unreadable: Vec::new() };
    for entry in WalkDir::new(root).max_depth(DEEPEST).follow_links(true) {
        match entry {
            Ok(entry) => found.apps.extend(app_of(entry.path()).filter(|_| entry.file_name() == "app.json")),
            // A link in a circle or to nowhere hides no app.
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) if error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) => {}
            Err(error) => found.unreadable.push(error.to_string()),
        }
    }
    found.apps.sort();
    found.apps.dedup();
    found
}

/// The folder of the app that an `app.json` belongs to.
fn app_of(app_json: &Path) -> Option<PathBuf> {
    let metadata = app_json.parent()?;
    (metadata.file_name()? == "metadata").then(|| metadata.parent().map(Path::to_path_buf))?
}

/// Reads an app's `app.json`; a byte order mark before it is passed over.
pub fn read(path: &Path) -> Result<Object, BadPackage> {
    let metadata = path.join("metadata");
    let bytes = read_within(path, &metadata.join("app.json"), LONGEST).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound if metadata.is_dir() => BadPackage::NoAppJson(metadata.clone()),
        _ => BadPackage::Unreadable { path: path.to_path_buf(), source },
    })?;
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let not_json = |reason: String| BadPackage::NotJson { path: path.to_path_buf(), reason };
    match serde_json::from_slice(json) {
        Ok(Value::Object(app)) => Ok(app),
        Ok(_) => Err(not_json("it isn't an object".into())),
        Err(error) => Err(not_json(error.to_string())),
    }
}

/// Reads a file that really lies in a folder, wherever links lead.
pub fn read_within(folder: &Path, file: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let real = file.canonicalize()?;
    if !real.starts_with(folder.canonicalize()?) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it leads out of the app's folder"));
    }
    read_file(&real, limit)
}

/// Reads a plain file of at most `limit` bytes.
pub fn read_file(file: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let refused = |reason: String| Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    // Asked before it's opened: opening a pipe waits for somebody at its other end.
    let metadata = fs::metadata(file)?;
    if !metadata.is_file() {
        return refused("it isn't a file".into());
    }
    let mut bytes = Vec::new();
    if metadata.len() <= limit {
        File::open(file)?.take(limit + 1).read_to_end(&mut bytes)?;
    }
    if metadata.len() > limit || bytes.len() as u64 > limit {
        return refused(format!("it has more than {} MiB", limit >> 20));
    }
    Ok(bytes)
}
