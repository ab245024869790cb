//! Fills a store with accounts, for measuring: `make_accounts STORE COUNT [PHOTO]`.
//!
//! The store has a master account already. Below it come fifty resellers; below each, customers; a tenth of these have accounts
//! of their own. Every account has what one made by the API has (database, month database, documents in `accounts` and
//! `services`), and an admin `admin` with the password `secret123`. With PHOTO every admin has a photo
//! of that many bytes. The master's admin is left alone. Accounts have ids that
//! follow from their numbers, so that a second run with a larger count adds the rest.

// A program for measuring may end at the first surprise.
#![allow(clippy::expect_used)]

use std::time::Instant;

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use storefront::{
    kazoo::{
        account::{self, documents},
        document::{self, Stamp, gregorian},
        id, time,
        user::{self, Rules},
    },
    platform::{Platform, accounts::Depth, names, unix_now},
    store::{self, Object, Query},
};

const RESELLERS: usize = 50;
/// Accounts that are written together.
const BATCH: usize = 200;
/// Databases that are made at the same time.
const AT_ONCE: usize = 32;

/// Where an account goes in the tree, by its number.
enum Place {
    Reseller,
    CustomerOf(usize),
    BelowCustomer(usize),
}

fn place(number: usize) -> Place {
    match number {
        0..RESELLERS => Place::Reseller,
        _ if number % 10 == 9 => Place::BelowCustomer(number - 1),
        _ => Place::CustomerOf(number % RESELLERS),
    }
}

