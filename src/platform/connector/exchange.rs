//! What the marketplace is asked, and its answers.
//!
//! Only the marketplace itself is ever asked, and no redirection is followed: the token that the cluster is known by goes nowhere
//! else.

use std::time::Duration;

use futures_util::Stream;
use reqwest::{Client, Method, Response, redirect::Policy};
use serde_json::{Value, json};
use url::Url;

use crate::{
    kazoo::{
        connector::Connector,
        delivery::{Delivery, Package},
    },
    store::Object,
};

/// How long getting a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// Bytes that an answer may have which isn't a package.
const LONGEST: usize = 1 << 20;
/// How many times longer than any other answer a package may take.
const DOWNLOAD_FACTOR: u32 = 10;

/// Why the marketplace didn't do as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("no marketplace is configured")]
    NotConfigured,
    /// It says no.
    #[error("the marketplace answered {status}")]
    Refused { status: u16, said: Object },
    #[error("the marketplace can't be reached")]
    Unreachable,
    #[error("the marketplace doesn't answer in time")]
    Late,
    /// An answer began, and then there was no more of it.
    #[error("the marketplace's answer broke off")]
    BrokenOff,
    /// It said something that makes no sense.
    #[error("{0}")]
    Failed(String),
}

impl ExchangeError {
    /// Whether it knows nothing of the link any longer.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Refused { status: 401, .. })
    }

    /// Its own words, where it had any.
    pub fn said(&self) -> Object {
        match self {
            Self::Refused { said, .. } => said.clone(),
            other => Object::from_iter([("message".to_owned(), other.to_string().into())]),
        }
    }

    fn failed(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Late
        } else if error.is_connect() {
            Self::Unreachable
        } else {
            // Without the address, which may hold a password.
            log::debug!("the marketplace's answer broke off: {:?}", error.without_url());
            Self::BrokenOff
        }
    }
}

/// The marketplace, as asked by one cluster.
pub struct Exchange {
    client: Client,
    /// Ends with a slash.
    base: Url,
    token: Option<String>,
    limit: Duration,
}

impl Exchange {
    /// The marketplace that the connector is set to. `limit` is how long an answer may take; else what's set counts.
    pub fn of(connector: &Connector, limit: Option<Duration>) -> Result<Self, ExchangeError> {
        let url = connector.exchange_url().ok_or(ExchangeError::NotConfigured)?;
        let base = Url::parse(&format!("{url}/api/v1/")).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let base = base.ok_or_else(|| ExchangeError::Failed("the marketplace's URL is none".into()))?;
        let set = Duration::from_secs(connector.http_timeout());
        let limit = limit.map_or(set, |limit| limit.min(set));
        // Made for each occasion: connections belong to the thread that opened them, and occasions are rare.
        let client = Client::builder()
            .redirect(Policy::none())
            .no_gzip()
            .connect_timeout(CONNECT.min(limit))
            .read_timeout(limit)
            .build()
            .map_err(ExchangeError::failed)?;
        Ok(Self { client, base, token: connector.token().map(str::to_owned), limit })
    }

    /// Exchanges an access code for a link: `{link_token, kazoo_version, …}`.
    pub async fn link(&self, request: Value) -> Result<Object, ExchangeError> {
        self.json(Method::POST, self.at(&["connector", "link"]), Some(request)).await
    }

    /// What it knows of the cluster.
    pub async fn cluster(&self) -> Result<Object, ExchangeError> {
        self.json(Method::GET, self.at(&["connector"]), None).await
    }

    pub async fn change(&self, change: Value) -> Result<Object, ExchangeError> {
        self.json(Method::PATCH, self.at(&["connector"]), Some(change)).await
    }

    pub async fn unlink(&self) -> Result<(), ExchangeError> {
        self.json(Method::DELETE, self.at(&["connector"]), None).await.map(drop)
    }

    /// What waits for the cluster.
    pub async fn deliveries(&self) -> Result<Vec<Value>, ExchangeError> {
        let mut url = self.at(&["connector", "deliveries"]);
        url.set_query(Some("state=queued"));
        let answer = self.ask(Method::GET, url, None).await?;
        match serde_json::from_slice(&read(answer).await?) {
            Ok(Value::Array(deliveries)) => Ok(deliveries),
            _ => Err(ExchangeError::Failed("the marketplace's list of deliveries is none".into())),
        }
    }

    /// Says how far a delivery is.
    pub async fn tell(&self, delivery: &str, state: &str, detail: Option<&str>) -> Result<(), ExchangeError> {
        let mut report = json!({ "state": state });
        if let Some(detail) = detail {
            report["detail"] = detail.into();
        }
        self.json(Method::POST, self.at(&["connector", "deliveries", delivery]), Some(report)).await.map(drop)
    }

    /// A delivery's package, as it comes.
    pub async fn package(
        &self,
        delivery: &Delivery,
        package: &Package,
    ) -> Result<impl Stream<Item = Result<bytes::Bytes, ExchangeError>> + use<>, ExchangeError> {
        let url = match &package.url {
            Some(url) => self.base.join(url).ok().filter(|url| url.origin() == self.base.origin()),
            None => Some(self.at(&["connector", "packages", &delivery.id])),
        };
        let elsewhere = || ExchangeError::Refused { status: 400, said: message("the package isn't at the marketplace") };
        let mut request = self.client.get(url.ok_or_else(elsewhere)?).timeout(self.limit * DOWNLOAD_FACTOR);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = accepted(request.send().await.map_err(ExchangeError::failed)?).await?;
        if answer.content_length().is_some_and(|length| length != package.size) {
            let said = message("the package hasn't the size that was said");
            return Err(ExchangeError::Refused { status: 400, said });
        }
        Ok(futures_util::StreamExt::map(answer.bytes_stream(), |chunk| chunk.map_err(ExchangeError::failed)))
    }

    fn at(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn ask(&self, method: Method, url: Url, body: Option<Value>) -> Result<Response, ExchangeError> {
        let mut request = self.client.request(method, url).timeout(self.limit).header("accept", "application/json");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        accepted(request.send().await.map_err(ExchangeError::failed)?).await
    }

    /// An answer that is an object; nothing is an empty one.
    async fn json(&self, method: Method, url: Url, body: Option<Value>) -> Result<Object, ExchangeError> {
        let bytes = read(self.ask(method, url, body).await?).await?;
        if bytes.is_empty() {
            return Ok(Object::new());
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(answer)) => Ok(answer),
            _ => Err(ExchangeError::Failed("the marketplace's answer makes no sense".into())),
        }
    }
}

/// A success, or the marketplace's reasons.
async fn accepted(answer: Response) -> Result<Response, ExchangeError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let said = match serde_json::from_slice(&read(answer).await.unwrap_or_default()) {
        Ok(Value::Object(said)) if !said.is_empty() => said,
        _ => message(status.canonical_reason().unwrap_or("the marketplace refuses")),
    };
    Err(ExchangeError::Refused { status: status.as_u16(), said })
}

async fn read(mut answer: Response) -> Result<Vec<u8>, ExchangeError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(ExchangeError::failed)? {
        if bytes.len() + chunk.len() > LONGEST {
            return Err(ExchangeError::Failed("the marketplace's answer is too long".into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn message(text: &str) -> Object {
    Object::from_iter([("message".to_owned(), text.into())])
}
