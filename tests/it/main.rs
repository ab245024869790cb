//! Everything that is tested from outside, in one binary; a file a capability.

mod fixtures;
mod store;
mod support;
