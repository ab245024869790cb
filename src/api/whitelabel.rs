//! `whitelabel`: how a reseller brands the platform, and what visitors see of it who aren't logged in.

use serde_json::{Value, json};

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Member, does},
        failure::not_an_object,
        reply::{Body, Paging},
    },
    kazoo::{
        document::{self, is_private, text},
        id,
        whitelabel::ID,
    },
    store::{Document, Object},
};

mod domains;
mod emails;
mod files;

const DOMAIN: &[Member] = &[Member::text("domain", "The domain; without it the one of the account's brand")];
const TESTED: &[Member] = &[
    Member::text("domain", "The domain; without it the one of the account's brand"),
    Member::flag("use_tcp", "Whether name servers are asked by TCP"),
];

const SHOWS: Description = does("Shows the account's brand").gives(ID);
const SHOWS_RECORDS: Description = does("Shows the DNS records that a domain is to have").asked(DOMAIN).gives("domains");

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    let documents = [
        Endpoint::at("whitelabel").get(Access::Account, handler!(show), SHOWS),
        Endpoint::at("whitelabel/domains").get(Access::Public, handler!(domains::show), SHOWS_RECORDS).post(
            Access::Superduper,
            handler!(domains::set_template),
            does("Sets the DNS records that every domain is to have").takes("domains").gives("domains"),
        ),
        Endpoint::at("whitelabel/{domain}").get(
            Access::Public,
            handler!(show_by_domain),
            does("Shows the brand of the account that has a domain").gives(ID),
        ),
        Endpoint::at("accounts/{account}/whitelabel")
            .get(Access::Account, handler!(show), SHOWS)
            .put(Access::Admin, handler!(create), does("Creates the account's brand").takes(ID).gives(ID))
            .post(
                Access::Admin,
                handler!(replace),
                does("Replaces the account's brand").note("Its files stay.").takes(ID).gives(ID),
            )
            .delete(Access::Admin, handler!(delete), does("Deletes the account's brand, with its files and domain").gives(ID)),
        Endpoint::at("accounts/{account}/whitelabel/domains").get(Access::Account, handler!(domains::show), SHOWS_RECORDS).post(
            Access::Account,
            handler!(domains::test),
            does("Tests the DNS records of a domain")
                .note("Lays what it is to have beside what it has. Changes nothing.")
                .takes_members(TESTED)
                .gives_anything()
                .only_asks(),
        ),
        Endpoint::at("accounts/{account}/whitelabel/{domain}").get(Access::Account, handler!(show), SHOWS),
    ];
    documents.into_iter().chain(files::endpoints()).chain(emails::endpoints()).collect()
}

/// `GET whitelabel`: the account's own document, whatever domain stands behind it.
async fn show(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::document(&load(context).await?))
}

/// `GET whitelabel/{domain}`: the document of the account that has the domain, for visitors who aren't logged in.
async fn show_by_domain(context: &Context) -> Result<Reply, Failure> {
    let owner = owner(context).await?;
    let brand = context.platform.brand(&owner).await?;
    let brand = brand.ok_or_else(|| Failure::NoneFound { cause: context.param("domain").to_owned() })?;
    let found = Paging { page_size: Some(1), ..Paging::default() };
    Ok(Reply::document(&brand).paging(found))
}

/// `PUT whitelabel`
async fn create(context: &Context) -> Result<Reply, Failure> {
    let account_id = context.account_id()?;
    let mut brand = context.platform.check_brand(account_id, body(context)?).await?;
    if context.platform.brand(account_id).await?.is_some() {
        return Err(Failure::Conflict);
    }
    context.may_write(None)?;
    brand.insert("_id".into(), ID.into());
    brand.insert("pvt_type".into(), ID.into());
    let db = id::account_db_encoded(account_id);
    let stamp = document::Stamp { account_id: Some(account_id), account_db: db.as_deref(), ..context.stamp() };
    document::stamp(&mut brand, &stamp);
    Ok(Reply::document(&save(context, brand).await?).location(context.request.location(ID)))
}

/// `POST whitelabel`: new public fields; the files stay.
async fn replace(context: &Context) -> Result<Reply, Failure> {
    let account_id = context.account_id()?;
    let old = load(context).await?;
    let checked = context.platform.check_brand(account_id, body(context)?).await?;
    context.may_write(text(&old, "_rev"))?;
    let mut brand: Object =
        old.iter().filter(|(key, _)| is_private(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    brand.extend(checked);
    document::stamp(&mut brand, &context.stamp());
    Ok(Reply::document(&save(context, brand).await?))
}

/// `DELETE whitelabel`: the document goes, with its files and the account's domain.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let brand = load(context).await?;
    let rev = text(&brand, "_rev").unwrap_or_default();
    context.may_write(Some(rev))?;
    context.platform.delete_brand(context.account_id()?, rev).await?;
    let mut shown = document::public(&brand);
    shown.insert("_read_only".into(), json!({ "deleted": true }));
    Ok(Reply { body: Body::Data(shown.into()), ..Reply::deleted(&brand) })
}

/// Writes the brand, and says what it is then.
async fn save(context: &Context, mut brand: Object) -> Result<Document, Failure> {
    let rev = context.platform.save_brand(context.account_id()?, &brand).await?;
    brand.insert("_rev".into(), rev.into());
    Ok(brand.into())
}

/// The brand of the account in the path.
async fn load(context: &Context) -> Result<Document, Failure> {
    let brand = context.platform.brand(context.account_id()?).await?;
    brand.ok_or_else(|| Failure::BadIdentifier { cause: ID.to_owned() })
}

/// The account that has the domain in the path.
async fn owner(context: &Context) -> Result<String, Failure> {
    let domain = context.param("domain");
    let owner = context.platform.brand_owner(domain).await?;
    owner.ok_or_else(|| Failure::NoneFound { cause: domain.to_owned() })
}

/// The request's data, which must be an object.
fn body(context: &Context) -> Result<Object, Failure> {
    match &context.request.data {
        Value::Object(data) => Ok(data.clone()),
        other => Err(not_an_object(other)),
    }
}
