//! `openapi.json` and `docs`: what an API is, for programs and for people. Both are made when one of them is first asked for;
//! the page has no script and fetches nothing, so that it works without a network.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    error::InternalError,
    guard,
    http::{StatusCode, header},
    web::{self, Bytes, Data, ServiceConfig},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::http::envelope::content_tag;

mod page;
mod rows;

/// The page's only style.
const STYLE: &str = include_str!("docs/style.css");

/// The API's description, made when it's first asked for: most servers are never asked.
pub struct Docs(LazyLock<anyhow::Result<Made>, Making>);

type Making = Box<dyn FnOnce() -> anyhow::Result<Made> + Send>;

/// The description in both shapes.
struct Made {
    json: Document,
    page: Document,
    /// What the page may load: nothing, beside the style that stands in it.
    policy: String,
}

/// Something that stays as it is.
struct Document {
    body: Bytes,
    tag: String,
}

impl Docs {
    /// `describe` says what the API is, as OpenAPI has it.
    pub fn new(describe: impl FnOnce() -> Value + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(move || Made::of(&describe()))))
    }

    fn made(&self) -> actix_web::Result<&Made> {
        self.0.as_ref().map_err(|error| {
            log::error!("the API can't be described: {error:#}");
            InternalError::new("the API can't be described; the log says why", StatusCode::INTERNAL_SERVER_ERROR).into()
        })
    }
}

impl Made {
    fn of(api: &Value) -> anyhow::Result<Self> {
        let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        Ok(Self {
            json: Document::new(serde_json::to_vec(api)?),
            page: Document::new(page::render(api, STYLE)?.into_bytes()),
            policy: format!(
                "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; \
                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
        })
    }
}

impl Document {
    fn new(body: Vec<u8>) -> Self {
        Self { tag: format!("\"{}\"", content_tag(&body)), body: body.into() }
    }
}

/// Lets a server show them, below a path.
pub fn configure(config: &mut ServiceConfig, docs: &Data<Docs>, base: &str) {
    let get = || web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    let (programs, people) = (format!("{base}/openapi.json"), format!("{base}/docs"));
    config.app_data(docs.clone()).route(&programs, get().to(json)).route(&people, get().to(page));
}

/// The description; any page may read it.
async fn json(request: HttpRequest, docs: Data<Docs>) -> actix_web::Result<HttpResponse> {
    let mut response = answer(&request, &docs.made()?.json, "application/json");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    Ok(response)
}

async fn page(request: HttpRequest, docs: Data<Docs>) -> actix_web::Result<HttpResponse> {
    let docs = docs.made()?;
    let mut response = answer(&request, &docs.page, "text/html; charset=utf-8");
    let headers = response.headers_mut();
    if let Ok(policy) = header::HeaderValue::from_str(&docs.policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    Ok(response)
}

fn answer(request: &HttpRequest, document: &Document, content_type: &'static str) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = match known {
        Some(tag) if tag == document.tag => HttpResponse::NotModified(),
        _ => HttpResponse::Ok(),
    };
    response.insert_header((header::ETAG, document.tag.as_str())).insert_header((header::CACHE_CONTROL, "no-cache"));
    if known == Some(document.tag.as_str()) {
        return response.finish();
    }
    response.content_type(content_type).body(document.body.clone())
}
