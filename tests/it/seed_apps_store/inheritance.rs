//! Whose blacklists count for an account: a tree of five levels, under each of the three rules.

use serde_json::json;
use storefront::store::{Query, View};

use super::seen;
use crate::support::world::{Session, World};

on_every_world! {
    each_rule_shows_each_account_of_a_tree_its_apps,
    what_is_lifted_above_shows_at_once_below,
    databases_that_only_kazoo_has_set_up_are_read_too,
}

/// Master > dealer > firm > branch > shop; dealer and branch are resellers. Each but the branch has a blacklist of its own, the
/// master too.
struct Tree {
    master: Session,
    dealer: Session,
    firm: Session,
    branch: Session,
    shop: Session,
}

impl Tree {
    async fn grow(world: &World) -> Self {
        let master = world.master().await;
        let dealer = world.account(&master, "Dealer").await;
        let firm = world.account(&dealer, "Firm").await;
        let branch = world.account(&firm, "Branch").await;
        let shop = world.account(&branch, "Shop").await;
        for reseller in [&dealer, &branch] {
            master.api.put(&reseller.at("/reseller"), json!({})).await.is(201);
        }
        for (account, app) in [(&dealer, "port"), (&firm, "reports"), (&shop, "accounts")] {
            let blacklist = json!({ "blacklist": [world.app(app).await] });
            master.api.post(&account.at("/apps_store/blacklist"), blacklist).await.is(200);
        }
        let reports = world.app("accounts").await;
        world.edit(&master.db(), "apps_store", |doc| drop(doc.insert("blacklist".into(), json!([reports])))).await;
        Self { master, dealer, firm, branch, shop }
    }

    /// What dealer, firm, branch and shop see.
    async fn seen(&self) -> [String; 4] {
        assert_eq!(seen(&self.master).await, "accounts api-console port reports", "the master account has everything");
        [seen(&self.dealer).await, seen(&self.firm).await, seen(&self.branch).await, seen(&self.shop).await]
    }
}

async fn each_rule_shows_each_account_of_a_tree_its_apps(world: World) {
    let tree = Tree::grow(&world).await;
    let ancestors = ["accounts reports", "accounts", "accounts", ""];
    assert_eq!(tree.seen().await, ancestors, "without a setting all accounts above count, the master excepted");
    for (rule, expected) in [
        ("reseller", ["accounts reports", "accounts", "accounts reports", "port reports"]),
        ("none", ["accounts reports", "accounts port", "accounts port reports", "port reports"]),
        ("ancestors", ancestors),
    ] {
        world.sup(&["kapps_config", "set_default", "apps_store", "blacklist_inheritance", rule]).ok();
        assert_eq!(tree.seen().await, expected, "{rule}");
    }
    // What is inherited can't be had by its id either, nor by a permission that was there before.
    let port = world.app("port").await;
    let path = tree.shop.at(&format!("/apps_store/{port}"));
    tree.shop.api.get(&path).await.is(404);
    world
        .edit(&tree.shop.db(), "apps_store", |doc| {
            doc.insert("apps".into(), json!({ (port.as_str()): { "name": "port", "allowed_users": "all" } }));
        })
        .await;
    tree.shop.api.get(&path).await.is(404);
    tree.shop.api.post(&path, json!({ "allowed_users": "all" })).await.is(403);
    tree.shop.api.delete(&path).await.is(200);
}

async fn what_is_lifted_above_shows_at_once_below(world: World) {
    let tree = Tree::grow(&world).await;
    let lift = async |account: &Session| {
        tree.master.api.post(&account.at("/apps_store/blacklist"), json!({ "blacklist": [] })).await.is(200);
    };
    lift(&tree.dealer).await;
    assert_eq!(tree.seen().await, ["accounts port reports", "accounts port", "accounts port", "port"]);
    lift(&tree.firm).await;
    assert_eq!(tree.seen().await, ["accounts port reports", "accounts port reports", "accounts port reports", "port reports"]);
    // As Kazoo would write it, past the API.
    let port = world.app("port").await;
    world.edit(&tree.dealer.db(), "apps_store", |doc| drop(doc.insert("blacklist".into(), json!([port, 1, null])))).await;
    assert_eq!(tree.seen().await, ["accounts reports", "accounts reports", "accounts reports", "reports"]);
    let store = world.documents();
    let rev = store.get(&tree.dealer.db(), "apps_store").await.unwrap()["_rev"].as_str().unwrap().to_owned();
    store.delete(&tree.dealer.db(), "apps_store", &rev).await.unwrap();
    assert_eq!(tree.seen().await, ["accounts port reports", "accounts port reports", "accounts port reports", "port reports"]);
}

async fn databases_that_only_kazoo_has_set_up_are_read_too(world: World) {
    let tree = Tree::grow(&world).await;
    let (store, db) = (world.documents(), tree.dealer.db());
    let own = "_design/storefront_blacklist";
    let design = store.get(&db, own).await.unwrap();
    assert_eq!(design["storefront"], true);
    let kazoos = store.get(&db, "_design/apps_store").await.unwrap();
    store.delete(&db, own, design["_rev"].as_str().unwrap()).await.unwrap();
    assert_eq!(seen(&tree.firm).await, "accounts");
    let rows = store.view(&db, View::new("storefront_blacklist", "apps"), &Query::default()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>(), [json!(world.app("port").await)]);
    assert_eq!(store.get(&db, "_design/apps_store").await.unwrap(), kazoos, "Kazoo's own design documents stay as they are");
    // Nor does it take a database at all.
    world
        .edit_account(&tree.firm.account_id, |doc| {
            doc["pvt_tree"].as_array_mut().unwrap().insert(1, json!("f".repeat(32)));
        })
        .await;
    assert_eq!(seen(&tree.firm).await, "accounts");
}
