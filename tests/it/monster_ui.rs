//! What Monster UI does from its first page to an installed app, call by call.

use serde_json::json;

use crate::support::{
    client::{Api, md5},
    world::{PASSWORD, World},
};

on_every_world! {
    monster_ui_gets_from_its_login_to_an_installed_app,
    monster_ui_is_never_told_that_its_session_is_over_while_it_isnt,
}

/// A call as a browser makes it for the page: asked for beforehand, and with these headers.
async fn call(api: &Api, method: &str, path: &str, data: serde_json::Value) -> serde_json::Value {
    let asked = api
        .with("origin", "http://ui.example")
        .with("access-control-request-method", method)
        .with("access-control-request-headers", "content-type,x-auth-token")
        .send("OPTIONS", path, None)
        .await
        .is(200);
    for (header, wanted) in [("access-control-allow-methods", method), ("access-control-allow-headers", "x-auth-token")] {
        assert!(asked.header(header).unwrap().split(", ").any(|one| one == wanted), "{method} {path}");
    }
    let accept = "application/json, text/javascript, */*; q=0.01";
    let api = api.with("origin", "http://ui.example").with("accept", accept);
    let answer = match method {
        "GET" => api.raw(method, path, Some("application/json"), "").await,
        _ => api.send(method, path, Some(json!({ "data": data }))).await,
    };
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.text());
    answer.json()
}

async fn monster_ui_gets_from_its_login_to_an_installed_app(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let none = json!(null);
    // What precedes a login carries a token that is none.
    let stranger = world.api.token("undefined");
    let login = json!({ "credentials": md5("boss", PASSWORD), "account_name": "  cHiLd" });
    let welcome = call(&stranger, "PUT", "/v2/user_auth", login.clone()).await;
    let token = welcome["auth_token"].as_str().unwrap();
    let (account_id, user_id) = (&welcome["data"]["account_id"], welcome["data"]["owner_id"].as_str().unwrap());
    // It goes into a cookie, together with this.
    let cookie =
        json!({ "language": "en-us", "authToken": token, "accountId": account_id, "credentials": md5("boss", PASSWORD) });
    assert!(cookie.to_string().len() < 4096);

    let api = world.api.token(token);
    let account = call(&api, "GET", &child.at("?_=1700000000000"), none.clone()).await;
    for key in ["superduper_admin", "is_reseller", "reseller_id", "wnm_allow_additions", "enabled", "created"] {
        assert!(!account["metadata"][key].is_null() && !account["data"][key].is_null(), "{key}: {account}");
    }
    assert_eq!(account["version"], "5.0.0");
    let me = child.at(&format!("/users/{user_id}"));
    let user = call(&api, "GET", &format!("{me}?_=17"), none.clone()).await;
    assert_eq!(user["data"]["priv_level"], "admin");
    let apps = call(&api, "GET", &child.at("/apps_store?_=17"), none.clone()).await;
    let app = apps["data"].as_array().unwrap().iter().find(|app| app["name"] == "reports").unwrap();
    // What its popup shows without asking again.
    for key in ["screenshots", "author", "version", "license", "price", "i18n"] {
        assert!(!app[key].is_null(), "{key}: {app}");
    }
    assert_eq!((&app["masqueradable"], app.get("allowed_users")), (&json!(true), None));
    let id = app["id"].as_str().unwrap();
    // Images come without headers.
    for path in [child.at(&format!("/apps_store/{id}/icon")), format!("/v2/apps_store/{id}/screenshot/0")] {
        let image = world.api.get(&format!("{path}?auth_token={token}")).await.is(200);
        assert!(image.header("content-type").unwrap().starts_with("image/"));
    }

    let people = call(&api, "GET", &child.at("/users?paginate=false&_=17"), none).await;
    for user in people["data"].as_array().unwrap() {
        assert!(user["first_name"].is_string() && user["last_name"].is_string() && user["id"].is_string(), "{user}");
    }
    let metadata = json!({ "version": "5.0", "ui": "monster-ui", "origin": "apploader" });
    let permission = json!({ "allowed_users": "specific", "users": [{ "id": user_id }], "ui_metadata": metadata });
    let path = child.at(&format!("/apps_store/{id}"));
    let installed = call(&api, "PUT", &path, permission.clone()).await;
    assert_eq!(installed["data"]["allowed_users"], "specific");
    assert_eq!(installed["data"]["users"], json!([{ "id": user_id }]));
    let list = json!({ "appList": [id], "ui_metadata": metadata });
    // The answer becomes the page's idea of the user: it must be all of him.
    let whole = call(&api, "PATCH", &me, list).await;
    assert_eq!((&whole["data"]["appList"], &whole["data"]["priv_level"]), (&json!([id]), &json!("admin")));
    assert_eq!(call(&api, "GET", &me, json!(null)).await["data"]["appList"], json!([id]));
    call(&api, "POST", &path, json!({ "allowed_users": "all", "users": [], "ui_metadata": metadata })).await;
    call(&api, "DELETE", &path, json!({ "ui_metadata": metadata })).await;
    let apps = call(&api, "GET", &child.at("/apps_store"), json!(null)).await;
    let app = apps["data"].as_array().unwrap().iter().find(|app| app["id"] == id).unwrap();
    assert!(app.get("allowed_users").is_none(), "{app}");
    // The whole user again, as its form has him, stays who he is.
    let mut form = call(&api, "GET", &me, json!(null)).await["data"].clone();
    form["ui_help"] = json!({ "myaccount": { "showfirstUseWalkthrough": false } });
    call(&api, "POST", &me, form).await;
    call(&stranger, "PUT", "/v2/user_auth", login).await;
    api.get(&me).await.is(200);
}

async fn monster_ui_is_never_told_that_its_session_is_over_while_it_isnt(world: World) {
    let master = world.master().await;
    let (child, other) = (world.account(&master, "Child").await, world.account(&master, "Other").await);
    for path in [
        child.at("/external_numbers"),
        child.at("/nosuch"),
        "/v2/nosuch".to_owned(),
        "/v2/search/multi?t=account".to_owned(),
        child.at("/users/nosuch"),
        other.at(""),
        other.at("/apps_store"),
        master.at("/nosuch"),
        format!("/v2/accounts/{}", "f".repeat(32)),
        "/v2/about".to_owned(),
        "/v2/apps_store/marketplace".to_owned(),
    ] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let answer = child.api.send(method, &path, None).await;
            assert!([400, 403, 404, 405].contains(&answer.status), "{method} {path}: {}", answer.text());
        }
    }
    // A refusal has what its dialogs read.
    let refused = world.log_in("Child", "boss", "wrong").await;
    refused.is_unauthorized();
    let unknown = world.api.token("undefined").put("/v2/user_auth/recovery", json!({ "username": "x" })).await.is(400).json();
    assert!(unknown["data"]["ui_url"]["required"]["message"].is_string() && unknown["request_id"].is_string());
}
