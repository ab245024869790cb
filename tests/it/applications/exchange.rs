//! What accounts and their users have.

use serde_json::json;
use storefront::platform::names::SERVICES;

use super::{ONE, THREE, TWO, activate, cast, had, keep, kept, names};
use crate::support::world::World;

on_every_world! {
    an_account_has_what_it_activated_and_its_admin_sees_the_rest,
    a_user_sees_what_he_is_entitled_to,
    one_application_is_there_for_those_who_have_it,
    a_resellers_customers_see_its_catalogue_over_the_masters,
    a_resellers_own_applications_are_not_for_itself,
    a_service_plan_allows_and_blocks,
    types_are_apart,
    who_asks_for_a_whole_account_is_its_admin,
}

async fn an_account_has_what_it_activated_and_its_admin_sees_the_rest(world: World) {
    let cast = cast(&world).await;
    keep(&cast.master, ONE, "one").await;
    keep(&cast.master, TWO, "two").await;
    keep(&cast.master, THREE, "three").await;
    cast.master.api.patch(&kept(&cast.master, THREE), json!({ "published": false })).await.is(200);
    assert_eq!(had(&cast.customer).await, "-one -two");
    activate(&cast.customer, ONE).await;
    assert_eq!(had(&cast.customer).await, "-two one");
    let list = cast.customer.api.get(&cast.customer.at("/applications/monster_ui")).await.data();
    let one = list.as_array().unwrap().iter().find(|app| app["id"] == ONE).unwrap();
    assert_eq!((&one["uuid"], &one["author"], &one["license"]), (&json!(ONE), &json!("Us"), &json!("MPL")));
    assert!(one.as_object().unwrap().keys().all(|key| !key.starts_with('_') && !key.starts_with("pvt_")), "{one}");
    // Others' entitlements are theirs.
    assert_eq!(had(&cast.reseller).await, "-one -two");
}

async fn a_user_sees_what_he_is_entitled_to(world: World) {
    let cast = cast(&world).await;
    let customer = &cast.customer;
    let paul = world.user(customer, &customer.account_id, "Customer", "paul", "user").await;
    for (id, name, told) in [
        (ONE, "one", json!({ "type": "all" })),
        (TWO, "two", json!({ "type": "admins" })),
        (THREE, "three", json!({ "type": "specific", "users": [paul.user_id] })),
    ] {
        keep(&cast.master, id, name).await;
        customer.api.put(&customer.at(&format!("/applications/monster_ui/{id}/entitlement")), told).await.is(201);
    }
    let list_of = |user: &str| customer.at(&format!("/users/{user}/applications/monster_ui"));
    assert_eq!(names(&paul.api.get(&list_of(&paul.user_id)).await.is(200).data()), "one three");
    assert_eq!(names(&customer.api.get(&list_of(&customer.user_id)).await.is(200).data()), "one two");
    assert_eq!(names(&customer.api.get(&list_of(&paul.user_id)).await.is(200).data()), "one three");
    customer.api.get(&list_of("nosuch")).await.is_error(
        404,
        "bad_identifier",
        json!({ "cause": "nosuch", "message": "bad identifier" }),
    );
}

async fn one_application_is_there_for_those_who_have_it(world: World) {
    let cast = cast(&world).await;
    let customer = &cast.customer;
    keep(&cast.master, ONE, "one").await;
    keep(&cast.master, TWO, "two").await;
    cast.master.api.patch(&kept(&cast.master, TWO), json!({ "published": false })).await.is(200);
    let one = format!("/applications/monster_ui/{ONE}");
    let for_boss = customer.at(&format!("/users/{}{one}", customer.user_id));
    // An admin may activate it, and so sees it; as a user he doesn't have it.
    assert_eq!(customer.api.get(&customer.at(&one)).await.is(200).data()["published"], false);
    let missing = |id: &str| json!({ "cause": id, "message": "bad identifier" });
    customer.api.get(&for_boss).await.is_error(404, "bad_identifier", missing(ONE));
    activate(customer, ONE).await;
    let shown = customer.api.get(&for_boss).await.is(200).data();
    assert_eq!((&shown["name"], &shown["id"], &shown["published"]), (&json!("one"), &json!(ONE), &json!(true)));
    for path in [format!("monster_ui/{TWO}"), format!("commland_ui/{ONE}"), "monster_ui/apps_store".into()] {
        let id = path.rsplit('/').next().unwrap();
        customer.api.get(&customer.at(&format!("/applications/{path}"))).await.is_error(404, "bad_identifier", missing(id));
    }
}

