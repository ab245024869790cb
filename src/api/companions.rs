//! Companions: what Monster UI asks of modules that aren't Storefront's subject, answered as if there were nothing there.
//!
//! Without these answers its account pages stay empty and its control center shut. Nothing is read and nothing is kept.

use serde_json::{Value, json};

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Member, does},
    },
    kazoo::id,
};

const NO_AMOUNT: &[Member] = &[Member::number("amount", "Always 0")];

const LISTS_NOTHING: Description = does("Lists nothing").gives_list(&[]);
const SHOWS_NOTHING: Description = does("Shows an empty object").gives_anything();
const MAKES_UP: Description = does("Shows the callflow for numbers that no other one is for").gives_anything();

/// Their endpoints: which verbs each has, who may use them, and what is answered.
pub fn endpoints() -> Vec<Endpoint> {
    [
        Endpoint::at("accounts/{account}/callflows").get(Access::Account, handler!(empty_list), LISTS_NOTHING).put(
            Access::Admin,
            handler!(callflow),
            MAKES_UP.takes_anything().only_asks(),
        ),
        Endpoint::at("accounts/{account}/callflows/{callflow}").get(Access::Account, handler!(callflow), MAKES_UP),
        Endpoint::at("accounts/{account}/external_numbers").get(Access::Account, handler!(empty_list), LISTS_NOTHING),
        Endpoint::at("accounts/{account}/ledgers/total").get(
            Access::Account,
            handler!(no_amount),
            does("Shows a balance of nothing").gives_members(NO_AMOUNT),
        ),
        Endpoint::at("accounts/{account}/limits").get(Access::Account, handler!(empty_object), SHOWS_NOTHING).post(
            Access::Admin,
            handler!(empty_object),
            SHOWS_NOTHING.takes_anything().only_asks(),
        ),
        Endpoint::at("accounts/{account}/multi_factor").get(
            Access::Account,
            handler!(no_providers),
            does("Lists no second factors").gives_anything(),
        ),
        Endpoint::at("accounts/{account}/phone_numbers/classifiers").get(Access::Account, handler!(empty_object), SHOWS_NOTHING),
        Endpoint::at("accounts/{account}/security").get(Access::Account, handler!(empty_object), SHOWS_NOTHING),
    ]
    .map(|endpoint| {
        let noun = endpoint.path.split('/').nth(2).unwrap_or_default();
        endpoint.of(noun)
    })
    .into()
}

async fn empty_list(_context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::data(Value::Array(Vec::new())))
}

async fn empty_object(_context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::data(json!({})))
}

async fn no_amount(_context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::data(json!({ "amount": 0 })))
}

async fn no_providers(_context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::data(json!({ "multi_factor_providers": [] })))
}

/// The callflow that Monster UI makes for numbers that no other one is for: calls go out.
async fn callflow(context: &Context) -> Result<Reply, Failure> {
    let id = match context.param("callflow") {
        "" => id::new_id(),
        id => id.to_owned(),
    };
    let flow = json!({ "module": "offnet", "data": {}, "children": {} });
    Ok(Reply::data(json!({ "id": id, "numbers": ["no_match"], "flow": flow })))
}
