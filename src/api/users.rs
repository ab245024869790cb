//! `accounts/{id}/users`

use serde_json::{Value, json};

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Member, does},
    },
    kazoo::{
        document::{self, gregorian, text},
        user,
    },
    store::{Document, Object, View, update},
};

mod photo;
mod vcard;

const LISTING: View = View::new("users", "crossbar_listing");

const LISTED: &[Member] = &[
    Member::text("id", "The user's id"),
    Member::text("username", "The name to log in with"),
    Member::text("first_name", "The first name"),
    Member::text("last_name", "The last name"),
    Member::text("email", "The mail address"),
    Member::text("priv_level", "`admin` or `user`"),
    Member::list("features", "Features that are on"),
    Member::list("flags", "The user's flags"),
];
const FOR_GOOD: &[Member] = &[Member::flag("should_soft_delete", "`false`: the document goes for good")];

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("accounts/{account}/users")
            .get(Access::Account, handler!(list), does("Lists the account's users").in_pages().gives_list(LISTED))
            .put(Access::Admin, handler!(create), does("Creates a user").takes("users").gives("users")),
        Endpoint::at("accounts/{account}/users/{user}")
            .get(Access::Account, handler!(show), does("Shows a user").gives("users"))
            .post(
                Access::Oneself,
                handler!(replace),
                does("Replaces a user").note("Credentials stay unless a password is sent.").takes("users").gives("users"),
            )
            .patch(
                Access::Oneself,
                handler!(patch),
                does("Changes some members of a user").note("`null` removes a member.").takes_part_of("users").gives("users"),
            )
            .delete(Access::Admin, handler!(delete), does("Deletes a user").asked(FOR_GOOD).gives("users")),
        Endpoint::at("accounts/{account}/users/{user}/photo")
            .get(Access::Account, handler!(photo::show), does("Shows the user's photo").gives_file(photo::GIVEN))
            .post(Access::Oneself, handler!(photo::replace), does("Sets the user's photo").takes_file().gives("users"))
            .delete(Access::Oneself, handler!(photo::delete), does("Removes the user's photo").gives_anything())
            .consumes(photo::TAKEN)
            .provides_file_as_taken(),
        Endpoint::at("accounts/{account}/users/{user}/vcard")
            .get(Access::Account, handler!(vcard::show), does("Shows the user as a visiting card").gives_file(&vcard::TYPES))
            .provides_file_as_taken(),
    ]
}

/// `GET users`
async fn list(context: &Context) -> Result<Reply, Failure> {
    let page = context.page().await?;
    let db = context.account_db()?;
    let (rows, paging) = page.rows(None, None, async |query| context.platform.view(&db, LISTING, &query).await).await?;
    Ok(Reply::list(rows.into_iter().map(|row| row.value).collect()).paging(paging))
}

/// `PUT users`
async fn create(context: &Context) -> Result<Reply, Failure> {
    let data = body(context)?;
    let db = context.account_db()?;
    let new_name = user::wants_new_name(&data, None);
    let create = async {
        let doc = context.platform.prepare_user(context.account_id()?, data, None, &context.stamp()).await?;
        context.may_write(None)?;
        let rev = context.platform.store.put(&db, &doc).await?;
        Ok::<_, Failure>((doc, rev))
    };
    let (doc, rev) = context.platform.naming_users(context.account_id()?, new_name, create).await?;
    let location = context.request.location(text(&doc, "_id").unwrap_or_default());
    Ok(Reply::data(user::public(&doc)).revision(&rev).location(location).metadata(document::metadata(&doc)))
}

/// `GET users/{id}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let user = load(context).await?;
    reply(context, &user).await
}

/// `POST users/{id}`: new public fields; credentials stay unless a password comes with them.
async fn replace(context: &Context) -> Result<Reply, Failure> {
    let user = load(context).await?;
    let data = body(context)?;
    let db = context.account_db()?;
    let new_name = user::wants_new_name(&data, Some(&user));
    let replace = async {
        let mut doc = changed(context, &user, data).await?;
        let rev = context.platform.store.put(&db, &doc).await?;
        doc.insert("_rev".into(), rev.into());
        Ok::<_, Failure>(doc)
    };
    let doc = context.platform.naming_users(context.account_id()?, new_name, replace).await?;
    reply(context, &doc).await
}

