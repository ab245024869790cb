//! Brands: documents, domains, files, DNS records and mail.

mod claims;
mod dns;
mod documents;
mod emails;
mod files;
mod memory;
mod template;
