use serde_json::json;

use super::*;

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn app(id: &str, name: &str) -> Arc<Object> {
    Arc::new(object(json!({"_id": id, "name": name, "pvt_type": "app", "i18n": {"en-US": {"label": name}}})))
}

/// The inputs of an account with a catalogue of two apps, and whatever a test changes.
struct Case {
    catalogue: Vec<Arc<Object>>,
    offered: Object,
    vendor_apps: HashMap<String, Arc<Object>>,
    plan_mode: PlanMode,
    overrides: HashMap<String, Arc<Object>>,
    apps_store: Option<Object>,
    inherited: HashSet<String>,
    whitelabel: Option<Object>,
    is_reseller: bool,
    account_id: &'static str,
    user: Option<(&'static str, Object)>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            catalogue: vec![app("a", "accounts"), app("p", "port")],
            offered: Object::new(),
            vendor_apps: HashMap::new(),
            plan_mode: PlanMode::Toggle,
            overrides: HashMap::new(),
            apps_store: None,
            inherited: HashSet::new(),
            whitelabel: None,
            is_reseller: false,
            account_id: "child",
            user: None,
        }
    }
}

impl Case {
    fn apps(&self) -> Vec<App> {
        apps(&Inputs {
            account_id: self.account_id,
            master_id: "master",
            catalogue: &self.catalogue,
            offered: &self.offered,
            vendor_apps: &self.vendor_apps,
            plan_mode: self.plan_mode,
            overrides: &self.overrides,
            apps_store: self.apps_store.as_ref(),
            inherited_blacklist: &self.inherited,
            whitelabel: self.whitelabel.as_ref(),
            is_reseller: self.is_reseller,
            user: self.user.as_ref().map(|(id, doc)| (*id, Some(doc))),
        })
    }

    /// Every app as `id authority published`.
    fn verdicts(&self) -> Vec<String> {
        self.apps().iter().map(|app| format!("{} {} {}", app.id(), app.authority.as_str(), app.is_published())).collect()
    }
}

#[test]
fn an_app_that_nobody_mentions_is_published() {
    assert_eq!(Case::default().verdicts(), ["a master_account true", "p master_account true"]);
}

#[test]
fn a_document_that_is_unpublished_stays_so_until_a_rule_says_otherwise() {
    let hidden = Arc::new(object(json!({"_id": "h", "name": "hidden", "published": false})));
    let mut case = Case { catalogue: vec![hidden], ..Case::default() };
    assert_eq!(case.verdicts(), ["h master_account false"]);
    case.apps_store = Some(object(json!({"apps": {"h": {"allowed_users": "all"}}})));
    assert_eq!(case.verdicts(), ["h master_account false"]);
    case.offered = object(json!({"h": {"enabled": true}}));
    assert_eq!(case.verdicts(), ["h app_store true"]);
}

#[test]
fn a_plan_switches_the_apps_it_names_and_no_others() {
    let offered = object(json!({"a": {"enabled": false}, "p": {"name": "port"}}));
    assert_eq!(Case { offered, ..Case::default() }.verdicts(), ["a service_plan false", "p master_account true"]);
    let offered = object(json!({"a": {"enabled": "true"}}));
    assert_eq!(Case { offered, ..Case::default() }.verdicts(), ["a service_plan true", "p master_account true"]);
}

#[test]
fn a_plan_as_whitelist_hides_the_apps_it_does_not_name() {
    let offered = object(json!({"a": {"name": "accounts"}}));
    let case = Case { offered, plan_mode: PlanMode::Whitelist, ..Case::default() };
    assert_eq!(case.verdicts(), ["a service_plan true", "p service_plan false"]);
    let case = Case { plan_mode: PlanMode::Whitelist, ..Case::default() };
    assert_eq!(case.verdicts(), ["a master_account true", "p master_account true"], "an account without a plan has everything");
}

#[test]
fn a_vendors_app_comes_before_the_catalogue_while_the_plan_has_it_on() {
    let vendor_apps = HashMap::from([("v".to_owned(), app("v", "vendor"))]);
    let offered = object(json!({"v": {"vendor_id": "reseller"}, "gone": {"vendor_id": "reseller"}}));
    let case = Case { offered, vendor_apps: vendor_apps.clone(), ..Case::default() };
    assert_eq!(case.verdicts(), ["v vendor_account true", "a master_account true", "p master_account true"]);
    assert_eq!(case.apps()[0].owner, "reseller");
    let offered = object(json!({"v": {"vendor_id": "reseller", "enabled": false}}));
    assert_eq!(Case { offered, vendor_apps, ..Case::default() }.verdicts().len(), 2);
}

