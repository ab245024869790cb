//! `storefront views`.

use clap::Subcommand;

use crate::sup::{Command, ViewsCommand};

#[derive(Debug, Subcommand)]
pub enum Views {
    /// Say what is there, what differs, and what install would change; nothing is changed
    Status {
        /// A database's name, an account's id, or nothing for all
        database: Option<String>,
        /// Name what is as it should be, too
        #[arg(long)]
        all: bool,
    },
    /// Put missing design documents and schemas in place, and bring Storefront's own design documents up to date
    Install {
        /// A database's name, an account's id, or nothing for all
        database: Option<String>,
    },
}

impl From<Views> for Command {
    fn from(views: Views) -> Self {
        Self::Views(match views {
            Views::Status { database, all } => ViewsCommand::Status { database, all },
            Views::Install { database } => ViewsCommand::Install { database },
        })
    }
}
