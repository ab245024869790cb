//! Reading and parsing a request's body: JSON with its `data` envelope, a form, a file, or several parts.

use actix_multipart::Multipart;
use actix_web::{
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ContentDisposition, HeaderMap},
    web::Payload,
};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::{Failure, Upload, json};
use crate::{
    kazoo::validation::{Detail, Invalid},
    store::Object,
};

const CONTENT_TRANSFER_ENCODING: &str = "content-transfer-encoding";

/// How much of an oversized body is still read, so that the client gets to see the refusal rather than a broken connection.
const DRAINED: usize = 64 << 20;

/// Base64 as clients write it, some of whom leave the padding out.
const UNPADDED_TOO: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a body said.
#[derive(Debug, Default)]
pub struct Body {
    /// Members beside `data`.
    pub envelope: Object,
    pub data: Option<Value>,
    pub uploads: Vec<Upload>,
}

/// Reads a body of at most `limit` bytes.
pub async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    let mut seen = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::Bare(400))?;
        seen += chunk.len();
        if seen <= limit {
            body.extend_from_slice(&chunk);
        } else if seen > DRAINED {
            break;
        }
    }
    if seen > limit { Err(too_large(limit)) } else { Ok(body.freeze()) }
}

/// Understands a body by its content type. `file_name` is what an upload without a name of its own is called.
pub async fn parse(headers: &HeaderMap, bytes: Bytes, requires_envelope: bool, file_name: &str) -> Result<Body, Failure> {
    if bytes.is_empty() {
        return Ok(Body::default());
    }
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let media_type = essence(declared);
    let mut body = match media_type.as_str() {
        "application/json" | "application/x-json" => from_json(&bytes)?,
        "application/x-www-form-urlencoded" => from_form(&bytes)?,
        "application/base64" | "application/x-base64" => from_file(base64_file(&bytes, file_name)?),
        _ if media_type.starts_with("multipart/") => return from_parts(headers, bytes, requires_envelope, file_name).await,
        _ => from_file(Upload { name: file_name.to_owned(), content_type: media_type, bytes: transferred(headers, bytes)? }),
    };
    body.check(requires_envelope)?;
    Ok(body)
}

/// What a request says its body is called.
pub fn told_name(headers: &HeaderMap) -> Option<String> {
    let disposition = ContentDisposition::from_raw(headers.get(CONTENT_DISPOSITION)?).ok()?;
    disposition.get_filename().filter(|name| !name.is_empty()).map(str::to_owned)
}

impl Body {
    /// An envelope with anything in it must have a `data` that is an object or an array.
    fn check(&mut self, required: bool) -> Result<(), Failure> {
        if !required || !self.uploads.is_empty() {
            return Ok(());
        }
        let invalid = match &self.data {
            Some(Value::Object(_) | Value::Array(_)) => return Ok(()),
            None => {
                let envelope = Value::Object(std::mem::take(&mut self.envelope));
                Invalid::one("data", "required", Detail::new("Field is required but missing").value(envelope))
            }
            Some(other) => {
                let detail =
                    Detail::new("Value did not match type(s): object, array").target("object, array").value(other.clone());
                Invalid::one("data", "type", detail)
            }
        };
        Err(invalid.into())
    }

    fn absorb(&mut self, other: Body) {
        self.envelope.extend(other.envelope);
        self.uploads.extend(other.uploads);
        self.data = other.data.or(self.data.take());
    }
}

fn from_json(bytes: &[u8]) -> Result<Body, Failure> {
    match json::parse(bytes) {
        Ok(Value::Object(object)) => Ok(from_object(object)),
        Ok(_) => Err(bad_json("All JSON must be valid")),
        Err(error) if error.to_string().starts_with("duplicate key") => Err(bad_json(&error.to_string())),
        Err(_) => Err(bad_json("decoder_exit around 0")),
    }
}

