//! The operator's commands. They work on the store itself, also while a server runs on it, and print what Kazoo's own print.

use std::path::PathBuf;

use serde_json::Value;

use crate::platform::{Platform, packages::Mode};

mod accounts;
mod apps;
mod archive;
mod console;
mod doctor;
mod marketplace;
mod plans;
mod refresh;
mod settings;
mod views;

pub use accounts::{By, Switch};
use apps::load::Loader;
pub use archive::{ArchiveCommand, Which};
pub use console::Console;
pub use doctor::Doctor;
pub use plans::{NewPlan, PlanCommand};
pub use views::ViewsCommand;

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    InitApps { path: PathBuf, api_url: Option<String> },
    InitApp { path: PathBuf, api_url: Option<String> },
    RefreshApps { path: PathBuf, api_url: Option<String> },
    RefreshApp { path: PathBuf, api_url: Option<String> },
    RenameApp { path: PathBuf, previous: String, api_url: Option<String> },
    Apps,
    App { app: String },
    SetApp { app: String, path: Vec<String>, value: Value },
    AddIcon { app: String, file: PathBuf },
    AddScreenshots { app: String, folder: PathBuf },
    MarketplaceFetch { apps: PathBuf },
    Plan(PlanCommand),
    CreateAccount { name: String, realm: String, username: String, password: String },
    FindAccount { by: By, wanted: String },
    SwitchAccount { what: Switch, account: String, on: bool },
    MoveAccount { account: String, to: String },
    CountDescendants { account: Option<String> },
    MakeReseller { account: String, on: bool },
    SetResellerId { reseller: String, account: String, below: bool },
    ApiKey { account: String, renew: bool },
    GetAccountSetting { account: String, category: String, key: String },
    SetAccountSetting { account: String, category: String, key: String, value: String },
    GetSetting { category: String, key: String },
    SetSetting { category: String, key: String, value: String },
    Refresh { database: Option<String> },
    RefreshAccount { account: String },
    RegisterViews,
    UpdateSchemas,
    Archive(ArchiveCommand),
    Views(ViewsCommand),
    Doctor(Doctor),
}

impl Command {
    /// Whether the store is made ready before: not for what looks at a store as it is, or brings along all that it needs.
    pub fn wants_a_prepared_store(&self) -> bool {
        !matches!(self, Self::Archive(_) | Self::Views(_) | Self::Doctor(_))
    }
}

/// Runs a command. `false` when it, or a part of it, failed; what failed has been said by then. An error is one that kept the
/// command from being carried out at all.
pub async fn run(platform: &Platform, command: Command, console: &Console) -> anyhow::Result<bool> {
    let loader = |api_url, mode| Loader::new(platform, console, api_url, mode);
    match command {
        Command::InitApps { path, api_url } => loader(api_url.as_deref(), Mode::Init).await?.load_all(&path).await,
        Command::InitApp { path, api_url } => loader(api_url.as_deref(), Mode::Init).await?.load(&path).await,
        Command::RefreshApps { path, api_url } => loader(api_url.as_deref(), Mode::Refresh).await?.load_all(&path).await,
        Command::RefreshApp { path, api_url } => loader(api_url.as_deref(), Mode::Refresh).await?.load(&path).await,
        Command::RenameApp { path, previous, api_url } => {
            loader(api_url.as_deref(), Mode::Refresh).await?.rename(&path, &previous).await
        }
        Command::Apps => apps::list(platform, console).await,
        Command::App { app } => apps::show(platform, console, &app).await,
        Command::SetApp { app, path, value } => {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            apps::edit::set(platform, console, &app, &path, value).await
        }
        Command::AddIcon { app, file } => apps::edit::add_icon(platform, console, &app, &file).await,
        Command::AddScreenshots { app, folder } => apps::edit::add_screenshots(platform, console, &app, &folder).await,
        Command::MarketplaceFetch { apps } => marketplace::fetch(platform, console, &apps).await,
        Command::Plan(command) => plans::run(platform, console, &command).await,
        Command::CreateAccount { name, realm, username, password } => {
            accounts::create(platform, console, &name, &realm, &username, &password).await
        }
        Command::FindAccount { by, wanted } => accounts::find(platform, console, by, &wanted).await,
        Command::SwitchAccount { what, account, on } => accounts::switch(platform, console, what, &account, on).await,
        Command::MoveAccount { account, to } => accounts::relocate(platform, console, &account, &to).await,
        Command::CountDescendants { account } => accounts::recount(platform, console, account.as_deref()).await,
        Command::MakeReseller { account, on } => accounts::reseller(platform, console, &account, on).await,
        Command::SetResellerId { reseller, account, below } => {
            accounts::reseller_id(platform, console, &reseller, &account, below).await
        }
        Command::ApiKey { account, renew } => accounts::api_key(platform, console, &account, renew).await,
        Command::GetAccountSetting { account, category, key } => {
            settings::get_of_account(platform, console, &account, &category, &key).await
        }
        Command::SetAccountSetting { account, category, key, value } => {
            settings::set_of_account(platform, console, &account, &category, &key, &value).await
        }
        Command::GetSetting { category, key } => settings::get(platform, console, &category, &key).await,
        Command::SetSetting { category, key, value } => settings::set(platform, console, &category, &key, &value).await,
        Command::Refresh { database } => refresh::refresh(platform, console, database.as_deref()).await,
        Command::RefreshAccount { account } => refresh::refresh_account(platform, console, &account).await,
        Command::RegisterViews => refresh::register_views(platform, console).await,
        Command::UpdateSchemas => refresh::update_schemas(platform, console).await,
        Command::Archive(command) => archive::run(platform, console, &command).await,
        Command::Doctor(doctor) => doctor::run(platform, console, &doctor).await,
        Command::Views(command) => views::run(platform, console, &command).await,
    }
}
