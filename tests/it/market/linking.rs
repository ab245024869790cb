//! Linking a cluster: a code from the portal, carried to the cluster.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    marketplace::{Market, link_request},
    world::{MASTER, World},
};

on_every_world! {
    a_cluster_is_linked_by_a_code_that_is_good_once,
    only_whoever_may_gets_a_code,
    an_account_has_one_cluster_and_a_cluster_one_account,
    many_links_at_once_make_one,
    the_version_that_deliveries_go_by_is_chosen_from_a_list,
    whoever_unlinks_the_other_side_is_told,
    guessing_codes_runs_dry,
}

/// R9, R11, R12, R13, R18
async fn a_cluster_is_linked_by_a_code_that_is_good_once(world: World) {
    let market = Market::on(world);
    let master = market.early().await;
    let old = master.post("account/cluster/access_code", json!({})).await.is(201).json();
    let code = master.post("account/cluster/access_code", json!({})).await.is(201).json();
    assert!(code["access_code"].as_str().unwrap().len() >= 32, "at least 128 bits");
    // A new one voids the one before.
    let refused = market.api.post("connector/link", link_request(&old["access_code"], "c1")).await.is(400).json();
    assert_eq!(refused["errors"]["access_code"], "is unknown or expired");
    // White space from pasting doesn't count.
    let pasted = json!(format!("  {}\n", code["access_code"].as_str().unwrap()));
    let linked = market.api.post("connector/link", link_request(&pasted, "c1")).await.is(201).json();
    assert_eq!((&linked["account_name"], &linked["kazoo_version"]), (&json!(MASTER[0]), &json!(null)));
    market.api.post("connector/link", link_request(&code["access_code"], "c2")).await.is(400);

    let shown = master.get("account/cluster").await.is(200).json();
    for (member, value) in [
        ("linked", json!(true)),
        ("cluster_id", json!("c1")),
        ("name", json!("lab")),
        ("api_url", json!("https://api.lab.example:8443/v2/")),
        ("is_aio_cluster", json!(true)),
        ("reported_version", json!("5.1.7")),
    ] {
        assert_eq!(shown[member], value, "{member}");
    }
    assert!(shown.get("link_token_hash").is_none());
    let cluster = market.api.bearer(linked["link_token"].as_str().unwrap());
    assert_eq!(cluster.get("connector").await.is(200).json()["name"], "lab");
    let changed = cluster.patch("connector", json!({ "name": "lab two", "is_aio_cluster": false })).await.is(200).json();
    assert_eq!((&changed["name"], &changed["api_url"]), (&json!("lab two"), &shown["api_url"]));
    cluster.patch("connector", json!({ "api_url": "javascript:alert(1)" })).await.is(400);
    market.api.get("connector").await.is(401);
}

/// R3, R6, R10, R16, R47
async fn only_whoever_may_gets_a_code(world: World) {
    let session = world.master().await;
    let sub = world.account(&session, "Child").await;
    let clerk = world.user(&session, &session.account_id, MASTER[0], "clerk", "user").await;
    world.run(&["config", "set-default", "marketplace", "contact", "market@example.com"]).ok();
    let market = Market::on(world);
    let master = market.master().await;
    let code = "account/cluster/access_code";
    assert_eq!(master.post(code, json!({})).await.is(403).json()["reason"], "not_early_access");
    let state = master.get("account/cluster").await.is(200).json();
    assert_eq!((&state["eligible"], &state["reasons"][0]["code"]), (&json!(false), &json!("not_early_access")));
    assert_eq!(master.get("me").await.json()["contact"], "market@example.com");
    market.early().await;
    assert_eq!(master.get("account/cluster").await.json()["eligible"], true);
    for (account, user, password) in [("Child", &sub.username, &sub.password), (MASTER[0], &clerk.username, &clerk.password)] {
        let customer = market.customer(account, user, password).await;
        assert_eq!(customer.post(code, json!({})).await.is(403).json()["reason"], "not_superduper_admin");
        assert_eq!(customer.get("account/cluster").await.is(200).json()["eligible"], false);
        customer.delete("account/cluster").await.is(403);
        customer.patch("account/cluster", json!({ "kazoo_version": "5.1" })).await.is(403);
    }
    // Kazoo 5.1 at least.
    let given = master.post(code, json!({})).await.is(201).json();
    let mut request = link_request(&given["access_code"], "c1");
    request["reported_version"] = json!("5.0.12");
    assert_eq!(market.api.post("connector/link", request.clone()).await.is(422).json()["reason"], "kazoo_too_old");
    request["reported_version"] = json!("");
    market.api.post("connector/link", request.clone()).await.is(400);
    // Neither used the code up.
    request["reported_version"] = json!("5.1");
    market.api.post("connector/link", request).await.is(201);
    assert_eq!(master.post(code, json!({})).await.is(409).json()["reason"], "already_linked");
}

