//! `apps_store/marketplace`: the connector that joins this cluster to the marketplace.
//!
//! Every answer is the connector as it is then, which is what Monster UI goes on with.

use serde_json::Value;

use crate::{
    http::{Context, Failure, Reply, failure::not_an_object},
    kazoo::{
        connector::Connector,
        document::Author,
        validation::{Detail, Invalid},
    },
    platform::connector::ConnectorError,
    store::Object,
};

/// `GET apps_store/marketplace`
pub async fn show(context: &Context) -> Result<Reply, Failure> {
    let connector = context.platform.refreshed_connector().await?;
    shown(context, &connector).await
}

/// `PATCH apps_store/marketplace`: does what `action` says.
pub async fn act(context: &Context) -> Result<Reply, Failure> {
    let platform = &context.platform;
    let connector = match action(context)? {
        Action::Enable => write(context, platform.enable_connector(true)).await?,
        Action::Disable => write(context, platform.enable_connector(false)).await?,
        Action::Unlink => write(context, platform.unlink_connector()).await?,
        Action::Update => {
            let data = context.check("marketplace_settings").await?;
            write(context, platform.update_connector(&settings(&data), &context.version)).await?
        }
        Action::Link => {
            let data = context.check("marketplace_settings").await?;
            let code = access_code(&data)?;
            let caller = context.caller()?;
            let author = Author { account_id: &caller.account_id, user_id: caller.user_id.as_deref() };
            write(context, platform.link_connector(code, &settings(&data), author, &context.version)).await?
        }
    };
    shown(context, &connector).await
}

/// What is to be done with the connector.
enum Action {
    Enable,
    Disable,
    Link,
    Unlink,
    Update,
}

/// The action, from the data, else the envelope, else the query.
fn action(context: &Context) -> Result<Action, Failure> {
    let request = &context.request;
    if !request.data.is_object() {
        return Err(not_an_object(&request.data));
    }
    let said = request.data.get("action").or_else(|| request.envelope.get("action")).or_else(|| request.query("action"));
    match said.filter(|said| !said.is_null()) {
        None => Err(missing("action")),
        Some(said) => match said.as_str() {
            Some("enable") => Ok(Action::Enable),
            Some("disable") => Ok(Action::Disable),
            Some("link") => Ok(Action::Link),
            Some("unlink") => Ok(Action::Unlink),
            Some("update") => Ok(Action::Update),
            _ => Err(Failure::BadRequest("invalid action")),
        },
    }
}

/// The code as it was pasted, without the blanks and line ends around it.
fn access_code(data: &Object) -> Result<&str, Failure> {
    let code = data.get("access_code").and_then(Value::as_str).map(str::trim).filter(|code| !code.is_empty());
    code.ok_or_else(|| missing("access_code"))
}

fn missing(what: &str) -> Failure {
    Invalid::one(what, "required", Detail::new(format!("{what} is required but it is missing"))).into()
}

fn settings(data: &Object) -> Object {
    data.get("settings").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Does something to the connector, unless the client's preconditions forbid it.
async fn write(context: &Context, work: impl Future<Output = Result<Connector, ConnectorError>>) -> Result<Connector, Failure> {
    context.may_write(context.platform.connector().await?.rev())?;
    Ok(work.await?)
}

async fn shown(context: &Context, connector: &Connector) -> Result<Reply, Failure> {
    Ok(Reply::data(context.platform.shown_connector(connector).await?))
}
