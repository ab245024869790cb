//! How often somebody may try.

use serde_json::json;

use crate::support::{client::md5, world::World};

on_every_world! {
    failed_logins_run_dry_and_nobody_else_suffers,
    bad_tokens_run_dry_and_good_ones_go_on,
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
