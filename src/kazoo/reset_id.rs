//! The id of a password reset: it says in which month's database the reset is kept, hidden among noise.

use super::id;

/// Hexadecimal digits of a reset id.
const LENGTH: usize = 132;
/// Where the digits of year and month stand behind the account's id: Y1 Y4 M2 Y2 Y3 M1, the places between being noise.
const YEAR: [usize; 4] = [33, 37, 39, 34];
const MONTH: [usize; 2] = [40, 36];

/// Makes a reset id for an account and the month (`202503`) in which the reset is kept. `noise` is at least 132 random
/// hexadecimal digits.
pub fn encode(account_id: &str, month: &str, noise: &str) -> Option<String> {
    let mut digits: Vec<u8> = noise.bytes().take(LENGTH).collect();
    digits.get_mut(..32)?.copy_from_slice(account_id.as_bytes().get(..32)?);
    for (place, digit) in YEAR.into_iter().chain(MONTH).zip(month.bytes()) {
        *digits.get_mut(place)? = digit;
    }
    String::from_utf8(digits).ok().filter(|id| id.len() == LENGTH)
}

/// The account's id and the month that a reset id names; `None` when it can't be one.
pub fn decode(reset_id: &str) -> Option<(String, String)> {
    let digits = reset_id.as_bytes();
    let account_id = reset_id.get(..32)?.to_ascii_lowercase();
    let month: Option<Vec<u8>> =
        YEAR.into_iter().chain(MONTH).map(|place| digits.get(place).copied().filter(u8::is_ascii_digit)).collect();
    let month = String::from_utf8(month?).ok()?;
    id::is_id(&account_id).then_some((account_id, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_month_are_found_again() {
        let account = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        let reset = encode(account, "202503", &"f".repeat(140)).unwrap();
        assert_eq!(reset.len(), LENGTH);
        assert!(reset.starts_with(account));
        assert_eq!(decode(&reset.to_uppercase()), Some((account.to_owned(), "202503".to_owned())));
    }

    #[test]
    fn what_names_no_month_is_no_reset_id() {
        assert_eq!(decode(&"a".repeat(132)), None);
        assert_eq!(decode("0a1b"), None);
        assert_eq!(encode("short", "202503", &"f".repeat(140)), None);
    }
}
