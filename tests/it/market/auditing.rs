//! What is written down, and what staff does.

use serde_json::json;

use crate::support::{
    marketplace::Market,
    world::{MASTER, World},
};

on_every_world! {
    every_change_says_who_when_and_from_where,
    staff_is_whoever_has_its_token,
    the_command_line_does_what_staff_does,
}

/// R42
async fn every_change_says_who_when_and_from_where(world: World) {
    let master_id = world.master().await.account_id;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "k").await.is(202);
    cluster.post("connector/deliveries/alpha.1.1", json!({ "state": "delivered" })).await.is(200);
    master.post("subscriptions/alpha.1/cancel", json!({ "confirm": true })).await.is(200);
    let all = market.staff().get("staff/audit?per_page=100").await.is(200).json();
    let entries = all["items"].as_array().unwrap();
    for what in [
        "session.begin",
        "account.create",
        "account.early_access",
        "access_code.create",
        "access_code.use",
        "cluster.link",
        "cluster.settings",
        "vendor.create",
        "listing.create",
        "listing.submit",
        "listing.approve",
        "listing.publish",
        "order.create",
        "subscription.create",
        "delivery.report",
        "subscription.cancel",
    ] {
        let entry = entries.iter().find(|one| one["entry"]["what"] == what).unwrap_or_else(|| panic!("{what}: {all}"));
        let entry = &entry["entry"];
        assert!(entry["when"].is_u64() && entry["ip"] == "127.0.0.1" && entry["who"]["role"].is_string(), "{entry}");
    }
    let subject = format!("staff/audit?subject=subscription:{master_id}:alpha.1");
    let of_one = market.staff().get(&subject).await.is(200).json();
    let cancelled =
        of_one["items"].as_array().unwrap().iter().map(|one| &one["entry"]).find(|entry| entry["what"] == "subscription.cancel");
    let cancelled = cancelled.unwrap_or_else(|| panic!("{of_one}"));
    assert_eq!((&cancelled["before"]["status"], &cancelled["after"]["status"]), (&json!("active"), &json!("cancelled")));
    assert_eq!(cancelled["who"]["account_id"], master_id);
}

/// R41, R47
async fn staff_is_whoever_has_its_token(world: World) {
    let market = Market::on(world);
    let master = market.master().await;
    for path in ["staff/listings", "staff/vendors", "staff/accounts", "staff/refunds", "staff/audit", "staff/taxonomy"] {
        market.staff().get(path).await.is(200);
        for other in [&market.api, &master, &market.api.bearer("the staff's tokeN")] {
            other.get(path).await.is(401);
        }
    }
    let id = market.staff().get("staff/accounts").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    master.patch(&format!("staff/accounts/{id}"), json!({ "early_access": true })).await.is(401);
    market.staff().patch("staff/accounts/nobody", json!({ "early_access": true })).await.is(404);
    market.staff().patch(&format!("staff/accounts/{id}"), json!({})).await.is(400);
    assert_eq!(master.get("me").await.json()["early_access"], false);
    // A token can be taken away.
    let vendor = market.vendor().await;
    let vendors = market.staff().get("staff/vendors").await.json();
    let renew = format!("staff/vendors/{}/token", vendors["items"][0]["id"].as_str().unwrap());
    let new = market.staff().post(&renew, json!({})).await.is(201).json();
    vendor.get("vendor/listings").await.is(401);
    market.api.bearer(new["token"].as_str().unwrap()).get("vendor/listings").await.is(200);
}

/// R41, R47, R49
async fn the_command_line_does_what_staff_does(world: World) {
    let master_id = world.master().await.account_id;
    let market = Market::on(world);
    let said = market.run(&["add-vendor", "Vic", "vic@example.com"]).ok();
    let vendor = market.api.bearer(said.lines().find_map(|line| line.strip_prefix("token ")).unwrap());
    assert!(market.run(&["vendors"]).ok().contains("vic@example.com"));
    market.draft(&vendor, "alpha", "affiliated", json!({})).await;
    for (command, state) in
        [("submit", "under_review"), ("approve", "unpublished"), ("publish", "published"), ("unpublish", "unpublished")]
    {
        assert_eq!(market.run(&[command, "alpha"]).ok().trim(), format!("alpha is {state} now"));
    }
    assert!(market.run(&["listings", "unpublished"]).ok().contains("\"alpha\""));
    assert!(market.run(&["approve", "alpha"]).failed().contains("unpublished"));
    market.run(&["listings", "sold"]).failed();
    market.run(&["publish", "alpha"]).ok();
    let master = market.master().await;
    assert!(market.run(&["accounts"]).ok().contains(MASTER[0]));
    market.run(&["early-access", &master_id, "on"]).ok();
    assert_eq!(master.get("me").await.json()["early_access"], true);
    market.order(&master, "alpha", "k").await.is(201);
    master.post("subscriptions/alpha.1/refund_request", json!({ "reason": "no" })).await.is(201);
    let id = format!("{master_id}:alpha.1");
    assert!(market.run(&["refunds"]).ok().contains(&id));
    market.run(&["refund", "approve", &id]).ok();
    assert_eq!(master.get("subscriptions/alpha.1").await.json()["status"], "refunded");
    assert!(market.run(&["audit", "listing:alpha"]).ok().lines().next().unwrap().contains("listing.publish"));
    // Somebody has to say whom customers are known by.
    assert!(market.run(&[]).failed().contains("--identity-api"));
}
