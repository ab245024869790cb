//! Pass-through: what Storefront doesn't answer itself is sent on to a Kazoo, and its answer back, both as streams.
//!
//! Nothing of a request is looked at but its path: who may do what is Kazoo's decision. Tokens are sent along; both programs
//! accept each other's.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, http::Method, web::Payload};
use anyhow::{Context as _, bail};
use url::Url;

use super::{metrics::Noun, path::Path};
use activity::Activity;
use split::Split;

mod activity;
mod answer;
mod question;
mod split;

/// A connection that Kazoo closes at the same moment is a request lost: it's given up well before.
const POOLED: Duration = Duration::from_secs(20);

/// Where requests are sent on to, and which.
#[derive(Clone, Debug)]
pub struct Config {
    /// Kazoo's API: `http://kazoo.example.com:8000`, with or without `/v2`.
    pub url: String,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long nothing may be heard, in either direction.
    pub idle: Duration,
    /// The nouns that Storefront answers; `None`: all that it can.
    pub serve_nouns: Option<Vec<String>>,
    /// The nouns that it doesn't answer though it could, and nouns that neither knows.
    pub forward_nouns: Vec<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the upstream can't be reached, or ended without an answer: {0:#}")]
    Unreachable(anyhow::Error),
    #[error("the upstream didn't answer in time")]
    Timeout,
    /// The path isn't sent on: with dots for names it would be another one there.
    #[error("the path can't be sent on")]
    Path,
}

/// A Kazoo to which requests are sent on.
pub struct Upstream {
    shared: Arc<Shared>,
    client: reqwest::Client,
}

struct Shared {
    /// Without version, and without a slash at its end.
    base: Url,
    split: Split,
    connect: Duration,
    idle: Duration,
}

impl Upstream {
    /// Isn't asked anything yet. `own` are the nouns that Storefront has endpoints for.
    pub fn new(config: &Config, own: impl IntoIterator<Item = &'static str>) -> anyhow::Result<Self> {
        let base = base(&config.url).context("the upstream's URL")?;
        let split = Split::new(own, config.serve_nouns.as_deref(), &config.forward_nouns)?;
        let shared = Shared { base, split, connect: config.connect, idle: config.idle };
        Ok(Self { client: shared.connect().context("the upstream")?, shared: Arc::new(shared) })
    }

    /// The same for another thread. A connection is driven by the runtime of the thread that opened it, and what others send over
    /// it waits whenever that one is busy.
    pub fn for_this_thread(&self) -> Self {
        let client = self.shared.connect().unwrap_or_else(|_| self.client.clone());
        Self { shared: Arc::clone(&self.shared), client }
    }

    /// Whether a path is the upstream's to answer; its noun then, where it's a known one.
    pub fn takes(&self, path: &Path, routes: &super::Routes) -> Option<Noun> {
        self.shared.split.forwarded(path, routes)
    }

    /// Whether a noun is left to the upstream that there are endpoints for here.
    pub fn has(&self, noun: &str) -> bool {
        !self.shared.split.serves(noun)
    }

    /// Sends a request on. What it's answered is an answer, whatever it says.
    pub async fn forward(&self, raw: &HttpRequest, payload: Payload, request_id: &str) -> Result<HttpResponse, Fault> {
        let url = question::url(&self.shared.base, raw).ok_or(Fault::Path)?;
        let activity = Activity::default();
        let method = reqwest::Method::from_bytes(raw.method().as_str().as_bytes()).map_err(|_| Fault::Path)?;
        let mut request = reqwest::Request::new(method, url);
        *request.headers_mut() = question::headers(raw, request_id);
        // A connection may have been closed just when it was used again. Reading may be tried twice, writing not.
        let spare = question::is_bare_read(raw).then(|| request.try_clone()).flatten();
        *request.body_mut() = question::body(raw, payload, &activity);
        let answer = match (self.ask(request, &activity).await, spare) {
            (Err(Fault::Unreachable(_)), Some(again)) => self.ask(again, &activity).await,
            (answer, _) => answer,
        }?;
        Ok(answer::pass_on(answer, *raw.method() == Method::HEAD, self.shared.idle, request_id))
    }

    async fn ask(&self, request: reqwest::Request, activity: &Activity) -> Result<reqwest::Response, Fault> {
        activity.noted();
        let answer = self.client.execute(request);
        match activity.within(self.shared.idle, answer).await {
            None => Err(Fault::Timeout),
            Some(Err(error)) if error.is_timeout() => Err(Fault::Timeout),
            Some(Err(error)) => Err(Fault::Unreachable(error.without_url().into())),
            Some(Ok(answer)) => Ok(answer),
        }
    }
}

impl Shared {
    fn connect(&self) -> reqwest::Result<reqwest::Client> {
        let client = reqwest::Client::builder().no_gzip().no_brotli().no_deflate().no_zstd().referer(false);
        let client = client.redirect(reqwest::redirect::Policy::none());
        client.connect_timeout(self.connect).pool_idle_timeout(POOLED).build()
    }
}

/// The part of an API's URL before the version.
fn base(url: &str) -> anyhow::Result<Url> {
    // Not with the URL in it: somebody may have put a password there.
    let Ok(mut base) = Url::parse(url) else {
        bail!("isn't one; say http://kazoo.example.com:8000");
    };
    if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
        bail!("must look like http://kazoo.example.com:8000");
    }
    if !base.username().is_empty() || base.password().is_some() || base.query().is_some() || base.fragment().is_some() {
        bail!("can't have a user, a query or a fragment");
    }
    let path = base.path().trim_end_matches('/');
    let path = path.strip_suffix("/v2").unwrap_or(path).trim_end_matches('/').to_owned();
    base.set_path(&path);
    Ok(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_may_stand_in_the_url_or_not() {
        for url in ["http://k:8000", "http://k:8000/", "http://k:8000/v2", "http://k:8000/v2/"] {
            assert_eq!(base(url).unwrap().as_str(), "http://k:8000/", "{url}");
        }
        assert_eq!(base("https://k/api/v2").unwrap().as_str(), "https://k/api");
        for url in ["k:8000", "ftp://k", "http://u:s3cret@k", "http://k?x", "s3cret"] {
            assert!(!format!("{:#}", base(url).unwrap_err()).contains("s3cret"), "{url}");
        }
    }
}
