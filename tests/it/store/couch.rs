//! What is particular to CouchDB as a store: its server, its faults and its wire.

mod faults;
mod real;
mod server;
mod wire;

use std::time::Duration;

use storefront::store::{
    Error,
    couch::{CouchStore, Timeouts},
};
use url::Url;

/// A store that loses patience soon enough for a test, and late enough for a busy machine.
fn impatient(url: &Url) -> CouchStore {
    let limit = Duration::from_millis(300);
    CouchStore::with_timeouts(url, Timeouts { document: limit, view: limit, idle: limit }).unwrap()
}

/// Whether an error says anything that only the operator may know, in any of its forms.
fn tells_secrets(error: &Error) -> bool {
    let text = format!("{error} {error:?} {:?}", anyhow::anyhow!("{error}"));
    ["s3cret", "admin:", "YWRtaW4"].iter().any(|secret| text.contains(secret))
}
