//! The access log: a line for each request, and nothing secret in it.

use serde_json::json;

use crate::support::{
    client::md5,
    world::{MASTER, World},
};

on_every_world! {
    each_request_leaves_a_line_that_says_who_asked_for_what,
    no_secret_is_logged,
    a_made_up_request_id_forges_no_line,
}

/// The line of the request with this id.
fn line(world: &World, id: &str) -> String {
    let wanted = format!("request_id={id} ");
    world.server.wait_for_log(&wanted);
    let log = world.server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(&wanted) && line.contains("storefront::access")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines[0].to_owned()
}

#[track_caller]
fn assert_says(line: &str, fields: &[&str]) {
    for field in fields {
        assert!(line.split_whitespace().any(|word| word == *field), "{field}: {line}");
    }
}

async fn each_request_leaves_a_line_that_says_who_asked_for_what(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let path = format!("/v2/accounts/{}/users", child.account_id);
    let from = master.api.with("x-forwarded-for", "192.0.2.7");
    let answer = from.with("x-request-id", "list-1").get(&format!("{path}?page_size=7")).await.is(200);
    let (account, caller) = (format!("account_id={}", child.account_id), format!("auth_account_id={}", master.account_id));
    let bytes = format!("bytes={}", answer.body.len());
    let fields = ["GET", &path, "noun=users", "status=200", &bytes, "complete=true", "client_ip=192.0.2.7", &account, &caller];
    assert_says(&line(&world, "list-1"), &fields);

    world.api.with("x-request-id", "nobody-1").get(&path).await.is(401);
    assert_says(&line(&world, "nobody-1"), &["status=401", &account, "auth_account_id=-"]);
    world.api.with("x-request-id", "v1-1").get("/v1/about").await.is(410);
    assert_says(&line(&world, "v1-1"), &["noun=other", "status=410"]);
    world.api.with("x-request-id", "outside-1").get("/favicon.ico").await.is(200);
    assert_says(&line(&world, "outside-1"), &["/favicon.ico", "noun=other", "status=200"]);
    world.api.with("x-request-id", "head-1").send("HEAD", "/v2/schemas", None).await.is(200);
    assert_says(&line(&world, "head-1"), &["HEAD", "bytes=0", "complete=true"]);
    let icon = format!("/v2/apps_store/{}/icon", world.app("accounts").await);
    let icon = world.api.with("x-request-id", "icon-1").get(&icon).await.is(200);
    assert_says(&line(&world, "icon-1"), &["noun=apps_store", &format!("bytes={}", icon.body.len()), "complete=true"]);
}

async fn no_secret_is_logged(world: World) {
    let master = world.master().await;
    let token = &master.token;
    master.api.get(&format!("/v2/accounts/{}?auth_token={token}", master.account_id)).await.is(200);
    world.api.get(&format!("/v2/user_auth/{token}")).await;
    world.api.with("authorization", &format!("Bearer {token}")).get(&master.at("/users")).await.is(200);
    let [_, _, user, password] = MASTER;
    let credentials = md5(user, password);
    world.api.get(&format!("/v2/about?credentials={credentials}")).await;
    let wrong = json!({ "credentials": credentials, "account_name": "nosuch" });
    world.api.with("x-request-id", "last-1").put("/v2/user_auth", wrong).await.is(401);
    line(&world, "last-1");
    let log = world.server.log();
    let [_, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    for secret in [claims, signature, &credentials, password, "auth_token", "credentials"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

async fn a_made_up_request_id_forges_no_line(world: World) {
    let forged = "x status=200 client_ip=192.0.2.1";
    let answer = world.api.with("x-request-id", forged).get("/v2/nosuch").await.is(401);
    assert_eq!(answer.header("x-request-id"), Some(forged));
    assert_says(&line(&world, "x_status_200_client_ip_192.0.2.1"), &["status=401", "client_ip=127.0.0.1"]);
}
