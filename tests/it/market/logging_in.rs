//! Who one is at the marketplace: whoever one is at one's cluster.

use serde_json::json;

use crate::support::{
    marketplace::Market,
    world::{MASTER, World},
};

on_every_world! {
    customers_log_in_with_what_they_have_at_their_cluster,
    what_somebody_may_is_told_by_his_account_and_his_level,
    no_password_and_no_token_is_kept,
    guessing_passwords_runs_dry,
    an_account_says_that_no_cluster_is_linked_and_how_it_is_reached,
}

/// R2, R4
async fn customers_log_in_with_what_they_have_at_their_cluster(world: World) {
    let market = Market::on(world);
    let [account, _, user, password] = MASTER;
    let answer = market.log_in(account, user, password).await.is(201).json();
    assert_eq!((&answer["account"]["name"], &answer["user"]["priv_level"]), (&json!(account), &json!("admin")));
    let customer = market.api.bearer(answer["token"].as_str().unwrap());
    assert_eq!(customer.get("me").await.is(200).json()["account"]["name"], account);
    customer.delete("session").await.is(204);
    assert_eq!(customer.get("me").await.is(401).json(), json!({ "message": "Unauthorized" }));
    // There is no other way in.
    for (account, user, password) in [(account, user, "wrong"), (account, "nobody", password), ("No Such", user, password)] {
        assert_eq!(market.log_in(account, user, password).await.is(401).json()["reason"], "login_refused");
    }
    assert_eq!(market.log_in("", user, password).await.is(400).json()["errors"]["account_name"], "is missing");
    market.api.get("me").await.is(401);
    market.api.bearer("made-up").get("account").await.is(401);
}

/// R3, R7, R8, R41
async fn what_somebody_may_is_told_by_his_account_and_his_level(world: World) {
    let master = world.master().await;
    let sub = world.account(&master, "Child").await;
    let clerk = world.user(&master, &master.account_id, MASTER[0], "clerk", "user").await;
    // What the marketplace goes by is what anybody can ask.
    assert_eq!(master.api.get(&master.at("")).await.data()["superduper_admin"], true);
    assert_eq!(sub.api.get(&sub.at("")).await.data()["superduper_admin"], false);
    let market = Market::on(world);
    for (account, user, password, can_link, can_purchase) in [
        (MASTER[0], MASTER[2], MASTER[3], true, true),
        (MASTER[0], clerk.username.as_str(), clerk.password.as_str(), false, false),
        ("Child", sub.username.as_str(), sub.password.as_str(), false, true),
    ] {
        let me = market.customer(account, user, password).await.get("me").await.is(200).json();
        assert_eq!((&me["can_link_cluster"], &me["can_purchase"]), (&json!(can_link), &json!(can_purchase)), "{user}: {me}");
    }
}

/// R43
async fn no_password_and_no_token_is_kept(world: World) {
    let market = Market::on(world);
    let [account, _, user, password] = MASTER;
    let answer = market.log_in(account, user, password).await.is(201).json();
    let customer = market.early().await;
    let code = customer.post("account/cluster/access_code", json!({})).await.is(201).json();
    market.vendor().await;
    let db = storefront::platform::names::MARKETPLACE.clone();
    let query = storefront::store::Query::default().with_docs();
    let rows = market.world.documents().view(&db, storefront::store::View::ALL_DOCS, &query).await.unwrap();
    let everything: String = rows.iter().map(|row| serde_json::to_string(row.doc.as_deref().unwrap()).unwrap()).collect();
    for secret in [password, answer["token"].as_str().unwrap(), code["access_code"].as_str().unwrap()] {
        assert!(!everything.contains(secret), "{secret}");
    }
    assert!(everything.contains("\"session\""));
}

/// R43
async fn guessing_passwords_runs_dry(world: World) {
    let market = Market::on(world);
    // The cluster has limits of its own, and says another time.
    let mut statuses = Vec::new();
    for attempt in 0..40 {
        let answer = market.log_in(MASTER[0], MASTER[2], &format!("guess {attempt}")).await;
        statuses.push(answer.status);
        if answer.header("retry-after") == Some("5") {
            break;
        }
    }
    assert!(statuses.starts_with(&[401, 401]) && statuses.ends_with(&[429]) && statuses.len() < 30, "{statuses:?}");
    // Not even the right one is looked at now.
    market.log_in(MASTER[0], MASTER[2], MASTER[3]).await.is(429);
}

/// R5
async fn an_account_says_that_no_cluster_is_linked_and_how_it_is_reached(world: World) {
    let market = Market::on(world);
    let master = market.master().await;
    let account = master.get("account").await.is(200).json();
    assert_eq!((&account["cluster"]["linked"], &account["counts"]["subscriptions"]), (&json!(false), &json!(0)));
    let change = json!({ "contact": { "email": "us@example.com", "company": "Master & Co." } });
    let changed = master.patch("account", change).await.is(200).json();
    assert_eq!((&changed["company"], &changed["contact"]["email"]), (&json!("Master & Co."), &json!("us@example.com")));
    master.patch("account", json!({ "contact": { "phone": "1" } })).await.is(200);
    assert_eq!(master.get("account").await.json()["contact"]["email"], "us@example.com");
    master.patch("account", json!({ "contact": { "phone": "1".repeat(400) } })).await.is(400);
}
