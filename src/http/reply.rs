//! What an endpoint answers with.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::Value;

use super::{Failure, envelope::content_tag};
use crate::{
    kazoo::document,
    store::{Attachment, AttachmentInfo, Document, Object},
};

/// A successful answer.
#[derive(Default)]
pub struct Reply {
    pub body: Body,
    /// The status, where it isn't the verb's usual one.
    pub status: Option<u16>,
    /// What the entity tag is made of: a document's revision, a digest.
    pub revision: Option<Revision>,
    /// Where something new is found.
    pub location: Option<String>,
    pub paging: Paging,
    /// A token to give to the client: a login's.
    pub auth_token: Option<String>,
    /// What 5.4 tells beside the data.
    pub metadata: Option<Object>,
}

/// The content of an answer.
#[derive(Default)]
pub enum Body {
    /// The envelope has no `data`.
    #[default]
    Nothing,
    /// The envelope's `data`.
    Data(Value),
    /// The envelope's `data`, serialized already.
    Json(Bytes),
    /// A file, streamed, without an envelope.
    File { name: String, attachment: Box<Attachment> },
}

/// Where an entity tag and the envelope's `revision` come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// A document's revision, or another that is known beforehand: the entity tag and `revision`.
    Document(String),
    /// The answer's own content: tag and `revision` are a digest over `data`.
    Content,
    /// A digest that is known beforehand: the entity tag, no `revision`.
    Tag(String),
    /// `revision` is this text, and there is no entity tag.
    Word(&'static str),
}

/// The envelope's paging members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    pub page_size: Option<usize>,
    pub start_key: Option<String>,
    pub next_start_key: Option<String>,
}

impl Reply {
    pub fn nothing() -> Self {
        Self::default()
    }

    pub fn data(data: impl Into<Value>) -> Self {
        Self { body: Body::Data(data.into()), ..Self::default() }
    }

    /// A document: its public members, and beside them what 5.4 tells of it.
    pub fn document(doc: &Document) -> Self {
        Self::data(document::public(doc)).of(doc).metadata(document::metadata(doc))
    }

    /// A document that is no more.
    pub fn deleted(doc: &Document) -> Self {
        let mut metadata = document::metadata(doc);
        metadata.insert("deleted".into(), true.into());
        Self::document(doc).metadata(metadata)
    }

    /// A list; its entity tag is made of its content.
    pub fn list(rows: Vec<Value>) -> Self {
        Self { revision: Some(Revision::Content), ..Self::data(rows) }
    }

    /// Data that is written as it stands, without a [`Value`] in between; its entity tag is made of its content.
    pub fn content(data: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_vec(data).map_err(anyhow::Error::from)?;
        Ok(Self { body: Body::Json(json.into()), revision: Some(Revision::Content), ..Self::default() })
    }

    pub fn file(name: impl Into<String>, attachment: Attachment) -> Self {
        let tag = attachment.info.digest.clone();
        Self {
            body: Body::File { name: name.into(), attachment: Box::new(attachment) },
            revision: Some(Revision::Tag(tag)),
            ..Self::default()
        }
    }

    /// A file that's made for this answer.
    pub fn made(name: impl Into<String>, content_type: impl Into<String>, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let info = AttachmentInfo { content_type: content_type.into(), length, digest: content_tag(&content) };
        Self::file(name, Attachment { info, range: 0..length, body: stream::once(async { Ok(content) }).boxed() })
    }

    /// Takes entity tag and `revision` from a document.
    pub fn of(self, doc: &Document) -> Self {
        self.revision(doc.get("_rev").and_then(Value::as_str).unwrap_or_default())
    }

    pub fn revision(self, rev: &str) -> Self {
        Self { revision: (!rev.is_empty()).then(|| Revision::Document(rev.to_owned())), ..self }
    }

    pub fn location(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    pub fn paging(self, paging: Paging) -> Self {
        Self { paging, ..self }
    }

    pub fn metadata(self, metadata: Object) -> Self {
        Self { metadata: Some(metadata), ..self }
    }
}
