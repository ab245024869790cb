//! `accounts`

use serde_json::{Value, json};

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply, Verb,
        describe::{Member, does},
    },
    kazoo::{
        account::{self, Standing},
        document::{self, gregorian, is_true, text},
        validation::Invalid,
    },
    platform::accounts::NewAccount,
    store::{Document, Object},
};

mod api_key;
mod lists;
mod reseller;

const WITH_KEY: &[Member] = &[Member::flag("include_api_key", "Whether the api key is to be shown too, to who may see it")];
const LISTED: &[Member] = &[
    Member::text("id", "The account's id"),
    Member::text("name", "The account's name"),
    Member::text("realm", "The account's realm"),
    Member::number("descendants_count", "How many accounts are below it"),
    Member::list("flags", "The account's flags"),
];
const NAMED: &[Member] = &[
    Member::text("id", "The account's id"),
    Member::text("name", "The account's name"),
    Member::text("realm", "The account's realm"),
    Member::list("flags", "The account's flags"),
];
const OPERATORS: &str = "superduper admins";
const KEY: &[Member] = &[Member::text("api_key", "The key")];
const TO: &[Member] = &[Member::text("to", "The id of the account under which this one is to be").required()];

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("accounts").put(
            Access::Token,
            handler!(create_below_caller),
            does("Creates an account below the caller's")
                .only("the admins of whatever account")
                .takes("accounts")
                .gives("accounts"),
        ),
        Endpoint::at("accounts/{account}")
            .spares_master()
            .get(Access::Account, handler!(show), does("Shows an account").asked(WITH_KEY).gives("accounts"))
            .put(Access::Admin, handler!(create), does("Creates an account below this one").takes("accounts").gives("accounts"))
            .post(
                Access::Admin,
                handler!(edit),
                does("Changes an account")
                    .note("Merges, but what is sent has to be an account by itself. An account above alone says what is enabled.")
                    .takes("accounts")
                    .gives("accounts"),
            )
            .patch(
                Access::Admin,
                handler!(edit),
                does("Changes some members of an account")
                    .note("`null` removes a member.")
                    .takes_part_of("accounts")
                    .gives("accounts"),
            )
            .delete(
                Access::Admin,
                handler!(delete),
                does("Deletes an account")
                    .note("It's gone for good, with all that is in it. Not the master account, nor one with accounts below.")
                    .gives("accounts"),
            ),
        Endpoint::at("accounts/{account}/children").get(
            Access::Account,
            handler!(lists::children),
            does("Lists the accounts right below").in_pages().gives_list(LISTED),
        ),
        Endpoint::at("accounts/{account}/descendants").get(
            Access::Account,
            handler!(lists::descendants),
            does("Lists all accounts below").in_pages().gives_list(LISTED),
        ),
        Endpoint::at("accounts/{account}/siblings").get(
            Access::Account,
            handler!(lists::siblings),
            does("Lists the accounts beside, this one among them")
                .only("the users of the accounts above it, not its own")
                .in_pages()
                .gives_list(LISTED),
        ),
        Endpoint::at("accounts/{account}/parents").get(
            Access::Account,
            handler!(lists::parents),
            does("Lists the accounts above, from the caller's down").note("Of one's own account all of them.").gives_list(NAMED),
        ),
        Endpoint::at("accounts/{account}/tree").get(
            Access::Account,
            handler!(lists::tree),
            does("Lists the accounts between the caller's and this one").note("Of one's own account none.").gives_list(NAMED),
        ),
        Endpoint::at("accounts/{account}/api_key")
            .get(Access::Admin, handler!(api_key::show), does("Shows the account's api key").gives_members(KEY))
            .put(
                Access::Admin,
                handler!(api_key::renew),
                does("Makes a new api key").note("The old one is void then.").takes_nothing().gives_members(KEY),
            ),
        Endpoint::at("accounts/{account}/reseller")
            .put(
                Access::Admin,
                handler!(reseller::promote),
                does("Makes the account a reseller").only(OPERATORS).takes_nothing().gives("accounts"),
            )
            .delete(
                Access::Admin,
                handler!(reseller::demote),
                does("Makes the account no reseller any more").only(OPERATORS).gives("accounts"),
            ),
        Endpoint::at("accounts/{account}/move").post(
            Access::Admin,
            handler!(relocate),
            does("Puts an account, with all below it, under another one")
                .only("superduper admins, or whom `crossbar.accounts` / `allow_move` names")
                .takes_members(TO)
                .gives("accounts"),
        ),
    ]
}

/// `GET accounts/{id}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    let standing = context.platform.standing(account).await?;
    Ok(reply(context, account, &standing, account.as_ref()).await?.of(account))
}

