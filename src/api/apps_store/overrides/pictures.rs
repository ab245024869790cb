//! `apps_store/{app}/override/icon` and `/screenshot`: an override's pictures, in the language of the path.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    api::apps_store::images::language,
    http::{Context, Failure, Reply},
    kazoo::{
        apps::overrides::{self, is_override, override_id},
        document::{self, text},
        pictures::{self, Kind, Place, attachment_name},
        validation::Invalid,
    },
    store::{Document, Object, update},
};

/// `GET override/icon`
pub async fn icon(context: &Context) -> Result<Reply, Failure> {
    let doc = super::load(context).await?;
    for name in pictures::icons(&doc, language(context)) {
        if let Some(reply) = context.file(&context.account_db()?, &doc, name).await? {
            return Ok(reply);
        }
    }
    Err(missing(Kind::Icon, ""))
}

/// `GET override/screenshot/{n}`: by its number from 0, or by its name.
pub async fn screenshot(context: &Context) -> Result<Reply, Failure> {
    let number = context.param("number");
    let missing = || missing(Kind::Screenshot, number);
    let doc = super::load(context).await?;
    let name = pictures::screenshot(&doc, language(context), number).ok_or_else(missing)?;
    context.file(&context.account_db()?, &doc, name).await?.ok_or_else(missing)
}

/// `POST override/icon`, `POST override/screenshot`: a picture and its name are stored in one write, so that neither is ever
/// there without the other.
pub async fn upload(context: &Context, kind: Kind) -> Result<Reply, Failure> {
    let upload = context.picture()?;
    let language = language(context);
    if !pictures::is_language(language) {
        return Err(Invalid::one("i18n", "wrong_format", "Language must be a tag such as en-US").into());
    }
    let content_type = upload.recognised();
    let name = attachment_name(kind, Place::Language(language), &upload.name, content_type);
    let base64 = BASE64_STANDARD.encode(&upload.bytes);
    let saved = save(context, |doc| {
        overrides::add_picture(doc, kind, language, &name);
        pictures::attach(doc, &name, content_type, &base64);
        Ok(())
    });
    Ok(Reply::document(&saved.await?))
}

/// `DELETE override/icon`, `DELETE override/screenshot/{n}`
pub async fn delete(context: &Context, kind: Kind) -> Result<Reply, Failure> {
    let number = context.param("number");
    let saved = save(context, |doc| {
        overrides::remove_picture(doc, kind, language(context), number).ok_or_else(|| missing(kind, number))?;
        Ok(())
    });
    Ok(Reply::document(&saved.await?))
}

/// Edits the override, on whatever revision is the current one; pictures that it doesn't name any more go.
async fn save(context: &Context, edit: impl Fn(&mut Object) -> Result<(), Failure>) -> Result<Document, Failure> {
    let id = override_id(context.param("app"));
    let merged = update(context.platform.store.as_ref(), &context.account_db()?, &id, async |doc: &mut Object| {
        if !is_override(doc) {
            return Err(Failure::BadIdentifier { cause: id.clone() });
        }
        edit(doc)?;
        context.may_write(text(doc, "_rev"))?;
        pictures::prune(doc, |_| true);
        document::stamp(doc, &context.account_stamp()?);
        Ok::<_, Failure>(())
    })
    .await?;
    Ok(merged.doc)
}

fn missing(kind: Kind, number: &str) -> Failure {
    let cause = match kind {
        Kind::Icon => "icon attachment".to_owned(),
        Kind::Screenshot => format!("screenshot attachment at index {number}"),
    };
    Failure::NoPicture { cause }
}