async fn a_resellers_customers_see_its_catalogue_over_the_masters(world: World) {
    let cast = cast(&world).await;
    let direct = world.account(&cast.master, "Direct").await;
    keep(&cast.master, ONE, "one").await;
    keep(&cast.reseller, ONE, "ours").await;
    keep(&cast.reseller, TWO, "extra").await;
    assert_eq!(had(&cast.customer).await, "-extra -ours");
    assert_eq!(had(&direct).await, "-one");
    // What the master withdraws is withdrawn.
    cast.master.api.patch(&kept(&cast.master, ONE), json!({ "published": false })).await.is(200);
    assert_eq!(had(&cast.customer).await, "-extra");
}

async fn a_resellers_own_applications_are_not_for_itself(world: World) {
    let cast = cast(&world).await;
    keep(&cast.master, ONE, "one").await;
    keep(&cast.reseller, TWO, "extra").await;
    assert_eq!(had(&cast.reseller).await, "-one");
    assert_eq!(had(&cast.master).await, "-one");
}

async fn a_service_plan_allows_and_blocks(world: World) {
    let cast = cast(&world).await;
    keep(&cast.master, ONE, "one").await;
    keep(&cast.master, TWO, "two").await;
    let block = cast.reseller.at(&format!("/applications/monster_ui/{ONE}/block"));
    cast.reseller.api.put(&block, json!({})).await.is(201);
    assert_eq!(had(&cast.customer).await, "-two");
    let plan = json!({
        "_id": "plan_apps", "pvt_type": "service_plan", "name": "Apps",
        "applications": { (ONE): { "publish": "allow" }, (TWO): { "publish": "block" } },
    });
    world.documents().put(&cast.reseller.db(), plan.as_object().unwrap()).await.unwrap();
    let plans = json!({ "plan_apps": { "vendor_id": cast.reseller.account_id } });
    world.edit(&SERVICES, &cast.customer.account_id, |doc| drop(doc.insert("plans".into(), plans.clone()))).await;
    assert_eq!(had(&cast.customer).await, "-one");
}

async fn types_are_apart(world: World) {
    let cast = cast(&world).await;
    keep(&cast.master, ONE, "one").await;
    let mut other = super::about("two");
    other["type"] = json!("monster_ui_extra");
    cast.master.api.put(&kept(&cast.master, TWO), other).await.is(201);
    assert_eq!(had(&cast.customer).await, "-one");
    let list = cast.customer.api.get(&cast.customer.at("/applications/monster_ui_extra")).await.is(200).data();
    assert_eq!(names(&list), "-two");
    let none = cast.customer.api.get(&cast.customer.at("/applications/nosuch")).await.is(200).data();
    assert_eq!(none, json!([]));
}

async fn who_asks_for_a_whole_account_is_its_admin(world: World) {
    let cast = cast(&world).await;
    let customer = &cast.customer;
    let paul = world.user(customer, &customer.account_id, "Customer", "paul", "user").await;
    keep(&cast.master, ONE, "one").await;
    let one = format!("/applications/monster_ui/{ONE}");
    for path in ["/applications/monster_ui", one.as_str(), &format!("{one}/icon"), &format!("{one}/screenshots/0")] {
        paul.api.get(&customer.at(path)).await.is_forbidden();
        let beside = world.account(&cast.reseller, &format!("Beside {}", path.len())).await;
        beside.api.get(&customer.at(path)).await.is_forbidden();
        beside.api.get(&customer.at(&format!("/users/{}{path}", paul.user_id))).await.is_forbidden();
    }
    cast.reseller.api.get(&customer.at(&one)).await.is(200);
    paul.api.get(&customer.at(&format!("/users/{}/applications/monster_ui", paul.user_id))).await.is(200);
}
