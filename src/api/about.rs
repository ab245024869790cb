//! `about`: which version runs here, and what it takes.

use serde_json::json;

use crate::{
    handler,
    http::{
        Access, Context, Endpoint, Failure, Reply,
        describe::{Description, Member, does},
    },
};

const TOLD: &[Member] = &[
    Member::text("version", "Kazoo's version, as clients are told"),
    Member::number("used_memory", "Bytes of memory in use"),
    Member::number("processes", "Processors that can be used"),
    Member::number("ports", "Always 0"),
    Member::text("erlang_version", "Always empty"),
];

const TELLS: Description = does("Tells which version runs here, and what it takes").gives_members(TOLD);

/// Its endpoints: which verbs each has, and who may use them.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("about").get(Access::Account, handler!(show), TELLS),
        Endpoint::at("accounts/{account}/about").get(Access::Account, handler!(show), TELLS),
    ]
}

/// `GET about`. The members are Kazoo's; what an Erlang node would count has its nearest equivalent here.
async fn show(context: &Context) -> Result<Reply, Failure> {
    Ok(Reply::data(json!({
        "version": context.version,
        "used_memory": resident_memory(),
        "processes": std::thread::available_parallelism().map_or(1, usize::from),
        "ports": 0,
        "erlang_version": "",
    })))
}

/// Bytes of memory in use, where the system tells.
fn resident_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0);
    pages * 4096
}
