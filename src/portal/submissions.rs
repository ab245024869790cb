//! Vendors' listings on their way into the marketplace: drafts, review, publication.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Error, Portal};
use crate::{
    kazoo::document,
    market::{
        Rest,
        account::Vendor,
        catalogue::{Page, Paging},
        content::{Content, Kind, LARGEST, MOST_SCREENSHOTS, Picture},
        listing::{Listing, Live, digest},
        plan,
        release::{self, Release},
        review::{self, Action, State},
        trail::Actor,
    },
    platform::mail::Mail,
    portal::listings::Which,
    store::Query,
};

/// Bytes of a picture.
pub const LARGEST_PICTURE: usize = 2 << 20;
/// Members of a draft that come as files.
const FILES: [&str; 4] = ["icon", "hero", "screenshots", "package"];

/// A new listing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct NewListing {
    pub slug: String,
    pub kind: Kind,
    /// All that it says; everything may be missing yet.
    #[serde(default)]
    pub content: Rest,
}

/// A listing as its vendor and the staff see it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Submission {
    pub slug: String,
    pub kind: Kind,
    pub vendor_id: String,
    pub state: State,
    pub reason: Option<String>,
    pub draft: Content,
    pub live: Option<Live>,
    pub releases: Vec<Release>,
    pub created: u64,
    /// What keeps the draft from being submitted: member and complaint.
    pub complaints: Vec<(String, String)>,
}

impl From<Listing> for Submission {
    fn from(listing: Listing) -> Self {
        Self {
            complaints: listing.draft.complaints(listing.kind),
            slug: listing.slug,
            kind: listing.kind,
            vendor_id: listing.vendor_id,
            state: listing.state,
            reason: listing.reason,
            draft: listing.draft,
            live: listing.live,
            releases: listing.releases,
            created: listing.created,
        }
    }
}

/// A licence as it was published: `license:{slug}:{version}`, kept for ever.
#[derive(Serialize, Deserialize)]
struct KeptLicense {
    r#type: String,
    listing: String,
    version: String,
    name: String,
    text: String,
    sha256: String,
}

impl Portal {
    /// A vendor's listings.
    pub async fn submissions(&self, vendor: &Vendor, paging: Paging) -> Result<Page<Value>, Error> {
        let query = Query::range(json!(["vendor", vendor.vendor_id]), json!(["vendor", vendor.vendor_id, {}]));
        self.page("submissions", query, paging).await
    }

    /// All listings, or those in a state. For staff.
    pub async fn all_submissions(&self, state: Option<State>, paging: Paging) -> Result<Page<Value>, Error> {
        let query = match state {
            Some(state) => Query::range(json!(["state", state]), json!(["state", state, {}])),
            None => Query::range(json!(["state"]), json!(["state", {}])),
        };
        self.page("submissions", query, paging).await
    }

    /// A listing, whatever its state. For staff, and the vendor whose it is.
    pub async fn submission(&self, slug: &str, vendor: Option<&Vendor>) -> Result<Submission, Error> {
        let listing = if plan::is_word(slug) { self.load::<Listing>(&Listing::id(slug)).await? } else { None };
        let listing = listing.filter(|listing| is_theirs(listing, vendor));
        listing.map(Submission::from).ok_or(Error::NotFound)
    }

    /// Makes a draft.
    pub async fn new_listing(&self, vendor: &Vendor, new: NewListing, ip: Option<String>) -> Result<Submission, Error> {
        if !plan::is_word(&new.slug) {
            return Err(Error::invalid("slug", "is lower-case letters, digits and hyphens, at most 64"));
        }
        let draft = edited(&Content::default(), &new.content)?;
        let listing = Listing::new(&new.slug, new.kind, &vendor.vendor_id, draft, self.now());
        if self.create(&Listing::id(&new.slug), &listing, &vendor.actor(ip), "listing.create").await? {
            Ok(listing.into())
        } else {
            Err(Error::conflict("slug_taken", "There is a listing of that name."))
        }
    }

    /// Changes a draft: members that are named, `null` empties one.
    pub async fn edit_listing(&self, vendor: &Vendor, slug: &str, patch: &Rest, ip: Option<String>) -> Result<Submission, Error> {
        self.edit_draft(vendor, slug, ip, |listing| {
            listing.draft = edited(&listing.draft, patch)?;
            Ok(())
        })
        .await
    }

