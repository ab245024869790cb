//! Everything that is tested from outside, in one binary; a file a capability.

// Clippy's own exemption for tests doesn't reach the functions that they share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[macro_use]
mod support;

mod accounts;
mod alerts;
mod applications;
mod archive;
mod cached;
mod commands;
mod companions;
mod conventions;
mod demo;
mod description;
mod dev_stack;
mod doctor;
mod faults;
mod fixtures;
mod hierarchy;
mod layers;
mod licences;
mod login;
mod market;
mod marketplace_connector;
mod monster_ui;
mod notices;
mod operating;
mod overrides;
mod pass_through;
mod portal_browser;
mod portal_pages;
mod rights;
mod schemas;
mod search;
mod seed_apps_store;
mod seed_whitelabel;
mod store;
mod users;
mod whitelabel;