fn account_id(number: usize) -> String {
    // Spread like real ones, so that they don't come in the order in which they are stored.
    format!("{:016x}{number:016x}", (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(location), Some(count)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: make_accounts STORE COUNT [PHOTO]");
    };
    let photo: usize = arguments.next().map_or(Ok(0), |bytes| bytes.parse()).context("PHOTO is a number of bytes")?;
    let count: usize = count.parse().context("COUNT is a number")?;
    let location = location.parse().map_err(|reason: String| anyhow::anyhow!(reason))?;
    let platform = Platform::new(store::open(&location)?);
    platform.prepare().await?;
    let master_id = platform.master_id().await?.context("there is no master account yet")?;
    let began = Instant::now();
    // A second run goes on where the first stopped.
    let mut made = 0;
    while made < count && platform.account(&account_id(made)).await?.is_some() {
        made = (made + BATCH).min(count);
    }
    for start in (made..count).step_by(BATCH) {
        let numbers: Vec<usize> = (start..count.min(start + BATCH)).collect();
        write(&platform, &master_id, &numbers, photo).await?;
        if start % 10_000 < BATCH {
            eprintln!("{start} accounts after {:.0} s", began.elapsed().as_secs_f64());
        }
    }
    for number in 0..RESELLERS.min(count) {
        platform.recount_account(&account_id(number)).await?;
    }
    platform.recount_account(&master_id).await?;
    let below = Query::range(json!([master_id]), json!([master_id, {}])).limit(1);
    platform.accounts_below(Depth::Descendants, &below).await?;
    eprintln!("{count} accounts after {:.0} s", began.elapsed().as_secs_f64());
    println!("{}", account_id(RESELLERS / 2));
    Ok(())
}

/// Writes some accounts, what they share in one go.
async fn write(platform: &Platform, master_id: &str, numbers: &[usize], photo: usize) -> Result<()> {
    let accounts: Vec<Object> = numbers.iter().map(|number| new_account(master_id, *number)).collect();
    let services: Vec<Object> =
        numbers.iter().zip(&accounts).map(|(number, account)| services(master_id, *number, account)).collect();
    stream::iter(accounts.iter().map(|account| write_databases(platform, account, photo)))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    for (db, docs) in [(&names::SERVICES, services), (&names::ACCOUNTS, accounts)] {
        for outcome in platform.store.put_many(db, &docs).await? {
            outcome?;
        }
    }
    Ok(())
}

async fn write_databases(platform: &Platform, account: &Object, photo: usize) -> Result<()> {
    let account_id = document::id(account).unwrap_or_default();
    let db = names::account_db(account_id).context("an id has a database")?;
    let now = unix_now();
    let month_db = names::month_db(account_id, now).context("an id has a database")?;
    platform.ensure_database(&db).await?;
    for outcome in platform.store.put_many(&db, &[account.clone(), documents::apps_store(account), admin(account, photo)]).await?
    {
        outcome?;
    }
    platform.ensure_database(&month_db).await?;
    let encoded = month_db.as_str().replace('/', "%2F");
    platform.store.put(&month_db, &documents::rollover(account, &time::month(now), &encoded)).await?;
    Ok(())
}

fn tree(master_id: &str, number: usize) -> Vec<String> {
    match place(number) {
        Place::Reseller => vec![master_id.to_owned()],
        Place::CustomerOf(parent) | Place::BelowCustomer(parent) => {
            let mut above = tree(master_id, parent);
            above.push(account_id(parent));
            above
        }
    }
}

fn new_account(master_id: &str, number: usize) -> Object {
    let name = match place(number) {
        Place::Reseller => format!("Reseller {number:02}"),
        Place::CustomerOf(reseller) => format!("Customer {number:06} of {reseller:02}"),
        Place::BelowCustomer(_) => format!("Branch {number:06}"),
    };
    let mut account = object(json!({
        "_id": account_id(number),
        "name": name,
        "realm": format!("a{number}.bench.local"),
        "timezone": "Europe/Berlin",
        "language": "en-US",
        "call_restriction": {}, "music_on_hold": {}, "preflow": {}, "ringtones": {},
        "pvt_type": "account",
        "pvt_enabled": true,
        "pvt_tree": tree(master_id, number),
        "pvt_parent_id": tree(master_id, number).last(),
        "pvt_api_key": secret(32), "pvt_cpaas_token": secret(32), "pvt_signature_secret": secret(16),
    }));
    stamp(&mut account, &account_id(number));
    account
}

fn services(master_id: &str, number: usize, account: &Object) -> Object {
    let is_reseller = matches!(place(number), Place::Reseller);
    let reseller = account::tree(account).nth(1).unwrap_or(master_id);
    let mut services = documents::services(account, Some(reseller));
    services.insert("pvt_reseller".into(), is_reseller.into());
    services
}

fn admin(account: &Object, photo: usize) -> Object {
    let mut user = object(json!({
        "_id": id::new_id(), "pvt_type": "user",
        "username": "admin", "password": "secret123", "first_name": "Ada", "last_name": "Admin", "priv_level": "admin",
        "email": "admin@bench.local", "enabled": true, "call_restriction": {}, "contact_list": {}, "music_on_hold": {},
        "hotdesk": { "enabled": false, "keep_logged_in_elsewhere": false, "require_pin": false },
        "require_password_update": false, "ringtones": {}, "verified": false, "vm_to_email_enabled": true,
    }));
    let rules = Rules {
        generate_username_if_empty: false,
        generate_password_if_empty: false,
        reset_identity_secret_on_rehash: false,
        random: "",
        new_secret: &secret(16),
        now: gregorian(unix_now()),
    };
    user::set_credentials(&mut user, None, &rules).expect("a name and a password are enough");
    stamp(&mut user, document::id(account).unwrap_or_default());
    if photo > 0 {
        let seed = id::new_id();
        let data: Vec<u8> = seed.bytes().cycle().take(photo).collect();
        let photo = json!({ "photo.jpg": { "content_type": "image/jpeg", "data": STANDARD.encode(data) } });
        user.insert("_attachments".into(), photo);
    }
    user
}

fn stamp(doc: &mut Object, account_id: &str) {
    let account_db = id::account_db_encoded(account_id);
    let stamp = Stamp {
        now: gregorian(unix_now()),
        request_id: "bench",
        author: None,
        original: None,
        account_id: Some(account_id),
        account_db: account_db.as_deref(),
    };
    document::stamp(doc, &stamp);
}

fn secret(bytes: usize) -> String {
    id::new_secret(bytes).expect("the system has randomness")
}

fn object(value: Value) -> Object {
    value.as_object().cloned().unwrap_or_default()
}
