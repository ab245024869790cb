//! From the first page to the apps: what is asked before a login, the login, and what follows it.

use serde_json::{Value, json};
use storefront::store::{Query, View};

use super::browser::{Browser, reads, reads_account, reads_user};
use crate::support::world::{MASTER, PASSWORD, World, account_db};

on_every_world! {
    a_page_without_a_session_is_drawn,
    a_user_logs_in_and_gets_to_the_apps,
    a_cookie_brings_a_session_back,
    a_wrong_password_is_told,
    a_forgotten_password_is_replaced,
    a_session_that_ended_is_begun_again,
    a_session_that_goes_on_is_never_told_that_it_ended,
}

async fn a_page_without_a_session_is_drawn(world: World) {
    let browser = Browser::new(&world);
    for path in ["/whitelabel/ui.example.com", "/whitelabel/ui.example.com/logo", "/whitelabel/ui.example.com/icon"] {
        // There's no brand: the page takes its own. What it mustn't get is no answer.
        browser.try_get(path).await.is_error(404, "bad_identifier");
    }
}

async fn a_user_logs_in_and_gets_to_the_apps(world: World) {
    world.account(&world.master().await, "Child & Sons").await;
    let mut browser = Browser::new(&world);
    // However it's typed.
    let login = browser.log_in(" child&SONS", "Boss", PASSWORD).await;
    browser.keep(&login);
    browser.try_get(&browser.own("/external_numbers")).await.is_tolerated();
    let account = browser.get(&browser.own("")).await;
    reads_account(&account);
    assert_eq!(account["data"]["enabled"], true);
    let user = browser.get(&browser.me()).await["data"].clone();
    reads_user(&user);
    assert_eq!(user["require_password_update"], false);

    let apps = browser.get(&browser.own("/apps_store")).await["data"].clone();
    for app in apps.as_array().unwrap() {
        reads(app, &["id", "name", "i18n.en-US.label", "i18n.en-US.description", "tags", "api_url", "account_id"]);
        assert_eq!(app["masqueradable"], app["name"] != "port", "{app}");
        // For its popup, which asks no more.
        reads(app, &["screenshots", "author", "version", "license", "price"]);
        assert!(app.get("allowed_users").is_none(), "not installed: {app}");
        let words = app["name"].as_str().unwrap().split('-');
        assert!(words.clone().all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())), "{app}");
    }

    // What he may have becomes his list, and the answer the page's idea of him.
    let ids: Vec<Value> = apps.as_array().unwrap().iter().map(|app| app["id"].clone()).collect();
    let whole = browser.patch(&browser.me(), json!({ "appList": ids })).await["data"].clone();
    reads_user(&whole);
    assert_eq!(whole["appList"], json!(ids));
    assert_eq!(whole["priv_level"], "admin");
    assert_eq!(browser.get(&browser.me()).await["data"]["appList"], json!(ids));

    browser.try_get(&browser.own("/braintree/customer")).await.is_tolerated();
    // The first login of an account writes the account: the whole document, and what its pages may show.
    let account = browser.get(&browser.own("")).await;
    assert!(account["data"].get("ui_restrictions").is_none());
    let mut form = stripped(&account["data"]);
    form["ui_restrictions"] = json!({ "myaccount": { "account": { "show_tab": true }, "balance": { "show_tab": true } } });
    let written = browser.post(&browser.own(""), form.clone()).await;
    reads_account(&written);
    for key in ["id", "name", "realm", "timezone", "ui_restrictions"] {
        assert_eq!(written["data"][key], form[key], "{key}");
    }
    assert_eq!(browser.get(&browser.own("")).await["data"]["ui_restrictions"], form["ui_restrictions"]);

    let alerts = browser.get(&browser.own("/alerts")).await;
    assert_eq!(alerts["data"], json!([]));
    // The greeting: without these the launcher stays closed.
    reads(&browser.get(&browser.own("/ledgers/total")).await["data"], &["amount"]);
    browser.get(&browser.own("/limits")).await;
    let mut user = browser.get(&browser.me()).await["data"].clone();
    user["ui_help"] = json!({ "myaccount": { "showfirstUseWalkthrough": false } });
    let written = browser.post(&browser.me(), user.clone()).await["data"].clone();
    reads_user(&written);
    assert_eq!((&written["ui_help"], &written["appList"]), (&user["ui_help"], &user["appList"]));
    // A whole user without a password keeps his.
    assert!(browser.log_in("childsons", "boss", PASSWORD).await["auth_token"].is_string());
}

/// What is left of an account when the page posts it back.
fn stripped(account: &Value) -> Value {
    let mut account = account.clone();
    for key in ["billing_mode", "superduper_admin", "wnm_allow_additions", "created", "is_reseller", "reseller_id"] {
        account.as_object_mut().unwrap().remove(key);
    }
    account
}

