//! Overrides: an account's own texts and pictures for an app, and where they are shown.

use serde_json::{Value, json};

use crate::support::{
    client::{Answer, Api},
    world::{Session, World},
};

mod documents;
mod listing;
mod pictures;
mod prefixes;

/// Bytes that begin like a picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n an icon";
const GIF: &[u8] = b"GIF89a a screenshot";

/// An override's texts, as its schema wants them.
fn texts(label: &str) -> Value {
    json!({ "i18n": { "en-US": { "label": label, "description": "Ours now" } } })
}

/// The master's admin, an account's, and an app with the path of the account's override for it.
async fn stage(world: &World) -> (Session, Session, String, String) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let app = world.app("accounts").await;
    let path = child.at(&format!("/apps_store/{app}/override"));
    (master, child, app, path)
}

async fn send(api: &Api, path: &str, content_type: &str, bytes: &'static [u8]) -> Answer {
    api.raw("POST", path, Some(content_type), bytes).await
}
