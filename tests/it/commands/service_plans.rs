//! `storefront service-plan`: what accounts are offered, by command.

use serde_json::{Value, json};
use storefront::platform::names;

use crate::support::{
    process,
    world::{Session, World},
};

on_every_world! {
    a_plan_is_made_given_shown_and_taken_away,
    a_plan_may_be_a_resellers,
    what_isnt_there_is_told,
}

async fn seen(session: &Session) -> String {
    let list = session.api.get(&session.at("/apps_store")).await.is(200).data();
    let mut names: Vec<_> = list.as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    names.join(" ")
}

async fn a_plan_is_made_given_shown_and_taken_away(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child Co.").await;
    let plan = |arguments: &[&str]| world.run(&[&["service-plan"], arguments].concat());
    let (port, console) = (world.app("port").await, world.app("api-console").await);
    let made = plan(&["create", "small", "--name", "Small offices", "--on", "api-console", "--off", &port]).ok();
    let expected = format!(
        "Plan small\n  vendor: {}\n  name: Small offices\n  on: api-console {console}\n  off: port {port}\n",
        master.account_id
    );
    assert_eq!(made, expected);
    let doc = world.documents().get(&master.db(), "small").await.unwrap();
    assert_eq!((&doc["pvt_type"], &doc["pvt_account_id"]), (&json!("service_plan"), &json!(master.account_id)));
    assert_eq!(doc["applications"][&port], json!({ "name": "port", "vendor_id": master.account_id, "enabled": false }));
    assert_eq!(seen(&child).await, "accounts port reports", "nobody has it yet");

    let said = plan(&["assign", "Child Co.", "small"]).ok();
    assert_eq!(said, format!("account {} has plan small of {}\n", child.account_id, master.account_id));
    assert_eq!(seen(&child).await, "accounts api-console reports", "a running server minds it at once");
    let services = world.documents().get(&names::SERVICES, &child.account_id).await.unwrap();
    assert_eq!(services["plans"], json!({ "small": { "vendor_id": master.account_id } }));
    assert!(plan(&["assign", &child.account_id, "small"]).ok().ends_with("already\n"));
    let again = world.documents().get(&names::SERVICES, &child.account_id).await.unwrap();
    assert_eq!(again["_rev"], services["_rev"]);

    let shown = plan(&["show", "small"]).ok();
    assert_eq!(shown, format!("{expected}  account: {}\n", child.account_id));
    assert_eq!(plan(&["list"]).ok(), shown);
    assert_eq!(plan(&["list", "Child Co."]).ok(), shown);

    // Another in its place counts at once, and members that a command doesn't know stay.
    world.edit(&master.db(), "small", |doc| drop(doc.insert("plan".into(), json!({ "devices": {} })))).await;
    assert!(plan(&["create", "small", "--on", "port"]).failed().contains("there is a plan small already; --replace"));
    plan(&["create", "small", "--on", "port", "--replace"]).ok();
    assert_eq!(seen(&child).await, "accounts port reports");
    let doc = world.documents().get(&master.db(), "small").await.unwrap();
    assert_eq!((&doc["plan"], &doc["name"]), (&json!({ "devices": {} }), &json!("small")));

    plan(&["create", "small", "--off", "port", "--replace"]).ok();
    assert_eq!(seen(&child).await, "accounts reports");
    plan(&["unassign", "Child Co.", "small"]).ok();
    assert_eq!(seen(&child).await, "accounts port reports");
    assert!(plan(&["unassign", "Child Co.", "small"]).failed().contains("doesn't have plan small"));
    assert_eq!(plan(&["list", "Child Co."]).ok(), "");
}

async fn a_plan_may_be_a_resellers(world: World) {
    let master = world.master().await;
    let reseller = world.account(&master, "Reseller").await;
    let customer = world.account(&reseller, "Customer").await;
    master.api.put(&reseller.at("/reseller"), json!({})).await.is(201);
    let radio: Value = json!({ "_id": "radio", "pvt_type": "app", "name": "radio", "i18n": {} });
    world.documents().put(&reseller.db(), radio.as_object().unwrap()).await.unwrap();
    let plan = |arguments: &[&str]| world.run(&[&["service-plan"], arguments].concat());
    plan(&["create", "p", "--vendor", "Reseller", "--on", "radio", "--off", "reports"]).ok();
    // The account's reseller's plan comes before one of the master's that has the same id.
    plan(&["create", "p", "--off", "port"]).ok();
    let said = plan(&["assign", "Customer", "p"]).ok();
    assert!(said.contains(&reseller.account_id), "{said}");
    assert_eq!(seen(&customer).await, "accounts port radio");
    assert!(plan(&["show", "p", "--vendor", "Reseller"]).ok().contains(&format!("account: {}", customer.account_id)));
    assert!(!plan(&["show", "p"]).ok().contains("account: "));
    plan(&["assign", "Customer", "p", "--vendor", &master.account_id]).ok();
    assert_eq!(seen(&customer).await, "accounts reports");
}

async fn what_isnt_there_is_told(world: World) {
    let master = world.master().await;
    let plan = |arguments: &[&str]| world.run(&[&["service-plan"], arguments].concat()).failed();
    assert!(plan(&["create", "p", "--on", "nosuch"]).contains("there is no app nosuch"));
    assert!(plan(&["create", "p", "--on", "port", "--off", "port"]).contains("given twice"));
    assert!(plan(&["create", "_design/x"]).contains("can't be a plan's id"));
    assert!(plan(&["create", &world.app("port").await]).contains("is no plan"));
    assert!(plan(&["create", "p", "--vendor", "nosuch"]).contains("there is no account nosuch"));
    assert!(plan(&["assign", "nosuch", "p"]).contains("there is no account nosuch"));
    assert!(plan(&["assign", &master.account_id, "p"]).contains("storefront service-plan create p"));
    assert!(plan(&["show", "p"]).contains("no plan p"));
    assert!(plan(&["unassign", &master.account_id, "p"]).contains("doesn't have plan p"));
}

#[test]
fn help_teaches_by_an_example() {
    for arguments in [&["service-plan", "--help"][..], &["service-plan", "create", "--help"]] {
        let help = process::run(arguments).ok();
        for wanted in
            ["storefront service-plan create small", "--on voip --off port", "storefront service-plan assign 'Child Co.' small"]
        {
            assert!(help.contains(wanted), "{help}");
        }
    }
}
