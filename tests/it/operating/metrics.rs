//! `/metrics`.

use std::time::{Duration, Instant};

use crate::support::{client::Api, process::Server, world::World};

on_every_world! {
    requests_are_counted_by_noun_verb_and_status,
    whatever_is_asked_there_are_no_more_labels,
    round_trips_to_the_store_are_measured,
    metrics_can_be_elsewhere_than_the_api,
}

/// A metric's value; nothing where there is no such line.
async fn value(api: &Api, name: &str) -> Option<f64> {
    let text = api.get("/metrics").await.is(200).text().into_owned();
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

async fn requests_are_counted_by_noun_verb_and_status(world: World) {
    let master = world.master().await;
    for _ in 0..3 {
        master.api.get(&master.at("/apps_store")).await.is(200);
    }
    world.api.get(&master.at("/users")).await.is(401);
    master.api.send("PATCH", &master.at("/descendants"), None).await.is(405);
    world.api.send("HEAD", "/v2/schemas/users", None).await.is(200);
    for (labels, count) in [
        (r#"noun="apps_store",verb="GET",status="200""#, 3.0),
        (r#"noun="users",verb="GET",status="401""#, 1.0),
        (r#"noun="accounts",verb="PATCH",status="405""#, 1.0),
        (r#"noun="schemas",verb="HEAD",status="200""#, 1.0),
        (r#"noun="user_auth",verb="PUT",status="201""#, 1.0),
    ] {
        let name = format!(r#"storefront_requests_total{{{labels},by="storefront"}}"#);
        assert_eq!(value(&world.api, &name).await, Some(count), "{name}");
    }
    let name = r#"storefront_request_seconds_count{noun="apps_store",verb="GET"}"#;
    assert_eq!(value(&world.api, name).await, Some(3.0));
    assert_eq!(value(&world.api, "storefront_requests_in_flight").await, Some(0.0));
}

async fn whatever_is_asked_there_are_no_more_labels(world: World) {
    let master = world.master().await;
    let paths = ["/v2/mAdEuP", "/v2/accounts/mAdEuP", "/mAdEuP", "/v2/users/mAdEuP/mAdEuP", "/v2/about?mAdEuP=mAdEuP"];
    for path in paths {
        for method in ["GET", "MADEUP", "DELETE"] {
            master.api.send(method, path, None).await;
        }
    }
    master.api.get(&master.at("/mAdEuP")).await.is(404);
    let text = world.api.get("/metrics").await.text().into_owned();
    assert!(text.ends_with("# EOF\n"), "{text}");
    for secret in ["mAdEuP", "MADEUP", &master.account_id, &master.user_id, &master.token] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains(r#"noun="other",verb="other""#), "{text}");
}

async fn round_trips_to_the_store_are_measured(world: World) {
    let name = r#"storefront_store_round_trip_seconds_count{operation="view"}"#;
    let before = value(&world.api, name).await.unwrap_or_default();
    world.master().await;
    assert!(value(&world.api, name).await.unwrap() > before);
}

async fn metrics_can_be_elsewhere_than_the_api(world: World) {
    let server = Server::serve_with(&world.store, &["--no-cache", "--metrics-listen", "127.0.0.1:0"]);
    let api = Api::new(server.url());
    api.get("/v2/schemas").await.is(200);
    assert!(!api.get("/metrics").await.text().contains("storefront_requests"));
    let log = server.log();
    let elsewhere = log.split("metrics are on ").nth(1).and_then(|rest| rest.split("/metrics").next()).unwrap();
    let elsewhere = Api::new(elsewhere.to_owned());
    let counted = r#"storefront_requests_total{noun="schemas",verb="GET",status="200",by="storefront"}"#;
    assert_eq!(value(&elsewhere, counted).await, Some(1.0));
    assert_eq!(elsewhere.get("/readyz").await.status, 200);
    elsewhere.get("/v2/schemas").await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cache_tells_what_it_is_good_for() {
    let world = World::couch().await;
    let server = Server::serve_with(&world.store, &[]);
    let api = Api::new(server.url());
    let deadline = Instant::now() + Duration::from_secs(60);
    // A loaded machine's cache hears its feed late, and doesn't answer before.
    for name in ["storefront_cache_hits_total", "storefront_cache_misses_total", "storefront_cache_size_bytes"] {
        while value(&api, name).await.unwrap() == 0.0 {
            assert!(Instant::now() < deadline, "{name}: {}", server.log());
            api.get("/v2/schemas/users").await;
        }
    }
    assert!(value(&api, "storefront_cache_alive").await.is_some());
}
