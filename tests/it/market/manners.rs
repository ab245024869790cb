//! How the marketplace behaves towards programs of all kinds: verbs, HEAD, the access log, what is measured.

use serde_json::json;

use crate::support::{client::Api, marketplace::Market, reader::Reader, world::World};

on_every_world! {
    a_wrong_verb_is_told_which_are_right,
    what_can_be_looked_at_can_be_asked_for_its_head,
    each_request_leaves_a_line_without_secrets,
    its_operator_sees_whether_it_is_well,
}

/// The line of the request with this id.
#[track_caller]
fn line(market: &Market, id: &str) -> String {
    let wanted = format!("request_id={id} ");
    market.server.wait_for_log(&wanted);
    let log = market.server.log();
    log.lines().find(|line| line.contains(&wanted) && line.contains("storefront::access")).unwrap().to_owned()
}

async fn a_wrong_verb_is_told_which_are_right(world: World) {
    let market = Market::on(world);
    let api = Api::new(market.api.url().to_owned());
    let (master, vendor) = (market.master().await, market.vendor().await);
    market.publish(&vendor, "alpha", "affiliated", json!({})).await;
    for (verb, path, allowed) in [
        ("DELETE", "/api/v1/listings", "GET, HEAD"),
        ("POST", "/api/v1/listings/alpha", "GET, HEAD"),
        ("GET", "/api/v1/session", "POST, DELETE"),
        ("PUT", "/api/v1/account/cluster", "GET, HEAD, PATCH, DELETE"),
        ("GET", "/api/v1/connector/link", "POST"),
        ("PATCH", "/api/v1/vendor/listings", "GET, HEAD, POST"),
        ("GET", "/api/v1/vendor/listings/alpha/publish", "POST"),
        ("POST", "/api/v1/vendor/listings/alpha/icon", "PUT"),
        ("OPTIONS", "/api/v1/staff/taxonomy", "GET, HEAD, PUT"),
        ("NONSENSE", "/api/v1/me", "GET, HEAD"),
    ] {
        // Whoever asks, and before anybody wants to know who that is.
        for asker in [&api, &api.with("authorization", &format!("Bearer {}", master.token))] {
            let answer = asker.send(verb, path, None).await.is(405);
            assert_eq!(answer.header("allow"), Some(allowed), "{verb} {path}");
            assert_eq!(answer.json()["reason"], "method_not_allowed");
        }
    }
    for (verb, path, allowed) in [
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/login", "GET, HEAD, POST"),
        ("GET", "/logout", "POST"),
        ("PUT", "/settings/account/apps", "GET, HEAD"),
        ("POST", "/docs", "GET, HEAD"),
    ] {
        let answer = api.send(verb, path, None).await.is(405);
        assert_eq!(answer.header("allow"), Some(allowed), "{verb} {path}");
        assert!(answer.text().contains("That can&#39;t be done here") && answer.header("content-security-policy").is_some());
    }
    for (verb, path) in [
        ("GET", "/api/v1/nothing"),
        ("POST", "/api/v1/vendor/listings/alpha/nothing"),
        ("GET", "/api/v1/vendor/listings/alpha/nothing"),
        ("DELETE", "/nothing"),
        ("POST", "/assets/nothing"),
    ] {
        api.send(verb, path, None).await.is(404);
    }
}

async fn what_can_be_looked_at_can_be_asked_for_its_head(world: World) {
    let market = Market::on(world);
    let (vendor, master) = (market.vendor().await, market.master().await);
    market.publish(&vendor, "alpha", "delivered", json!({})).await;
    let api = Api::new(market.api.url().to_owned());
    let token = |token: &str| api.with("authorization", &format!("Bearer {token}"));
    let (by_vendor, by_master, by_staff) = (token(&vendor.token), token(&master.token), token(&market.staff().token));
    let picture = market.api.get("listings/alpha").await.json()["screenshots"][0].as_str().unwrap().to_owned();
    for (asker, path) in [
        (&api, "/api/v1/listings?per_page=1"),
        (&api, "/api/v1/listings/alpha"),
        (&api, "/api/v1/listings/alpha/icon"),
        (&api, picture.as_str()),
        (&api, "/api/v1/listings/nothing"),
        (&api, "/api/v1/me"),
        (&by_master, "/api/v1/me"),
        (&by_master, "/api/v1/listings/alpha/plans"),
        (&by_vendor, "/api/v1/vendor/listings"),
        (&by_staff, "/api/v1/staff/audit"),
        (&api, "/products/alpha"),
        (&api, "/nothing"),
        (&api, "/healthz"),
        (&api, "/readyz"),
    ] {
        let (whole, head) = (asker.send("GET", path, None).await, asker.send("HEAD", path, None).await);
        assert_eq!((head.status, head.body.len()), (whole.status, 0), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control"] {
            assert_eq!(head.header(name), whole.header(name), "{path} {name}");
        }
    }
    // To log in first is said alike.
    let reader = Reader::of(&market);
    reader.get("/settings/account").await.leads_to("/login?next=%2Fsettings%2Faccount");
    reader.head("/settings/account").await.leads_to("/login?next=%2Fsettings%2Faccount");
}

