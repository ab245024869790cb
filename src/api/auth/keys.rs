//! `auth/keys`: the keys that sign tokens. Only their public halves are shown.

use serde_json::{Value, json};

use crate::http::{Context, Failure, Reply, negotiate};

/// The type of a key in a file.
pub const PEM: &str = "application/x-pem-file";

/// `GET auth/keys`: their ids.
pub async fn list(context: &Context) -> Result<Reply, Failure> {
    may_see(context)?;
    Ok(Reply::list(context.platform.key_ids().await?.into_iter().map(Value::from).collect()))
}

/// `GET auth/keys/{id}`: the public half, in an envelope or, for who asks for that, as a PEM file.
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    may_see(context)?;
    let kid = context.param("key");
    let key = context.platform.verifying_key(kid).await?.ok_or_else(|| Failure::BadIdentifier { cause: kid.to_owned() })?;
    match negotiate::among(&context.request, &["application/json", PEM]) {
        Some(PEM) => Ok(Reply::made(format!("{kid}.pem"), PEM, key.public_pem().to_owned())),
        Some(_) => Ok(Reply::data(json!({ "public_key_pem": key.public_pem() }))),
        None => Err(Failure::Bare(406)),
    }
}

/// `PUT auth/keys/{id}`: a new key in the place of this one, which ends all tokens that it signed.
pub async fn replace(context: &Context) -> Result<Reply, Failure> {
    let asked = context.request.text("action") == Some("reset_private_key");
    if !asked || !context.caller()?.is_system_admin() {
        return Err(Failure::Forbidden);
    }
    let kid = context.param("key");
    let key = context.platform.verifying_key(kid).await?.ok_or_else(|| Failure::BadIdentifier { cause: kid.to_owned() })?;
    context.may_write(Some(key.fingerprint()))?;
    context.platform.replace_key(kid).await?;
    Ok(Reply::nothing())
}

/// Admins of any account, and superduper admins.
fn may_see(context: &Context) -> Result<(), Failure> {
    let caller = context.caller()?;
    if caller.is_account_admin() || caller.is_superduper() { Ok(()) } else { Err(Failure::Forbidden) }
}
