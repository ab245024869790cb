//! The DNS records of a brand's domain: what they are to be, and what they are.

use serde_json::Value;

use crate::{
    http::{Context, Failure, Reply, failure::not_an_object},
    kazoo::{
        validation::{Detail, Invalid},
        whitelabel,
    },
    platform::schemas::CheckError,
    store::Object,
};

/// Bytes of a domain's name at most.
const LONGEST: usize = 253;

/// `GET whitelabel/domains`: the records that the domain is to have.
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    let domains = context.platform.domains_of(&domain(context).await?).await?;
    Reply::content(&domains)
}

/// `POST accounts/{id}/whitelabel/domains`: what the domain is to have, beside what it has. Changes nothing, whatever is sent.
pub async fn test(context: &Context) -> Result<Reply, Failure> {
    let tested = context.platform.test_domains(&domain(context).await?, context.request.flag("use_tcp")).await?;
    Ok(Reply::data(tested))
}

/// `POST whitelabel/domains` without an account: what every domain is to have.
pub async fn set_template(context: &Context) -> Result<Reply, Failure> {
    let Value::Object(mut data) = context.request.data.clone() else {
        return Err(not_an_object(&context.request.data));
    };
    // Not a kind of record, but something that Monster UI sends along.
    data.shift_remove("ui_metadata");
    let checked = match context.platform.check("domains", data.into()).await {
        Err(CheckError::Unknown(_)) => {
            return Err(Invalid::one("domains", "required", "The domains schema is missing, unable to validate request").into());
        }
        checked => checked?,
    };
    context.may_write(None)?;
    let domains: Object = context.platform.set_system_domains(checked).await?;
    Ok(Reply::data(domains))
}

/// The domain that is asked about: the request's, else that of the account's brand.
pub(super) async fn domain(context: &Context) -> Result<String, Failure> {
    if let Some(domain) = context.request.text("domain").filter(|domain| !domain.is_empty()) {
        // It will stand in the answer a few dozen times.
        if domain.len() > LONGEST {
            let detail = Detail::new(format!("String must not be more than {LONGEST} characters")).target(LONGEST);
            return Err(Invalid::one("domain", "maxLength", detail).into());
        }
        return Ok(domain.to_owned());
    }
    let brand = match context.request.account_param() {
        Some(account_id) => context.platform.brand(account_id).await?,
        None => None,
    };
    let own = brand.as_deref().and_then(whitelabel::domain).map(str::to_owned);
    let message = "No domain found to use. Supply one on the request or create one via the whitelabel API";
    own.ok_or_else(|| Invalid::one("domain", "required", message).into())
}
