//! Getting a package: streamed to disk, and believed only if it's what was said.

use std::path::Path;

use futures_util::{StreamExt, pin_mut};
use sha2::{Digest, Sha256};
use tokio::{fs::File, io::AsyncWriteExt};

use super::{Courier, Trouble, install::disk};
use crate::{
    kazoo::{
        delivery::{Delivery, Package},
        hex,
    },
    platform::connector::exchange::ExchangeError,
};

/// How often a download that breaks off is begun.
const ATTEMPTS: u32 = 3;

impl Courier<'_> {
    /// Downloads a package to a file that isn't there yet.
    pub(super) async fn download(&self, delivery: &Delivery, package: &Package, to: &Path) -> Result<(), Trouble> {
        for _ in 1..ATTEMPTS {
            match self.try_to_download(delivery, package, to).await {
                Err(Trouble::Later(ExchangeError::BrokenOff)) => {}
                other => return other,
            }
        }
        match self.try_to_download(delivery, package, to).await {
            Err(Trouble::Later(ExchangeError::BrokenOff)) => Err(Trouble::Bad("the download broke off each time".into())),
            other => other,
        }
    }

    async fn try_to_download(&self, delivery: &Delivery, package: &Package, to: &Path) -> Result<(), Trouble> {
        let chunks = self.exchange.package(delivery, package).await.map_err(refusal)?;
        pin_mut!(chunks);
        let mut file = File::create(to).await.map_err(disk)?;
        let (mut length, mut digest) = (0, Sha256::new());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            length += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if length > package.size {
                return Err(Trouble::Bad(format!("the package has more than {} bytes", package.size)));
            }
            digest.update(&chunk);
            file.write_all(&chunk).await.map_err(disk)?;
        }
        file.flush().await.map_err(disk)?;
        if length < package.size {
            return Err(Trouble::Later(ExchangeError::BrokenOff));
        }
        if hex(&digest.finalize()) != package.sha256 {
            return Err(Trouble::Bad("the package isn't the one that was said: its SHA-256 is another".into()));
        }
        Ok(())
    }
}

/// What the marketplace says about a package won't be otherwise the next time, unless it has a fault itself.
fn refusal(error: ExchangeError) -> Trouble {
    match error {
        ExchangeError::Refused { status, said } if status != 401 && status < 500 => {
            let reason = said.get("message").and_then(serde_json::Value::as_str).unwrap_or("it's refused");
            Trouble::Bad(format!("there is no package ({status}): {reason}"))
        }
        other => other.into(),
    }
}
