//! A brand's files: logo, icon and welcome page.

use crate::{
    handler,
    http::{Access, Context, Endpoint, Failure, Reply, describe::does, endpoint::Handler},
    kazoo::whitelabel::{self, ID, Part},
    platform::{names, whitelabel::BrandFile},
};

/// Types that a brand's files are sent in beside the usual ones; which of them goes where, [`Part::accepts`] says.
const TYPES: &[&str] = &[
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

/// The endpoints of a brand's files.
pub fn endpoints() -> [Endpoint; 9] {
    let file = |path| Endpoint::at(path).provides_file().consumes(TYPES);
    let shows = |path: &str| {
        let is_page = path.ends_with("welcome");
        does("Shows a file of the brand").gives_file(if is_page { &["text/html"] } else { &["image/*"] })
    };
    let takes = does("Sets a file of the brand").takes_file().gives(ID);
    let visitors = |path, show| file(path).get(Access::Public, show, shows(path));
    let own = |path, show: Handler, upload: Handler| {
        file(path).get(Access::Account, show, shows(path)).post(Access::Admin, upload, takes)
    };
    [
        visitors("whitelabel/{domain}/logo", handler!(show_by_domain, Part::Logo)),
        visitors("whitelabel/{domain}/icon", handler!(show_by_domain, Part::Icon)),
        visitors("whitelabel/{domain}/welcome", handler!(show_by_domain, Part::Welcome)),
        own("accounts/{account}/whitelabel/logo", handler!(show, Part::Logo), handler!(upload, Part::Logo)),
        own("accounts/{account}/whitelabel/icon", handler!(show, Part::Icon), handler!(upload, Part::Icon)),
        own("accounts/{account}/whitelabel/welcome", handler!(show, Part::Welcome), handler!(upload, Part::Welcome)),
        own(
            "accounts/{account}/whitelabel/{domain}/logo",
            handler!(show_by_domain, Part::Logo),
            handler!(upload_for_domain, Part::Logo),
        ),
        own(
            "accounts/{account}/whitelabel/{domain}/icon",
            handler!(show_by_domain, Part::Icon),
            handler!(upload_for_domain, Part::Icon),
        ),
        own(
            "accounts/{account}/whitelabel/{domain}/welcome",
            handler!(show_by_domain, Part::Welcome),
            handler!(upload_for_domain, Part::Welcome),
        ),
    ]
}

/// `GET accounts/{id}/whitelabel/{logo|icon|welcome}`
async fn show(context: &Context, part: Part) -> Result<Reply, Failure> {
    show_part(context, context.account_id()?, part).await
}

/// `GET whitelabel/{domain}/{logo|icon|welcome}`: of the account that has the domain, whichever stands in the path.
async fn show_by_domain(context: &Context, part: Part) -> Result<Reply, Failure> {
    let owner = super::owner(context).await?;
    show_part(context, &owner, part).await
}

async fn show_part(context: &Context, account_id: &str, part: Part) -> Result<Reply, Failure> {
    let missing = || Failure::BadIdentifierList(part.as_str().to_owned());
    let brand = context.platform.brand(account_id).await?.ok_or_else(missing)?;
    let name = whitelabel::attachment(&brand, part).ok_or_else(missing)?;
    let db = names::account_db(account_id).ok_or_else(missing)?;
    context.file(&db, &brand, name).await?.ok_or_else(missing)
}

/// `POST accounts/{id}/whitelabel/{domain}/{logo|icon|welcome}`: the same, for the account's own domain.
async fn upload_for_domain(context: &Context, part: Part) -> Result<Reply, Failure> {
    let brand = super::load(context).await?;
    let domain = context.param("domain");
    if !whitelabel::domain(&brand).is_some_and(|own| own.eq_ignore_ascii_case(domain)) {
        return Err(Failure::BadIdentifier { cause: domain.to_owned() });
    }
    upload(context, part).await
}

/// `POST accounts/{id}/whitelabel/{logo|icon|welcome}`
async fn upload(context: &Context, part: Part) -> Result<Reply, Failure> {
    let (none, several) = match part {
        Part::Logo | Part::Icon => ("Please provide an image file", "Please provide a single image file"),
        Part::Welcome => ("Please provide an html file", "Please provide a single html file"),
    };
    let upload = context.upload(none, several)?;
    let content_type = upload.recognised();
    if !part.accepts(content_type) {
        return Err(Failure::Bare(415));
    }
    let name = whitelabel::attachment_name(part, &upload.name, content_type);
    let file = BrandFile { part, name: &name, content_type, bytes: &upload.bytes };
    let may_write = |rev: Option<&str>| context.may_write(rev);
    let brand = context.platform.save_brand_file(context.account_id()?, &file, &context.stamp(), may_write).await?;
    let brand = brand.ok_or_else(|| Failure::BadIdentifier { cause: ID.to_owned() })?;
    Ok(Reply::document(&brand))
}
