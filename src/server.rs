//! The server: the API on an address, until it's told to stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Server, Service},
    web::Data,
};
use anyhow::Context as _;
use serde_json::Value;

use crate::{
    api,
    auth::Buckets,
    http::{
        entry, envelope,
        metrics::Metrics,
        pipeline,
        upstream::{self, Upstream},
    },
    notices::Bus,
    platform::Platform,
    store::{Assembled, Cached, measured::Meters},
};
use docs::Docs;
use operated::{Operated, occupied};
use stop::{Signals, Stopping, closing};

mod docs;
mod metrics;
mod operated;
pub mod portal;
mod stop;

/// Kazoo's version, as clients are told where nothing else is said.
pub const KAZOO_VERSION: &str = "5.0.0";

/// What a server needs to know beside its platform.
pub struct Options {
    pub listen: SocketAddr,
    /// Where `/metrics` is to be, if not beside the API.
    pub metrics_listen: Option<SocketAddr>,
    /// Kazoo's version, as clients are told.
    pub kazoo_version: String,
    /// Whether empty answers are given in the names of modules that Storefront doesn't have and Monster UI can't do without.
    /// With an upstream they are its to answer.
    pub companions: bool,
    /// A Kazoo that answers what Storefront doesn't.
    pub upstream: Option<upstream::Config>,
    /// Threads that answer requests; `None`: one for each processor.
    pub workers: Option<usize>,
    /// How long requests in flight may take when the server is told to stop.
    pub stop_within: Duration,
}

impl Default for Options {
    /// Any free port of this machine, for itself alone; half a minute to stop.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            metrics_listen: None,
            kazoo_version: KAZOO_VERSION.to_owned(),
            companions: false,
            upstream: None,
            workers: None,
            stop_within: Duration::from_secs(30),
        }
    }
}

/// What is measured beside the requests, to be shown by `/metrics`.
#[derive(Clone, Default)]
pub struct Watched {
    pub store: Meters,
    pub cache: Option<Arc<Cached>>,
    /// Answers that are kept as a whole.
    pub answers: Arc<Assembled<String>>,
    /// The way to the message broker.
    pub bus: Option<Arc<Bus>>,
}

/// Binds the address, calls `ready` with the one it got, and answers requests until a signal to stop; requests in flight are
/// finished then.
pub async fn serve(
    platform: Arc<Platform>,
    watched: Watched,
    options: Options,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let node = format!("storefront@{}", options.listen);
    let requests = Metrics::default();
    let routes = api::routes(options.companions && options.upstream.is_none());
    let own = routes.endpoints().map(|endpoint| endpoint.noun);
    let upstream = options.upstream.as_ref().map(|config| Upstream::new(config, own)).transpose()?.map(Arc::new);
    let operated = Operated::new(Arc::clone(&platform.store), &requests, &watched);
    let app = Data::new(pipeline::App {
        platform,
        routes,
        buckets: Buckets::default(),
        answers: watched.answers,
        metrics: requests,
        version: options.kazoo_version.clone(),
        node: envelope::node(&node),
    });
    let docs = Docs::new(describing(app.clone(), upstream.clone()));
    let signals = Signals::new().context("signals can't be listened to")?;
    let (api, address) = api_server(&options, app, operated.clone(), Data::new(docs), upstream)?;
    let mut servers = vec![api];
    if let Some(address) = options.metrics_listen {
        servers.push(operated.server(address)?);
    }
    ready(address);
    run(servers, signals, operated.stopping).await
}

/// What describes the API: the endpoints that aren't the upstream's.
fn describing(app: Data<pipeline::App>, upstream: Option<Arc<Upstream>>) -> impl FnOnce() -> Value {
    move || {
        let is_ours = |noun| upstream.as_ref().is_none_or(|upstream| !upstream.has(noun));
        api::describe(app.routes.endpoints().filter(|endpoint| is_ours(endpoint.noun)))
    }
}

/// Lets servers answer until a signal to stop.
async fn run(servers: Vec<Server>, signals: Signals, stopping: Data<Stopping>) -> anyhow::Result<()> {
    let handles = servers.iter().map(Server::handle).collect();
    tokio::select! {
        ended = futures_util::future::try_join_all(servers) => ended.map(drop).context("the server failed"),
        () = signals.stop(handles, stopping) => Ok(()),
    }
}

/// The API, with the operator's endpoints and its own description beside it.
fn api_server(
    options: &Options,
    app: Data<pipeline::App>,
    operated: Operated,
    docs: Data<Docs>,
    upstream: Option<Arc<Upstream>>,
) -> anyhow::Result<(Server, SocketAddr)> {
    let shows_metrics = options.metrics_listen.is_none();
    let mut server = HttpServer::new(move || {
        let stopping = operated.stopping.clone();
        let upstream = upstream.as_ref().map(|upstream| Data::new(upstream.for_this_thread()));
        App::new()
            .wrap_fn(move |request, service| closing(service.call(request), stopping.clone()))
            .configure(|config| operated.configure(config, shows_metrics))
            .configure(|config| docs::configure(config, &docs, ""))
            .configure(|config| {
                upstream.map(|upstream| config.app_data(upstream));
            })
            .configure(entry::configure(app.clone()))
    });
    if let Some(workers) = options.workers {
        server = server.workers(workers);
    }
    let server = server
        .disable_signals()
        .shutdown_timeout(options.stop_within.as_secs())
        .bind(options.listen)
        .with_context(|| occupied(options.listen, "--listen"))?;
    let address = server.addrs().first().copied().unwrap_or(options.listen);
    Ok((server.run(), address))
}
