//! The apps store, as its documentation shows it call by call: what's read, installed, changed, uninstalled and forbidden.

use serde_json::{Value, json};
use storefront::platform::names;

use crate::support::world::{Session, World, account_db};

mod blacklist;
mod catalogue;
mod inheritance;
mod installing;
mod legacy;
mod login;
mod pictures;
mod plans;

fn names(list: &Value) -> Vec<&str> {
    let mut names: Vec<_> = list.as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn find<'a>(list: &'a Value, id: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|app| app["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}"))
}

/// The names of the apps that an account sees, in alphabetical order.
async fn seen(session: &Session) -> String {
    let list = session.api.get(&session.at("/apps_store")).await.is(200).data();
    names(&list).join(" ")
}

/// Puts a service plan into a vendor's database.
async fn plan(world: &World, vendor: &str, id: &str, members: Value) {
    let mut doc = json!({ "_id": id, "pvt_type": "service_plan", "name": id });
    doc.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    world.documents().put(&account_db(vendor), doc.as_object().unwrap()).await.unwrap();
}

/// Puts an app of his own into a vendor's database: an icon, and two screenshots with names that need care.
async fn vendor_app(world: &World, vendor: &str, id: &str, name: &str) {
    let doc = json!({
        "_id": id, "pvt_type": "app", "name": name, "icon": "the icon.svg", "screenshots": ["über 1.jpg", "two.png"],
        "i18n": { "en-US": { "label": "Vendor's" } }, "pvt_account_id": vendor,
        "_attachments": {
            "the icon.svg": { "content_type": "image/svg+xml", "data": "PHN2Zy8+" },
            "über 1.jpg": { "content_type": "image/jpeg", "data": "/9j/4AAQ" },
            "two.png": { "content_type": "image/png", "data": "iVBORw0KGgo=" },
        },
    });
    world.documents().put(&account_db(vendor), doc.as_object().unwrap()).await.unwrap();
}

/// Sets a member of an account's services document.
async fn serve(world: &World, account_id: &str, key: &str, value: Value) {
    world.edit(&names::SERVICES, account_id, |doc| drop(doc.insert(key.to_owned(), value.clone()))).await;
}

async fn people(world: &World) -> (Session, Session) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    (master, child)
}
