//! Buying.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    marketplace::{Market, order},
    world::World,
};

on_every_world! {
    a_partners_listing_leads_to_the_partner,
    an_application_is_bought_and_confirmed_once_it_is_there,
    applications_need_a_cluster_that_is_ready,
    an_order_is_refused_for_what_is_wrong_with_it,
    the_same_order_sent_again_is_the_same_order,
    many_orders_at_once_make_one_subscription,
}

/// R24, R26, R27, R28
async fn a_partners_listing_leads_to_the_partner(world: World) {
    let session = world.master().await;
    let sub = world.account(&session, "Child").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    market.publish(&vendor, "beta", "integration", json!({})).await;
    let customer = market.customer("Child", &sub.username, &sub.password).await;
    assert_eq!(customer.get("listings/alpha/plans").await.json()[0]["cta_label"], "Continue to the partner");
    for slug in ["alpha", "beta"] {
        let ordered = market.order(&customer, slug, slug).await.is(201).json();
        assert_eq!(
            (&ordered["status"], &ordered["redirect_url"]),
            (&json!("redirect"), &json!(format!("https://partner.example/{slug}")))
        );
    }
    let bought = customer.get("subscriptions").await.is(200).json();
    assert_eq!((&bought["total"], &bought["items"][0]["status"]), (&json!(2), &json!("active")));
    // What was accepted, by whom and from where, is on record.
    let shown = customer.get("subscriptions/alpha.1").await.is(200).json();
    assert_eq!(shown["onboarding_url"], "https://partner.example/alpha");
    assert_eq!((&shown["license"]["version"], &shown["license"]["user_id"]), (&json!("1"), &json!(sub.user_id)));
    assert_eq!((&shown["license"]["ip"], shown["license"]["sha256"].as_str().unwrap().len()), (&json!("127.0.0.1"), 64));
}

/// R25, R29, R30
async fn an_application_is_bought_and_confirmed_once_it_is_there(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    assert_eq!(master.get("listings/alpha/plans").await.json()[0]["cta_label"], "Buy");
    let ordered = market.order(&master, "alpha", "k").await.is(202).json();
    assert_eq!(ordered["status"], "processing");
    let path = format!("orders/{}", ordered["id"].as_str().unwrap());
    assert_eq!(master.get(&path).await.is(200).json()["status"], "processing");
    let delivery = cluster.get("connector/deliveries?state=queued").await.is(200).json()[0].clone();
    let at = format!("connector/deliveries/{}", delivery["id"].as_str().unwrap());
    cluster.post(&at, json!({ "state": "delivering" })).await.is(200);
    cluster.post(&at, json!({ "state": "delivered" })).await.is(200);
    let confirmed = master.get(&path).await.is(200).json();
    assert_eq!((&confirmed["status"], &confirmed["subscription_id"]), (&json!("confirmed"), &json!("alpha.1")));
    // Nobody else's order.
    let other = market.world.account(&market.world.master().await, "Child").await;
    market.customer("Child", &other.username, &other.password).await.get(&path).await.is(404);
    master.get("orders/nothing").await.is(404);
}

/// R3, R14, R25, R47
async fn applications_need_a_cluster_that_is_ready(world: World) {
    let session = world.master().await;
    let sub = world.account(&session, "Child").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    market.publish(&vendor, "newer", "delivered", json!({ "min_kazoo": "5.4" })).await;
    let customer = market.customer("Child", &sub.username, &sub.password).await;
    assert_eq!(market.order(&customer, "alpha", "k").await.is(403).json()["reason"], "not_superduper_admin");
    let master = market.master().await;
    let reason = async |slug: &str| market.order(&master, slug, "k").await.is(412).json()["reason"].as_str().unwrap().to_owned();
    assert_eq!(reason("alpha").await, "not_early_access");
    market.early().await;
    assert_eq!(reason("alpha").await, "cluster_not_linked");
    market.link(&master, "c1").await;
    assert_eq!(reason("alpha").await, "kazoo_version_missing");
    master.patch("account/cluster", json!({ "kazoo_version": "5.2" })).await.is(200);
    assert_eq!(reason("alpha").await, "kazoo_version_mismatch");
    master.patch("account/cluster", json!({ "kazoo_version": "5.1" })).await.is(200);
    assert_eq!(reason("newer").await, "kazoo_too_old");
    let eligibility = master.get("listings/newer/eligibility").await.is(200).json();
    assert_eq!(eligibility["reasons"][0]["code"], "kazoo_too_old");
    market.order(&master, "alpha", "k").await.is(202);
}

/// R27, R48
async fn an_order_is_refused_for_what_is_wrong_with_it(world: World) {
    let session = world.master().await;
    let paul = world.user(&session, &session.account_id, crate::support::world::MASTER[0], "paul", "user").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let master = market.master().await;
    for (member, value, complaint) in [
        ("listing", json!("nothing"), "listing"),
        ("listing", json!("../alpha"), "listing"),
        ("plan_id", json!("gold"), "plan_id"),
        ("license_version", json!("0"), "license_version"),
        ("license_accepted", json!(false), "license_accepted"),
        ("idempotency_key", json!(""), "idempotency_key"),
        ("idempotency_key", json!("k".repeat(201)), "idempotency_key"),
    ] {
        let mut wrong = order("alpha", "k");
        wrong[member] = value;
        let refused = master.post("orders", wrong).await.is(400).json();
        assert!(refused["errors"].get(complaint).is_some(), "{member}: {refused}");
    }
    market.api.post("orders", order("alpha", "k")).await.is(401);
    let user = market.customer(crate::support::world::MASTER[0], &paul.username, &paul.password).await;
    assert_eq!(market.order(&user, "alpha", "k").await.is(403).json()["reason"], "not_admin");
    assert_eq!(master.get("subscriptions").await.json()["total"], 0);
}

async fn the_same_order_sent_again_is_the_same_order(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let master = market.master().await;
    let first = market.order(&master, "alpha", "k").await.is(201).json();
    assert_eq!(market.order(&master, "alpha", "k").await.is(201).json(), first);
    assert_eq!(market.order(&master, "alpha", "other").await.is(409).json()["reason"], "already_subscribed");
    let mut otherwise = order("alpha", "k");
    otherwise["plan_id"] = json!("gratis");
    assert_eq!(master.post("orders", otherwise).await.is(409).json()["reason"], "key_used");
    // Ended, it can be bought anew; the old key stays the old order.
    master.post("subscriptions/alpha.1/cancel", json!({ "confirm": true })).await.is(200);
    assert_eq!(market.order(&master, "alpha", "k").await.is(201).json()["subscription_id"], "alpha.1");
    assert_eq!(market.order(&master, "alpha", "new").await.is(201).json()["subscription_id"], "alpha.2");
    assert_eq!(master.get("subscriptions").await.json()["total"], 2);
}

async fn many_orders_at_once_make_one_subscription(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let master = market.master().await;
    let keys: Vec<String> = (0..6).map(|number| format!("k{}", number / 2)).collect();
    let answers = join_all(keys.iter().map(|key| market.order(&master, "alpha", key))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    let bought = master.get("subscriptions").await.json();
    assert_eq!((&bought["total"], &bought["items"][0]["id"]), (&json!(1), &json!("alpha.1")), "{statuses:?}");
    // Both who sent the key that won were told of the same subscription.
    let won: Vec<_> = answers.iter().zip(&keys).filter(|(answer, _)| answer.status == 201).collect();
    assert!(!won.is_empty() && won.iter().all(|(_, key)| *key == won[0].1), "{statuses:?}");
}
