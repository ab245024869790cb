//! Storefront: the part of Kazoo's API that sells and brands the platform, answered directly on Kazoo's documents.
//!
//! Data goes one way: [`http`] reads a request by Kazoo's conventions, [`auth`] says who asks, [`api`] answers, with the
//! rules of [`kazoo`] over the documents of a [`store`]. `docs/architecture.md` is the map.

pub mod kazoo;
pub mod store;
