//! Who answers what.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::json;

use super::before;
use crate::support::{client::Api, process, upstream::Upstream, world::World};

on_every_world! {
    what_is_not_ours_goes_to_the_upstream_and_the_rest_stays,
    companions_are_the_upstreams,
    operators_choose_who_answers,
    preflights_go_where_their_requests_go,
    a_path_with_dots_goes_nowhere,
    forwarded_requests_are_logged_and_counted,
}

const SOMEBODY: &str = "0123456789abcdef0123456789abcdef";

/// Whether the upstream answers.
async fn is_forwarded(api: &Api, method: &str, path: &str) -> bool {
    api.send(method, path, None).await.header("x-upstream").is_some()
}

async fn what_is_not_ours_goes_to_the_upstream_and_the_rest_stays(world: World) {
    let upstream = Upstream::echoing().await;
    let (_server, api) = before(&world, &format!("{}/v2", upstream.url), &[]);
    let master = world.master().await;
    let api = api.token(&master.token);
    let answer = api.get(&master.at("/devices/x%2Fy?a=b%20c&d")).await.is(200);
    assert!(answer.text().starts_with(&format!("GET {}/devices/x%2Fy?a=b%20c&d\n", master.at(""))), "{}", answer.text());
    for path in ["/devices", "/users/U/devices", "/users/U/quickcall/1000", "/nosuch", "/callflows?filter_x=accounts"] {
        assert!(is_forwarded(&api, "GET", &master.at(path)).await, "{path}");
    }
    for path in ["/v2/account/devices", "/v2/nosuch/x", "/v2/system_configs/accounts", "/v2/sup/users", "/hooks/pivot"] {
        assert!(is_forwarded(&api, "POST", path).await, "{path}");
    }
    for path in ["", "/", "/users", "/apps_store", "/users/U/nosuch", "/devices/D/users", "/descendants"] {
        assert!(!is_forwarded(&api, "GET", &master.at(path)).await, "{path}");
    }
    for path in ["/v2", "/v2/account", "/v1/devices", "/v2/accounts/devices", "/v2/schemas/devices", "/", "/v2/about", "/metrics"]
    {
        assert!(!is_forwarded(&api, "GET", path).await, "{path}");
    }
    api.get(&master.at("/apps_store")).await.is(200);
    api.get(&master.at("/users/U/nosuch")).await.is(404);
}

async fn companions_are_the_upstreams(world: World) {
    let upstream = Upstream::echoing().await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    for path in ["limits", "callflows", "ledgers/total", "phone_numbers/classifiers", "multi_factor", "external_numbers"] {
        assert!(is_forwarded(&api, "GET", &format!("/v2/accounts/{SOMEBODY}/{path}")).await, "{path}");
    }
}

async fn operators_choose_who_answers(world: World) {
    let upstream = Upstream::echoing().await;
    let users = format!("/v2/accounts/{SOMEBODY}/users");
    let apps = format!("/v2/accounts/{SOMEBODY}/apps_store");
    for (flags, forwards_users, forwards_apps) in
        [(["--forward-nouns", "users,mine"], true, false), (["--serve-nouns", "users,accounts"], false, true)]
    {
        let (_server, api) = before(&world, &upstream.url, &flags);
        assert_eq!(is_forwarded(&api, "GET", &users).await, forwards_users, "{flags:?}");
        assert_eq!(is_forwarded(&api, "GET", &apps).await, forwards_apps, "{flags:?}");
        assert_eq!(is_forwarded(&api, "PUT", "/v2/user_auth").await, forwards_apps, "{flags:?}");
        assert_eq!(is_forwarded(&api, "GET", &format!("{users}/U/mine")).await, forwards_users, "{flags:?}");
    }
    for (flags, reason) in [
        (&["--upstream", &upstream.url, "--serve-nouns", "devices"][..], "\"devices\" can't be served; known are about,"),
        (&["--serve-nouns", "users"], "need an upstream"),
        (&["--upstream", "http://admin:s3cret@127.0.0.1:1"], "can't have a user"),
        (&["--upstream", "kazoo:8000"], "must look like http://"),
    ] {
        let error = process::run([&["--store", &world.store, "serve", "--listen", "127.0.0.1:0"], flags].concat()).failed();
        assert!(error.contains(reason) && !error.contains("s3cret"), "{error}");
    }
}

async fn preflights_go_where_their_requests_go(world: World) {
    let upstream = Upstream::echoing().await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    let preflight = api.with("origin", "https://ui.example.com").with("access-control-request-method", "GET");
    assert!(is_forwarded(&preflight, "OPTIONS", &format!("/v2/accounts/{SOMEBODY}/devices")).await);
    let own = preflight.send("OPTIONS", &format!("/v2/accounts/{SOMEBODY}/users"), None).await.is(200);
    assert_eq!((own.header("x-upstream"), own.header("access-control-allow-origin")), (None, Some("*")));
}

async fn a_path_with_dots_goes_nowhere(world: World) {
    let upstream = Upstream::echoing().await;
    let (_server, api) = before(&world, &format!("{}/kazoo", upstream.url), &[]);
    assert!(api.get("/v2/devices").await.text().starts_with("GET /kazoo/v2/devices\n"));
    for path in ["/v2/devices/../../../admin", "/v2/devices/%2e%2E/x", "/v2/devices/.."] {
        // Other clients resolve it themselves.
        let mut connection = TcpStream::connect(api.url.replace("http://", "")).unwrap();
        write!(connection, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("x-upstream"), "{path}: {answer}");
    }
}

async fn forwarded_requests_are_logged_and_counted(world: World) {
    let upstream = Upstream::echoing().await;
    let (server, api) = before(&world, &upstream.url, &[]);
    let secret = "aB3".repeat(30);
    let path = format!("/v2/accounts/{SOMEBODY}/devices?auth_token={secret}");
    let from = api.with("x-request-id", "forwarded-1").with("x-forwarded-for", "192.0.2.7").token(&secret);
    let answer = from.put(&path, json!({ "password": "Pa55" })).await.is(200);
    api.get("/v2/nosuch").await.is(200);
    server.wait_for_log("/v2/nosuch");
    let log = server.log();
    let line = log.lines().find(|line| line.contains("request_id=forwarded-1")).unwrap();
    let (bytes, account) = (format!("bytes={}", answer.body.len()), format!("account_id={SOMEBODY}"));
    for field in ["PUT", "noun=devices", "status=200", &bytes, "client_ip=192.0.2.7", &account, "by=upstream"] {
        assert!(line.split_whitespace().any(|word| word == field), "{field}: {line}");
    }
    assert!(!log.contains(&secret) && !log.contains("Pa55"), "{log}");
    let metrics = api.get("/metrics").await.text().into_owned();
    for labels in
        [r#"noun="devices",verb="PUT",status="200",by="upstream""#, r#"noun="other",verb="GET",status="200",by="upstream""#]
    {
        assert!(metrics.contains(&format!("storefront_requests_total{{{labels}}} 1\n")), "{labels}: {metrics}");
    }
}
