//! The stores' contract, held against each of them, and what is particular to one.

#[macro_use]
pub mod contract;

mod attachments;
mod changes;
mod couch;
mod databases;
mod documents;
mod embedded;
mod refusals;
mod updates;
mod view_updates;
mod views;
mod walking;
