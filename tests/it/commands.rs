//! The operator's commands, beside a running server.

mod accounts;
mod apps;
mod broken_apps;
mod serve;
mod settings;
mod words;
