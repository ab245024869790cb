use serde_json::json;

use super::*;

fn object(value: Value) -> Object {
    value.as_object().cloned().unwrap()
}

#[test]
fn every_placeholder_is_filled_and_everything_else_stays() {
    let template = object(json!({
        "A": { "us.{{domain}}": { "mapping": ["192.0.2.1"], "name": "East", "zone": "us" } },
        "SRV": { "_sip._udp.{{domain}}": { "mapping": ["10 10 7000 {{domain}}.{{domain}}"], "name": "{{domain}}" } },
        "CAA": { "{{domain}}": { "name": "odd" } },
        "MX": {},
        "ui_metadata": { "ui": "monster-ui" },
        "note": "text",
    }));
    assert_eq!(
        Value::from(rendered(&template, "Brand.example")),
        json!({
            "A": { "us.Brand.example": { "mapping": ["192.0.2.1"], "name": "East", "zone": "us" } },
            "SRV": { "_sip._udp.Brand.example": { "mapping": ["10 10 7000 Brand.example.Brand.example"], "name": "{{domain}}" } },
            "CAA": { "Brand.example": { "name": "odd", "mapping": [] } },
            "MX": {},
            "ui_metadata": {},
        })
    );
}

#[test]
fn what_is_looked_up_is_every_host_of_every_known_kind() {
    let domains = object(json!({
        "CNAM": { "portal.x ": { "mapping": [] } },
        "CAA": { "x": { "mapping": [] } },
        "TXT": { "x": { "mapping": [] } },
    }));
    let question = |kind, host: &str| Question { kind, host: host.to_owned() };
    assert_eq!(questions(&domains), [question(Kind::Cname, "portal.x"), question(Kind::Txt, "x")]);
}

#[test]
fn each_host_shows_what_is_expected_and_what_is() {
    let domains = object(json!({
        "A": { "a.x": { "mapping": ["192.0.2.1"], "name": "A", "zone": "z" }, "b.x": { "mapping": ["192.0.2.2"] } },
        "CAA": { "x": { "mapping": ["y"], "name": "odd" } },
        "TXT": {},
    }));
    let found = ["192.0.2.1".to_owned()];
    let compared = compared(&domains, |question| if question.host == "a.x" { &found } else { &[] });
    assert_eq!(
        Value::from(compared),
        json!({
            "A": {
                "a.x": { "expected": ["192.0.2.1"], "actual": ["192.0.2.1"], "name": "A" },
                "b.x": { "expected": ["192.0.2.2"], "actual": [] },
            },
            "CAA": { "x": { "expected": ["y"], "actual": [], "name": "odd" } },
            "TXT": {},
        })
    );
}

#[test]
fn what_means_the_same_is_spelled_the_same() {
    for (kind, record, expected, shown) in [
        (Kind::Cname, "ui.example.net", "UI.Example.NET.", "UI.Example.NET."),
        (Kind::Cname, "other.example.net", "ui.example.net", "other.example.net"),
        (Kind::Mx, "10 mail.x", "10 MAIL.x.", "10 MAIL.x."),
        (Kind::Mx, "10 mail.x", "mail.x", "mail.x"),
        (Kind::Mx, "20 mail.x", "10 mail.x", "20 mail.x"),
        (Kind::Mx, "20 spam.x", "mail.x", "spam.x"),
        (Kind::Srv, "10 10 7000 us.x", "10  10 7000 us.x.", "10  10 7000 us.x."),
        (Kind::Srv, "10 20 7000 us.x", "10 10 7000 us.x", "10 20 7000 us.x"),
        (
            Kind::Naptr,
            "10 100 \"S\" \"SIP+D2U\" \"\" _sip._udp.x",
            "10 100 \"s\" \"sip+d2u\" \"\" _sip._udp.X.",
            "10 100 \"s\" \"sip+d2u\" \"\" _sip._udp.X.",
        ),
        (Kind::Naptr, "1 1 \"U\" \"E2U\" \"!A!b!\" ", "1 1 \"U\" \"E2U\" \"!a!b!\" .", "1 1 \"U\" \"E2U\" \"!A!b!\" "),
        (Kind::Aaaa, "2001:db8:0:0:0:0:0:1", "2001:DB8::1", "2001:DB8::1"),
        (Kind::A, "192.0.2.9", "192.0.2.1", "192.0.2.9"),
        (Kind::Txt, "Value", "value", "Value"),
    ] {
        assert_eq!(spelled(kind, record, &[expected]), shown, "{record}");
    }
    assert_eq!(spelled(Kind::Mx, "20 spam.x", &[]), "spam.x");
}
