"""Makes the fuzzer whoever the marketplace lets in, and lets it find things: loaded by Schemathesis, see scripts/fuzz.

An operation says whose token it takes; mostly that is sent, now and then somebody else's. What a path names is mostly something
that is there.
"""

import atexit
import base64
import collections
import os
import random

import requests
import schemathesis

API = os.environ["FUZZ_API"]
STAFF = os.environ["FUZZ_STAFF_TOKEN"]
# One pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)

chance = random.Random(int(os.environ.get("FUZZ_SEED", "1")))
tokens: dict[str, str] = {"staff": STAFF}
statuses: collections.Counter[int] = collections.Counter()


@atexit.register
def tell():
    """How far the requests got: a run in which hardly any was let in proves nothing."""
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(f"Answers by status: {counts}")


def ask(caller, method, path, json=None, data=None):
    headers = {"Authorization": f"Bearer {token(caller)}"} if caller else {}
    answer = requests.request(method, f"{API}/{path}", headers=headers, json=json, data=data, timeout=30)
    return answer.json() if answer.content else {}


def token(caller):
    """The caller's token: a new one when the fuzzer has ended the old one."""
    if caller not in tokens:
        tokens[caller] = {"customer": log_in, "vendor": let_in, "cluster": link}[caller]()
    return tokens[caller]


def log_in():
    who = {"account_name": "Demo Master", "username": "admin", "password": "demo"}
    return ask(None, "POST", "session", who).get("token", "none, for now")


def let_in():
    vendor = ask("staff", "POST", "staff/vendors", {"name": "Vera", "email": "vera@vendor.example"})
    known["/staff/vendors/{id}/token"] = [vendor["id"]] if "id" in vendor else []
    return vendor.get("token", "none, for now")


def link():
    """The account's cluster, in the place of the one that is linked."""
    ask("customer", "DELETE", "account/cluster")
    code = ask("customer", "POST", "account/cluster/access_code", {}).get("access_code", "")
    cluster = {"access_code": code, "cluster_id": "fuzzed", "name": "Fuzzed", "reported_version": "5.1"}
    return ask(None, "POST", "connector/link", cluster).get("link_token", "none, for now")


def furnish():
    """Makes what can be read, changed and ended, as far as it isn't there."""
    me = ask("customer", "GET", "me")["account"]["id"]
    ask("staff", "PATCH", f"staff/accounts/{me}", {"early_access": True})
    token("cluster")
    ask("customer", "PATCH", "account/cluster", {"kazoo_version": "5.1"})
    slugs = [listing["slug"] for listing in ask(None, "GET", "listings?per_page=100")["items"]]
    orders = []
    for slug in slugs:
        plans = ask("customer", "GET", f"listings/{slug}/plans")
        version = ask(None, "GET", f"listings/{slug}/license").get("version", "")
        if isinstance(plans, list) and plans:
            order = {"listing": slug, "plan_id": plans[0].get("id", ""), "license_version": version}
            order |= {"license_accepted": True, "idempotency_key": f"fuzzed-{slug}"}
            orders.append(ask("customer", "POST", "orders", order).get("id", "none"))
    ask("vendor", "POST", "vendor/listings", {"slug": "fuzzed", "kind": "affiliated", "content": {}})
    for part in ("icon", "hero", "screenshots/1"):
        ask("vendor", "PUT", f"vendor/listings/fuzzed/{part}", data=PICTURE)
    bought = [subscription["id"] for subscription in ask("customer", "GET", "subscriptions")["items"]]
    offered = ask("cluster", "GET", "connector/deliveries")
    deliveries = [delivery["id"] for delivery in offered] if isinstance(offered, list) else []
    refunds = ask("staff", "GET", "staff/refunds")["items"]
    known.update({
        "slug": slugs + ["fuzzed"],
        "/orders/{id}": orders,
        "/subscriptions/": bought,
        "/connector/deliveries/{id}": deliveries,
        "/staff/accounts/{id}": [me],
        "/staff/refunds/": [refund["subscription_id"] for refund in refunds if "subscription_id" in refund],
    })


known: dict[str, list[str]] = {}
furnish()


@schemathesis.serializer("application/zip")
def package(context, value):
    """Mostly no package at all."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    path = context.operation.path
    for name in path_parameters or {}:
        there = known.get(name) or next((ids for start, ids in known.items() if path.startswith(start)), [])
        if name == "slug" and path.startswith("/vendor"):
            there = ["fuzzed"]
        if name in ("slug", "id") and there and chance.random() < 0.8:
            path_parameters[name] = chance.choice(there)
        if name == "number" and chance.random() < 0.8:
            path_parameters[name] = "1"
    return path_parameters


@schemathesis.hook
def before_call(context, case, kwargs):
    wanted = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
    caller = wanted[0] if wanted and chance.random() < 0.9 else chance.choice(["customer", "cluster", "vendor", "staff"])
    case.headers["Authorization"] = f"Bearer {token(caller)}"


@schemathesis.hook
def after_call(context, case, response):
    statuses[response.status_code] += 1
    if response.status_code == 401:
        sent = str(case.headers.get("Authorization", "")).removeprefix("Bearer ")
        for caller in [caller for caller, token in tokens.items() if token == sent and caller != "staff"]:
            del tokens[caller]
    elif response.status_code < 300 and case.method in ("DELETE", "POST") and chance.random() < 0.1:
        furnish()
