//! The books about requests: each leaves a line in the access log, and is counted.

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};

use crate::{
    http::{
        access::{self, Accompanied, Record},
        client,
        metrics::{Metrics, OTHER},
    },
    platform::Settings,
};

/// Who turned out to ask, kept with the request.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    pub ip: Option<String>,
    pub account_id: Option<String>,
}

impl Asker {
    /// Notes what was found out; what wasn't stays.
    pub fn note(request: &HttpRequest, ip: Option<&str>, account_id: Option<&str>) {
        let mut extensions = request.extensions_mut();
        let mut asker = extensions.remove::<Self>().unwrap_or_default();
        asker.ip = ip.map(str::to_owned).or(asker.ip);
        asker.account_id = account_id.map(str::to_owned).or(asker.account_id);
        extensions.insert(asker);
    }
}

/// A path of the table without what its parameters have to look like: `{action:approve|deny}` is `{action}`.
fn plain(pattern: &str) -> String {
    let mut parts = pattern.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        format!("{plain}{{{}}}{rest}", name.split(':').next().unwrap_or_default())
    })
}

/// Keeps them about a request.
pub async fn keep(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Accompanied>, Error> {
    let metrics = request.app_data::<Data<Metrics>>().map(|metrics| metrics.get_ref().clone()).unwrap_or_default();
    let request_id = access::request_id(request.headers());
    let mut record = Record::begin(&metrics, request.request(), &request_id);
    let mut response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            record.fail(error.as_response_error().status_code().as_u16());
            return Err(error);
        }
    };
    let raw = response.request();
    let asker = raw.extensions().get::<Asker>().cloned().unwrap_or_default();
    // Where nobody had to know, the settings that say which proxies are believed weren't read.
    let ip = asker.ip.unwrap_or_else(|| client::address(raw, &Settings::default()));
    // The path as it's written in the table: there are so many and no more, whatever is asked.
    let pattern = raw.match_pattern().filter(|pattern| pattern.len() > 1 || raw.path() == "/");
    record.learn_of(pattern.map_or(OTHER.into(), |pattern| plain(&pattern).into()), ip, asker.account_id);
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    let (raw, response) = response.into_parts();
    Ok(ServiceResponse::new(raw, record.accompany(response)))
}
