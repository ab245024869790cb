//! `POST accounts/{id}/move`

use serde_json::json;
use storefront::platform::names;

use crate::support::world::World;

on_every_world! {
    all_that_is_below_comes_along,
    what_cannot_be_moved_stays,
    who_may_move_is_a_setting,
}

async fn all_that_is_below_comes_along(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    master.api.put(&other.at("/reseller"), json!({})).await.is(201);
    let moved = world.account(&one, "Moved").await;
    let below = world.account(&moved, "Below").await;
    assert_eq!(master.api.post(&moved.at("/move"), json!({ "to": other.account_id })).await.is(200).data()["name"], "Moved");
    let path = [&master, &other, &moved].map(|who| who.account_id.clone());
    for (who, tree) in [(&moved, &path[..2]), (&below, &path[..])] {
        for db in [&who.db(), &names::ACCOUNTS, &names::SERVICES] {
            let doc = world.documents().get(db, &who.account_id).await.unwrap();
            assert_eq!(doc["pvt_tree"], json!(tree), "{db}");
            assert_eq!(doc["pvt_previous_tree"][1], one.account_id.as_str(), "{db}");
        }
        let services = world.documents().get(&names::SERVICES, &who.account_id).await.unwrap();
        assert_eq!(services["pvt_reseller_id"], other.account_id.as_str());
        assert_eq!(who.api.get(&who.at("")).await.data()["reseller_id"], other.account_id.as_str());
    }
    one.api.get(&moved.at("")).await.is_forbidden();
    other.api.get(&below.at("")).await.is(200);
    for (who, count) in [(&one, 0), (&other, 2), (&master, 4)] {
        assert_eq!(who.api.get(&who.at("")).await.data()["descendants_count"], count);
    }
}

async fn what_cannot_be_moved_stays(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let below = world.account(&child, "Below").await;
    let to = async |to: serde_json::Value| master.api.post(&child.at("/move"), json!({ "to": to })).await;
    let required = json!({ "to": { "required": { "message": "Field 'to' is required" } } });
    master.api.post(&child.at("/move"), json!({})).await.is_invalid(required);
    for unknown in [json!("nosuch"), json!(5), json!("f".repeat(32)), json!({ "a": 1 })] {
        to(unknown).await.is(400);
    }
    to(json!(child.account_id)).await.is_forbidden();
    to(json!(below.account_id)).await.is_forbidden();
    master.api.post(&master.at("/move"), json!({ "to": child.account_id })).await.is_forbidden();
    let said = world.sup(&["crossbar_maintenance", "move_account", &child.account_id, &below.account_id]).failed();
    assert!(said.contains("unable to complete move"), "{said}");
    assert_eq!(below.api.get(&below.at("/parents")).await.data().as_array().unwrap().len(), 2);
}

async fn who_may_move_is_a_setting(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let (a, b) = (world.account(&child, "A").await, world.account(&child, "B").await);
    let to = json!({ "to": b.account_id });
    child.api.post(&a.at("/move"), to.clone()).await.is_forbidden();
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "allow_move", "tree"]).ok();
    child.api.post(&a.at("/move"), json!({ "to": master.account_id })).await.is_forbidden();
    child.api.post(&a.at("/move"), to.clone()).await.is(200);
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "allow_move", "nobody"]).ok();
    master.api.post(&a.at("/move"), json!({ "to": child.account_id })).await.is_forbidden();
}
