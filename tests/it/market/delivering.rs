//! Bringing applications to clusters.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    marketplace::{Market, package},
    world::World,
};

on_every_world! {
    a_cluster_fetches_what_was_bought_and_says_how_far_it_is,
    deliveries_are_held_while_the_version_is_wrong,
    what_a_cluster_says_must_make_sense,
    a_cluster_gets_the_version_that_runs_on_it,
    a_delivery_can_be_repeated_and_what_is_cancelled_is_taken_away,
}

async fn queued(cluster: &crate::support::marketplace::Shop) -> Vec<Value> {
    cluster.get("connector/deliveries?state=queued").await.is(200).json().as_array().unwrap().clone()
}

/// R31, R32, R33
async fn a_cluster_fetches_what_was_bought_and_says_how_far_it_is(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    assert_eq!(queued(&cluster).await, Vec::<Value>::new());
    market.order(&master, "alpha", "k").await.is(202);
    let bytes = package("alpha");
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let offered = queued(&cluster).await;
    assert_eq!(offered.len(), 1);
    let delivery = &offered[0];
    assert_eq!(delivery["app"], json!({ "name": "alpha", "version": "1.0.0", "kind": "kazoo" }));
    assert_eq!((&delivery["package"]["sha256"], &delivery["package"]["size"]), (&json!(sha256), &json!(bytes.len())));
    assert_eq!((&delivery["remove"], &delivery["subscription_id"]), (&json!(false), &json!("alpha.1")));

    let id = delivery["id"].as_str().unwrap();
    for path in [delivery["package"]["url"].as_str().unwrap(), &format!("connector/packages/{id}")] {
        let file = cluster.get(path).await.is(200);
        assert_eq!(file.body, bytes);
        assert_eq!(file.header("content-type"), Some("application/zip"));
        assert_eq!(file.header("content-length").unwrap(), bytes.len().to_string());
        market.api.get(path).await.is(401);
        master.get(path).await.is(401);
    }
    let at = format!("connector/deliveries/{id}");
    for state in ["delivering", "delivered", "delivered", "verified"] {
        let told = cluster.post(&at, json!({ "state": state, "detail": "so far" })).await.is(200).json();
        assert_eq!(told, json!({ "id": id, "state": state }));
        let shown = master.get("subscriptions/alpha.1").await.is(200).json();
        assert_eq!(shown["delivery"]["state"], state);
        assert_eq!(shown["status"], if state == "delivering" { "pending" } else { "active" });
    }
    assert_eq!(queued(&cluster).await, Vec::<Value>::new());
    let log = master.get("subscriptions/alpha.1").await.json()["log"].clone();
    assert_eq!(
        log.as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect::<Vec<_>>(),
        ["queued", "delivering", "delivered", "verified"]
    );
}

/// R14
async fn deliveries_are_held_while_the_version_is_wrong(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "k").await.is(202);
    // The cluster was upgraded, nobody told the marketplace.
    cluster.patch("connector", json!({ "reported_version": "5.2.0" })).await.is(200);
    assert_eq!(queued(&cluster).await.len(), 0);
    master.patch("account/cluster", json!({ "kazoo_version": "5.2" })).await.is(200);
    assert_eq!(queued(&cluster).await.len(), 1);
}

async fn what_a_cluster_says_must_make_sense(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    market.publish(&vendor, "beta", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "k").await.is(202);
    let delivering = json!({ "state": "delivering" });
    for nothing in ["alpha.1.7", "alpha.2.1", "alpha.1", "beta.1.1", "nothing", "alpha.1.x"] {
        let status = cluster.post(&format!("connector/deliveries/{nothing}"), delivering.clone()).await.status;
        assert!([404, 409].contains(&status), "{nothing}: {status}");
    }
    cluster.post("connector/deliveries/alpha.1.1", json!({ "state": "perfect" })).await.is(400);
    cluster.get("connector/deliveries?state=perfect").await.is(400);
    cluster.post("connector/deliveries/alpha.1.1", json!({ "state": "error", "detail": "no space left" })).await.is(200);
    assert_eq!(master.get("subscriptions/alpha.1").await.json()["log"][1]["detail"], "no space left");
    // It's tried again.
    cluster.post("connector/deliveries/alpha.1.1", delivering.clone()).await.is(200);
    cluster.post("connector/deliveries/alpha.1.1", json!({ "state": "verified" })).await.is(200);
    cluster.post("connector/deliveries/alpha.1.1", delivering).await.is(409);
    // What wasn't bought isn't given away.
    let draft = vendor.get("vendor/listings/beta").await.is(200).json();
    let id = draft["draft"]["package"]["id"].as_str().unwrap();
    cluster.get(&format!("connector/packages/{id}")).await.is(404);
    cluster.get("connector/packages/nothing").await.is(404);
}

/// R32, R50
async fn a_cluster_gets_the_version_that_runs_on_it(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "k").await.is(202);
    for (version, min_kazoo, offered) in [("1.1.0", "5.1", "1.1.0"), ("2.0.0", "5.4", "1.1.0")] {
        let change = json!({ "version": version, "min_kazoo": min_kazoo, "release_notes": "Better." });
        vendor.patch("vendor/listings/alpha", change).await.is(200);
        for (client, path) in [
            (&vendor, "vendor/listings/alpha/submit"),
            (&market.staff(), "staff/listings/alpha/approve"),
            (&vendor, "vendor/listings/alpha/publish"),
        ] {
            client.post(path, json!({})).await.is(200);
        }
        assert_eq!(queued(&cluster).await[0]["app"]["version"], offered);
    }
    let releases = market.api.get("listings/alpha/releases").await.is(200).json();
    let retired: Vec<_> = releases
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["version"].as_str().unwrap(), one["retired"].as_bool().unwrap()))
        .collect();
    assert_eq!(retired, [("2.0.0", false), ("1.1.0", false), ("1.0.0", true)]);
}

/// R33, R40
async fn a_delivery_can_be_repeated_and_what_is_cancelled_is_taken_away(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "k").await.is(202);
    assert_eq!(master.post("subscriptions/alpha.1/redeliver", json!({})).await.is(409).json()["reason"], "under_way");
    cluster.post("connector/deliveries/alpha.1.1", json!({ "state": "delivered" })).await.is(200);
    master.post("subscriptions/alpha.1/redeliver", json!({})).await.is(200);
    assert_eq!(queued(&cluster).await[0]["id"], "alpha.1.2");
    // What is said of the one before no longer counts.
    assert_eq!(
        cluster.post("connector/deliveries/alpha.1.1", json!({ "state": "verified" })).await.is(409).json()["reason"],
        "superseded"
    );
    cluster.post("connector/deliveries/alpha.1.2", json!({ "state": "delivered" })).await.is(200);
    master.post("subscriptions/alpha.1/cancel", json!({ "confirm": true })).await.is(200);
    let removal = queued(&cluster).await[0].clone();
    assert_eq!(
        (&removal["id"], &removal["remove"], &removal["app"]["name"]),
        (&json!("alpha.1.3"), &json!(true), &json!("alpha"))
    );
    cluster.post("connector/deliveries/alpha.1.3", json!({ "state": "delivered" })).await.is(200);
    let shown = master.get("subscriptions/alpha.1").await.is(200).json();
    assert_eq!((&shown["status"], &shown["delivery"]["state"]), (&json!("cancelled"), &json!("delivered")));
    assert_eq!(master.post("subscriptions/alpha.1/redeliver", json!({})).await.is(409).json()["reason"], "not_delivered");
}
