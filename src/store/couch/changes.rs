//! The changes feed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::client::Call;
use crate::store::{Change, Changes, Object, Seq, Since};

/// The longest that CouchDB waits for a change unless it's configured otherwise.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The position before everything.
pub(super) fn beginning() -> Seq {
    Seq("0".to_owned())
}

/// A question to the feed at `path`. What is waited for may take as long as that, and then a `limit`.
pub(super) fn question(path: String, since: &Since, limit: Duration) -> Call {
    let mut call = Call::get(path).at_once().with("since", &since.seq.as_ref().unwrap_or(&beginning()).0);
    if let Some(limit) = since.limit {
        call = call.with("limit", limit.to_string());
    }
    if since.include_docs {
        call = call.with("include_docs", "true");
    }
    match since.wait {
        Some(wait) => {
            let wait = wait.min(LONGEST_WAIT);
            call.with("feed", "longpoll").with("timeout", wait.as_millis().to_string()).within(wait + limit)
        }
        None => call,
    }
}

/// The feed's answer.
#[derive(Deserialize)]
pub(super) struct Answer {
    results: Vec<Entry>,
    last_seq: Value,
}

#[derive(Deserialize)]
struct Entry {
    seq: Value,
    id: String,
    changes: Vec<Leaf>,
    #[serde(default)]
    deleted: bool,
    doc: Option<Object>,
}

#[derive(Deserialize)]
struct Leaf {
    rev: String,
}

impl From<Answer> for Changes {
    fn from(answer: Answer) -> Self {
        let results = answer.results.into_iter().map(|entry| Change {
            seq: seq(entry.seq),
            id: entry.id,
            // Only the winning one is named.
            rev: entry.changes.into_iter().next().map(|leaf| leaf.rev).unwrap_or_default(),
            deleted: entry.deleted,
            doc: entry.doc.map(Into::into),
        });
        Self { results: results.collect(), last: seq(answer.last_seq) }
    }
}

/// A sequence as it's given back in a query: a string as it is, anything else (numbers, arrays) as JSON.
fn seq(seq: Value) -> Seq {
    Seq(match seq {
        Value::String(seq) => seq,
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sequence_keeps_its_form() {
        let answer = json!({
            "results": [{"seq": "1-g1AAAA", "id": "a", "changes": [{"rev": "1-x"}]}, {"seq": 2, "id": "b", "changes": [{"rev": "2-y"}]}],
            "last_seq": [2, "opaque"],
        });
        let changes: Changes = serde_json::from_value::<Answer>(answer).unwrap().into();
        assert_eq!(changes.results[0].seq, Seq("1-g1AAAA".into()));
        assert_eq!(changes.results[1].seq, Seq("2".into()));
        assert_eq!(changes.last, Seq(r#"[2,"opaque"]"#.into()));
    }
}
