//! What the tests share: servers, clients and stores.

pub mod client;
pub mod couch;
pub mod counted;
pub mod dns;
pub mod process;
pub mod script;
pub mod smtp;
pub mod upstream;
#[macro_use]
pub mod world;