#[test]
fn an_accounts_permission_is_merged_over_the_app() {
    let apps_store =
        object(json!({"apps": {"a": {"allowed_users": "admins", "users": [], "api_url": "http://x", "pvt_type": "y"}}}));
    let case = Case { apps_store: Some(apps_store), ..Case::default() };
    assert_eq!(case.verdicts(), ["a app_store true", "p master_account true"]);
    let app = &case.apps()[0];
    assert_eq!(serde_json::to_value(ListItem(app)).unwrap().get("allowed_users"), Some(&json!("admins")));
    assert_eq!(shown(app).get("api_url"), Some(&json!("http://x")));
    assert_eq!(text(&app.doc, "pvt_type"), Some("app"), "a private member isn't a client's to set");
    assert_eq!(case.catalogue[0].get("api_url"), None);
}

#[test]
fn an_app_is_called_as_its_document_says_whatever_it_was_called_when_it_was_installed() {
    let apps_store = object(json!({"apps": {"p": {"allowed_users": "all", "name": "ports"}}}));
    let case = Case { apps_store: Some(apps_store), whitelabel: Some(object(json!({"hide_port": true}))), ..Case::default() };
    assert_eq!((case.apps()[1].name(), case.verdicts()[1].as_str()), ("port", "p whitelabel_hide_port false"));
}

#[test]
fn an_empty_or_broken_permission_is_no_permission() {
    for apps in [json!({"a": {}}), json!({"a": "all"}), json!([]), json!(null)] {
        let case = Case { apps_store: Some(object(json!({"apps": apps}))), ..Case::default() };
        assert_eq!(case.verdicts(), ["a master_account true", "p master_account true"]);
    }
}

#[test]
fn a_blacklisted_app_is_hidden_and_its_permission_not_merged() {
    let apps_store = object(json!({"apps": {"a": {"allowed_users": "all"}}, "blacklist": ["a"]}));
    let case = Case { apps_store: Some(apps_store), ..Case::default() };
    assert_eq!(case.verdicts(), ["a app_store_blacklist false", "p master_account true"]);
    assert_eq!(case.apps()[0].doc.get("allowed_users"), None);
}

#[test]
fn a_blacklist_from_above_hides_too_and_whatever_the_account_permits() {
    let mut case = Case { inherited: HashSet::from(["p".to_owned()]), ..Case::default() };
    assert_eq!(case.verdicts(), ["a master_account true", "p app_store_blacklist false"]);
    case.apps_store = Some(object(json!({"apps": {"p": {"allowed_users": "all"}}})));
    case.offered = object(json!({"p": {"enabled": true}}));
    assert_eq!(case.verdicts(), ["a master_account true", "p app_store_blacklist false"]);
    assert_eq!(case.apps()[1].doc.get("allowed_users"), None);
}

#[test]
fn published_may_be_said_in_text_and_what_is_neither_is_no() {
    let published = |word: Value| {
        let doc = Arc::new(object(json!({"_id": "x", "name": "x", "published": word})));
        Case { catalogue: vec![doc], ..Case::default() }.apps()[0].is_published()
    };
    assert!(published(json!(true)) && published(json!("true")) && published(json!(null)));
    assert!(!published(json!(false)) && !published(json!("false")) && !published(json!(0)));
}

#[test]
fn a_vendors_copy_takes_the_place_of_the_catalogues() {
    let theirs = Arc::new(object(json!({"_id": "a", "name": "accounts", "version": "theirs"})));
    let vendor_apps = HashMap::from([("a".to_owned(), theirs)]);
    let offered = object(json!({"a": {"vendor_id": "reseller"}}));
    let case = Case { offered, vendor_apps: vendor_apps.clone(), ..Case::default() };
    assert_eq!(case.verdicts(), ["a vendor_account true", "p master_account true"]);
    assert_eq!((case.apps()[0].owner.as_str(), case.apps()[0].doc.get("version")), ("reseller", Some(&json!("theirs"))));
    // Switched off it's the catalogue's again, switched off.
    let offered = object(json!({"a": {"vendor_id": "reseller", "enabled": "false"}}));
    let case = Case { offered, vendor_apps, ..Case::default() };
    assert_eq!(case.verdicts(), ["a service_plan false", "p master_account true"]);
    assert_eq!(case.apps()[0].owner, "master");
}

