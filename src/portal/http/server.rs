//! The portal's server, until it's told to stop.

use std::net::SocketAddr;

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{self, Data},
};
use anyhow::Context as _;

use crate::portal::{Portal, pages};

/// Binds the address, calls `ready` with the one it got, and answers requests until a signal to stop.
pub async fn serve(
    portal: Portal,
    listen: SocketAddr,
    workers: Option<usize>,
    options: pages::Options,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let portal = Data::new(portal);
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(portal.clone())
            .route("/healthz", web::get().to(HttpResponse::Ok))
            .route("/readyz", web::get().to(ready_to_serve))
            .configure(super::configure)
            .configure(pages::configure(options))
    });
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    let server = server.bind(listen).with_context(|| format!("can't listen on {listen}; choose another with --listen"))?;
    if let Some(address) = server.addrs().first() {
        ready(*address);
    }
    server.run().await.context("the server failed")
}

/// Whether requests can be answered: the store is there.
async fn ready_to_serve(portal: Data<Portal>) -> HttpResponse {
    match portal.ping().await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}
