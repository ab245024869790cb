//! `session`, `me`: logging in and out, and who one is.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json, ServiceConfig},
};
use serde::Deserialize;

use super::{
    at,
    callers::{Anyone, Customer, bearer},
    failure::Failure,
    reply,
};
use crate::portal::Portal;

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(at("/session").post(log_in).delete(log_out))
        .service(at("/identity_apis").get(identity_apis))
        .service(at("/me").get(me));
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Login {
    account_name: String,
    username: String,
    password: String,
    /// One of `identity_apis`.
    identity_api: Option<String>,
}

async fn log_in(portal: Data<Portal>, Anyone(visitor): Anyone, login: Json<Login>) -> Result<HttpResponse, Failure> {
    let Login { account_name, username, password, identity_api } = &*login;
    reply::private(201, &portal.log_in(identity_api.as_deref(), account_name, username, password, &visitor).await?)
}

async fn log_out(portal: Data<Portal>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    portal.log_out(&bearer(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn identity_apis(portal: Data<Portal>) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.identity_apis())
}

async fn me(portal: Data<Portal>, customer: Customer) -> Result<HttpResponse, Failure> {
    reply::private(200, &portal.me(&customer.session).await?)
}
