//! What Monster UI can't do without and Storefront doesn't have.

use serde_json::json;

use crate::support::{
    client::Api,
    process::Server,
    world::{Session, World},
};

on_every_world! {
    companions_answer_that_there_is_nothing,
    companions_are_for_whoever_may_read_the_account,
    without_companions_nothing_is_there,
    a_store_that_a_kazoo_may_share_has_no_companions_unless_asked,
}

const PATHS: [&str; 8] = [
    "/limits",
    "/ledgers/total",
    "/callflows",
    "/callflows/1",
    "/phone_numbers/classifiers",
    "/multi_factor",
    "/security",
    "/external_numbers",
];

/// A server with these arguments, and a client of it with a session's token.
fn serve(world: &World, arguments: &[&str], session: &Session) -> (Server, Api) {
    let server = Server::start([&["--store", &world.store, "serve", "--listen", "127.0.0.1:0"], arguments].concat());
    let api = Api::new(server.url()).token(&session.token);
    (server, api)
}

async fn companions_answer_that_there_is_nothing(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let (_server, api) = serve(&world, &["--companions"], &child);
    for (path, answer) in [
        ("/limits", json!({})),
        ("/ledgers/total", json!({ "amount": 0 })),
        ("/callflows?filter_numbers=no_match", json!([])),
        ("/phone_numbers/classifiers", json!({})),
        ("/multi_factor", json!({ "multi_factor_providers": [] })),
        ("/security", json!({})),
        ("/external_numbers", json!([])),
    ] {
        let shown = api.get(&child.at(path)).await.is(200);
        assert_eq!((shown.data(), shown.header("content-type")), (answer, Some("application/json")), "{path}");
    }
    api.post(&child.at("/limits"), json!({ "twoway_trunks": 3 })).await.is(200);
    let made = api.put(&child.at("/callflows"), json!({ "numbers": ["no_match"], "flow": {} })).await.is(201).data();
    assert_eq!(made["numbers"], json!(["no_match"]));
    assert_eq!(made["flow"], json!({ "module": "offnet", "data": {}, "children": {} }));
    let shown = api.get(&child.at(&format!("/callflows/{}", made["id"].as_str().unwrap()))).await.is(200).data();
    assert_eq!(shown, made);
    // Nothing else is there.
    api.put(&child.at("/limits"), json!({})).await.is(405);
    api.delete(&child.at("/callflows/1")).await.is(405);
    for path in ["/ledgers", "/ledgers/total/x", "/phone_numbers", "/limits/x", "/callflows/1/x"] {
        api.get(&child.at(path)).await.is_not_found();
    }
}

async fn companions_are_for_whoever_may_read_the_account(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let other = world.account(&master, "Other").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let (_server, api) = serve(&world, &["--companions", "true"], &paul);
    for path in PATHS {
        api.get(&child.at(path)).await.is(200);
        Api::new(api.url.clone()).token(&other.token).get(&child.at(path)).await.is_forbidden();
        Api::new(api.url.clone()).get(&child.at(path)).await.is_unauthorized();
        Api::new(api.url.clone()).token(&master.token).get(&child.at(path)).await.is(200);
    }
    api.post(&child.at("/limits"), json!({})).await.is_forbidden();
    api.put(&child.at("/callflows"), json!({})).await.is_forbidden();
}

async fn without_companions_nothing_is_there(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let (_server, api) = serve(&world, &["--companions=false"], &child);
    for path in PATHS {
        api.get(&child.at(path)).await.is_not_found();
    }
    api.post(&child.at("/limits"), json!({})).await.is_not_found();
}

async fn a_store_that_a_kazoo_may_share_has_no_companions_unless_asked(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let (_server, api) = serve(&world, &[], &child);
    let expected = if world.store.starts_with("embedded:") { 200 } else { 404 };
    for path in PATHS {
        api.get(&child.at(path)).await.is(expected);
    }
}
