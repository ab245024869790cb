//! The words of Kazoo's `sup`: `MODULE FUNCTION ARGUMENTS`.

use std::{iter::Cloned, slice::Iter};

use serde_json::Value;

use crate::sup::{By, Command, Switch};

/// Makes a command of its arguments.
type Meaning = fn(&mut Arguments<'_>) -> Option<Command>;
type Arguments<'a> = Cloned<Iter<'a, String>>;

/// What is understood: the words, with arguments in capitals and optional ones in brackets, and the command they mean.
const WORDS: [(&str, Meaning); 42] = [
    ("crossbar_maintenance init_apps PATH [URL]", |next| {
        Some(Command::InitApps { path: next.next()?.into(), api_url: next.next() })
    }),
    ("crossbar_maintenance init_app PATH [URL]", |next| {
        Some(Command::InitApp { path: next.next()?.into(), api_url: next.next() })
    }),
    ("crossbar_maintenance refresh_apps PATH [URL]", |next| {
        Some(Command::RefreshApps { path: next.next()?.into(), api_url: next.next() })
    }),
    ("crossbar_maintenance refresh_app PATH [URL]", |next| {
        Some(Command::RefreshApp { path: next.next()?.into(), api_url: next.next() })
    }),
    ("crossbar_maintenance rename_and_refresh_app PATH PREVIOUS_NAME [URL]", |next| {
        Some(Command::RenameApp { path: next.next()?.into(), previous: next.next()?, api_url: next.next() })
    }),
    ("crossbar_maintenance apps", |_| Some(Command::Apps)),
    ("crossbar_maintenance app NAME", |next| Some(Command::App { app: next.next()? })),
    ("crossbar_maintenance set_app_field APP FIELD VALUE", |next| {
        Some(Command::SetApp { app: next.next()?, path: vec![next.next()?], value: next.next()?.into() })
    }),
    ("crossbar_maintenance set_app_label APP TEXT", |next| in_english("label", next)),
    ("crossbar_maintenance set_app_description APP TEXT", |next| in_english("description", next)),
    ("crossbar_maintenance set_app_extended_description APP TEXT", |next| in_english("extended_description", next)),
    ("crossbar_maintenance set_app_features APP FEATURE@FEATURE", |next| {
        Some(Command::SetApp { app: next.next()?, path: english("features"), value: features(&next.next()?) })
    }),
    ("crossbar_maintenance set_app_icon APP FILE", |next| {
        Some(Command::AddIcon { app: next.next()?, file: next.next()?.into() })
    }),
    ("crossbar_maintenance set_app_screenshots APP DIRECTORY", |next| {
        Some(Command::AddScreenshots { app: next.next()?, folder: next.next()?.into() })
    }),
    ("crossbar_maintenance create_account NAME REALM USER PASSWORD", |next| {
        let (name, realm) = (next.next()?, next.next()?);
        Some(Command::CreateAccount { name, realm, username: next.next()?, password: next.next()? })
    }),
    ("crossbar_maintenance promote_account ACCOUNT", |next| switch(Switch::SuperduperAdmin, next, true)),
    ("crossbar_maintenance demote_account ACCOUNT", |next| switch(Switch::SuperduperAdmin, next, false)),
    ("crossbar_maintenance allow_account_number_additions ACCOUNT", |next| switch(Switch::NumberAdditions, next, true)),
    ("crossbar_maintenance disallow_account_number_additions ACCOUNT", |next| switch(Switch::NumberAdditions, next, false)),
    ("crossbar_maintenance enable_account ACCOUNT", |next| switch(Switch::Enabled, next, true)),
    ("crossbar_maintenance disable_account ACCOUNT", |next| switch(Switch::Enabled, next, false)),
    ("crossbar_maintenance find_account_by_id ACCOUNT", |next| find(By::Id, next)),
    ("crossbar_maintenance find_account_by_name NAME", |next| find(By::Name, next)),
    ("crossbar_maintenance find_account_by_realm REALM", |next| find(By::Realm, next)),
    ("crossbar_maintenance find_account_by_number NUMBER", |next| find(By::Number, next)),
    ("crossbar_maintenance move_account ACCOUNT TO", |next| {
        Some(Command::MoveAccount { account: next.next()?, to: next.next()? })
    }),
    ("crossbar_maintenance descendants_count [ACCOUNT]", |next| Some(Command::CountDescendants { account: next.next() })),
    ("crossbar_maintenance api_key ACCOUNT", |next| Some(Command::ApiKey { account: next.next()?, renew: false })),
    ("crossbar_maintenance renew_api_key ACCOUNT", |next| Some(Command::ApiKey { account: next.next()?, renew: true })),
    ("crossbar_maintenance register_views", |_| Some(Command::RegisterViews)),
    ("crossbar_maintenance update_schemas", |_| Some(Command::UpdateSchemas)),
    ("kazoo_services_maintenance make_reseller ACCOUNT", |next| Some(Command::MakeReseller { account: next.next()?, on: true })),
    ("kazoo_services_maintenance demote_reseller ACCOUNT", |next| {
        Some(Command::MakeReseller { account: next.next()?, on: false })
    }),
    ("kazoo_services_maintenance set_reseller_id RESELLER ACCOUNT", |next| {
        Some(Command::SetResellerId { reseller: next.next()?, account: next.next()?, below: false })
    }),
    ("kazoo_services_maintenance cascade_reseller_id RESELLER ACCOUNT", |next| {
        Some(Command::SetResellerId { reseller: next.next()?, account: next.next()?, below: true })
    }),
    ("kapps_config get CATEGORY KEY", |next| Some(Command::GetSetting { category: next.next()?, key: next.next()? })),
    ("kapps_config set CATEGORY KEY VALUE", set),
    ("kapps_config set_default CATEGORY KEY VALUE", set),
    ("kapps_maintenance refresh [DATABASE]", |next| Some(Command::Refresh { database: next.next() })),
    ("kapps_maintenance refresh_account ACCOUNT", |next| Some(Command::RefreshAccount { account: next.next()? })),
    ("kapps_account_config get ACCOUNT CATEGORY KEY", |next| {
        Some(Command::GetAccountSetting { account: next.next()?, category: next.next()?, key: next.next()? })
    }),
    ("kapps_account_config set ACCOUNT CATEGORY KEY VALUE", |next| {
        let (account, category) = (next.next()?, next.next()?);
        Some(Command::SetAccountSetting { account, category, key: next.next()?, value: next.next()? })
    }),
];

/// Everything that is understood, for a hint.
pub fn known() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(usage, _)| *usage)
}