#[test]
fn of_several_vendors_apps_the_last_in_the_plan_comes_first() {
    let vendor_apps = HashMap::from([("v".to_owned(), app("v", "one")), ("w".to_owned(), app("w", "two"))]);
    let offered = object(json!({"v": {"vendor_id": "r"}, "w": {"vendor_id": "r", "enabled": true}}));
    let case = Case { offered, vendor_apps, catalogue: Vec::new(), ..Case::default() };
    assert_eq!(case.verdicts(), ["w service_plan true", "v vendor_account true"]);
}

#[test]
fn a_permission_is_merged_deeply_and_null_removes() {
    let permission =
        json!({"allowed_users": "all", "i18n": {"en-US": {"label": "Ours"}, "de-DE": {"label": "Unser"}}, "pvt_type": null});
    let doc = Arc::new(object(json!({"_id": "a", "name": "accounts", "pvt_type": "app", "phase": "beta",
        "i18n": {"en-US": {"label": "Accounts", "description": "All"}}})));
    let mut permission = object(permission);
    permission.insert("phase".into(), Value::Null);
    let apps_store = Some(object(json!({"apps": {"a": permission}})));
    let case = Case { catalogue: vec![doc], apps_store, ..Case::default() };
    let shown = shown(&case.apps()[0]);
    let i18n = json!({"en-US": {"label": "Ours", "description": "All"}, "de-DE": {"label": "Unser"}});
    assert_eq!((&shown["i18n"], shown.get("phase")), (&i18n, None));
}

#[test]
fn a_whitelabel_that_hides_port_hides_it_unless_the_account_is_a_reseller() {
    let whitelabel = Some(object(json!({"hide_port": true})));
    let case = Case { whitelabel: whitelabel.clone(), ..Case::default() };
    assert_eq!(case.verdicts(), ["a master_account true", "p whitelabel_hide_port false"]);
    let case = Case { whitelabel, is_reseller: true, ..Case::default() };
    assert_eq!(case.verdicts(), ["a master_account true", "p master_account true"]);
    let case = Case { whitelabel: Some(object(json!({"hide_port": "true"}))), ..Case::default() };
    assert_eq!(case.verdicts()[1], "p whitelabel_hide_port false");
}

#[test]
fn the_master_account_has_everything() {
    let apps_store = Some(object(json!({"blacklist": ["a"]})));
    let case = Case { account_id: "master", apps_store, inherited: HashSet::from(["p".to_owned()]), ..Case::default() };
    assert_eq!(case.verdicts(), ["a super_admin true", "p super_admin true"]);
}

#[test]
fn a_permission_is_held_against_the_user() {
    let verdict = |permission: Value, level: &str| {
        let apps_store = Some(object(json!({"apps": {"a": permission}})));
        let user = Some(("u1", object(json!({"priv_level": level}))));
        Case { apps_store, user, ..Case::default() }.verdicts()[0].clone()
    };
    assert_eq!(verdict(json!({"allowed_users": "all"}), "user"), "a app_store true");
    assert_eq!(verdict(json!({"allowed_users": "admins"}), "user"), "a app_store false");
    assert_eq!(verdict(json!({"allowed_users": "admins"}), "admin"), "a app_store true");
    assert_eq!(verdict(json!({"allowed_users": "specific", "users": []}), "admin"), "a app_store false");
    assert_eq!(verdict(json!({"users": ["u2", "u1"]}), "user"), "a app_store true");
    assert_eq!(verdict(json!({"users": [{"id": "u1"}]}), "user"), "a app_store true");
    assert_eq!(verdict(json!({"allowed_users": "nonsense"}), "admin"), "a app_store false");
}

#[test]
fn a_list_item_has_the_members_that_monster_ui_reads() {
    let item = serde_json::to_value(ListItem(&Case::default().apps()[0])).unwrap();
    let expected = json!({
        "id": "a", "name": "accounts", "i18n": {"en-US": {"label": "accounts"}}, "tags": [], "account_id": "master", "users": [],
        "masqueradable": true, "authority": "master_account", "published": true
    });
    assert_eq!(item, expected);
}

#[test]
fn a_login_shows_the_label_in_the_first_language_there_is() {
    let app = &Case::default().apps()[0];
    assert_eq!(login_item(app, &["fr-FR", "en-US"]).get("label"), Some(&json!("accounts")));
    assert_eq!(login_item(app, &["fr-FR"]).get("label"), None);
}
