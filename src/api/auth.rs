//! `auth`: renewing tokens and ending them, what a token says, the keys that sign them, and signing on by way of others.

use serde_json::Value;

use super::user_auth::{WELCOME, may_be_used, welcome};
use crate::{
    auth::{self, Caller, Denied, Presented, login::Login},
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Gives, Member, does},
        reply::{Paging, Revision},
    },
    kazoo::document::text,
    store::Object,
};

mod keys;
mod sign_on;

const ACTS: &[Member] = &[Member::word("action", &["refresh_token", "reset_signature_secret"], "What is to be done").required()];
const RESETS: &[Member] = &[Member::word("action", &["reset_signature_secret"], "What is to be done").required()];
const RENEWS_KEY: &[Member] = &[Member::word("action", &["reset_private_key"], "What is to be done").required()];
const TOKEN: &[Member] = &[Member::text("token", "The token that is asked about").required()];
const ADMINS: &str = "the admins of whatever account";
const KEY: &[Member] = &[Member::text("public_key_pem", "The public half, as PEM")];
const APPS: &[Member] = &[Member::text("id", "The app's id"), Member::text("provider", "The provider that it's registered with")];
const PROVIDERS: &[Member] =
    &[Member::text("id", "The provider's id"), Member::text("provider_type", "What kind of provider it is")];
const LINKS: &[Member] = &[
    Member::text("id", "The link's id"),
    Member::text("app", "The app that it came by"),
    Member::text("provider", "The provider"),
    Member::list("scopes", "What it's good for"),
    Member::text("email", "The user's address there"),
];

const TELLS: Description = does("Tells what a token says, and what a login tells").gives_anything().fails(&[401, 404]);
const REFUSES: Description = does("Refuses everybody")
    .note("No other identity provider is trusted.")
    .takes_anything()
    .gives_nothing()
    .only_asks()
    .fails(&[403]);

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("auth").put(
            Access::Token,
            handler!(act),
            does("Renews one's token, or ends all tokens there are")
                .note("`reset_signature_secret` is for superduper admins.")
                .takes_members(ACTS)
                .gives_members(WELCOME)
                .only_asks(),
        ),
        Endpoint::at("accounts/{account}/auth").put(
            Access::Admin,
            handler!(reset_account),
            does("Ends the tokens of the account's api key").takes_members(RESETS).gives_nothing(),
        ),
        Endpoint::at("accounts/{account}/users/{user}/auth").put(
            Access::Oneself,
            handler!(reset_user),
            does("Ends a user's tokens").takes_members(RESETS).gives_nothing(),
        ),
        Endpoint::at("auth/tokeninfo").get(Access::Public, handler!(token_in_query), TELLS.asked(TOKEN)).post(
            Access::Public,
            handler!(token_in_body),
            TELLS.takes_members(TOKEN).only_asks(),
        ),
        Endpoint::at("auth/keys").get(
            Access::Token,
            handler!(keys::list),
            does("Lists the ids of the keys that sign tokens").only(ADMINS).gives_texts(),
        ),
        Endpoint::at("auth/keys/{key}")
            .provides_file()
            .get(
                Access::Token,
                handler!(keys::show),
                does("Shows the public half of a key").only(ADMINS).giving(Gives::FileOr(&[keys::PEM], KEY)),
            )
            .put(
                Access::Superduper,
                handler!(keys::replace),
                does("Makes a new key, which ends all tokens that the old one signed").takes_members(RENEWS_KEY).gives_nothing(),
            ),
        Endpoint::at("auth/apps").get(
            Access::Token,
            handler!(sign_on::apps),
            does("Lists the apps that are registered with identity providers").gives_list(APPS),
        ),
        Endpoint::at("auth/links").get(
            Access::Token,
            handler!(sign_on::links),
            does("Lists one's links to identity providers").gives_list(LINKS),
        ),
        Endpoint::at("auth/providers").get(
            Access::Token,
            handler!(sign_on::providers),
            does("Lists the identity providers").gives_list(PROVIDERS),
        ),
        Endpoint::at("auth/authorize").put(Access::Public, handler!(sign_on::refuse), REFUSES),
        Endpoint::at("auth/callback").put(Access::Public, handler!(sign_on::refuse), REFUSES),
    ]
}

