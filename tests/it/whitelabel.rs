//! Brands: documents, domains, files, DNS records and mail.

mod dns;
mod emails;
