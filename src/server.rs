//! The server: the API on an address, until it's told to stop.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context as _;

use crate::{
    api,
    auth::Buckets,
    http::{entry, envelope, pipeline},
    platform::Platform,
};

/// Kazoo's version, as clients are told where nothing else is said.
pub const KAZOO_VERSION: &str = "5.0.0";

/// What a server needs to know beside its platform.
pub struct Options {
    pub listen: SocketAddr,
    /// Kazoo's version, as clients are told.
    pub kazoo_version: String,
    /// Whether empty answers are given in the names of modules that Storefront doesn't have and Monster UI can't do without.
    pub companions: bool,
    /// Threads that answer requests; `None`: one for each processor.
    pub workers: Option<usize>,
}

/// Binds the address, calls `ready` with the one it got, and answers requests until a signal to stop; requests in flight are
/// finished then.
pub async fn serve(platform: Arc<Platform>, options: Options, ready: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let node = format!("storefront@{}", options.listen);
    let app = web::Data::new(pipeline::App {
        platform,
        routes: api::routes(options.companions),
        buckets: Buckets::default(),
        version: options.kazoo_version,
        node: envelope::node(&node),
    });
    let mut server = HttpServer::new(move || {
        App::new()
            .route("/healthz", web::get().to(HttpResponse::Ok))
            .route("/readyz", web::get().to(ready_to_serve))
            .configure(entry::configure(app.clone()))
    });
    if let Some(workers) = options.workers {
        server = server.workers(workers);
    }
    let server = server.bind(options.listen).with_context(|| {
        format!("can't listen on {}; is something else listening there? Choose another with --listen", options.listen)
    })?;
    if let Some(address) = server.addrs().first() {
        ready(*address);
    }
    server.run().await.context("the server failed")
}

/// Whether requests can be answered: the store is there.
async fn ready_to_serve(app: web::Data<pipeline::App>) -> HttpResponse {
    match app.platform.store.ping().await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}
