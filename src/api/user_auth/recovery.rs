//! `user_auth/recovery`: a user who forgot his password asks for a reset, and comes back with its id.

use serde_json::{Value, json};
use url::Url;

use super::{Login, MODULE, datum, may_be_used, welcome};
use crate::{
    http::{Context, Failure, Reply},
    kazoo::{
        document::{gregorian, text},
        id, recovery, reset_id,
        user::is_enabled,
        validation::{Detail, Invalid},
    },
    platform::{found, mail::Mail, names, recovery::UI_URLS},
    store::{self, Db, Object, update},
};

/// How long a reset can be used, in seconds, where no setting says so.
const GOOD_FOR: u64 = 3600;

/// `PUT user_auth/recovery`: makes a reset and sends its link to the user's address.
pub async fn request(context: &Context) -> Result<Reply, Failure> {
    let data = Value::Object(context.check("user_auth_recovery").await?);
    let account_id = find_account(context, &data).await?;
    let name = datum(&data, "username").unwrap_or_default();
    let user_id = context.platform.users_by_name(&account_id, name).await?.into_iter().next();
    let user = match user_id {
        Some(user_id) => context.platform.user(&account_id, &user_id).await?,
        None => None,
    };
    let Some(user) = user.filter(|user| is_enabled(user)) else {
        let detail = Detail::new("The provided user name was not found").cause(name);
        return Err(Invalid::one("username", "not_found", detail).into());
    };
    let Some(address) = text(&user, "email").filter(|address| !address.is_empty()) else {
        return Ok(Reply::nothing());
    };
    let ui = user_interface(context, &account_id, datum(&data, "ui_url").unwrap_or_default()).await?;
    let reset_id = store_reset(context, &account_id, text(&user, "_id").unwrap_or_default()).await?;
    let link = recovery::link(&ui, &reset_id);
    let text = format!(
        "Somebody, you most likely, asked for a new password for {name}.\n\nFollow this link to choose one; it works once, and for a limited time:\n{link}\n\nIf it wasn't you, ignore this message: nothing has changed.\n"
    );
    context.platform.send_mail(Mail { to: address, subject: "Reset your password", text }).await;
    Ok(Reply::data(format!("Request for password reset handled, email sent to: {address}")))
}

/// The account that a request means; each way of naming one that fails leaves its error.
async fn find_account(context: &Context, data: &Value) -> Result<String, Failure> {
    let mut invalid = Invalid::new();
    if let Some(number) = datum(data, "phone_number") {
        invalid.add("phone_number", "not_found", Detail::new("The provided phone number could not be found").cause(number));
    }
    if let Some(realm) = datum(data, "account_realm").or_else(|| datum(data, "realm")) {
        match context.platform.accounts_by_realm(realm).await?.into_iter().next() {
            Some(account_id) => return Ok(account_id),
            None => invalid.add(
                "account_realm",
                "not_found",
                Detail::new("The provided account realm could not be found").cause(realm),
            ),
        }
    }
    if let Some(name) = datum(data, "account_name") {
        match context.platform.accounts_by_name(name).await?.into_iter().next() {
            Some(account_id) => return Ok(account_id),
            None => {
                invalid.add("account_name", "not_found", Detail::new("The provided account name could not be found").cause(name))
            }
        }
    }
    if let Some(id) = datum(data, "account_id") {
        if context.platform.account(id).await?.is_some() {
            return Ok(id.to_owned());
        }
        invalid.add("account_id", "not_found", Detail::new("The provided account ID could not be found").cause(id));
    }
    if invalid.is_empty() {
        invalid.add("account_name", "not_found", Detail::new("The provided account name could not be found").cause(Value::Null));
    }
    Err(invalid.into())
}

