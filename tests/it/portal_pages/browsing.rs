//! Looking around.

use serde_json::json;

use crate::support::{marketplace::Market, reader::Reader, world::World};

on_every_world! {
    anybody_sees_the_listings,
    listings_are_filtered_searched_and_paged,
    a_listing_shows_pictures_and_release_notes,
    prices_are_for_those_who_are_logged_in,
    texts_come_in_the_readers_language,
    pages_that_are_not_there_say_so,
}

/// R1, R19, R24
async fn anybody_sees_the_listings(world: World) {
    let market = Market::on(world);
    let reader = Reader::of(&market);
    reader.get("/").await.is(200).has("Nothing matches yet").has("href=\"/login\"");
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    market.publish(&vendor, "beta", "affiliated", json!({})).await;
    market.publish(&vendor, "gamma", "integration", json!({})).await;
    market.draft(&vendor, "delta", "delivered", json!({})).await;
    let front = reader.get("/").await.is(200);
    front.has("3 listings").has("href=\"/products/alpha\"").has("The beta").has("It helps.").lacks("delta");
    front.has("Delivered app").has(">Affiliated<").has(">Integration<");
    // Whoever only looks around gets no cookie.
    assert!(reader.cookies().is_empty());
}

/// R20
async fn listings_are_filtered_searched_and_paged(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    let reader = Reader::of(&market);
    market.publish(&vendor, "alpha", "affiliated", json!({ "categories": ["fax & mail"] })).await;
    market.publish(&vendor, "beta", "integration", json!({ "solutions": ["hosted"], "collections": ["featured"] })).await;
    let front = reader.get("/").await.is(200);
    front.has("href=\"/?solution=hosted\"").has("href=\"/?collection=featured\"").has("href=\"/?category=fax+%26+mail\"");
    let only = async |path: &str, shown: &str, hidden: &str| {
        reader
            .get(path)
            .await
            .is(200)
            .has("1 listing ")
            .has(&format!("/products/{shown}\""))
            .lacks(&format!("/products/{hidden}\""));
    };
    only("/?solution=hosted", "beta", "alpha").await;
    only("/?category=fax+%26+mail", "alpha", "beta").await;
    only("/?collection=featured&solution=hosted", "beta", "alpha").await;
    only("/?kind=affiliated", "alpha", "beta").await;
    only("/?q=THE+alp", "alpha", "beta").await;
    // A filter that is chosen is marked, leads back, and stays while searching.
    let chosen = reader.get("/?solution=hosted&q=the").await.is(200);
    chosen.has("href=\"/?q=the\" aria-current=\"true\"").has("name=\"solution\" value=\"hosted\"").has("value=\"the\"");
    reader.get("/?solution=hosted&category=fax+%26+mail").await.is(200).has("Try fewer filters");

    for number in 0..12 {
        market.publish(&vendor, &format!("more-{number:02}"), "affiliated", json!({})).await;
    }
    let first = reader.get("/?q=the").await.is(200);
    first.has("14 listings").has("href=\"/?q=the&#38;page=2\"").lacks("more-11");
    reader.get("/?q=the&page=2").await.is(200).has("more-11").lacks("more-01");
    for odd in ["0", "-1", "x", "99999999999999999999"] {
        reader.get(&format!("/?page={odd}")).await.is(200);
    }
}

/// R21
async fn a_listing_shows_pictures_and_release_notes(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "delivered", json!({ "docs_url": "https://docs.vendor.example/" })).await;
    let reader = Reader::of(&market);
    let details = reader.get("/products/alpha").await.is(200);
    details.has("Much.").has("<li>All</li>").has("Kazoo 5.1 or newer").has("mailto:help@vendor.example");
    details.has("href=\"https://docs.vendor.example/\"");
    let picture = details.between("class=\"screenshots\">", "</ul>").split_once("src=\"").unwrap().1.split_once('"').unwrap().0;
    let picture = reader.get(picture).await.is(200);
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    let releases = reader.get("/products/alpha/releases").await.is(200);
    releases.has("Version 1.0.0").has("The first.").has("<time datetime=");
}

/// R22, R23, R53
async fn prices_are_for_those_who_are_logged_in(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let reader = Reader::of(&market);
    for path in ["/", "/products/alpha", "/products/alpha/releases", "/products/alpha/pricing"] {
        reader.get(path).await.is(200).lacks("9.90").lacks("0.50").lacks("Gratis");
    }
    let pricing = reader.get("/products/alpha/pricing").await.is(200);
    pricing.has("Log in to see what it costs").has("/login?next=%2Fproducts%2Falpha%2Fpricing");
    let master = Reader::master(&market).await;
    let pricing = master.get("/products/alpha/pricing").await.is(200);
    pricing
        .has("$9.90 <small>a month</small>")
        .has("plus $0.50 for each device")
        .has("Free")
        .has("Charged once a calendar month");
    pricing.has("Prices are base prices");
}

/// R46
async fn texts_come_in_the_readers_language(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let reader = Reader::of(&market).with("accept-language", "de-AT,de;q=0.8,en;q=0.5");
    reader.get("/").await.is(200).has("Das alpha").has("Es hilft.");
    reader.get("/products/alpha").await.is(200).has("<h1>Das alpha</h1>").has("Sehr.");
}

async fn pages_that_are_not_there_say_so(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.draft(&vendor, "draft", "affiliated", json!({})).await;
    let reader = Reader::of(&market);
    for path in ["/products/nothing", "/products/draft", "/products/..%2Falpha", "/nowhere", "/products/draft/pricing"] {
        reader.get(path).await.is(404).has("<h1>Nothing is here</h1>").has("href=\"/login");
    }
    // Of the API everything is JSON.
    assert_eq!(reader.get("/api/v1/nowhere").await.is(404).header("content-type"), Some("application/json"));
    reader.get("/docs").await.is(200).has("id=\"superduper\"");
    let asset = reader.get("/").await.html.split_once("href=\"/assets/").unwrap().1.split_once('"').unwrap().0.to_owned();
    let asset = reader.get(&format!("/assets/{asset}")).await.is(200);
    assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
    reader.get("/assets/0/nothing.css").await.is(404);
    assert_eq!(reader.head("/").await.is(200).html, "");
}
