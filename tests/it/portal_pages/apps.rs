//! Manage My Apps.

use serde_json::json;

use crate::support::{
    marketplace::Market,
    reader::Reader,
    world::{MASTER, World},
};

const APPS: &str = "/settings/account/apps";

on_every_world! {
    an_app_says_how_it_is_started,
    an_app_is_cancelled_after_a_question,
    a_refund_is_asked_for,
    a_delivery_that_failed_is_asked_for_again,
    others_of_the_account_only_look,
    many_apps_come_page_by_page,
}

/// R33, R34, R36, R37, R38, R39
async fn an_app_says_how_it_is_started(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    market.publish(&vendor, "beta", "affiliated", json!({})).await;
    let (master, cluster) = market.ready().await;
    let reader = Reader::master(&market).await;
    reader.get(APPS).await.is(200).has("bought anything yet");
    market.order(&master, "alpha", "a").await.is(202);
    market.order(&master, "beta", "b").await.is(201);
    let page = reader.get(APPS).await.is(200);
    page.has("On its way").has("Waiting for your cluster to fetch it").has("Active").has("href=\"https://partner.example/beta\"");
    page.has("<code id=\"command-alpha.1-1\">sup kapps_controller start_app alpha</code>").has("data-copy=\"command-alpha.1-1\"");
    page.has("sup kapps_maintenance start_and_persist alpha").has("Run one of these commands on every Kazoo server");
    page.has("SSH").has("Cluster Manager").has("Scripts tab").has("Then wait.").has("all-in-one");
    page.has("$9.90 a month").has("Terms, version 1, accepted");
    let id = cluster.get("connector/deliveries").await.is(200).json()[0]["id"].clone();
    let at = format!("connector/deliveries/{}", id.as_str().unwrap());
    cluster.post(&at, json!({ "state": "delivered" })).await.is(200);
    cluster.post(&at, json!({ "state": "verified", "detail": "seen <there>" })).await.is(200);
    let page = reader.get("/settings/account/apps?open=alpha.1").await.is(200);
    page.has("Present on your cluster").has("seen &#60;there&#62;").has("<details class=\"about\" open>");
}

/// R40
async fn an_app_is_cancelled_after_a_question(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, _cluster) = market.ready().await;
    market.order(&master, "alpha", "a").await.is(202);
    let reader = Reader::master(&market).await;
    let action = "/settings/account/apps/alpha.1/cancel";
    reader.get(APPS).await.is(200).has(&format!("href=\"{action}\">Cancel subscription"));
    let question = reader.get(action).await.is(200);
    question.has("Cancel the subscription to The alpha?").has("Yes, Proceed");
    reader.submit(&question, action, &[]).await.leads_to("/settings/account/apps?done=cancelled&open=alpha.1");
    let page = reader.get("/settings/account/apps?done=cancelled").await.is(200);
    page.has("The alpha").has(">Cancelled<").has("It stays in this list.").lacks(action).lacks("start_app");
    reader.get(action).await.leads_to(APPS);
    reader.submit(&question, action, &[]).await.is(409).has("It was ended already.");
}

/// R54
async fn a_refund_is_asked_for(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "beta", "affiliated", json!({})).await;
    let master = market.master().await;
    market.order(&master, "beta", "b").await.is(201);
    let reader = Reader::master(&market).await;
    let action = "/settings/account/apps/beta.1/refund";
    reader.get(APPS).await.is(200).has(&format!("href=\"{action}\">Request a refund"));
    let form = reader.get(action).await.is(200);
    form.has("30 days");
    let sent = reader.submit(&form, action, &[("reason", "It's <not> what I need.")]).await;
    sent.leads_to("/settings/account/apps?done=refund&open=beta.1");
    reader.get(APPS).await.is(200).has("A refund was requested").lacks(action);
    reader.get(action).await.leads_to(APPS);
    let asked = market.staff().get("staff/refunds").await.is(200).json();
    assert_eq!(asked["items"][0]["refund"]["reason"], "It's <not> what I need.");
    let id = asked["items"][0]["id"].as_str().unwrap().to_owned();
    market.staff().post(&format!("staff/refunds/{id}/approve"), json!({ "answer": "Gladly." })).await.is(200);
    reader.get(APPS).await.is(200).has(">Refunded<").has("The refund was approved: Gladly.");
}

async fn a_delivery_that_failed_is_asked_for_again(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (master, cluster) = market.ready().await;
    market.order(&master, "alpha", "a").await.is(202);
    let reader = Reader::master(&market).await;
    let action = "/settings/account/apps/alpha.1/redeliver";
    reader.get(APPS).await.is(200).lacks(action);
    cluster.post("connector/deliveries/alpha.1.1", json!({ "state": "error", "detail": "no space" })).await.is(200);
    let page = reader.get(APPS).await.is(200);
    page.has("The delivery failed").has("no space").has("Deliver again");
    reader.submit(&page, action, &[]).await.leads_to("/settings/account/apps?done=redeliver&open=alpha.1");
    assert_eq!(cluster.get("connector/deliveries").await.is(200).json()[0]["id"], "alpha.1.2");
}

/// R41
async fn others_of_the_account_only_look(world: World) {
    let session = world.master().await;
    let paul = world.user(&session, &session.account_id, MASTER[0], "paul", "user").await;
    let boss = world.account(&session, "Child").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "beta", "affiliated", json!({})).await;
    market.order(&market.master().await, "beta", "b").await.is(201);
    let user = Reader::user(&market, MASTER[0], &paul).await;
    user.get(APPS).await.is(200).has("The beta").lacks("Cancel subscription").lacks("Request a refund");
    let question = user.get("/settings/account/apps/beta.1/cancel").await.is(200);
    user.submit(&question, "/settings/account/apps/beta.1/cancel", &[]).await.is(403);
    // Another account doesn't even learn of it.
    let other = Reader::user(&market, "Child", &boss).await;
    other.get(APPS).await.is(200).lacks("The beta");
    other.get("/settings/account/apps/beta.1/cancel").await.is(404);
}

async fn many_apps_come_page_by_page(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    let master = market.master().await;
    for number in 0..11 {
        let slug = format!("beta-{number:02}");
        market.publish(&vendor, &slug, "affiliated", json!({})).await;
        market.order(&master, &slug, &slug).await.is(201);
    }
    let reader = Reader::master(&market).await;
    let first = reader.get(APPS).await.is(200);
    first.has("href=\"/settings/account/apps?page=2\">Older").lacks(">Newer<");
    assert_eq!(first.html.matches("class=\"app panel\"").count(), 10);
    let second = reader.get("/settings/account/apps?page=2").await.is(200);
    assert_eq!(second.html.matches("class=\"app panel\"").count(), 1);
    second.has(">Newer<").lacks(">Older<");
}
