//! Kazoo's documents and rules: pure functions, without I/O, clock or HTTP.

pub mod account;
pub mod alert;
pub mod apps;
pub mod document;
pub mod filter;
pub mod id;
pub mod password;
pub mod plans;
pub mod reset_id;
pub mod restrictions;
pub mod schema;
pub mod term;
pub mod time;
pub mod user;
pub mod validation;
pub mod vcard;

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
