//! `doctor`: what is wrong in a store, for people or programs to read, and mending it.

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

/// Looks, tells, and mends if that's wanted. `false` when something is wrong in the end.
pub async fn run(platform: &Platform, console: &Console, doctor: &Doctor) -> anyhow::Result<bool> {
    let bar = console.progress(usize::MAX);
    let (mut count, mut mends) = (0, Vec::new());
    let at = |db: &_, all| {
        bar.set_length(all as u64);
        bar.set_message(format!("{db}"));
        bar.inc(1);
    };
    let examined = platform.examine(doctor.months, at, |finding| {
        let line = if doctor.json { as_json(&finding) } else { as_text(&finding) };
        bar.suspend(|| console.say(&line));
        count += 1;
        mends.extend(finding.mend);
    });
    let examined = examined.await?;
    bar.finish_and_clear();
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
    if !doctor.fix || mends.is_empty() {
        if !mends.is_empty() {
            console.warn("hint: --fix mends what can be mended without losing anything");
        }
        return Ok(count == 0);
    }
    if !doctor.yes && !console.ask(&format!("Mend {} of them?", mends.len())) {
        console.warn("nothing was changed");
        return Ok(false);
    }
    let mended = mend(platform, console, &mends).await;
    Ok(mended == count)
}

/// Mends, saying so each time; returns how many times it went well.
async fn mend(platform: &Platform, console: &Console, mends: &[Mend]) -> usize {
    let mut mended = 0;
    for mend in mends {
        let what = words(mend);
        match platform.mend(mend).await {
            Ok(done) => {
                mended += 1;
                console.warn(&format!("{}: {what}", if done { "mended" } else { "already well" }));
            }
            Err(error) => console.warn(&format!("not mended: {what}: {error}")),
        }
    }
    mended
}

fn words(mend: &Mend) -> String {
    match mend {
        Mend::Copy { account_id } => format!("accounts/{account_id} was written again from the account's own document"),
        Mend::Unlist { db, apps } => format!("{} went from the blacklist in {db}", apps.join(", ")),
        Mend::Views(db) => format!("the design documents of {db} were put in place"),
    }
}

fn as_text(Finding { problem, db, id, detail, mend }: &Finding) -> String {
    let place = id.as_ref().map_or_else(|| db.to_string(), |id| format!("{db}/{id}"));
    let mendable = if mend.is_some() { "--fix" } else { "" };
    format!("{:<12} {mendable:<6} {place}: {detail}", problem.name())
}

fn as_json(Finding { problem, db, id, detail, mend }: &Finding) -> String {
    json!({
        "problem": problem.name(), "database": db.as_str(), "document": id, "detail": detail, "mendable": mend.is_some()
    })
    .to_string()
}
