//! A user as a visiting card: vCard 3.0 (RFC 2426), which everything reads.

use serde_json::Value;

use super::{
    document::{Object, id, text},
    user,
};

/// Octets that a line has at most, its end not counted.
const LINE: usize = 75;

/// The card of a user in an organisation, which is the account's `org`.
pub fn write(user: &Object, organisation: Option<&str>) -> String {
    let none = Object::new();
    let profile = user.get("profile").and_then(Value::as_object).unwrap_or(&none);
    let of = |key: &str| text(profile, key).or_else(|| text(user, key)).filter(|value| !value.is_empty());
    let name = |key: &str| escape(of(key).unwrap_or_default());
    let mut card = Card::default();
    card.line("BEGIN", "VCARD");
    card.line("VERSION", "3.0");
    card.line("FN", &escape(&full_name(user)));
    card.line("N", &format!("{};{};{};;", name("last_name"), name("first_name"), name("middle_name")));
    card.optional("SORT-STRING", of("sort-string"));
    let nicknames = profile.get("nicknames").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let nicknames = nicknames.map(escape).collect::<Vec<_>>().join(",");
    if !nicknames.is_empty() {
        card.line("NICKNAME", &nicknames);
    }
    card.optional("ORG", organisation);
    card.optional("TITLE", of("title"));
    card.optional("ROLE", of("role"));
    card.optional("EMAIL;TYPE=INTERNET", of("email"));
    for side in ["external", "internal"] {
        let number = user.get("caller_id").and_then(|ids| ids.get(side)?.get("number")?.as_str());
        card.optional("TEL;TYPE=WORK,VOICE", number.filter(|number| !number.is_empty()));
    }
    for (types, address) in addresses(profile) {
        // The address is one text, and that's what the delivery label is.
        card.line(&format!("LABEL{types}"), &escape(address));
        card.line(&format!("ADR{types}"), &format!(";;{};;;;", escape(address)));
    }
    card.optional("BDAY", of("birthday"));
    card.optional("NOTE", of("note"));
    card.optional("X-ASSISTANT", of("assistant"));
    card.optional("TZ;VALUE=text", text(user, "timezone").filter(|zone| *zone != "inherit"));
    card.optional("UID", id(user));
    card.line("END", "VCARD");
    card.0
}

/// What a user is called: first and last name, or else whatever name there is.
pub fn full_name(user: &Object) -> String {
    let names = ["first_name", "middle_name", "last_name"].map(|key| text(user, key).unwrap_or_default().trim());
    let name = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    if name.is_empty() { user::username(user).unwrap_or_default() } else { name }
}

/// Addresses, and what each is good for as a parameter: `;TYPE=work,pref`.
fn addresses(profile: &Object) -> impl Iterator<Item = (String, &str)> {
    let all = profile.get("addresses").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|one| {
        let types = one.get("types").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let types: Vec<&str> = types.filter(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric())).collect();
        let types = if types.is_empty() { String::new() } else { format!(";TYPE={}", types.join(",")) };
        Some((types, one.get("address")?.as_str().filter(|address| !address.is_empty())?))
    })
}

#[derive(Default)]
struct Card(String);

impl Card {
    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.line(name, &escape(value));
        }
    }

    /// Adds a line; a long one is folded, never within a character.
    fn line(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if length + c.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(c);
            length += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A text without what would end it: line breaks, commas and semicolons are escaped, other control characters left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ',' | ';' => escaped.extend(['\\', c]),
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => escaped.push_str("\\n"),
            c if c.is_control() && c != '\t' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn card(user: Value) -> String {
        write(user.as_object().unwrap(), Some("Fish & Sons; Ltd"))
    }

    #[test]
    fn a_card_has_what_is_known_of_a_user() {
        let user = json!({
            "_id": "0a1b", "first_name": "Jane", "last_name": "Doe", "email": "jane@example.org", "timezone": "Europe/Paris",
            "caller_id": { "internal": { "number": "1001" }, "external": { "number": "+331234" } },
            "profile": {
                "title": "Dr.", "role": "Buyer", "nicknames": ["J", "J,D"], "birthday": "1980-02-29", "note": "likes\nfish",
                "assistant": "Tom", "sort-string": "Doe", "addresses": [{ "address": "1 Rue X\nParis", "types": ["work", "pref"] }],
            },
        });
        let expected = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            "FN:Jane Doe",
            "N:Doe;Jane;;;",
            "SORT-STRING:Doe",
            "NICKNAME:J,J\\,D",
            "ORG:Fish & Sons\\; Ltd",
            "TITLE:Dr.",
            "ROLE:Buyer",
            "EMAIL;TYPE=INTERNET:jane@example.org",
            "TEL;TYPE=WORK,VOICE:+331234",
            "TEL;TYPE=WORK,VOICE:1001",
            "LABEL;TYPE=work,pref:1 Rue X\\nParis",
            "ADR;TYPE=work,pref:;;1 Rue X\\nParis;;;;",
            "BDAY:1980-02-29",
            "NOTE:likes\\nfish",
            "X-ASSISTANT:Tom",
            "TZ;VALUE=text:Europe/Paris",
            "UID:0a1b",
            "END:VCARD",
            "",
        ];
        assert_eq!(card(user), expected.join("\r\n"));
    }

    #[test]
    fn a_card_needs_nothing_but_a_name() {
        let card = write(json!({"username": "JANE"}).as_object().unwrap(), None);
        assert_eq!(card, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:jane\r\nN:;;;;\r\nEND:VCARD\r\n");
    }

    #[test]
    fn nothing_in_a_text_makes_a_line_of_its_own() {
        let card = card(json!({
            "first_name": "a\r\nTEL:666\rX:1\u{2028}Y:2\u{7}", "last_name": "b;c,d\\e",
            "profile": { "addresses": [{ "address": "x", "types": ["work:evil", "a;b", "home"] }] },
        }));
        assert!(card.contains("FN:a\\nTEL:666\\nX:1\\nY:2 b\\;c\\,d\\\\e\r\n"), "{card}");
        assert!(card.contains("ADR;TYPE=home:;;x;;;;\r\n"), "{card}");
    }

    proptest! {
        #[test]
        fn folded_lines_are_short_and_give_the_text_again(text in any::<String>()) {
            let mut card = Card::default();
            card.line("NOTE", &escape(&text));
            prop_assert!(card.0.lines().all(|line| line.len() <= LINE));
            prop_assert_eq!(card.0.replace("\r\n ", ""), format!("NOTE:{}\r\n", escape(&text)));
        }
    }
}
