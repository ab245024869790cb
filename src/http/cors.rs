//! Cross-origin requests: Monster UI is served from another host than its API.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Request, endpoint::Endpoint};

const ALLOWED_HEADERS: &str = "content-type, depth, user-agent, x-http-method-override, x-file-size, x-requested-with, \
    if-modified-since, x-file-name, cache-control, x-auth-token, x-kazoo-cluster-id, if-match";
const EXPOSED_HEADERS: &str = "content-type, x-auth-token, x-request-id, x-kazoo-cluster-id, location, etag, etag";

/// What a request is told before anybody knows its endpoint.
const EVERY_METHOD: &str = "OPTIONS, GET, POST, PUT, DELETE, HEAD, PATCH, OPTIONS";

/// The methods of an endpoint (of none: `OPTIONS` alone); one that a preflight asks for is named first though the endpoint lacks it, since Kazoo leaves
/// it to the request itself to be refused.
pub fn methods(request: Option<&Request>, endpoint: Option<&Endpoint>) -> String {
    let Some(request) = request.filter(|request| request.known) else {
        return EVERY_METHOD.to_owned();
    };
    let requested = request.header("access-control-request-method");
    let mut names = vec!["OPTIONS"];
    names.extend(endpoint.into_iter().flat_map(Endpoint::verbs).map(|verb| verb.as_str()));
    if let Some(requested) = requested.filter(|name| !names.contains(name) && name.bytes().all(|b| b.is_ascii_uppercase())) {
        names.insert(0, requested);
    }
    names.join(", ")
}

/// Whether a browser asks on behalf of a page from elsewhere.
pub fn is_cross_origin(headers: &HeaderMap) -> bool {
    ["origin", "access-control-request-method", "access-control-request-headers"].iter().any(|name| headers.contains_key(*name))
}

/// The headers of an answer that a page from elsewhere may read.
pub fn headers(request: Option<&Request>, endpoint: Option<&Endpoint>) -> Vec<(HeaderName, HeaderValue)> {
    let methods = methods(request, endpoint);
    [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", methods.as_str()),
        ("access-control-allow-headers", ALLOWED_HEADERS),
        ("access-control-expose-headers", EXPOSED_HEADERS),
        ("access-control-max-age", "86400"),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?)))
    .collect()
}
