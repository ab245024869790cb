//! `storefront doctor`.

use clap::Args;

use crate::sup::{self, Command};

const FINDINGS: &str = "What is looked for:

  unreadable   a document, or a whole database, that can't be read
  conflict     a document with another revision of equal right, from a write on another server
  copy         an account's copy in `accounts` that is absent, or differs from its own document
  no-database  an account without its database
  no-account   an account's database, or one of its months, without its account
  no-icon      an app without an icon
  missing-app  a blacklist that names an app that isn't there
  domain       a whitelabel domain that several accounts have
  views        design documents that are missing, or Storefront's own and outdated

The exit status is 0 when nothing is wrong in the end, 1 when something is, 2 when not everything could be looked at.";

#[derive(Debug, Args)]
#[command(after_help = FINDINGS)]
pub struct Doctor {
    /// The databases of accounts' months, too
    #[arg(long)]
    months: bool,
    /// A line of JSON for each finding
    #[arg(long)]
    json: bool,
    /// Mend what can be mended without losing anything (copy, missing-app, views), after saying what and asking
    #[arg(long)]
    fix: bool,
    /// Don't ask
    #[arg(long, requires = "fix")]
    yes: bool,
}

impl From<Doctor> for Command {
    fn from(Doctor { months, json, fix, yes }: Doctor) -> Self {
        Self::Doctor(sup::Doctor { months, json, fix, yes })
    }
}
