//! The operator's commands, beside a running server.

mod accounts;
mod apps;
mod broken_apps;
mod edited_apps;
mod packages;
mod serve;
mod service_plans;
mod settings;
mod views;
mod words;