    /// Puts a picture into a draft. Its type is what it looks like, whatever was said.
    pub async fn put_picture(
        &self,
        vendor: &Vendor,
        slug: &str,
        which: Which,
        bytes: &[u8],
        ip: Option<String>,
    ) -> Result<Submission, Error> {
        if bytes.is_empty() || bytes.len() > LARGEST_PICTURE {
            return Err(Error::invalid("file", "is empty or too large"));
        }
        let content_type = picture_type(bytes).ok_or_else(|| Error::invalid("file", "is no PNG, JPEG, GIF, WebP or SVG"))?;
        let name = sha256(bytes);
        let picture = Picture { name: name.clone(), content_type: content_type.into() };
        let file = json!({ "content_type": content_type, "data": STANDARD.encode(bytes) });
        self.edit_draft(vendor, slug, ip, |listing| {
            let draft = &mut listing.draft;
            match which {
                Which::Icon => draft.icon = Some(picture.clone()),
                Which::Hero => draft.hero = Some(picture.clone()),
                Which::Screenshot(number) if (1..=MOST_SCREENSHOTS).contains(&number) => {
                    match draft.screenshots.get_mut(number - 1) {
                        Some(old) => *old = picture.clone(),
                        None => draft.screenshots.push(picture.clone()),
                    }
                }
                Which::Screenshot(_) => return Err(Error::invalid("number", "is 1 to 12")),
            }
            let files = listing.rest.entry("_attachments").or_insert_with(|| json!({}));
            if let Some(files) = files.as_object_mut() {
                files.entry(name.as_str()).or_insert_with(|| file.clone());
            }
            Ok(())
        })
        .await
    }

    /// Takes a screenshot out of a draft; those behind it move up.
    pub async fn remove_screenshot(
        &self,
        vendor: &Vendor,
        slug: &str,
        number: usize,
        ip: Option<String>,
    ) -> Result<Submission, Error> {
        self.edit_draft(vendor, slug, ip, |listing| {
            let at = number.checked_sub(1).filter(|at| *at < listing.draft.screenshots.len()).ok_or(Error::NotFound)?;
            listing.draft.screenshots.remove(at);
            Ok(())
        })
        .await
    }

    /// Changes a draft, if it may be changed now, and forgets pictures that nothing names any more.
    pub(super) async fn edit_draft(
        &self,
        vendor: &Vendor,
        slug: &str,
        ip: Option<String>,
        mut edit: impl FnMut(&mut Listing) -> Result<(), Error>,
    ) -> Result<Submission, Error> {
        let (listing, ()) = self
            .change(&Listing::id(slug), &vendor.actor(ip), "listing.edit", |listing: &mut Listing| {
                if !is_theirs(listing, Some(vendor)) {
                    return Err(Error::NotFound);
                }
                listing.state = moved(listing, Action::Edit)?;
                edit(listing)?;
                drop_unnamed_pictures(listing);
                Ok(())
            })
            .await?;
        Ok(listing.into())
    }

    /// Moves a listing on: by its vendor, or by staff (`vendor` is `None`).
    pub async fn move_listing(
        &self,
        slug: &str,
        action: Action,
        reason: Option<&str>,
        vendor: Option<&Vendor>,
        actor: &Actor,
    ) -> Result<Submission, Error> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if action.needs_reason() && reason.is_none() {
            return Err(Error::invalid("reason", "is missing"));
        }
        if !plan::is_word(slug) {
            return Err(Error::NotFound);
        }
        if matches!(action, Action::Submit | Action::Publish) {
            self.keep_license(slug, action, vendor, actor).await?;
        }
        let now = self.now();
        let what = format!("listing.{}", action.as_str());
        let (listing, ()) = self
            .change(&Listing::id(slug), actor, &what, |listing: &mut Listing| {
                if !is_theirs(listing, vendor) {
                    return Err(Error::NotFound);
                }
                let state = moved(listing, action)?;
                carry_out(listing, action, reason, now)?;
                listing.state = state;
                Ok(())
            })
            .await?;
        if action.needs_reason() {
            self.tell_vendor(&listing, action, reason.unwrap_or_default()).await?;
        }
        Ok(listing.into())
    }

    /// Holds the licence against the one that was published under the same version, or, at the publication, keeps it: what
    /// somebody accepted must be found again, word for word.
    async fn keep_license(&self, slug: &str, action: Action, vendor: Option<&Vendor>, actor: &Actor) -> Result<(), Error> {
        let listing: Listing = self.load(&Listing::id(slug)).await?.ok_or(Error::NotFound)?;
        if !is_theirs(&listing, vendor) {
            return Err(Error::NotFound);
        }
        moved(&listing, action)?;
        let license = &listing.draft.license;
        let id = format!("license:{slug}:{}", license.version);
        let kept = KeptLicense {
            r#type: "license".into(),
            listing: slug.into(),
            version: license.version.clone(),
            name: license.name.clone(),
            text: license.text.clone(),
            sha256: digest(&license.text),
        };
        if action == Action::Publish && self.create(&id, &kept, actor, "license.keep").await? {
            return Ok(());
        }
        match self.load::<KeptLicense>(&id).await? {
            Some(old) if old.sha256 != kept.sha256 => {
                Err(Error::invalid("license.version", "was published with another text; a new text needs a new version"))
            }
            _ => Ok(()),
        }
    }

    /// Tells a vendor what has become of his listing, and why.
    async fn tell_vendor(&self, listing: &Listing, action: Action, reason: &str) -> Result<(), Error> {
        let Some(vendor) = self.load::<Vendor>(&Vendor::id(&listing.vendor_id)).await? else { return Ok(()) };
        let (verdict, next) = match action {
            Action::Deny => ("was not approved", "You can revise it and submit it again."),
            _ => ("was removed from the marketplace", "You can submit an update."),
        };
        let name = listing.draft.texts(None).map_or(listing.slug.as_str(), |texts| texts.name.as_str());
        let text = format!("Dear {},\n\nyour listing \"{name}\" {verdict}:\n\n{reason}\n\n{next}\n", vendor.name);
        let subject = format!("Your listing {name} {verdict}");
        self.platform.send_mail(Mail { to: &vendor.email, subject: &subject, text }).await;
        Ok(())
    }
}

