//! `application/{id}/icon` and `/screenshots`: the pictures of a document in a catalogue.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    http::{Context, Failure, Reply},
    kazoo::{
        applications::{TYPE, add_picture, remove_picture},
        pictures::{self, Kind, Place, attachment_name},
    },
    store::Object,
};

/// `GET icon`
pub async fn icon(context: &Context) -> Result<Reply, Failure> {
    let sources = [(context.account_db()?, super::metadata::load(context).await?)];
    let [(_, doc)] = &sources;
    context.icon(doc, &sources).await?.ok_or_else(|| context.no_picture(Kind::Icon))
}

/// `GET screenshots/{n}`: by its number from 0, or by its name.
pub async fn screenshot(context: &Context) -> Result<Reply, Failure> {
    let sources = [(context.account_db()?, super::metadata::load(context).await?)];
    let [(_, doc)] = &sources;
    context.screenshot(doc, &sources).await?.ok_or_else(|| context.no_picture(Kind::Screenshot))
}

/// `POST icon`, `POST screenshots`
pub async fn upload(context: &Context, kind: Kind) -> Result<Reply, Failure> {
    let upload = context.picture()?;
    let place = place(context)?;
    let content_type = upload.recognised();
    let name = attachment_name(kind, place, &upload.name, content_type);
    let base64 = BASE64_STANDARD.encode(&upload.bytes);
    let doc = context.change(context.param("application"), TYPE, async |doc: &mut Object| {
        let gone = add_picture(doc, kind, place, &name);
        pictures::attach(doc, &name, content_type, &base64);
        pictures::prune(doc, |name| gone.iter().any(|gone| gone == name));
        Ok(())
    });
    Ok(Reply::document(&doc.await?))
}

/// `DELETE icon`, `DELETE screenshots/{n}`
pub async fn delete(context: &Context, kind: Kind) -> Result<Reply, Failure> {
    let place = place(context)?;
    let doc = context.change(context.param("application"), TYPE, async |doc: &mut Object| {
        let gone = remove_picture(doc, kind, place, context.param("number")).ok_or_else(|| context.no_picture(kind))?;
        pictures::prune(doc, |name| name == gone);
        Ok(())
    });
    Ok(Reply::document(&doc.await?))
}

/// Where pictures are named that are written without a language, or with one.
fn place(context: &Context) -> Result<Place<'_>, Failure> {
    Ok(context.language()?.map_or(Place::Root, Place::Language))
}
