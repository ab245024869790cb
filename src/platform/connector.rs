//! The marketplace connector: linking the cluster to an account of the marketplace, and its settings.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Platform, found, names::SYSTEM_CONFIG, unix_now};
use crate::{
    kazoo::{
        connector::{self, CATEGORY, Connector, NewLink},
        document::{Author, gregorian, text},
        hex, id,
    },
    store::{self, Object},
};

pub mod courier;
pub mod exchange;
pub mod shelf;
pub mod turns;

use exchange::{Exchange, ExchangeError};

/// How long somebody who looks at the settings waits for the marketplace.
const GLANCE: Duration = Duration::from_secs(2);
/// How long what it said then is good.
pub const GLANCE_IS_GOOD: Duration = Duration::from_secs(10);

/// Why the connector didn't do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    #[error("the connector is disabled")]
    Disabled,
    #[error("the cluster is linked already")]
    AlreadyLinked,
    #[error("the access code is unknown or expired")]
    BadCode,
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What the marketplace said of a link when it was asked last: nothing against it, or that there is none.
pub type Glance = Result<(), Object>;

impl Platform {
    /// The connector as it's set.
    pub async fn connector(&self) -> Result<Connector, store::Error> {
        let doc = found(self.store.get(&SYSTEM_CONFIG, CATEGORY).await)?;
        Ok(Connector::new(doc.map(|doc| (*doc).clone()).unwrap_or_default()))
    }

    /// What clients see of the connector.
    pub async fn shown_connector(&self, connector: &Connector) -> Result<Object, store::Error> {
        Ok(connector.shown(&self.cluster_id().await?))
    }

    /// The connector with what the marketplace says now of the cluster; if it doesn't answer, with what it said last. An error
    /// only when it knows nothing of the link any longer.
    pub async fn refreshed_connector(&self) -> Result<Connector, ConnectorError> {
        let connector = self.connector().await?;
        let Some(token) = connector.token().filter(|_| connector.is_enabled()) else {
            return Ok(connector);
        };
        let refused = |said: Object| ExchangeError::Refused { status: 401, said }.into();
        match self.glances.get(&digest(token)) {
            Some(Ok(())) => return Ok(connector),
            Some(Err(said)) => return Err(refused(said)),
            None => {}
        }
        let answer = async { Exchange::of(&connector, Some(GLANCE))?.cluster().await }.await;
        match answer {
            Ok(said) => {
                self.glances.insert(digest(token), Ok(()));
                self.note(token, &said).await
            }
            Err(error) if error.is_unauthorized() => {
                self.glances.insert(digest(token), Err(error.said()));
                Err(refused(error.said()))
            }
            Err(error) => {
                log::warn!("the marketplace wasn't asked about this cluster: {error}");
                self.glances.insert(digest(token), Ok(()));
                Ok(connector)
            }
        }
    }

    /// Switches the connector on or off; the link stays.
    pub async fn enable_connector(&self, on: bool) -> Result<Connector, ConnectorError> {
        let connector = self.edit_connector(|doc| connector::enable(doc, on)).await?;
        self.deliveries_wanted.notify_one();
        Ok(connector)
    }