async fn each_request_leaves_a_line_without_secrets(world: World) {
    let market = Market::on(world);
    let master = market.early().await;
    let code =
        master.post("account/cluster/access_code", json!({})).await.is(201).json()["access_code"].as_str().unwrap().to_owned();
    let cluster = market.link(&master, "c1").await;
    let says = |id: &str, fields: &[&str]| {
        let line = line(&market, id);
        for field in fields {
            assert!(line.split_whitespace().any(|word| word == *field), "{field}: {line}");
        }
    };
    let account = master.get("me").await.json()["account"]["id"].as_str().unwrap().to_owned();
    let caller = format!("auth_account_id={account}");
    let answer = master.with("x-request-id", "me-1").with("x-forwarded-for", "192.0.2.7").get("me").await.is(200);
    assert_eq!(answer.header("x-request-id"), Some("me-1"));
    let bytes = format!("bytes={}", answer.body.len());
    let fields = ["GET", "/api/v1/me", "noun=/api/v1/me", "status=200", &bytes, "complete=true", "client_ip=192.0.2.7", &caller];
    says("me-1", &fields);
    market.api.with("x-request-id", "nobody-1").get("me").await.is(401);
    says("nobody-1", &["status=401", "auth_account_id=-", "client_ip=127.0.0.1"]);
    market.api.with("x-request-id", "lost-1").with("x-forwarded-for", "192.0.2.8").get("nothing").await.is(404);
    says("lost-1", &["noun=other", "status=404", "client_ip=192.0.2.8"]);
    let reader = Reader::master(&market).await.with("x-request-id", "page-1");
    reader.get("/settings/account/apps").await.is(200);
    says("page-1", &["/settings/account/apps", "noun=/settings/account/apps", "status=200", &caller]);
    cluster.with("x-request-id", "cluster-1").get("connector/deliveries?state=queued").await.is(200);
    says("cluster-1", &["/api/v1/connector/deliveries", &caller]);

    // What somebody proves himself by, wherever he puts it.
    let session = reader.cookies()["session"].clone();
    let secrets = [&code, &session, &master.token, &cluster.token];
    let api = Api::new(market.api.url().to_owned());
    for secret in secrets {
        for path in ["/api/v1/connector/link", "/settings/account/link-cluster", "/api/v1/listings"] {
            api.get(&format!("{path}/{secret}")).await;
            api.get(&format!("{path}?access_code={secret}&token={secret}")).await;
        }
    }
    api.with("x-request-id", "last-1").get("/").await.is(200);
    line(&market, "last-1");
    let log = market.server.log();
    for secret in secrets {
        // A cluster's and a session's say whose they are first.
        let secret = secret.rsplit('.').next().unwrap();
        assert!(!log.contains(&secret[..20]), "{log}");
    }
}

async fn its_operator_sees_whether_it_is_well(world: World) {
    let market = Market::on(world);
    let api = Api::new(market.api.url().to_owned());
    api.get("/healthz").await.is(200);
    api.get("/readyz").await.is(200);
    market.api.get("listings").await.is(200);
    market.api.get("listings/mAdEuP").await.is(404);
    market.api.get("mAdEuP").await.is(404);
    api.send("MADEUP", "/products/mAdEuP", None).await.is(405);
    market.api.get("staff/refunds/mAdEuP/approve").await.is(405);
    api.get("/mAdEuP").await.is(404);
    let text = api.get("/metrics").await.is(200).text().into_owned();
    for (labels, count) in [
        (r#"noun="/api/v1/listings",verb="GET",status="200""#, 1),
        (r#"noun="/api/v1/listings/{slug}",verb="GET",status="404""#, 1),
        (r#"noun="/products/{slug}",verb="other",status="405""#, 1),
        (r#"noun="/api/v1/staff/refunds/{id}/{verdict}",verb="GET",status="405""#, 1),
        (r#"noun="other",verb="GET",status="404""#, 2),
    ] {
        let wanted = format!("storefront_requests_total{{{labels},by=\"storefront\"}} {count}\n");
        assert!(text.contains(&wanted), "{wanted}{text}");
    }
    assert!(text.contains("storefront_store_round_trip_seconds_count") && !text.contains("mAdEuP") && !text.contains("MADEUP"));
}
