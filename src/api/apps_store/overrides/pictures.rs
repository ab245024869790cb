//! `apps_store/{app}/override/icon` and `/screenshot`: an override's pictures, in the language of the path.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    http::{Context, Failure, Reply},
    kazoo::{
        apps::overrides::{self, TYPE, override_id},
        pictures::{self, Kind, LANGUAGE, Place, attachment_name},
    },
    store::Object,
};

/// `GET override/icon`
pub async fn icon(context: &Context) -> Result<Reply, Failure> {
    let sources = [(context.account_db()?, super::load(context).await?)];
    let [(_, doc)] = &sources;
    context.icon(doc, &sources).await?.ok_or_else(|| context.no_picture(Kind::Icon))
}

/// `GET override/screenshot/{n}`: by its number from 0, or by its name.
pub async fn screenshot(context: &Context) -> Result<Reply, Failure> {
    let sources = [(context.account_db()?, super::load(context).await?)];
    let [(_, doc)] = &sources;
    context.screenshot(doc, &sources).await?.ok_or_else(|| context.no_picture(Kind::Screenshot))
}

/// `POST override/icon`, `POST override/screenshot`: a picture and its name are stored in one write, so that neither is ever
/// there without the other.
pub async fn upload(context: &Context, kind: Kind) -> Result<Reply, Failure> {
    let upload = context.picture()?;
    let language = context.language()?.unwrap_or(LANGUAGE);
    let content_type = upload.recognised();
    let name = attachment_name(kind, Place::Language(language), &upload.name, content_type);
    let base64 = BASE64_STANDARD.encode(&upload.bytes);
    let id = override_id(context.param("app"));
    let doc = context.change(&id, TYPE, async |doc: &mut Object| {
        overrides::add_picture(doc, kind, language, &name);
        pictures::attach(doc, &name, content_type, &base64);
        pictures::prune(doc, |_| true);
        Ok(())
    });
    Ok(Reply::document(&doc.await?))
}

/// `DELETE override/icon`, `DELETE override/screenshot/{n}`
pub async fn delete(context: &Context, kind: Kind) -> Result<Reply, Failure> {
    let language = context.language()?.unwrap_or(LANGUAGE);
    let id = override_id(context.param("app"));
    let doc = context.change(&id, TYPE, async |doc: &mut Object| {
        let gone = overrides::remove_picture(doc, kind, language, context.param("number"));
        gone.ok_or_else(|| context.no_picture(kind))?;
        pictures::prune(doc, |_| true);
        Ok(())
    });
    Ok(Reply::document(&doc.await?))
}