/// The user interface that the link leads to: never one that only the request knows of.
async fn user_interface(context: &Context, account_id: &str, asked: &str) -> Result<Url, Failure> {
    let account = context.platform.account(account_id).await?.unwrap_or_default();
    let address = context.platform.recovery_address(&account, asked, &context.crossbar).await?;
    let origin = |url: &Url| url.origin().ascii_serialization();
    let there = recovery::origin(asked);
    if address.as_ref().is_none_or(|address| there.as_ref() != Some(&origin(address))) {
        let instead = address.as_ref().map_or("it isn't sent".to_owned(), |url| format!("it leads to {} instead", origin(url)));
        log::warn!(
            request_id = context.request.id.as_str();
            "a password reset for the account {account_id} was to lead to {:?}, which isn't known as a user interface of this \
             system: {instead}. If it is one, log in there as an admin of the master account, make it the whitelabel domain of \
             the account or of one above it, or list it in system_config/crossbar under {UI_URLS}",
            there.unwrap_or_default()
        );
    }
    address.ok_or_else(|| {
        let detail = Detail::new("The provided ui_url is not known as a user interface of this system").cause(asked);
        Invalid::one("ui_url", "invalid", detail).into()
    })
}

/// Keeps a reset for a user, and returns its id.
async fn store_reset(context: &Context, account_id: &str, user_id: &str) -> Result<String, Failure> {
    let db = names::month_db(account_id, context.now).ok_or_else(|| Failure::BadIdentifier { cause: account_id.to_owned() })?;
    let month = db.as_str().rsplit('-').next().unwrap_or_default();
    let length = reset_id::length(context.crossbar.number("reset_id_size"));
    let mut noise = id::new_secret(length.div_ceil(2)).map_err(anyhow::Error::from)?;
    noise.truncate(length);
    let reset_id = reset_id::encode(account_id, month, &noise).ok_or_else(|| anyhow::anyhow!("{account_id} has no reset id"))?;
    let now = gregorian(context.now);
    let doc = json!({
        "_id": reset_id, "pvt_type": "password_reset", "pvt_userid": user_id, "pvt_account_id": account_id,
        "pvt_account_db": db.as_str().replace('/', "%2F"), "pvt_created": now, "pvt_modified": now,
    });
    context.platform.ensure_database(&db).await?;
    context.platform.store.put(&db, &doc.as_object().cloned().unwrap_or_default()).await?;
    Ok(reset_id)
}

/// `POST user_auth/recovery`: the id of a reset for a login; the user has to choose a new password next.
pub async fn reset(context: &Context) -> Result<Reply, Failure> {
    let data = Value::Object(context.check("user_auth_recovery_reset").await?);
    let reset_id = datum(&data, "reset_id").unwrap_or_default();
    let unknown = || {
        let detail = Detail::new("The provided reset_id did not resolve to any user").cause(reset_id);
        Failure::from(Invalid::one("user", "not_found", detail))
    };
    let (account_id, month) = reset_id::decode(reset_id).ok_or_else(unknown)?;
    let month_db = id::account_db(&account_id).and_then(|name| Db::parse(&format!("{name}-{month}"))).ok_or_else(unknown)?;
    let kept = found(context.platform.store.get(&month_db, reset_id).await)?.ok_or_else(unknown)?;
    let user_id = text(&kept, "pvt_userid").filter(|_| text(&kept, "pvt_type") == Some("password_reset"));
    let user_id = user_id.ok_or_else(unknown)?;
    let age = gregorian(context.now).saturating_sub(kept.get("pvt_created").and_then(Value::as_u64).unwrap_or(0));
    if age >= context.crossbar.number("reset_id_expiry_s").unwrap_or(GOOD_FOR) {
        return Err(Failure::ResetExpired { reset_id: reset_id.to_owned() });
    }
    let account = context.platform.account(&account_id).await?.ok_or_else(unknown)?;
    may_be_used(&account, context.now)?;
    if context.platform.user(&account_id, user_id).await?.is_none_or(|user| !is_enabled(&user)) {
        return Err(unknown());
    }
    // Whoever deletes it first has used it.
    context.platform.store.delete(&month_db, reset_id, text(&kept, "_rev").unwrap_or_default()).await.map_err(|_| unknown())?;
    let db = names::account_db(&account_id).ok_or_else(unknown)?;
    let user = update(context.platform.store.as_ref(), &db, user_id, async |user: &mut Object| {
        user.insert("require_password_update".into(), true.into());
        Ok::<_, store::Error>(())
    })
    .await?
    .doc;
    let module = context.platform.auth_module(MODULE, &account).await?;
    let login = Login { account: &account, user: Some(&user), module: &module, claims: Default::default() };
    welcome(context, &login).await
}
