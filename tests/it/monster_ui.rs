//! What Monster UI does, call by call: the requests that it sends, with its headers and bodies, and every member that it reads
//! of the answers.

mod accounts;
mod apps;
mod browser;
mod connector;
mod control_center;
mod login;
