//! Change notices: what is written here is announced on Kazoo's message bus, so that its nodes drop what they have cached.
//!
//! [`Announced`] stands before a store and makes a [`Notice`] of each write that succeeded. A [`Bus`] takes them to the
//! broker, in the background: no request waits for it, and none fails because the broker is away. [`QUEUE`] notices wait for
//! it then; what can't is lost, which Kazoo's caches survive: in the end they forget by themselves.

mod announced;
mod bus;
mod notice;

pub use announced::Announced;
pub use bus::{Bus, Counts, QUEUE};
pub use notice::Notice;
