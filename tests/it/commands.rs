//! The operator's commands, beside a running server.

mod accounts;
mod apps;
mod broken_apps;
mod settings;
mod words;