    /// Links the cluster to the account of the marketplace that an access code is of. `settings` are the cluster's, `author` is
    /// who does it, `version` Kazoo's as clients are told.
    pub async fn link_connector(
        &self,
        code: &str,
        settings: &Object,
        author: Author<'_>,
        version: &str,
    ) -> Result<Connector, ConnectorError> {
        let before = self.connector().await?;
        if !before.is_enabled() {
            return Err(ConnectorError::Disabled);
        }
        if before.is_linked() {
            return Err(ConnectorError::AlreadyLinked);
        }
        let before = self.edit_connector(|doc| connector::set_local(doc, settings)).await?;
        let cluster_id = self.cluster_id().await?;
        let name = text(settings, "name").map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&cluster_id);
        let mut request = described(&before, Some(name), version);
        request["access_code"] = code.into();
        request["cluster_id"] = cluster_id.as_str().into();
        let answer = Exchange::of(&before, None)?.link(request).await;
        let answer = answer.map_err(|error| match error {
            ExchangeError::Refused { status: 400, said } if is_about_the_code(&said) => ConnectorError::BadCode,
            other => other.into(),
        })?;
        let token = text(&answer, "link_token").filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| ExchangeError::Failed("the marketplace gave no token".into()))?;
        let new = NewLink {
            token,
            name: text(&answer, "name").or(Some(name)),
            kazoo_version: text(&answer, "kazoo_version"),
            now: gregorian(unix_now()),
            account_id: author.account_id,
            user_id: author.user_id,
        };
        let linked = match self.edit_connector(|doc| connector::link(doc, &new)).await {
            Ok(linked) => linked,
            Err(error) => {
                // A token that nobody has would keep the cluster from ever being linked again.
                self.disown(&before, &new).await;
                return Err(error.into());
            }
        };
        // What was set while the code was on its way.
        if (linked.api_url(), linked.is_aio_cluster()) != (before.api_url(), before.is_aio_cluster())
            && let Err(error) = Exchange::of(&linked, None)?.change(described(&linked, None, version)).await
        {
            log::warn!("the marketplace wasn't told of the latest settings: {error}");
        }
        log::info!("the cluster is linked to the marketplace");
        self.deliveries_wanted.notify_one();
        Ok(linked)
    }

    /// Changes the settings that are sent; those that the marketplace keeps are sent on, if the cluster is linked.
    pub async fn update_connector(&self, settings: &Object, version: &str) -> Result<Connector, ConnectorError> {
        let connector = self.edit_connector(|doc| connector::set_local(doc, settings)).await?;
        let Some(token) = connector.token() else {
            return Ok(connector);
        };
        let name = text(settings, "name");
        let mut said = Exchange::of(&connector, None)?.change(described(&connector, name, version)).await?;
        if let Some(name) = name {
            said.entry("name").or_insert_with(|| name.into());
        }
        self.note(token, &said).await
    }

    /// Detaches the cluster from the marketplace and switches the connector off.
    pub async fn unlink_connector(&self) -> Result<Connector, ConnectorError> {
        let connector = self.connector().await?;
        if connector.token().is_some() {
            match Exchange::of(&connector, None)?.unlink().await {
                Ok(()) => {}
                // It knows nothing of the link, which is what's wanted.
                Err(ExchangeError::Refused { status: 401 | 404 | 410, .. }) => {}
                Err(error) => return Err(error.into()),
            }
            log::info!("the cluster is no longer linked to the marketplace");
        }
        Ok(self.edit_connector(|doc| connector::unlink(doc, connector.token())).await?)
    }

    /// What the marketplace, and whoever else asks, knows the cluster by.
    async fn cluster_id(&self) -> Result<String, store::Error> {
        let settings = self.settings("cluster").await?;
        if let Some(id) = settings.text("cluster_id") {
            return Ok(id.to_owned());
        }
        let settled = self.ensure_setting("cluster", "cluster_id", id::new_id().into()).await?;
        Ok(settled.as_str().unwrap_or_default().to_owned())
    }

    /// Keeps what the marketplace said of the link with this token.
    async fn note(&self, token: &str, said: &Object) -> Result<Connector, ConnectorError> {
        Ok(self.edit_connector(|doc| connector::refresh(doc, token, said)).await?)
    }

    async fn edit_connector(&self, edit: impl FnMut(&mut Object)) -> Result<Connector, store::Error> {
        let merged = self.edit_category(CATEGORY, edit).await?;
        Ok(Connector::new((*merged.doc).clone()))
    }

    /// Gives a link back that couldn't be kept.
    async fn disown(&self, before: &Connector, new: &NewLink<'_>) {
        let mut doc = Object::from_iter([("default".to_owned(), json!({ "app_exchange_url": before.exchange_url() }))]);
        connector::link(&mut doc, new);
        let given_back = async { Exchange::of(&Connector::new(doc), Some(GLANCE))?.unlink().await }.await;
        if let Err(error) = given_back {
            log::error!("a link to the marketplace that couldn't be saved couldn't be given back either: {error}");
        }
    }
}

/// The cluster as it's described to the marketplace.
fn described(connector: &Connector, name: Option<&str>, version: &str) -> Value {
    let mut description = json!({
        "is_aio_cluster": connector.is_aio_cluster(),
        "reported_version": connector::reported_version(version),
    });
    for (key, value) in [("name", name), ("api_url", connector.api_url())] {
        if let Some(value) = value {
            description[key] = value.into();
        }
    }
    description
}

/// Whether a refused link was refused for its code: unless the marketplace says what else was wrong.
fn is_about_the_code(said: &Object) -> bool {
    said.get("errors").and_then(Value::as_object).is_none_or(|errors| errors.contains_key("access_code"))
}

/// What stands for a token in memory.
fn digest(token: &str) -> String {
    hex(&Sha256::digest(token))
}
