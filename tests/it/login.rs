//! Logging in, and what a token is good for.

mod credentials;
mod ending;
pub mod forged;
mod keys;
mod limits;
mod modules;
mod other_ways;
mod renewing;
mod restrictions;
mod sign_on;
mod token_info;
mod tokens;
