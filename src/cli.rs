//! The command line.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    api,
    notices::{Announced, Bus},
    platform::Platform,
    portal,
    store::{self, Location, Store},
    sup::{self, Command, Console},
};

mod archive;
mod delivered_apps;
mod demo;
mod doctor;
mod kazoo_config;
mod marketplace;
mod serve;
mod service_plan;
mod settings;
mod views;
mod words;

use archive::{Compare, Export, Import};
use delivered_apps::DeliveredApps;
use doctor::Doctor;
use marketplace::Marketplace;
use serve::Serve;
use service_plan::ServicePlan;
use settings::{File, Setting};
use views::Views;

/// Where documents are if nobody says it.
const STORE: &str = "embedded:./storefront-data";

/// Kazoo's storefront API (accounts, logins, apps) on CouchDB, or on a store of its own.
///
/// Start with `storefront demo`: it makes a store with a few accounts and apps and serves it.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 110)]
pub struct Cli {
    /// A file with settings (TOML): the flags of serve and of all commands, with `_` for `-`
    #[arg(long, global = true, env = "STOREFRONT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    action: Action,
    /// What `config show` shows.
    #[arg(skip)]
    settings: Vec<Setting>,
}

/// Where the documents are.
#[derive(Debug, Args)]
struct Place {
    /// Where the documents are: embedded:DIRECTORY, or a CouchDB URL with user and password [default: the CouchDB that
    /// --kazoo-config names, else embedded:./storefront-data]
    #[arg(long, global = true, env = "STOREFRONT_STORE", hide_env_values = true)]
    store: Option<String>,
    /// Kazoo's own configuration (/etc/kazoo/core/config.ini), to use the CouchDB that it names
    #[arg(long, global = true, env = "STOREFRONT_KAZOO_CONFIG", value_name = "FILE")]
    kazoo_config: Option<PathBuf>,
    /// Kazoo's message broker, amqp://USER:PASSWORD@HOST:PORT/VHOST, to be told of what is written, so that Kazoo drops what it
    /// has cached
    #[arg(long, global = true, env = "STOREFRONT_AMQP", hide_env_values = true, value_name = "URL")]
    amqp: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve the API
    Serve(Serve),
    /// Make a store with example accounts and apps, and serve it
    Demo(Demo),
    /// Serve the marketplace, where the clusters' owners find and buy applications; or manage it
    Marketplace(Marketplace),
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
    /// Fetch what the marketplace delivers to this cluster, now, and install it
    MarketplaceFetch(DeliveredApps),
    /// Read and write settings (documents of system_config), and show those of this program
    #[command(subcommand)]
    Config(Config),
    /// Put missing databases, views and schemas in place, for one database or all
    Refresh {
        /// A database's name, an account's id, or nothing for all
        database: Option<String>,
    },
    /// Print the API's description (OpenAPI 3.1, as YAML), which a server also has at /openapi.json and, to be read, at /docs
    Openapi {
        /// That of the marketplace's API, which is below /api/v1 there
        #[arg(long)]
        marketplace: bool,
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
    /// Print what Storefront's own flags, environment and configuration file come to, as such a file; passwords are left out
    Show(Box<Serve>),
}

#[derive(Debug, Args)]
struct Apps {
    /// A folder with apps in Monster UI's layout (APP/metadata/app.json)
    path: PathBuf,
    /// The API that the apps are to use, like http://api.example.com:8000/v2; without it they use Monster UI's own
    api_url: Option<String>,
}

#[derive(Debug, Args)]
struct Demo {
    #[command(flatten)]
    serve: Serve,
    /// Where the demo's files go: its apps, and its documents unless --store says where. What is there from an earlier run is
    /// used again
    #[arg(long, default_value = "./storefront-demo")]
    dir: PathBuf,
    /// Address and port for the marketplace [default: a hundred ports above the API's]
    #[arg(long, value_name = "LISTEN")]
    marketplace_listen: Option<SocketAddr>,
}

/// Understands the command line together with the environment and the file that either names. What can't be understood ends the
/// process, as does `--help`.
pub fn parse() -> anyhow::Result<Cli> {
    let command = Cli::command();
    let mut matches = command.clone().get_matches();
    let mut settings = settings::effective(&command, &matches, &File::default());
    if let Some(path) = matches.get_one::<PathBuf>("config").cloned() {
        let file = File::read(&path, &settings::names(&command)).with_context(|| path.display().to_string())?;
        matches = file.apply(command.clone()).try_get_matches().map_err(|error| settings::blame(&error, &path))?;
        settings = settings::effective(&command, &matches, &file);
    }
    Ok(Cli { settings, ..Cli::from_arg_matches(&matches)? })
}

/// Runs a command and says with which status to exit: 1 when it, or a part of it, failed; 2 when what was to find faults
/// couldn't look.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let console = Console::new();
    let command = match cli.action {
        Action::Serve(serve) => return actix(serve::run(&cli.place.location()?, serve, cli.place.bus()?)),
        Action::Demo(demo) => return actix(demo::run(demo, cli.place.named()?, cli.place.bus()?)),
        Action::Marketplace(marketplace) => return actix(marketplace::run(&cli.place.location()?, marketplace, &console)),
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
        Action::MarketplaceFetch(apps) => Command::MarketplaceFetch { apps: apps.folder(&cli.place.location()?) },
        Action::Config(Config::Show(_)) => return show(&cli.place, cli.settings, &console),
        Action::Config(Config::Get { category, key }) => Command::GetSetting { category, key },
        Action::Config(Config::SetDefault { category, key, value }) => Command::SetSetting { category, key, value },
        Action::Openapi { marketplace } => {
            let api = if marketplace { portal::http::describe() } else { api::describe(api::routes(true).endpoints()) };
            console.say(serde_saphyr::to_string(&api)?.trim_end());
            return Ok(ExitCode::SUCCESS);
        }
        Action::Refresh { database } => Command::Refresh { database },
        Action::Export(export) => export.of(&cli.place.location()?),
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
    let looks_only = matches!(command, Command::Doctor(_));
    let ran = actix(async {
        let location = cli.place.location()?;
        anyhow::ensure!(!looks_only || location.is_made(), "there is no store {location}");
        let store = open(&location)?;
        let platform = Platform::new(announced(store, cli.place.bus()?.as_ref()));
        platform.store.ping().await.with_context(|| format!("the store {location} can't be used"))?;
        if command.wants_a_prepared_store() {
            platform.prepare().await?;
        }
        let done = sup::run(&platform, command, &console).await?;
        Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    });
    match ran {
        // A script has to know that nothing was found from that nothing could be looked for.
        Err(error) if looks_only => {
            console.warn(&format!("error: {error:#}"));
            Ok(ExitCode::from(2))
        }
        ran => ran,
    }
}

impl Place {
    /// Understands `--store`. Not clap's task: that repeats what it can't understand, and here that may hold a password.
    fn location(&self) -> anyhow::Result<Location> {
        match (self.named()?, &self.kazoo_config) {
            (Some(location), _) => Ok(location),
            (None, Some(path)) => kazoo_config::location(path),
            (None, None) => located(STORE),
        }
    }

