//! What `system_auth` knows of signing on by way of others: providers, the apps registered with them, and the users of theirs
//! that are linked to users here. Kazoo keeps it up; here it's only shown, and never the secrets in it.

use serde_json::Value;

use super::{Platform, names::SYSTEM_AUTH};
use crate::{
    kazoo::document::text,
    store::{Document, Error, Object, Query, View},
};

/// The ids of `system_auth`'s documents, by their `pvt_type`.
pub(super) const BY_TYPE: View = View::new("storefront", "by_type");
const LINKS: View = View::new("storefront", "links_by_owner");

impl Platform {
    /// The identity providers: `id` and `provider_type`.
    pub async fn sign_on_providers(&self) -> Result<Vec<Value>, Error> {
        let docs = self.sign_on_docs(BY_TYPE, "provider".into()).await?;
        Ok(docs.iter().map(|doc| shown(doc, &[("provider_type", &["provider_type", "auth_module"])])).collect())
    }

    /// The apps registered with providers: `id` and `provider`.
    pub async fn sign_on_apps(&self) -> Result<Vec<Value>, Error> {
        let docs = self.sign_on_docs(BY_TYPE, "app".into()).await?;
        Ok(docs.iter().map(|doc| shown(doc, &[("provider", &["pvt_auth_provider"])])).collect())
    }

    /// The users of providers' that stand for one user here: `id`, `app`, `provider`, `scopes`, `email`.
    pub async fn sign_on_links(&self, account_id: &str, user_id: &str) -> Result<Vec<Value>, Error> {
        let docs = self.sign_on_docs(LINKS, vec![account_id, user_id].into()).await?;
        let members: [(&str, &[&str]); 4] =
            [("app", &["pvt_app_id"]), ("provider", &["pvt_app_provider_id"]), ("scopes", &["scopes"]), ("email", &["email"])];
        Ok(docs.iter().map(|doc| shown(doc, &members)).collect())
    }

    async fn sign_on_docs(&self, view: View, key: Value) -> Result<Vec<Document>, Error> {
        let rows = self.view(&SYSTEM_AUTH, view, &Query::key(key).with_docs()).await?;
        Ok(rows.into_iter().filter_map(|row| row.doc).collect())
    }
}

/// An id, and those members that are named; of several sources of one the first that's there.
fn shown(doc: &Object, members: &[(&str, &[&str])]) -> Value {
    let id = text(doc, "_id").map(|id| ("id".to_owned(), id.into()));
    let members = members.iter().filter_map(|(name, sources)| {
        let value = sources.iter().find_map(|source| doc.get(*source))?;
        Some(((*name).to_owned(), value.clone()))
    });
    id.into_iter().chain(members).collect::<Object>().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_is_shown_but_what_is_named() {
        let doc = json!({"_id": "a", "_rev": "1-x", "pvt_secret": "s", "secret": "s", "pvt_auth_provider": "google"});
        let shown = shown(doc.as_object().unwrap(), &[("provider", &["pvt_auth_provider"]), ("email", &["email"])]);
        assert_eq!(shown, json!({"id": "a", "provider": "google"}));
    }
}
