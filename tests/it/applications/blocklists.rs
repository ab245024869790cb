//! What resellers withhold from their accounts.

use serde_json::json;

use super::{ONE, TWO, cast, had, keep};
use crate::support::world::World;

on_every_world! {
    what_a_reseller_blocks_its_accounts_do_not_have,
    a_block_is_made_read_replaced_and_removed,
    a_block_counts_for_the_accounts_right_below_only,
    a_block_is_the_resellers_affair,
}

async fn what_a_reseller_blocks_its_accounts_do_not_have(world: World) {
    let cast = cast(&world).await;
    keep(&cast.master, ONE, "one").await;
    keep(&cast.master, TWO, "two").await;
    let block = cast.reseller.at(&format!("/applications/monster_ui/{ONE}/block"));
    cast.reseller.api.put(&block, json!({})).await.is(201);
    assert_eq!(had(&cast.customer).await, "-two");
    // Activated or not.
    super::activate(&cast.customer, ONE).await;
    assert_eq!(had(&cast.customer).await, "-two");
    cast.customer.api.get(&cast.customer.at(&format!("/applications/monster_ui/{ONE}"))).await.is(404);
    // The reseller itself has it.
    assert_eq!(had(&cast.reseller).await, "-one -two");
    cast.reseller.api.delete(&block).await.is(200);
    assert_eq!(had(&cast.customer).await, "-two one");
}

async fn a_block_is_made_read_replaced_and_removed(world: World) {
    let cast = cast(&world).await;
    let api = &cast.reseller.api;
    let path = cast.reseller.at(&format!("/applications/monster_ui/{ONE}/block"));
    let id = format!("{ONE}_monster_ui_blocklist");
    let made = api.put(&path, json!({ "app_id": "other", "app_type": "other", "why": "too dear" })).await.is(201);
    let expected = json!({ "app_id": ONE, "app_type": "monster_ui", "why": "too dear", "id": id });
    assert_eq!(made.data(), expected);
    assert_eq!(made.json()["metadata"]["id"], json!(id));
    api.put(&path, json!({})).await.is(409);
    assert_eq!(api.get(&path).await.is(200).data(), expected);
    let replaced = api.post(&path, json!({})).await.is(200).data();
    assert_eq!(replaced, json!({ "app_id": ONE, "app_type": "monster_ui", "id": id }));
    let list = cast.reseller.at("/applications/monster_ui/blocklists");
    assert_eq!(api.get(&list).await.is(200).data(), json!([{ "app_id": ONE, "app_type": "monster_ui" }]));
    assert_eq!(api.get(&cast.reseller.at("/applications/monster_u/blocklists")).await.is(200).data(), json!([]));
    let gone = api.delete(&path).await.is(200).json();
    assert_eq!(gone["metadata"]["deleted"], true);
    for answer in [api.get(&path).await, api.delete(&path).await, api.post(&path, json!({})).await] {
        answer.is_error(404, "bad_identifier", json!({ "cause": id, "message": "bad identifier" }));
    }
    assert!(world.documents().get(&cast.reseller.db(), &id).await.is_err(), "it's gone for good");
    assert_eq!(api.get(&list).await.data(), json!([]));
    api.put(&path, json!({})).await.is(201);
    let odd = cast.reseller.at("/applications/monster_ui/_design/block");
    assert!(api.put(&odd, json!({})).await.is(400).json()["data"]["uuid"]["not_valid"].is_object());
}

async fn a_block_counts_for_the_accounts_right_below_only(world: World) {
    let cast = cast(&world).await;
    let second = world.account(&cast.reseller, "Second").await;
    cast.master.api.put(&second.at("/reseller"), json!({})).await.is(201);
    let below = world.account(&second, "Below").await;
    keep(&cast.master, ONE, "one").await;
    cast.reseller.api.put(&cast.reseller.at(&format!("/applications/monster_ui/{ONE}/block")), json!({})).await.is(201);
    assert_eq!((had(&second).await.as_str(), had(&below).await.as_str()), ("", "-one"));
    // The master's counts for those whom it sells to itself.
    cast.master.api.put(&cast.master.at(&format!("/applications/monster_ui/{ONE}/block")), json!({})).await.is(201);
    assert_eq!((had(&cast.reseller).await.as_str(), had(&below).await.as_str()), ("", "-one"));
    assert_eq!(had(&cast.master).await, "-one");
}

async fn a_block_is_the_resellers_affair(world: World) {
    let cast = cast(&world).await;
    let path = cast.customer.at(&format!("/applications/monster_ui/{ONE}/block"));
    cast.customer.api.put(&path, json!({})).await.is_forbidden();
    cast.customer.api.get(&cast.customer.at("/applications/monster_ui/blocklists")).await.is_forbidden();
    cast.customer.api.get(&cast.reseller.at("/applications/monster_ui/blocklists")).await.is_forbidden();
    cast.master.api.get(&cast.reseller.at("/applications/monster_ui/blocklists")).await.is(200);
}
