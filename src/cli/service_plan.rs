//! `storefront service-plan`.

use clap::{Args, Subcommand};

use crate::sup::{NewPlan, PlanCommand};

const EXAMPLE: &str = "For example, a plan without the port app, for one account:

  storefront service-plan create small --name 'Small offices' --on voip --off port
  storefront service-plan assign 'Child Co.' small
  storefront service-plan list 'Child Co.'

A plan switches the apps it names; all others stay as they are, unless the setting apps_store plan_mode is whitelist.
Accounts are given by id, name or realm; apps by id or name.";

#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum ServicePlan {
    /// Make a plan
    #[command(after_help = EXAMPLE)]
    Create(Create),
    /// Give an account a plan
    Assign {
        account: String,
        plan: String,
        /// Whose plan it is [default: the account's reseller's, else the master account's]
        #[arg(long, value_name = "ACCOUNT")]
        vendor: Option<String>,
    },
    /// Take a plan from an account
    Unassign { account: String, plan: String },
    /// Show a plan, and which accounts have it
    Show {
        plan: String,
        /// Whose plan it is [default: the master account's]
        #[arg(long, value_name = "ACCOUNT")]
        vendor: Option<String>,
    },
    /// List an account's plans, or all of a vendor's
    List {
        /// The account that has the plans; without it a vendor's are listed
        account: Option<String>,
        /// Whose plans [default: the master account's]
        #[arg(long, value_name = "ACCOUNT", conflicts_with = "account")]
        vendor: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    /// The new plan's id
    plan: String,
    /// What it's called [default: its id]
    #[arg(long)]
    name: Option<String>,
    #[arg(long, help = "What it's for")]
    description: Option<String>,
    #[arg(long, help = "What it's listed under")]
    category: Option<String>,
    /// Whose plan it is [default: the master account's]
    #[arg(long, value_name = "ACCOUNT")]
    vendor: Option<String>,
    /// An app that it offers, also one that isn't published; may be given several times
    #[arg(long, value_name = "APP")]
    on: Vec<String>,
    /// An app that it withholds; may be given several times
    #[arg(long, value_name = "APP")]
    off: Vec<String>,
    /// Put it in the place of a plan of that id
    #[arg(long)]
    replace: bool,
}

impl From<ServicePlan> for PlanCommand {
    fn from(plan: ServicePlan) -> Self {
        match plan {
            ServicePlan::Create(Create { plan: id, name, description, category, vendor, on, off, replace }) => {
                Self::Create(NewPlan { id, name, description, category, vendor, on, off, replace })
            }
            ServicePlan::Assign { account, plan, vendor } => Self::Assign { account, plan, vendor },
            ServicePlan::Unassign { account, plan } => Self::Unassign { account, plan },
            ServicePlan::Show { plan, vendor } => Self::Show { plan, vendor },
            ServicePlan::List { account, vendor } => Self::List { account, vendor },
        }
    }
}
