//! How often somebody may try.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::support::{client::md5, world::World};

on_every_world! {
    failed_logins_run_dry_and_nobody_else_suffers,
    bad_tokens_run_dry_and_good_ones_go_on,
    guessing_by_basic_authentication_runs_dry_wherever_it_is_tried,
    guessing_is_no_cheaper_below_other_accounts_paths,
    what_a_request_costs_can_be_set,
    an_address_that_somebody_made_up_is_no_way_around_a_limit,
}

/// Buckets that don't fill again while a test runs.
fn freeze(world: &World) {
    world.sup(&["kapps_config", "set_default", "token_buckets", "tokens_fill_rate", "0"]).ok();
}

async fn failed_logins_run_dry_and_nobody_else_suffers(world: World) {
    freeze(&world);
    let elsewhere = world.api.with("x-forwarded-for", "203.0.113.9");
    let attempt = |password: &str| json!({ "credentials": md5("admin", password), "account_name": "masterco" });
    // A success costs 1 of 100, a failure 35.
    let first = world.api.put("/v2/user_auth", attempt("secret123")).await.is(201);
    assert_eq!(first.json()["tokens"], json!({ "consumed": 1, "remaining": 99 }));
    for _ in 0..3 {
        world.api.put("/v2/user_auth", attempt("wrong")).await.is_unauthorized();
    }
    let dry = json!({ "message": "too many requests" });
    for password in ["wrong", "secret123"] {
        let answer = world.api.put("/v2/user_auth", attempt(password)).await;
        answer.is_error(429, "too_many_requests", dry.clone());
    }
    // The same address isn't kept from what needs no guessing, nor another one from logging in.
    world.api.token(&first.auth_token()).get("/v2/about").await.is(200);
    world.api.get("/v2/schemas").await.is(200);
    elsewhere.put("/v2/user_auth", attempt("secret123")).await.is(201);
}

async fn bad_tokens_run_dry_and_good_ones_go_on(world: World) {
    freeze(&world);
    world.sup(&["kapps_config", "set_default", "token_buckets", "max_bucket_tokens", "5"]).ok();
    let master = world.master().await;
    let (path, bad) = (master.at(""), world.api.token("aaaa.bbbb.cccc"));
    for _ in 0..5 {
        bad.get(&path).await.is_unauthorized();
    }
    bad.get(&path).await.is_error(429, "too_many_requests", json!({ "message": "too many requests" }));
    world.api.get(&path).await.is_error(429, "too_many_requests", json!({ "message": "too many requests" }));
    for _ in 0..10 {
        master.api.get(&path).await.is(200);
    }
}

async fn guessing_by_basic_authentication_runs_dry_wherever_it_is_tried(world: World) {
    freeze(&world);
    let master = world.master().await;
    let basic = |client: &str, word: &str| {
        let credential = BASE64_STANDARD.encode(format!("{}:{}", master.account_id, md5("admin", word)));
        world.api.with("x-forwarded-for", client).with("authorization", &format!("Basic {credential}"))
    };
    let dry = json!({ "message": "too many requests" });
    // A success costs 1 of 100, a failure 35.
    let good = basic("203.0.113.1", "secret123").get(&master.at("")).await.is(200);
    assert_eq!(good.json()["tokens"], json!({ "consumed": 1, "remaining": 99 }));
    for left in [64, 29, 0] {
        let bad = basic("203.0.113.1", "wrong").get(&master.at("")).await;
        bad.is_unauthorized();
        assert_eq!(bad.json()["tokens"]["remaining"], left);
    }
    basic("203.0.113.1", "secret123").get(&master.at("")).await.is_error(429, "too_many_requests", dry.clone());
    // What is open to all answers everybody, and tells nobody for nothing whether he guessed right.
    for _ in 0..3 {
        basic("203.0.113.2", "wrong").get("/v2/schemas").await.is(200);
    }
    basic("203.0.113.2", "secret123").get("/v2/schemas").await.is_error(429, "too_many_requests", dry);
}

async fn guessing_is_no_cheaper_below_other_accounts_paths(world: World) {
    freeze(&world);
    let master = world.master().await;
    let basic = |word: &str| {
        let credential = BASE64_STANDARD.encode(format!("{}:{}", master.account_id, md5("admin", word)));
        world.api.with("x-forwarded-for", "203.0.113.1").with("authorization", &format!("Basic {credential}"))
    };
    // Each path has a bucket of its own, and the account in it needn't even exist.
    for digit in ["1", "2", "3"] {
        basic("wrong").get(&format!("/v2/accounts/{}", digit.repeat(32))).await.is(404);
    }
    let dry = json!({ "message": "too many requests" });
    for path in [format!("/v2/accounts/{}", "4".repeat(32)), master.at(""), "/v2/schemas".to_owned()] {
        basic("secret123").get(&path).await.is_error(429, "too_many_requests", dry.clone());
    }
    let login = json!({ "credentials": md5("admin", "secret123"), "account_name": "masterco" });
    let client = world.api.with("x-forwarded-for", "203.0.113.1");
    client.put("/v2/user_auth", login).await.is_error(429, "too_many_requests", dry);
    // A token needs no guessing.
    client.token(&master.token).get(&master.at("")).await.is(200);
}

async fn what_a_request_costs_can_be_set(world: World) {
    freeze(&world);
    let set = |key: &str, value: &str| drop(world.sup(&["kapps_config", "set_default", "crossbar", key, value]).ok());
    let attempt = |word: &str| json!({ "credentials": md5("admin", word), "account_name": "masterco" });
    let costs = async |client: &str, word: &str| {
        let answer = world.api.with("x-forwarded-for", client).put("/v2/user_auth", attempt(word)).await;
        answer.json()["tokens"].clone()
    };
    set("user_auth_tokens", "50");
    assert_eq!(costs("203.0.113.1", "wrong").await, json!({ "consumed": 50, "remaining": 50 }));
    set("token_costs", r#"{ "user_auth": { "PUT": 10 }, "accounts": 20 }"#);
    assert_eq!(costs("203.0.113.2", "secret123").await, json!({ "consumed": 10, "remaining": 90 }));
    assert_eq!(costs("203.0.113.2", "wrong").await, json!({ "consumed": 50, "remaining": 40 }));
    let unknown = world.api.get(&format!("/v2/accounts/{}", world.master().await.account_id)).await;
    unknown.is_unauthorized();
    assert_eq!(unknown.json()["tokens"], json!({ "consumed": 20, "remaining": 80 }));
    set("token_costs", "0");
    set("user_auth_tokens", "0");
    assert_eq!(costs("203.0.113.3", "wrong").await, json!({ "consumed": 0, "remaining": 100 }));
}

async fn an_address_that_somebody_made_up_is_no_way_around_a_limit(world: World) {
    freeze(&world);
    let attempt = json!({ "credentials": md5("admin", "wrong"), "account_name": "masterco" });
    for n in 0..3 {
        // The proxy adds the address it sees to what the client claims.
        let client = world.api.with("x-forwarded-for", &format!("198.51.100.{n}, 203.0.113.9"));
        client.put("/v2/user_auth", attempt.clone()).await.is_unauthorized();
    }
    let client = world.api.with("x-forwarded-for", "192.0.2.1, 203.0.113.9");
    client.put("/v2/user_auth", attempt).await.is(429);
}
