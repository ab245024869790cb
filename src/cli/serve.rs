//! `storefront serve`: a store, a cache before it where that helps, and the API on both.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::bail;
use clap::Args;

use super::{
    announced,
    delivered_apps::{self, DeliveredApps},
};
use crate::{
    http::upstream,
    notices::Bus,
    platform::Platform,
    server::{self, Options, Watched},
    store::{Cached, Location, Measured, Store, cached::Limits},
};

/// How the API is served. Each of these can stand in the configuration file too, under the same name with `_` for `-`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port to listen on
    #[arg(long, env = "STOREFRONT_LISTEN", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// Address and port for /metrics, if it isn't to be beside the API
    #[arg(long, env = "STOREFRONT_METRICS_LISTEN", value_name = "LISTEN")]
    metrics_listen: Option<SocketAddr>,
    /// The Kazoo version to tell clients
    #[arg(long, env = "STOREFRONT_KAZOO_VERSION", default_value = server::KAZOO_VERSION)]
    kazoo_version: String,
    /// Whether to answer, with nothing, for modules of Kazoo that Storefront lacks and Monster UI needs: limits, callflows and
    /// the like [default: true, but false for serve with CouchDB, where a Kazoo answers]
    #[arg(long, env = "STOREFRONT_COMPANIONS", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    companions: Option<bool>,
    /// Kazoo's API (http://kazoo.example.com:8000), to answer what Storefront doesn't; the companions are its as well then
    #[arg(long, env = "STOREFRONT_UPSTREAM", value_name = "URL")]
    upstream: Option<String>,
    /// The nouns to answer when there is an upstream, like accounts,apps_store [default: all that there are]
    #[arg(long, env = "STOREFRONT_SERVE_NOUNS", value_name = "NOUNS", value_delimiter = ',')]
    serve_nouns: Option<Vec<String>>,
    /// The nouns to leave to the upstream; also modules of its own that nobody else knows
    #[arg(long, env = "STOREFRONT_FORWARD_NOUNS", value_name = "NOUNS", value_delimiter = ',')]
    forward_nouns: Option<Vec<String>>,
    /// Seconds that connecting to the upstream may take
    #[arg(long, env = "STOREFRONT_UPSTREAM_CONNECT_TIMEOUT", default_value = "5", value_name = "SECONDS", value_parser = seconds)]
    upstream_connect_timeout: Duration,
    /// Seconds that nothing may be heard of the upstream while it answers
    #[arg(long, env = "STOREFRONT_UPSTREAM_IDLE_TIMEOUT", default_value = "120", value_name = "SECONDS", value_parser = seconds)]
    upstream_idle_timeout: Duration,
    /// Threads that answer requests [default: one for each processor]
    #[arg(long, env = "STOREFRONT_WORKERS")]
    workers: Option<usize>,
    /// Seconds that an answer may be old after somebody else's write to CouchDB; 0 is --no-cache
    #[arg(long, env = "STOREFRONT_CACHE_MAX_AGE", default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    cache_max_age: Duration,
    /// Megabytes of CouchDB's answers that are kept in memory
    #[arg(long, env = "STOREFRONT_CACHE_SIZE", default_value_t = 64, value_name = "MB")]
    cache_size: u64,
    /// Ask CouchDB again at every read
    #[arg(long, env = "STOREFRONT_NO_CACHE", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    #[arg(default_value_t = false, action = clap::ArgAction::Set)]
    no_cache: bool,
    /// Seconds that requests in flight may still take when the server is told to stop
    #[arg(long, env = "STOREFRONT_SHUTDOWN_TIMEOUT", default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    shutdown_timeout: Duration,
    #[command(flatten)]
    pub delivered_apps: DeliveredApps,
}

