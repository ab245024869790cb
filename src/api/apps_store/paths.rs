//! What may stand before `apps_store` in a path: an account, one of its users, which changes nothing, a language (`i18n`)
//! and a domain whose brand is meant (`whitelabel`). Kazoo takes them in any order; these are the ones that clients write.

/// The paths under which an app is read for a user, in a language or under a domain's brand.
macro_rules! branded {
    ($path:literal) => {
        [
            concat!("i18n/{language}/", $path),
            concat!("whitelabel/{domain}/", $path),
            concat!("whitelabel/{domain}/i18n/{language}/", $path),
            concat!("i18n/{language}/whitelabel/{domain}/", $path),
            concat!("accounts/{account}/whitelabel/{domain}/", $path),
            concat!("accounts/{account}/whitelabel/{domain}/i18n/{language}/", $path),
            concat!("accounts/{account}/i18n/{language}/whitelabel/{domain}/", $path),
            concat!("accounts/{account}/i18n/{language}/", $path),
            concat!("i18n/{language}/accounts/{account}/", $path),
            concat!("accounts/{account}/users/{user}/", $path),
        ]
    };
}

/// The paths under which an account's own things are read and written, in a language or not.
macro_rules! in_account {
    ($path:literal) => {
        [
            concat!("accounts/{account}/", $path),
            concat!("accounts/{account}/i18n/{language}/", $path),
            concat!("i18n/{language}/accounts/{account}/", $path),
        ]
    };
}

pub(super) use {branded, in_account};
