//! Requests and answers: the only place where `couch_rs` and its connections are seen.

use std::{
    cell::RefCell,
    fmt,
    future::Future,
    sync::{Arc, Weak},
    time::Duration,
};

use anyhow::anyhow;
use percent_encoding::percent_decode_str;
use reqwest::{
    Body, Method, Response, StatusCode,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, RANGE, REFERER, USER_AGENT},
};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::{
    Timeouts,
    fault::Subject,
    gate::{Gate, Pass},
    path::Paths,
};
use crate::store::{Db, Error};

/// A CouchDB server, as one store sees it.
pub(super) struct Server {
    /// Scheme, host and port. No credentials: `couch_rs` repeats its URL in a header of every request.
    origin: String,
    credentials: Option<(String, String)>,
    pub(super) paths: Paths,
    pub(super) timeouts: Timeouts,
    gate: Gate,
}

/// What a server is asked.
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    headers: HeaderMap,
    body: Option<Body>,
    limit: Option<Duration>,
    /// Whether it changes nothing, so that it may be sent twice.
    read: bool,
    /// Whether it waits for nobody's turn.
    at_once: bool,
}

impl Call {
    pub(super) fn get(path: String) -> Self {
        Self { read: true, ..Self::new(Method::GET, path) }
    }

    pub(super) fn put(path: String) -> Self {
        Self::new(Method::PUT, path)
    }

    pub(super) fn post(path: String) -> Self {
        Self::new(Method::POST, path)
    }

    /// A question whose parameters go in the body.
    pub(super) fn query(path: String) -> Self {
        Self { read: true, ..Self::new(Method::POST, path) }
    }

    /// The deletion of a whole database. All else is deleted by [`Call::delete`].
    pub(super) fn delete_database(path: String) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// A deletion names its revision: CouchDB refuses one that went astray and hit a database.
    pub(super) fn delete(path: String, rev: &str) -> Self {
        Self::new(Method::DELETE, path).with("rev", rev)
    }

