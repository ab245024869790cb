//! From an outcome to the bytes of an answer.

use std::io::Write as _;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use super::{
    Failure, Reply, Request, Verb,
    body::essence,
    cors, csv,
    envelope::{self, Envelope},
    negotiate::{self, Format},
    path::loggable,
    pipeline::{Exchange, Outcome},
    precondition::{self, Verdict},
    range::ByteRange,
    reply::{Body, Paging, Revision},
};
use crate::kazoo::time;

/// For files that somebody uploaded: whatever they are (HTML, SVG with a script in it), shown as a page they stay inert, and
/// have nothing of the API's origin.
const INERT: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/// Shorter bodies aren't worth compressing.
const WORTH_COMPRESSING: usize = 300;

impl Exchange<'_> {
    /// The answer to a request. `now` is Unix time in seconds.
    pub fn answer(&self, outcome: Result<Outcome, Failure>, now: u64) -> HttpResponse {
        let request = self.request.as_deref();
        let answered = match outcome {
            Ok(Outcome::Preflight) => Ok(self.start(200, true).finish()),
            Ok(Outcome::Reply(reply)) => match request {
                Some(request) => self.success(request, *reply, now),
                None => Err(anyhow::anyhow!("an answer without a request").into()),
            },
            Err(failure) => Err(failure),
        };
        answered.unwrap_or_else(|failure| self.failure(&failure, now))
    }

    fn success(&self, request: &Request, reply: Reply, now: u64) -> Result<HttpResponse, Failure> {
        let Reply { body, status, revision, location, paging, auth_token, metadata } = reply;
        let status = status.unwrap_or(match request.method {
            Verb::Put => 201,
            Verb::Post if request.verb == Verb::Put && location.is_some() => 201,
            _ => 200,
        });
        let data = match body {
            Body::File { name, attachment } => return self.file(request, &name, *attachment, revision),
            Body::Nothing => None,
            Body::Data(data) if self.format == Format::Csv => return self.csv(request, &data),
            Body::Data(data) => Some(serde_json::to_vec(&data).map_err(anyhow::Error::from)?.into()),
            Body::Json(bytes) if self.format == Format::Csv => {
                return self.csv(request, &serde_json::from_slice::<Value>(&bytes).map_err(anyhow::Error::from)?);
            }
            Body::Json(bytes) => Some(bytes),
        };
        let (tag, revision) = match revision {
            Some(Revision::Document(rev)) => (Some(rev.clone()), Some(rev)),
            Some(Revision::Content) => {
                let tag = envelope::content_tag(data.as_deref().unwrap_or_default());
                (Some(tag.clone()), Some(tag))
            }
            Some(Revision::Tag(tag)) => (Some(tag), None),
            Some(Revision::Word(word)) => (None, Some(word.to_owned())),
            None => (None, None),
        };
        if !request.method.writes() {
            self.precondition(request, tag.as_deref())?;
        }
        let mut response = self.start(status, true);
        if let Some(tag) = tag.filter(|_| !request.method.writes()) {
            response.insert_header(("etag", format!("\"{tag}\"")));
        }
        if let Some(location) = location {
            response.insert_header(("location", location));
        }
        let timestamp = time::iso8601(now);
        let token = auth_token.as_deref().or(self.accepted_token());
        let envelope = Envelope {
            version: self
                .caller
                .is_some()
                .then_some(self.app.version.as_str())
                .or(auth_token.is_some().then_some(&self.app.version)),
            auth_token: token,
            metadata: metadata.as_ref(),
            revision: revision.as_deref(),
            ..self.envelope(&timestamp, "success").page(&paging)
        };
        let body = envelope.around(data.as_deref()).map_err(anyhow::Error::from)?;
        Ok(self.finish(response, request, body))
    }

    /// Serializes a failure. What an operator should know is logged here, once; a client isn't told.
    fn failure(&self, failure: &Failure, now: u64) -> HttpResponse {
        if failure.is_fault() {
            let path = self.request.as_deref().map_or_else(|| "?".to_owned(), |request| loggable(&request.raw_path));
            log::error!(request_id = self.request_id.as_str(); "request {} to {path} failed: {failure}", self.request_id);
        }
        let shape = failure.shape();
        let Some((message, data)) = shape.body else {
            let mut response = self.start(shape.status, false);
            if let Failure::NotModified { tag: Some(tag) } = failure {
                response.insert_header(("etag", format!("\"{tag}\"")));
            }
            return response.finish();
        };
        let request = self.request.as_deref();
        let mut response = self.start(shape.status, true);
        if matches!(failure, Failure::MethodNotAllowed) {
            response.insert_header(("allow", cors::methods(request, self.endpoint.as_ref())));
        }
        let timestamp = time::iso8601(now);
        let counted = matches!(failure, Failure::LoginRefused | Failure::NoneFound { .. });
        let paging = Paging { page_size: counted.then_some(0), ..Paging::default() };
        let envelope = Envelope {
            version: self.caller.is_some().then_some(self.app.version.as_str()),
            auth_token: self.accepted_token(),
            error: Some(shape.status.to_string()),
            message: Some(&message),
            ..self.envelope(&timestamp, "error").page(&paging)
        };
        let data = serde_json::to_vec(&data).unwrap_or_default();
        match (envelope.around(Some(&data)), self.request.as_deref()) {
            (Ok(body), Some(request)) => self.finish(response, request, body),
            (Ok(body), None) => response.body(body),
            (Err(_), _) => response.finish(),
        }
    }

    /// The caller's own token, unless answers aren't to repeat it.
    fn accepted_token(&self) -> Option<&str> {
        let repeated = self.crossbar.flag("include_auth_token") != Some(false);
        self.caller.as_deref().filter(|_| repeated)?.token.as_deref()
    }

    fn envelope<'e>(&'e self, timestamp: &'e str, status: &'static str) -> Envelope<'e> {
        Envelope {
            timestamp,
            node: &self.app.node,
            request_id: &self.request_id,
            tokens: self.tokens,
            status,
            ..Envelope::default()
        }
    }

    /// The headers that every answer has. `json` is whether it's one of ours rather than a bare status or a file.
    fn start(&self, status: u16, json: bool) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            response.insert_header((HeaderName::from_static("x-request-id"), id));
        }
        let request = self.request.as_deref();
        let cross_origin = request.is_some_and(|request| cors::is_cross_origin(&request.headers));
        if json || cross_origin {
            for header in cors::headers(request, self.endpoint.as_ref()) {
                response.insert_header(header);
            }
        }
        if json && !(self.options && status == 200) {
            response.insert_header(("content-type", "application/json"));
        }
        // A bare 400 speaks of a malformed header: nothing was negotiated then, nor for a 406. A bare 404 has been, in Kazoo.
        let negotiated = if json { self.negotiated } else { self.negotiated && ![400, 406].contains(&status) || status == 404 };
        if let Some(request) = request.filter(|_| negotiated) {
            let one_type = self.gives_file(request) && self.endpoint.as_ref().is_some_and(|endpoint| !endpoint.varies_by_type);
            response.insert_header(("vary", if one_type && !json { "accept-language" } else { "accept-language, accept" }));
            response.insert_header(("content-language", negotiate::language(request)));
            if !request.method.writes() && status < 300 {
                response.insert_header(("expires", "Fri, 01 Jan 1999 00:00:00 GMT"));
            }
        }
        response
    }

    /// The last touches to a JSON body: indentation, a callback's name around it, compression.
    fn finish(&self, mut response: HttpResponseBuilder, request: &Request, mut body: Vec<u8>) -> HttpResponse {
        if request.flag("pretty_print") || request.header("x-pretty-print") == Some("true") {
            body = envelope::pretty(&body).unwrap_or(body);
        }
        if let Some(callback) = request.text("jsonp").filter(|name| is_callback(name)) {
            body = [callback.as_bytes(), b"(", &body, b");"].concat();
            response.insert_header(("x-content-type-options", "nosniff"));
        }
        let gzip = request.header("accept-encoding").is_some_and(|accepted| {
            accepted
                .split(',')
                .map(str::trim)
                .any(|coding| coding == "gzip" || coding.starts_with("gzip;") && !coding.ends_with("q=0"))
        });
        if gzip && body.len() > WORTH_COMPRESSING {
            let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::fast());
            if encoder.write_all(&body).is_ok()
                && let Ok(compressed) = encoder.finish()
            {
                response.insert_header(("content-encoding", "gzip"));
                body = compressed;
            }
        }
        response.body(body)
    }

    fn csv(&self, request: &Request, data: &Value) -> Result<HttpResponse, Failure> {
        let body = csv::write(data).map_err(anyhow::Error::from)?;
        let name = request.header("x-file-name").or_else(|| request.text("file_name")).unwrap_or("result.csv");
        let mut response = self.start(200, true);
        response.insert_header(("content-type", "text/csv"));
        response.insert_header(("content-disposition", format!("attachment; filename=\"{}\"", quotable(name))));
        Ok(response.body(body))
    }

    /// Streams a file, or the part of it that was asked for (the endpoint has cut it already).
    fn file(
        &self,
        request: &Request,
        name: &str,
        attachment: crate::store::Attachment,
        revision: Option<Revision>,
    ) -> Result<HttpResponse, Failure> {
        let content_type = attachment.info.content_type.as_str();
        if !negotiate::takes(request, &essence(content_type)) {
            return Err(Failure::Bare(406));
        }
        let tag = match revision {
            Some(Revision::Tag(tag) | Revision::Document(tag)) => Some(tag),
            _ => None,
        };
        self.precondition(request, tag.as_deref())?;
        let (whole, range) = (attachment.info.length, attachment.range.clone());
        let part = ByteRange::of(request).is_some();
        let partial = part && range != (0..whole);
        let mut response = self.start(if partial { 206 } else { 200 }, false);
        if let Some(tag) = tag {
            response.insert_header(("etag", format!("\"{tag}\"")));
        }
        response.insert_header(("content-type", content_type));
        response.insert_header(("x-content-type-options", "nosniff"));
        response.insert_header(("content-disposition", disposition(name)));
        response.insert_header(("content-security-policy", INERT));
        if part {
            response.insert_header(("accept-ranges", "bytes"));
            response.insert_header(("content-range", format!("bytes {}-{}/{whole}", range.start, range.end.saturating_sub(1))));
        }
        let body = actix_web::body::SizedStream::new(range.end - range.start, attachment.body);
        Ok(response.body(body))
    }

    fn precondition(&self, request: &Request, tag: Option<&str>) -> Result<(), Failure> {
        match precondition::check(&request.headers, tag, true, true) {
            Verdict::Go => Ok(()),
            Verdict::NotModified => Err(Failure::NotModified { tag: tag.map(str::to_owned) }),
            Verdict::Failed => Err(Failure::Bare(412)),
            Verdict::Malformed => Err(Failure::Bare(400)),
        }
    }
}

/// A file's name for a browser. Kazoo writes it bare; a name that isn't a plain token is quoted, and said in full as UTF-8.
pub fn disposition(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b);
    if !name.is_empty() && name.bytes().all(plain) {
        return format!("attachment; filename={name}");
    }
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    format!("attachment; filename=\"{}\"; filename*=UTF-8''{encoded}", quotable(name))
}

/// A name without what would end or break a quoted header value.
fn quotable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\') { c } else { '_' }).collect()
}

fn is_callback(name: &str) -> bool {
    !name.is_empty() && name.len() <= 128 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(disposition("Accounts_app.png"), "attachment; filename=Accounts_app.png");
        assert_eq!(disposition("a b.png"), "attachment; filename=\"a b.png\"; filename*=UTF-8''a%20b%2Epng");
        assert_eq!(disposition("ü\"\r\nx: y"), "attachment; filename=\"____x: y\"; filename*=UTF-8''%C3%BC%22%0D%0Ax%3A%20y");
    }

    #[test]
    fn a_callback_is_a_name_and_nothing_else() {
        assert!(is_callback("cb") && is_callback("$.jsonp_1"));
        assert!(!is_callback("") && !is_callback("alert(1)//") && !is_callback("a b"));
    }
}
