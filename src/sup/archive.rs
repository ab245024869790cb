//! `export`, `import` and `compare`: documents from one store to another.

use std::path::{Path, PathBuf};

use super::{Console, accounts::account_id_of};
use crate::{
    platform::{
        Platform,
        archive::{self, Error, Met, Scope, Totals},
    },
    store::{self, Location},
};

/// A command that moves documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveCommand {
    /// Writes a file.
    Export {
        file: PathBuf,
        /// What the store is called.
        store: String,
        which: Which,
    },
    /// Reads a file.
    Import {
        file: PathBuf,
        /// Whether documents of the store give way.
        replace: bool,
        /// Whether nothing is written.
        verify: bool,
    },
    /// Holds the store against another one.
    Compare { other: Location, which: Which },
}

/// What is meant of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// An account by id, name or realm; with all below it.
    pub account: Option<String>,
    pub months: bool,
}

/// Runs a command. `false` when something is as it shouldn't be; that has been said by then.
pub async fn run(platform: &Platform, console: &Console, command: &ArchiveCommand) -> anyhow::Result<bool> {
    match command {
        ArchiveCommand::Export { file, store, which } => match scope(platform, console, which).await? {
            Some(scope) => export(platform, console, file, store, &scope).await,
            None => Ok(false),
        },
        ArchiveCommand::Import { file, replace, verify } => import(platform, console, file, *replace, *verify).await,
        ArchiveCommand::Compare { other, which } => match scope(platform, console, which).await? {
            Some(scope) => compare(platform, console, other, &scope).await,
            None => Ok(false),
        },
    }
}

async fn export(platform: &Platform, console: &Console, file: &Path, store: &str, scope: &Scope) -> anyhow::Result<bool> {
    let part = archive::part_of(file);
    if part.exists() {
        console.warn(&format!("going on with {}", part.display()));
    }
    let mut bar = None;
    let done = archive::export(platform, store, scope, file, |db, nth, count| {
        let bar = bar.get_or_insert_with(|| console.progress(count));
        bar.set_position(nth as u64);
        bar.set_message(db.to_string());
    });
    let done = done.await.inspect_err(|error| {
        if matches!(error, Error::Store(_) | Error::File { .. }) && part.exists() {
            console.warn(&format!("hint: the same command goes on with {}", part.display()));
        }
    })?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let resumed = if done.resumed > 0 { format!(", {} of them from an earlier run", done.resumed) } else { String::new() };
    console.say(&format!("exported {} to {} ({} bytes{resumed})", words(&done.totals), file.display(), done.length));
    Ok(true)
}

async fn import(platform: &Platform, console: &Console, file: &Path, replace: bool, verify: bool) -> anyhow::Result<bool> {
    let length = std::fs::metadata(file).map(|file| file.len()).unwrap_or_default();
    let bar = console.progress_of_bytes(length);
    bar.set_message("verifying");
    let totals = archive::verify(file, |at| bar.set_position(at))?;
    bar.finish_and_clear();
    if verify {
        console.say(&format!("{} is whole: {}", file.display(), words(&totals)));
        return Ok(true);
    }
    let bar = console.progress_of_bytes(length);
    bar.set_message("importing");
    let done = archive::import(platform.store.as_ref(), file, replace, |met| match met {
        // Batches end in any order.
        Met::At(at) => bar.set_position(at.max(bar.position())),
        Met::Differing(db, id) => bar.suspend(|| console.warn(&format!("{db}/{id}: the store has it otherwise"))),
        Met::Refused(error) => bar.suspend(|| console.warn(&format!("refused: {error}"))),
    });
    let done = done.await.inspect_err(|_| console.warn("hint: the same command goes on where this one stopped"))?;
    bar.finish_and_clear();
    console.say(&format!(
        "imported {}: {} documents written, {} there already, {} left alone, {} refused",
        words(&totals),
        done.written,
        done.present,
        done.differing,
        done.refused
    ));
    if done.differing > 0 {
        console.warn("hint: what differs was left alone; --replace puts the file's documents in its place");
    }
    Ok(done.differing == 0 && done.refused == 0)
}

async fn compare(platform: &Platform, console: &Console, other: &Location, scope: &Scope) -> anyhow::Result<bool> {
    let twin = Platform::new(store::open(other)?);
    twin.store.ping().await?;
    let (mut bar, mut differences) = (None, 0);
    let at = |db: &store::Db, nth, count| {
        let bar = bar.get_or_insert_with(|| console.progress(count));
        bar.set_position(nth as u64);
        bar.set_message(db.to_string());
    };
    let totals = archive::compare(platform, &twin, scope, at, |difference| {
        differences += 1;
        console.say(&difference.to_string());
    });
    let totals = totals.await?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    match differences {
        0 => console.say(&format!("the same: {}", words(&totals))),
        count => console.say(&format!("{count} differences in {}", words(&totals))),
    }
    Ok(differences == 0)
}

async fn scope(platform: &Platform, console: &Console, which: &Which) -> anyhow::Result<Option<Scope>> {
    let account = match &which.account {
        None => None,
        Some(wanted) => match account_id_of(platform, wanted).await? {
            Ok(id) => Some(id),
            Err(missing) => {
                console.warn(&missing);
                return Ok(None);
            }
        },
    };
    Ok(Some(Scope { account, months: which.months }))
}

fn words(Totals { databases, documents, attachments, bytes }: &Totals) -> String {
    format!("{databases} databases, {documents} documents, {attachments} attachments of {bytes} bytes")
}
