//! Attachments, streamed both ways: never whole in memory, and limited by silence rather than by time.

use std::{ops::Range, sync::Arc, time::Duration};

use anyhow::anyhow;
use bytes::{Buf, Bytes};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use reqwest::{
    Body, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, RANGE},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};

use super::{
    client::{Call, Server},
    fault::Subject,
};
use crate::store::{Attachment, AttachmentInfo, ByteStream, Error, Object, Rev, Upload};

/// An attachment of a document on a server.
pub(super) struct Place<'a> {
    pub(super) server: &'a Arc<Server>,
    pub(super) subject: Subject,
    pub(super) name: &'a str,
    pub(super) path: String,
}

impl Place<'_> {
    /// Reads it, or the part of it in `range`. One round trip, and another for a part that has no bytes.
    pub(super) async fn read(&self, range: Option<Range<u64>>) -> Result<Attachment, Error> {
        let mut call = Call::get(self.path.clone());
        if let Some(range) = &range {
            if range.is_empty() {
                return self.nothing(range).await;
            }
            let bytes = format!("bytes={}-{}", range.start, range.end - 1);
            call = call.header(RANGE, HeaderValue::try_from(bytes).map_err(|error| self.subject.corrupt(error))?);
        }
        let response = self.server.open(&self.subject, call).await?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            return self.nothing(&range.unwrap_or(0..0)).await;
        }
        let info = match info(response.headers()) {
            Some(info) => info,
            None => self.stub().await?,
        };
        let range = range.unwrap_or(0..info.length);
        let range = range.start.min(info.length)..range.end.min(info.length);
        // What CouchDB keeps compressed it sends whole, whatever range was asked for.
        let start = if response.status() == StatusCode::PARTIAL_CONTENT { range.start } else { 0 };
        let body = download(response, range.start - start, range.end - range.start, self);
        Ok(Attachment { info, range, body })
    }

    /// The answer to a range without a byte in it, which HTTP can't ask for.
    async fn nothing(&self, range: &Range<u64>) -> Result<Attachment, Error> {
        let info = self.stub().await?;
        let start = range.start.min(info.length);
        Ok(Attachment { info, range: start..start, body: stream::empty().boxed() })
    }

    /// What the document says of it.
    async fn stub(&self) -> Result<AttachmentInfo, Error> {
        #[derive(Deserialize)]
        struct Stub {
            content_type: String,
            length: u64,
            digest: String,
        }
        let subject = Subject::document(&self.subject.db, &self.subject.id);
        let path = self.server.paths.document(&subject.db, &subject.id)?;
        let mut doc: Object = self.server.ask(&subject, Call::get(path)).await?;
        let stub = doc.get_mut("_attachments").and_then(|all| all.get_mut(self.name)).map(Value::take);
        let stub =
            stub.ok_or_else(|| Error::NoAttachment { db: subject.db.clone(), id: subject.id.clone(), name: self.name.into() })?;
        let stub: Stub = serde_json::from_value(stub).map_err(|error| subject.corrupt(error))?;
        Ok(AttachmentInfo { content_type: stub.content_type, length: stub.length, digest: stub.digest })
    }

    /// Writes it.
    pub(super) async fn write(&self, rev: Option<&str>, upload: Upload) -> Result<Rev, Error> {
        let content_type = HeaderValue::try_from(upload.content_type)
            .map_err(|_| self.subject.invalid(format!("{:?} can't have such a content type", self.name)))?;
        let mut call = Call::put(self.path.clone()).header(CONTENT_TYPE, content_type);
        if let Some(rev) = rev {
            call = call.with("rev", rev);
        }
        if let Some(length) = upload.length {
            call = call.header(CONTENT_LENGTH, length);
        }
        let progress = Arc::new(Notify::new());
        let (failed, mut failure) = oneshot::channel();
        let body = outgoing(upload.body, upload.length, self.subject.clone(), progress.clone(), failed);
        let call = call.body(Body::wrap_stream(body));
        let written: Result<super::Written, Error> =
            self.server.send(&self.subject, call, silence(progress, self.server.timeouts.idle)).await;
        match (written, failure.try_recv()) {
            // The request failed because its body did.
            (Err(_), Ok(failure)) => Err(failure),
            (written, _) => written?.into_rev(&self.subject),
        }
    }
}

/// Ends when nothing has happened for a while.
async fn silence(progress: Arc<Notify>, limit: Duration) {
    while timeout(limit, progress.notified()).await.is_ok() {}
}

/// What the headers say of an attachment, if they say everything.
fn info(headers: &HeaderMap) -> Option<AttachmentInfo> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let length = match text(CONTENT_RANGE) {
        Some(range) => range.rsplit_once('/')?.1,
        None => text(CONTENT_LENGTH)?,
    };
    let digest = text(ETAG)?.strip_prefix('"')?.strip_suffix('"')?;
    Some(AttachmentInfo {
        content_type: text(CONTENT_TYPE)?.to_owned(),
        length: length.parse().ok()?,
        digest: format!("md5-{digest}"),
    })
}

/// An answer's body on its way.
struct Download {
    body: BoxStream<'static, reqwest::Result<Bytes>>,
    /// Bytes still to be left out.
    skip: u64,
    /// Bytes still to come.
    left: u64,
    idle: Duration,
    subject: Subject,
}

fn download(response: Response, skip: u64, length: u64, place: &Place<'_>) -> ByteStream {
    let body = response.bytes_stream().boxed();
    let download = Download { body, skip, left: length, idle: place.server.timeouts.idle, subject: place.subject.clone() };
    stream::try_unfold(download, Download::next).boxed()
}

impl Download {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Error> {
        while self.left > 0 {
            let chunk = timeout(self.idle, self.body.try_next()).await.map_err(|_| self.subject.timeout())?;
            let chunk = chunk.map_err(|fault| self.subject.unreachable(fault))?;
            let Some(mut chunk) = chunk else {
                return Err(Error::Unreachable { source: anyhow!("the connection ended {} bytes too early", self.left) });
            };
            let skipped = chunk.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
            chunk.advance(skipped);
            self.skip -= skipped as u64;
            chunk.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            if !chunk.is_empty() {
                self.left -= chunk.len() as u64;
                return Ok(Some((chunk, self)));
            }
        }
        Ok(None)
    }
}

/// The bytes to be sent, counted: an upload that isn't as long as it said ends with an error, which breaks the request off
/// before anything is stored. The error goes out by `failed`, since it wouldn't survive the way through the HTTP client.
fn outgoing(
    body: ByteStream,
    length: Option<u64>,
    subject: Subject,
    progress: Arc<Notify>,
    failed: oneshot::Sender<Error>,
) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let state = (body, 0_u64, Some(failed));
    stream::try_unfold(state, move |(mut body, mut sent, mut failed)| {
        let (subject, progress) = (subject.clone(), progress.clone());
        async move {
            let next = body.try_next().await.and_then(|chunk| {
                sent += chunk.as_ref().map_or(0, Bytes::len) as u64;
                match length {
                    Some(length) if sent > length || (chunk.is_none() && sent < length) => {
                        Err(subject.invalid(format!("{sent} bytes came where {length} were announced")))
                    }
                    _ => Ok(chunk),
                }
            });
            progress.notify_one();
            match next {
                Ok(chunk) => Ok(chunk.map(|chunk| (chunk, (body, sent, failed)))),
                Err(error) => {
                    if let Some(failed) = failed.take() {
                        let _ = failed.send(error);
                    }
                    Err(std::io::Error::other("the upload failed"))
                }
            }
        }
    })
}
