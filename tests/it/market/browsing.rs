//! The shelf: open to anybody, but for the prices.

use serde_json::{Value, json};

use crate::support::{
    marketplace::{Market, icon},
    world::World,
};

on_every_world! {
    anybody_sees_listings_and_what_they_say,
    prices_are_for_those_who_are_logged_in,
    listings_are_filtered_searched_and_paged,
    texts_are_in_the_readers_language,
    what_somebody_has_need_not_be_sent_again,
    the_example_listings_are_of_every_kind,
}

/// Every key of a document, at any depth.
fn keys(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => object.iter().flat_map(|(key, value)| [vec![key.clone()], keys(value)].concat()).collect(),
        Value::Array(list) => list.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

/// R1, R19, R21, R24
async fn anybody_sees_listings_and_what_they_say(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    for (slug, kind) in [("alpha", "delivered"), ("beta", "affiliated"), ("gamma", "integration")] {
        market.publish(&vendor, slug, kind, json!({})).await;
    }
    market.draft(&vendor, "draft", "affiliated", json!({})).await;
    let list = market.api.get("listings").await.is(200).json();
    let kinds: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| (&item["slug"], &item["kind"])).collect();
    assert_eq!(
        kinds,
        [
            (&json!("alpha"), &json!("delivered")),
            (&json!("beta"), &json!("affiliated")),
            (&json!("gamma"), &json!("integration"))
        ]
    );
    let shown = market.api.get("listings/alpha").await.is(200).json();
    assert_eq!(
        (&shown["name"], &shown["description"], &shown["features"]),
        (&json!("The alpha"), &json!("Much."), &json!(["All"]))
    );
    assert_eq!(shown["releases"][0]["notes"], "The first.");
    assert_eq!(shown["releases"][0]["version"], "1.0.0");
    assert_eq!(shown["requirements"]["min_kazoo"], "5.1");
    assert_eq!(shown["license"], json!({ "name": "Terms", "version": "1" }));
    assert_eq!(market.api.get("listings/alpha/license").await.is(200).json()["text"], "Be kind.");
    let picture = shown["screenshots"][0].as_str().unwrap().strip_prefix("/api/v1/").unwrap();
    assert_eq!(market.api.get(picture).await.is(200).text(), icon("one"));
    for nowhere in
        ["listings/draft", "listings/nothing", "listings/..%2Fx", "listings/alpha/hero", "listings/alpha/screenshots/2"]
    {
        assert_eq!(market.api.get(nowhere).await.is(404).json()["reason"], "not_found", "{nowhere}");
    }
}

/// R22, R23, R44, R48, R53
async fn prices_are_for_those_who_are_logged_in(world: World) {
    let session = world.master().await;
    let sub = world.account(&session, "Child").await;
    let paul = world.user(&session, &sub.account_id, "Child", "paul", "user").await;
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    for path in ["listings", "listings/alpha", "listings/alpha/releases", "listings/alpha/license", "solutions"] {
        let seen = market.api.get(path).await.is(200).json();
        for key in keys(&seen) {
            assert!(
                !["price", "plan", "fee", "amount", "currency"].iter().any(|word| key.contains(word) && key != "has_plans"),
                "{path}: {key}"
            );
        }
    }
    market.api.get("listings/alpha/plans").await.is(401);
    market.api.get("listings/alpha/eligibility").await.is(401);
    let admin = market.customer("Child", &sub.username, &sub.password).await;
    let plans = admin.get("listings/alpha/plans").await.is(200).json();
    assert_eq!(
        (&plans[0]["base_price"], &plans[0]["currency"], &plans[0]["period"]),
        (&json!(990), &json!("USD"), &json!("month"))
    );
    assert_eq!(plans[0]["unit_fees"], json!([{ "unit": "device", "price": 50 }]));
    assert_eq!(plans[0]["charged"], "Charged once a calendar month, on the day of the purchase.");
    assert_eq!((&plans[1]["model"], &plans[1]["base_price"]), (&json!("free"), &json!(0)));
    assert_eq!(admin.get("listings/alpha/eligibility").await.is(200).json()["can_buy"], true);
    // Whoever can't buy sees them nevertheless, and why he can't.
    let user = market.customer("Child", &paul.username, &paul.password).await;
    assert_eq!(user.get("listings/alpha/plans").await.is(200).json(), plans);
    let eligibility = user.get("listings/alpha/eligibility").await.is(200).json();
    assert_eq!((&eligibility["can_buy"], &eligibility["reasons"][0]["code"]), (&json!(false), &json!("not_admin")));
    assert!(eligibility["reasons"][0]["message"].is_string());
}

