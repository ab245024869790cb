//! Service plans: making them, giving them to accounts, and showing them. They decide which apps an account is offered.

use serde_json::{Value, json};

use super::{
    Console,
    accounts::{account_id_of, find_account},
    apps,
};
use crate::{
    kazoo::{
        apps::{is_enabled, vendor},
        document::{self, text},
    },
    platform::{Platform, plans::PlanError},
    store::Object,
};

/// A command about service plans. Accounts are given by id, name or realm; apps by id or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanCommand {
    Create(NewPlan),
    /// Gives an account a plan: that of the vendor named, else of the account's reseller, else of the master account.
    Assign {
        account: String,
        plan: String,
        vendor: Option<String>,
    },
    Unassign {
        account: String,
        plan: String,
    },
    Show {
        plan: String,
        vendor: Option<String>,
    },
    /// Shows an account's plans, or all of a vendor's.
    List {
        account: Option<String>,
        vendor: Option<String>,
    },
}

/// A plan to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPlan {
    pub id: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub category: Option<String>,
    /// Whose plan it is; the master account's when nobody is named.
    pub vendor: Option<String>,
    /// Apps that it offers.
    pub on: Vec<String>,
    /// Apps that it withholds.
    pub off: Vec<String>,
    /// Whether it may take the place of a plan of that id.
    pub replace: bool,
}

/// Runs a command. `false` when something it names isn't there; that has been said by then.
pub async fn run(platform: &Platform, console: &Console, command: &PlanCommand) -> anyhow::Result<bool> {
    let done = match command {
        PlanCommand::Create(plan) => create(platform, console, plan).await?,
        PlanCommand::Assign { account, plan, vendor } => assign(platform, console, account, plan, vendor.as_deref()).await?,
        PlanCommand::Unassign { account, plan } => unassign(platform, console, account, plan).await?,
        PlanCommand::Show { plan, vendor } => show(platform, console, plan, vendor.as_deref()).await?,
        PlanCommand::List { account, vendor } => list(platform, console, account.as_deref(), vendor.as_deref()).await?,
    };
    match done {
        Ok(()) => Ok(true),
        Err(missing) => {
            console.warn(&missing);
            Ok(false)
        }
    }
}

/// What came of a command; the error is what the operator got wrong.
type Outcome = anyhow::Result<Result<(), String>>;

/// Takes the good case of something that the operator may have got wrong, or ends with that.
macro_rules! given {
    ($named:expr) => {
        match $named {
            Ok(value) => value,
            Err(missing) => return Ok(Err(missing)),
        }
    };
}

async fn create(platform: &Platform, console: &Console, plan: &NewPlan) -> Outcome {
    if plan.id.is_empty() || plan.id.starts_with('_') {
        return Ok(Err(format!("{:?} can't be a plan's id", plan.id)));
    }
    let vendor_id = given!(vendor_or_master(platform, plan.vendor.as_deref()).await?);
    let master_id = apps::master(platform).await?;
    let mut known =
        platform.apps_of_vendor(&vendor_id).await?.into_iter().map(|app| (vendor_id.clone(), app)).collect::<Vec<_>>();
    if vendor_id != master_id {
        known.extend(platform.catalogue(&master_id).await?.into_iter().map(|app| (master_id.clone(), app)));
    }
    let mut applications = Object::new();
    for (names, enabled) in [(&plan.on, true), (&plan.off, false)] {
        for wanted in names {
            let by = |key: &str| known.iter().find(|(_, app)| text(app, key) == Some(wanted.as_str()));
            let Some((owner, app)) = by("_id").or_else(|| by("name")) else {
                return Ok(Err(format!("there is no app {wanted}; storefront apps lists them")));
            };
            let entry = json!({ "name": app.get("name"), "vendor_id": owner, "enabled": enabled });
            if applications.insert(document::id(app).unwrap_or_default().to_owned(), entry).is_some() {
                return Ok(Err(format!("app {wanted} is given twice")));
            }
        }
    }
    let mut members = Object::new();
    members.insert("name".into(), plan.name.as_deref().unwrap_or(&plan.id).into());
    for (key, value) in [("description", &plan.description), ("category", &plan.category)] {
        members.extend(value.as_deref().map(|value| (key.to_owned(), value.into())));
    }
    members.insert("applications".into(), applications.into());
    match platform.save_plan(&vendor_id, &plan.id, &members, plan.replace).await {
        Ok(doc) => {
            print(platform, console, &vendor_id, &doc).await?;
            Ok(Ok(()))
        }
        Err(PlanError::Store(error)) => Err(error.into()),
        Err(error @ PlanError::Exists(_)) => Ok(Err(format!("{error}; --replace puts this one in its place"))),
        Err(error @ PlanError::Taken(_)) => Ok(Err(error.to_string())),
    }
}

