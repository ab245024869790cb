//! The order in which a request is checked.
//!
//! Kazoo's order is visible to clients: an unknown account is 404 even without a token, a wrong verb is 405 before anybody asks
//! who is there, a forbidden one 403 before the body is looked at. Each step of [`Exchange::run`] can end the request.

use std::{sync::Arc, time::Instant};

use actix_web::{HttpRequest, http::Method, web::Payload};

use super::{
    Access, Context, Endpoint, Failure, Reply, Request, Routes, Verb, body, cors,
    envelope::Tokens,
    negotiate::{self, Format},
    path::{Path, Version},
    request::parse_query,
};
use crate::{
    auth::{self, Buckets, Caller, Denied, Presented, buckets::Limits},
    kazoo::{document::gregorian, id},
    platform::{Platform, Settings, unix_now},
    store::{Document, Object},
};

const MAX_UPLOAD: u64 = 8_000_000;
/// Tokens that a refused login takes out of the caller's bucket.
const REFUSED_LOGIN_COST: u64 = 35;

/// What all requests share.
pub struct App {
    pub platform: Arc<Platform>,
    pub routes: Routes,
    pub buckets: Buckets,
    /// Kazoo's version, as clients are told.
    pub version: String,
    /// The digest of this node's name.
    pub node: String,
}

/// A request on its way, and what is known of it so far; an answer is made of this whatever happens.
pub struct Exchange<'a> {
    pub app: &'a App,
    pub request_id: String,
    pub request: Option<Arc<Request>>,
    pub options: bool,
    pub endpoint: Option<Endpoint>,
    pub caller: Option<Arc<Caller>>,
    /// Whether representation and language were negotiated; from there on an answer says so.
    pub negotiated: bool,
    pub format: Format,
    pub tokens: Tokens,
    limits: Limits,
    bucket: String,
}

/// What came out of a request.
pub enum Outcome {
    Reply(Box<Reply>),
    /// A preflight that may go on.
    Preflight,
}

impl<'a> Exchange<'a> {
    pub fn new(app: &'a App, raw: &HttpRequest) -> Self {
        let given = raw
            .headers()
            .get("x-request-id")
            .and_then(|value| value.to_str().ok())
            .filter(|id| !id.is_empty() && id.len() <= 256);
        Self {
            app,
            request_id: given.map_or_else(id::new_id, str::to_owned),
            request: None,
            options: false,
            endpoint: None,
            caller: None,
            negotiated: false,
            format: Format::Json,
            tokens: Tokens::default(),
            limits: Limits::default(),
            bucket: String::new(),
        }
    }

