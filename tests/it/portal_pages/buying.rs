//! From the price to the confirmation.

use serde_json::json;

use crate::support::{
    marketplace::Market,
    reader::{Page, Reader},
    world::{MASTER, World},
};

on_every_world! {
    an_app_is_bought_once_its_licence_is_accepted,
    a_partners_listing_leads_on_to_the_partner,
    the_button_says_what_is_missing,
    a_form_that_is_sent_twice_buys_once,
    a_licence_that_changed_meanwhile_is_shown_again,
}

async fn accept(reader: &Reader, slug: &str, review: &Page) -> Page {
    let action = format!("/products/{slug}/buy");
    reader.submit(review, &action, &[("accept", "yes")]).await
}

/// R26, R27, R29, R30
async fn an_app_is_bought_once_its_licence_is_accepted(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let (_, cluster) = market.ready().await;
    let reader = Reader::master(&market).await;
    let pricing = reader.get("/products/alpha/pricing").await.is(200);
    pricing.has(">Buy<").has(">Get it<").has("name=\"plan\" value=\"basic\"").lacks("disabled");
    let review = reader.get("/products/alpha/buy?plan=basic").await.is(200);
    review.has("The alpha: Basic").has("$9.90").has("plus $0.50 for each device").has("Be kind.").has("Prices are base prices");
    reader.submit(&review, "/products/alpha/buy", &[]).await.is(400).has("Please read the licence agreement and accept it.");
    let bought = accept(&reader, "alpha", &review).await.is(303);
    let order = bought.header("location").unwrap().to_owned();
    let confirmation = reader.get(&order).await.is(200);
    confirmation.has("Your purchase is confirmed").has("on its way").has("data-poll").has("/settings/account/apps?open=alpha.1");
    let delivery = cluster.get("connector/deliveries").await.is(200).json()[0]["id"].clone();
    let at = format!("connector/deliveries/{}", delivery.as_str().unwrap());
    cluster.post(&at, json!({ "state": "delivered" })).await.is(200);
    reader.get(&order).await.is(200).has("It has been delivered to your cluster.").lacks("data-poll");
    // It isn't offered a second time.
    reader.get("/products/alpha/pricing").await.is(200).has("Your account has it already.").has("disabled");
    reader.get("/products/alpha/buy?plan=basic").await.leads_to("/products/alpha/pricing");
}

/// R24, R26, R28
async fn a_partners_listing_leads_on_to_the_partner(world: World) {
    let session = world.master().await;
    let boss = world.account(&session, "Child").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    for kind in ["affiliated", "integration"] {
        market.publish(&vendor, kind, kind, json!({})).await;
        let reader = Reader::user(&market, "Child", &boss).await;
        reader.get(&format!("/products/{kind}/pricing")).await.is(200).has("Continue to the partner").lacks("disabled");
        let review = reader.get(&format!("/products/{kind}/buy?plan=gratis")).await.is(200);
        review.has("You'll be taken to Vera");
        let bought = accept(&reader, kind, &review).await.is(303);
        let on = bought.header("location").unwrap();
        assert!(on.ends_with("/continue"), "{on}");
        let to = format!("https://partner.example/{kind}");
        reader.get(on).await.is(200).has(&format!("http-equiv=\"refresh\" content=\"0; url={to}\"")).has("On to partner.example");
        // The confirmation itself stays where it is.
        reader.get(on.strip_suffix("/continue").unwrap()).await.is(200).lacks("http-equiv").has(&format!("href=\"{to}\""));
    }
}

/// R16, R25, R47, R48
async fn the_button_says_what_is_missing(world: World) {
    let session = world.master().await;
    let boss = world.account(&session, "Child").await;
    let paul = world.user(&session, &session.account_id, MASTER[0], "paul", "user").await;
    world.run(&["config", "set-default", "marketplace", "contact", "market@operator.example"]).ok();
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    market.publish(&vendor, "beta", "affiliated", json!({})).await;
    let (child, user) = (Reader::user(&market, "Child", &boss).await, Reader::user(&market, MASTER[0], &paul).await);
    let reader = Reader::master(&market).await;
    let says = async |reader: &Reader, slug: &str, words: &str| {
        let page = reader.get(&format!("/products/{slug}/pricing")).await.is(200);
        page.has("$9.90").has("disabled aria-describedby=\"why\"").has(words);
        page.lacks("name=\"plan\"");
        reader.get(&format!("/products/{slug}/buy?plan=basic")).await.leads_to(&format!("/products/{slug}/pricing"));
    };
    says(&child, "alpha", "top-level account").await;
    says(&user, "beta", "Only an admin of the account can buy.").await;
    says(&reader, "alpha", "href=\"mailto:market@operator.example\"").await;
    let master = market.early().await;
    says(&reader, "alpha", "Link your cluster first. <a href=\"/settings/account/link-cluster\"").await;
    market.link(&master, "c1").await;
    says(&reader, "alpha", "href=\"/settings/account/manage-cluster\"").await;
}

async fn a_form_that_is_sent_twice_buys_once(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "beta", "affiliated", json!({})).await;
    let reader = Reader::master(&market).await;
    let review = reader.get("/products/beta/buy?plan=basic").await.is(200);
    let (once, again) = (accept(&reader, "beta", &review).await.is(303), accept(&reader, "beta", &review).await.is(303));
    assert_eq!(once.header("location"), again.header("location"));
    // Another form of the same.
    let csrf = review.between("name=\"csrf\" value=\"", "\"");
    let fields = [("csrf", csrf), ("plan", "basic"), ("license_version", "1"), ("accept", "yes"), ("key", "other")];
    reader.post("/products/beta/buy", &fields).await.is(409).has("The account has it already.");
    assert_eq!(market.master().await.get("subscriptions").await.is(200).json()["total"], 1);
}

async fn a_licence_that_changed_meanwhile_is_shown_again(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "beta", "affiliated", json!({})).await;
    let reader = Reader::master(&market).await;
    let review = reader.get("/products/beta/buy?plan=basic").await.is(200);
    let html = review.html.replace("name=\"license_version\" value=\"1\"", "name=\"license_version\" value=\"0\"");
    let older = Page { html, ..review };
    let shown = accept(&reader, "beta", &older).await.is(400);
    shown.has("The licence agreement has changed meanwhile.").has("name=\"license_version\" value=\"1\"");
    assert_eq!(market.master().await.get("subscriptions").await.is(200).json()["total"], 0);
}
