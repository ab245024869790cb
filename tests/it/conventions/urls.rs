//! What a URL means.

use serde_json::json;

use crate::support::world::World;

on_every_world! {
    a_path_without_a_version_shows_a_banner,
    any_version_but_the_first_is_the_api,
    slashes_at_the_end_dont_count_and_double_ones_do,
    a_path_that_leads_nowhere_is_unauthorized_without_a_token_and_not_found_with_one,
    an_account_id_must_be_one,
    account_is_the_callers_own,
}

async fn a_path_without_a_version_shows_a_banner(world: World) {
    for path in ["/", "/favicon.ico", "/about", "/vx/about", "/v/about"] {
        let answer = world.api.get(path).await.is(200);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=UTF-8"), "{path}");
        assert!(answer.text().contains("/v2"), "{path}");
    }
    assert_eq!(world.api.send("OPTIONS", "/", None).await.status, 200);
}

async fn any_version_but_the_first_is_the_api(world: World) {
    let master = world.master().await;
    for path in ["/v2/about", "/v3/about", "/v10/about"] {
        assert_eq!(master.api.get(path).await.data()["version"], "5.0.0", "{path}");
    }
    let gone = json!("API version 1 is not supported. Please upgrade your code to use version 2.");
    master.api.get("/v1/about").await.is_error(410, "gone", gone.clone());
    world.api.raw("PUT", "/v1/user_auth", Some("application/json"), "{").await.is_error(410, "gone", gone);
}

async fn slashes_at_the_end_dont_count_and_double_ones_do(world: World) {
    let master = world.master().await;
    for slashes in ["", "/", "///"] {
        master.api.get(&format!("/v2/about{slashes}")).await.is(200);
        master.api.get(&format!("{}{slashes}", master.at("/users"))).await.is(200);
    }
    master.api.get("/v2//about").await.is_bare(404);
    let missing = json!({ "message": "missing account_id" });
    master.api.get("/v2/accounts//users").await.is_error(404, "bad identifier", missing);
    for escape in ["%zz", "%", "%4", "%ff"] {
        master.api.get(&format!("/v2/accounts/{escape}")).await.is_bare(400);
    }
}

async fn a_path_that_leads_nowhere_is_unauthorized_without_a_token_and_not_found_with_one(world: World) {
    let master = world.master().await;
    let other = world.account(&master, "Other").await;
    for path in ["/v2", "/v2/", "/v2/nosuch", "/v2/nosuch/abc"] {
        world.api.get(path).await.is_unauthorized();
        world.api.put(path, json!({})).await.is_unauthorized();
        other.api.get(path).await.is_not_found();
        master.api.get(path).await.is_bare(404);
        master.api.put(path, json!({})).await.is_not_found();
    }
    for path in ["/nosuch", "/nosuch/1234", "/users/abc/nosuch", "/about/extra", "/apps_store/abc/nosuch", "/apps_store/a/b/c/d"]
    {
        for api in [&world.api, &other.api, &master.api] {
            api.get(&other.at(path)).await.is_not_found();
        }
    }
}

async fn an_account_id_must_be_one(world: World) {
    let master = world.master().await;
    let long = "a".repeat(500);
    for id in ["abc", "a%20b", "account%2F0a%2F1b%2F2c3d4e5f60718293a4b5c6d7e8f9", long.as_str()] {
        let decoded = id.replace("%20", " ").replace("%2F", "/");
        let invalid = json!({ "message": format!("invalid account_id '{decoded}'") });
        master.api.get(&format!("/v2/accounts/{id}")).await.is_error(404, "bad identifier", invalid.clone());
        world.api.get(&format!("/v2/accounts/{id}/users")).await.is_error(404, "bad identifier", invalid);
    }
    for id in ["f".repeat(32), "x".repeat(32), master.account_id.to_uppercase()] {
        let unknown = json!({ "cause": id, "message": "bad identifier" });
        for api in [&master.api, &world.api, &world.api.token("garbage")] {
            api.get(&format!("/v2/accounts/{id}")).await.is_error(404, "bad_identifier", unknown.clone());
        }
    }
}

async fn account_is_the_callers_own(world: World) {
    let master = world.master().await;
    assert_eq!(master.api.get("/v2/account").await.data()["id"], master.account_id);
    assert_eq!(master.api.get("/v2/account/users").await.data()[0]["id"], master.user_id);
    world.api.get("/v2/account").await.is_error(401, "invalid credentials", json!({}));
}
