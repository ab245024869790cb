//! Accounts: making, changing, moving and removing them, and finding one's way among them.

mod creating;
mod deleting;
mod editing;
mod failing;
mod listing;
mod moving;
mod racing;
mod resellers;
