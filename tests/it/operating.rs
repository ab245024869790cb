//! What operators see: settings, metrics, logs, stopping.

mod access_log;
mod configuration;
mod metrics;
mod packaging;
mod stopping;
