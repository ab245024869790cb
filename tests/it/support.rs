//! What the tests share: servers, clients and stores.

pub mod broker;
pub mod browser;
pub mod client;
pub mod compose;
pub mod couch;
pub mod counted;
pub mod dns;
pub mod marketplace;
pub mod nginx;
pub mod portal;
pub mod process;
pub mod promise;
pub mod proxy;
pub mod reader;
pub mod script;
pub mod smtp;
pub mod upstream;
#[macro_use]
pub mod world;
