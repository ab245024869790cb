//! Kazoo's request conventions, as a client meets them.

mod bodies;
mod cross_origin;
mod envelopes;
mod files;
mod order;
mod preconditions;
mod representations;
mod urls;
