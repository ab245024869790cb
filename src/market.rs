//! The marketplace's documents and rules: pure functions and plain structs, without I/O, clock or HTTP.
//!
//! Times are Unix times in seconds. Every document carries what it doesn't know of itself in `rest`, `_id` and `_rev` included,
//! so that it survives a write.

pub mod account;
pub mod catalogue;
pub mod cluster;
pub mod content;
pub mod delivery;
pub mod eligibility;
pub mod instructions;
pub mod listing;
pub mod order;
pub mod plan;
pub mod refund;
pub mod release;
pub mod review;
pub mod secret;
pub mod subscription;
pub mod trail;
pub mod version;

/// The members of a document that this program doesn't know, `_id`, `_rev` and `_attachments` included.
pub type Rest = serde_json::Map<String, serde_json::Value>;
