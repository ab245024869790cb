//! An upstream that isn't there, is slow, or breaks off.

use std::net::TcpListener;

use serde_json::json;

use super::before;
use crate::support::{
    script::{Answer, Script},
    world::World,
};

on_every_world! {
    an_upstream_that_is_down_is_502_and_nothing_else_suffers,
    an_upstream_that_says_nothing_is_504,
    an_answer_that_breaks_off_does_so_for_the_client,
    reading_is_tried_twice_and_writing_is_not,
    an_upstream_that_makes_no_sense_is_502,
}

fn url(script: &Script) -> String {
    script.url.origin().ascii_serialization()
}

async fn an_upstream_that_is_down_is_502_and_nothing_else_suffers(world: World) {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (server, api) = before(&world, &format!("http://{closed}"), &[]);
    let master = world.master().await;
    let api = api.token(&master.token);
    for method in ["GET", "PUT", "OPTIONS"] {
        let answer = api.with("x-request-id", "down-1").send(method, &master.at("/devices"), None).await;
        answer.is_error(502, "bad_gateway", json!({ "message": "bad gateway" }));
        assert_eq!(answer.json()["request_id"], "down-1");
    }
    server.wait_for_log("the upstream can't be reached");
    api.get(&master.at("/apps_store")).await.is(200);
    api.get("/readyz").await.is(200);
    let metrics = api.get("/metrics").await.text().into_owned();
    assert!(metrics.contains(r#"noun="devices",verb="GET",status="502",by="upstream"} 1"#), "{metrics}");
}

async fn an_upstream_that_says_nothing_is_504(world: World) {
    let script = Script::answering(|number| match number {
        0 | 1 => Answer::Hang(String::new()),
        2 => Answer::Hang("HTTP/1.1 200 X\r\nContent-Le".into()),
        _ => Answer::json(200, "{}"),
    });
    let (_server, api) = before(&world, &url(&script), &["--upstream-idle-timeout", "2"]);
    for method in ["GET", "PUT", "GET"] {
        let answer = api.send(method, "/v2/devices", None).await;
        answer.is_error(504, "gateway_timeout", json!({ "message": "gateway timeout" }));
    }
    api.get("/v2/devices").await.is(200);
    assert_eq!(script.requests().len(), 4);
}

async fn an_answer_that_breaks_off_does_so_for_the_client(world: World) {
    let heads = ["Content-Length: 100\r\n\r\n0123456789", "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n"];
    let script = Script::answering(move |number| {
        let said = format!("HTTP/1.1 200 X\r\n{}", heads[number % 2]);
        if number < 2 { Answer::Cut(said) } else { Answer::Hang(said) }
    });
    let (server, api) = before(&world, &url(&script), &["--upstream-idle-timeout", "2"]);
    for _ in 0..4 {
        // The head may not have been sent yet: it goes with the rest then.
        let Ok(mut answer) = reqwest::get(format!("{}/v2/devices", api.url)).await else { continue };
        assert_eq!(answer.status(), 200);
        let mut said = Vec::new();
        let broken = loop {
            match answer.chunk().await {
                Ok(Some(piece)) => said.extend_from_slice(&piece),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broken && b"0123456789".starts_with(&said), "{broken} {said:?}");
    }
    server.wait_for_log("the upstream's answer breaks off");
    server.wait_for_log("complete=false");
    api.get("/v2/schemas").await.is(200);
}

async fn reading_is_tried_twice_and_writing_is_not(world: World) {
    let script = Script::answering(|number| match number {
        0 | 2 => Answer::Cut(String::new()),
        _ => Answer::json(200, "{}"),
    });
    let (_server, api) = before(&world, &url(&script), &[]);
    api.get("/v2/devices").await.is(200);
    assert_eq!(script.requests().len(), 2);
    api.put("/v2/devices", json!({})).await.is(502);
    assert_eq!(script.requests().len(), 3);
    api.put("/v2/devices", json!({})).await.is(200);
}

async fn an_upstream_that_makes_no_sense_is_502(world: World) {
    let script = Script::always(Answer::Cut("SSH-2.0-OpenSSH_9.2\r\n\r\n".into()));
    let (_server, api) = before(&world, &url(&script), &[]);
    api.get("/v2/devices").await.is_error(502, "bad_gateway", json!({ "message": "bad gateway" }));
}
