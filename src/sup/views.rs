//! `views status` and `views install`: design documents and schemas in all databases that they belong into.

use futures_util::{StreamExt as _, stream};

use super::{Console, refresh::named};
use crate::{
    platform::{
        Platform, names,
        schemas::SchemaStanding,
        views::{Design, Standing},
    },
    store::{self, Db},
};

/// Databases that are dealt with at the same time.
const AT_ONCE: usize = 8;

/// A command about views. Each is for one database, by its name or an account's id, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewsCommand {
    /// Says what is there, and what would be changed.
    Status {
        database: Option<String>,
        /// Whether that is said which is as it should be, too.
        all: bool,
    },
    /// Changes it.
    Install { database: Option<String> },
}

/// Runs a command. `false` when something isn't as it should be; that has been said by then.
pub async fn run(platform: &Platform, console: &Console, command: &ViewsCommand) -> anyhow::Result<bool> {
    let (ViewsCommand::Status { database, .. } | ViewsCommand::Install { database }) = command;
    let databases = match database {
        None => platform.databases_with_views().await?,
        Some(name) => match named(name) {
            Some(db) => vec![db],
            None => {
                console.warn(&format!("{name} is no database's name"));
                return Ok(false);
            }
        },
    };
    match command {
        ViewsCommand::Status { all, .. } => status(platform, console, &databases, *all).await,
        ViewsCommand::Install { .. } => install(platform, console, &databases).await,
    }
}

/// How many there are of what.
#[derive(Default)]
struct Counts {
    current: usize,
    foreign: usize,
    stale: usize,
    failed: usize,
}

async fn status(platform: &Platform, console: &Console, databases: &[Db], all: bool) -> anyhow::Result<bool> {
    let bar = console.progress(databases.len());
    let mut counts = Counts::default();
    let looks = databases.iter().map(|db| async move { (db, platform.designs(db).await) });
    let mut looks = stream::iter(looks).buffered(AT_ONCE);
    while let Some((db, designs)) = looks.next().await {
        bar.set_message(db.to_string());
        bar.inc(1);
        bar.suspend(|| match designs {
            Ok(designs) => designs.iter().for_each(|design| say(console, &mut counts, db, design, all)),
            Err(store::Error::NoDatabase { .. }) if names::SYSTEM.contains(&db) => {
                counts.stale += 1;
                console.say(&format!("{db}: the database is missing: would be made"));
            }
            Err(error) => {
                counts.failed += 1;
                console.warn(&error.to_string());
            }
        });
    }
    bar.finish_and_clear();
    if databases.contains(&names::SYSTEM_SCHEMAS) {
        for (name, standing) in platform.schema_standings().await? {
            let words = match standing {
                SchemaStanding::Current => {
                    counts.current += 1;
                    "as it should be"
                }
                SchemaStanding::Missing => {
                    counts.stale += 1;
                    "missing: would be written"
                }
                SchemaStanding::Different => {
                    counts.foreign += 1;
                    "another one: stays, unless update-schemas replaces it"
                }
            };
            if all || standing == SchemaStanding::Missing {
                console.say(&format!("{} {name}: {words}", names::SYSTEM_SCHEMAS));
            }
        }
    }
    let Counts { current, foreign, stale, failed } = counts;
    console.say(&format!(
        "{} databases: {current} design documents and schemas are as they should be, {foreign} are somebody else's, {stale} would \
         be changed",
        databases.len()
    ));
    Ok(stale == 0 && failed == 0)
}

fn say(console: &Console, counts: &mut Counts, db: &Db, Design { id, standing, .. }: &Design, all: bool) {
    let line = match standing {
        Standing::Current => {
            counts.current += 1;
            all.then(|| "as it should be".to_owned())
        }
        Standing::Missing => {
            counts.stale += 1;
            Some("missing: would be written".to_owned())
        }
        Standing::Outdated(views) => {
            counts.stale += 1;
            Some(format!("Storefront's own, outdated ({}): would be replaced", views.join(", ")))
        }
        Standing::Foreign { lacks } => {
            counts.foreign += 1;
            let lacks_some = !lacks.is_empty();
            let words = format!("somebody else's, without {}: stays", lacks.join(", "));
            if lacks_some { Some(words) } else { all.then(|| "somebody else's: stays".to_owned()) }
        }
    };
    if let Some(line) = line {
        console.say(&format!("{db} {id}: {line}"));
    }
}

async fn install(platform: &Platform, console: &Console, databases: &[Db]) -> anyhow::Result<bool> {
    let bar = console.progress(databases.len());
    let (mut written, mut failed) = (0, 0);
    let installs = databases.iter().map(|db| async move {
        let outcome =
            if names::SYSTEM.contains(&db) { platform.ensure_database(db).await } else { platform.install_views(db).await };
        (db, outcome)
    });
    let mut installs = stream::iter(installs).buffer_unordered(AT_ONCE);
    while let Some((db, outcome)) = installs.next().await {
        bar.set_message(db.to_string());
        bar.inc(1);
        bar.suspend(|| match outcome {
            Ok(0) => {}
            Ok(count) => {
                written += count;
                console.say(&format!("{db}: {count} design documents written"));
            }
            Err(error) => {
                failed += 1;
                console.warn(&error.to_string());
            }
        });
    }
    bar.finish_and_clear();
    if databases.contains(&names::SYSTEM_SCHEMAS) {
        let schemas = platform.install_schemas(false).await?;
        if schemas > 0 {
            console.say(&format!("{}: {schemas} schemas written", names::SYSTEM_SCHEMAS));
        }
    }
    console.say(&format!("{} databases: {written} design documents written, {failed} failures", databases.len()));
    Ok(failed == 0)
}
