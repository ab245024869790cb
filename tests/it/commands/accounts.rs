//! Accounts by command.

use serde_json::json;
use storefront::platform::names;

use crate::support::{
    couch::Clean,
    process,
    world::{PASSWORD, World, account_db, embedded},
};

on_every_world! {
    a_further_account_is_one_below_the_master,
    an_account_that_cant_be_is_told_why,
    accounts_are_found_by_id_name_realm_and_number,
    an_operator_switches_what_the_api_does_not,
    an_operator_arranges_the_tree,
    an_accounts_copy_and_settings_are_the_operators_too,
}

/// Makes the first account of an empty store.
fn the_first_account_becomes_the_master(store: &str) {
    let run = |arguments: &[&str]| process::run(["--store", store].iter().chain(arguments));
    let no_master = run(&["apps"]).failed();
    assert!(no_master.contains("there is no master account yet; make it with create-account"), "{no_master}");
    let said = run(&["sup", "crossbar_maintenance", "create_account", "First", "first.example.com", "root", "s3cret!"]).ok();
    let id = said.lines().find_map(|line| line.strip_prefix("created new account '")?.split('\'').next()).unwrap();
    let encoded = account_db(id).as_str().replace('/', "%2F");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "prechecks passed");
    assert_eq!(lines[1], format!("created new account '{id}' in db '{encoded}'"));
    assert!(lines[2].starts_with("created new account admin user '"), "{said}");
    assert_eq!(
        lines[3..],
        [
            format!("account {id} is the first, promoting it to sysadmin").as_str(),
            "updated master account id in system_config.accounts",
            "finished promoting account"
        ]
    );
    assert!(!said.contains("s3cret!"));
    let master = run(&["sup", "kapps_config", "get", "accounts", "master_account_id"]).ok();
    assert_eq!(master.trim(), json!(id).to_string());
}

#[test]
fn the_first_account_becomes_the_master_in_an_embedded_store() {
    let directory = tempfile::tempdir().unwrap();
    the_first_account_becomes_the_master(&embedded(directory.path()));
}

#[tokio::test]
async fn the_first_account_becomes_the_master_in_couchdb() {
    let clean = Clean::new().await;
    the_first_account_becomes_the_master(clean.url().as_str());
}

async fn a_further_account_is_one_below_the_master(world: World) {
    let said = world.run(&["create-account", "Second", "second.example.com", "Boss", PASSWORD]).ok();
    assert!(said.contains("created new account '") && !said.contains("promoting"), "{said}");
    // User names are compared, and hashed, in lower case.
    let second = world.session("second", "boss", PASSWORD).await;
    let master = world.master().await;
    let doc = world.documents().get(&second.db(), &second.account_id).await.unwrap();
    assert_eq!(doc["pvt_tree"], json!([master.account_id]));
    assert!(doc.get("pvt_superduper_admin").is_none());
    let copy = world.documents().get(&names::ACCOUNTS, &second.account_id).await.unwrap();
    for key in ["name", "realm", "pvt_api_key", "pvt_tree", "pvt_type"] {
        assert_eq!(copy[key], doc[key], "{key}");
    }
    assert_eq!(second.api.get(&second.at(&format!("/users/{}", second.user_id))).await.data()["priv_level"], "admin");
    master.api.get(&second.at("")).await.is(200);
    second.api.get(&master.at("")).await.is_forbidden();
}

async fn an_account_that_cant_be_is_told_why(world: World) {
    let databases = async || world.documents().databases("").await.unwrap();
    let before = databases().await;
    for (name, realm, field) in [
        ("master co", "new.example.com", "name"),
        ("New", "master.example.com", "realm"),
        ("New", "no realm!", "realm"),
        ("", "new.example.com", "name"),
    ] {
        let said = world.run(&["create-account", name, realm, "root", "x"]).failed();
        assert!(said.contains(&format!("failed to validate account {field}")), "{said}");
    }
    assert_eq!(databases().await, before);
}

async fn accounts_are_found_by_id_name_realm_and_number(world: World) {
    let child = world.account(&world.master().await, "Blue Fox").await;
    let realm = child.api.get(&child.at("")).await.data()["realm"].as_str().unwrap().to_owned();
    let number = "+14155550100";
    let numbers = names::number_db(number).unwrap();
    world.documents().create_database(&numbers).await.unwrap();
    let doc = json!({ "_id": number, "pvt_assigned_to": child.account_id });
    world.documents().put(&numbers, doc.as_object().unwrap()).await.unwrap();
    let encoded = child.db().as_str().replace('/', "%2F");
    for (by, wanted) in [("id", child.account_id.as_str()), ("name", "bluefox"), ("realm", &realm), ("number", number)] {
        let said = world.sup(&["crossbar_maintenance", &format!("find_account_by_{by}"), wanted]).ok();
        let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
        let expected = [
            format!("Account ID: {} ({encoded})", child.account_id),
            "  Name: Blue Fox".to_owned(),
            format!("  Realm: {realm}"),
            "  Enabled: true".to_owned(),
            "  System Admin: false".to_owned(),
            format!("{{ok,<<\"{}\">>}}", child.account_id),
        ];
        assert_eq!(lines, expected, "{by}");
    }
    let said = world.sup(&["crossbar_maintenance", "find_account_by_name", "nobody"]).failed();
    assert!(said.contains("failed to find account: not_found"), "{said}");
    let said = world.sup(&["crossbar_maintenance", "find_account_by_number", "+19995550100"]).failed();
    assert!(said.contains("failed to find account assigned to number '+19995550100'"), "{said}");
    let unknown = "f".repeat(32);
    assert!(world.sup(&["crossbar_maintenance", "find_account_by_id", &unknown]).stdout.contains("does not exist"));
}

