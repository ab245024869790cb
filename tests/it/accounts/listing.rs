//! Who is below, beside and above an account.

use serde_json::{Value, json};

use crate::support::world::{Session, World};

on_every_world! {
    lists_show_what_kazoo_shows_in_its_order,
    a_list_comes_in_pages_without_loss_or_repetition,
    a_filtered_list_comes_in_pages_too,
    a_tree_begins_with_the_caller,
    siblings_are_for_those_above,
    a_root_has_no_siblings,
    ancestors_are_no_endpoint,
}

fn names(data: &Value) -> Vec<&str> {
    data.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

async fn lists_show_what_kazoo_shows_in_its_order(world: World) {
    let master = world.master().await;
    let b = world.account(&master, "B").await;
    let c = world.account(&b, "C").await;
    master.api.put(&master.at(""), json!({ "name": "D", "realm": "d.example.com", "flags": ["x"] })).await.is(201);
    let children = master.api.get(&master.at("/children")).await.is(200).data();
    assert_eq!(names(&children), ["D", "B"]);
    let d = &children[0];
    let expected = json!({ "id": d["id"], "name": "D", "realm": "d.example.com", "descendants_count": 0, "flags": ["x"] });
    assert_eq!(*d, expected);
    assert_eq!(children[1]["descendants_count"], 1);
    let descendants = master.api.get(&master.at("/descendants?ascending=true")).await.is(200).data();
    assert_eq!(names(&descendants), ["B", "C", "D"]);
    let shown = &descendants[1];
    let tree = json!([master.account_id, b.account_id]);
    assert_eq!(*shown, json!({ "id": c.account_id, "name": "C", "realm": shown["realm"], "tree": tree, "flags": [] }));
    assert_eq!(names(&b.api.get(&b.at("/descendants?descending=false")).await.data()), ["C"]);
    assert_eq!(c.api.get(&c.at("/children")).await.data(), json!([]));
}

/// All pages of a list.
async fn pages(who: &Session, path: &str) -> Vec<Vec<String>> {
    let (mut pages, mut start) = (Vec::new(), String::new());
    loop {
        let body = who.api.get(&who.at(&format!("{path}{start}"))).await.is(200).json();
        assert_eq!(body["page_size"].as_u64().unwrap() as usize, body["data"].as_array().unwrap().len());
        pages.push(names(&body["data"]).into_iter().map(str::to_owned).collect());
        match body["next_start_key"].as_str() {
            Some(key) => start = format!("&start_key={key}"),
            None => return pages,
        }
        assert!(pages.len() < 50);
    }
}

async fn a_list_comes_in_pages_without_loss_or_repetition(world: World) {
    let master = world.master().await;
    let mut wanted = Vec::new();
    for nth in 0..7 {
        wanted.push(format!("Account {nth}"));
        master.api.put(&master.at(""), json!({ "name": wanted[nth] })).await.is(201);
    }
    for list in ["/children", "/descendants"] {
        let found = pages(&master, &format!("{list}?ascending=true&page_size=3")).await;
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
        assert_eq!(found.concat(), wanted);
        let mut backwards = pages(&master, &format!("{list}?page_size=2")).await.concat();
        backwards.reverse();
        assert_eq!(backwards, wanted);
    }
    let whole = master.api.get(&master.at("/children?paginate=false")).await.json();
    assert_eq!((whole["data"].as_array().unwrap().len(), whole.get("page_size")), (7, None));
}

async fn a_filtered_list_comes_in_pages_too(world: World) {
    let master = world.master().await;
    for nth in 0..8 {
        let language = if nth % 4 == 0 { "de-de" } else { "fr-fr" };
        master.api.put(&master.at(""), json!({ "name": format!("Account {nth}"), "language": language })).await.is(201);
    }
    let found = pages(&master, "/children?ascending=true&page_size=1&filter_language=de-de").await.concat();
    assert_eq!(found, ["Account 0", "Account 4"]);
    let nothing = master.api.get(&master.at("/descendants?page_size=2&filter_language=it-it")).await.is(200);
    assert_eq!(nothing.data(), json!([]));
}

async fn a_tree_begins_with_the_caller(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let grandchild = world.account(&child, "Grandchild").await;
    let path = |list: &str| grandchild.at(list);
    for list in ["/tree", "/parents"] {
        let above = master.api.get(&path(list)).await.is(200).data();
        assert_eq!(names(&above), ["Master Co.", "Child"]);
        let first = json!({ "id": master.account_id, "name": "Master Co.", "realm": "master.example.com", "flags": [] });
        assert_eq!(above[0], first);
        assert_eq!(names(&child.api.get(&path(list)).await.data()), ["Child"]);
    }
    assert_eq!(grandchild.api.get(&path("/tree")).await.data(), json!([]));
    let own = grandchild.api.get(&path("/parents")).await.json();
    assert_eq!((names(&own["data"]), &own["page_size"]), (vec!["Master Co.", "Child"], &json!(2)));
    assert_eq!(master.api.get(&master.at("/parents")).await.data(), json!([]));
}

async fn siblings_are_for_those_above(world: World) {
    let master = world.master().await;
    let child = world.account(&master, "Child").await;
    let (a, _b) = (world.account(&child, "A").await, world.account(&child, "B").await);
    assert_eq!(names(&child.api.get(&a.at("/siblings?ascending=true")).await.is(200).data()), ["A", "B"]);
    assert_eq!(names(&master.api.get(&child.at("/siblings")).await.is(200).data()), ["Child"]);
    a.api.get(&a.at("/siblings")).await.is_forbidden();
    world.sup(&["kapps_config", "set_default", "crossbar.accounts", "allow_sibling_listing", "false"]).ok();
    child.api.get(&a.at("/siblings")).await.is_forbidden();
    master.api.get(&a.at("/siblings")).await.is(200);
}

async fn a_root_has_no_siblings(world: World) {
    let master = world.master().await;
    assert_eq!(master.api.get(&master.at("/siblings")).await.is(200).data(), json!([]));
}

async fn ancestors_are_no_endpoint(world: World) {
    let master = world.master().await;
    master.api.get(&master.at("/ancestors")).await.is_not_found();
}
