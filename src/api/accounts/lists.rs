//! Accounts around an account: below it, beside it, above it.

use serde_json::{Value, json};

use crate::{
    http::{Context, Failure, Reply, reply::Paging},
    kazoo::{
        account,
        document::{self, text},
        term,
    },
    platform::{accounts::Depth, names::ACCOUNTS},
    store::{Document, Object},
};

/// Sorts behind every name.
const LAST: &str = "\u{fff0}";

/// `GET accounts/{id}/children`
pub async fn children(context: &Context) -> Result<Reply, Failure> {
    list(context, Depth::Children, context.account_id()?.into()).await
}

/// `GET accounts/{id}/descendants`: everything below.
pub async fn descendants(context: &Context) -> Result<Reply, Failure> {
    list(context, Depth::Descendants, context.account_id()?.into()).await
}

/// `GET accounts/{id}/siblings`: the parent's children, the account itself among them. Not for the account itself.
pub async fn siblings(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let settings = context.platform.settings("crossbar.accounts").await?;
    let may = settings.flag("allow_sibling_listing").unwrap_or(true) && caller.account_id != context.account_id()?;
    if !may && !caller.is_superduper() {
        return Err(Failure::Forbidden);
    }
    match account::tree(context.account()?).next_back() {
        Some(parent) => list(context, Depth::Children, parent.into()).await,
        None => {
            let start_key = Some(term::encode(&json!(["undefined", LAST])));
            Ok(Reply::list(Vec::new()).paging(Paging { page_size: Some(0), start_key, ..Paging::default() }))
        }
    }
}

async fn list(context: &Context, depth: Depth, id: Value) -> Result<Reply, Failure> {
    let page = context.page().await?;
    let (low, high) = (json!([id]), json!([id, LAST]));
    let read = async |query| context.platform.accounts_below(depth, &query).await;
    let (rows, paging) = page.rows(Some(low), Some(high), read).await?;
    Ok(Reply::list(rows.into_iter().map(|row| row.value).collect()).paging(paging))
}

/// `GET accounts/{id}/tree`: the accounts above, from the caller's down; nothing for the caller's own.
pub async fn tree(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?.account_id.as_str();
    let above = account::tree(context.account()?).skip_while(|id| *id != caller).collect();
    Ok(Reply::data(named(context, above).await?).of(context.account()?))
}

/// `GET accounts/{id}/parents`: as `tree`, but for the caller's own account everything above.
pub async fn parents(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?.account_id.as_str();
    let own = caller == context.account_id()?;
    let above = account::tree(context.account()?).skip_while(|id| !own && *id != caller).collect();
    let rows = named(context, above).await?;
    let paging = Paging { page_size: Some(rows.len()), ..Paging::default() };
    Ok(Reply::list(rows).paging(paging))
}

async fn named(context: &Context, ids: Vec<&str>) -> Result<Vec<Value>, Failure> {
    let docs = context.platform.store.get_many(&ACCOUNTS, &ids).await?;
    let shown = docs.iter().flatten().filter(|doc| !document::is_soft_deleted(doc));
    let flags = |doc: &Object| doc.get("flags").filter(|flags| flags.is_array()).cloned().unwrap_or_else(|| json!([]));
    let item = |doc: &Document| json!({ "id": document::id(doc), "name": text(doc, "name"), "realm": text(doc, "realm"), "flags": flags(doc) });
    Ok(shown.map(item).collect())
}
