//! A user as a visiting card.

use crate::{
    http::{Context, Failure, Reply, negotiate},
    kazoo::{document::text, vcard},
};

/// The names that a card's type has had; Kazoo knows the first two.
pub const TYPES: [&str; 3] = ["text/x-vcard", "text/directory", "text/vcard"];

/// `GET users/{id}/vcard`
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    let user = super::load(context).await?;
    let wanted = TYPES.into_iter().find(|name| negotiate::takes(&context.request, name)).ok_or(Failure::Bare(406))?;
    let card = vcard::write(&user, text(context.account()?, "org"));
    Ok(Reply::made(format!("{}.vcf", vcard::full_name(&user)), format!("{wanted}; charset=utf-8"), card))
}