/// `PUT accounts/{id}`: a new account below that one.
async fn create(context: &Context) -> Result<Reply, Failure> {
    let parent = context.account()?;
    let may_decide = context.caller()?.is_above(parent);
    let account = create_below(context, parent, true, may_decide).await?;
    let standing = context.platform.standing(&account).await?;
    reply(context, &account, &standing, account.as_ref()).await
}

/// `PUT accounts`: a new account below the caller's.
async fn create_below_caller(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    if caller.is_plain_user() {
        return Err(Failure::Forbidden);
    }
    let account = create_below(context, &caller.account, false, true).await?;
    let standing = Standing { reseller_id: None, ..context.platform.standing(&account).await? };
    reply(context, &account, &standing, account.as_ref()).await
}

/// `may_decide`: whether the caller may say that the new account is disabled.
async fn create_below(context: &Context, parent: &Document, parent_named: bool, may_decide: bool) -> Result<Document, Failure> {
    let data = body(context)?;
    context.platform.check_may_have_accounts(&context.caller()?.account).await?;
    context.may_write(None)?;
    let enabled = account::wants_enabled(&data).filter(|_| may_decide);
    let new = NewAccount { parent: Some(parent), parent_named, data, enabled, stamp: context.stamp() };
    Ok(context.platform.create_account(new).await?)
}

/// `POST` and `PATCH accounts/{id}`: both merge. Only an account above says whether this one is enabled.
async fn edit(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    let mut data = body(context)?;
    account::strip_derived(&mut data);
    context.platform.check_may_have_accounts(&context.caller()?.account).await?;
    if context.request.verb == Verb::Post {
        // It merges, but what comes has to be an account by itself.
        context.platform.check("accounts", Value::Object(data.clone())).await?;
    }
    let enabled = account::wants_enabled(&data).filter(|_| context.caller().is_ok_and(|caller| caller.is_above(account)));
    let may_write = |rev: Option<&str>| context.may_write(rev);
    let account = context.platform.edit_account(context.account_id()?, &data, enabled, &context.stamp(), may_write).await?;
    let standing = context.platform.standing(&account).await?;
    Ok(reply(context, &account, &standing, account.as_ref()).await?.of(&account))
}

/// `DELETE accounts/{id}`: the account and all that's in it are gone for good.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    context.may_write(text(account, "_rev"))?;
    context.platform.delete_account(account).await?;
    let mut shown = document::public(account);
    shown.insert("_read_only".into(), json!({ "deleted": true }));
    let mut metadata = document::metadata(account);
    metadata.insert("deleted".into(), true.into());
    Ok(Reply::data(shown).of(account).metadata(metadata))
}

/// `POST accounts/{id}/move`: puts the account, with all below it, under the one that `to` names.
async fn relocate(context: &Context) -> Result<Reply, Failure> {
    let account = context.account()?;
    let caller = context.caller()?;
    let Some(to) = context.request.data.get("to").filter(|to| !to.is_null()) else {
        return Err(Invalid::one("to", "required", "Field 'to' is required").into());
    };
    let unknown = || Failure::invalid("to", "not_found", "There is no account of that id", to.clone());
    let target_id = to.as_str().ok_or_else(unknown)?;
    let target = context.platform.account(target_id).await?.ok_or_else(unknown)?;
    let allowed = match context.platform.settings("crossbar.accounts").await?.text("allow_move") {
        None | Some("superduper_admin") => caller.is_superduper(),
        Some("tree") => caller.is_above(account) && caller.is_above(&target),
        Some(_) => false,
    };
    if !allowed {
        return Err(Failure::Forbidden);
    }
    context.may_write(text(account, "_rev"))?;
    context.platform.move_account(context.account_id()?, target_id, gregorian(context.now)).await?;
    let account = context.platform.account(context.account_id()?).await?.ok_or_else(unknown)?;
    let standing = context.platform.standing(&account).await?;
    Ok(reply(context, &account, &standing, account.as_ref()).await?.of(&account))
}

/// The request's data, which must be an object.
fn body(context: &Context) -> Result<Object, Failure> {
    match &context.request.data {
        Value::Object(data) => Ok(data.clone()),
        other => Err(crate::http::failure::not_an_object(other)),
    }
}

/// An account as it's shown to the caller. Its api key only on demand, and never to a plain user.
async fn reply(context: &Context, account: &Document, standing: &Standing, shown: &Object) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let asked = context.request.value("include_api_key").is_some_and(is_true);
    let exposed = asked || context.platform.settings("crossbar.accounts").await?.flag("expose_api_key") == Some(true);
    let with_key = exposed && !caller.is_plain_user();
    let derived = account::derived(account, standing, &caller.account_id, with_key, gregorian(context.now));
    let mut metadata = document::metadata(account);
    metadata.extend(account::metadata(&derived));
    Ok(Reply::data(account::shown(shown, derived)).metadata(metadata))
}
