//! The words of Kazoo's `sup`: `MODULE FUNCTION ARGUMENTS`.

use serde_json::Value;

use crate::sup::Command;

/// What is understood, for a hint.
pub const KNOWN: [&str; 19] = [
    "crossbar_maintenance init_apps PATH [URL]",
    "crossbar_maintenance init_app PATH [URL]",
    "crossbar_maintenance refresh_apps PATH [URL]",
    "crossbar_maintenance refresh_app PATH [URL]",
    "crossbar_maintenance rename_and_refresh_app PATH PREVIOUS_NAME [URL]",
    "crossbar_maintenance apps",
    "crossbar_maintenance app NAME",
    "crossbar_maintenance set_app_field APP FIELD VALUE",
    "crossbar_maintenance set_app_label APP TEXT",
    "crossbar_maintenance set_app_description APP TEXT",
    "crossbar_maintenance set_app_extended_description APP TEXT",
    "crossbar_maintenance set_app_features APP FEATURE@FEATURE",
    "crossbar_maintenance set_app_icon APP FILE",
    "crossbar_maintenance set_app_screenshots APP DIRECTORY",
    "crossbar_maintenance update_schemas",
    "crossbar_maintenance create_account NAME REALM USER PASSWORD",
    "kapps_config get CATEGORY KEY",
    "kapps_config set_default CATEGORY KEY VALUE",
    "kapps_maintenance refresh [DATABASE]",
];

/// The command that the words mean; `None` for unknown ones, or a wrong number of them.
pub fn command(module: &str, function: &str, arguments: Vec<String>) -> Option<Command> {
    let count = arguments.len();
    let mut arguments = arguments.into_iter();
    let mut next = || arguments.next();
    Some(match (module, function, count) {
        ("crossbar_maintenance", "init_apps", 1 | 2) => Command::InitApps { path: next()?.into(), api_url: next() },
        ("crossbar_maintenance", "init_app", 1 | 2) => Command::InitApp { path: next()?.into(), api_url: next() },
        ("crossbar_maintenance", "refresh_apps", 1 | 2) => Command::RefreshApps { path: next()?.into(), api_url: next() },
        ("crossbar_maintenance", "refresh_app", 1 | 2) => Command::RefreshApp { path: next()?.into(), api_url: next() },
        ("crossbar_maintenance", "rename_and_refresh_app", 2 | 3) => {
            Command::RenameApp { path: next()?.into(), previous: next()?, api_url: next() }
        }
        ("crossbar_maintenance", "apps", 0) => Command::Apps,
        ("crossbar_maintenance", "app", 1) => Command::App { app: next()? },
        ("crossbar_maintenance", "set_app_field", 3) => {
            Command::SetApp { app: next()?, path: vec![next()?], value: next()?.into() }
        }
        ("crossbar_maintenance", "set_app_label", 2) => in_english(next()?, "label", next()?.into()),
        ("crossbar_maintenance", "set_app_description", 2) => in_english(next()?, "description", next()?.into()),
        ("crossbar_maintenance", "set_app_extended_description", 2) => {
            in_english(next()?, "extended_description", next()?.into())
        }
        ("crossbar_maintenance", "set_app_features", 2) => in_english(next()?, "features", features(&next()?)),
        ("crossbar_maintenance", "set_app_icon", 2) => Command::AddIcon { app: next()?, file: next()?.into() },
        ("crossbar_maintenance", "set_app_screenshots", 2) => Command::AddScreenshots { app: next()?, folder: next()?.into() },
        ("crossbar_maintenance", "create_account", 4) => {
            Command::CreateAccount { name: next()?, realm: next()?, username: next()?, password: next()? }
        }
        ("crossbar_maintenance", "update_schemas", 0) => Command::UpdateSchemas,
        ("kapps_config", "get", 2) => Command::GetSetting { category: next()?, key: next()? },
        ("kapps_config", "set_default", 3) => Command::SetSetting { category: next()?, key: next()?, value: next()? },
        ("kapps_maintenance", "refresh", 0 | 1) => Command::Refresh { database: next() },
        _ => return None,
    })
}

/// What an app says of itself in English, the language that all others fall back to.
fn in_english(app: String, key: &str, value: Value) -> Command {
    Command::SetApp { app, path: vec!["i18n".into(), "en-US".into(), key.into()], value }
}

/// Features are separated by `@`.
fn features(text: &str) -> Value {
    text.split('@').map(str::trim).filter(|feature| !feature.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<Command> {
        let mut words = line.split(' ').map(str::to_owned);
        command(&words.next()?, &words.next()?, words.collect())
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
