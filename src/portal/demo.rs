//! Example listings of every kind, for whoever wants to look around.

use std::io::{Cursor, Write as _};

use anyhow::Context as _;
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::json;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Error, Portal, listings::Which, submissions::NewListing};
use crate::market::{
    Rest,
    account::Vendor,
    catalogue::Taxonomy,
    content::Kind,
    review::Action,
    trail::{Actor, Who},
};

mod drawing;

const LISTINGS: &str = include_str!("../../fixtures/demo/marketplace.json");

#[derive(Deserialize)]
struct Demo {
    taxonomy: Taxonomy,
    listings: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    slug: String,
    kind: Kind,
    /// Of its pictures, in degrees.
    hue: u16,
    glyph: String,
    content: Rest,
}

impl Portal {
    /// Publishes the example listings that aren't there yet, and returns how many were made.
    pub async fn seed_demo(&self) -> Result<usize, Error> {
        let demo: Demo = serde_json::from_str(LISTINGS).map_err(anyhow::Error::from)?;
        let staff = Actor { who: Who::Staff, ip: None };
        self.set_taxonomy(&demo.taxonomy, &staff).await?;
        let mut vendor = None;
        let mut made = 0;
        for example in demo.listings {
            if self.submission(&example.slug, None).await.is_ok_and(|listing| listing.live.is_some()) {
                continue;
            }
            let vendor = match &vendor {
                Some(vendor) => vendor,
                None => {
                    let new = self.add_vendor("Example Vendor", "vendor@storefront.example", &staff).await?;
                    vendor.insert(self.vendor_by_id(&new.id).await?)
                }
            };
            self.publish_example(example, vendor, &staff).await?;
            made += 1;
        }
        Ok(made)
    }

    async fn publish_example(&self, example: Example, vendor: &Vendor, staff: &Actor) -> Result<(), Error> {
        let Example { slug, kind, hue, glyph, content } = example;
        let app = content.get("app").cloned();
        let name = content.get("i18n").and_then(|i18n| i18n.pointer("/en-US/name")?.as_str()).unwrap_or(&slug).to_owned();
        let version = content.get("version").and_then(|version| version.as_str()).unwrap_or("1.0.0").to_owned();
        // An earlier run that was interrupted leaves a draft of a vendor of its own.
        let new = NewListing { slug: slug.clone(), kind, content };
        match self.new_listing(vendor, new, None).await {
            Ok(_) => {}
            Err(Error::Conflict { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
        let icon = drawing::icon(hue, &glyph);
        self.put_picture(vendor, &slug, Which::Icon, icon.as_bytes(), None).await?;
        self.put_picture(vendor, &slug, Which::Hero, drawing::hero(hue, &glyph, &name).as_bytes(), None).await?;
        for number in 1..=2 {
            let picture = drawing::screenshot(hue, &name, number);
            self.put_picture(vendor, &slug, Which::Screenshot(number), picture.as_bytes(), None).await?;
        }
        if let Some(app) = app.as_ref().and_then(|app| app.get("name")?.as_str()) {
            let zip = package(app, &name, &version, &icon).context("the package couldn't be made")?;
            let body = futures_util::stream::once(async { Ok(bytes::Bytes::from(zip)) });
            self.put_package(vendor, &slug, body.boxed(), None).await?;
        }
        let actor = vendor.actor(None);
        self.move_listing(&slug, Action::Submit, None, Some(vendor), &actor).await?;
        self.move_listing(&slug, Action::Approve, None, None, staff).await?;
        self.move_listing(&slug, Action::Publish, None, Some(vendor), &actor).await?;
        Ok(())
    }
}

/// A small application in Monster UI's layout.
fn package(app: &str, label: &str, version: &str, icon: &str) -> anyhow::Result<Vec<u8>> {
    let app_json = json!({
        "name": app,
        "i18n": { "en-US": { "label": label, "description": label, "extended_description": "", "features": [] } },
        "tags": [], "icon": "icon.svg", "api_url": "", "author": "Storefront Labs", "version": version,
        "license": "Commercial", "price": 0, "screenshots": [], "urls": {}, "masqueradable": true,
    });
    let code = format!(
        "define(function(require) {{\n\treturn {{ name: '{app}', load: function(callback) {{ callback(this); }} }};\n}});\n"
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let files = [
        ("metadata/app.json", serde_json::to_string_pretty(&app_json)?),
        ("metadata/icon/icon.svg", icon.to_owned()),
        ("app.js", code),
    ];
    for (path, text) in files {
        zip.start_file(format!("{app}/{path}"), SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