    /// What `--store` says, if it's said.
    fn named(&self) -> anyhow::Result<Option<Location>> {
        self.store.as_deref().map(located).transpose()
    }

    /// The way to the message broker, where there is one.
    fn bus(&self) -> anyhow::Result<Option<Arc<Bus>>> {
        // A variable that is there and empty says nothing.
        let bus = self.amqp.as_deref().filter(|url| !url.is_empty()).map(|url| Bus::new(url).context("--amqp")).transpose()?;
        Ok(bus.map(Arc::new))
    }
}

fn located(store: &str) -> anyhow::Result<Location> {
    store.parse().map_err(|reason: String| anyhow::anyhow!("--store: {reason}"))
}

/// The store at a place.
fn open(location: &Location) -> anyhow::Result<Arc<dyn Store>> {
    store::open(location).with_context(|| format!("the store {location} can't be opened"))
}

/// A store whose writes are told on a bus, where there is one.
fn announced(store: Arc<dyn Store>, bus: Option<&Arc<Bus>>) -> Arc<dyn Store> {
    match bus {
        Some(bus) => Arc::new(Announced::new(store, Arc::clone(bus))),
        None => store,
    }
}

/// Prints the settings; of the store what it comes to, without its password.
fn show(place: &Place, settings: Vec<Setting>, console: &Console) -> anyhow::Result<ExitCode> {
    for mut setting in settings {
        if setting.name == "store" {
            setting.values = vec![place.location()?.to_string()];
            if place.store.is_none() && place.kazoo_config.is_some() {
                setting.source = "kazoo_config";
            }
        }
        // An upstream can't have a password, but somebody may have given it one.
        if ["upstream", "amqp"].contains(&setting.name.as_str()) {
            setting.values.iter_mut().for_each(|url| *url = masked(url));
        }
        console.say(&setting.to_string());
    }
    Ok(ExitCode::SUCCESS)
}

/// A URL without its password.
fn masked(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| "***".to_owned(), |url| Location::Couch(url).to_string())
}

/// Runs something on the server's kind of runtime.
fn actix<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    actix_web::rt::System::new().block_on(future)
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
