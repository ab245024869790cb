//! Which of several faults a client hears of.

use serde_json::json;

use crate::support::world::World;

on_every_world! {
    a_verb_that_isnt_offered_is_told_with_those_that_are,
    a_method_that_doesnt_exist_is_not_implemented,
    path_and_verb_come_before_who_asks_and_that_before_what_he_may,
    a_verb_can_be_tunnelled_through_a_post,
}

async fn a_verb_that_isnt_offered_is_told_with_those_that_are(world: World) {
    let master = world.master().await;
    for (method, path, allow) in [
        ("PATCH", "/v2/about", "OPTIONS, GET"),
        ("GET", "/v2/user_auth", "OPTIONS, PUT"),
        ("DELETE", "/v2/user_auth", "OPTIONS, PUT"),
        ("PUT", "/v2/token_auth", "OPTIONS, GET, DELETE"),
        ("GET", "/v2/user_auth/recovery", "OPTIONS, PUT, POST"),
    ] {
        for api in [&world.api, &master.api] {
            let answer = api.send(method, path, None).await;
            answer.is_error(405, "invalid_method", json!({ "message": "method not allowed" }));
            assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
            assert_eq!(answer.header("access-control-allow-methods"), Some(allow), "{method} {path}");
        }
    }
    let app = master.at("/apps_store/abc");
    let answer = master.api.patch(&app, json!({})).await.is(405);
    assert_eq!(answer.header("allow"), Some("OPTIONS, GET, PUT, POST, DELETE"));
    // Without an origin it's no preflight.
    let answer = world.api.send("OPTIONS", "/v2/about", None).await;
    answer.is_error(405, "invalid_method", json!({ "message": "method not allowed" }));
}

async fn a_method_that_doesnt_exist_is_not_implemented(world: World) {
    world.api.send("FOO", "/v2/about", None).await.is_bare(501);
    world.master().await.api.send("TRACE", "/v2/about", None).await.is_bare(501);
}

async fn path_and_verb_come_before_who_asks_and_that_before_what_he_may(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    // A body that can't be read is the first thing of all.
    let broken = world.api.raw("PUT", "/v2/nosuch", Some("application/json"), "{").await;
    assert_eq!(broken.json()["message"], "validation error");
    for api in [&world.api, &world.api.token("garbage")] {
        api.get(&one.at("/nosuch")).await.is_not_found();
        assert_eq!(api.put(&one.at("/about"), json!({})).await.status, 405);
        api.get(&one.at("")).await.is_unauthorized();
        api.get(&one.at("/users/nosuch")).await.is_unauthorized();
        api.put(&one.at("/users"), json!([])).await.is_unauthorized();
    }
    other.api.get(&one.at("/nosuch")).await.is_not_found();
    assert_eq!(other.api.put(&one.at("/about"), json!({})).await.status, 405);
    other.api.get(&one.at("/users/nosuch")).await.is_forbidden();
    other.api.put(&one.at("/users"), json!([])).await.is_forbidden();
    other.api.with("accept", "text/html").get(&one.at("/users")).await.is_forbidden();
    one.api.with("accept", "text/html").get(&one.at("/users/nosuch")).await.is_bare(406);
}

async fn a_verb_can_be_tunnelled_through_a_post(world: World) {
    let master = world.master().await;
    let login = json!({ "credentials": crate::support::client::md5("admin", "secret123"), "account_name": "Master Co." });
    world.api.post("/v2/user_auth?verb=PUT", login.clone()).await.is(201);
    world.api.post("/v2/user_auth?verb=put", login.clone()).await.is(201);
    world.api.send("POST", "/v2/user_auth", Some(json!({ "verb": "PUT", "data": login }))).await.is(201);
    let shown = master.api.send("POST", &master.at(""), Some(json!({ "verb": "GET", "data": {} }))).await.is(200);
    assert_eq!(shown.data()["id"], master.account_id);
    // Not this way, not to what isn't offered, and never from a GET to something that writes.
    world.api.with("x-http-method-override", "PUT").post("/v2/user_auth", login.clone()).await.is(405);
    master.api.post("/v2/about?verb=DELETE", json!({})).await.is(405);
    master.api.post("/v2/about?verb=FOO", json!({})).await.is(405);
    let user = master.at(&format!("/users/{}", master.user_id));
    master.api.get(&format!("{user}?verb=DELETE")).await.is(200);
    master.api.get(&user).await.is(200);
}
