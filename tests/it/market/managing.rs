//! Manage My Apps.

use serde_json::json;
use storefront::platform::names::MARKETPLACE;

use crate::support::{
    marketplace::Market,
    world::{MASTER, World},
};

on_every_world! {
    what_was_bought_is_listed_with_its_status,
    an_application_says_how_it_is_started,
    a_subscription_is_cancelled_once_and_stays_in_the_list,
    a_refund_is_asked_for_within_thirty_days,
}

/// R35, R36, R45
async fn what_was_bought_is_listed_with_its_status(world: World) {
    let session = world.master().await;
    let sub = world.account(&session, "Child").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    for slug in ["alpha", "beta", "gamma"] {
        market.publish(&vendor, slug, "affiliated", json!({})).await;
    }
    let master = market.master().await;
    for slug in ["alpha", "beta", "gamma"] {
        market.order(&master, slug, slug).await.is(201);
    }
    let all = master.get("subscriptions").await.is(200).json();
    assert_eq!((&all["total"], all["items"].as_array().unwrap().len()), (&json!(3), 3));
    let one = all["items"].as_array().unwrap().iter().find(|one| one["listing"]["slug"] == "beta").unwrap();
    assert_eq!((&one["id"], &one["status"], &one["listing"]["name"]), (&json!("beta.1"), &json!("active"), &json!("The beta")));
    assert_eq!((&one["plan"]["base_price"], &one["plan"]["period"]), (&json!(990), &json!("month")));
    assert!(one["purchased_at"].is_u64() && one["listing"]["icon_url"].is_string());
    let page = master.get("subscriptions?per_page=2&page=2").await.is(200).json();
    assert_eq!((&page["total"], page["items"].as_array().unwrap().len()), (&json!(3), 1));
    assert_eq!(master.get("account").await.json()["counts"]["subscriptions"], 3);
    // Another account's aren't among them.
    let other = market.customer("Child", &sub.username, &sub.password).await;
    assert_eq!(other.get("subscriptions").await.is(200).json()["total"], 0);
    other.get("subscriptions/alpha.1").await.is(404);
    other.post("subscriptions/alpha.1/cancel", json!({ "confirm": true })).await.is(404);
    // A listing that is no longer sold is still known by its name.
    vendor.post("vendor/listings/beta/unpublish", json!({})).await.is(200);
    assert_eq!(master.get("subscriptions/beta.1").await.is(200).json()["listing"]["name"], "The beta");
}

/// R30, R34, R37, R38, R39, R53
async fn an_application_says_how_it_is_started(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "k").await.is(202);
    let shown = master.get("subscriptions/alpha.1").await.is(200).json();
    let told = &shown["instructions"];
    assert_eq!(
        told["commands"],
        json!([
            { "label": "Once", "command": "sup kapps_controller start_app alpha" },
            { "label": "Always", "command": "sup kapps_maintenance start_and_persist alpha" },
        ])
    );
    assert_eq!(
        (&told["run_on"], &told["methods"][0]["id"], &told["methods"][1]["id"]),
        (&json!("every_kazoo_node"), &json!("ssh"), &json!("cluster_manager"))
    );
    assert!(told["notes"].as_str().unwrap().starts_with("Then wait.") && told["notes"].as_str().unwrap().contains("all-in-one"));
    cluster.patch("connector", json!({ "is_aio_cluster": false })).await.is(200);
    assert_eq!(master.get("subscriptions/alpha.1").await.json()["instructions"]["notes"], "Then wait.");
    let charge = &shown["charge"];
    assert_eq!((&charge["amount"], &charge["currency"], &charge["period"]), (&json!(990), &json!("USD"), &json!("month")));
    assert!((1..=31).contains(&charge["day_of_month"].as_i64().unwrap()));
}

/// R40
async fn a_subscription_is_cancelled_once_and_stays_in_the_list(world: World) {
    let session = world.master().await;
    let clerk = world.user(&session, &session.account_id, MASTER[0], "clerk", "user").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let master = market.master().await;
    market.order(&master, "alpha", "k").await.is(201);
    let cancel = "subscriptions/alpha.1/cancel";
    assert_eq!(master.post(cancel, json!({})).await.is(400).json()["errors"]["confirm"], "has to be true");
    let user = market.customer(MASTER[0], &clerk.username, &clerk.password).await;
    user.post(cancel, json!({ "confirm": true })).await.is(403);
    let cancelled = master.post(cancel, json!({ "confirm": true })).await.is(200).json();
    assert_eq!(cancelled["status"], "cancelled");
    assert!(cancelled["cancelled_at"].is_u64());
    assert_eq!(master.post(cancel, json!({ "confirm": true })).await.is(409).json()["reason"], "already_cancelled");
    let list = master.get("subscriptions").await.json();
    assert_eq!((&list["total"], &list["items"][0]["status"]), (&json!(1), &json!("cancelled")));
}

/// R54
async fn a_refund_is_asked_for_within_thirty_days(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    for slug in ["alpha", "beta", "gamma"] {
        market.publish(&vendor, slug, "affiliated", json!({})).await;
    }
    let master = market.master().await;
    for slug in ["alpha", "beta"] {
        market.order(&master, slug, slug).await.is(201);
    }
    let mut free = crate::support::marketplace::order("gamma", "g");
    free["plan_id"] = json!("gratis");
    master.post("orders", free).await.is(201);
    let ask =
        async |name: &str| master.post(&format!("subscriptions/{name}/refund_request"), json!({ "reason": "too loud" })).await;
    assert!(master.get("subscriptions/alpha.1").await.json()["refundable_until"].is_u64());
    assert_eq!(ask("alpha.1").await.is(201).json()["refund"]["state"], "requested");
    assert_eq!(ask("alpha.1").await.is(409).json()["reason"], "asked_already");
    assert_eq!(ask("gamma.1").await.is(409).json()["reason"], "nothing_paid");
    let id = market.staff().get("staff/refunds").await.is(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    let account_id = id.split(':').next().unwrap().to_owned();
    market
        .world
        .edit(&MARKETPLACE, &format!("subscription:{account_id}:beta.1"), |doc| {
            let bought = doc["purchased_at"].as_u64().unwrap() - 31 * 24 * 3600;
            doc.insert("purchased_at".into(), bought.into());
        })
        .await;
    assert_eq!(ask("beta.1").await.is(409).json()["reason"], "too_late");
    assert_eq!(master.get("subscriptions/beta.1").await.json()["refundable_until"], json!(null));
    // The operator decides, nobody else.
    master.post(&format!("staff/refunds/{id}/approve"), json!({})).await.is(401);
    vendor.post(&format!("staff/refunds/{id}/approve"), json!({})).await.is(401);
    market.staff().post(&format!("staff/refunds/{id}/approve"), json!({ "reason": "sorry" })).await.is(200);
    assert_eq!(market.staff().post(&format!("staff/refunds/{id}/reject"), json!({})).await.is(409).json()["reason"], "decided");
    let shown = master.get("subscriptions/alpha.1").await.json();
    assert_eq!((&shown["status"], &shown["refund"]["answer"]), (&json!("refunded"), &json!("sorry")));
    assert_eq!(market.staff().get("staff/refunds").await.json()["total"], 0);
}
