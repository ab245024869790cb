//! `PUT accounts`

use serde_json::{Value, json};
use storefront::{
    platform::{names, unix_now},
    store::{Db, Query, View},
};

use crate::support::world::{World, account_db};

on_every_world! {
    a_new_account_has_all_that_kazoo_gives_one,
    what_is_missing_is_completed_and_told,
    an_account_goes_below_the_one_in_the_path_or_the_callers,
    who_may_decide_whether_a_new_account_is_enabled,
    a_new_account_notifies_as_its_reseller_does,
    a_trial_ends,
    direct_customers_may_be_kept_from_having_accounts,
    what_is_wrong_is_told_all_at_once,
    names_are_compared_by_letters_and_digits_and_realms_in_any_case,
    names_without_a_letter_or_digit_are_all_alike,
    private_and_derived_members_are_not_stored,
    a_chosen_id_is_an_id_and_free,
    hostile_bodies_are_refused,
    every_account_above_counts_a_new_one,
}

async fn a_new_account_has_all_that_kazoo_gives_one(world: World) {
    let master = world.master().await;
    let data = json!({ "name": "Blue Fox Ltd", "realm": "Blue Fox.example.org", "custom": { "deep": [1, null, "ü"] } });
    let made = master.api.put(&master.at(""), data).await.is(201);
    assert_eq!((made.header("location"), made.header("etag")), (None, None));
    assert!(made.json().get("revision").is_none());
    let made = made.data();
    let id = made["id"].as_str().unwrap();
    let store = world.documents();
    let own = store.get(&account_db(id), id).await.unwrap();
    let encoded = account_db(id).as_str().replace('/', "%2F");
    for (key, value) in [
        ("realm", json!("BlueFox.example.org")),
        ("custom", json!({ "deep": [1, null, "ü"] })),
        ("pvt_type", json!("account")),
        ("pvt_vsn", json!("1")),
        ("pvt_tree", json!([master.account_id])),
        ("pvt_parent_id", json!(master.account_id)),
        ("pvt_enabled", json!(true)),
        ("pvt_alphanum_name", json!("bluefoxltd")),
        ("pvt_account_id", json!(id)),
        ("pvt_account_db", json!(encoded)),
        ("pvt_auth_account_id", json!(master.account_id)),
        ("pvt_auth_user_id", json!(master.user_id)),
        ("pvt_is_authenticated", json!(true)),
    ] {
        assert_eq!(own[key], value, "{key}");
    }
    for key in ["pvt_api_key", "pvt_cpaas_token"] {
        assert_eq!(own[key].as_str().unwrap().len(), 64, "{key}");
    }
    for key in ["pvt_reseller_id", "pvt_reseller", "pvt_superduper_admin", "pvt_wnm_allow_additions", "id"] {
        assert!(own.get(key).is_none(), "{key}");
    }
    let copy = store.get(&names::ACCOUNTS, id).await.unwrap();
    let without_rev = |doc: &storefront::store::Object| {
        let mut doc = doc.clone();
        doc.shift_remove("_rev");
        doc
    };
    assert_eq!(without_rev(&own), without_rev(&copy));

    let services = store.get(&names::SERVICES, id).await.unwrap();
    for (key, value) in [
        ("pvt_type", json!("service")),
        ("pvt_vsn", json!(2)),
        ("pvt_status", json!("good_standing")),
        ("pvt_reseller", json!(false)),
        ("pvt_reseller_id", json!(master.account_id)),
        ("pvt_tree", json!([master.account_id])),
        ("pvt_account_db", json!(encoded)),
        ("plans", json!({})),
    ] {
        assert_eq!(services[key], value, "{key}");
    }
    let apps_store = store.get(&account_db(id), "apps_store").await.unwrap();
    assert_eq!(apps_store["pvt_account_id"], id);
    assert!(apps_store.get("pvt_type").is_none() && apps_store.get("pvt_created").is_none());

    let month_db = names::month_db(id, unix_now()).unwrap();
    let month = month_db.as_str().rsplit_once('-').unwrap().1;
    let ledger = store.get(&month_db, &format!("{month}-ledgers_monthly_rollover")).await.unwrap();
    assert_eq!((&ledger["pvt_type"], &ledger["amount"]), (&json!("ledger"), &json!(0)));
    assert_eq!(ledger["source"], json!({ "service": "rollovers", "id": month }));
    for (db, design) in [(account_db(id), "_design/users"), (month_db, "_design/auth")] {
        store.get(&db, design).await.unwrap();
    }
}