/// `PUT auth`: a new token for the caller, or an end to all tokens there are.
async fn act(context: &Context) -> Result<Reply, Failure> {
    match context.request.text("action") {
        Some("refresh_token") => refresh(context).await,
        Some("reset_signature_secret") if context.caller()?.is_system_admin() => {
            context.platform.replace_token_secret().await?;
            Ok(Reply::nothing())
        }
        _ => Err(Failure::Forbidden),
    }
}

/// A new token for whom the caller's was issued to. Whom it spoke for besides, or who hid behind it, isn't carried over.
async fn refresh(context: &Context) -> Result<Reply, Failure> {
    let caller = context.caller()?;
    let account_id = text(&caller.claims, "account_id").unwrap_or(&caller.account_id);
    let user_id = text(&caller.claims, "owner_id");
    let [account, user] = context.platform.account_docs(account_id, [account_id, user_id.unwrap_or(account_id)]).await?;
    let (Some(account), Some(user)) = (account, user) else {
        return Err(Failure::Forbidden);
    };
    may_be_used(&account, context.now)?;
    let module = context.platform.auth_module("cb_auth", &account).await?;
    if !module.enabled {
        return Err(Failure::Forbidden);
    }
    let login = Login { account: &account, user: user_id.map(|_| &user), module: &module, claims: Object::new() };
    Ok(Reply { location: None, ..welcome(context, &login).await? })
}

/// `PUT accounts/{id}/auth`: ends the tokens of the account's api key.
async fn reset_account(context: &Context) -> Result<Reply, Failure> {
    reset(context, None).await
}

/// `PUT accounts/{id}/users/{id}/auth`: ends the tokens of a user.
async fn reset_user(context: &Context) -> Result<Reply, Failure> {
    reset(context, Some(context.param("user"))).await
}

async fn reset(context: &Context, user_id: Option<&str>) -> Result<Reply, Failure> {
    if context.request.text("action") != Some("reset_signature_secret") {
        return Err(Failure::Forbidden);
    }
    let account_id = context.account_id()?;
    let doc = match user_id {
        Some(user_id) => context.platform.user(account_id, user_id).await?,
        None => context.account.clone(),
    };
    let doc = doc.ok_or_else(|| Failure::BadIdentifier { cause: user_id.unwrap_or_default().to_owned() })?;
    context.may_write(text(&doc, "_rev"))?;
    context.platform.reset_identity_secret(account_id, user_id).await?;
    Ok(Reply::nothing())
}

/// `GET auth/tokeninfo`: what a token says, which stands in the query.
async fn token_in_query(context: &Context) -> Result<Reply, Failure> {
    tell(context, context.request.query("token"), "missing token in params").await
}

/// `POST auth/tokeninfo`: what a token says, which stands in the data.
async fn token_in_body(context: &Context) -> Result<Reply, Failure> {
    tell(context, context.request.data.get("token"), "missing token in request").await
}

async fn tell(context: &Context, token: Option<&Value>, missing: &'static str) -> Result<Reply, Failure> {
    let token = token.and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or(Failure::Refused { status: 404, message: missing })?;
    let presented = Presented::Token(token.to_owned());
    let caller = match auth::caller::authenticate(&context.platform, &presented, None, context.now).await {
        Ok(caller) => caller,
        Err(Denied::Invalid) => return Err(Failure::InvalidCredentials),
        Err(Denied::Expired) => return Err(Failure::ExpiredToken),
        Err(Denied::AccountExpired(since)) => return Err(Failure::invalid("account", "expired", "account expired", since)),
        Err(Denied::Store(error)) => return Err(error.into()),
    };
    Ok(Reply {
        revision: Some(Revision::Word("automatic")),
        paging: Paging { page_size: Some(1), ..Paging::default() },
        ..Reply::data(told(context, &caller).await?)
    })
}

/// The claims, but for those that only prove something, and what a login tells.
async fn told(context: &Context, caller: &Caller) -> Result<Object, Failure> {
    let mut data = caller.claims.clone();
    for proof in ["exp", "identity_sig", "iss", "jti", "method"] {
        data.shift_remove(proof);
    }
    data.extend(caller.account.get("realm").map(|realm| ("account_realm".to_owned(), realm.clone())));
    data.extend(context.platform.login_data(&caller.account, caller.user.as_ref()).await?);
    Ok(data)
}
