//! A browser's question, ahead of a request to another origin, whether it may be made. What stands in the store has no say in
//! the answer, so that isn't asked: every page of Monster UI's begins with such questions, also while the store is slow or away.

use actix_web::{HttpRequest, http::Method};

use super::{Request, Verb, client, cors, path::Path, pipeline::Exchange, request::parse_query};
use crate::platform::Settings;

impl Exchange<'_> {
    /// Notes down a request that is a preflight and nothing else: nobody is known by it, and its path begins with a noun.
    /// `false`: it takes the way of all others.
    pub(super) fn is_plain_preflight(&mut self, path: &Path, raw: &HttpRequest) -> bool {
        let headers = raw.headers();
        if raw.method() != Method::OPTIONS || !cors::is_cross_origin(headers) {
            return false;
        }
        let query = parse_query(raw.uri().query().unwrap_or_default());
        let tells_who = headers.contains_key("x-auth-token")
            || headers.contains_key("authorization")
            || query.iter().any(|(name, _)| ["auth_token", "authorization"].contains(&name.as_str()));
        let begins_with_noun = path.segments.first().is_some_and(|word| self.app.routes.begins(word));
        if tells_who || !begins_with_noun {
            return false;
        }
        let (endpoint, params) = self.app.routes.find(&path.segments).unzip();
        self.endpoint = endpoint.cloned();
        self.options = true;
        let request = Request {
            id: self.request_id.clone(),
            method: Verb::Get,
            verb: Verb::Get,
            head_only: false,
            raw_path: raw.uri().path().to_owned(),
            path: path.clone(),
            known: true,
            params: params.unwrap_or_default(),
            query,
            envelope: Default::default(),
            data: serde_json::json!({}),
            uploads: Vec::new(),
            headers: headers.clone(),
            client_ip: client::address(raw, &Settings::default()),
        };
        self.request = Some(request.into());
        true
    }
}