/// `PATCH users/{id}`: merges, on whatever revision is the current one.
async fn patch(context: &Context) -> Result<Reply, Failure> {
    let user = load(context).await?;
    let patch = body(context)?;
    let db = context.account_db()?;
    let new_name = user::wants_new_name(&patch, Some(&user));
    let merge = async |user: &mut Object| {
        still_there(context, user)?;
        let mut data = user::public(user);
        document::merge(&mut data, &patch);
        *user = changed(context, user, data).await?;
        Ok::<_, Failure>(())
    };
    let write = update(context.platform.store.as_ref(), &db, context.param("user"), merge);
    let merged = context.platform.naming_users(context.account_id()?, new_name, write).await?;
    reply(context, &merged.doc).await
}

/// A user as it's shown, and beside it how old the password is. One that has expired has to be replaced.
async fn reply(context: &Context, user: &Object) -> Result<Reply, Failure> {
    let lasts = context.platform.settings("crossbar").await?.number("password_expiry_s");
    let age = user::password_age(user, lasts, gregorian(context.now));
    let mut shown = user::public(user);
    if age.get("is_password_expired") == Some(&Value::Bool(true)) {
        shown.insert("require_password_update".into(), true.into());
    }
    let mut metadata = document::metadata(user);
    metadata.extend(age);
    Ok(Reply::data(shown).revision(text(user, "_rev").unwrap_or_default()).metadata(metadata))
}

/// A user's document with new public fields.
async fn changed(context: &Context, user: &Object, mut data: Object) -> Result<Object, Failure> {
    if context.caller()?.is_plain_user() {
        // What makes a user more than he is isn't his to change, and whoever has no password of his brings no hash along.
        data.shift_remove("credentials");
        for key in ["priv_level", "enabled"] {
            match user.get(key) {
                Some(value) => data.insert(key.into(), value.clone()),
                None => data.shift_remove(key),
            };
        }
    }
    let doc = context.platform.prepare_user(context.account_id()?, data, Some(user), &context.stamp()).await?;
    context.may_write(text(user, "_rev"))?;
    Ok(doc)
}

/// `DELETE users/{id}`: the document stays, marked as deleted, unless `should_soft_delete` is false.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let user = load(context).await?;
    let db = context.account_db()?;
    let rev = text(&user, "_rev").unwrap_or_default();
    context.may_write(Some(rev))?;
    let rev = if context.request.refuses("should_soft_delete") {
        context.platform.store.delete(&db, context.param("user"), rev).await?
    } else {
        let mut doc = (*user).clone();
        document::stamp(&mut doc, &context.stamp());
        document::soft_delete(&mut doc);
        context.platform.store.put(&db, &doc).await?
    };
    let mut shown = user::public(&user);
    shown.insert("_read_only".into(), json!({ "deleted": true }));
    let mut metadata = document::metadata(&user);
    metadata.insert("deleted".into(), true.into());
    Ok(Reply::data(shown).revision(&rev).metadata(metadata))
}

/// Refuses what somebody else has deleted since it was loaded.
fn still_there(context: &Context, user: &Object) -> Result<(), Failure> {
    let there = user.contains_key("_rev") && !document::is_soft_deleted(user);
    if there { Ok(()) } else { Err(Failure::BadIdentifier { cause: context.param("user").to_owned() }) }
}

async fn load(context: &Context) -> Result<Document, Failure> {
    let id = context.param("user");
    let user = context.platform.user(context.account_id()?, id).await?;
    user.ok_or_else(|| Failure::BadIdentifier { cause: id.to_owned() })
}

/// The request's data, which must be an object.
fn body(context: &Context) -> Result<Object, Failure> {
    match &context.request.data {
        Value::Object(data) => Ok(data.clone()),
        other => Err(crate::http::failure::not_an_object(other)),
    }
}
