//! Documents' attachments as answers, and files that come with a request.

use super::{Context, Failure, Reply, Upload, range::ByteRange};
use crate::{
    kazoo::{document, validation::Invalid},
    store::{Db, Error, Object},
};

impl Context {
    /// An attachment of a document that was read, or the part of it that the client asks for; `None` when it isn't there.
    pub async fn file(&self, db: &Db, doc: &Object, name: &str) -> Result<Option<Reply>, Failure> {
        let Some(length) = stub_length(doc, name) else {
            return Ok(None);
        };
        let range = ByteRange::of(&self.request).and_then(|range| range.within(length));
        match self.platform.store.attachment(db, document::id(doc).unwrap_or_default(), name, range).await {
            Ok(attachment) => Ok(Some(Reply::file(name, attachment))),
            Err(Error::NoAttachment { .. } | Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The one file that has to come with the request, and not empty; else these complaints.
    pub fn upload(&self, none: &str, several: &str) -> Result<&Upload, Failure> {
        match self.request.uploads.as_slice() {
            [upload] if !upload.bytes.is_empty() => Ok(upload),
            [] | [_] => Err(Invalid::one("file", "required", none).into()),
            _ => Err(Invalid::one("file", "maxItems", several).into()),
        }
    }
}

impl Upload {
    /// The file's type: as it was sent, else, where only bytes came, as they look.
    pub fn recognised(&self) -> &str {
        match self.content_type.as_str() {
            "" | "application/base64" | "application/octet-stream" => infer::get(&self.bytes).map_or("", |kind| kind.mime_type()),
            told => told,
        }
    }
}

/// The length of an attachment as its document has it.
fn stub_length(doc: &Object, name: &str) -> Option<u64> {
    doc.get("_attachments")?.get(name)?.get("length")?.as_u64()
}
