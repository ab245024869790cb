//! The demo's marketplace: on the demo's store, filled with example listings, ready to be linked.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::sync::oneshot;

use super::world::{ADMIN, MASTER, PASSWORD};
use crate::{
    kazoo::connector::CATEGORY,
    market::trail::{Actor, Who},
    platform::Platform,
    portal::{Portal, Visitor, pages},
    server::{Watched, portal as server},
};

/// Seconds from one look for deliveries to the next: somebody watches.
const FETCH_TIMER: u64 = 5;

/// How long requests in flight may take when it's told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// Where it listens when nobody says so: a hundred ports above the API.
pub fn beside(api: SocketAddr) -> SocketAddr {
    let port = if api.port() == 0 { 0 } else { api.port().checked_add(100).unwrap_or(0) };
    SocketAddr::new(api.ip(), port)
}

/// Serves it until a signal to stop, with the API's users as its customers. Calls `ready` with its URL.
pub async fn serve(
    platform: &Arc<Platform>,
    listen: SocketAddr,
    api: SocketAddr,
    ready: impl FnOnce(&str),
) -> anyhow::Result<()> {
    let portal = Portal::new(platform.clone(), &[url(api)], None)?;
    portal.prepare().await?;
    portal.seed_demo().await?;
    portal.adopt_accounts().await?;
    let_in(&portal).await?;
    let (found, address) = oneshot::channel();
    let options = server::Options {
        listen,
        metrics_listen: None,
        workers: Some(1),
        stop_within: STOP_WITHIN,
        pages: pages::Options { plain_http: true },
    };
    let serving = server::serve(portal, Watched::default(), options, |address| {
        let _ = found.send(address);
    });
    let connecting = async {
        let Ok(address) = address.await else { return Ok(()) };
        platform.set_setting(CATEGORY, "marketplace_url", url(address).into()).await?;
        platform.ensure_setting(CATEGORY, "fetch_timer_s", FETCH_TIMER.into()).await?;
        ready(&url(address));
        Ok(())
    };
    futures_util::future::try_join(serving, connecting).await?;
    Ok(())
}

/// Early access for the demo's cluster. The marketplace knows an account from its first login on.
async fn let_in(portal: &Portal) -> anyhow::Result<()> {
    let login = portal.log_in(None, MASTER, ADMIN, PASSWORD, &Visitor::default()).await?;
    portal.set_early_access(&login.account.id, true, &Actor { who: Who::Staff, ip: None }).await?;
    portal.log_out(&login.token).await?;
    Ok(())
}

/// As it's reached from this machine.
pub fn url(address: SocketAddr) -> String {
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}
