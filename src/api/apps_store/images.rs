//! Icons and screenshots: attachments of the master account's app documents, for whoever knows an app's id.

use serde_json::Value;

use crate::{
    http::{Context, Failure, Reply, range::ByteRange},
    kazoo::document::{is_soft_deleted, text},
    platform::names,
    store::{Db, Document, Error},
};

/// `GET apps_store/{app}/icon`
pub async fn icon(context: &Context) -> Result<Reply, Failure> {
    let id = context.param("app");
    let missing = || Failure::BadIdentifierList(id.to_owned());
    let app = catalogue_app(context, id).await?;
    let name = text(&app, "icon").ok_or_else(missing)?;
    picture(context, &app, name).await?.ok_or_else(missing)
}

/// `GET apps_store/{app}/screenshot/{n}`: the n-th of the app's screenshots, counted from 0.
pub async fn screenshot(context: &Context) -> Result<Reply, Failure> {
    let number = context.param("number");
    let missing = || Failure::BadIdentifierList(format!("screenshot/{number}"));
    let app = catalogue_app(context, context.param("app")).await?;
    let names = app.get("screenshots").and_then(Value::as_array);
    let name = index(number).and_then(|n| names?.get(n)?.as_str()).ok_or_else(missing)?;
    picture(context, &app, name).await?.ok_or_else(missing)
}

/// A number in the path; `01` and `1.0` are 1 to Kazoo, too.
fn index(text: &str) -> Option<usize> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    whole.parse().ok().filter(|_| digits)
}

/// An app of the master account.
pub async fn catalogue_app(context: &Context, id: &str) -> Result<Document, Failure> {
    let master_id = context.platform.master_id().await?.unwrap_or_default();
    let app = context.platform.account_doc(&master_id, id).await?;
    let app = app.filter(|doc| text(doc, "pvt_type") == Some("app") && !is_soft_deleted(doc));
    app.ok_or_else(|| Failure::BadIdentifierDetails { details: id.to_owned() })
}

async fn picture(context: &Context, app: &Document, name: &str) -> Result<Option<Reply>, Failure> {
    let master_id = context.platform.master_id().await?.unwrap_or_default();
    let Some(db) = names::account_db(&master_id) else {
        return Ok(None);
    };
    let Some(length) = stub_length(app, name) else {
        return Ok(None);
    };
    let range = ByteRange::of(&context.request).and_then(|range| range.within(length));
    match read(context, &db, app, name, range).await {
        Ok(reply) => Ok(Some(reply)),
        Err(Error::NoAttachment { .. } | Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn read(
    context: &Context,
    db: &Db,
    app: &Document,
    name: &str,
    range: Option<std::ops::Range<u64>>,
) -> Result<Reply, Error> {
    let attachment = context.platform.store.attachment(db, text(app, "_id").unwrap_or_default(), name, range).await?;
    Ok(Reply::file(name, attachment))
}

/// The length of an attachment as its document has it.
fn stub_length(app: &Document, name: &str) -> Option<u64> {
    app.get("_attachments")?.get(name)?.get("length")?.as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screenshots_number_is_read_as_kazoo_reads_it() {
        for (text, number) in [("0", 0), ("01", 1), ("1.0", 1), ("12", 12)] {
            assert_eq!(index(text), Some(number), "{text}");
        }
        for text in ["", "-1", "x", "1.5", "1.", "+1", "0x1", "99999999999999999999999"] {
            assert_eq!(index(text), None, "{text}");
        }
    }
}
