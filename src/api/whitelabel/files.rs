//! A brand's files: logo, icon and welcome page.

use bytes::Bytes;

use crate::{
    http::{Context, Failure, Reply, Upload},
    kazoo::{
        document,
        validation::Invalid,
        whitelabel::{self, ID, Part},
    },
    platform::{names, whitelabel::BrandFile},
};

/// Types that a brand's files are sent in beside the usual ones; which of them goes where, [`Part::accepts`] says.
pub const TYPES: &[&str] = &[
    "application/base64",
    "application/x-base64",
    "image/gif",
    "image/ico",
    "image/icon",
    "image/jpeg",
    "image/jpg",
    "image/png",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
    "image/webp",
    "image/x-icon",
    "text/html",
];

/// `GET accounts/{id}/whitelabel/{logo|icon|welcome}`
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    show_part(context, context.account_id()?, part(context, 0)?).await
}

/// `GET whitelabel/{domain}/{logo|icon|welcome}`: of the account that has the domain, whichever stands in the path.
pub async fn show_by_domain(context: &Context) -> Result<Reply, Failure> {
    let owner = super::owner(context).await?;
    show_part(context, &owner, part(context, 1)?).await
}

async fn show_part(context: &Context, account_id: &str, part: Part) -> Result<Reply, Failure> {
    let missing = || Failure::BadIdentifierList(part.as_str().to_owned());
    let brand = context.platform.brand(account_id).await?.ok_or_else(missing)?;
    let name = whitelabel::attachment(&brand, part).ok_or_else(missing)?;
    let db = names::account_db(account_id).ok_or_else(missing)?;
    context.file(&db, &brand, name).await?.ok_or_else(missing)
}

/// `POST accounts/{id}/whitelabel/{logo|icon|welcome}`
pub async fn upload(context: &Context) -> Result<Reply, Failure> {
    upload_part(context, part(context, 0)?).await
}

/// `POST accounts/{id}/whitelabel/{domain}/{logo|icon|welcome}`: the same, for the account's own domain.
pub async fn upload_for_domain(context: &Context) -> Result<Reply, Failure> {
    let brand = super::load(context).await?;
    let domain = context.param(0);
    if !whitelabel::domain(&brand).is_some_and(|own| own.eq_ignore_ascii_case(domain)) {
        return Err(Failure::BadIdentifier { cause: domain.to_owned() });
    }
    upload_part(context, part(context, 1)?).await
}

async fn upload_part(context: &Context, part: Part) -> Result<Reply, Failure> {
    let upload = only_upload(context, part)?;
    let content_type = recognised(upload);
    if !part.accepts(content_type) {
        return Err(Failure::Bare(415));
    }
    let name = whitelabel::attachment_name(part, &upload.name, content_type);
    let file = BrandFile { part, name: &name, content_type, bytes: &upload.bytes };
    let may_write = |rev: Option<&str>| context.may_write(rev);
    let brand = context.platform.save_brand_file(context.account_id()?, &file, &context.stamp(), may_write).await?;
    let brand = brand.ok_or_else(|| Failure::BadIdentifier { cause: ID.to_owned() })?;
    Ok(Reply::data(document::public(&brand)).of(&brand))
}

/// The one file that has to come, and not empty.
fn only_upload(context: &Context, part: Part) -> Result<&Upload, Failure> {
    let (what, single) = match part {
        Part::Logo | Part::Icon => ("Please provide an image file", "Please provide a single image file"),
        Part::Welcome => ("Please provide an html file", "Please provide a single html file"),
    };
    match context.request.uploads.as_slice() {
        [upload] if !upload.bytes.is_empty() => Ok(upload),
        [] | [_] => Err(Invalid::one("file", "required", what).into()),
        _ => Err(Invalid::one("file", "maxItems", single).into()),
    }
}

/// The file's type: as it was sent, else, where only bytes came, as they look.
fn recognised(upload: &Upload) -> &str {
    match upload.content_type.as_str() {
        "application/octet-stream" => sniffed(&upload.bytes).unwrap_or("application/octet-stream"),
        told => told,
    }
}

fn sniffed(bytes: &Bytes) -> Option<&'static str> {
    infer::get(bytes).map(|kind| kind.mime_type())
}

fn part(context: &Context, place: usize) -> Result<Part, Failure> {
    Part::parse(context.param(place)).ok_or(Failure::NotFound)
}
