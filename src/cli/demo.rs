//! `storefront demo`: a small world to look at, made once and served.

use std::{process::ExitCode, sync::Arc};

use futures_util::future::try_join;
use tokio::sync::oneshot;

use super::{Demo, delivered_apps, serve};
use crate::{
    kazoo::document::text,
    notices::Bus,
    platform::Platform,
    server,
    store::{Db, Error, Location},
};

mod marketplace;
mod world;

/// What a CouchDB that stands alone needs for itself, and its container image doesn't make: without the first it tells nobody
/// what changes, and without the others its log is full of complaints.
static COUCHDBS_OWN: [Db; 3] = [Db::named("_global_changes"), Db::named("_users"), Db::named("_replicator")];

/// Makes the demo's world unless it's there, in a store or else in the demo's directory, and serves it.
pub async fn run(demo: Demo, store: Option<Location>, bus: Option<Arc<Bus>>) -> anyhow::Result<ExitCode> {
    let location = store.unwrap_or_else(|| Location::Embedded(demo.dir.clone()));
    let (platform, watched) = serve::open(&location, &demo.serve, bus)?;
    platform.wait_until_reachable().await;
    if let Location::Couch(_) = location {
        complete_couchdb(&platform).await;
    }
    platform.prepare().await?;
    let master_id = world::ensure(&platform, &location, &demo.dir.join("apps")).await?;
    let app =
        platform.catalogue(&master_id).await?.first().and_then(|app| text(app, "_id").map(str::to_owned)).unwrap_or_default();
    delivered_apps::keep_fetching(&platform, demo.serve.delivered_apps.folder(&location));
    let options = demo.serve.options(true)?;
    let marketplace = demo.marketplace_listen.unwrap_or_else(|| marketplace::beside(options.listen));
    let (found, address) = oneshot::channel();
    let api = server::serve(platform.clone(), watched.clone(), options, |address| {
        // Nobody waits for it when the marketplace couldn't be made.
        let _ = found.send(address);
    });
    let marketplace = async {
        // Without an address the API has failed, and says why.
        let Ok(address) = address.await else { return Ok(()) };
        let ready = |url: &str| println!("{}", guide(&format!("{}/v2", marketplace::url(address)), url, &master_id, &app));
        marketplace::serve(&platform, marketplace, address, ready).await
    };
    try_join(api, marketplace).await?;
    serve::close(&watched);
    Ok(ExitCode::SUCCESS)
}

/// Puts in place what a new CouchDB lacks. One that won't have it can be used as it is, with fewer answers from memory.
async fn complete_couchdb(platform: &Platform) {
    for db in &COUCHDBS_OWN {
        match platform.store.create_database(db).await {
            Ok(()) | Err(Error::DatabaseExists { .. }) => {}
            Err(error) => log::debug!("{db} wasn't made: {error}"),
        }
    }
}

/// What to try.
fn guide(api: &str, marketplace: &str, master_id: &str, app_id: &str) -> String {
    use world::PASSWORD;
    let credentials = crate::kazoo::password::hashes(world::ADMIN, PASSWORD).md5;
    format!(
        "\nStorefront listens on {api}\n\
         The marketplace listens on {marketplace}\n\n\
         \x20 account         user      password\n\
         \x20 Demo Master     admin     {PASSWORD}      superduper admin\n\
         \x20 Demo Reseller   rita      {PASSWORD}      admin of a reseller\n\
         \x20 Demo Customer   carla     {PASSWORD}      admin of the reseller's customer\n\
         \x20 Demo Customer   paul      {PASSWORD}      a plain user there\n\n\
         Try:\n\n\
         \x20 TOKEN=$(curl -s -X PUT {api}/user_auth -H 'Content-Type: application/json' \\\n\
         \x20   -d '{{\"data\":{{\"credentials\":\"{credentials}\",\"account_name\":\"Demo Master\"}}}}' | sed 's/.*\"auth_token\":\"\\([^\"]*\\)\".*/\\1/')\n\
         \x20 curl -s -H \"X-Auth-Token: $TOKEN\" '{api}/accounts/{master_id}/apps_store?pretty_print=true'\n\
         \x20 curl -s -o icon.png {api}/apps_store/{app_id}/icon\n\n\
         Stop with Ctrl-C.\n"
    )
}
