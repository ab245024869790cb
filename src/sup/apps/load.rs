//! `init_apps`, `refresh_apps` and the like: loading apps from disk, and saying how it goes.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use crate::{
    kazoo::document::text,
    platform::{
        Platform,
        packages::{LoadError, Mode, folder, load},
    },
    sup::Console,
};

/// Loads apps into the master account's database.
pub struct Loader<'a> {
    loader: load::Loader<'a>,
    console: &'a Console,
}

impl<'a> Loader<'a> {
    pub async fn new(platform: &'a Platform, console: &'a Console, api_url: Option<&'a str>, mode: Mode) -> anyhow::Result<Self> {
        Ok(Self { loader: load::Loader::new(platform, console, api_url, mode).await?, console })
    }

    /// Loads every app below a folder. `false` when one of them failed; the others are loaded all the same.
    pub async fn load_all(&self, root: &Path) -> anyhow::Result<bool> {
        if !root.is_dir() {
            anyhow::bail!("{} is no folder", root.display());
        }
        let folder::Found { apps, unreadable } = folder::find(root);
        unreadable.iter().for_each(|reason| self.console.warn(&format!("  failed to look into {reason}")));
        if apps.is_empty() {
            self.console.warn(&format!("there is no app below {}; an app has a file metadata/app.json", root.display()));
            return Ok(false);
        }
        let surplus = surplus(&apps);
        let bar = self.console.progress(apps.len());
        let mut failed = Vec::new();
        for path in &apps {
            bar.set_message(path.display().to_string());
            let loaded = match surplus.get(path) {
                Some((name, other)) => {
                    self.announce(path);
                    let reason = format!("there is another of that name in {}", other.display());
                    self.report(Err(LoadError::Ambiguous { name: name.clone(), reason }))?
                }
                None => self.load(path).await?,
            };
            if !loaded {
                failed.push(path.display().to_string());
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        if !failed.is_empty() {
            self.console.warn(&format!("{} of {} apps failed: {}", failed.len(), apps.len(), failed.join(", ")));
        }
        Ok(failed.is_empty() && unreadable.is_empty())
    }

    /// Loads one app. `false` when it, or one of its pictures, couldn't be loaded.
    pub async fn load(&self, path: &Path) -> anyhow::Result<bool> {
        self.announce(path);
        self.report(self.loader.load(path, None).await)
    }

    /// Loads one app over the one that had another name.
    pub async fn rename(&self, path: &Path, previous: &str) -> anyhow::Result<bool> {
        self.announce(path);
        self.report(self.loader.load(path, Some(previous)).await)
    }

    fn announce(&self, path: &Path) {
        let verb = if self.loader.mode() == Mode::Init { "init" } else { "refresh" };
        self.console.say(&format!("trying to {verb} app from {}", path.display()));
    }

    fn report(&self, outcome: Result<bool, LoadError>) -> anyhow::Result<bool> {
        match outcome {
            Ok(complete) => Ok(complete),
            Err(LoadError::Store(error)) => Err(error.into()),
            Err(error) => {
                self.console.warn(&format!("  {error}"));
                Ok(false)
            }
        }
    }
}

/// Of several folders with an app of the same name one is loaded: that which bears the name itself, else the first. These are
/// the others, with the name and the one that is loaded.
fn surplus(apps: &[PathBuf]) -> HashMap<&PathBuf, (String, &PathBuf)> {
    let mut by_name: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
    for path in apps {
        if let Some(name) = folder::read(path).ok().and_then(|app| text(&app, "name").map(str::to_owned)) {
            by_name.entry(name).or_default().push(path);
        }
    }
    let mut surplus = HashMap::new();
    for (name, paths) in by_name {
        let fits = |path: &&&PathBuf| path.file_name().is_some_and(|folder| folder == name.as_str());
        let Some(chosen) = paths.iter().find(fits).or_else(|| paths.first()).copied() else { continue };
        surplus.extend(paths.iter().filter(|path| **path != chosen).map(|path| (*path, (name.clone(), chosen))));
    }
    surplus
}
