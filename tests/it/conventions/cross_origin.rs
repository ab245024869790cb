//! Pages from another host, which is how Monster UI is served.

use serde_json::json;

use crate::support::{client::Api, world::World};

on_every_world! {
    a_preflight_is_answered_whoever_asks,
    answers_to_pages_from_elsewhere_may_be_read_by_them,
}

fn preflight(api: &Api, method: &str) -> Api {
    api.with("origin", "http://ui.example")
        .with("access-control-request-method", method)
        .with("access-control-request-headers", "x-auth-token, content-type")
}

async fn a_preflight_is_answered_whoever_asks(world: World) {
    let master = world.master().await;
    let nobody = format!("/v2/accounts/{}", "f".repeat(32));
    for (path, method, methods) in [
        ("/v2/user_auth", "PUT", "OPTIONS, PUT"),
        // What isn't offered is promised all the same: the request itself is refused, and says why.
        ("/v2/about?_=17", "PATCH", "PATCH, OPTIONS, GET"),
        (&master.at("/apps_store"), "PUT", "PUT, OPTIONS, GET"),
        (&master.at("/apps_store/abc"), "DELETE", "OPTIONS, GET, PUT, POST, DELETE"),
        (&format!("{nobody}/users"), "GET", "OPTIONS, GET, PUT"),
    ] {
        let answer = preflight(&world.api, method).send("OPTIONS", path, None).await;
        answer.is_bare(200);
        for (header, value) in
            [("access-control-allow-origin", "*"), ("access-control-allow-methods", methods), ("access-control-max-age", "86400")]
        {
            assert_eq!(answer.header(header), Some(value), "{path}");
        }
        let allowed = answer.header("access-control-allow-headers").unwrap();
        for name in ["content-type", "x-auth-token", "if-match", "x-kazoo-cluster-id"] {
            assert!(allowed.split(", ").any(|header| header == name), "{allowed}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    // A token that isn't good, and a path that isn't known below a noun, don't matter.
    for path in [master.at(""), master.at("/users/a/nosuch")] {
        preflight(&world.api.token("garbage"), "PUT").send("OPTIONS", &path, None).await.is_bare(200);
    }
    preflight(&world.api, "GET").send("OPTIONS", "/v2/nosuch", None).await.is_unauthorized();
}

async fn answers_to_pages_from_elsewhere_may_be_read_by_them(world: World) {
    let master = world.master().await;
    let from = |api: &Api| api.with("origin", "http://ui.example");
    let icon = format!("/v2/apps_store/{}/icon", world.app("accounts").await);
    for answer in [
        from(&master.api).get("/v2/about").await.is(200),
        from(&world.api).get(&icon).await.is(200),
        from(&world.api).get("/v2/about").await.is(401),
        from(&master.api).put("/v2/about", json!({})).await.is(405),
        from(&master.api).with("accept", "text/html").get("/v2/about").await.is(406),
        world.api.get("/v2/about").await.is(401),
    ] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{}", answer.status);
        assert!(answer.header("access-control-expose-headers").unwrap().contains("x-request-id"), "{}", answer.status);
    }
}
