//! `DELETE accounts/{id}`

use serde_json::json;
use storefront::{
    platform::names,
    store::{Db, Error},
};

use crate::support::world::World;

on_every_world! {
    nothing_of_a_deleted_account_is_left,
    an_account_with_others_below_stays,
    the_master_account_stays,
    an_admin_may_delete_his_own_account,
    what_devices_register_with_goes_too,
    an_account_that_an_old_kazoo_marked_as_deleted_is_gone,
}

async fn nothing_of_a_deleted_account_is_left(world: World) {
    let master = world.master().await;
    let databases = world.documents().databases("").await.unwrap();
    let child = world.account(&master, "Child").await;
    let month = Db::parse(&format!("{}-202401", child.db())).unwrap();
    world.documents().create_database(&month).await.unwrap();
    let gone = master.api.delete(&child.at("")).await.is(200).data();
    assert_eq!((&gone["name"], &gone["_read_only"]), (&json!("Child"), &json!({ "deleted": true })));
    assert!(gone.get("superduper_admin").is_none());
    assert_eq!(world.documents().databases("").await.unwrap(), databases);
    for db in [&names::ACCOUNTS, &names::SERVICES] {
        assert!(matches!(world.documents().get(db, &child.account_id).await, Err(Error::NotFound { .. })));
    }
    let unknown = json!({ "cause": child.account_id, "message": "bad identifier" });
    for api in [&master.api, &child.api] {
        api.get(&child.at("")).await.is_error(404, "bad_identifier", unknown.clone());
        api.delete(&child.at("")).await.is_error(404, "bad_identifier", unknown.clone());
    }
    child.api.get("/v2/accounts").await.is(405);
    assert_eq!(master.api.get(&master.at("/children")).await.data(), json!([]));
    assert_eq!(master.api.get(&master.at("")).await.data()["descendants_count"], 0);
    // Its names are free.
    world.account(&master, "Child").await;
}

async fn an_account_with_others_below_stays(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    let refused = master.api.delete(&child.at("")).await;
    refused.is_error(409, "account_has_descendants", json!({ "message": "account has descendants" }));
    child.api.get(&child.at("")).await.is(200);
    master.api.delete(&grandchild.at("")).await.is(200);
    master.api.delete(&child.at("")).await.is(200);
}

async fn the_master_account_stays(world: World) {
    let master = world.master().await;
    let refused = master.api.delete(&master.at("")).await;
    refused.is_error(405, "invalid_method", json!({ "message": "method not allowed" }));
}

async fn an_admin_may_delete_his_own_account(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let plain = world.user(&child, &child.account_id, "Child", "paul", "user").await;
    plain.api.delete(&child.at("")).await.is_forbidden();
    child.api.delete(&child.at("")).await.is(200);
}

async fn what_devices_register_with_goes_too(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    let store = world.documents();
    store.create_database(&names::SIP_AUTH).await.unwrap();
    let map = "function(doc) { if (doc.pvt_account_id) emit(doc.pvt_account_id, null); }";
    let device = |id: &str, account: &str| json!({ "_id": id, "pvt_type": "device", "pvt_account_id": account });
    for doc in [
        json!({ "_id": "_design/credentials", "language": "javascript", "views": { "lookup_by_account": { "map": map } } }),
        device("d1", &one.account_id),
        device("d2", &one.account_id),
        device("d3", &other.account_id),
    ] {
        store.put(&names::SIP_AUTH, doc.as_object().unwrap()).await.unwrap();
    }
    master.api.delete(&one.at("")).await.is(200);
    let left = store.get_many(&names::SIP_AUTH, &["d1", "d2", "d3"]).await.unwrap();
    assert_eq!(left.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
}

async fn an_account_that_an_old_kazoo_marked_as_deleted_is_gone(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let key = child.api.get(&child.at("/api_key")).await.is(200).data();
    world.edit_account(&child.account_id, |doc| drop(doc.insert("pvt_deleted".into(), true.into()))).await;
    let unknown = json!({ "cause": child.account_id, "message": "bad identifier" });
    for api in [&master.api, &child.api, &world.api] {
        api.get(&child.at("")).await.is_error(404, "bad_identifier", unknown.clone());
        api.get(&child.at("/users")).await.is_error(404, "bad_identifier", unknown.clone());
    }
    child.api.get("/v2/token_auth").await.is_unauthorized();
    world.log_in("Child", "boss", &child.password).await.is_unauthorized();
    world.api.put("/v2/api_auth", key).await.is_unauthorized();
    assert_eq!(master.api.get(&master.at("/children")).await.data(), json!([]));
    assert_eq!(master.api.get(&master.at("/descendants")).await.data(), json!([]));
    // Its name and realm are free.
    world.account(&master, "Child").await;
}
