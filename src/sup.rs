//! The operator's commands. They work on the store itself, also while a server runs on it, and print what Kazoo's own print.

use std::path::PathBuf;

use crate::platform::Platform;

mod accounts;
mod apps;
mod console;
mod package;
mod refresh;
mod settings;

pub use accounts::{By, Switch};
pub use console::Console;

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    InitApps { path: PathBuf, api_url: Option<String> },
    InitApp { path: PathBuf, api_url: Option<String> },
    RefreshApps { path: PathBuf, api_url: Option<String> },
    RefreshApp { path: PathBuf, api_url: Option<String> },
    Apps,
    App { app: String },
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
}

/// Runs a command. `false` when it, or a part of it, failed; what failed has been said by then. An error is one that kept the
/// command from being carried out at all.
pub async fn run(platform: &Platform, command: Command, console: &Console) -> anyhow::Result<bool> {
    match command {
        Command::InitApps { path, api_url } => {
            apps::load_all(platform, console, &path, api_url.as_deref(), apps::Mode::Init).await
        }
        Command::InitApp { path, api_url } => apps::load(platform, console, &path, api_url.as_deref(), apps::Mode::Init).await,
        Command::RefreshApps { path, api_url } => {
            apps::load_all(platform, console, &path, api_url.as_deref(), apps::Mode::Refresh).await
        }
        Command::RefreshApp { path, api_url } => {
            apps::load(platform, console, &path, api_url.as_deref(), apps::Mode::Refresh).await
        }
        Command::Apps => apps::list(platform, console).await,
        Command::App { app } => apps::show(platform, console, &app).await,
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
    }
}
