//! `alerts`: notices to the users of some accounts.

use serde_json::{Value, json};

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Member, does},
        reply::Paging,
    },
    kazoo::{
        alert::{self, Reader},
        document::{self, gregorian, text},
        id,
    },
    platform::names::ALERTS,
    store::Document,
};

const LISTED: &[Member] = &[
    Member::text("id", "The alert's id"),
    Member::text("title", "What it's about"),
    Member::text("message", "What it says"),
    Member::text("category", "What kind of alert it is"),
    Member::text("level", "How grave it is"),
    Member::object("metadata", "What programs are to know"),
    Member::list("from", "Who sent it"),
    Member::number("expiration_date", "When it vanishes, in gregorian seconds"),
    Member::number("created", "When it was made, in gregorian seconds"),
    Member::flag("clearable", "Whether it can be put away"),
];

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("accounts/{account}/alerts")
            .get(Access::Account, handler!(list), does("Lists the alerts for the account and for who asks").gives_list(LISTED))
            .put(Access::Superduper, handler!(create), does("Makes an alert").takes("alerts").gives("alerts")),
        Endpoint::at("accounts/{account}/alerts/{alert}")
            .get(Access::Account, handler!(show), does("Shows an alert").gives("alerts"))
            .delete(
                Access::Admin,
                handler!(delete),
                does("Deletes an alert")
                    .note("One that isn't for this account alone is for superduper admins to delete.")
                    .gives("alerts"),
            ),
    ]
}

/// `GET alerts`: those for the account and for the user who asks.
async fn list(context: &Context) -> Result<Reply, Failure> {
    let settings = context.platform.settings("crossbar.alerts").await?;
    let mut alerts = Vec::new();
    if settings.flag("check_system_alerts").unwrap_or(true) {
        alerts = context.platform.alerts(&reader(context).await?, gregorian(context.now)).await?;
    }
    for alert in alerts.iter_mut().filter_map(Value::as_object_mut) {
        alert.insert("clearable".into(), true.into());
    }
    let paging = Paging { page_size: Some(alerts.len()), ..Paging::default() };
    Ok(Reply::list(alerts).paging(paging))
}

/// `PUT alerts`
async fn create(context: &Context) -> Result<Reply, Failure> {
    if context.platform.settings("alerts").await?.flag("enabled") == Some(false) {
        return Err(Failure::Refused { status: 400, message: "disabled entity" });
    }
    let mut doc = context.platform.check("alerts", context.request.data.clone()).await?;
    document::strip_private(&mut doc);
    doc.shift_remove("id");
    doc.shift_insert(0, "_id".into(), id::new_id().into());
    doc.insert("pvt_type".into(), "alert".into());
    document::stamp(&mut doc, &document::Stamp { account_db: Some(ALERTS.as_str()), ..context.stamp() });
    context.may_write(None)?;
    let rev = context.platform.store.put(&ALERTS, &doc).await?;
    let location = context.request.location(text(&doc, "_id").unwrap_or_default());
    Ok(Reply::data(document::public(&doc)).revision(&rev).location(location))
}

/// `GET alerts/{id}`
async fn show(context: &Context) -> Result<Reply, Failure> {
    let alert = load(context).await?;
    Ok(Reply::data(document::public(&alert)).of(&alert))
}

/// `DELETE alerts/{id}`: what is for nobody but the account may be deleted by it, everything else by superduper admins.
async fn delete(context: &Context) -> Result<Reply, Failure> {
    let alert = load(context).await?;
    let account_id = context.account_id()?;
    let own = alert::recipients(&alert).all(|(kind, _)| kind == account_id);
    if !own && !context.caller()?.is_superduper() {
        return Err(Failure::Forbidden);
    }
    context.may_write(text(&alert, "_rev"))?;
    let mut doc = (*alert).clone();
    document::stamp(&mut doc, &context.stamp());
    document::soft_delete(&mut doc);
    let rev = context.platform.store.put(&ALERTS, &doc).await?;
    let mut shown = document::public(&alert);
    shown.insert("_read_only".into(), json!({ "deleted": true }));
    Ok(Reply::data(shown).revision(&rev))
}

/// An alert that is for who asks; superduper admins see all.
async fn load(context: &Context) -> Result<Document, Failure> {
    let id = context.param("alert");
    let unknown = || Failure::BadIdentifier { cause: id.to_owned() };
    let alert = context.platform.alert(id).await?.ok_or_else(unknown)?;
    let visible = context.caller()?.is_superduper() || context.platform.reaches(&alert, &reader(context).await?).await?;
    if visible { Ok(alert) } else { Err(unknown()) }
}

/// Who asks, for what account.
async fn reader(context: &Context) -> Result<Reader<'_>, Failure> {
    let (caller, account_id) = (context.caller()?, context.account_id()?);
    let standing = context.platform.standing(context.account()?).await?;
    Ok(Reader {
        account_id,
        is_reseller: standing.is_reseller,
        user_id: caller.user_id.as_deref(),
        is_admin: caller.account_id == account_id && caller.is_account_admin(),
    })
}
