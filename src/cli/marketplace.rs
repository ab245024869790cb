//! `storefront marketplace`: serving the marketplace, and what its staff does.

use std::{net::SocketAddr, process::ExitCode};

use clap::{Args, Subcommand};

use super::open;
use crate::{
    portal::{Portal, http::server, pages},
    store::Location,
    sup::Console,
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Marketplace {
    #[command(flatten)]
    serve: Serve,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Serve {
    /// Address and port to listen on
    #[arg(long, env = "STOREFRONT_MARKETPLACE_LISTEN", default_value = "127.0.0.1:8100")]
    listen: SocketAddr,
    /// The API that customers log in by, like http://api.example.com:8000; several are separated by commas
    #[arg(long, env = "STOREFRONT_IDENTITY_API", value_name = "URL", value_delimiter = ',')]
    identity_api: Vec<String>,
    /// What staff proves itself by at the API; better given in the environment. Without it nobody is staff
    #[arg(long, env = "STOREFRONT_STAFF_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    staff_token: Option<String>,
    /// Let browsers log in over plain HTTP, for development; otherwise they have to come by HTTPS
    #[arg(long, env = "STOREFRONT_PLAIN_HTTP")]
    plain_http: bool,
    /// Threads that answer requests [default: one for each processor]
    #[arg(long, env = "STOREFRONT_WORKERS")]
    workers: Option<usize>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill the marketplace with example listings
    SeedDemo,
}

/// Serves the marketplace, or runs one of its commands.
pub async fn run(location: &Location, marketplace: Marketplace, console: &Console) -> anyhow::Result<ExitCode> {
    let platform = open(location)?;
    match marketplace.command {
        None => {
            let Serve { listen, identity_api, staff_token, plain_http, workers } = marketplace.serve;
            anyhow::ensure!(!identity_api.is_empty(), "--identity-api is missing: the API that customers log in by");
            let portal = Portal::new(platform.clone(), &identity_api, staff_token.as_deref())?;
            platform.wait_until_reachable().await;
            portal.prepare().await?;
            let options = pages::Options { plain_http };
            server::serve(portal, listen, workers, options, |address| println!("The marketplace listens on http://{address}"))
                .await?;
            Ok(ExitCode::SUCCESS)
        }
        Some(command) => {
            let portal = Portal::new(platform, &[], None)?;
            portal.prepare().await?;
            command.run(&portal, console).await
        }
    }
}

impl Command {
    async fn run(self, portal: &Portal, console: &Console) -> anyhow::Result<ExitCode> {
        match self {
            Self::SeedDemo => {
                let made = portal.seed_demo().await?;
                console.say(&format!("{made} listings were made"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
