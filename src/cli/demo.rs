//! `storefront demo`: a small world to look at, made once and served.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use futures_util::future::try_join;
use rust_embed::RustEmbed;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Demo, delivered_apps, open, serve};
use crate::{
    kazoo::{
        document::{Stamp, gregorian, text},
        id,
    },
    platform::{Platform, accounts::NewAccount, names, unix_now},
    server,
    store::{Document, Location, Object},
    sup::{self, Command, Console},
};

mod marketplace;

const MASTER: &str = "Demo Master";
const ADMIN: &str = "admin";
const PASSWORD: &str = "demo";

#[derive(RustEmbed)]
#[folder = "fixtures/demo/apps"]
struct Apps;

/// Makes the demo's store unless it's there, and serves it.
pub async fn run(demo: Demo) -> anyhow::Result<ExitCode> {
    let location = Location::Embedded(demo.dir.clone());
    let (store, watched) = serve::watch(open(&location)?, None);
    let platform = Arc::new(Platform::new(store));
    platform.prepare().await?;
    if platform.master_id().await?.is_none() {
        eprintln!("Making a demo in {} …", demo.dir.display());
        furnish(&platform, &demo.dir).await.context("the demo couldn't be made")?;
    }
    let master_id = platform.master_id().await?.context("the demo has no master account")?;
    let app =
        platform.catalogue(&master_id).await?.first().and_then(|app| text(app, "_id").map(str::to_owned)).unwrap_or_default();
    delivered_apps::keep_fetching(&platform, demo.serve.delivered_apps.folder(&location));
    let options = demo.serve.options(&location)?;
    let marketplace = demo.marketplace_listen.unwrap_or_else(|| marketplace::beside(options.listen));
    let (found, address) = oneshot::channel();
    let api = server::serve(platform.clone(), watched, options, |address| {
        // Nobody waits for it when the marketplace couldn't be made.
        let _ = found.send(address);
    });
    let marketplace = async {
        // Without an address the API has failed, and says why.
        let Ok(address) = address.await else { return Ok(()) };
        let ready = |url: &str| println!("{}", guide(&format!("http://{address}/v2"), url, &master_id, &app));
        marketplace::serve(&platform, marketplace, address, ready).await
    };
    try_join(api, marketplace).await?;
    Ok(ExitCode::SUCCESS)
}

/// What to try.
fn guide(api: &str, marketplace: &str, master_id: &str, app_id: &str) -> String {
    let credentials = crate::kazoo::password::hashes(ADMIN, PASSWORD).md5;
    format!(
        "\nStorefront listens on {api}\n\
         The marketplace listens on {marketplace}\n\n\
         \x20 account         user      password\n\
         \x20 Demo Master     admin     {PASSWORD}      superduper admin\n\
         \x20 Demo Reseller   rita      {PASSWORD}      admin of a reseller\n\
         \x20 Demo Customer   carla     {PASSWORD}      admin of the reseller's customer\n\
         \x20 Demo Customer   paul      {PASSWORD}      a plain user there\n\n\
         Try:\n\n\
         \x20 TOKEN=$(curl -s -X PUT {api}/user_auth -H 'Content-Type: application/json' \\\n\
         \x20   -d '{{\"data\":{{\"credentials\":\"{credentials}\",\"account_name\":\"Demo Master\"}}}}' | sed 's/.*\"auth_token\":\"\\([^\"]*\\)\".*/\\1/')\n\
         \x20 curl -s -H \"X-Auth-Token: $TOKEN\" '{api}/accounts/{master_id}/apps_store?pretty_print=true'\n\
         \x20 curl -s -o icon.png {api}/apps_store/{app_id}/icon\n\n\
         Stop with Ctrl-C.\n"
    )
}

async fn furnish(platform: &Platform, dir: &Path) -> anyhow::Result<()> {
    let console = Console::silent();
    let master = Command::CreateAccount {
        name: MASTER.into(),
        realm: "master.demo.local".into(),
        username: ADMIN.into(),
        password: PASSWORD.into(),
    };
    anyhow::ensure!(sup::run(platform, master, &console).await?, "the master account couldn't be made");
    let master_id = platform.master_id().await?.context("no master account")?;
    let master = platform.account(&master_id).await?.context("no master account")?;
    let reseller = account(platform, &master, "Demo Reseller", "reseller.demo.local").await?;
    platform.set_reseller(text(&reseller, "_id").unwrap_or_default(), true).await?;
    let customer = account(platform, &reseller, "Demo Customer", "customer.demo.local").await?;
    user(platform, &reseller, "rita", "Rita", "Reseller", "admin").await?;
    user(platform, &customer, "carla", "Carla", "Customer", "admin").await?;
    user(platform, &customer, "paul", "Paul", "Plain", "user").await?;
    let apps = unpack(dir)?;
    // Without a URL the apps use the API that they were listed by, wherever the demo listens next time.
    let load = Command::InitApps { path: apps, api_url: None };
    anyhow::ensure!(sup::run(platform, load, &console).await?, "the demo's apps couldn't be loaded");
    Ok(())
}

/// Writes the demo's apps beside its store: they show how an app has to look on disk.
fn unpack(dir: &Path) -> anyhow::Result<std::path::PathBuf> {
    let root = dir.join("apps");
    for name in Apps::iter() {
        let path = root.join(name.as_ref());
        let file = Apps::get(&name).with_context(|| format!("{name} is missing in this program"))?;
        std::fs::create_dir_all(path.parent().unwrap_or(&root))
            .and_then(|()| std::fs::write(&path, &file.data))
            .with_context(|| format!("{} can't be written", path.display()))?;
    }
    Ok(root)
}

async fn account(platform: &Platform, parent: &Document, name: &str, realm: &str) -> anyhow::Result<Document> {
    let request_id = id::new_id();
    let data = object(json!({ "name": name, "realm": realm, "language": "en-US" }));
    let new = NewAccount { parent: Some(parent), parent_named: true, data, enabled: None, stamp: stamp(&request_id) };
    Ok(platform.create_account(new).await?)
}

async fn user(
    platform: &Platform,
    account: &Document,
    username: &str,
    first: &str,
    last: &str,
    level: &str,
) -> anyhow::Result<()> {
    let account_id = text(account, "_id").unwrap_or_default();
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
