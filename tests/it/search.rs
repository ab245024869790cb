//! Finding accounts and users by how their names begin.

use serde_json::{Value, json};

use crate::support::world::{Session, World};

on_every_world! {
    accounts_are_found_below_ones_own,
    monster_ui_searches_by_everything_at_once,
    a_search_comes_in_pages,
    nobody_gets_into_anothers_part_of_a_list,
    users_are_found_in_their_account,
    a_search_without_the_needed_says_what_is_missing,
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap_or_else(|| panic!("{rows}")).iter().map(|row| row["name"].as_str().unwrap()).collect()
}

/// An account with a name and a realm, and nobody in it.
async fn make(by: &Session, parent: &str, name: &str, realm: &str) -> String {
    let made = by.api.put(&format!("/v2/accounts/{parent}"), json!({ "name": name, "realm": realm })).await.is(201);
    made.data()["id"].as_str().unwrap().to_owned()
}

async fn accounts_are_found_below_ones_own(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Nature & Co.").await;
    let natoma = make(&child, &child.account_id, "NATOMA Office", "sip.natoma.example").await;
    make(&child, &natoma, "Native", "x.example").await;
    make(&master, &master.account_id, "National", "y.example").await;
    let find =
        async |who: &Session, path: &str, query: &str| who.api.get(&format!("{path}?t=account&{query}")).await.is(200).data();
    let all = find(&master, "/v2/search", "q=name&v=nat").await;
    assert_eq!(names(&all), ["National", "Native", "NATOMA Office", "Nature & Co."]);
    let expected = json!([{ "id": natoma, "descendants_count": 1, "name": "NATOMA Office", "realm": "sip.natoma.example" }]);
    // Case and punctuation don't count.
    for query in ["q=name&v=Nat-oma", "q=realm&v=sip.NATOMA", &format!("q=id&v={}", &natoma[..20])] {
        assert_eq!(find(&child, "/v2/search", query).await, expected, "{query}");
    }
    // Not oneself, nor what is beside or above.
    assert_eq!(names(&find(&child, "/v2/search", "q=name&v=nat").await), ["Native", "NATOMA Office"]);
    assert_eq!(names(&find(&child, "/v2/search", "q=name&v=").await), ["Native", "NATOMA Office"]);
    assert_eq!(names(&find(&child, "/v2/search", "q=name&v").await), ["Native", "NATOMA Office"]);
    for nothing in ["q=name&v=toma", "q=name&v=natomaofficex", "q=id&v=zz"] {
        assert_eq!(find(&child, "/v2/search", nothing).await, json!([]), "{nothing}");
    }
    // Below another account, for those who reach it.
    let below = format!("/v2/accounts/{natoma}/search");
    assert_eq!(names(&find(&master, &below, "q=name&v=n").await), ["Native"]);
    assert_eq!(names(&find(&child, &below, "q=name&v=n").await), ["Native"]);
    child.api.get(&master.at("/search?t=account&q=name&v=n")).await.is_forbidden();
    world.api.get("/v2/search?t=account&q=name&v=n").await.is_unauthorized();
    // What is deleted isn't found any more.
    let native = find(&child, "/v2/search", "q=name&v=native").await[0]["id"].as_str().unwrap().to_owned();
    child.api.delete(&format!("/v2/accounts/{native}")).await.is(200);
    assert_eq!(find(&child, "/v2/search", "q=name&v=native").await, json!([]));
}

async fn monster_ui_searches_by_everything_at_once(world: World) {
    let master = world.master().await;
    let child = make(&master, &master.account_id, "Fishmonger", "cheese.example").await;
    let row = json!([{ "id": child, "descendants_count": 0, "name": "Fishmonger", "realm": "cheese.example" }]);
    for (text, found) in [
        ("fish", json!({ "name": row, "realm": [], "id": [] })),
        ("cheese", json!({ "name": [], "realm": row, "id": [] })),
        (&child[..30], json!({ "name": [], "realm": [], "id": row })),
        ("nosuch", json!({ "name": [], "realm": [], "id": [] })),
    ] {
        let query = format!("t=account&by_name={text}&by_realm={text}&by_id={text}&_=1700000000000");
        assert_eq!(master.api.get(&format!("/v2/search/multi?{query}")).await.is(200).data(), found, "{text}");
        assert_eq!(master.api.get(&master.at(&format!("/search/multi?{query}"))).await.is(200).data(), found, "{text}");
    }
}

