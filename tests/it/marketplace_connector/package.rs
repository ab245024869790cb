//! Packages as the marketplace might deliver them.

use std::{
    fs,
    io::{Cursor, Write},
    path::Path,
};

use serde_json::{Value, json};
use walkdir::WalkDir;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::support::world::demo_apps;

/// A zip file in the making.
pub struct Zip(ZipWriter<Cursor<Vec<u8>>>);

impl Zip {
    pub fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    pub fn file(mut self, name: &str, content: &[u8]) -> Self {
        self.0.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
        self.0.write_all(content).unwrap();
        self
    }

    pub fn link(mut self, name: &str, target: &str) -> Self {
        self.0.add_symlink(name, target, SimpleFileOptions::default()).unwrap();
        self
    }

    pub fn done(self) -> Vec<u8> {
        self.0.finish().unwrap().into_inner()
    }

    /// With everything that an app of this name needs.
    pub fn app(name: &str, version: &str) -> Self {
        Self::app_below("", name, version)
    }

    /// The same, in a folder.
    pub fn app_below(folder: &str, name: &str, version: &str) -> Self {
        let mut zip = Self::new().file(&format!("{folder}metadata/app.json"), app_json(name, version).to_string().as_bytes());
        zip = zip.file(&format!("{folder}app.js"), format!("// {name} {version}").as_bytes());
        zip.file(&format!("{folder}metadata/icon/{name}.png"), b"\x89PNG an icon")
    }
}

/// What an app says of itself.
pub fn app_json(name: &str, version: &str) -> Value {
    json!({
        "name": name, "version": version, "icon": format!("{name}.png"), "screenshots": [], "tags": ["x"], "price": 0,
        "license": "-", "author": "Acme", "api_url": "http://somewhere.else/v2", "published": true,
        "i18n": { "en-US": { "label": name, "description": "An app", "extended_description": "An app to test with", "features": [] } },
        "urls": { "documentation": "d", "howto": "h" },
    })
}

/// An app of the demo, as its vendor would pack it.
pub fn packed(app: &str) -> Vec<u8> {
    let folder = demo_apps().join(app);
    let files =
        WalkDir::new(&folder).sort_by_file_name().into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let relative = |path: &Path| path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
    files.fold(Zip::new(), |zip, file| zip.file(&relative(file.path()), &fs::read(file.path()).unwrap())).done()
}

/// A zip file with one entry's name overwritten, everywhere, by one of the same length.
pub fn renamed(zip: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut zip = zip;
    let places: Vec<usize> =
        zip.windows(from.len()).enumerate().filter(|(_, at)| *at == from.as_bytes()).map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "{from}");
    for place in places {
        zip[place..place + to.len()].copy_from_slice(to.as_bytes());
    }
    zip
}