async fn what_is_missing_is_completed_and_told(world: World) {
    let master = world.master().await;
    let data = master.api.put(&master.at(""), json!({ "name": "Second" })).await.is(201).data();
    let realm = data["realm"].as_str().unwrap();
    let digits = realm.strip_suffix(".sip.2600hz.com").unwrap();
    assert!(digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{realm}");
    let expected = json!({
        "id": data["id"], "name": "Second", "realm": realm, "timezone": "America/Los_Angeles", "call_restriction": {},
        "music_on_hold": {}, "preflow": {}, "ringtones": {}, "wnm_allow_additions": false, "superduper_admin": false,
        "created": data["created"], "enabled": true, "reseller_id": master.account_id, "is_reseller": false,
        "billing_mode": "limits_only",
    });
    assert_eq!(data, expected);
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "account_realm_suffix", "voip.example.com"]).ok();
    world.sup(&["kapps_config", "set_default", "accounts", "default_timezone", "Europe/Paris"]).ok();
    // A new account has nobody above it yet to inherit from.
    let data = json!({ "name": "Third", "timezone": "inherit", "realm": "" });
    let third = master.api.put(&master.at(""), data).await.is(201).data();
    assert_eq!(third["timezone"], "Europe/Paris");
    assert!(third["realm"].as_str().unwrap().ends_with(".voip.example.com"));
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "random_realm_strength", "5"]).ok();
    let fourth = master.api.put(&master.at(""), json!({ "name": "Fourth" })).await.is(201).data();
    assert_eq!(fourth["realm"].as_str().unwrap().split_once('.').unwrap().0.len(), 10);
}

async fn an_account_goes_below_the_one_in_the_path_or_the_callers(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let tree = async |id: &Value| -> (Value, Option<Value>) {
        let doc = world.documents().get(&names::ACCOUNTS, id.as_str().unwrap()).await.unwrap();
        (doc["pvt_tree"].clone(), doc.get("pvt_parent_id").cloned())
    };
    let named = master.api.put(&child.at(""), json!({ "name": "Named" })).await.is(201).data();
    assert_eq!(named["reseller_id"], master.account_id);
    assert_eq!(tree(&named["id"]).await, (json!([master.account_id, child.account_id]), Some(json!(child.account_id))));
    let own = child.api.put("/v2/accounts", json!({ "name": "Own" })).await.is(201).data();
    assert_eq!((own.get("reseller_id"), &own["billing_mode"]), (None, &json!("manual")));
    assert_eq!(tree(&own["id"]).await, (json!([master.account_id, child.account_id]), None));
}

async fn who_may_decide_whether_a_new_account_is_enabled(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let new = |name: &str| json!({ "name": name, "enabled": false });
    let below_itself = child.api.put(&child.at(""), new("A")).await.is(201).data();
    assert_eq!(below_itself["enabled"], true);
    assert_eq!(child.api.put("/v2/accounts", new("B")).await.is(201).data()["enabled"], false);
    assert_eq!(master.api.put(&child.at(""), new("C")).await.is(201).data()["enabled"], false);
    let written = json!({ "name": "E", "enabled": "false" });
    assert_eq!(master.api.put(&child.at(""), written).await.is(201).data()["enabled"], false);
    // Where it isn't said, it's as its parent is.
    master.api.patch(&child.at(""), json!({ "enabled": false })).await.is(200);
    assert_eq!(master.api.put(&child.at(""), json!({ "name": "D" })).await.is(201).data()["enabled"], false);
}

async fn a_new_account_notifies_as_its_reseller_does(world: World) {
    let master = world.master().await;
    let plain = master.api.put(&master.at(""), json!({ "name": "Plain" })).await.is(201).data();
    assert!(plain.get("notification_preference").is_none());
    let prefer = |doc: &mut storefront::store::Object| {
        doc.insert("pvt_notification_preference".into(), "teletype".into());
    };
    world.edit_account(&master.account_id, prefer).await;
    let made = master.api.put(&master.at(""), json!({ "name": "Notified" })).await.is(201).data();
    assert_eq!(made["notification_preference"], "teletype");
    let doc = world.documents().get(&names::ACCOUNTS, made["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(doc["pvt_notification_preference"], "teletype");
}

async fn a_trial_ends(world: World) {
    let master = world.master().await;
    let data = json!({ "name": "Trial", "is_trial_account": true });
    let made = master.api.put(&master.at(""), data).await.is(201).data();
    assert!(made.get("is_trial_account").is_none());
    let left = made["trial_time_left"].as_i64().unwrap();
    assert!((1_209_000..=1_209_600).contains(&left), "{left}");
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "trial_time", "600"]).ok();
    let made = master.api.put(&master.at(""), json!({ "name": "Short", "is_trial_account": true })).await.is(201).data();
    assert!((1..=600).contains(&made["trial_time_left"].as_i64().unwrap()), "{made}");
    // No trial lasts so long that it can't be counted.
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "trial_time", "18446744073709551615"]).ok();
    master.api.put(&master.at(""), json!({ "name": "Long", "is_trial_account": true })).await.is(201);
}

