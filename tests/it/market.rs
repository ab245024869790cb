//! The marketplace, from outside: what customers, clusters, vendors and staff see of it. Each test names the requirements that it
//! shows.

mod auditing;
mod browsing;
mod buying;
mod delivering;
mod linking;
mod logging_in;
mod managing;
mod manners;
mod reviewing;
mod surviving;
