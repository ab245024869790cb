//! What the tests share: servers, clients and stores.

pub mod couch;
pub mod script;
