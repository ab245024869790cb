//! Who sends a request, what he may reach, and how often.

pub mod buckets;
pub mod caller;
pub mod costs;
pub mod login;
pub mod module;
pub mod presented;
pub mod revocation;
pub mod token;
pub mod welcome;

pub use buckets::Buckets;
pub use caller::{Caller, Denied};
pub use presented::Presented;
