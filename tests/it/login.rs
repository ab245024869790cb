//! Logging in, and what a token is good for.

mod credentials;
pub mod forged;
mod limits;
mod other_ways;
mod tokens;