async fn direct_customers_may_be_kept_from_having_accounts(world: World) {
    let master = world.master().await;
    let (direct, reseller) = (world.account(&master, "Direct").await, world.account(&master, "Reseller").await);
    master.api.put(&reseller.at("/reseller"), json!({})).await.is(201);
    let below = world.account(&reseller, "Below").await;
    world.sup(&["kapps_config", "set_default", "accounts", "allow_subaccounts_for_direct", "false"]).ok();
    let refused = direct.api.put(&direct.at(""), json!({ "name": "New" })).await;
    let message = "Direct account is not allowed to create sub-accounts";
    let why = json!({ "account": { "forbidden": { "message": message, "cause": direct.account_id } } });
    refused.is_invalid(why.clone());
    direct.api.patch(&direct.at(""), json!({ "language": "de-de" })).await.is_invalid(why.clone());
    direct.api.post(&direct.at(""), json!({ "name": "Direct" })).await.is_invalid(why);
    for (nth, who) in [&master, &reseller, &below].into_iter().enumerate() {
        who.api.put(&who.at(""), json!({ "name": format!("Allowed {nth}") })).await.is(201);
    }
}

async fn what_is_wrong_is_told_all_at_once(world: World) {
    let master = world.master().await;
    let path = master.at("");
    let refused = |data: Value| master.api.put(&path, data);
    let missing = json!({ "message": "Field is required but missing", "value": "name" });
    refused(json!({ "realm": "a.example.com" })).await.is_invalid(json!({ "name": { "required": missing } }));
    let data = refused(json!({ "name": "master co", "realm": "MASTER.example.com" })).await.json()["data"].clone();
    let expected = json!({
        "name": { "unique": { "message": "Account name already in use", "cause": "master co" } },
        "realm": { "unique": { "message": "Account realm already in use", "cause": "MASTER.example.com" } },
    });
    assert_eq!(data, expected);
    let data = refused(json!({
        "name": "", "realm": "x y!", "timezone": 4, "ringtones": [], "music_on_hold": { "media_id": 5 },
        "call_restriction": { "tollfree_us": { "action": "perhaps" } }, "preflow": { "other": 1 },
    }))
    .await
    .json()["data"]
        .clone();
    for (path, code) in [("name", "minLength"), ("timezone", "type"), ("ringtones", "type")] {
        assert!(data[path][code]["message"].is_string(), "{path} {code}: {data}");
    }
    assert_eq!(data["realm"]["pattern"]["message"], r"Failed to match pattern '^[.\w-]+$'", "{data}");
    let nested: Vec<&str> = data.as_object().unwrap().keys().map(String::as_str).filter(|path| path.contains('.')).collect();
    assert!(nested.contains(&"music_on_hold.media_id") || data.get("music_on_hold%2Emedia_id").is_some(), "{data}");
    let long = "n".repeat(129);
    let data = refused(json!({ "name": long })).await.json()["data"].clone();
    assert_eq!(data["name"]["maxLength"]["target"], 128);
}

async fn names_are_compared_by_letters_and_digits_and_realms_in_any_case(world: World) {
    let master = world.master().await;
    master.api.put(&master.at(""), json!({ "name": "Ab-1", "realm": "Ab.example.com" })).await.is(201);
    for (data, field) in [
        (json!({ "name": "AB 1!" }), "name"),
        (json!({ "name": "x", "realm": "aB.EXAMPLE.com" }), "realm"),
        (json!({ "name": "y", "realm": "ab. example.com" }), "realm"),
    ] {
        let refused = master.api.put(&master.at(""), data).await.is(400);
        assert!(refused.json()["data"][field]["unique"].is_object(), "{}", refused.text());
    }
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "ensure_unique_name", "false"]).ok();
    master.api.put(&master.at(""), json!({ "name": "ab1" })).await.is(201);
}

async fn names_without_a_letter_or_digit_are_all_alike(world: World) {
    let master = world.master().await;
    master.api.put(&master.at(""), json!({ "name": "株式会社" })).await.is(201);
    let taken = json!({ "name": { "unique": { "message": "Account name already in use", "cause": "!?" } } });
    master.api.put(&master.at(""), json!({ "name": "!?" })).await.is_invalid(taken);
}

