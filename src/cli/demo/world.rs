//! The demo's world: three accounts with their users, and apps.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rust_embed::RustEmbed;
use serde_json::{Value, json};

use crate::{
    kazoo::{
        document::{Stamp, gregorian, text},
        id,
    },
    platform::{Platform, accounts::NewAccount, names, unix_now},
    store::{Document, Location, Object},
    sup::{self, Command, Console},
};

pub const MASTER: &str = "Demo Master";
pub const ADMIN: &str = "admin";
pub const PASSWORD: &str = "demo";

/// The category in `system_config` that says how far a store's demo has come: `begun`, or `made`.
const CATEGORY: &str = "storefront_demo";
const STATE: &str = "state";

#[derive(RustEmbed)]
#[folder = "fixtures/demo/apps"]
struct Apps;

/// Makes the world unless it's made, and says the master account's id. One whose making was interrupted is completed; one that
/// is made stays as its users have left it; and a store with other accounts in it isn't touched. The apps' folders go to
/// `apps`: they show how an app has to look on disk.
pub async fn ensure(platform: &Platform, location: &Location, apps: &Path) -> anyhow::Result<String> {
    let state = platform.settings(CATEGORY).await?.text(STATE).map(str::to_owned);
    if state.is_none() && platform.master_id().await?.is_some() {
        bail!(
            "the store {location} has accounts that are no demo's; give the demo a store of its own, or see `storefront serve`"
        );
    }
    if state.as_deref() != Some("made") {
        platform.set_setting(CATEGORY, STATE, "begun".into()).await?;
        eprintln!("Making a demo in {location} …");
        furnish(platform, apps).await.context("the demo couldn't be made")?;
        platform.set_setting(CATEGORY, STATE, "made".into()).await?;
    }
    platform.master_id().await?.context("the demo has no master account")
}

async fn furnish(platform: &Platform, apps: &Path) -> anyhow::Result<()> {
    let master = account(platform, None, MASTER, "master.demo.local").await?;
    user(platform, &master, ADMIN, ["Account", "Admin"], "admin").await?;
    platform.crown(text(&master, "_id").unwrap_or_default()).await?;
    let master = platform.account(text(&master, "_id").unwrap_or_default()).await?.context("no master account")?;
    let reseller = account(platform, Some(&master), "Demo Reseller", "reseller.demo.local").await?;
    platform.set_reseller(text(&reseller, "_id").unwrap_or_default(), true).await?;
    let customer = account(platform, Some(&reseller), "Demo Customer", "customer.demo.local").await?;
    user(platform, &reseller, "rita", ["Rita", "Reseller"], "admin").await?;
    user(platform, &customer, "carla", ["Carla", "Customer"], "admin").await?;
    user(platform, &customer, "paul", ["Paul", "Plain"], "user").await?;
    // Without a URL the apps use the API that they were listed by, wherever the demo listens next time.
    let load = Command::InitApps { path: unpack(apps)?, api_url: None };
    anyhow::ensure!(sup::run(platform, load, &Console::silent()).await?, "the demo's apps couldn't be loaded");
    Ok(())
}

/// Writes the demo's apps into a folder.
fn unpack(root: &Path) -> anyhow::Result<PathBuf> {
    for name in Apps::iter() {
        let path = root.join(name.as_ref());
        let file = Apps::get(&name).with_context(|| format!("{name} is missing in this program"))?;
        std::fs::create_dir_all(path.parent().unwrap_or(root))
            .and_then(|()| std::fs::write(&path, &file.data))
            .with_context(|| format!("{} can't be written", path.display()))?;
    }
    Ok(root.to_owned())
}

/// The account of this realm, made if there is none.
async fn account(platform: &Platform, parent: Option<&Document>, name: &str, realm: &str) -> anyhow::Result<Document> {
    if let Some(account_id) = platform.accounts_by_realm(realm).await?.first() {
        return platform.account(account_id).await?.with_context(|| format!("the account {name} has no database"));
    }
    let request_id = id::new_id();
    let data = object(json!({ "name": name, "realm": realm, "language": "en-US" }));
    let (parent, parent_named) = (parent.map(|parent| &**parent), parent.is_some());
    let new = NewAccount { parent, parent_named, data, enabled: None, stamp: stamp(&request_id) };
    Ok(platform.create_account(new).await?)
}

/// Makes a user, unless the account has one of this name.
async fn user(
    platform: &Platform,
    account: &Document,
    username: &str,
    [first, last]: [&str; 2],
    level: &str,
) -> anyhow::Result<()> {
    let account_id = text(account, "_id").unwrap_or_default();
    if !platform.users_by_name(account_id, username).await?.is_empty() {
        return Ok(());
    }
    let request_id = id::new_id();
    let data = object(json!({
        "username": username, "password": PASSWORD, "first_name": first, "last_name": last, "priv_level": level,
        "email": format!("{username}@{}", text(account, "realm").unwrap_or_default()),
    }));
    let user = platform.prepare_user(account_id, data, None, &stamp(&request_id)).await?;
    let db = names::account_db(account_id).context("no account")?;
    platform.store.put(&db, &user).await?;
    Ok(())
}

fn stamp(request_id: &str) -> Stamp<'_> {
    Stamp { now: gregorian(unix_now()), request_id, author: None, original: None, account_id: None, account_db: None }
}

fn object(value: Value) -> Object {
    value.as_object().cloned().unwrap_or_default()
}
