//! Applications: a catalogue kept by the master account and its resellers, and what accounts make of it.

use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    world::{Session, World},
};

mod blocklists;
mod entitlements;
mod exchange;
mod metadata;
mod pictures;

const ONE: &str = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const TWO: &str = "1a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
const THREE: &str = "2a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n an icon";
const GIF: &[u8] = b"GIF89a a screenshot";

/// What has to be said of an application.
fn about(name: &str) -> Value {
    json!({ "name": name, "type": "monster_ui", "author": "Us", "license": "MPL", "version": "1.0" })
}

/// Master, reseller, and a customer of the reseller's.
struct Cast {
    master: Session,
    reseller: Session,
    customer: Session,
}

async fn cast(world: &World) -> Cast {
    let master = world.master().await;
    let reseller = world.account(&master, "Reseller").await;
    master.api.put(&reseller.at("/reseller"), json!({})).await.is(201);
    let customer = world.account(&reseller, "Customer").await;
    Cast { master, reseller, customer }
}

/// The path of an application's metadata in somebody's catalogue.
fn kept(by: &Session, id: &str) -> String {
    by.at(&format!("/applications/application/{id}"))
}

async fn keep(by: &Session, id: &str, name: &str) -> Answer {
    by.api.put(&kept(by, id), about(name)).await.is(201)
}

/// Activates an application for all of an account.
async fn activate(by: &Session, id: &str) {
    by.api.put(&by.at(&format!("/applications/monster_ui/{id}/entitlement")), json!({ "type": "all" })).await.is(201);
}

/// The names of the applications in a list, those that aren't activated with a `-` before them.
fn names(list: &Value) -> String {
    let name = |app: &Value| format!("{}{}", if app["published"] == true { "" } else { "-" }, app["name"].as_str().unwrap());
    let mut names: Vec<String> = list.as_array().unwrap().iter().map(name).collect();
    names.sort();
    names.join(" ")
}

/// What an account has, as its admin sees it.
async fn had(by: &Session) -> String {
    names(&by.api.get(&by.at("/applications/monster_ui")).await.is(200).data())
}
