//! Several processes on one store: one at a time fetches what the marketplace delivers.

use std::{fs, sync::Arc};

use serde_json::json;
use storefront::{
    platform::{names::SYSTEM_DATA, unix_now},
    store::Object,
};
use tokio::sync::Notify;

use super::{fetch, linked, package::packed};
use crate::support::{portal::Say, process::Server, world::World};

on_every_world! {
    two_processes_do_not_fetch_at_once,
    another_machines_turn_is_waited_for_until_it_is_over,
}

const TURN: &str = "storefront_marketplace";

async fn two_processes_do_not_fetch_at_once(world: World) {
    let portal = linked(&world).await;
    portal.deliver("d1", "fax", "1.0", &packed("fax"));
    let until = Arc::new(Notify::new());
    portal.say("GET connector/packages/d1", 1, Say::Hold(until.clone()));
    let (here, elsewhere) = (world.apps.path().to_str().unwrap(), tempfile::tempdir().unwrap());
    let mut first = Server::start(["--store", &world.store, "marketplace-fetch", "--marketplace-apps", here]);
    portal.wait_for("GET connector/packages/d1", 1);
    let busy = "another process is fetching";
    assert!(fetch(&world).failed().contains(busy));
    // Nor where it would have a folder of its own.
    let apart = || world.run(&["marketplace-fetch", "--marketplace-apps", elsewhere.path().to_str().unwrap()]);
    assert!(apart().failed().contains(busy));
    until.notify_one();
    assert!(first.wait(), "{}", first.log());
    apart().ok();
    assert_eq!(portal.told("d1").0, ["delivering", "delivered", "verified"]);
    assert_eq!(portal.asked("GET connector/packages").len(), 1);
    assert!(!elsewhere.path().join("fax").exists());
}

async fn another_machines_turn_is_waited_for_until_it_is_over(world: World) {
    let portal = linked(&world).await;
    let turn = async |shelf: &str, until: u64| {
        let edit = |doc: &mut Object| {
            doc.insert("shelf".into(), shelf.into());
            doc.insert("until".into(), until.into());
        };
        world.edit(&SYSTEM_DATA, TURN, edit).await;
    };
    turn("another", unix_now() + 1000).await;
    fetch(&world).failed();
    assert!(portal.asked("").is_empty());
    turn("another", unix_now() - 1).await;
    fetch(&world).ok();
    // One's own, from before one died.
    let shelf = fs::read_to_string(world.apps.path().join(".storefront/id")).unwrap();
    turn(&shelf, unix_now() + 1000).await;
    fetch(&world).ok();
    let doc = world.documents().get(&SYSTEM_DATA, TURN).await.unwrap();
    assert!(doc.get("shelf").is_none() && doc["fetched"].as_u64().unwrap() > 0, "{doc:?}");
    assert_eq!(doc.get("deliveries").unwrap_or(&json!({})), &json!({}));
}
