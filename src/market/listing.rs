//! A listing's document, and what of it is shown to whom.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Rest,
    content::{Content, Kind, License, Support},
    plan::Plan,
    release::Release,
    review::State,
    version::Version,
};
use crate::kazoo::hex;

/// What is on sale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Live {
    pub content: Content,
    pub published_at: u64,
}

/// A listing: `listing:{slug}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    pub r#type: String,
    pub slug: String,
    pub kind: Kind,
    pub vendor_id: String,
    /// That of the draft.
    pub state: State,
    /// Why it was denied or revoked.
    pub reason: Option<String>,
    /// What the vendor works on.
    pub draft: Content,
    pub live: Option<Live>,
    /// What was published so far, retired ones too; the newest first.
    #[serde(default)]
    pub releases: Vec<Release>,
    pub created: u64,
    #[serde(flatten)]
    pub rest: Rest,
}

impl Listing {
    pub fn new(slug: &str, kind: Kind, vendor_id: &str, draft: Content, now: u64) -> Self {
        Self {
            r#type: "listing".into(),
            slug: slug.into(),
            kind,
            vendor_id: vendor_id.into(),
            state: State::Draft,
            reason: None,
            draft,
            live: None,
            releases: Vec::new(),
            created: now,
            rest: Rest::new(),
        }
    }

    pub fn id(slug: &str) -> String {
        format!("listing:{slug}")
    }

    /// What is on sale.
    pub fn content(&self) -> Option<&Content> {
        self.live.as_ref().map(|live| &live.content)
    }
}

/// A text's digest, for the proof of what was accepted.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// A version as customers see it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReleaseNotes {
    pub version: Version,
    /// Unix time in seconds.
    pub date: u64,
    pub notes: String,
    /// Whether a newer one has taken its place.
    pub retired: bool,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Requirements {
    pub min_kazoo: Option<Version>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LicenseName {
    pub name: String,
    pub version: String,
}

/// A listing in full, for anybody: without prices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Details {
    #[serde(flatten)]
    pub card: super::catalogue::Item,
    pub description: String,
    pub extended_description: String,
    pub features: Vec<String>,
    pub hero_url: Option<String>,
    /// Addresses.
    pub screenshots: Vec<String>,
    pub releases: Vec<ReleaseNotes>,
    pub requirements: Requirements,
    pub docs_url: String,
    pub support: Support,
    pub license: LicenseName,
    /// What has to be paid elsewhere.
    pub external_charges: String,
    pub languages: Vec<String>,
}

/// A plan as somebody who is logged in sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Offer {
    #[serde(flatten)]
    pub plan: Plan,
    /// `month`, for what is charged again and again.
    pub period: Option<&'static str>,
    /// What the button says.
    pub cta_label: String,
    /// When it's charged, in words.
    pub charged: &'static str,
}

/// That prices are base prices.
pub const PRICE_NOTICE: &str =
    "Prices are base prices. Fees for each device or user aren't included: they depend on how many there will be.";

impl Offer {
    pub fn new(plan: &Plan, kind: Kind) -> Self {
        use super::plan::Model;
        let usual = match (kind, plan.model) {
            (Kind::Delivered, Model::Free) => "Get it",
            (Kind::Delivered, _) => "Buy",
            (Kind::Affiliated | Kind::Integration, _) => "Continue to the partner",
        };
        Self {
            plan: Plan { cta_label: None, ..plan.clone() },
            period: plan.period(),
            cta_label: plan.cta_label.clone().unwrap_or_else(|| usual.to_owned()),
            charged: match plan.model {
                Model::OneTime => "Charged once, at the purchase.",
                Model::Monthly => "Charged once a calendar month, on the day of the purchase.",
                Model::Free => "Nothing is charged.",
            },
        }
    }
}

impl Details {
    /// `None` when nothing is on sale.
    pub fn of(listing: &Listing, language: Option<&str>, base: &str) -> Option<Self> {
        let content = listing.content()?;
        let texts = content.texts(language).cloned().unwrap_or_default();
        let address = |what: &str, name: &str| picture_url(base, &listing.slug, what, name);
        let screenshots = content.screenshots.iter().enumerate();
        let License { name, version, .. } = content.license.clone();
        Some(Self {
            card: super::catalogue::Card::of(listing)?.item(language, base),
            description: texts.description,
            extended_description: texts.extended_description,
            features: texts.features,
            hero_url: content.hero.as_ref().map(|picture| address("hero", &picture.name)),
            screenshots: screenshots.map(|(at, one)| address(&format!("screenshots/{}", at + 1), &one.name)).collect(),
            releases: release_notes(listing),
            requirements: Requirements { min_kazoo: content.min_kazoo.clone() },
            docs_url: content.docs_url.clone(),
            support: content.support.clone(),
            license: LicenseName { name, version },
            external_charges: content.external_charges.clone(),
            languages: content.i18n.keys().cloned().collect(),
        })
    }
}

/// What was new in each version that was published.
pub fn release_notes(listing: &Listing) -> Vec<ReleaseNotes> {
    let shown = |release: &Release| ReleaseNotes {
        version: release.version.clone(),
        date: release.published_at,
        notes: release.notes.clone(),
        retired: release.retired_at.is_some(),
    };
    listing.releases.iter().map(shown).collect()
}

/// Where a picture is. The digest in it makes another picture another address, so that it can be kept for long.
pub fn picture_url(base: &str, slug: &str, what: &str, name: &str) -> String {
    format!("{base}/listings/{slug}/{what}?v={}", name.get(..16).unwrap_or(name))
}
