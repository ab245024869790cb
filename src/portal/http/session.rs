//! `session`, `me`: logging in and out, and who one is.

use actix_web::web::{Data, Json};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    callers::{Anyone, Customer, Token},
    endpoint::{Endpoint, delete, get, post},
    failure::Failure,
    reply::{Created, Done, Private},
};
use crate::portal::{
    Portal,
    sessions::{LoggedIn, Me},
};

pub fn endpoints() -> Vec<Endpoint> {
    vec![
        post("/session", "Logs somebody in as he does to the cluster", log_in).fails(&[401, 429, 502]),
        delete("/session", "Logs out: the token is good for nothing any more", log_out),
        get("/identity_apis", "The clusters that customers can log in by", identity_apis),
        get("/me", "Who one is, and what one may", me),
    ]
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Login {
    account_name: String,
    username: String,
    password: String,
    /// One of `identity_apis`.
    identity_api: Option<String>,
}

async fn log_in(portal: Data<Portal>, Anyone(visitor): Anyone, login: Json<Login>) -> Result<Created<LoggedIn>, Failure> {
    let Login { account_name, username, password, identity_api } = &*login;
    Ok(Created(portal.log_in(identity_api.as_deref(), account_name, username, password, &visitor).await?))
}

async fn log_out(portal: Data<Portal>, Token(token): Token) -> Result<Done, Failure> {
    portal.log_out(&token).await?;
    Ok(Done)
}

async fn identity_apis(portal: Data<Portal>) -> Result<Private<Vec<String>>, Failure> {
    Ok(Private(portal.identity_apis().to_vec()))
}

async fn me(portal: Data<Portal>, customer: Customer) -> Result<Private<Me>, Failure> {
    Ok(Private(portal.me(&customer.session).await?))
}
