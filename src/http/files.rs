//! Documents' attachments as answers.

use super::{Context, Failure, Reply, range::ByteRange};
use crate::{
    kazoo::document,
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
}

/// The length of an attachment as its document has it.
fn stub_length(doc: &Object, name: &str) -> Option<u64> {
    doc.get("_attachments")?.get(name)?.get("length")?.as_u64()
}
