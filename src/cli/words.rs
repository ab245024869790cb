//! The words of Kazoo's `sup`: `MODULE FUNCTION ARGUMENTS`.

use crate::sup::Command;

/// What is understood, for a hint.
pub const KNOWN: [&str; 10] = [
    "crossbar_maintenance init_apps PATH [URL]",
    "crossbar_maintenance init_app PATH [URL]",
    "crossbar_maintenance refresh_apps PATH [URL]",
    "crossbar_maintenance refresh_app PATH [URL]",
    "crossbar_maintenance apps",
    "crossbar_maintenance app NAME",
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
        ("crossbar_maintenance", "apps", 0) => Command::Apps,
        ("crossbar_maintenance", "app", 1) => Command::App { app: next()? },
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
    fn a_wrong_number_of_arguments_is_not() {
        for line in
            ["crossbar_maintenance init_apps", "crossbar_maintenance app", "kapps_config get a", "crossbar_maintenance nosuch"]
        {
            assert_eq!(words(line), None, "{line}");
        }
    }
}