/// R20, R45
async fn listings_are_filtered_searched_and_paged(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    let taxonomy = json!({
        "solutions": [{ "id": "hosted", "label": "Hosted" }, { "id": "private_cloud", "label": "Private Cloud" }],
        "categories": [{ "id": "tools", "label": "Tools" }], "collections": [],
    });
    market.staff().put("staff/taxonomy", taxonomy).await.is(200);
    market.publish(&vendor, "alpha", "affiliated", json!({ "solutions": ["hosted"] })).await;
    market.publish(&vendor, "beta", "affiliated", json!({ "solutions": ["hosted"], "categories": ["games"] })).await;
    market.publish(&vendor, "gamma", "integration", json!({ "collections": ["featured"] })).await;
    let found = async |query: &str| {
        let list = market.api.get(&format!("listings?{query}")).await.is(200).json();
        let slugs = list["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap().to_owned());
        (slugs.collect::<Vec<_>>().join(" "), list["total"].as_u64().unwrap())
    };
    for (query, slugs, total) in [
        ("", "alpha beta gamma", 3),
        ("solution=hosted", "alpha beta", 2),
        ("solution=hosted&category=games", "beta", 1),
        ("collection=featured", "gamma", 1),
        ("kind=integration", "gamma", 1),
        ("q=HELPS+gam", "gamma", 1),
        ("q=Es+hilft", "alpha beta gamma", 3),
        ("q=nothing+such", "", 0),
        ("solution=&q=", "alpha beta gamma", 3),
        ("per_page=2", "alpha beta", 3),
        ("per_page=2&page=2", "gamma", 3),
        ("per_page=2&page=9", "", 3),
    ] {
        assert_eq!(found(query).await, (slugs.to_owned(), total), "{query}");
    }
    market.api.get("listings?page=minus").await.is(400);
    let solutions = market.api.get("solutions").await.is(200).json();
    assert_eq!(
        solutions,
        json!([
            { "id": "hosted", "label": "Hosted", "count": 2 },
            { "id": "private_cloud", "label": "Private Cloud", "count": 1 },
        ])
    );
    assert_eq!(market.api.get("categories").await.json()[0], json!({ "id": "tools", "label": "Tools", "count": 2 }));
    assert_eq!(market.api.get("collections").await.json().as_array().unwrap().len(), 2);
}

/// R46
async fn texts_are_in_the_readers_language(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    let german = market.api.with("accept-language", "de-CH,de;q=0.9,en;q=0.8");
    assert_eq!(german.get("listings/alpha").await.is(200).json()["name"], "Das alpha");
    assert_eq!(german.get("listings?language=en-US").await.json()["items"][0]["name"], "The alpha");
    assert_eq!(market.api.get("listings/alpha?language=ja").await.json()["name"], "The alpha");
}

/// R45
async fn what_somebody_has_need_not_be_sent_again(world: World) {
    let market = Market::on(world);
    let vendor = market.vendor().await;
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    for path in ["listings", "listings/alpha", "solutions"] {
        let first = market.api.get(path).await.is(200);
        let tag = first.header("etag").unwrap().to_owned();
        let again = market.api.with("if-none-match", &tag).get(path).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let url = market.api.get("listings/alpha").await.json()["icon_url"].as_str().unwrap().to_owned();
    let icon = market.api.get(url.strip_prefix("/api/v1/").unwrap()).await.is(200);
    assert_eq!(icon.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
    assert!(icon.header("content-security-policy").unwrap().contains("sandbox"));
    market.api.with("if-none-match", icon.header("etag").unwrap()).get("listings/alpha/icon").await.is(304);
    // An address without the digest may come to mean another picture.
    assert_eq!(market.api.get("listings/alpha/icon").await.header("cache-control"), Some("public, max-age=3600"));
}

/// R24, R52
async fn the_example_listings_are_of_every_kind(world: World) {
    let market = Market::on(world);
    assert_eq!(market.run(&["seed-demo"]).ok().trim(), "12 listings were made");
    assert_eq!(market.run(&["seed-demo"]).ok().trim(), "0 listings were made");
    let master = market.master().await;
    let list = market.api.get("listings?per_page=100").await.is(200).json();
    let (mut kinds, mut models) = (Vec::new(), Vec::new());
    for item in list["items"].as_array().unwrap() {
        let slug = item["slug"].as_str().unwrap();
        kinds.push(item["kind"].as_str().unwrap().to_owned());
        for plan in master.get(&format!("listings/{slug}/plans")).await.is(200).json().as_array().unwrap() {
            models.push(plan["model"].as_str().unwrap().to_owned());
        }
        for picture in ["icon", "hero", "screenshots/1", "screenshots/2"] {
            assert!(!market.api.get(&format!("listings/{slug}/{picture}")).await.is(200).body.is_empty());
        }
    }
    for (found, wanted) in [(kinds, ["delivered", "affiliated", "integration"]), (models, ["free", "one_time", "monthly"])] {
        assert!(wanted.iter().all(|one| found.iter().any(|other| one == other)), "{found:?}");
    }
}