async fn a_search_comes_in_pages(world: World) {
    let master = world.master().await;
    for n in 0..5 {
        make(&master, &master.account_id, &format!("Page {n}"), &format!("p{n}.example")).await;
    }
    let path = "/v2/search?t=account&q=name&v=page&page_size=2";
    let mut found: Vec<String> = Vec::new();
    let mut start = String::new();
    for _ in 0..3 {
        let page = master.api.get(&format!("{path}{start}")).await.is(200).json();
        found.extend(names(&page["data"]).into_iter().map(str::to_owned));
        start = page["next_start_key"].as_str().map(|key| format!("&start_key={key}")).unwrap_or_default();
    }
    assert_eq!((found.join(","), start.as_str()), ("Page 0,Page 1,Page 2,Page 3,Page 4".into(), ""));
    // Kazoo's clients know the last part of a key only.
    assert_eq!(names(&master.api.get(&format!("{path}&start_key=page3")).await.is(200).data()), ["Page 3", "Page 4"]);
    // Not even this makes it all of them, should there be very many; several are told as in a page.
    let whole = master.api.get("/v2/search?t=account&q=name&v=page&paginate=false").await.is(200).json();
    assert_eq!((whole["data"].as_array().unwrap().len(), &whole["page_size"]), (5, &json!(5)));
    let multi = master.api.get("/v2/search/multi?t=account&by_name=page&page_size=2").await.is(200).data();
    assert_eq!(names(&multi["name"]), ["Page 0", "Page 1"]);
}

async fn nobody_gets_into_anothers_part_of_a_list(world: World) {
    let master = world.master().await;
    let (one, other) = (world.account(&master, "One").await, world.account(&master, "Other").await);
    let (low, high) = if one.account_id < other.account_id { (one, other) } else { (other, one) };
    make(&low, &low.account_id, "Secret", "secret.example").await;
    make(&high, &high.account_id, "Known", "known.example").await;
    // A key of the other's part as Kazoo encodes them: a list of two or three short texts.
    let key = |parts: &[&str]| {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let mut term = vec![131, 108, 0, 0, 0, parts.len() as u8];
        for part in parts {
            term.extend([109, 0, 0, 0, part.len() as u8]);
            term.extend(part.as_bytes());
        }
        term.push(106);
        BASE64_URL_SAFE_NO_PAD.encode(term)
    };
    let stolen = [key(&[&low.account_id, ""]), key(&[&low.account_id, "account", ""]), key(&[""]), "0".into(), "a".into()];
    for list in ["/children", "/descendants", "/search?t=account&q=name&v="] {
        for start in &stolen {
            let sign = if list.contains('?') { '&' } else { '?' };
            let path = high.at(&format!("{list}{sign}ascending=true&start_key={start}"));
            let answer = high.api.get(&path).await.is(200);
            assert!(!answer.text().contains("Secret"), "{path}: {}", answer.text());
        }
    }
}

async fn users_are_found_in_their_account(world: World) {
    let child = world.account(&world.master().await, "Child").await;
    let jane = json!({ "first_name": "Jane", "last_name": "O'Hara" });
    let id = child.api.put(&child.at("/users"), jane).await.is(201).data()["id"].clone();
    let found = child.api.get(&child.at("/search?t=user&q=name&v=JANE-o")).await.is(200).data();
    assert_eq!(found, json!([{ "id": id, "name": "Jane O'Hara", "first_name": "Jane", "last_name": "O'Hara" }]));
    assert_eq!(child.api.get(&child.at("/search?t=user&q=name&v=")).await.data().as_array().unwrap().len(), 2);
    for nothing in ["t=user&q=number&v=1", "t=callflow&q=name&v=jane", "t=nosuch&q=name_and_number&v=j"] {
        assert_eq!(child.api.get(&child.at(&format!("/search?{nothing}"))).await.is(200).data(), json!([]), "{nothing}");
    }
    let both = child.api.get(&child.at("/search/multi?t=user&by_name=jane&by_number=1")).await.is(200).data();
    assert_eq!((names(&both["name"]), &both["number"]), (vec!["Jane O'Hara"], &json!([])));
    // Which account's users? That has to be said.
    let missing = json!({ "account_id": { "required": { "message": "account ID is required in url" } } });
    child.api.get("/v2/search?t=user&q=name&v=j").await.is_invalid(missing);
}

async fn a_search_without_the_needed_says_what_is_missing(world: World) {
    let master = world.master().await;
    let fields = json!(["id", "name", "realm"]);
    let types = json!(["account", "user", "callflow", "device"]);
    for (path, problem) in [
        ("search", json!({ "t": { "required": { "message": "search needs a document type to search on", "target": types } } })),
        (
            "search/multi?by_name=a",
            json!({ "t": { "required": {
            "message": "search needs a document type to search on", "target": types,
        } } }),
        ),
        ("search?t=account", json!({ "q": { "required": { "message": "search needs a view to search in", "target": fields } } })),
        ("search?t=account&q=name", json!({ "v": { "required": { "message": "search needs a value to search for" } } })),
        (
            "search?t=account&q=nosuch&v=a",
            json!({ "q": { "enum": {
            "message": "value not found in enumerated list of values", "target": fields, "cause": "nosuch",
        } } }),
        ),
        (
            "search/multi?t=account&by_nosuch=a",
            json!({ "q": { "enum": {
            "message": "value not found in enumerated list of values", "target": fields, "cause": "nosuch",
        } } }),
        ),
        (
            "search/multi?t=account",
            json!({ "multi": { "enum": {
            "message": "multi search needs some values to search for", "target": fields,
        } } }),
        ),
    ] {
        master.api.get(&format!("/v2/{path}")).await.is_invalid(problem);
    }
    master.api.put("/v2/search", json!({})).await.is(405);
    master.api.get("/v2/search/nosuch").await.is(404);
}
