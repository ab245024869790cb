//! Kazoo's documents and rules: pure functions, without I/O, clock or HTTP.

pub mod document;
pub mod filter;
pub mod id;
pub mod password;
pub mod schema;
pub mod term;
pub mod validation;
pub mod account;
pub mod apps;
pub mod plans;
pub mod user;
