//! The stores' contract and what is particular to each.

mod couch;