async fn assign(platform: &Platform, console: &Console, account: &str, plan: &str, vendor: Option<&str>) -> Outcome {
    let account = given!(find_account(platform, account).await?);
    let account_id = document::id(&account).unwrap_or_default();
    let vendors = match vendor {
        Some(vendor) => vec![given!(account_id_of(platform, vendor).await?)],
        None => platform.standing(&account).await?.reseller_id.into_iter().chain([apps::master(platform).await?]).collect(),
    };
    for vendor_id in &vendors {
        if platform.plan(vendor_id, plan).await?.is_some() {
            let changed = platform.assign_plan(account_id, vendor_id, plan).await?;
            let already = if changed { "" } else { " already" };
            console.say(&format!("account {account_id} has plan {plan} of {vendor_id}{already}"));
            return Ok(Ok(()));
        }
    }
    Ok(Err(format!("there is no plan {plan}; make it with: storefront service-plan create {plan} --on APP")))
}

async fn unassign(platform: &Platform, console: &Console, account: &str, plan: &str) -> Outcome {
    let account_id = given!(account_id_of(platform, account).await?);
    if !platform.unassign_plan(&account_id, plan).await? {
        return Ok(Err(format!("account {account_id} doesn't have plan {plan}")));
    }
    console.say(&format!("account {account_id} has plan {plan} no longer"));
    Ok(Ok(()))
}

async fn show(platform: &Platform, console: &Console, plan: &str, vendor: Option<&str>) -> Outcome {
    let vendor_id = given!(vendor_or_master(platform, vendor).await?);
    match platform.plan(&vendor_id, plan).await? {
        Some(doc) => {
            print(platform, console, &vendor_id, &doc).await?;
            Ok(Ok(()))
        }
        None => Ok(Err(format!("account {vendor_id} has no plan {plan} to offer; storefront service-plan list lists them"))),
    }
}

async fn list(platform: &Platform, console: &Console, account: Option<&str>, vendor: Option<&str>) -> Outcome {
    let Some(account) = account else {
        let vendor_id = given!(vendor_or_master(platform, vendor).await?);
        for doc in platform.plans_of(&vendor_id).await? {
            print(platform, console, &vendor_id, &doc).await?;
        }
        return Ok(Ok(()));
    };
    let account = given!(find_account(platform, account).await?);
    let account_id = document::id(&account).unwrap_or_default();
    let reseller = platform.standing(&account).await?.reseller_id.unwrap_or_default();
    for (plan, entry) in platform.assigned_plans(account_id).await? {
        let vendor_id = entry.get("vendor_id").and_then(Value::as_str).unwrap_or(&reseller);
        match platform.plan(vendor_id, &plan).await? {
            Some(doc) => print(platform, console, vendor_id, &doc).await?,
            None => console.warn(&format!("plan {plan} of {vendor_id} doesn't exist")),
        }
    }
    Ok(Ok(()))
}

async fn print(platform: &Platform, console: &Console, vendor_id: &str, plan: &Object) -> anyhow::Result<()> {
    let id = document::id(plan).unwrap_or_default();
    console.say(&format!("Plan {id}"));
    console.say(&format!("  vendor: {vendor_id}"));
    for key in ["name", "description", "category"] {
        if let Some(value) = text(plan, key) {
            console.say(&format!("  {key}: {value}"));
        }
    }
    for (app_id, entry) in plan.get("applications").and_then(Value::as_object).into_iter().flatten() {
        let state = if is_enabled(entry) { "on" } else { "off" };
        let name = entry.get("name").and_then(Value::as_str).unwrap_or("-");
        let from = vendor(entry, vendor_id).map(|owner| format!(" of {owner}")).unwrap_or_default();
        console.say(&format!("  {state}: {name} {app_id}{from}"));
    }
    for account_id in platform.accounts_with_plan(vendor_id, id).await? {
        console.say(&format!("  account: {account_id}"));
    }
    Ok(())
}

async fn vendor_or_master(platform: &Platform, vendor: Option<&str>) -> anyhow::Result<Result<String, String>> {
    match vendor {
        Some(vendor) => account_id_of(platform, vendor).await,
        None => Ok(Ok(apps::master(platform).await?)),
    }
}
