//! Who reaches what.

use serde_json::json;

use crate::support::{
    client::Api,
    world::{Session, World},
};

on_every_world! {
    an_account_reaches_itself_and_what_is_below,
    a_plain_user_reads_and_changes_himself,
    strict_rights_can_be_loosened,
    an_account_shows_its_flags_in_data_and_metadata,
    superduper_admins_reach_what_has_no_account,
}

/// Everything that an account may be asked.
async fn statuses(api: &Api, whom: &Session) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in ["", "/users", &format!("/users/{}", whom.user_id), "/apps_store", "/about", "/schemas"] {
        statuses.push(api.get(&whom.at(path)).await.status);
    }
    statuses
}

async fn an_account_reaches_itself_and_what_is_below(world: World) {
    let master = world.master().await;
    let (child, sibling) = (world.account(&master, "Child").await, world.account(&master, "Sibling").await);
    let grandchild = world.account(&child, "Grandchild").await;
    let all = [&master, &child, &sibling, &grandchild];
    for (who, reached) in [
        (&master, vec![&master, &child, &sibling, &grandchild]),
        (&child, vec![&child, &grandchild]),
        (&sibling, vec![&sibling]),
        (&grandchild, vec![&grandchild]),
    ] {
        for whom in all {
            let reaches = reached.iter().any(|one| one.account_id == whom.account_id);
            let status = if reaches { 200 } else { 403 };
            let found = statuses(&who.api, whom).await;
            assert!(found.iter().all(|one| *one == status), "{} {}: {found:?}", who.account_id, whom.account_id);
            let new = json!({ "first_name": "a", "last_name": "b" });
            let made = who.api.put(&whom.at("/users"), new).await;
            assert_eq!(made.status, if reaches { 201 } else { 403 }, "{}", made.text());
            if !reaches {
                made.is_forbidden();
            }
        }
    }
    // What's written from above says by whom.
    let made = child.api.put(&grandchild.at("/users"), json!({ "first_name": "c", "last_name": "d" })).await.is(201).data();
    let doc = world.documents().get(&grandchild.db(), made["id"].as_str().unwrap()).await.unwrap();
    assert_eq!((&doc["pvt_auth_account_id"], &doc["pvt_auth_user_id"]), (&json!(child.account_id), &json!(child.user_id)));
    assert_eq!(doc["pvt_account_id"], grandchild.account_id);
    // A user of one account isn't found in another.
    let elsewhere = grandchild.at(&format!("/users/{}", child.user_id));
    let unknown = json!({ "cause": child.user_id, "message": "bad identifier" });
    child.api.get(&elsewhere).await.is_error(404, "bad_identifier", unknown);
}

async fn a_plain_user_reads_and_changes_himself(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let app = child.at(&format!("/apps_store/{}", world.app("port").await));
    let (own, boss) = (child.at(&format!("/users/{}", paul.user_id)), child.at(&format!("/users/{}", child.user_id)));

    let account = paul.api.get(&child.at("?include_api_key=true")).await.is(200);
    assert_eq!(account.data()["name"], "Child");
    assert!(account.data().get("api_key").is_none());
    assert!(child.api.get(&child.at("?include_api_key=true")).await.data()["api_key"].is_string());
    for path in [&child.at("/apps_store"), &app, &format!("{app}/icon"), &child.at("/users?paginate=false"), &own] {
        paul.api.get(path).await.is(200);
    }
    // The list of his apps that Monster UI keeps.
    let changed = paul.api.patch(&own, json!({ "appList": ["a", "b"], "first_name": "Paul" })).await.is(200).data();
    assert_eq!((&changed["appList"], &changed["priv_level"]), (&json!(["a", "b"]), &json!("user")));
    // Not what makes him more than he is.
    let whole = paul.api.patch(&own, json!({ "priv_level": "admin", "enabled": false })).await.is(200).data();
    assert_eq!((&whole["priv_level"], &whole["enabled"]), (&json!("user"), &json!(true)));
    let mut posted = whole.clone();
    posted["priv_level"] = json!("admin");
    assert_eq!(paul.api.post(&own, posted).await.is(200).data()["priv_level"], "user");

    let (write, nobody) = (json!({ "allowed_users": "all" }), json!({ "first_name": "x", "last_name": "y" }));
    for answer in [
        paul.api.put(&app, write.clone()).await,
        paul.api.post(&app, write.clone()).await,
        paul.api.delete(&app).await,
        paul.api.put(&child.at("/users"), nobody.clone()).await,
        paul.api.patch(&boss, json!({ "first_name": "x" })).await,
        paul.api.post(&boss, nobody.clone()).await,
        paul.api.delete(&boss).await,
        paul.api.delete(&own).await,
        paul.api.put(&child.at(""), json!({ "name": "New" })).await,
        paul.api.put("/v2/accounts", json!({ "name": "New" })).await,
        paul.api.post(&grandchild.at("/apps_store/blacklist"), json!({ "blacklist": [] })).await,
        paul.api.post(&format!("{app}?verb=PUT"), write.clone()).await,
        paul.api.post(&format!("{app}?verb=DELETE"), json!({})).await,
        paul.api.get(&master.at("")).await,
    ] {
        answer.is_forbidden();
    }
    assert!(child.api.get(&app).await.data().get("allowed_users").is_none());
}

async fn strict_rights_can_be_loosened(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let app = child.at(&format!("/apps_store/{}", world.app("port").await));
    paul.api.put(&app, json!({ "allowed_users": "all" })).await.is_forbidden();
    world.sup(&["kapps_config", "set_default", "auth", "user_rights", "kazoo"]).ok();
    paul.api.put(&app, json!({ "allowed_users": "all" })).await.is(201);
    paul.api.delete(&app).await.is(200);
}

async fn an_account_shows_its_flags_in_data_and_metadata(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    for (who, superduper, reseller) in [(&master, true, true), (&child, false, false)] {
        let body = who.api.get(&who.at("")).await.is(200).json();
        for place in ["data", "metadata"] {
            assert_eq!(body[place]["superduper_admin"], superduper, "{body}");
            assert_eq!(body[place]["is_reseller"], reseller, "{body}");
            assert_eq!(body[place]["reseller_id"], master.account_id, "{body}");
            assert_eq!(body[place]["enabled"], true, "{body}");
            assert!(body[place]["created"].is_u64() && body[place]["wnm_allow_additions"].is_boolean(), "{body}");
            assert!(body[place]["billing_mode"].is_string(), "{body}");
        }
        assert_eq!(body["data"]["id"], who.account_id);
    }
}

async fn superduper_admins_reach_what_has_no_account(world: World) {
    let master = world.master().await;
    let clerk = world.user(&master, &master.account_id, "Master Co.", "clerk", "user").await;
    let child = world.account(&master, "Child").await;
    master.api.get("/v2/about").await.is(200);
    child.api.get("/v2/about").await.is_forbidden();
    world.api.get("/v2/about").await.is_unauthorized();
    // Every user of the account, to read.
    clerk.api.get("/v2/about").await.is(200);
    clerk.api.get(&child.at("")).await.is(200);
    clerk.api.put(&child.at("/users"), json!({ "first_name": "a", "last_name": "b" })).await.is_forbidden();
    let made = master.api.put("/v2/accounts", json!({ "name": "Below the master" })).await.is(201).data();
    let below = child.api.put("/v2/accounts", json!({ "name": "Below the child" })).await.is(201).data();
    let path = |id: &serde_json::Value| format!("/v2/accounts/{}", id.as_str().unwrap());
    child.api.get(&path(&made["id"])).await.is_forbidden();
    child.api.get(&path(&below["id"])).await.is(200);
}