async fn private_and_derived_members_are_not_stored(world: World) {
    let master = world.master().await;
    let data = json!({
        "name": "Sly", "pvt_superduper_admin": true, "superduper_admin": true, "is_reseller": true, "_read_only": 1,
        "wnm_allow_additions": true, "reseller_id": "x", "billing_mode": "normal", "api_key": "k", "descendants_count": 7,
        "pvt_tree": [], "_attachments": {}, "created": 1, "trial_time_left": 3, "notification_preference": "notify",
    });
    let made = master.api.put(&master.at(""), data).await.is(201).data();
    for (key, value) in [
        ("superduper_admin", json!(false)),
        ("is_reseller", json!(false)),
        ("wnm_allow_additions", json!(false)),
        ("reseller_id", json!(master.account_id)),
    ] {
        assert_eq!(made[key], value, "{key}");
    }
    let doc = world.documents().get(&names::ACCOUNTS, made["id"].as_str().unwrap()).await.unwrap();
    for key in ["superduper_admin", "is_reseller", "api_key", "descendants_count", "_read_only", "created", "billing_mode"] {
        assert!(doc.get(key).is_none(), "{key}");
    }
    assert_eq!(doc["pvt_tree"], json!([master.account_id]));
}

async fn a_chosen_id_is_an_id_and_free(world: World) {
    let master = world.master().await;
    let id = "0123456789abcdef0123456789abcdef";
    let made = master.api.put(&master.at(""), json!({ "name": "Chosen", "id": id })).await.is(201).data();
    assert_eq!(made["id"], id);
    for taken in [id, &master.account_id] {
        let refused = master.api.put(&master.at(""), json!({ "name": "Again", "id": taken })).await;
        refused.is_error(409, "datastore_conflict", json!({ "message": "conflicting documents" }));
    }
    for bad in [json!("abc"), json!(5), json!("0123456789ABCDEF0123456789abcdef"), json!({ "a": 1 }), json!("../../_users")] {
        let refused = master.api.put(&master.at(""), json!({ "name": "Bad", "id": bad })).await.is(400);
        assert!(refused.json()["data"]["id"].is_object(), "{}", refused.text());
    }
    for alive in [id, &master.account_id] {
        master.api.get(&format!("/v2/accounts/{alive}")).await.is(200);
    }
}

async fn hostile_bodies_are_refused(world: World) {
    let master = world.master().await;
    let before = databases(&world).await;
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    for data in [
        json!([]),
        json!("name"),
        json!({ "name": ["a"] }),
        json!({ "name": { "a": null } }),
        json!({ "name": null }),
        json!({ "name": "x".repeat(100_000) }),
        json!({ "name": "ok", "realm": ["a"] }),
        json!({ "name": "ok", "realm": { "a": 1 } }),
        json!({ "name": "ok", "realm": "a\u{0}b.example.com" }),
        json!({ "name": "ok", "realm": "r".repeat(300) }),
        json!({ "name": "ok", "timezone": "x".repeat(33) }),
        json!({ "name": "ok", "caller_id": [] }),
        json!({ "name": "ok", "flags": { "a": 1 } }),
        json!({ "name": "ok", "enabled": { "a": 1 } }),
        json!({ "name": "ok", "custom": deep }),
    ] {
        let answer = master.api.put(&master.at(""), data.clone()).await;
        assert_eq!(answer.status, 400, "{data}: {}", answer.text());
    }
    assert_eq!(databases(&world).await, before);
    // What is merely strange is kept as it is.
    let data = json!({ "name": "Zoë \u{202e}\u{7} 株式会社", "custom": { "pvt_x": 1, "_y": { "z": [[]] } } });
    let made = master.api.put(&master.at(""), data.clone()).await.is(201).data();
    assert_eq!((&made["name"], &made["custom"]), (&data["name"], &data["custom"]));
}

async fn every_account_above_counts_a_new_one(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    world.account(&grandchild, "Last").await;
    for (who, count) in [(&master, 3), (&child, 2), (&grandchild, 1)] {
        assert_eq!(who.api.get(&who.at("")).await.data()["descendants_count"], count);
        let copy = world.documents().get(&names::ACCOUNTS, &who.account_id).await.unwrap();
        assert_eq!(copy["descendants_count"], count);
    }
}

async fn databases(world: &World) -> Vec<Db> {
    let store = world.documents();
    assert!(!store.view(&names::ACCOUNTS, View::ALL_DOCS, &Query::default()).await.unwrap().is_empty());
    store.databases("").await.unwrap()
}