/// Serves a store until a signal to stop.
pub async fn run(location: &Location, serve: Serve, bus: Option<Arc<Bus>>) -> anyhow::Result<ExitCode> {
    let (platform, watched) = open(location, &serve, bus)?;
    platform.wait_until_reachable().await;
    platform.prepare().await?;
    if platform.master_id().await?.is_none() {
        log::warn!("there is no account yet; make the first with: storefront create-account NAME REALM USERNAME PASSWORD");
    }
    delivered_apps::keep_fetching(&platform, serve.delivered_apps.folder(location));
    // Beside CouchDB a Kazoo answers them.
    let options = serve.options(matches!(location, Location::Embedded(_)))?;
    server::serve(platform, watched.clone(), options, |address| {
        println!("Storefront listens on http://{address}/v2 (store {location})")
    })
    .await?;
    close(&watched);
    Ok(ExitCode::SUCCESS)
}

/// The platform on a store, as a server wants it: measured, with a cache before the store where that helps, and its writes
/// told on the bus, if there is one.
pub fn open(location: &Location, serve: &Serve, bus: Option<Arc<Bus>>) -> anyhow::Result<(Arc<Platform>, Watched)> {
    let (store, mut watched) = watch(super::open(location)?, serve.cache(location));
    watched.bus = bus;
    Ok((Arc::new(Platform::new(announced(store, watched.bus.as_ref()))), watched))
}

/// Puts before a store what measures it, and a cache with these limits, if any.
pub fn watch(store: Arc<dyn Store>, cache: Option<Limits>) -> (Arc<dyn Store>, Watched) {
    let mut watched = Watched::default();
    let store: Arc<dyn Store> = Arc::new(Measured::new(store, watched.store.clone()));
    watched.cache = cache.map(|limits| Arc::new(Cached::new(Arc::clone(&store), limits)));
    (watched.cache.clone().map_or(store, |cached| cached as Arc<dyn Store>), watched)
}

/// Sends the last notices, and says what became of reads and writes.
pub fn close(watched: &Watched) {
    if let Some(cached) = &watched.cache {
        log::info!("the cache: {}", cached.counters().read());
    }
    if let Some(bus) = &watched.bus {
        // A thread is waited for: nothing else has to be done any more.
        bus.close();
        log::info!("{}", bus.counts());
    }
}

impl Serve {
    /// What may be cached of a store. The embedded one needs nothing: its reads make no round trip.
    fn cache(&self, location: &Location) -> Option<Limits> {
        let is_wanted = matches!(location, Location::Couch(_)) && !self.no_cache && !self.cache_max_age.is_zero();
        is_wanted.then(|| Limits { age: self.cache_max_age, bytes: self.cache_size.saturating_mul(1_000_000) })
    }

    /// What the server needs to know; whether it has companions where nobody says so.
    pub fn options(self, has_companions: bool) -> anyhow::Result<Options> {
        let companions = self.companions.unwrap_or(has_companions);
        // A variable that is there and empty says nothing.
        let named = |nouns: Option<Vec<String>>| {
            let nouns: Vec<String> = nouns.into_iter().flatten().filter(|noun| !noun.is_empty()).collect();
            Some(nouns).filter(|nouns| !nouns.is_empty())
        };
        let (serve_nouns, forward_nouns) = (named(self.serve_nouns), named(self.forward_nouns));
        let is_split = serve_nouns.is_some() || forward_nouns.is_some();
        let upstream = self.upstream.filter(|url| !url.is_empty()).map(|url| upstream::Config {
            url,
            connect: self.upstream_connect_timeout,
            idle: self.upstream_idle_timeout,
            serve_nouns,
            forward_nouns: forward_nouns.unwrap_or_default(),
        });
        if upstream.is_none() && is_split {
            bail!("serve_nouns and forward_nouns say who answers what, and need an upstream");
        }
        Ok(Options {
            listen: self.listen,
            metrics_listen: self.metrics_listen,
            kazoo_version: self.kazoo_version,
            companions,
            workers: self.workers,
            upstream,
            stop_within: self.shutdown_timeout,
        })
    }
}

/// A time in seconds, as people write it.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
