//! A user's picture: the attachment `photo` of the user's document.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::{
    http::{Context, Failure, Reply, negotiate, range::ByteRange},
    kazoo::{
        document::{self, text},
        user,
        validation::Invalid,
    },
    store::{ByteStream, Document, Error, Object, update},
};

const PHOTO: &str = "photo";
const OCTETS: &str = "application/octet-stream";
const BASE64: [&str; 2] = ["application/base64", "application/x-base64"];
/// What a picture can be: what every browser shows, and runs nothing of.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/// What it's shown as.
pub const GIVEN: &[&str] = &["image/*", OCTETS, "application/base64", "application/x-base64"];
/// Bytes at a file's beginning that tell what it is.
const BEGINNING: u64 = 64;

/// What an upload may say it is; what counts is what's in it.
pub const TAKEN: &[&str] =
    &["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", OCTETS, "application/base64", "application/x-base64"];

/// `GET users/{id}/photo`: the picture, as what it is, or as octets or base64 for those who take nothing else.
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    let user = super::load(context).await?;
    let length = length(&user).ok_or_else(missing)?;
    let (db, id, store) = (context.account_db()?, context.param("user"), context.platform.store.as_ref());
    let takes = |media_type: &str| negotiate::takes(&context.request, media_type);
    let range = ByteRange::of(&context.request).and_then(|range| range.within(length));
    let mut photo = store.attachment(&db, id, PHOTO, range).await?;
    if !PICTURES.contains(&photo.info.content_type.as_str()) {
        // Kazoo notes as a picture's type what the client's program said.
        let beginning = collect(store.attachment(&db, id, PHOTO, Some(0..BEGINNING)).await?.body).await?;
        photo.info.content_type = media_type(&beginning).unwrap_or(OCTETS).to_owned();
    }
    if !takes(&photo.info.content_type) {
        if takes(OCTETS) {
            photo.info.content_type = OCTETS.to_owned();
        } else if let Some(wanted) = BASE64.into_iter().find(|name| takes(name)) {
            let whole = collect(store.attachment(&db, id, PHOTO, None).await?.body).await?;
            return Ok(Reply::made(PHOTO, wanted, BASE64_STANDARD.encode(whole)));
        }
    }
    Ok(Reply::file(PHOTO, photo))
}

/// `POST users/{id}/photo`: a new picture instead of the old one.
pub async fn replace(context: &Context) -> Result<Reply, Failure> {
    let upload = context.request.uploads.first().filter(|upload| !upload.bytes.is_empty());
    let bytes = upload.map(|upload| &upload.bytes).ok_or_else(|| Invalid::required("file"))?;
    let unknown = || Invalid::one("file", "wrong_format", "A photo must be a PNG, JPEG, GIF or WebP picture");
    let content_type = media_type(bytes).ok_or_else(unknown)?;
    let photo = json!({ "content_type": content_type, "data": BASE64_STANDARD.encode(bytes) });
    let user = edit(context, |attachments| {
        attachments.insert(PHOTO.into(), photo.clone());
        Ok(())
    })
    .await?;
    Ok(Reply::data(user::public(&user)).of(&user))
}

/// `DELETE users/{id}/photo`
pub async fn delete(context: &Context) -> Result<Reply, Failure> {
    edit(context, |attachments| attachments.shift_remove(PHOTO).map(drop).ok_or_else(missing)).await?;
    Ok(Reply::data(json!({ "_read_only": { "deleted": true } })))
}

/// Changes which attachments a user's document has, whatever else is written to it meanwhile.
async fn edit(context: &Context, change: impl Fn(&mut Object) -> Result<(), Failure>) -> Result<Document, Failure> {
    super::load(context).await?;
    let merged =
        update(context.platform.store.as_ref(), &context.account_db()?, context.param("user"), async |user: &mut Object| {
            super::still_there(context, user)?;
            let mut attachments = user.get("_attachments").and_then(Value::as_object).cloned().unwrap_or_default();
            change(&mut attachments)?;
            context.may_write(text(user, "_rev"))?;
            user.insert("_attachments".into(), attachments.into());
            document::stamp(user, &context.stamp());
            Ok::<_, Failure>(())
        })
        .await?;
    Ok(merged.doc)
}

/// The picture's length as the document has it; `None` when there is none.
fn length(user: &Object) -> Option<u64> {
    user.get("_attachments")?.get(PHOTO)?.get("length")?.as_u64()
}

fn missing() -> Failure {
    Failure::BadIdentifier { cause: PHOTO.to_owned() }
}

/// What kind of picture these bytes are the beginning of.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let found = infer::get(bytes)?.mime_type();
    PICTURES.into_iter().find(|known| *known == found)
}

async fn collect(body: ByteStream) -> Result<Bytes, Error> {
    let whole = body.try_fold(BytesMut::new(), async |mut whole, chunk| {
        whole.extend_from_slice(&chunk);
        Ok(whole)
    });
    Ok(whole.await?.freeze())
}
