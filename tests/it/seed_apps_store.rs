//! The apps store, as its documentation shows it call by call: what's read, installed, changed, uninstalled and forbidden.

use serde_json::Value;

use crate::support::world::{Session, World};

mod blacklist;
mod catalogue;
mod installing;

fn names(list: &Value) -> Vec<&str> {
    let mut names: Vec<_> = list.as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn find<'a>(list: &'a Value, id: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|app| app["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}"))
}

async fn people(world: &World) -> (Session, Session) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    (master, child)
}