/// R10
async fn an_account_has_one_cluster_and_a_cluster_one_account(world: World) {
    let market = Market::on(world);
    let master = market.early().await;
    let cluster = market.link(&master, "c1").await;
    // Another account that is somebody's superduper account: of another cluster, as far as the marketplace knows.
    let db = storefront::platform::names::MARKETPLACE.clone();
    let other = "0".repeat(31) + "1";
    let session = json!({
        "_id": format!("session:{}", storefront::market::secret::hash("theirs")), "type": "session", "account_id": other,
        "account_name": "Other", "superduper_admin": true, "user_id": "u", "user_name": "U", "priv_level": "admin",
        "created": 0, "expires": u64::from(u32::MAX), "ip": null,
    });
    let account = json!({
        "_id": format!("account:{other}"), "type": "account", "account_id": other, "name": "Other", "identity_api": "x",
        "superduper_admin": true, "early_access": true, "created": 0,
    });
    for doc in [session, account] {
        market.world.documents().put(&db, doc.as_object().unwrap()).await.unwrap();
    }
    let theirs = market.api.bearer("theirs");
    let code = theirs.post("account/cluster/access_code", json!({})).await.is(201).json();
    let taken = market.api.post("connector/link", link_request(&code["access_code"], "c1")).await.is(409).json();
    assert_eq!(taken["reason"], "cluster_taken");
    // Once it's free, it can be had, by the same code.
    cluster.delete("connector").await.is(200);
    market.api.post("connector/link", link_request(&code["access_code"], "c1")).await.is(201);
    let code = master.post("account/cluster/access_code", json!({})).await.is(201).json();
    market.api.post("connector/link", link_request(&code["access_code"], "c1")).await.is(409);
    market.api.post("connector/link", link_request(&code["access_code"], "c2")).await.is(201);
    assert_eq!(theirs.get("account/cluster").await.json()["cluster_id"], "c1");
}

/// R9, R10
async fn many_links_at_once_make_one(world: World) {
    let market = Market::on(world);
    let master = market.early().await;
    let code = master.post("account/cluster/access_code", json!({})).await.is(201).json();
    let ids: Vec<String> = (0..5).map(|number| format!("c{number}")).collect();
    let links = ids.iter().map(|id| market.api.post("connector/link", link_request(&code["access_code"], id)));
    let answers = join_all(links).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| [201, 400, 409].contains(&answer.status)));
    let token = made[0].json()["link_token"].as_str().unwrap().to_owned();
    market.api.bearer(&token).get("connector").await.is(200);
}

/// R14, R15
async fn the_version_that_deliveries_go_by_is_chosen_from_a_list(world: World) {
    let market = Market::on(world);
    let master = market.early().await;
    master.patch("account/cluster", json!({ "kazoo_version": "5.1" })).await.is(404);
    let cluster = market.link(&master, "c1").await;
    let versions = market.api.get("kazoo_versions").await.is(200).json();
    assert!(versions.as_array().unwrap().contains(&json!("5.1")), "{versions}");
    assert_eq!(master.get("account/cluster").await.json()["warnings"], json!(["kazoo_version_missing"]));
    for wrong in ["4.3", "latest", "", "5.1.7"] {
        master.patch("account/cluster", json!({ "kazoo_version": wrong })).await.is(400);
    }
    let wrong = master.patch("account/cluster", json!({ "kazoo_version": "5.3" })).await.is(200).json();
    assert_eq!(wrong["warnings"], json!(["kazoo_version_mismatch"]));
    let right = master.patch("account/cluster", json!({ "kazoo_version": "5.1", "name": "our lab" })).await.is(200).json();
    assert_eq!((&right["warnings"], &right["name"]), (&json!([]), &json!("our lab")));
    assert_eq!(cluster.get("connector").await.json()["kazoo_version"], "5.1");
    let changed = cluster.patch("connector", json!({ "is_aio_cluster": false })).await.is(200).json();
    assert_eq!(changed["warnings"], json!(["not_all_in_one"]));
}

/// R17
async fn whoever_unlinks_the_other_side_is_told(world: World) {
    let market = Market::on(world);
    let master = market.early().await;
    let cluster = market.link(&master, "c1").await;
    master.delete("account/cluster").await.is(200);
    for answer in [cluster.get("connector").await, cluster.get("connector/deliveries").await, cluster.delete("connector").await] {
        assert_eq!(answer.is(401).json(), json!({ "message": "Unauthorized" }));
    }
    master.delete("account/cluster").await.is(404);
    assert_eq!(master.get("account/cluster").await.json()["linked"], false);
    let again = market.link(&master, "c1").await;
    cluster.get("connector").await.is(401);
    again.delete("connector").await.is(200);
    again.get("connector").await.is(401);
    assert_eq!(master.get("account/cluster").await.json()["linked"], false);
}

/// R43
async fn guessing_codes_runs_dry(world: World) {
    let market = Market::on(world);
    let mut statuses = Vec::new();
    for guess in 0..12 {
        statuses.push(market.api.post("connector/link", link_request(&json!(format!("guess{guess}")), "c1")).await.status);
    }
    assert!(statuses.starts_with(&[400, 400, 400]) && statuses.ends_with(&[429]), "{statuses:?}");
}
