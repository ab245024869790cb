//! An app as it lies on disk, in Monster UI's layout: `APP/metadata/app.json`, `icon/` and `screenshots/` beside it.

use std::{
    io,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use walkdir::WalkDir;

use crate::{kazoo::document::text, store::Object};

/// Folders below this depth aren't looked into.
const DEEPEST: usize = 12;

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

/// The folders of the apps at or below a path, sorted.
pub fn find(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = WalkDir::new(root)
        .max_depth(DEEPEST)
        .follow_links(true)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == "app.json" && entry.file_type().is_file())
        .filter_map(|entry| {
            let metadata = entry.path().parent()?;
            (metadata.file_name()? == "metadata").then(|| metadata.parent().map(Path::to_path_buf))?
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Reads an app's `app.json`; a byte order mark before it is passed over.
pub fn read(path: &Path) -> Result<Object, BadPackage> {
    let metadata = path.join("metadata");
    let bytes = std::fs::read(metadata.join("app.json")).map_err(|source| match source.kind() {
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

/// A picture to go with an app document.
pub struct Picture {
    pub name: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Picture {
    /// As an attachment that's written together with its document.
    pub fn inline(&self) -> Value {
        json!({ "content_type": self.content_type, "data": BASE64_STANDARD.encode(&self.bytes) })
    }

    /// Whether an attachment's stub is this very picture.
    pub fn is(&self, stub: &Value) -> bool {
        let digest = format!("md5-{}", BASE64_STANDARD.encode(Md5::digest(&self.bytes)));
        stub.get("digest").is_some_and(|known| *known == digest)
            && stub.get("content_type").is_some_and(|known| known == self.content_type)
    }
}

/// A kind of picture: what the document calls it, and the folder it's in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Icon,
    Screenshots,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Icon => "icon",
            Self::Screenshots => "screenshots",
        }
    }

    fn names(self, app: &Object) -> Vec<String> {
        match self {
            Self::Icon => text(app, "icon").map(str::to_owned).into_iter().collect(),
            Self::Screenshots => app
                .get("screenshots")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Reads the pictures of this kind that an app names: all of them, or none and why.
    pub fn read(self, path: &Path, app: &Object) -> io::Result<Vec<Picture>> {
        let folder = path.join("metadata").join(self.as_str());
        self.names(app)
            .into_iter()
            .map(|name| {
                // The name comes from a file that anybody may have written: it mustn't lead out of the folder.
                if Path::new(&name).components().count() != 1
                    || !matches!(Path::new(&name).components().next(), Some(std::path::Component::Normal(_)))
                {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} is no file's name")));
                }
                let bytes = std::fs::read(folder.join(&name))
                    .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
                Ok(Picture { content_type: content_type(&name), name, bytes })
            })
            .collect()
    }
}

/// A picture's type, by its name.
fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("svg") => "image/svg+xml",
        Some("webp") => "image/webp",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pictures_name_cannot_lead_out_of_its_folder() {
        for name in ["../app.json", "/etc/passwd", "a/b.png", "..", "."] {
            let app = json!({ "icon": name }).as_object().cloned().unwrap();
            let error = Kind::Icon.read(Path::new("/nowhere"), &app).err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name}");
        }
    }

    #[test]
    fn a_pictures_type_comes_from_its_name() {
        assert_eq!(content_type("A.PNG"), "image/png");
        assert_eq!(content_type("a b.jpeg"), "image/jpeg");
        assert_eq!(content_type("noextension"), "application/octet-stream");
    }
}
