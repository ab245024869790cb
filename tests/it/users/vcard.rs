//! Users as visiting cards.

use serde_json::json;

use crate::support::world::World;

on_every_world! {
    a_user_is_had_as_a_visiting_card,
}

async fn a_user_is_had_as_a_visiting_card(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    child.api.patch(&child.at(""), json!({ "org": "Fish, Sons & Co" })).await.is(200);
    let own = child.at(&format!("/users/{}", child.user_id));
    child.api.patch(&own, json!({ "first_name": "Jörg", "email": "j@example.org", "hotdesk": { "pin": "4711" } })).await.is(200);
    let vcard = format!("{own}/vcard");
    let card = child.api.get(&vcard).await.is(200);
    assert_eq!(card.header("content-type"), Some("text/x-vcard; charset=utf-8"));
    assert_eq!(
        card.header("content-disposition"),
        Some("attachment; filename=\"J_rg Test.vcf\"; filename*=UTF-8''J%C3%B6rg%20Test%2Evcf")
    );
    let text = card.text();
    assert!(
        text.starts_with("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jörg Test\r\nN:Test;Jörg;;;\r\nORG:Fish\\, Sons & Co\r\n"),
        "{text}"
    );
    assert!(text.contains("EMAIL;TYPE=INTERNET:j@example.org\r\n") && text.ends_with("END:VCARD\r\n"), "{text}");
    assert!(!text.contains("4711"), "{text}");
    let tag = card.header("etag").unwrap();
    child.api.with("if-none-match", tag).get(&vcard).await.is_bare(304);
    for (accept, content_type) in [
        ("text/x-vcard", "text/x-vcard"),
        ("text/directory", "text/directory"),
        ("text/vcard, text/html;q=0.5", "text/vcard"),
        ("application/json, text/javascript, */*; q=0.01", "text/x-vcard"),
    ] {
        let answer = child.api.with("accept", accept).get(&vcard).await.is(200);
        assert_eq!(answer.header("content-type"), Some(format!("{content_type}; charset=utf-8").as_str()), "{accept}");
    }
    child.api.with("accept", "image/png").get(&vcard).await.is_bare(406);
    child.api.post(&vcard, json!({})).await.is(405);
    world.api.get(&vcard).await.is_unauthorized();
}
