//! The marketplace's pages, as HTML shows them to somebody without a script. Each test names the requirements that it shows.

mod account;
mod apps;
mod browsing;
mod buying;
mod cluster;
mod login;
mod safety;