/// The command that the words mean; `None` for unknown ones, or a wrong number of them.
pub fn command(words: &[String]) -> Option<Command> {
    let (name, arguments) = words.split_at_checked(2)?;
    let meant = |usage: &str| {
        let mut words = usage.split(' ');
        let same = name.iter().all(|word| words.next() == Some(word));
        let most = words.clone().count();
        let least = words.filter(|word| !word.starts_with('[')).count();
        same && (least..=most).contains(&arguments.len())
    };
    let (_, command) = WORDS.iter().find(|(usage, _)| meant(usage))?;
    command(&mut arguments.iter().cloned())
}

fn switch(what: Switch, arguments: &mut Arguments<'_>, on: bool) -> Option<Command> {
    Some(Command::SwitchAccount { what, account: arguments.next()?, on })
}

fn find(by: By, arguments: &mut Arguments<'_>) -> Option<Command> {
    Some(Command::FindAccount { by, wanted: arguments.next()? })
}

fn set(arguments: &mut Arguments<'_>) -> Option<Command> {
    Some(Command::SetSetting { category: arguments.next()?, key: arguments.next()?, value: arguments.next()? })
}

/// Where an app says something of itself in English, the language that all others fall back to.
fn english(key: &str) -> Vec<String> {
    ["i18n", "en-US", key].map(str::to_owned).into()
}

fn in_english(key: &str, arguments: &mut Arguments<'_>) -> Option<Command> {
    Some(Command::SetApp { app: arguments.next()?, path: english(key), value: arguments.next()?.into() })
}

/// Features are separated by `@`.
fn features(text: &str) -> Value {
    text.split('@').map(str::trim).filter(|feature| !feature.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<Command> {
        command(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_operators_type_is_understood() {
        let expected = Command::InitApps { path: "/a".into(), api_url: Some("http://b".into()) };
        assert_eq!(words("crossbar_maintenance init_apps /a http://b"), Some(expected));
        assert_eq!(words("kapps_maintenance refresh"), Some(Command::Refresh { database: None }));
        assert_eq!(words("crossbar_maintenance apps"), Some(Command::Apps));
    }

    #[test]
    fn features_are_separated_by_an_at_sign() {
        assert_eq!(features("One@ two@@"), serde_json::json!(["One", "two"]));
        let path = vec!["i18n".to_owned(), "en-US".to_owned(), "label".to_owned()];
        let expected = Command::SetApp { app: "x".into(), path, value: "Label".into() };
        assert_eq!(words("crossbar_maintenance set_app_label x Label"), Some(expected));
    }

    #[test]
    fn a_wrong_number_of_arguments_is_not() {
        for line in
            ["crossbar_maintenance init_apps", "crossbar_maintenance app", "kapps_config get a", "crossbar_maintenance nosuch"]
        {
            assert_eq!(words(line), None, "{line}");
        }
    }
}
