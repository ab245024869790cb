//! The operator's own endpoints: `/healthz`, `/readyz`, `/metrics`.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{
    App, HttpResponse, HttpServer, Route,
    dev::Server,
    guard,
    web::{self, Data, ServiceConfig},
};
use anyhow::Context as _;
use prometheus_client::registry::Registry;

use super::{Watched, metrics, stop::Stopping};
use crate::{http::metrics::Metrics, store::Store};

/// What they are about.
#[derive(Clone)]
pub struct Operated {
    store: Data<Arc<dyn Store>>,
    registry: Data<Registry>,
    pub stopping: Data<Stopping>,
}

impl Operated {
    /// Those of a server that counts its requests here.
    pub fn new(store: Arc<dyn Store>, requests: &Metrics, watched: &Watched) -> Self {
        let registry = Data::new(metrics::registry(requests, watched));
        Self { store: Data::new(store), registry, stopping: Data::default() }
    }

    /// Has them answered; `/metrics` only if it's to be here.
    pub fn configure(&self, config: &mut ServiceConfig, shows_metrics: bool) {
        config.app_data(self.store.clone()).app_data(self.registry.clone());
        config.route("/healthz", get().to(HttpResponse::Ok)).route("/readyz", get().to(ready_to_serve));
        if shows_metrics {
            config.route("/metrics", get().to(metrics::show));
        }
    }

    /// Them alone, on an address.
    pub fn server(&self, address: SocketAddr) -> anyhow::Result<Server> {
        let operated = self.clone();
        let server = HttpServer::new(move || App::new().configure(|config| operated.configure(config, true)));
        let server = server.workers(1).disable_signals().shutdown_timeout(1);
        let server = server.bind(address).with_context(|| occupied(address, "--metrics-listen"))?;
        for address in server.addrs() {
            log::info!("metrics are on http://{address}/metrics");
        }
        Ok(server.run())
    }
}

/// What to do about an address that can't be had.
pub fn occupied(address: SocketAddr, flag: &str) -> String {
    format!("can't listen on {address}; is something else listening there? Choose another with {flag}")
}

/// Load balancers like to ask with HEAD.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Whether requests can be answered: the store is there.
async fn ready_to_serve(store: Data<Arc<dyn Store>>) -> HttpResponse {
    match store.ping().await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}
