//! The `storefront` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Libraries' spans are entries of their own, which say nothing without the rest of a trace.
    let filter = env_logger::Env::default().default_filter_or("info,tracing::span=warn");
    env_logger::Builder::from_env(filter).init();
    match storefront::cli::parse().and_then(storefront::cli::run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
