//! `whitelabel`: how a reseller brands the platform. Documents are read so far; the rest of the table answers 501.

use super::Place;
use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, Verb},
    kazoo::document::{self, is_soft_deleted, text},
    platform::names::ACCOUNTS,
    store::{Query, View},
};

const BY_DOMAIN: View = View::new("accounts", "list_by_whitelabel_domain");

/// Its paths: which verbs each has, and who may use them.
pub fn endpoint(place: &Place<'_>) -> Option<Endpoint> {
    let picture = |access| Endpoint::new().on(Verb::Get, access, handler!(planned));
    match (place.params.as_slice(), place.in_account) {
        ([], _) => Some(
            Endpoint::new()
                .on(Verb::Get, Access::Account, handler!(show))
                .on(Verb::Put, Access::Admin, handler!(planned))
                .on(Verb::Post, Access::Admin, handler!(planned))
                .on(Verb::Delete, Access::Admin, handler!(planned)),
        ),
        (["logo" | "icon" | "welcome"], _) => Some(picture(Access::Account).on(Verb::Post, Access::Admin, handler!(planned))),
        (["domains"], true) => Some(Endpoint::new().on(Verb::Get, Access::Account, handler!(planned)).on(
            Verb::Post,
            Access::Account,
            handler!(planned),
        )),
        (["domains"], false) => Some(Endpoint::new().on(Verb::Get, Access::Public, handler!(planned)).on(
            Verb::Post,
            Access::Superduper,
            handler!(planned),
        )),
        ([_domain], true) => Some(Endpoint::new().on(Verb::Get, Access::Account, handler!(show))),
        ([_domain], false) => Some(Endpoint::new().on(Verb::Get, Access::Public, handler!(show_by_domain))),
        ([_domain, "logo" | "icon" | "welcome"], true) => Some(picture(Access::Account)),
        ([_domain, "logo" | "icon" | "welcome"], false) => Some(picture(Access::Public)),
        _ => None,
    }
}

/// `GET whitelabel`: the account's own document, whatever domain stands behind it.
async fn show(context: &Context) -> Result<Reply, Failure> {
    document_of(context, context.account_id()?, "whitelabel").await
}

/// `GET whitelabel/{domain}`: the document of the account that has the domain, for visitors who aren't logged in.
async fn show_by_domain(context: &Context) -> Result<Reply, Failure> {
    let domain = context.param(0);
    let rows = context.platform.view(&ACCOUNTS, BY_DOMAIN, &Query::key(domain.to_lowercase())).await?;
    match rows.into_iter().find_map(|row| row.id) {
        Some(account_id) => document_of(context, &account_id, domain).await,
        None => Err(Failure::BadIdentifier { cause: domain.to_owned() }),
    }
}

async fn document_of(context: &Context, account_id: &str, asked_for: &str) -> Result<Reply, Failure> {
    let doc = context.platform.account_doc(account_id, "whitelabel").await?;
    let doc = doc.filter(|doc| text(doc, "pvt_type").is_none_or(|kind| kind == "whitelabel") && !is_soft_deleted(doc));
    let doc = doc.ok_or_else(|| Failure::BadIdentifier { cause: asked_for.to_owned() })?;
    Ok(Reply::data(document::public(&doc)).of(&doc))
}

/// What isn't there yet.
async fn planned(_context: &Context) -> Result<Reply, Failure> {
    Err(Failure::NotImplemented)
}