async fn a_cookie_brings_a_session_back(world: World) {
    world.account(&world.master().await, "Child").await;
    let browser = Browser::logged_in(&world, "Child", "boss").await;
    let info = browser.send_bare("POST", "/auth/tokeninfo", json!({ "token": browser.token })).await;
    reads(&info["data"], &["account_id", "owner_id", "language", "is_reseller", "reseller_id", "account_name"]);
    assert_eq!((&info["data"]["account_id"], &info["data"]["owner_id"]), (&json!(browser.account_id), &json!(browser.user_id)));
    // One that's no good brings the form back.
    for token in ["", "undefined", "a.b.c"] {
        let refused = browser.write("POST", "/auth/tokeninfo", json!({ "token": token })).await;
        assert!((400..500).contains(&refused.status), "{token}: {} {}", refused.status, refused.body);
    }
}

async fn a_wrong_password_is_told(world: World) {
    world.account(&world.master().await, "Child").await;
    let browser = Browser::new(&world);
    let mut refusals = Vec::new();
    for (account, user) in [("Child", "boss"), ("Child", "nobody"), ("No such account", "boss")] {
        let credentials = crate::support::client::md5(user, "wrong");
        let refused = browser.write("PUT", "/user_auth", json!({ "credentials": credentials, "account_name": account })).await;
        refused.is_error(401, "invalid_credentials");
        // Without this its form would stay mute.
        assert_eq!(refused.body["data"], json!({ "message": "invalid credentials" }));
        refusals.push(refused.body["data"].clone());
    }
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]));
}

async fn a_forgotten_password_is_replaced(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let mut browser = Browser::new(&world);
    // The operator has used it before.
    let [operator, _, admin, password] = MASTER;
    browser.log_in(operator, admin, password).await;
    child.api.patch(&child.at(&format!("/users/{}", child.user_id)), json!({ "email": "boss@example.com" })).await.is(200);
    let asked = json!({ "username": "boss", "account_name": "Child", "ui_url": "http://ui.example.com/#/" });
    let said = browser.write("PUT", "/user_auth/recovery", asked).await;
    assert!((200..300).contains(&said.status), "{}", said.body);
    // The link in the mail leads back.
    let reset_id = reset_id(&world, &child.account_id).await;
    let login = browser.post("/user_auth/recovery", json!({ "reset_id": reset_id })).await;
    browser.keep(&login);
    assert_eq!(browser.user_id, child.user_id);
    let user = browser.get(&browser.me()).await["data"].clone();
    assert_eq!(user["require_password_update"], true);
    let mut form = user;
    form["password"] = json!("Another-1");
    form["confirm_password"] = json!("Another-1");
    form["require_password_update"] = json!(false);
    let written = browser.post(&browser.me(), form).await;
    reads_user(&written["data"]);
    assert!(browser.log_in("Child", "boss", "Another-1").await["auth_token"].is_string());
    // A link is good once.
    browser.write("POST", "/user_auth/recovery", json!({ "reset_id": reset_id })).await.is_error(400, "validation error");
}

/// The id of the only password reset there is.
async fn reset_id(world: &World, account_id: &str) -> String {
    let store = world.documents();
    let months = store.databases(&format!("{}-", account_db(account_id).as_str())).await.unwrap();
    for db in months {
        for row in store.view(&db, View::ALL_DOCS, &Query::default().with_docs()).await.unwrap() {
            if row.doc.is_some_and(|doc| doc.get("pvt_type").is_some_and(|kind| kind == "password_reset")) {
                return row.id.unwrap();
            }
        }
    }
    panic!("no reset");
}

async fn a_session_that_ended_is_begun_again(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let mut browser = Browser::logged_in(&world, "Child", "boss").await;
    // It ended elsewhere.
    child.api.delete("/v2/token_auth").await.is(200);
    world.api.token(&browser.token).delete("/v2/token_auth").await.is(200);
    browser.try_get(&browser.own("")).await.is_error(401, "invalid_credentials");
    // The page logs in with what its cookie has, and asks once more.
    let again = browser.log_in("Child", "boss", PASSWORD).await;
    browser.keep(&again);
    reads_account(&browser.get(&browser.own("")).await);
}

async fn a_session_that_goes_on_is_never_told_that_it_ended(world: World) {
    let master = world.master().await;
    let (child, other) = (world.account(&master, "Child").await, world.account(&master, "Other").await);
    for path in [
        child.at("/external_numbers"),
        child.at("/nosuch"),
        "/v2/nosuch".to_owned(),
        "/v2/search/multi?t=account".to_owned(),
        child.at("/users/nosuch"),
        child.at("/braintree/customer"),
        child.at("/service_plans?paginate=false"),
        other.at(""),
        other.at("/apps_store"),
        other.at("/limits"),
        other.at("/alerts"),
        master.at("/nosuch"),
        format!("/v2/accounts/{}", "f".repeat(32)),
        "/v2/about".to_owned(),
        "/v2/apps_store/marketplace".to_owned(),
    ] {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let answer = child.api.send(method, &path, None).await;
            assert!([200, 400, 403, 404, 405].contains(&answer.status), "{method} {path}: {}", answer.text());
        }
    }
    // A refusal has what its dialogs read.
    let unknown = world.api.token("undefined").put("/v2/user_auth/recovery", json!({ "username": "x" })).await.is(400).json();
    assert!(unknown["data"]["ui_url"]["required"]["message"].is_string() && unknown["request_id"].is_string());
}
