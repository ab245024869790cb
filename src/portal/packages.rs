//! Packages: what is delivered, as vendors upload it and clusters fetch it.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Error, Portal, submissions::Submission};
use crate::{
    kazoo::{hex, id},
    market::{Rest, account::Vendor, cluster::Cluster, content::Package, plan, subscription::Subscription},
    platform::names::MARKETPLACE,
    store::{self, Attachment, Upload},
};

/// Bytes of a package, where no setting says so.
pub const LARGEST_PACKAGE: u64 = 64 << 20;
/// The attachment.
const FILE: &str = "package.zip";
/// What every archive that isn't empty begins with.
const MAGIC: &[u8] = b"PK\x03\x04";

/// A package: `package:{id}`, whose attachment it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackageDoc {
    pub r#type: String,
    pub listing: String,
    pub sha256: String,
    pub size: u64,
    pub created: u64,
    #[serde(flatten)]
    pub rest: Rest,
}

/// A package's bytes on their way in; what went wrong with a client is an error of the store's kind.
pub type Incoming = BoxStream<'static, Result<Bytes, store::Error>>;

/// What is learnt of a stream while it passes.
struct Seen {
    hasher: Sha256,
    size: u64,
    beginning: Vec<u8>,
}

impl Portal {
    /// Puts a package into a draft.
    pub async fn put_package(
        &self,
        vendor: &Vendor,
        slug: &str,
        body: Incoming,
        ip: Option<String>,
    ) -> Result<Submission, Error> {
        // Whoever mayn't needn't send it all.
        let before = self.submission(slug, Some(vendor)).await?;
        if crate::market::review::after(before.state, crate::market::review::Action::Edit, before.live.is_some()).is_none() {
            return Err(Error::conflict("wrong_state", format!("A listing that is {} can't be changed.", before.state.as_str())));
        }
        let limit = self.settings().await?.number("max_package_size").unwrap_or(LARGEST_PACKAGE);
        let (package_id, seen) =
            (id::new_id(), Arc::new(Mutex::new(Seen { hasher: Sha256::new(), size: 0, beginning: Vec::new() })));
        let doc_id = format!("package:{package_id}");
        let watcher = Arc::clone(&seen);
        // A store may ask again at its end.
        let body = body.fuse().map(move |chunk| {
            let chunk = chunk?;
            let mut seen = watcher.lock().unwrap_or_else(PoisonError::into_inner);
            seen.size += chunk.len() as u64;
            if seen.size > limit {
                let (db, id) = (MARKETPLACE.clone(), String::new());
                return Err(store::Error::Invalid { db, id, reason: "the package is too large".into() });
            }
            seen.hasher.update(&chunk);
            let wanted = MAGIC.len().saturating_sub(seen.beginning.len()).min(chunk.len());
            let first = chunk.get(..wanted).unwrap_or_default().to_vec();
            seen.beginning.extend(first);
            Ok(chunk)
        });
        let upload = Upload { content_type: "application/zip".into(), length: None, body: body.boxed() };
        let stored = self.platform.store.put_attachment(&MARKETPLACE, &doc_id, None, FILE, upload).await;
        let (sha256, size, is_zip) = {
            let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            (hex(&seen.hasher.clone().finalize()), seen.size, seen.beginning == MAGIC)
        };
        if size > limit {
            return Err(Error::invalid("package", "is too large"));
        }
        let rev = stored?;
        if !is_zip {
            self.platform.store.delete(&MARKETPLACE, &doc_id, &rev).await?;
            return Err(Error::invalid("package", "is no zip archive"));
        }
        let package = Package { id: package_id, sha256: sha256.clone(), size };
        store::update(self.platform.store.as_ref(), &MARKETPLACE, &doc_id, async |doc: &mut store::Object| {
            for (key, value) in [("type", "package"), ("listing", slug), ("sha256", sha256.as_str())] {
                doc.insert(key.into(), value.into());
            }
            doc.insert("size".into(), size.into());
            doc.insert("created".into(), self.now().into());
            Ok::<_, Error>(())
        })
        .await?;
        self.edit_draft(vendor, slug, ip, |listing| {
            listing.draft.package = Some(package.clone());
            Ok(())
        })
        .await
    }

    /// A package, by its id or the name of a delivery, for a cluster whose account has bought what is in it;
    /// [`Error::NotFound`] for any other.
    pub async fn package(&self, cluster: &Cluster, wanted: &str) -> Result<(PackageDoc, Attachment), Error> {
        let package_id =
            if plan::is_word(wanted) { wanted.to_owned() } else { self.package_of_delivery(cluster, wanted).await? };
        let doc_id = format!("package:{package_id}");
        let package: PackageDoc = self.load(&doc_id).await?.ok_or(Error::NotFound)?;
        let prefix = Subscription::id(&cluster.account_id, &format!("{}.", package.listing));
        let bought: Vec<Subscription> = self.beginning(&prefix).await?;
        if !bought.iter().any(|one| one.status.is_running()) {
            return Err(Error::NotFound);
        }
        let attachment = self.platform.store.attachment(&MARKETPLACE, &doc_id, FILE, None).await?;
        Ok((package, attachment))
    }
}
