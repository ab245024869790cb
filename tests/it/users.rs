//! Users of an account.

mod credentials;
mod documents;
mod names;
mod photo;
mod vcard;
