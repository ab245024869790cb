//! The command line.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::{
    platform::Platform,
    server::{self, Options},
    store::{self, Cached, Location, Store, cached::Limits},
    sup::{self, Command, Console},
};

mod archive;
mod demo;
mod doctor;
mod service_plan;
mod views;
mod words;

use archive::{Compare, Export, Import};
use doctor::Doctor;
use service_plan::ServicePlan;
use views::Views;

/// Kazoo's storefront API (accounts, logins, apps) on CouchDB, or on a store of its own.
///
/// Start with `storefront demo`: it makes a store with a few accounts and apps and serves it.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// Where the documents are: embedded:DIRECTORY, or a CouchDB URL with user and password
    #[arg(long, global = true, env = "STOREFRONT_STORE", hide_env_values = true, default_value = "embedded:./storefront-data")]
    store: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve the API
    Serve(Serve),
    /// Make a store with example accounts and apps, and serve it
    Demo(Demo),
    /// Load every app below a folder into the master account (known apps: only their pictures and, if given, the URL)
    InitApps(Apps),
    /// Load one app into the master account
    InitApp(Apps),
    /// Load every app below a folder, and bring known ones up to date
    RefreshApps(Apps),
    /// Load one app, or bring it up to date
    RefreshApp(Apps),
    /// List the apps of the master account
    Apps,
    /// Show one app
    App {
        /// Its name or id
        app: String,
    },
    /// Make an account and its admin; the first one becomes the master account
    CreateAccount {
        name: String,
        realm: String,
        username: String,
        /// Visible to others on this machine while the command runs; change it afterwards if that matters
        password: String,
    },
    /// Load an app over the one that had another name, which it keeps the id of
    RenameAndRefreshApp {
        /// A folder with an app in Monster UI's layout
        path: PathBuf,
        /// What the app is called in the store
        previous_name: String,
        /// The API that the app is to use
        api_url: Option<String>,
    },
    /// Make service plans, which say which apps accounts are offered, and give them to accounts
    #[command(subcommand)]
    ServicePlan(ServicePlan),
    /// Write the schemas that ship with this version over those in the store
    UpdateSchemas,
    /// Show an account's api key
    ApiKey {
        /// The account's id
        account: String,
        /// Make a new key first; the old one is void then
        #[arg(long)]
        renew: bool,
    },
    /// Read and write settings (documents of system_config)
    #[command(subcommand)]
    Config(Config),
    /// Put missing databases, views and schemas in place, for one database or all
    Refresh {
        /// A database's name, an account's id, or nothing for all
        database: Option<String>,
    },
    /// Look for what is wrong in the store, and mend what can be mended safely
    Doctor(Doctor),
    /// Show what databases lack of views and schemas, and put that in place
    #[command(subcommand)]
    Views(Views),
    /// Write accounts, or everything, with attachments into a file
    Export(Export),
    /// Put what is in such a file into the store
    Import(Import),
    /// Say in what another store differs; revisions don't count
    Compare(Compare),
    /// Run a command in the words of Kazoo's sup: MODULE FUNCTION ARGUMENTS
    ///
    /// For example: storefront sup crossbar_maintenance init_apps ./apps http://127.0.0.1:8000/v2
    ///
    /// Without words it lists those that are known.
    Sup { words: Vec<String> },
}

#[derive(Debug, Subcommand)]
enum Config {
    /// Print a setting
    Get { category: String, key: String },
    /// Set a setting for all nodes; a value that is JSON is taken as such, any other as text
    SetDefault { category: String, key: String, value: String },
}

#[derive(Debug, Args)]
struct Apps {
    /// A folder with apps in Monster UI's layout (APP/metadata/app.json)
    path: PathBuf,
    /// The API that the apps are to use, like http://api.example.com:8000/v2; without it they use Monster UI's own
    api_url: Option<String>,
}

#[derive(Debug, Args)]
struct Serve {
    /// Address and port to listen on
    #[arg(long, env = "STOREFRONT_LISTEN", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// The Kazoo version to tell clients
    #[arg(long, env = "STOREFRONT_KAZOO_VERSION", default_value = server::KAZOO_VERSION)]
    kazoo_version: String,
    /// Whether to answer, with nothing, for modules of Kazoo that Storefront lacks and Monster UI needs: limits, callflows and
    /// the like [default: true, but false with CouchDB, where a Kazoo answers]
    #[arg(long, env = "STOREFRONT_COMPANIONS", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    companions: Option<bool>,
    /// Threads that answer requests [default: one for each processor]
    #[arg(long, env = "STOREFRONT_WORKERS")]
    workers: Option<usize>,
    /// Seconds that an answer may be old after somebody else's write to CouchDB; 0 is --no-cache
    #[arg(long, env = "STOREFRONT_CACHE_MAX_AGE", default_value = "2", value_name = "SECONDS", value_parser = seconds)]
    cache_max_age: Duration,
    /// Megabytes of CouchDB's answers that are kept in memory
    #[arg(long, env = "STOREFRONT_CACHE_SIZE", default_value_t = 64, value_name = "MB")]
    cache_size: u64,
    /// Ask CouchDB again at every read
    #[arg(long, env = "STOREFRONT_NO_CACHE")]
    no_cache: bool,
}

