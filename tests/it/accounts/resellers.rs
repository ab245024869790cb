//! `accounts/{id}/reseller`

use serde_json::json;
use storefront::platform::names;

use crate::support::world::World;

on_every_world! {
    accounts_below_a_reseller_are_its_customers,
    a_reseller_with_resellers_below_stays_as_it_is,
    only_operators_make_resellers,
}

async fn accounts_below_a_reseller_are_its_customers(world: World) {
    let master = world.master().await;
    let reseller = world.account(&master, "Reseller").await;
    let customer = world.account(&reseller, "Customer").await;
    let below = world.account(&customer, "Below").await;
    for (verb, status, is_reseller, theirs) in [("PUT", 201, true, &reseller), ("DELETE", 200, false, &master)] {
        let answer = master.api.send(verb, &reseller.at("/reseller"), Some(json!({ "data": {} }))).await.is(status).data();
        assert_eq!((&answer["is_reseller"], &answer["reseller_id"]), (&json!(is_reseller), &json!(master.account_id)));
        for db in [&reseller.db(), &names::ACCOUNTS, &names::SERVICES] {
            let doc = world.documents().get(db, &reseller.account_id).await.unwrap();
            assert_eq!(doc["pvt_reseller"], is_reseller, "{db}");
        }
        for who in [&customer, &below] {
            assert_eq!(who.api.get(&who.at("")).await.data()["reseller_id"], theirs.account_id.as_str());
            for db in [&who.db(), &names::ACCOUNTS, &names::SERVICES] {
                let doc = world.documents().get(db, &who.account_id).await.unwrap();
                assert_eq!(doc["pvt_reseller_id"], theirs.account_id.as_str(), "{db}");
            }
        }
    }
}

async fn a_reseller_with_resellers_below_stays_as_it_is(world: World) {
    let master = world.master().await;
    let upper = world.account(&master, "Upper").await;
    let lower = world.account(&upper, "Lower").await;
    master.api.put(&lower.at("/reseller"), json!({})).await.is(201);
    let refused = json!({ "message": "account has descendants" });
    master.api.put(&upper.at("/reseller"), json!({})).await.is_error(409, "account_has_descendants", refused);
    let said = world.sup(&["kazoo_services_maintenance", "make_reseller", &upper.account_id]).failed();
    assert!(said.contains("there are resellers below it"), "{said}");
    master.api.delete(&lower.at("/reseller")).await.is(200);
    master.api.put(&upper.at("/reseller"), json!({})).await.is(201);
}

async fn only_operators_make_resellers(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let below = world.account(&child, "Below").await;
    child.api.put(&below.at("/reseller"), json!({})).await.is_forbidden();
    child.api.put(&child.at("/reseller"), json!({})).await.is_forbidden();
    master.api.put(&master.at("/reseller"), json!({})).await.is_forbidden();
}
