//! Alerts: who writes them, whom they reach, and how they go.

use serde_json::{Value, json};
use storefront::platform::names::ALERTS;

use crate::support::world::{Session, World};

on_every_world! {
    an_alert_reaches_those_it_is_for,
    an_alert_about_accounts_below_reaches_those_above,
    an_alert_comes_as_monster_ui_reads_it,
    alerts_past_their_time_are_not_shown,
    only_superduper_admins_write_alerts,
    an_alert_is_deleted_by_those_whom_it_is_about,
}

/// Writes an alert to these, titled after them, and says its id.
async fn alert(master: &Session, title: &str, to: Value) -> String {
    let data = json!({ "title": title, "message": "m", "category": "system_test", "from": [], "to": to });
    master.api.put(&master.at("/alerts"), data).await.is(201).data()["id"].as_str().unwrap().to_owned()
}

async fn titles(who: &Session, of: &Session) -> Vec<String> {
    let shown = who.api.get(&of.at("/alerts")).await.is(200).json();
    let alerts = shown["data"].as_array().unwrap();
    assert_eq!(shown["page_size"], alerts.len());
    let mut titles: Vec<String> = alerts.iter().map(|alert| alert["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

async fn an_alert_reaches_those_it_is_for(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let other = world.account(&master, "Other").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    assert_eq!(titles(&child, &child).await, [""; 0]);
    let one = |kind: &str, value: &str| json!([{ "type": kind, "value": value }]);
    for (title, to) in [
        ("1 all", one("all", "all")),
        ("2 all users", one("all", "users")),
        ("3 all admins", one("all", "admins")),
        ("4 child", one(&child.account_id, "all")),
        ("5 child admins", one(&child.account_id, "admins")),
        ("6 paul", one(&child.account_id, &paul.user_id)),
        ("7 resellers", one("resellers", "all")),
        ("8 twice", json!([{ "type": "all", "value": "all" }, { "type": child.account_id, "value": "users" }])),
    ] {
        alert(&master, title, to).await;
    }
    assert_eq!(titles(&child, &child).await, ["1 all", "2 all users", "3 all admins", "4 child", "5 child admins", "8 twice"]);
    assert_eq!(titles(&paul, &child).await, ["1 all", "2 all users", "4 child", "6 paul", "8 twice"]);
    assert_eq!(titles(&other, &other).await, ["1 all", "2 all users", "3 all admins", "8 twice"]);
    // From above one sees what everybody there does.
    assert_eq!(titles(&master, &child).await, ["1 all", "2 all users", "4 child", "8 twice"]);
    other.api.get(&child.at("/alerts")).await.is_forbidden();
    world.api.get(&child.at("/alerts")).await.is_unauthorized();
    master.api.put(&child.at("/reseller"), json!({})).await.is(201);
    assert!(titles(&child, &child).await.contains(&"7 resellers".to_owned()));
    world.sup(&["kapps_config", "set_default", "crossbar.alerts", "check_system_alerts", "false"]).ok();
    assert_eq!(titles(&child, &child).await, [""; 0]);
}

async fn an_alert_about_accounts_below_reaches_those_above(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    let other = world.account(&master, "Other").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let about = |audience: &str| json!([{ "type": "descendants", "value": [grandchild.account_id, audience] }]);
    alert(&master, "all", about("all")).await;
    let id = alert(&master, "admins", about("admins")).await;
    assert_eq!(titles(&child, &child).await, ["admins", "all"]);
    assert_eq!(titles(&master, &master).await, ["admins", "all"]);
    assert_eq!(titles(&paul, &child).await, ["all"]);
    assert_eq!(titles(&other, &other).await, [""; 0]);
    assert_eq!(titles(&grandchild, &grandchild).await, [""; 0]);
    child.api.get(&child.at(&format!("/alerts/{id}"))).await.is(200);
    paul.api.get(&child.at(&format!("/alerts/{id}"))).await.is(404);
    other.api.get(&other.at(&format!("/alerts/{id}"))).await.is(404);
}

async fn an_alert_comes_as_monster_ui_reads_it(world: World) {
    let master = world.master().await;
    let data = json!({
        "title": "Works", "message": "Tonight", "category": "system_works", "level": "info", "metadata": { "available": 1 },
        "from": [{ "type": "account", "value": master.account_id }], "to": [{ "type": "all", "value": "all" }],
        "expiration_date": 99_999_999_999_u64, "id": "abc", "pvt_type": "x",
    });
    let made = master.api.put(&master.at("/alerts"), data).await.is(201);
    let id = made.data()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(master.at(&format!("/alerts/{id}")).as_str()));
    let shown = master.api.get(&master.at("/alerts")).await.is(200).data();
    let created = world.documents().get(&ALERTS, &id).await.unwrap()["pvt_created"].clone();
    assert_eq!(
        shown,
        json!([{
            "id": id, "title": "Works", "message": "Tonight", "category": "system_works", "level": "info",
            "metadata": { "available": 1 }, "from": [{ "type": "account", "value": master.account_id }],
            "expiration_date": 99_999_999_999_u64, "created": created, "clearable": true,
        }])
    );
    let whole = master.api.get(&master.at(&format!("/alerts/{id}"))).await.is(200);
    assert_eq!((&whole.data()["to"][0]["type"], &whole.data()), (&json!("all"), &made.data()));
}

async fn alerts_past_their_time_are_not_shown(world: World) {
    let master = world.master().await;
    for (title, expires) in [("gone", 63_000_000_000_u64), ("here", 99_000_000_000)] {
        let data = json!({
            "title": title, "message": "m", "from": [], "to": [{ "type": "all", "value": "all" }], "expiration_date": expires,
        });
        master.api.put(&master.at("/alerts"), data).await.is(201);
    }
    assert_eq!(titles(&master, &master).await, ["here"]);
}

async fn only_superduper_admins_write_alerts(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let data = json!({ "title": "t", "message": "m", "from": [], "to": [] });
    child.api.put(&child.at("/alerts"), data.clone()).await.is_forbidden();
    master.api.put(&child.at("/alerts"), data.clone()).await.is(201);
    for key in ["title", "message", "from", "to"] {
        let mut lacking = data.clone();
        lacking.as_object_mut().unwrap().shift_remove(key);
        let refused = master.api.put(&master.at("/alerts"), lacking).await.is(400).json();
        assert!(refused["data"][key]["required"].is_object(), "{refused}");
    }
    for wrong in [json!({ "to": "all" }), json!({ "to": ["all"] }), json!({ "title": 7 }), json!({ "expiration_date": "soon" })] {
        let mut bad = data.clone();
        bad.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        master.api.put(&master.at("/alerts"), bad).await.is(400);
    }
    master.api.post(&master.at("/alerts"), data.clone()).await.is(405);
    world.sup(&["kapps_config", "set_default", "alerts", "enabled", "false"]).ok();
    let refused = master.api.put(&master.at("/alerts"), data).await.is(400);
    assert_eq!(refused.json()["message"], "disabled entity");
}

async fn an_alert_is_deleted_by_those_whom_it_is_about(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let paul = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    let own = alert(&master, "own", json!([{ "type": child.account_id, "value": "all" }])).await;
    let all =
        alert(&master, "all", json!([{ "type": "all", "value": "all" }, { "type": child.account_id, "value": "all" }])).await;
    let at = |id: &str| child.at(&format!("/alerts/{id}"));
    paul.api.delete(&at(&own)).await.is_forbidden();
    child.api.delete(&at(&all)).await.is_forbidden();
    let shown = child.api.delete(&at(&own)).await.is(200).data();
    assert_eq!(shown["_read_only"], json!({ "deleted": true }));
    assert_eq!(world.documents().get(&ALERTS, &own).await.unwrap()["pvt_deleted"], true);
    master.api.delete(&at(&all)).await.is(200);
    let gone = |id: &str| json!({ "cause": id, "message": "bad identifier" });
    for id in [own.as_str(), &all, "ffffffffffffffffffffffffffffffff", "_design%2Falerts"] {
        let name = id.replace("%2F", "/");
        master.api.get(&at(id)).await.is_error(404, "bad_identifier", gone(&name));
        master.api.delete(&at(id)).await.is_error(404, "bad_identifier", gone(&name));
    }
    assert_eq!(titles(&child, &child).await, [""; 0]);
}
