//! `storefront marketplace`: serving the marketplace, and what its staff does.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{
    open,
    serve::{seconds, watch},
};
use crate::{
    market::{
        catalogue::{LARGEST_PAGE, Page, Paging},
        refund,
        review::{Action, State},
        trail::{Actor, Who},
    },
    platform::Platform,
    portal::{Error, Portal, pages, vendors::NewVendor},
    server::portal as server,
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
    /// Address and port for /metrics, if it isn't to be beside the pages
    #[arg(long, env = "STOREFRONT_MARKETPLACE_METRICS_LISTEN", value_name = "LISTEN")]
    metrics_listen: Option<SocketAddr>,
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
    /// Seconds that requests in flight may still take when the server is told to stop
    #[arg(long, env = "STOREFRONT_SHUTDOWN_TIMEOUT", default_value = "30", value_name = "SECONDS", value_parser = seconds)]
    shutdown_timeout: Duration,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill the marketplace with example listings
    SeedDemo,
    /// List vendors
    Vendors,
    /// Let a vendor in; prints the token that he proves himself by
    AddVendor { name: String, email: String },
    /// Give a vendor another token
    RenewVendor { vendor: String },
    /// List the listings, or those in a state: draft, under_review, unpublished, published, denied, revoked
    Listings { state: Option<String> },
    /// Ask for a listing's review, for its vendor
    Submit { listing: String },
    /// Let a listing pass the review
    Approve { listing: String },
    /// Don't let a listing pass the review; its vendor is told why
    Deny { listing: String, reason: String },
    /// Put a listing on sale that was approved
    Publish { listing: String },
    /// Take a listing off the market, for its vendor
    Unpublish { listing: String },
    /// Remove a listing from the marketplace; its vendor is told why
    Revoke { listing: String, reason: String },
    /// List the accounts that have been here
    Accounts,
    /// Let an account have applications delivered, or not any longer
    EarlyAccess {
        /// The account's id
        account: String,
        #[arg(value_parser = ["on", "off"])]
        switch: String,
    },
    /// List refunds that are asked for
    Refunds,
    /// Decide about a refund
    Refund {
        #[arg(value_parser = ["approve", "reject"])]
        verdict: String,
        /// As the list has it
        id: String,
        /// What the customer is told
        answer: Option<String>,
    },
    /// Show who changed what, the newest first
    Audit {
        /// A document, such as listing:call-center
        subject: Option<String>,
    },
}

/// Serves the marketplace, or runs one of its commands.
pub async fn run(location: &Location, marketplace: Marketplace, console: &Console) -> anyhow::Result<ExitCode> {
    let (store, watched) = watch(open(location)?, None);
    let platform = Arc::new(Platform::new(store));
    match marketplace.command {
        None => {
            let Serve { listen, metrics_listen, identity_api, staff_token, plain_http, workers, shutdown_timeout } =
                marketplace.serve;
            anyhow::ensure!(!identity_api.is_empty(), "--identity-api is missing: the API that customers log in by");
            let portal = Portal::new(platform.clone(), &identity_api, staff_token.as_deref())?;
            platform.wait_until_reachable().await;
            portal.prepare().await?;
            let pages = pages::Options { plain_http };
            let options = server::Options { listen, metrics_listen, workers, stop_within: shutdown_timeout, pages };
            server::serve(portal, watched, options, |address| println!("The marketplace listens on http://{address}")).await?;
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
        let staff = Actor { who: Who::Staff, ip: None };
        let (listing, action, reason) = match self {
            Self::Submit { listing } => (listing, Action::Submit, None),
            Self::Approve { listing } => (listing, Action::Approve, None),
            Self::Deny { listing, reason } => (listing, Action::Deny, Some(reason)),
            Self::Publish { listing } => (listing, Action::Publish, None),
            Self::Unpublish { listing } => (listing, Action::Unpublish, None),
            Self::Revoke { listing, reason } => (listing, Action::Revoke, Some(reason)),
            other => {
                other.show(portal, console, &staff).await?;
                return Ok(ExitCode::SUCCESS);
            }
        };
        let moved = portal.move_listing(&listing, action, reason.as_deref(), None, &staff).await?;
        console.say(&format!("{} is {} now", moved.slug, moved.state.as_str()));
        Ok(ExitCode::SUCCESS)
    }

    /// The commands that aren't about a listing's state.
    async fn show(self, portal: &Portal, console: &Console, staff: &Actor) -> anyhow::Result<()> {
        let vendor_line = |vendor: NewVendor| format!("vendor {}\ntoken {}", vendor.id, vendor.token);
        match self {
            Self::SeedDemo => console.say(&format!("{} listings were made", portal.seed_demo().await?)),
            Self::AddVendor { name, email } => console.say(&vendor_line(portal.add_vendor(&name, &email, staff).await?)),
            Self::RenewVendor { vendor } => console.say(&vendor_line(portal.renew_vendor(&vendor, staff).await?)),
            Self::Vendors => list(console, async |paging| portal.vendors(paging).await).await?,
            Self::Accounts => list(console, async |paging| portal.accounts(paging).await).await?,
            Self::Listings { state } => {
                let parsed = state.as_deref().map(|text| State::parse(text).with_context(|| format!("{text} is no state")));
                let state = parsed.transpose()?;
                list(console, async |paging| portal.all_submissions(state, paging).await).await?;
            }
            Self::Refunds => list(console, async |paging| portal.refunds(refund::State::Requested, paging).await).await?,
            Self::Audit { subject } => list(console, async |paging| portal.audit(subject.as_deref(), paging).await).await?,
            Self::EarlyAccess { account, switch } => {
                let account = portal.set_early_access(&account, switch == "on", staff).await?;
                console.say(&format!("early access of {} ({}) is {switch}", account.name, account.account_id));
            }
            Self::Refund { verdict, id, answer } => {
                let decided = portal.decide_refund(&id, verdict == "approve", answer.as_deref(), staff).await?;
                console.say(&format!("refund {}: {}", decided.id, if verdict == "approve" { "approved" } else { "rejected" }));
            }
            // Run above.
            Self::Submit { .. }
            | Self::Approve { .. }
            | Self::Deny { .. }
            | Self::Publish { .. }
            | Self::Unpublish { .. }
            | Self::Revoke { .. } => {}
        }
        Ok(())
    }
}

/// Prints a list page by page, an item a line, as JSON.
async fn list<T: Serialize>(console: &Console, read: impl AsyncFn(Paging) -> Result<Page<T>, Error>) -> anyhow::Result<()> {
    let mut page = 1;
    loop {
        let part = read(Paging { page, per_page: LARGEST_PAGE }).await?;
        for item in &part.items {
            console.say(&serde_json::to_string(item)?);
        }
        if part.items.len() < LARGEST_PAGE {
            return Ok(());
        }
        page += 1;
    }
}
