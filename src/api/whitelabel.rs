//! `whitelabel`: how a reseller brands the platform. Documents are read so far; the rest of the table answers 501.

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply},
    kazoo::document::{self, is_soft_deleted, text},
    platform::names::ACCOUNTS,
    store::{Query, View},
};

const BY_DOMAIN: View = View::new("accounts", "list_by_whitelabel_domain");

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    let picture = |path, access| Endpoint::at(path).get(access, handler!(planned));
    let own_picture = |path| picture(path, Access::Account).post(Access::Admin, handler!(planned));
    vec![
        Endpoint::at("whitelabel/domains").get(Access::Public, handler!(planned)).post(Access::Superduper, handler!(planned)),
        Endpoint::at("whitelabel/{domain}").get(Access::Public, handler!(show_by_domain)),
        picture("whitelabel/{domain}/logo", Access::Public),
        picture("whitelabel/{domain}/icon", Access::Public),
        picture("whitelabel/{domain}/welcome", Access::Public),
        Endpoint::at("accounts/{account}/whitelabel")
            .get(Access::Account, handler!(show))
            .put(Access::Admin, handler!(planned))
            .post(Access::Admin, handler!(planned))
            .delete(Access::Admin, handler!(planned)),
        own_picture("accounts/{account}/whitelabel/logo"),
        own_picture("accounts/{account}/whitelabel/icon"),
        own_picture("accounts/{account}/whitelabel/welcome"),
        Endpoint::at("accounts/{account}/whitelabel/domains")
            .get(Access::Account, handler!(planned))
            .post(Access::Account, handler!(planned)),
        Endpoint::at("accounts/{account}/whitelabel/{domain}").get(Access::Account, handler!(show)),
        picture("accounts/{account}/whitelabel/{domain}/logo", Access::Account),
        picture("accounts/{account}/whitelabel/{domain}/icon", Access::Account),
        picture("accounts/{account}/whitelabel/{domain}/welcome", Access::Account),
    ]
}

/// `GET whitelabel`: the account's own document, whatever domain stands behind it.
async fn show(context: &Context) -> Result<Reply, Failure> {
    document_of(context, context.account_id()?, "whitelabel").await
}

/// `GET whitelabel/{domain}`: the document of the account that has the domain, for visitors who aren't logged in.
async fn show_by_domain(context: &Context) -> Result<Reply, Failure> {
    let domain = context.param("domain");
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
