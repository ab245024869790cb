//! `doctor`: what is wrong in a store, for people or programs to read, and mending it.

use std::collections::BTreeMap;

use anyhow::ensure;
use serde_json::json;

use super::Console;
use crate::platform::{
    Platform,
    doctor::{Finding, Mend},
};

/// How a store is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doctor {
    /// Whether the databases of accounts' months are looked at, too.
    pub months: bool,
    /// Whether each finding is a line of JSON.
    pub json: bool,
    /// Whether what can be mended safely is mended.
    pub fix: bool,
    /// Whether that's done without asking.
    pub yes: bool,
}

/// Looks, tells, and mends if that's wanted. `false` when something is wrong in the end; an error when that can't be said.
pub async fn run(platform: &Platform, console: &Console, doctor: &Doctor) -> anyhow::Result<bool> {
    ensure!(
        !doctor.fix || doctor.yes || console.can_ask(),
        "--fix asks before it mends, and nobody can be asked here\nhint: --yes mends without asking; without --fix nothing is changed"
    );
    let bar = console.progress(usize::MAX);
    let (mut count, mut mends, mut looked) = (0, Vec::new(), (0, 0));
    let at = |db: &_, all| {
        looked = (looked.0 + 1, all);
        bar.set_length(all as u64);
        bar.set_message(format!("{db}"));
        bar.inc(1);
    };
    let examined = platform.examine(doctor.months, at, |finding| {
        let line = if doctor.json { as_json(&finding) } else { as_text(&finding) };
        bar.suspend(|| console.say(&line));
        count += 1;
        mends.extend(finding.mend.map(|mend| (finding.problem.name(), mend)));
    });
    let examined = examined.await;
    bar.finish_and_clear();
    let examined = examined.inspect_err(|_| {
        console.warn(&format!("broken off: {} of {} databases were looked at; nothing was changed", looked.0, looked.1));
    })?;
    let summary = format!(
        "{count} findings in {} documents of {} databases, of which {} can be mended",
        examined.documents,
        examined.databases,
        mends.len()
    );
    // What programs read is findings only.
    if doctor.json {
        console.warn(&summary)
    } else {
        console.say(&summary)
    }
    if mends.is_empty() {
        return Ok(count == 0);
    }
    if !doctor.fix {
        console.warn("hint: --fix mends what can be mended without losing anything");
        return Ok(false);
    }
    if !doctor.yes && !console.ask(&question(&mends)) {
        console.warn("nothing was changed");
        return Ok(false);
    }
    let mended = mend(platform, console, &mends).await?;
    Ok(mended == count)
}

/// How many of what are to be mended.
fn question(mends: &[(&str, Mend)]) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    mends.iter().for_each(|(problem, _)| *kinds.entry(problem).or_default() += 1);
    let kinds: Vec<String> = kinds.iter().map(|(problem, count)| format!("{count} {problem}")).collect();
    format!("Mend {} of them ({})?", mends.len(), kinds.join(", "))
}

/// Mends, saying so each time; returns how many were mended.
async fn mend(platform: &Platform, console: &Console, mends: &[(&str, Mend)]) -> anyhow::Result<usize> {
    let mut mended = 0;
    for (_, mend) in mends {
        let what = printable(&words(mend));
        match platform.mend(mend).await {
            Ok(true) => {
                mended += 1;
                console.warn(&format!("mended: {what}"));
            }
            Ok(false) => console.warn(&format!("left alone, as it's no longer what it was: {what}")),
            Err(error) => {
                console.warn(&format!("not mended: {what}: {error}"));
                if platform.store.ping().await.is_err() {
                    console.warn(&format!("broken off: {mended} of {} were mended", mends.len()));
                    return Err(error.into());
                }
            }
        }
    }
    Ok(mended)
}

fn words(mend: &Mend) -> String {
    match mend {
        Mend::Copy { account_id } => format!("write accounts/{account_id} again from the account's own document"),
        Mend::Unlist { db, apps } => format!("take {} from the blacklist in {db}", apps.join(", ")),
        Mend::Views(db) => format!("put the design documents of {db} in place"),
    }
}

fn as_text(Finding { problem, db, id, detail, mend }: &Finding) -> String {
    let place = id.as_ref().map_or_else(|| db.to_string(), |id| format!("{db}/{id}"));
    let (mendable, how) = mend.as_ref().map_or(("", String::new()), |mend| ("--fix", format!("; --fix: {}", words(mend))));
    printable(&format!("{:<12} {mendable:<6} {place}: {detail}{how}", problem.name()))
}

fn as_json(Finding { problem, db, id, detail, mend }: &Finding) -> String {
    json!({
        "problem": problem.name(), "database": db.as_str(), "document": id, "detail": detail, "mendable": mend.is_some(),
        "mend": mend.as_ref().map(words),
    })
    .to_string()
}

/// A line that stays one, and does nothing to a terminal, whatever somebody called his app.
fn printable(line: &str) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    line.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cant_write_on_the_terminal_otherwise() {
        assert_eq!(printable("a \u{1b}[2J\nmended: ü"), "a \\u{1b}[2J\\nmended: ü");
    }
}
