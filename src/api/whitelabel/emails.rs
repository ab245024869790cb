//! `whitelabel/emails`: the addresses that a brand sends mail from, and proving that they're its own.

use serde_json::{Value, json};

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Member, does},
    },
    kazoo::document::{self, text},
    platform::emails::{self, LISTING},
    store::{Document, Object, update},
};

const LISTED: &[Member] = &[
    Member::text("id", "The address's id"),
    Member::text("email", "The address"),
    Member::flag("verified", "Whether it has been proved"),
];

/// The endpoints of a brand's addresses.
pub fn endpoints() -> [Endpoint; 3] {
    [
        Endpoint::at("accounts/{account}/whitelabel/emails")
            .get(Access::Account, handler!(list), does("Lists the brand's mail addresses").in_pages().gives_list(LISTED))
            .put(
                Access::Admin,
                handler!(create),
                does("Adds a mail address").note("A code is sent there.").takes("emails").gives_text(),
            ),
        Endpoint::at("accounts/{account}/whitelabel/emails/{email}")
            .get(Access::Account, handler!(show), does("Shows a mail address").gives("emails"))
            .post(
                Access::Admin,
                handler!(change),
                does("Changes a mail address")
                    .note("Another address has to be proved again.")
                    .takes_part_of("emails")
                    .gives("emails"),
            )
            .delete(Access::Admin, handler!(delete), does("Deletes a mail address").gives("emails")),
        Endpoint::at("accounts/{account}/whitelabel/emails/{email}/verify")
            .post(
                Access::Admin,
                handler!(verify),
                does("Proves a mail address by the code that was sent there").takes("email_claim").gives("emails"),
            )
            .guards_login(),
    ]
}

/// `GET emails`
async fn list(context: &Context) -> Result<Reply, Failure> {
    let page = context.page().await?;
    let db = context.account_db()?;
    let (rows, paging) = page.rows(None, None, async |query| context.platform.view(&db, LISTING, &query).await).await?;
    Ok(Reply::list(rows.into_iter().map(|row| row.value).collect()).paging(paging))
}

/// `PUT emails`
async fn create(context: &Context) -> Result<Reply, Failure> {
    let account_id = context.account_id()?;
    let checked = context.platform.check_email(account_id, super::body(context)?, None).await?;
    context.may_write(None)?;
    let email = context.platform.add_email(account_id, checked, &context.stamp()).await?;
    let said = "Email verification code was sent, Please check your email to learn how to verify your email address.";
    let location = context.request.location(document::id(&email).unwrap_or_default());
    Ok(Reply::data(said).of(&email).metadata(metadata(&email)).location(location))
}

/// `GET emails/{id}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    Ok(shown(&load(context).await?))
}

/// `POST emails/{id}`: merges. Another address has to be proved again.
async fn change(context: &Context) -> Result<Reply, Failure> {
    let email = load(context).await?;
    let mut data = document::public(&email);
    document::merge(&mut data, &super::body(context)?);
    let (account_id, id) = (context.account_id()?, context.param("email"));
    let checked = context.platform.check_email(account_id, data, Some(id)).await?;
    context.may_write(text(&email, "_rev"))?;
    Ok(shown(&context.platform.change_email(account_id, id, &checked, &context.stamp()).await?))
}

/// `POST emails/{id}/verify`
async fn verify(context: &Context) -> Result<Reply, Failure> {
    let email = load(context).await?;
    let claim = context.platform.check("email_claim", super::body(context)?.into()).await?;
    context.may_write(text(&email, "_rev"))?;
    let code = text(&claim, "code").unwrap_or_default();
    let verified = context.platform.verify_email(context.account_id()?, context.param("email"), code, &context.stamp()).await?;
    verified.map(|email| shown(&email)).ok_or(Failure::CodeRefused)
}

/// `DELETE emails/{id}`: the document stays, marked as deleted.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let email = load(context).await?;
    context.may_write(text(&email, "_rev"))?;
    let db = context.account_db()?;
    let deleted = update(context.platform.store.as_ref(), &db, context.param("email"), async |doc: &mut Object| {
        document::stamp(doc, &context.stamp());
        document::soft_delete(doc);
        Ok::<_, Failure>(())
    });
    let deleted = deleted.await?.doc;
    let mut metadata = metadata(&deleted);
    metadata.insert("deleted".into(), true.into());
    Ok(Reply::data(document::public(&email)).of(&deleted).metadata(metadata))
}

async fn load(context: &Context) -> Result<Document, Failure> {
    let id = context.param("email");
    let email = context.platform.email(context.account_id()?, id).await?;
    email.ok_or_else(|| Failure::BadIdentifier { cause: id.to_owned() })
}

fn shown(email: &Document) -> Reply {
    Reply::data(document::public(email)).of(email).metadata(metadata(email))
}

/// What stands beside an address: when it came and changed, and whether it has been proved.
fn metadata(email: &Object) -> Object {
    let members = [("id", "_id"), ("created", "pvt_created"), ("modified", "pvt_modified")];
    let known = members.into_iter().filter_map(|(name, key)| Some((name.to_owned(), email.get(key)?.clone())));
    known.chain([("verified".to_owned(), json!(emails::is_verified(email)))]).collect::<serde_json::Map<String, Value>>()
}
