//! The feed of all databases: `_db_updates`, line by line.
//!
//! CouchDB collects what happens for about half a second and then names each database once. It does so only if it has a
//! database `_global_changes`, and for administrators only.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use bytes::{Buf, BytesMut};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde::Deserialize;

use super::{
    client::{Call, Server},
    fault::Subject,
};
use crate::store::{Db, Error, Update, Updates};

/// What the feed is read from. Without it there is none.
const SOURCE: Db = Db::named("_global_changes");

/// More than this is no line of the feed.
const LONGEST_LINE: usize = 64 << 10;

pub(super) async fn open(server: &Arc<Server>, pulse: Duration) -> Result<Updates, Error> {
    let subject = Subject::database(&SOURCE);
    let call = Call::get(server.paths.updates())
        .at_once()
        .with("feed", "continuous")
        .with("since", "now")
        .with("heartbeat", pulse.as_millis().max(1).to_string());
    let body = server.open(&subject, call).await?.bytes_stream().boxed();
    Ok(Lines { body, read: BytesMut::new(), subject }.into_updates())
}

/// The feed's body, cut at its line ends.
struct Lines {
    body: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    read: BytesMut,
    subject: Subject,
}

impl Lines {
    fn into_updates(self) -> Updates {
        stream::unfold(Some(self), async |lines| {
            let mut lines = lines?;
            match lines.next().await.transpose()? {
                Ok(update) => Some((Ok(update), Some(lines))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<Update>, Error> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line = self.read.split_to(end);
                self.read.advance(1);
                return read(&line, &self.subject).map(Some);
            }
            if self.read.len() > LONGEST_LINE {
                return Err(self.subject.corrupt(anyhow!("the feed of databases has no end of line")));
            }
            match self.body.next().await {
                Some(Ok(bytes)) => self.read.extend_from_slice(&bytes),
                Some(Err(fault)) => return Err(self.subject.unreachable(fault)),
                None => return Ok(None),
            }
        }
    }
}

#[derive(Deserialize)]
struct Line {
    db_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn read(line: &[u8], subject: &Subject) -> Result<Update, Error> {
    if line.trim_ascii().is_empty() {
        return Ok(Update::Pulse);
    }
    let line: Line = serde_json::from_slice(line).map_err(|error| subject.corrupt(error))?;
    // A name that can't be one here can't have been read either; and the last line of a feed names none.
    let Some(db) = line.db_name.as_deref().and_then(Db::parse) else { return Ok(Update::Pulse) };
    Ok(if line.kind.as_deref() == Some("updated") { Update::Written(db) } else { Update::Replaced(db) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Update {
        read(line.as_bytes(), &Subject::database(&SOURCE)).unwrap()
    }

    #[test]
    fn a_line_names_a_database_or_is_a_sign_of_life() {
        let db = Db::named("account/0a/1b/2c");
        assert_eq!(said(r#"{"db_name":"account/0a/1b/2c","type":"updated","seq":"1-g"}"#), Update::Written(db.clone()));
        for kind in ["created", "deleted", "something_new"] {
            assert_eq!(said(&format!(r#"{{"db_name":"account/0a/1b/2c","type":"{kind}"}}"#)), Update::Replaced(db.clone()));
        }
        for line in ["", "\r", r#"{"last_seq":"5-g"}"#, r#"{"db_name":"No Database","type":"updated"}"#] {
            assert_eq!(said(line), Update::Pulse, "{line:?}");
        }
        assert!(read(b"<html>", &Subject::database(&SOURCE)).is_err());
    }
}
