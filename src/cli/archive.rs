//! `storefront export`, `import` and `compare`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    store::Location,
    sup::{ArchiveCommand, Command, Which},
};

const EXPORT: &str = "For example, a customer with all below it from one machine to another:

  storefront export customer.export --account 'Customer Co.'
  storefront --store http://admin:secret@127.0.0.1:5984 import customer.export

What was interrupted goes on when the same command is given again.";

const IMPORT: &str =
    "A document that is there already, just like that, is passed over: what was interrupted goes on when the same
command is given again. One that is there in another state is named and left alone, unless --replace is given.";

#[derive(Debug, Args)]
#[command(after_help = EXPORT)]
pub struct Export {
    /// The new file
    file: PathBuf,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = IMPORT)]
pub struct Import {
    /// A file that `storefront export` made
    file: PathBuf,
    /// Put the file's documents in the place of those that are there in another state
    #[arg(long)]
    replace: bool,
    /// Only read the file, and say whether it is whole
    #[arg(long, conflicts_with = "replace")]
    verify: bool,
}

#[derive(Debug, Args)]
pub struct Compare {
    /// The other store, as --store has it
    other: String,
    #[command(flatten)]
    of: Of,
}

/// What is meant of a store.
#[derive(Debug, Args)]
struct Of {
    /// Only this account, by id, name or realm, and all below it [default: everything]
    #[arg(long)]
    account: Option<String>,
    /// The databases of accounts' months, too
    #[arg(long)]
    months: bool,
}

impl From<Of> for Which {
    fn from(Of { account, months }: Of) -> Self {
        Self { account, months }
    }
}

impl Export {
    /// The command for the store at this place.
    pub fn of(self, store: &Location) -> Command {
        Command::Archive(ArchiveCommand::Export { file: self.file, store: store.to_string(), which: self.of.into() })
    }
}

impl From<Import> for Command {
    fn from(Import { file, replace, verify }: Import) -> Self {
        Self::Archive(ArchiveCommand::Import { file, replace, verify })
    }
}

impl TryFrom<Compare> for Command {
    type Error = anyhow::Error;

    fn try_from(Compare { other, of }: Compare) -> anyhow::Result<Self> {
        // Not clap's task, as with --store: that would repeat a password.
        let other = other.parse().map_err(|reason: String| anyhow::anyhow!("the other store: {reason}"))?;
        Ok(Self::Archive(ArchiveCommand::Compare { other, which: of.into() }))
    }
}
