//! The order in which a request is checked.
//!
//! Kazoo's order is visible to clients: an unknown account is 404 even without a token, a wrong verb is 405 before anybody asks
//! who is there, a forbidden one 403 before the body is looked at. Each step of [`Exchange::run`] can end the request.

use std::{sync::Arc, time::Instant};

use actix_web::{HttpRequest, http::Method, web::Payload};

use super::{
    Access, Context, Endpoint, Failure, Reply, Request, Routes, Verb, access, body, client, cors,
    envelope::Tokens,
    metrics::Metrics,
    negotiate::{self, Format},
    path::{Path, Version},
    request::parse_query,
};
use crate::{
    auth::{self, Buckets, Caller, Denied, Presented, buckets::Limits, costs},
    kazoo::{account, document::gregorian, id, restrictions::Attempt},
    platform::{Platform, Settings, unix_now},
    store::{Assembled, Document, Object},
};

const MAX_UPLOAD: u64 = 8_000_000;

/// What all requests share.
pub struct App {
    pub platform: Arc<Platform>,
    pub routes: Routes,
    pub buckets: Buckets,
    /// Answers as a whole, with their entity tags.
    pub answers: Arc<Assembled<String>>,
    pub metrics: Metrics,
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
    /// The settings of `crossbar`, as they were when the request came.
    pub crossbar: Settings,
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
        Self {
            app,
            request_id: access::request_id(raw.headers()),
            request: None,
            options: false,
            endpoint: None,
            caller: None,
            negotiated: false,
            format: Format::Json,
            tokens: Tokens::default(),
            crossbar: Settings::default(),
            limits: Limits::default(),
            bucket: String::new(),
        }
    }

    /// Takes a request through all checks to its handler. `now` is Unix time in seconds.
    pub async fn run(&mut self, path: Path, raw: &HttpRequest, payload: Payload, now: u64) -> Result<Outcome, Failure> {
        if path.version == Version::Api(1) {
            return Err(Failure::Gone);
        }
        if self.is_plain_preflight(&path, raw) {
            return Ok(Outcome::Preflight);
        }
        let mut request = self.read(path, raw, payload).await?;
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
            self.admit(denied, &request)?;
            self.may(action.access, account.as_deref(), &request).await?;
        }
        self.negotiate(&request)?;
        let context = Context {
            platform: self.app.platform.clone(),
            answers: self.app.answers.clone(),
            caller: self.caller.clone(),
            account,
            consumes: self.endpoint.as_ref().map_or(&[], |endpoint| endpoint.consumes),
            now,
            version: self.app.version.clone(),
            crossbar: self.crossbar.clone(),
            request: request.clone(),
        };
        let guarded = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.guards_login);
        if guarded {
            self.charge_attempt(&request)?;
        }
        let answer = if context.request.verb.writes() {
            // What has begun goes on to its end, whether the client waits for it or not: half a write is worse than none.
            let write = actix_web::rt::spawn(async move { (action.handler)(&context).await });
            write.await.unwrap_or_else(|panic| Err(Failure::Internal(panic.into())))
        } else {
            (action.handler)(&context).await
        };
        if guarded && matches!(answer, Err(Failure::LoginRefused | Failure::CodeRefused)) {
            self.charge_refusal(&request);
        }
        answer.map(|reply| Outcome::Reply(Box::new(reply)))
    }

    /// Step 1: head and body.
    async fn read(&mut self, path: Path, raw: &HttpRequest, payload: Payload) -> Result<Request, Failure> {
        let headers = raw.headers().clone();
        let [crossbar, buckets] = self.app.platform.settings_of(["crossbar", "token_buckets"]).await?;
        self.crossbar = crossbar;
        self.limits = Limits::of(&buckets);
        let limit = self.crossbar.number("max_upload_size").unwrap_or(MAX_UPLOAD);
        let bytes = body::read(payload, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
        let query = parse_query(raw.uri().query().unwrap_or_default());
        let asked = query.iter().find(|(name, _)| name == "filename").and_then(|(_, value)| value.as_str()).map(str::to_owned);
        let file_name =
            asked.or_else(|| body::told_name(&headers)).unwrap_or_else(|| format!("uploaded_file_{}", gregorian(unix_now())));
        let body = body::parse(&headers, bytes, path.version.requires_envelope(), &file_name).await?;
        self.options = raw.method() == Method::OPTIONS;
        let head_only = raw.method() == Method::HEAD;
        let method = match Verb::parse(raw.method().as_str()) {
            Some(verb) => verb,
            None if head_only || self.options => Verb::Get,
            None => return Err(Failure::Bare(501)),
        };
        let client_ip = client::address(raw, &self.crossbar);
        let request = Request {
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
        };
        // Whatever else stands there is no account: it needs no bucket, which would be as long as the client likes.
        let account = request.account_param().filter(|id| id::is_id(id));
        self.bucket = format!("{}/{}", request.client_ip, account.unwrap_or("no_account"));
        self.tokens.remaining = self.app.buckets.remaining(&self.bucket, self.limits, Instant::now());
        Ok(request)
    }

    /// Takes the price of the request out of the caller's bucket.
    fn charge(&mut self, request: &Request) -> Result<(), Failure> {
        let price = costs::of_request(&self.crossbar, request.account_param(), self.noun(), request.verb.as_str());
        if self.take(price) { Ok(()) } else { Err(Failure::TooManyRequests) }
    }

    /// Takes the price of an attempt to prove who one is. Whoever has guessed wrong too often is turned away at every path: the
    /// account that a guess is at needn't be the one in the path, which has the bucket.
    fn charge_attempt(&mut self, request: &Request) -> Result<(), Failure> {
        if self.app.buckets.remaining(&guesses(request), self.limits, Instant::now()) == 0 {
            return Err(Failure::TooManyRequests);
        }
        self.charge(request)
    }

    /// Takes what a guess costs that wasn't right, beside what the request has cost already; an operator may want to know, too.
    fn charge_refusal(&mut self, request: &Request) {
        log::info!(request_id = request.id.as_str(); "{} refused a login from {}", self.noun(), request.client_ip);
        let (price, now) = (costs::of_refusal(&self.crossbar, self.noun()), Instant::now());
        let more = price.saturating_sub(self.tokens.consumed);
        let left = self.app.buckets.fine(&self.bucket, more, self.limits, now);
        self.tokens.spend(more, left);
        self.app.buckets.fine(&guesses(request), price, self.limits, now);
    }

    /// Takes tokens out of the caller's bucket; `false` when there weren't enough.
    fn take(&mut self, cost: u64) -> bool {
        let taken = self.app.buckets.take(&self.bucket, cost, self.limits, Instant::now());
        self.tokens.spend(cost, taken.unwrap_or_else(|left| left));
        taken.is_ok()
    }

    /// The noun that is asked; until the endpoint is known, what stands for the credential.
    fn noun(&self) -> &'static str {
        self.endpoint.as_ref().map_or("basic_auth", |endpoint| endpoint.noun)
    }

    /// Step 3a: who is it? A credential that isn't good may not matter, so that what's wrong with it is only noted. Trying
    /// passwords costs, wherever it's done.
    async fn authenticate(&mut self, request: &Request, now: u64) -> Result<Option<Denied>, Failure> {
        let presented = Presented::first(
            request.header("x-auth-token"),
            request.text("auth_token"),
            request.header("authorization"),
            request.text("authorization"),
        );
        let guess = matches!(presented, Presented::Basic(_));
        if guess {
            self.charge_attempt(request)?;
        }
        match auth::caller::authenticate(&self.app.platform, &presented, request.header("x-auth-account-id"), now).await {
            Ok(caller) => {
                self.caller = Some(caller);
                Ok(None)
            }
            Err(Denied::Store(error)) => Err(error.into()),
            Err(denied) => {
                if guess && matches!(denied, Denied::Invalid) {
                    self.charge_refusal(request);
                }
                Ok(Some(denied))
            }
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

    /// Step 6: whoever isn't known is turned away, and not too often.
    fn admit(&mut self, denied: Option<Denied>, request: &Request) -> Result<(), Failure> {
        if self.caller.is_none() && !self.tokens.is_spent() {
            self.charge(request)?;
        }
        match denied {
            None => Ok(()),
            Some(Denied::AccountExpired(since)) => Err(Failure::invalid("account", "expired", "account expired", since)),
            Some(_) => Err(Failure::InvalidCredentials),
        }
    }

    /// Step 7: may he, and with this token?
    async fn may(&self, access: Access, account: Option<&Object>, request: &Request) -> Result<(), Failure> {
        let Some(caller) = &self.caller else {
            return Err(Failure::InvalidCredentials);
        };
        let reaches = caller.is_superduper() || account.is_some_and(|account| caller.reaches(account));
        let plain = caller.is_plain_user();
        let may = match access {
            Access::Public | Access::Token => true,
            Access::Account => reaches,
            Access::Admin => reaches && !plain,
            Access::Oneself => reaches && (!plain || is_oneself(caller, request)),
            Access::AdminAlways => reaches && !caller.is_user_but_no_admin(),
            Access::Reseller => reaches && !caller.is_user_but_no_admin() && self.is_reseller(caller).await?,
            Access::Superduper => caller.is_superduper() && !caller.is_user_but_no_admin(),
        };
        if !may {
            return Err(Failure::Forbidden);
        }
        let (Some(restrictions), Some(endpoint)) = (&caller.restrictions, &self.endpoint) else {
            return Ok(());
        };
        let attempt = Attempt {
            noun: endpoint.noun,
            arguments: endpoint.arguments(&request.path.segments),
            verb: request.verb.as_str(),
            account: request.account_param().zip(account.map(|account| caller.kinship(account))),
        };
        let cause = "access denied by token restrictions";
        if restrictions.allow(&attempt) { Ok(()) } else { Err(Failure::ForbiddenCause { cause }) }
    }

    async fn is_reseller(&self, caller: &Caller) -> Result<bool, Failure> {
        let services = self.app.platform.services(&caller.account_id).await?;
        Ok(caller.is_superduper() || account::is_reseller(services.as_deref()))
    }

    /// Step 8: what kind of answer the client takes.
    fn negotiate(&mut self, request: &Request) -> Result<(), Failure> {
        if !self.gives_file(request) {
            self.format = negotiate::format(request).ok_or(Failure::Bare(406))?;
        }
        self.negotiated = true;
        Ok(())
    }
}

impl Exchange<'_> {
    /// Whether a success is a file: what reading an endpoint of files gives.
    pub fn gives_file(&self, request: &Request) -> bool {
        !request.verb.writes() && self.endpoint.as_ref().is_some_and(|endpoint| endpoint.provides_file)
    }
}

/// The bucket of a client's wrong guesses.
fn guesses(request: &Request) -> String {
    format!("{}/guesses", request.client_ip)
}

/// Whether the path names the very user who asks.
fn is_oneself(caller: &Caller, request: &Request) -> bool {
    let named = request.param("user");
    request.account_param() == Some(&caller.account_id) && named.is_some() && named == caller.user_id.as_deref()
}