fn is_theirs(listing: &Listing, vendor: Option<&Vendor>) -> bool {
    vendor.is_none_or(|vendor| vendor.vendor_id == listing.vendor_id)
}

/// The state that an action leads to.
fn moved(listing: &Listing, action: Action) -> Result<State, Error> {
    review::after(listing.state, action, listing.live.is_some()).ok_or_else(|| {
        let message = format!("A listing that is {} can't be changed so ({}).", listing.state.as_str(), action.as_str());
        Error::conflict("wrong_state", message)
    })
}

/// What an action does beside changing the state.
fn carry_out(listing: &mut Listing, action: Action, reason: Option<&str>, now: u64) -> Result<(), Error> {
    match action {
        Action::Submit => {
            let mut complaints = listing.draft.complaints(listing.kind);
            if listing.content().is_some_and(|live| live.version == listing.draft.version) {
                complaints.push(("version".into(), "was published already".into()));
            }
            if !complaints.is_empty() {
                return Err(Error::Invalid(complaints));
            }
            listing.reason = None;
        }
        Action::Publish => {
            if let Some(version) = listing.draft.version.clone() {
                let release = Release {
                    version,
                    notes: listing.draft.release_notes.clone(),
                    published_at: now,
                    retired_at: None,
                    min_kazoo: listing.draft.min_kazoo.clone(),
                    package: listing.draft.package.clone(),
                };
                release::publish(&mut listing.releases, release);
            }
            listing.live = Some(Live { content: listing.draft.clone(), published_at: now });
            drop_unnamed_pictures(listing);
        }
        Action::Unpublish => listing.live = None,
        Action::Deny => listing.reason = reason.map(str::to_owned),
        Action::Revoke => {
            listing.reason = reason.map(str::to_owned);
            listing.live = None;
            for release in &mut listing.releases {
                release.retired_at.get_or_insert(now);
            }
        }
        Action::Edit | Action::Approve => {}
    }
    Ok(())
}

/// A draft with a patch merged into it. Files have ways of their own.
fn edited(draft: &Content, patch: &Rest) -> Result<Content, Error> {
    let Ok(Value::Object(mut merged)) = serde_json::to_value(draft) else {
        return Err(Error::Internal(anyhow::anyhow!("a draft that is no object")));
    };
    let patch: Rest =
        patch.iter().filter(|(key, _)| !FILES.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    document::merge(&mut merged, &patch);
    let merged = Value::Object(merged);
    if merged.to_string().len() > LARGEST {
        return Err(Error::invalid("content", "is too large"));
    }
    serde_json::from_value(merged).map_err(|error| Error::invalid("content", &error.to_string()))
}

fn drop_unnamed_pictures(listing: &mut Listing) {
    let contents = [Some(&listing.draft), listing.live.as_ref().map(|live| &live.content)];
    let pictures =
        contents.into_iter().flatten().flat_map(|content| content.icon.iter().chain(&content.hero).chain(&content.screenshots));
    let named: Vec<String> = pictures.map(|picture| picture.name.clone()).collect();
    if let Some(files) = listing.rest.get_mut("_attachments").and_then(Value::as_object_mut) {
        files.retain(|name, _| named.iter().any(|one| one == name));
    }
}

fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    let known = ["image/png", "image/jpeg", "image/gif", "image/webp"];
    if let Some(kind) = infer::get(bytes) {
        return known.into_iter().find(|one| *one == kind.mime_type()).or_else(|| is_svg(bytes).then_some("image/svg+xml"));
    }
    is_svg(bytes).then_some("image/svg+xml")
}

fn is_svg(bytes: &[u8]) -> bool {
    let beginning = bytes.get(..bytes.len().min(1_024)).unwrap_or_default();
    std::str::from_utf8(bytes).is_ok() && String::from_utf8_lossy(beginning).contains("<svg")
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    crate::kazoo::hex(&Sha256::digest(bytes))
}
