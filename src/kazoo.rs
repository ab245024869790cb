//! Kazoo's documents and rules: pure functions, without I/O, clock or HTTP.

pub mod account;
pub mod alert;
pub mod applications;
pub mod apps;
pub mod archive;
pub mod connector;
pub mod delivery;
pub mod document;
pub mod domains;
pub mod filter;
pub mod id;
pub mod nouns;
pub mod password;
pub mod pictures;
pub mod plans;
pub mod recovery;
pub mod reset_id;
pub mod restrictions;
pub mod schema;
pub mod term;
pub mod time;
pub mod uploads;
pub mod user;
pub mod validation;
pub mod vcard;
pub mod whitelabel;

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
