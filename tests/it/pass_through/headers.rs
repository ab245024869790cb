//! What stands at the head of requests and answers.

use std::io::Write as _;

use actix_web::{HttpResponse, http::Method};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::before;
use crate::support::{
    script::{Answer, Script},
    upstream::Upstream,
    world::World,
};

on_every_world! {
    a_request_is_passed_on_as_it_came,
    an_answer_is_passed_on_as_it_came,
    our_own_tokens_go_along_and_our_secrets_do_not,
    connections_are_used_again,
}

async fn a_request_is_passed_on_as_it_came(world: World) {
    let upstream = Upstream::echoing().await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    let sent = api
        .with("x-request-id", "mine-1")
        .with("x-forwarded-for", "192.0.2.7")
        .with("connection", "x-secret-hop")
        .with("x-secret-hop", "1")
        .with("accept", "text/csv")
        .with("accept-encoding", "br")
        .with("if-none-match", "\"a\"")
        .with("range", "bytes=0-5")
        .with("x-custom", "a")
        .with("x-custom", "b");
    let said = sent.send("PATCH", "/v2/devices", Some(json!({ "data": { "ü": 1 } }))).await.is(200).text().into_owned();
    let (head, body) = said.split_once("\n\n").unwrap();
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], "PATCH /v2/devices");
    let [ours, theirs] = [&api.url, &upstream.url].map(|url| url.replace("http://", ""));
    for line in [
        "accept: text/csv",
        "accept-encoding: br",
        "content-length: 17",
        "content-type: application/json",
        "if-none-match: \"a\"",
        "range: bytes=0-5",
        "x-custom: a",
        "x-custom: b",
        "x-forwarded-for: 192.0.2.7, 127.0.0.1",
        &format!("x-forwarded-host: {ours}"),
        "x-request-id: mine-1",
        &format!("host: {theirs}"),
    ] {
        assert!(lines.contains(&line), "{line}: {head}");
    }
    for hop in ["x-secret-hop", "connection", "transfer-encoding"] {
        assert!(!lines.iter().any(|line| line.starts_with(hop)), "{hop}: {head}");
    }
    assert_eq!(body, "{\"data\":{\"ü\":1}}");

    let file = vec![0, 159, 146, 150, 13, 10];
    let upload = api.raw("POST", "/v2/media/m/raw", Some("audio/mpeg"), file).await.is(200);
    assert!(upload.text().contains("content-type: audio/mpeg"), "{}", upload.text());
    let bare = api.get("/v2/devices").await.is(200).text().into_owned();
    assert!(!bare.contains("content-length") && bare.contains("x-forwarded-for: 127.0.0.1\n"), "{bare}");
    assert!(bare.lines().any(|line| line.starts_with("x-request-id: ") && line.len() > 30), "{bare}");
}

async fn an_answer_is_passed_on_as_it_came(world: World) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&[b'x'; 5000]).unwrap();
    let zipped = encoder.finish().unwrap();
    let length = zipped.len();
    let upstream = Upstream::answering(move |request, _| {
        let (zipped, is_head) = (zipped.clone(), *request.method() == Method::HEAD);
        Box::pin(async move {
            match request.path().rsplit('/').next().unwrap() {
                "moved" => HttpResponse::Found().insert_header(("location", "http://other.example.com/x?y")).finish(),
                "same" => HttpResponse::NotModified().insert_header(("etag", "\"7\"")).finish(),
                "none" => HttpResponse::NoContent().finish(),
                "zipped" => HttpResponse::Ok().insert_header(("content-encoding", "gzip")).body(zipped),
                "error" => HttpResponse::PaymentRequired().json(json!({ "message": "pay" })),
                "head" if is_head => HttpResponse::Ok().insert_header(("etag", "\"8\"")).body("x".repeat(1234)),
                _ => HttpResponse::Ok()
                    .append_header(("set-cookie", "a=1"))
                    .append_header(("set-cookie", "b=2"))
                    .insert_header(("server", "Cowboy"))
                    .insert_header(("access-control-allow-origin", "https://ui.example.com"))
                    .insert_header(("date", "Fri, 01 Jan 1999 00:00:00 GMT"))
                    .insert_header(("keep-alive", "timeout=5"))
                    .body("x"),
            }
        })
    })
    .await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    let at = |path: &str| format!("/v2/devices/{path}");
    // The test's own client would follow it.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let moved = client.get(format!("{}{}", api.url, at("moved"))).send().await.unwrap();
    assert_eq!((moved.status().as_u16(), &moved.headers()["location"]), (302, &"http://other.example.com/x?y".parse().unwrap()));
    let same = api.get(&at("same")).await;
    assert_eq!((same.status, same.header("etag"), same.header("content-length")), (304, Some("\"7\""), None));
    api.get(&at("none")).await.is_bare(204);
    let zipped = api.get(&at("zipped")).await.is(200);
    assert_eq!((zipped.header("content-encoding"), zipped.body.len()), (Some("gzip"), length));
    assert_eq!(zipped.header("content-length"), Some(length.to_string().as_str()));
    assert_eq!(api.get(&at("error")).await.is(402).json(), json!({ "message": "pay" }));
    let head = api.send("HEAD", &at("head"), None).await.is(200);
    assert_eq!((head.header("etag"), head.header("content-length"), head.body.len()), (Some("\"8\""), Some("1234"), 0));
    let plain = api.get(&at("plain")).await.is(200);
    assert_eq!(plain.headers.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(plain.headers.get_all("date").iter().collect::<Vec<_>>(), ["Fri, 01 Jan 1999 00:00:00 GMT"]);
    assert_eq!(plain.header("server"), Some("Cowboy"));
    assert_eq!(plain.header("access-control-allow-origin"), Some("https://ui.example.com"));
    assert_eq!(plain.header("keep-alive"), None);
}

async fn our_own_tokens_go_along_and_our_secrets_do_not(world: World) {
    let upstream = Upstream::echoing().await;
    let (_server, api) = before(&world, &upstream.url, &[]);
    let master = world.master().await;
    let said = api.token(&master.token).get(&master.at("/devices")).await.is(200).text().into_owned();
    assert!(said.contains(&format!("x-auth-token: {}", master.token)), "{said}");
    assert!(!said.contains("authorization") && !said.contains("cookie"), "{said}");
    if let Some(password) = url::Url::parse(&world.store).unwrap().password() {
        assert!(!said.contains(password), "{said}");
    }
}

async fn connections_are_used_again(world: World) {
    let script = Script::always(Answer::json(200, "{}"));
    let (_server, api) = before(&world, &script.url.origin().ascii_serialization(), &[]);
    for _ in 0..20 {
        api.get("/v2/devices").await.is(200);
    }
    // One for each worker.
    assert!(script.connections() <= 2, "{}", script.connections());
}