#[derive(Debug, Args)]
struct Demo {
    #[command(flatten)]
    serve: Serve,
    /// Where the demo's store goes; what is in it from an earlier run is used again
    #[arg(long, default_value = "./storefront-demo")]
    dir: PathBuf,
}

/// Runs a command and says with which status to exit: 1 when it, or a part of it, failed.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let console = Console::new();
    let command = match cli.action {
        Action::Serve(serve) => return actix(serve_store(&location(&cli.store)?, serve)),
        Action::Demo(demo) => return actix(demo::run(demo)),
        Action::InitApps(Apps { path, api_url }) => Command::InitApps { path, api_url },
        Action::InitApp(Apps { path, api_url }) => Command::InitApp { path, api_url },
        Action::RefreshApps(Apps { path, api_url }) => Command::RefreshApps { path, api_url },
        Action::RefreshApp(Apps { path, api_url }) => Command::RefreshApp { path, api_url },
        Action::RenameAndRefreshApp { path, previous_name, api_url } => {
            Command::RenameApp { path, previous: previous_name, api_url }
        }
        Action::ServicePlan(plan) => Command::Plan(plan.into()),
        Action::UpdateSchemas => Command::UpdateSchemas,
        Action::Apps => Command::Apps,
        Action::App { app } => Command::App { app },
        Action::CreateAccount { name, realm, username, password } => Command::CreateAccount { name, realm, username, password },
        Action::Config(Config::Get { category, key }) => Command::GetSetting { category, key },
        Action::Config(Config::SetDefault { category, key, value }) => Command::SetSetting { category, key, value },
        Action::Refresh { database } => Command::Refresh { database },
        Action::Export(export) => export.of(&cli.store)?,
        Action::Import(import) => import.into(),
        Action::Views(views) => views.into(),
        Action::Doctor(doctor) => doctor.into(),
        Action::Compare(compare) => compare.try_into()?,
        Action::ApiKey { account, renew } => Command::ApiKey { account, renew },
        Action::Sup { words } if words.is_empty() => {
            words::known().for_each(|usage| console.say(usage));
            return Ok(ExitCode::SUCCESS);
        }
        Action::Sup { words } => match words::command(&words) {
            Some(command) => command,
            None => {
                console.warn("Invalid command or wrong number of arguments, please try again");
                console.warn(&format!("hint: known are {}", words::known().collect::<Vec<_>>().join(", ")));
                return Ok(ExitCode::FAILURE);
            }
        },
    };
    actix(async {
        let location = location(&cli.store)?;
        let platform = open(&location)?;
        platform.store.ping().await.with_context(|| format!("the store {location} can't be used"))?;
        if command.wants_a_prepared_store() {
            platform.prepare().await?;
        }
        let done = sup::run(&platform, command, &console).await?;
        Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Understands `--store`. Not clap's task: that repeats what it can't understand, and here that may hold a password.
fn location(store: &str) -> anyhow::Result<Location> {
    store.parse().map_err(|reason: String| anyhow::anyhow!("--store: {reason}"))
}

fn open(location: &Location) -> anyhow::Result<Arc<Platform>> {
    let store = store::open(location).with_context(|| format!("the store {location} can't be opened"))?;
    Ok(Arc::new(Platform::new(store)))
}

/// Runs something on the server's kind of runtime.
fn actix<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    actix_web::rt::System::new().block_on(future)
}

async fn serve_store(location: &Location, serve: Serve) -> anyhow::Result<ExitCode> {
    let store = store::open(location).with_context(|| format!("the store {location} can't be opened"))?;
    let cached = serve.cache(location).map(|limits| Arc::new(Cached::new(Arc::clone(&store), limits)));
    let store = cached.clone().map_or(store, |cached| cached as Arc<dyn Store>);
    let platform = Arc::new(Platform::new(store));
    platform.wait_until_reachable().await;
    platform.prepare().await?;
    if platform.master_id().await?.is_none() {
        log::warn!("there is no account yet; make the first with: storefront create-account NAME REALM USERNAME PASSWORD");
    }
    server::serve(platform, serve.options(location), |address| {
        println!("Storefront listens on http://{address}/v2 (store {location})")
    })
    .await?;
    if let Some(cached) = cached {
        log::info!("the cache: {}", cached.counters().read());
    }
    Ok(ExitCode::SUCCESS)
}

/// A time in seconds, as people write it.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl Serve {
    /// What may be cached of a store. The embedded one needs nothing: its reads make no round trip.
    fn cache(&self, location: &Location) -> Option<Limits> {
        let is_wanted = matches!(location, Location::Couch(_)) && !self.no_cache && !self.cache_max_age.is_zero();
        is_wanted.then(|| Limits { age: self.cache_max_age, bytes: self.cache_size.saturating_mul(1_000_000) })
    }

    /// What the server needs to know, for a store at this place.
    fn options(self, store: &Location) -> Options {
        let companions = self.companions.unwrap_or(matches!(store, Location::Embedded(_)));
        Options { listen: self.listen, kazoo_version: self.kazoo_version, companions, workers: self.workers }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