async fn an_operator_switches_what_the_api_does_not(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    for (on, off, member) in [
        ("promote_account", "demote_account", "superduper_admin"),
        ("allow_account_number_additions", "disallow_account_number_additions", "wnm_allow_additions"),
    ] {
        for (command, expected) in [(on, true), (off, false)] {
            world.sup(&["crossbar_maintenance", command, &child.account_id]).ok();
            assert_eq!(child.api.get(&child.at("")).await.data()[member], expected, "{command}");
            let copy = world.documents().get(&names::ACCOUNTS, &child.account_id).await.unwrap();
            assert_eq!(copy[&format!("pvt_{member}")], expected, "{command}");
        }
    }
    world.sup(&["crossbar_maintenance", "disable_account", &child.account_id]).ok();
    world.log_in("child", "boss", PASSWORD).await.is(400);
    world.sup(&["crossbar_maintenance", "enable_account", &child.account_id]).ok();
    world.log_in("child", "boss", PASSWORD).await.is(201);
    for unknown in ["nosuch", &"f".repeat(32)] {
        let said = world.sup(&["crossbar_maintenance", "promote_account", unknown]).failed();
        assert!(said.contains(&format!("failed to admin-ify account {unknown}: not_found")), "{said}");
    }
}

async fn an_operator_arranges_the_tree(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    let said = world.sup(&["crossbar_maintenance", "move_account", &one.account_id, &other.account_id]).ok();
    assert!(said.contains("move complete!"), "{said}");
    let said = world.sup(&["crossbar_maintenance", "move_account", &one.account_id, &one.account_id]).failed();
    assert!(said.contains("can not move to the same account"), "{said}");
    other.api.get(&one.at("")).await.is(200);

    world.sup(&["kazoo_services_maintenance", "make_reseller", &other.account_id]).ok();
    assert_eq!(one.api.get(&one.at("")).await.data()["reseller_id"], other.account_id.as_str());
    world.sup(&["kazoo_services_maintenance", "demote_reseller", &other.account_id]).ok();
    let reseller_of = async |id: &str| world.documents().get(&names::SERVICES, id).await.unwrap()["pvt_reseller_id"].clone();
    assert_eq!(reseller_of(&one.account_id).await, master.account_id.as_str());
    world.sup(&["kazoo_services_maintenance", "set_reseller_id", &other.account_id, &one.account_id]).ok();
    assert_eq!(reseller_of(&one.account_id).await, other.account_id.as_str());
    world.sup(&["kazoo_services_maintenance", "cascade_reseller_id", &master.account_id, &other.account_id]).ok();
    assert_eq!(reseller_of(&one.account_id).await, master.account_id.as_str());

    world.edit_account(&other.account_id, |doc| drop(doc.insert("descendants_count".into(), json!(77)))).await;
    let said = world.sup(&["crossbar_maintenance", "descendants_count"]).ok();
    assert!(said.contains("corrected the counts of 1 accounts"), "{said}");
    assert_eq!(other.api.get(&other.at("")).await.data()["descendants_count"], 1);
}

async fn an_accounts_copy_and_settings_are_the_operators_too(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    world.edit(&names::ACCOUNTS, &child.account_id, |doc| drop(doc.insert("name".into(), json!("Stale")))).await;
    let said = world.sup(&["kapps_maintenance", "refresh_account", &child.account_id]).ok();
    assert!(said.contains("are in aggregate dbs"), "{said}");
    assert_eq!(world.documents().get(&names::ACCOUNTS, &child.account_id).await.unwrap()["name"], "Child");
    let id = child.account_id.as_str();
    assert_eq!(world.sup(&["kapps_account_config", "get", id, "fax", "a.b"]).ok().trim(), "undefined");
    world.sup(&["kapps_account_config", "set", id, "fax", "a.b", "5"]).ok();
    assert_eq!(world.sup(&["kapps_account_config", "get", id, "fax", "a.b"]).ok().trim(), "5");
    let doc = world.documents().get(&child.db(), "configs_fax").await.unwrap();
    assert_eq!((&doc["a"], &doc["pvt_type"]), (&json!({ "b": 5 }), &json!("account_config")));
    world.sup(&["kapps_account_config", "set", "nosuch", "fax", "a", "5"]).failed();
    let known = world.run(&["sup"]).ok();
    assert!(known.lines().count() > 30 && known.contains("kapps_account_config get ACCOUNT CATEGORY KEY"), "{known}");
}
