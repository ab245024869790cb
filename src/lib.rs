//! Storefront: the part of Kazoo's API that sells and brands the platform, answered directly on Kazoo's documents.
//!
//! Imports go down: `server` and `cli` on top, then [`api`], [`http`], [`auth`], [`platform`], and at the bottom [`kazoo`]
//! (rules without I/O) and [`store`] (documents without rules). `docs/architecture.md` is the map.

pub mod api;
pub mod auth;
pub mod cli;
pub mod http;
pub mod kazoo;
pub mod market;
pub mod notices;
pub mod platform;
pub mod portal;
pub mod server;
pub mod store;
pub mod sup;
