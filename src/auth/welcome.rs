//! What a client is told about somebody who is logged in: all that a user interface wants to know first.

use futures_util::future::try_join4;
use serde_json::{Value, json};

use crate::{
    kazoo::{apps, document::text},
    platform::{Platform, Settings},
    store::{self, Document, Object},
};

const DEFAULT_LANGUAGE: &str = "en-US";

/// Further APIs that a user interface may want: its name for each, and where its address is set.
const OTHER_APIS: [(&str, &str, &str); 6] = [
    ("provisioner", "provisioner", "provisioning_url"),
    ("mobile", "mobile", "url"),
    ("kazoo_websocket", "blackhole", "url"),
    ("webrtc_websocket", "webrtc", "url"),
    ("phonebook", "phonebook", "url"),
    ("cluster_manager", "cluster_manager", "url"),
];

impl Platform {
    /// What a client is told about an account and, where there is one, its user beside the token.
    pub async fn login_data(&self, account: &Document, user: Option<&Document>) -> Result<Object, store::Error> {
        let account_id = text(account, "_id").unwrap_or_default();
        let ([crossbar, cluster], others, standing, choices) = try_join4(
            self.settings_of(["crossbar", "cluster"]),
            self.settings_of(OTHER_APIS.map(|(_, category, _)| category)),
            self.standing(account),
            self.app_choices(),
        )
        .await?;
        let user_id = user.and_then(|user| text(user, "_id"));
        let offered = self.apps_at(account, &standing, user_id.map(|id| (id, user.map(|user| &**user)))).await?;
        let default_language = crossbar.text("default_language").unwrap_or(DEFAULT_LANGUAGE);
        let own_language = user.and_then(|user| text(user, "language")).or_else(|| text(account, "language"));
        let language = own_language.unwrap_or(default_language);
        let labels = [language, default_language, DEFAULT_LANGUAGE];
        let told = offered.iter().filter(|app| choices.login_tells_all || app.is_published());
        let apps: Vec<Value> = told.map(|app| apps::login_item(app, &labels)).collect();
        let mut data = Object::new();
        let mut put = |key: &str, value: Option<Value>| data.extend(value.map(|value| (key.to_owned(), value)));
        put("account_id", Some(account_id.into()));
        put("owner_id", user_id.map(Value::from));
        put("account_name", account.get("name").cloned());
        put("language", Some(language.into()));
        put("cluster_id", cluster.get("cluster_id").cloned());
        put("reseller_id", standing.assigned_reseller_id.or(standing.reseller_id).map(Value::from));
        put("is_reseller", Some(standing.is_reseller.into()));
        put("is_master_account", Some((standing.master_id.as_deref() == Some(account_id)).into()));
        put("apps", Some(apps.into()));
        put("capabilities", Some(json!({ "voicemail": { "transcription": { "available": false, "default": false } } })));
        put("ui_config", Some(ui_config(&others)));
        put("user_info", user.map(|user| user_info(user)));
        Ok(data)
    }
}

/// Where a user interface finds other APIs, as far as that is set.
fn ui_config(settings: &[Settings]) -> Value {
    let apis = OTHER_APIS.iter().zip(settings).filter_map(|((name, _, key), settings)| {
        let url = settings.text(key).filter(|url| !url.is_empty())?;
        Some(((*name).to_owned(), json!({ "url": url })))
    });
    let apis: Object = apis.collect();
    if apis.is_empty() { json!({}) } else { json!({ "api": apis }) }
}

/// What 5.4 tells of the user.
fn user_info(user: &Object) -> Value {
    let told = ["first_name", "last_name", "email", "username", "priv_level"];
    let mut info: Object = told.into_iter().filter_map(|key| Some((key.to_owned(), user.get(key)?.clone()))).collect();
    let names: Vec<&str> = ["first_name", "last_name"].into_iter().filter_map(|key| text(user, key)).collect();
    if !names.is_empty() {
        info.insert("full_name".into(), names.join(" ").into());
    }
    info.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_names_are_joined_and_what_he_lacks_is_left_out() {
        let user = json!({"first_name": "Ann", "last_name": "Lee", "priv_level": "user", "pvt_md5_auth": "x"});
        let expected = json!({"first_name": "Ann", "last_name": "Lee", "priv_level": "user", "full_name": "Ann Lee"});
        assert_eq!(user_info(user.as_object().unwrap()), expected);
        assert_eq!(user_info(&Object::new()), json!({}));
    }
}
