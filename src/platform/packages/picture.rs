//! Pictures that go with an app document: its icon and its screenshots.

use std::{
    io,
    path::{Component, Path},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::TryStreamExt;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::folder::{read_file, read_within};
use crate::{
    kazoo::document::text,
    store::{self, Db, Object, Store},
};

/// Bytes that a picture may have.
const LARGEST: u64 = 16 << 20;

/// A picture and what it's called.
pub struct Picture {
    pub name: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Picture {
    fn new(name: String, bytes: Vec<u8>) -> Self {
        Self { content_type: content_type(&name), name, bytes }
    }

    /// Reads a picture that goes by its file's name.
    pub fn read(file: &Path) -> io::Result<Self> {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        check_name(name)?;
        Ok(Self::new(name.to_owned(), read_file(file, LARGEST)?))
    }

    /// As an attachment that's written together with its document.
    pub fn inline(&self) -> Value {
        json!({ "content_type": self.content_type, "data": BASE64_STANDARD.encode(&self.bytes) })
    }

    /// Whether both are the same, by name and content.
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.bytes == other.bytes
    }

    /// Whether a document has this very picture already.
    pub async fn is_in(&self, store: &dyn Store, db: &Db, doc: &Object) -> Result<bool, store::Error> {
        let Some(stub) = doc.get("_attachments").and_then(|stubs| stubs.get(&self.name)) else {
            return Ok(false);
        };
        let is = |key: &str, value: Value| stub.get(key) == Some(&value);
        if !is("content_type", self.content_type.into()) || !is("length", self.bytes.len().into()) {
            return Ok(false);
        }
        if is("digest", format!("md5-{}", BASE64_STANDARD.encode(Md5::digest(&self.bytes))).into()) {
            return Ok(true);
        }
        // CouchDB may keep a picture that is text compressed, and then its digest is of that.
        let stored = store.attachment(db, text(doc, "_id").unwrap_or_default(), &self.name, None).await?;
        let bytes: Vec<_> = stored.body.try_collect().await?;
        Ok(bytes.concat() == self.bytes)
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

    /// The names of the pictures of this kind that an app has, each once.
    fn names(self, app: &Object) -> Vec<&str> {
        let mut names: Vec<&str> = match self {
            Self::Icon => text(app, "icon").into_iter().collect(),
            Self::Screenshots => {
                app.get("screenshots").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
            }
        };
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Reads the pictures of this kind that an app names: all of them, or none and why.
    pub fn read(self, path: &Path, app: &Object) -> io::Result<Vec<Picture>> {
        let folder = path.join("metadata").join(self.as_str());
        let read = |name: &str| {
            check_name(name)?;
            let bytes = read_within(path, &folder.join(name), LARGEST);
            let bytes = bytes.map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
            Ok(Picture::new(name.to_owned(), bytes))
        };
        self.names(app).into_iter().map(read).collect()
    }
}

/// A name comes from a file that anybody may have written: it mustn't lead out of the folder, nor be one that stores keep for
/// themselves.
fn check_name(name: &str) -> io::Result<()> {
    let mut parts = Path::new(name).components();
    let plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
    if plain && !name.starts_with('_') {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} is no picture's name")))
}

/// A file's content type, by its name.
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
        for name in ["../app.json", "/etc/passwd", "a/b.png", "..", ".", "", "a/", "_hidden"] {
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
