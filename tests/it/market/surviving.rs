//! A portal that is killed at any moment loses no order, charges none twice, and delivers none twice.

use serde_json::{Value, json};
use storefront::{
    market::order::order_id,
    platform::names::MARKETPLACE,
    store::{Query, View},
};

use crate::support::{
    marketplace::{Market, order},
    world::World,
};

on_every_world! {
    an_order_that_was_only_written_down_is_finished_by_the_next_start,
    an_order_that_is_only_half_settled_is_settled_once,
    killed_while_an_order_is_under_way_it_comes_out_once,
}

/// What is stored under ids that begin so.
async fn stored(market: &Market, prefix: &str) -> Vec<Value> {
    let query = Query::range(prefix.into(), format!("{prefix}\u{fff0}").into()).with_docs();
    let rows = market.world.documents().view(&MARKETPLACE, View::ALL_DOCS, &query).await.unwrap();
    rows.into_iter().map(|row| Value::Object((*row.doc.unwrap()).clone())).collect()
}

async fn an_order_that_was_only_written_down_is_finished_by_the_next_start(world: World) {
    let account_id = world.master().await.account_id;
    let mut market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "k").await.is(202);
    // As a portal leaves it that ends between the order and the subscription.
    let documents = market.world.documents();
    let subscription = stored(&market, "subscription:").await.remove(0);
    let (id, rev) = (subscription["_id"].as_str().unwrap(), subscription["_rev"].as_str().unwrap());
    documents.delete(&MARKETPLACE, id, rev).await.unwrap();
    let order = format!("order:{}", order_id(&account_id, "k"));
    market.world.edit(&MARKETPLACE, &order, |doc| drop(doc.insert("outcome".into(), Value::Null))).await;
    assert_eq!(stored(&market, "subscription:").await.len(), 0);
    market.restart();
    let (master, cluster) = (market.api.bearer(&master.token), market.api.bearer(&cluster.token));
    let bought = master.get("subscriptions").await.is(200).json();
    assert_eq!((&bought["total"], &bought["items"][0]["id"]), (&json!(1), &json!("alpha.1")));
    let queued = cluster.get("connector/deliveries?state=queued").await.is(200).json();
    assert_eq!((queued.as_array().unwrap().len(), &queued[0]["id"]), (1, &json!("alpha.1.1")));
}

async fn an_order_that_is_only_half_settled_is_settled_once(world: World) {
    let account_id = world.master().await.account_id;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let master = market.master().await;
    market.order(&master, "alpha", "k").await.is(201);
    // The subscription was made, the order doesn't know.
    let id = order_id(&account_id, "k");
    market.world.edit(&MARKETPLACE, &format!("order:{id}"), |doc| drop(doc.insert("outcome".into(), Value::Null))).await;
    assert_eq!(master.get(&format!("orders/{id}")).await.is(200).json()["subscription_id"], "alpha.1");
    market.order(&master, "alpha", "k").await.is(201);
    assert_eq!(stored(&market, "subscription:").await.len(), 1);
    assert_eq!(stored(&market, "order:").await[0]["outcome"], json!({ "subscription": "alpha.1" }));
}

async fn killed_while_an_order_is_under_way_it_comes_out_once(world: World) {
    let mut market = Market::on(world);
    let vendor = market.vendor().await;
    let slugs = ["alpha", "beta", "gamma", "delta"];
    for slug in slugs {
        market.publish(&vendor, slug, "delivered", json!({})).await;
    }
    let (master, cluster) = market.ready().await;
    let mut answered = 0;
    for (round, slug) in slugs.into_iter().enumerate() {
        // The request is cut off at another place in each round: the server is killed while it's under way.
        let request = reqwest::Client::builder().no_proxy().build().unwrap().post(format!("{}/api/v1/orders", market.api.url()));
        let request = request.bearer_auth(&master.token).header("content-type", "application/json");
        let under_way = tokio::spawn(request.body(order(slug, slug).to_string()).send());
        for _ in 0..round * 400 {
            tokio::task::yield_now().await;
        }
        market.restart();
        answered += usize::from(under_way.await.unwrap().is_ok_and(|answer| answer.status() == 202));
    }
    let master = market.api.bearer(&master.token);
    for slug in slugs {
        let again = market.order(&master, slug, slug).await.is(202).json();
        assert_eq!(again["subscription_id"], format!("{slug}.1"), "{answered} were answered");
    }
    let cluster = market.api.bearer(&cluster.token);
    let queued = cluster.get("connector/deliveries?state=queued").await.is(200).json();
    let mut ids: Vec<&str> = queued.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["alpha.1.1", "beta.1.1", "delta.1.1", "gamma.1.1"]);
    assert_eq!((stored(&market, "order:").await.len(), stored(&market, "subscription:").await.len()), (4, 4));
    assert!(stored(&market, "order:").await.iter().all(|order| order["outcome"]["subscription"].is_string()));
}
