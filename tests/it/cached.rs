//! Answers from memory: that they save round trips, and that they are never too old.

mod api;
mod assembled;
mod feed;
mod race;
mod round_trips;
mod staleness;
mod together;
