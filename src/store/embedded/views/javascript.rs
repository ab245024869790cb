//! Map and reduce functions at work.

use std::sync::{Arc, atomic::AtomicBool};

use serde_json::Value;

use self::sandbox::{Compiled, Sandbox};
use super::{design::Design, index::MappedRow, reduce::Group};
use crate::store::{
    Db, Row,
    embedded::{collation, fault::Fault},
};

mod sandbox;

/// How many design documents' compiled functions are kept.
const KEPT: usize = 16;

/// How many rows a reduce function gets at once; what comes of them is reduced again.
const REDUCED_AT_ONCE: usize = 1000;

/// Compiled design documents, the one used last at the end.
pub(super) struct Programs {
    kept: Vec<(String, Program)>,
    stop: Arc<AtomicBool>,
}

impl Programs {
    pub(super) fn new(stop: Arc<AtomicBool>) -> Self {
        Self { kept: Vec::new(), stop }
    }

    /// The functions of a design document; the database and the name are for the log only.
    pub(super) fn get(&mut self, design: &Design, db: &Db, name: &str) -> Result<&Program, Fault> {
        let known = self.kept.iter().position(|(signature, _)| *signature == design.signature);
        let entry = match known {
            Some(place) => self.kept.remove(place),
            None => (design.signature.clone(), Program::compile(design, db, name, Arc::clone(&self.stop))?),
        };
        if self.kept.len() >= KEPT {
            self.kept.remove(0);
        }
        self.kept.push(entry);
        self.kept.last().map(|(_, program)| program).ok_or(Fault::Stopped)
    }
}

/// The map functions of a design document.
pub(super) struct Program {
    // Before the sandbox they live in: what drops last must outlive them.
    maps: Vec<Option<Compiled>>,
    names: Vec<String>,
    sandbox: Sandbox,
}

impl Program {
    fn compile(design: &Design, db: &Db, name: &str, stop: Arc<AtomicBool>) -> Result<Self, Fault> {
        let sandbox = Sandbox::new(stop).map_err(|error| Fault::Garbled(format!("JavaScript: {error}")))?;
        let compile = |view: &super::ViewSource| match sandbox.compile(&view.map) {
            Ok(function) => Some(function),
            Err(error) => {
                log::warn!(db = db.as_str(); "view {name}/{} has no rows: {error}", view.name);
                None
            }
        };
        let maps = design.views.iter().map(compile).collect();
        let names = design.views.iter().map(|view| format!("{name}/{}", view.name)).collect();
        Ok(Self { maps, names, sandbox })
    }

    /// What all maps emit for a document. A map that fails emits nothing for it.
    pub(super) fn map(&self, id: &str, body: &[u8]) -> Vec<MappedRow> {
        let mut rows = Vec::new();
        let outcome = self.sandbox.enter(|ctx| {
            let doc = ctx.json_parse(body)?;
            for (view, map) in self.maps.iter().enumerate() {
                let Some(map) = map else { continue };
                let before = rows.len();
                let outcome = self.sandbox.map(&ctx, map, doc.clone()).and_then(|emitted| {
                    for (key, value) in emitted {
                        rows.push(row(view, key, value).map_err(|error| error.to_string())?);
                    }
                    Ok(())
                });
                if let Err(error) = outcome {
                    rows.truncate(before);
                    log::debug!("view {} passes over {id}: {error}", self.names[view]);
                }
            }
            Ok(())
        });
        if let Err(error) = outcome {
            log::debug!("no view has {id}: {error}");
        }
        rows
    }
}

/// Refuses JSON that couldn't be read back: nested too deep, half a surrogate pair.
fn row(view: usize, key: String, value: String) -> Result<MappedRow, serde_json::Error> {
    let parsed: Value = serde_json::from_str(&key)?;
    let doubtful = value.contains("\\ud") || value.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > 100;
    if doubtful {
        serde_json::from_str::<Value>(&value)?;
    }
    Ok(MappedRow { view, sort: collation::encode(&parsed), key, value })
}

/// Applies a reduce function to each group.
pub(super) fn reduce(source: &str, groups: Vec<Group>, stop: &Arc<AtomicBool>) -> Result<Vec<Row>, Fault> {
    let failed = |error: String| Fault::invalid(format!("the reduce function fails: {error}"));
    let sandbox = Sandbox::new(Arc::clone(stop)).map_err(|error| failed(error.to_string()))?;
    let function = sandbox.compile(source).map_err(failed)?;
    let reduce_group = |group: Group| {
        let (key, rows) = group.into_script();
        let mut partial = Vec::new();
        for chunk in rows.chunks(REDUCED_AT_ONCE) {
            let list =
                |pick: fn(&(String, String)) -> &str| format!("[{}]", chunk.iter().map(pick).collect::<Vec<_>>().join(","));
            partial.push(sandbox.reduce(&function, &list(|(key, _)| key), &list(|(_, value)| value), false)?);
        }
        let reduced = match partial.as_slice() {
            [one] => one.clone(),
            several => sandbox.reduce(&function, "null", &format!("[{}]", several.join(",")), true)?,
        };
        let value = serde_json::from_str(&reduced).map_err(|error| error.to_string())?;
        Ok(Row { id: None, key, value, doc: None })
    };
    groups.into_iter().map(|group| reduce_group(group).map_err(failed)).collect()
}
