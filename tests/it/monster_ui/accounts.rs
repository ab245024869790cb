//! The accounts app: the list, an account's page, the wizard for a new one, acting in it, removing it.

use serde_json::{Value, json};

use super::browser::{Browser, reads, reads_account, reads_user};
use crate::support::world::{Session, World};

on_every_world! {
    the_list_of_accounts_opens_and_scrolls,
    an_account_is_searched,
    an_accounts_page_opens,
    the_wizard_makes_an_account,
    a_reseller_acts_in_a_customers_account,
    an_account_is_promoted_and_demoted,
    an_account_is_removed,
    an_operator_becomes_a_customers_user,
}

/// A reseller with customers, logged in in a browser.
async fn reseller(world: &World) -> (Session, Browser) {
    let master = world.master().await;
    let reseller = world.account(&master, "Reseller").await;
    master.api.put(&reseller.at("/reseller"), json!({})).await.is(201);
    (reseller, Browser::logged_in(world, "Reseller", "boss").await)
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

async fn the_list_of_accounts_opens_and_scrolls(world: World) {
    let (reseller, browser) = reseller(&world).await;
    let alpha = world.account(&reseller, "Alpha").await;
    for name in ["Beta", "gamma", "Délta"] {
        reseller.api.put(&reseller.at(""), json!({ "name": name })).await.is(201);
    }
    world.account(&alpha, "Below Alpha").await;
    let list = browser.get(&browser.own("/children?ascending=true")).await;
    assert_eq!(names(&list["data"]), ["Alpha", "Beta", "Délta", "gamma"]);
    for row in list["data"].as_array().unwrap() {
        reads(row, &["id", "name", "realm", "descendants_count"]);
    }
    // The arrow that opens a level.
    assert_eq!(list["data"][0]["descendants_count"], 1);
    let below = browser.get(&format!("/accounts/{}/children?ascending=true", alpha.account_id)).await;
    assert_eq!(names(&below["data"]), ["Below Alpha"]);
    let back = browser.get(&format!("/accounts/{}/tree", alpha.account_id)).await;
    assert_eq!(back["data"][0]["id"], reseller.account_id);
    reads(&back["data"][0], &["id", "name"]);

    // Scrolling: a page after the other, none twice.
    let mut seen = Vec::new();
    let mut path = browser.own("/children?ascending=true&page_size=3");
    loop {
        let page = browser.get(&path).await;
        seen.extend(names(&page["data"]).into_iter().map(str::to_owned));
        let Some(next) = page["next_start_key"].as_str() else { break };
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        path = browser.own(&format!("/children?ascending=true&page_size=3&start_key={next}"));
    }
    assert_eq!(seen, ["Alpha", "Beta", "Délta", "gamma"]);
}

async fn an_account_is_searched(world: World) {
    let (reseller, browser) = reseller(&world).await;
    let made = reseller.api.put(&reseller.at(""), json!({ "name": "Blue Fox", "realm": "fox.example.com" })).await.is(201).data();
    let id = made["id"].as_str().unwrap();
    world.account(&world.master().await, "Blue Whale").await;
    for (name, realm, by_id) in [("Blue", "Blue", "Blue"), ("fox.ex", "fox.ex", "fox.ex"), (id, id, id)] {
        let found = browser.get(&format!("/search/multi?t=account&by_name={name}&by_realm={realm}&by_id={by_id}")).await;
        // An object of lists, put together by the page.
        let mut ids: Vec<&str> = found["data"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|list| list.as_array().unwrap())
            .map(|row| {
                reads(row, &["id", "name", "realm", "descendants_count"]);
                row["id"].as_str().unwrap()
            })
            .collect();
        ids.dedup();
        assert_eq!(ids, [id], "{name}: {found}");
    }
}

async fn an_accounts_page_opens(world: World) {
    let (reseller, browser) = reseller(&world).await;
    let customer = world.account(&reseller, "Customer").await;
    let at = |path: &str| format!("/accounts/{}{path}", customer.account_id);
    // A dozen at once; without one of them there's no page.
    reads_account(&browser.get(&at("")).await);
    let users = browser.get(&at("/users")).await["data"].clone();
    for user in users.as_array().unwrap() {
        reads(user, &["id", "first_name", "last_name", "username", "priv_level"]);
    }
    assert_eq!(browser.get(&at("/limits")).await["data"], json!({}));
    assert_eq!(browser.get(&at("/phone_numbers/classifiers")).await["data"], json!({}));
    assert_eq!(browser.get(&at("/ledgers/total")).await["data"], json!({ "amount": 0 }));
    assert_eq!(browser.get(&at("/callflows?filter_numbers=no_match")).await["data"], json!([]));
    let flow = json!({ "numbers": ["no_match"], "flow": { "module": "offnet", "data": {}, "children": {} } });
    let made = browser.put(&at("/callflows"), flow).await["data"].clone();
    reads(&made, &["id", "numbers", "flow.module", "flow.data", "flow.children"]);
    assert_eq!(browser.get(&at("/apps_store/blacklist")).await["data"]["blacklist"], json!([]));
    assert_eq!(names(&browser.get(&at("/tree")).await["data"]), ["Reseller"]);
    assert_eq!(browser.get(&at("/multi_factor")).await["data"], json!({ "multi_factor_providers": [] }));
    assert_eq!(browser.get(&at("/security")).await["data"], json!({}));
    let theirs = format!("/accounts/{}/users?paginate=false", reseller.account_id);
    assert!(browser.get(&theirs).await["data"].is_array());
}

async fn the_wizard_makes_an_account(world: World) {
    let (reseller, browser) = reseller(&world).await;
    browser.try_get(&browser.own("/service_plans?paginate=false")).await.is_tolerated();
    browser.get(&browser.own("/users?paginate=false")).await;
    browser.get(&browser.own("/phone_numbers/classifiers")).await;
    let parent = browser.get(&browser.own("")).await["data"].clone();
    let new = json!({
        "name": "Wizard's", "realm": "", "timezone": parent["timezone"], "language": "en-US",
        "contact": { "technical": { "email": "t@example.com" }, "billing": { "email": "b@example.com", "name": "B. Ill" } },
        "call_restriction": { "tollfree_us": { "action": "inherit" } },
        "ui_restrictions": { "myaccount": { "account": { "show_tab": true } } },
        "contract": { "representative": { "account_id": reseller.account_id, "user_id": reseller.user_id, "name": "R" } },
    });
    let made = browser.put(&browser.own(""), new.clone()).await["data"].clone();
    reads(&made, &["id", "reseller_id", "realm"]);
    assert_eq!(made["reseller_id"], reseller.account_id);
    for key in ["name", "timezone", "language", "contact", "call_restriction", "ui_restrictions", "contract"] {
        assert_eq!(made[key], new[key], "{key}");
    }
    let at = |path: &str| format!("/accounts/{}{path}", made["id"].as_str().unwrap());
    let apps = browser.get(&at("/apps_store")).await["data"].clone();
    let app = apps.as_array().unwrap().iter().find(|app| app["name"] == "reports").unwrap()["id"].clone();
    let blacklist = browser.post(&at("/apps_store/blacklist"), json!({ "blacklist": [app] })).await;
    assert_eq!(blacklist["data"]["blacklist"], json!([app]));
    let mut limits = browser.get(&at("/limits")).await["data"].clone();
    limits["twoway_trunks"] = json!(0);
    limits["allow_prepay"] = json!(true);
    browser.post(&at("/limits"), limits).await;
    browser.put(&at("/callflows"), json!({ "numbers": ["no_match"], "flow": { "module": "offnet" } })).await;
    let admin = json!({
        "first_name": "Ada", "last_name": "Min", "username": "Ada@Example.com", "email": "Ada@Example.com",
        "password": "S3cret-word", "priv_level": "admin", "send_email_on_creation": false,
    });
    let body = json!({ "data": admin, "accept_charges": true });
    let user = reseller.api.send("PUT", &format!("/v2{}", at("/users")), Some(body)).await.is(201).data();
    reads_user(&user);
    let login = browser.log_in("wizards", "ada@example.com", "S3cret-word").await;
    assert_eq!(login["data"]["account_id"], made["id"]);
    // What isn't to be had isn't shown to him.
    let ada = Browser { token: login["auth_token"].as_str().unwrap().to_owned(), ..browser.clone() };
    assert!(!ada.get(&at("/apps_store")).await["data"].as_array().unwrap().iter().any(|one| one["id"] == app));
    // Twice is once too often, and says why.
    let refused = browser.write("PUT", &browser.own(""), new).await;
    refused.is_error(400, "validation error");
    reads(&refused.body["data"], &["name.unique.message"]);
}

async fn a_reseller_acts_in_a_customers_account(world: World) {
    let (reseller, browser) = reseller(&world).await;
    let customer = world.account(&reseller, "Customer").await;
    // No request says so: its paths just name the other account, with the same token.
    let acting = Browser { account_id: customer.account_id.clone(), ..browser.clone() };
    reads_account(&acting.get(&acting.own("")).await);
    let apps = acting.get(&acting.own("/apps_store")).await["data"].clone();
    let id = apps.as_array().unwrap().iter().find(|app| app["name"] == "reports").unwrap()["id"].as_str().unwrap().to_owned();
    acting.image(&acting.own(&format!("/apps_store/{id}/icon"))).await;
    assert!(acting.get(&acting.own("/users?paginate=false")).await["data"].is_array());
    acting.put(&acting.own(&format!("/apps_store/{id}")), json!({ "allowed_users": "all", "users": [] })).await;
    let theirs = Browser::logged_in(&world, "Customer", "boss").await;
    let apps = theirs.get(&theirs.own("/apps_store")).await["data"].clone();
    assert!(apps.as_array().unwrap().iter().any(|app| app["id"] == *id && app["allowed_users"] == "all"));
}

async fn an_account_is_promoted_and_demoted(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let mut browser = Browser::new(&world);
    let [name, _, user, password] = crate::support::world::MASTER;
    let login = browser.log_in(name, user, password).await;
    browser.keep(&login);
    let path = format!("/accounts/{}/reseller", child.account_id);
    assert_eq!(browser.put(&path, json!({})).await["data"]["is_reseller"], true);
    assert_eq!(browser.delete(&path).await["data"]["is_reseller"], false);
}

async fn an_account_is_removed(world: World) {
    let (reseller, browser) = reseller(&world).await;
    let customer = world.account(&reseller, "Customer").await;
    let below = world.account(&customer, "Below").await;
    let path = |session: &Session| format!("/accounts/{}", session.account_id);
    // The page has a text of its own for this one.
    let refused = browser.write("DELETE", &path(&customer), json!({})).await;
    refused.is_error(409, "account_has_descendants");
    for gone in [&below, &customer] {
        assert_eq!(browser.delete(&path(gone)).await["data"]["id"], gone.account_id);
        browser.try_get(&path(gone)).await.is_error(404, "bad_identifier");
        gone.api.get(&gone.at("")).await.is(404);
    }
    assert_eq!(browser.get(&browser.own("/children?ascending=true")).await["data"], json!([]));
    // Its name and realm can be had again.
    browser.put(&browser.own(""), json!({ "name": "Customer" })).await;
}

async fn an_operator_becomes_a_customers_user(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let mut browser = Browser::new(&world);
    let [name, _, user, password] = crate::support::world::MASTER;
    let login = browser.log_in(name, user, password).await;
    browser.keep(&login);
    let path = format!("/accounts/{}/users/{}/user_auth", child.account_id, child.user_id);
    let became = browser.put(&path, json!({ "action": "impersonate_user" })).await;
    browser.keep(&became);
    assert_eq!((&browser.account_id, &browser.user_id), (&child.account_id, &child.user_id));
    reads_user(&browser.get(&browser.me()).await["data"]);
}
