//! The marketplace on an address, until it's told to stop.

use std::{net::SocketAddr, time::Duration};

use actix_web::{App, HttpServer, dev::Service as _, web::Data};
use anyhow::Context as _;

use super::{
    Watched,
    docs::{self, Docs},
    operated::{Operated, occupied},
    run,
    stop::{Signals, closing},
};
use crate::{
    http::metrics::Metrics,
    portal::{BASE, Portal, http, pages},
};

/// What the marketplace's server needs to know beside its portal.
pub struct Options {
    pub listen: SocketAddr,
    /// Where `/metrics` is to be, if not beside the pages.
    pub metrics_listen: Option<SocketAddr>,
    /// Threads that answer requests; `None`: one for each processor.
    pub workers: Option<usize>,
    /// How long requests in flight may take when the server is told to stop.
    pub stop_within: Duration,
    pub pages: pages::Options,
}

/// Binds the address, calls `ready` with the one it got, and answers requests until a signal to stop; requests in flight are
/// finished then.
pub async fn serve(portal: Portal, watched: Watched, options: Options, ready: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let requests = Metrics::default();
    let operated = Operated::new(portal.store(), &requests, &watched);
    let (portal, requests, docs) = (Data::new(portal), Data::new(requests), Data::new(Docs::new(http::describe)));
    let signals = Signals::new().context("signals can't be listened to")?;
    let (served, pages, shows_metrics) = (operated.clone(), options.pages, options.metrics_listen.is_none());
    let mut server = HttpServer::new(move || {
        let stopping = served.stopping.clone();
        App::new()
            .wrap_fn(move |request, service| closing(service.call(request), stopping.clone()))
            .app_data(portal.clone())
            .app_data(requests.clone())
            .configure(|config| served.configure(config, shows_metrics))
            .configure(|config| docs::configure(config, &docs, BASE))
            .configure(http::configure(pages))
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
    let mut servers = vec![server.run()];
    if let Some(address) = options.metrics_listen {
        servers.push(operated.server(address)?);
    }
    ready(address);
    run(servers, signals, operated.stopping).await
}