/// A form; a client that forgot to say that it sends JSON (curl's default) is understood all the same.
fn from_form(bytes: &Bytes) -> Result<Body, Failure> {
    if !bytes.contains(&b'=') || bytes.trim_ascii_start().starts_with(b"{") {
        return from_json(bytes);
    }
    let pairs = url::form_urlencoded::parse(bytes);
    Ok(from_object(pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect()))
}

fn from_object(object: Object) -> Body {
    let mut body = Body::default();
    for (name, value) in object {
        if value.is_null() {
            continue;
        }
        let name = name.to_lowercase().replace('-', "_");
        if name == "data" {
            body.data = Some(value);
        } else {
            body.envelope.insert(name, value);
        }
    }
    body
}

fn from_file(upload: Upload) -> Body {
    Body { uploads: vec![upload], ..Body::default() }
}

/// Each part by its own type: JSON (or no type and no file name) belongs to the envelope, the others are files.
async fn from_parts(headers: &HeaderMap, bytes: Bytes, requires_envelope: bool, file_name: &str) -> Result<Body, Failure> {
    let mut parts = Multipart::new(headers, stream::iter([Ok::<_, actix_web::error::PayloadError>(bytes)]));
    let mut body = Body::default();
    while let Some(mut part) = parts.try_next().await.map_err(|_| bad_json("decoder_exit around 0"))? {
        let content_type = part.content_type().map(|mime| mime.essence_str().to_owned());
        let name = part.content_disposition().and_then(|disposition| disposition.get_filename()).map(str::to_owned);
        let mut content = BytesMut::new();
        while let Some(chunk) = part.try_next().await.map_err(|_| bad_json("decoder_exit around 0"))? {
            content.extend_from_slice(&chunk);
        }
        let content = content.freeze();
        let is_json = matches!(content_type.as_deref(), Some("application/json" | "application/x-json"))
            || (content_type.is_none() && name.is_none());
        body.absorb(if is_json {
            from_json(&content)?
        } else {
            let name = name.unwrap_or_else(|| file_name.to_owned());
            let content_type = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            match content_type.as_str() {
                "application/base64" | "application/x-base64" => from_file(base64_file(&content, &name)?),
                _ => from_file(Upload { name, content_type, bytes: transferred(part.headers(), content)? }),
            }
        });
    }
    body.check(requires_envelope)?;
    Ok(body)
}

/// A file sent as base64, bare or as a data URI that names its type.
fn base64_file(bytes: &[u8], name: &str) -> Result<Upload, Failure> {
    let (content_type, encoded) = match bytes.strip_prefix(b"data:").and_then(|uri| split_once(uri, b',')) {
        Some((head, encoded)) => {
            let head = String::from_utf8_lossy(head);
            (essence(head.strip_suffix(";base64").unwrap_or(&head)), encoded)
        }
        None => ("application/octet-stream".to_owned(), bytes),
    };
    Ok(Upload { name: name.to_owned(), content_type, bytes: decode(encoded)? })
}

/// A file as it was before it was encoded for its way here, if it was.
fn transferred(headers: &HeaderMap, bytes: Bytes) -> Result<Bytes, Failure> {
    let encoding = headers.get(CONTENT_TRANSFER_ENCODING);
    if encoding.is_some_and(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"base64")) { decode(&bytes) } else { Ok(bytes) }
}

fn decode(bytes: &[u8]) -> Result<Bytes, Failure> {
    let packed: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    UNPADDED_TOO
        .decode(packed)
        .map(Bytes::from)
        .map_err(|_| Invalid::one("file", "encoding", "failed to decode base64 data").into())
}

fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == separator)?;
    let (head, tail) = bytes.split_at(at);
    Some((head, tail.get(1..).unwrap_or_default()))
}

/// A media type without its parameters, in lower case.
pub fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn bad_json(message: &str) -> Failure {
    Invalid::one("json", "invalid", Detail::new(message).target("body")).into()
}

fn too_large(limit: usize) -> Failure {
    let message = format!("Payload or Files must not be more than {limit} bytes");
    Invalid::one("file", "maxSize", Detail::new(message).target(limit)).into()
}