    /// Takes a request through all checks to its handler. `now` is Unix time in seconds.
    pub async fn run(&mut self, path: Path, raw: &HttpRequest, payload: Payload, now: u64) -> Result<Outcome, Failure> {
        if path.version == Version::Api(1) {
            return Err(Failure::Gone);
        }
        let mut request = self.read(path, raw, payload).await?;
        self.open_bucket(&request).await?;
        let denied = self.authenticate(&request, now).await?;
        self.resolve(&mut request)?;
        self.find_endpoint(&mut request).await?;
        let request = Arc::new(request);
        self.request = Some(request.clone());
        let action = self.endpoint.as_ref().and_then(|endpoint| endpoint.action(request.verb));
        let public = action.is_some_and(|action| action.access == Access::Public);
        if let Some(Denied::Expired) = denied
            && !public
            && !self.options
        {
            return Err(Failure::ExpiredToken);
        }
        if !request.known {
            return Err(self.nowhere(&request));
        }
        if self.endpoint.is_none() && !self.options {
            return Err(Failure::NotFound);
        }
        if self.options {
            let preflight = cors::is_cross_origin(&request.headers);
            return if preflight { Ok(Outcome::Preflight) } else { Err(Failure::MethodNotAllowed) };
        }
        let action = action.ok_or(Failure::MethodNotAllowed)?;
        let account = match request.account_param() {
            Some(id) => Some(self.account(id).await?),
            None => None,
        };
        if !public {
            self.admit(denied)?;
        }
        if !self.may(action.access, account.as_deref(), &request).await? {
            return Err(Failure::Forbidden);
        }
        self.negotiate(&request)?;
        let context = Context {
            platform: self.app.platform.clone(),
            caller: self.caller.clone(),
            account,
            consumes: self.endpoint.as_ref().map_or(&[], |endpoint| endpoint.consumes),
            now,
            version: self.app.version.clone(),
            request,
        };
        let guarded = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.guards_login);
        if guarded && !self.take(1) {
            return Err(Failure::TooManyRequests);
        }
        let answer = (action.handler)(&context).await;
        if guarded && matches!(answer, Err(Failure::LoginRefused)) {
            self.take(REFUSED_LOGIN_COST - 1);
        }
        answer.map(|reply| Outcome::Reply(Box::new(reply)))
    }

    /// Step 1: head and body.
    async fn read(&mut self, path: Path, raw: &HttpRequest, payload: Payload) -> Result<Request, Failure> {
        let headers = raw.headers().clone();
        let settings = self.app.platform.settings("crossbar").await?;
        let limit = settings.number("max_upload_size").unwrap_or(MAX_UPLOAD);
        let bytes = body::read(payload, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
        let query = parse_query(raw.uri().query().unwrap_or_default());
        let file_name = match query.iter().find(|(name, _)| name == "filename").and_then(|(_, value)| value.as_str()) {
            Some(name) => name.to_owned(),
            None => format!("uploaded_file_{}", gregorian(unix_now())),
        };
        let body = body::parse(&headers, bytes, path.version.requires_envelope(), &file_name).await?;
        self.options = raw.method() == Method::OPTIONS;
        let head_only = raw.method() == Method::HEAD;
        let method = match Verb::parse(raw.method().as_str()) {
            Some(verb) => verb,
            None if head_only || self.options => Verb::Get,
            None => return Err(Failure::Bare(501)),
        };
        let client_ip = self.client_ip(raw, &settings);
        Ok(Request {
            id: self.request_id.clone(),
            method,
            verb: method,
            head_only,
            raw_path: raw.uri().path().to_owned(),
            path,
            known: false,
            params: Vec::new(),
            query,
            envelope: body.envelope,
            data: body.data.unwrap_or_else(|| serde_json::json!({})),
            uploads: body.uploads,
            headers,
            client_ip,
        })
    }

    /// The peer's address; a proxy that's trusted may speak for its client.
    fn client_ip(&self, raw: &HttpRequest, settings: &Settings) -> String {
        let peer = raw.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default();
        let Some(forwarded) = raw.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok()) else {
            return peer;
        };
        let checked = settings.flag("check_reverse_proxies").unwrap_or(true);
        let trusted = match settings.get("reverse_proxies").and_then(|list| list.as_array()) {
            Some(list) => list.iter().any(|proxy| proxy == peer.as_str()),
            None => peer == "127.0.0.1",
        };
        if trusted || !checked { forwarded.to_owned() } else { peer }
    }

    async fn open_bucket(&mut self, request: &Request) -> Result<(), Failure> {
        self.limits = limits(&self.app.platform).await?;
        self.bucket = format!("{}/{}", request.client_ip, request.account_param().unwrap_or("no_account"));
        self.tokens.remaining = self.app.buckets.remaining(&self.bucket, self.limits, Instant::now());
        Ok(())
    }

    /// Takes tokens out of the caller's bucket; `false` when there weren't enough.
    fn take(&mut self, cost: u64) -> bool {
        let taken = self.app.buckets.take(&self.bucket, cost, self.limits, Instant::now());
        self.tokens = Tokens { consumed: cost, remaining: taken.unwrap_or_else(|left| left) };
        taken.is_ok()
    }

    /// Step 3a: who is it? A credential that isn't good may not matter, so that what's wrong with it is only noted.
    async fn authenticate(&mut self, request: &Request, now: u64) -> Result<Option<Denied>, Failure> {
        let presented = Presented::first(
            request.header("x-auth-token"),
            request.text("auth_token"),
            request.header("authorization"),
            request.text("authorization"),
        );
        match auth::caller::authenticate(&self.app.platform, &presented, request.header("x-auth-account-id"), now).await {
            Ok(caller) => {
                self.caller = Some(caller);
                Ok(None)
            }
            Err(Denied::Store(error)) => Err(error.into()),
            Err(denied) => Ok(Some(denied)),
        }
    }

    /// Steps 3b and 3c: what the path and the verb really mean.
    fn resolve(&self, request: &mut Request) -> Result<(), Failure> {
        if request.path.segments.first().is_some_and(|segment| segment == "account") {
            let caller = self.caller.as_ref().ok_or(Failure::ExpiredToken)?;
            request.path.segments.splice(0..1, ["accounts".to_owned(), caller.account_id.clone()]);
        }
        if request.method.writes()
            && let Some(name) = request.text("verb")
        {
            request.verb = Verb::parse(&name.to_uppercase()).ok_or(Failure::MethodNotAllowed)?;
        }
        Ok(())
    }

    /// Step 4: which endpoint is it?
    async fn find_endpoint(&mut self, request: &mut Request) -> Result<(), Failure> {
        request.known = request.path.segments.first().is_some_and(|word| self.app.routes.begins(word));
        let Some((endpoint, params)) = self.app.routes.find(&request.path.segments) else {
            return Ok(());
        };
        request.params = params;
        let mut endpoint = endpoint.clone();
        if endpoint.spares_master {
            let master_id = self.app.platform.master_id().await?;
            if master_id.is_none() || master_id.as_deref() == request.account_param() {
                endpoint = endpoint.without(Verb::Delete);
            }
        }
        self.endpoint = Some(endpoint);
        Ok(())
    }

    /// A path that begins with no noun: whoever is known is told that it leads nowhere.
    fn nowhere(&self, request: &Request) -> Failure {
        match &self.caller {
            None => Failure::InvalidCredentials,
            Some(caller) if caller.is_superduper() && !request.method.writes() => Failure::NotFoundBare,
            Some(_) => Failure::NotFound,
        }
    }

    /// Step 5: the account in the path must exist.
    async fn account(&self, id: &str) -> Result<Document, Failure> {
        if id.is_empty() {
            return Err(Failure::BadAccountId("missing account_id".into()));
        }
        if id.len() != 32 {
            return Err(Failure::BadAccountId(format!("invalid account_id '{id}'")));
        }
        self.app.platform.account(id).await?.ok_or_else(|| Failure::BadIdentifier { cause: id.to_owned() })
    }

    /// Step 6: whoever isn't known is turned away, and not too often. A credential that's metered costs each time.
    fn admit(&mut self, denied: Option<Denied>) -> Result<(), Failure> {
        let metered = self.caller.as_ref().is_none_or(|caller| caller.metered);
        if metered && !self.take(1) {
            return Err(Failure::TooManyRequests);
        }
        match denied {
            None => Ok(()),
            Some(Denied::AccountExpired(since)) => Err(Failure::invalid("account", "expired", "account expired", since)),
            Some(_) => Err(Failure::InvalidCredentials),
        }
    }

    /// Step 7: may he?
    async fn may(&self, access: Access, account: Option<&Object>, request: &Request) -> Result<bool, Failure> {
        if access == Access::Public {
            return Ok(true);
        }
        let Some(caller) = &self.caller else {
            return Ok(false);
        };
        let reaches = caller.is_superduper() || account.is_some_and(|account| caller.reaches(account));
        let plain = caller.is_plain_user() && strict_user_rights(&self.app.platform).await?;
        Ok(match access {
            Access::Public | Access::Token => true,
            Access::Account => reaches,
            Access::Admin => reaches && !plain,
            Access::Oneself => reaches && (!plain || is_oneself(caller, request)),
            Access::Superduper => caller.is_superduper() && !plain,
        })
    }

    /// Step 8: what kind of answer the client takes.
    fn negotiate(&mut self, request: &Request) -> Result<(), Failure> {
        if !self.endpoint.as_ref().is_some_and(|endpoint| endpoint.provides_file) {
            self.format = negotiate::format(request).ok_or(Failure::Bare(406))?;
        }
        self.negotiated = true;
        Ok(())
    }
}

/// Whether the path names the very user who asks.
fn is_oneself(caller: &Caller, request: &Request) -> bool {
    let named = request.param("user");
    request.account_param() == Some(&caller.account_id) && named.is_some() && named == caller.user_id.as_deref()
}

/// Whether plain users are held to what is theirs (`system_config/auth`, `user_rights`).
async fn strict_user_rights(platform: &Platform) -> Result<bool, Failure> {
    Ok(platform.settings("auth").await?.text("user_rights") != Some("kazoo"))
}

async fn limits(platform: &Platform) -> Result<Limits, Failure> {
    let settings = platform.settings("token_buckets").await?;
    let number = |key: &str| settings.number(&format!("crossbar.{key}")).or_else(|| settings.number(key));
    let per = match settings.text("tokens_fill_time") {
        Some("minute") => 60.0,
        Some("hour") => 3600.0,
        Some("day") => 86_400.0,
        _ => 1.0,
    };
    let defaults = Limits::default();
    Ok(Limits {
        max_tokens: number("max_bucket_tokens").unwrap_or(defaults.max_tokens),
        tokens_per_second: number("tokens_fill_rate").map_or(defaults.tokens_per_second, |rate| rate as f64 / per),
    })
}