    fn new(method: Method, path: String) -> Self {
        let (query, headers) = (Vec::new(), HeaderMap::new());
        Self { method, path, query, headers, body: None, limit: None, read: false, at_once: false }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    pub(super) fn body(self, body: impl Into<Body>) -> Self {
        Self { body: Some(body.into()), ..self }
    }

    pub(super) fn json(self, body: &impl Serialize, subject: &Subject) -> Result<Self, Error> {
        Ok(self.body(serde_json::to_vec(body).map_err(|error| subject.invalid(error.to_string()))?))
    }

    /// Lets it pass by all that wait: for the few that say how the server is, and what changes there.
    pub(super) fn at_once(self) -> Self {
        Self { at_once: true, ..self }
    }

    /// The time it may take, where that isn't a document's.
    pub(super) fn within(self, limit: Duration) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

impl Server {
    pub(super) fn new(url: &Url, timeouts: Timeouts) -> Result<Self, Error> {
        let unusable = |why: &str| Error::Unreachable { source: anyhow!("the CouchDB URL {why}") };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(unusable("must look like http://user:password@host:5984"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(unusable("can't have a query or a fragment"));
        }
        let decoded = |part: &str| percent_decode_str(part).decode_utf8().map(String::from);
        let credentials = match (decoded(url.username()), decoded(url.password().unwrap_or_default())) {
            (Ok(user), Ok(_)) if user.is_empty() => None,
            (Ok(user), Ok(_)) if user.contains(':') => return Err(unusable("names a user with a colon")),
            (Ok(user), Ok(password)) => Some((user, password)),
            _ => return Err(unusable("has credentials that aren't UTF-8")),
        };
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            credentials,
            paths: Paths::below(url),
            timeouts,
            gate: Gate::default(),
        })
    }

    /// Asks, and reads the whole answer.
    pub(super) async fn ask<T: DeserializeOwned>(self: &Arc<Self>, subject: &Subject, call: Call) -> Result<T, Error> {
        let limit = call.limit.unwrap_or(self.timeouts.document);
        within(limit, subject, async {
            let _pass = self.enter(subject, &call).await;
            self.answer(subject, call).await
        })
        .await
    }

    /// Asks for something that may be long: the answer's body is still to come, in its own time, and in that of who reads it,
    /// which nobody else waits for. A range that lies beyond the end is an answer too.
    pub(super) async fn open(self: &Arc<Self>, subject: &Subject, call: Call) -> Result<Response, Error> {
        let limit = call.limit.unwrap_or(self.timeouts.document);
        within(limit, subject, async {
            let _pass = self.enter(subject, &call).await;
            self.exchange(subject, call).await
        })
        .await
    }

    /// Sends a body that may be long: only silence ends it, which `stalled` tells.
    pub(super) async fn send<T: DeserializeOwned>(
        self: &Arc<Self>,
        subject: &Subject,
        call: Call,
        stalled: impl Future<Output = ()>,
    ) -> Result<T, Error> {
        let answer = async {
            let _pass = self.enter(subject, &call).await;
            self.answer(subject, call).await
        };
        tokio::select! {
            answer = answer => answer,
            () = stalled => Err(subject.timeout()),
        }
    }

    async fn enter(&self, subject: &Subject, call: &Call) -> Option<Pass> {
        if call.at_once { None } else { Some(self.gate.enter(subject).await) }
    }

    async fn answer<T: DeserializeOwned>(self: &Arc<Self>, subject: &Subject, call: Call) -> Result<T, Error> {
        let response = self.exchange(subject, call).await?;
        let body = response.bytes().await.map_err(|fault| subject.unreachable(fault))?;
        serde_json::from_slice(&body).map_err(|error| subject.corrupt(error))
    }

    async fn exchange(self: &Arc<Self>, subject: &Subject, call: Call) -> Result<Response, Error> {
        let (read, part) = (call.read, call.headers.contains_key(RANGE));
        let (client, request) = self.request(call)?;
        let again = if read { request.try_clone() } else { None };
        let response = match (client.execute(request).await, again) {
            // The server may have closed a connection that we still held for open. A read can be sent on a new one.
            (Err(fault), Some(again)) if !fault.is_connect() => client.execute(again).await,
            (response, _) => response,
        };
        let response = response.map_err(|fault| subject.unreachable(fault))?;
        let status = response.status();
        if status.is_success() || (part && status == StatusCode::RANGE_NOT_SATISFIABLE) {
            return Ok(response);
        }
        let body = response.bytes().await.map_err(|fault| subject.unreachable(fault))?;
        Err(subject.refused(status, &body))
    }

    fn request(self: &Arc<Self>, call: Call) -> Result<(reqwest::Client, reqwest::Request), Error> {
        let builder = self.client()?.req(call.method, &call.path, None);
        let (client, request) = builder.build_split();
        let mut request = request.map_err(|fault| Error::Unreachable { source: fault.without_url().into() })?;
        if !call.query.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(call.query);
        }
        let headers = request.headers_mut();
        headers.remove(REFERER);
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("storefront/", env!("CARGO_PKG_VERSION"))));
        // Compressed answers have no length, and what was cut off can't be told from what has ended.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.extend(call.headers);
        *request.body_mut() = call.body;
        Ok((client, request))
    }

    /// This thread's client. Every thread has its own: a connection is driven by the runtime of the thread that opened it,
    /// and what another thread sends over it waits whenever that one is busy.
    fn client(self: &Arc<Self>) -> Result<couch_rs::Client, Error> {
        thread_local! {
            static CLIENTS: RefCell<Vec<(Weak<Server>, couch_rs::Client)>> = const { RefCell::new(Vec::new()) };
        }
        CLIENTS.with_borrow_mut(|clients| {
            let this = Arc::as_ptr(self);
            if let Some((_, client)) = clients.iter().find(|(server, _)| server.as_ptr() == this) {
                return Ok(client.clone());
            }
            let client = self.connect()?;
            clients.retain(|(server, _)| server.strong_count() > 0);
            clients.push((Arc::downgrade(self), client.clone()));
            Ok(client)
        })
    }

    fn connect(&self) -> Result<couch_rs::Client, Error> {
        let (user, password) = self.credentials.as_ref().map(|(user, password)| (user.as_str(), password.as_str())).unzip();
        couch_rs::Client::new_with_timeout(&self.origin, user, password, None)
            .map_err(|error| Error::Unreachable { source: anyhow!("no connection can be made: {error}") })
    }
}

async fn within<T>(limit: Duration, subject: &Subject, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| Err(subject.timeout()))
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

/// What stands for a database where the server as a whole is asked.
pub(super) const SERVER: Db = Db::named("_all_dbs");
