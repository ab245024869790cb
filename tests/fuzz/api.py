"""Makes the fuzzer somebody who may, and lets it find things: loaded by Schemathesis, see scripts/fuzz.

What a path names is mostly something that is there; who asks is mostly the superduper admin, whose own account is never
named, so that nothing the fuzzer does locks it out.
"""

import atexit
import base64
import collections
import hashlib
import os
import random

import requests
import schemathesis

API = os.environ["FUZZ_API"]
# One pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
APPLICATION = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
CALLERS = {
    "admin": ("Demo Master", "admin"),
    "carla": ("Demo Customer", "carla"),
    "paul": ("Demo Customer", "paul"),
}

chance = random.Random(int(os.environ.get("FUZZ_SEED", "1")))
tokens: dict[str, str | None] = {}
statuses: collections.Counter[int] = collections.Counter()


@atexit.register
def tell():
    """How far the requests got: a run in which hardly any was let in proves nothing."""
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(f"Answers by status: {counts}")


def log_in(caller):
    account, user = CALLERS[caller]
    credentials = hashlib.md5(f"{user}:demo".encode()).hexdigest()
    body = {"data": {"credentials": credentials, "account_name": account}}
    answer = requests.put(f"{API}/user_auth", json=body, timeout=30)
    return answer.json().get("auth_token") if answer.status_code == 201 else None


def token(caller):
    """The caller's token: a new one when the fuzzer has ended the old one, and the admin's for who is no more."""
    if tokens.get(caller) is None:
        tokens[caller] = log_in(caller)
    if tokens[caller] is None and caller != "admin":
        return token("admin")
    return tokens[caller]


def ask(method, path, data=None):
    return request(method, path, json=None if data is None else {"data": data}).json().get("data")


def request(method, path, headers=None, **body):
    """Asks as the admin, whose token the fuzzer may just have ended."""
    for _ in range(2):
        sent = {"X-Auth-Token": token("admin"), **(headers or {})}
        answer = requests.request(method, f"{API}/{path}", headers=sent, timeout=30, **body)
        if answer.status_code != 401:
            break
        tokens.pop("admin", None)
    return answer


def new_account():
    name = f"Fuzzed {chance.getrandbits(64):x}"
    return ask("PUT", "accounts", {"name": name, "realm": name.replace(" ", "").lower() + ".example.com"})["id"]


def upload(path, content_type, content):
    request("POST", path, {"Content-Type": content_type}, data=content)


def look_around():
    master = ask("GET", "token_auth")["account_id"]
    accounts = {account["name"]: account["id"] for account in ask("GET", f"accounts/{master}/descendants")}
    customer = accounts["Demo Customer"]
    users = {user["username"]: user["id"] for user in ask("GET", f"accounts/{customer}/users")}
    apps = [app["id"] for app in ask("GET", f"accounts/{customer}/apps_store")]
    return {
        "master": master,
        "account": [customer],
        "alert": [],
        "app": apps[:2],
        "application": [APPLICATION],
        "domain": ["brand.example.com"],
        "email": [],
        "key": ask("GET", "auth/keys"),
        "language": ["en-US", "de-DE"],
        "name": ["accounts", "users", "whitelabel", "app"],
        "number": ["0"],
        "type": ["monster_ui"],
        "user": [users["paul"], users["carla"]],
    }


def furnish():
    """Makes what can be read, changed and deleted, as far as it isn't there."""
    account = known["account"][0]
    there = f"accounts/{account}"
    alert = {"title": "t", "message": "m", "from": [], "to": [{"type": account, "value": "all"}]}
    known["alert"] = [ask("PUT", f"{there}/alerts", alert)["id"]]
    for user in known["user"]:
        upload(f"{there}/users/{user}/photo", "image/png", PICTURE)
    brand = {"domain": "brand.example.com", "company_name": "Brand"}
    ask("PUT", f"{there}/whitelabel", brand)
    ask("POST", f"{there}/whitelabel", brand)
    for part in ("logo", "icon"):
        upload(f"{there}/whitelabel/{part}", "image/png", PICTURE)
    upload(f"{there}/whitelabel/welcome", "text/html", b"<p>Welcome</p>")
    ask("PUT", f"{there}/whitelabel/emails", {"email": "sales@brand.example.com"})
    known["email"] = [email["id"] for email in ask("GET", f"{there}/whitelabel/emails")]
    application = {"name": "app", "type": "monster_ui", "author": "Us", "license": "MPL", "version": "1"}
    for owner in (known["master"], account):
        mine = f"accounts/{owner}/applications/application/{APPLICATION}"
        ask("PUT", mine, application)
        upload(f"{mine}/icon", "image/png", PICTURE)
        upload(f"{mine}/screenshots", "image/png", PICTURE)
    ask("PUT", f"{there}/applications/monster_ui/{APPLICATION}/entitlement", {"type": "all"})
    for app in known["app"]:
        ask("PUT", f"{there}/apps_store/{app}/override", {})
        upload(f"{there}/apps_store/{app}/override/icon", "image/png", PICTURE)
        upload(f"{there}/apps_store/{app}/override/screenshot", "image/png", PICTURE)


known = look_around()
furnish()


@schemathesis.hook
def map_query(context, query):
    if query and "token" in query and chance.random() < 0.7:
        query["token"] = token("admin")
    return query


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    for name in path_parameters or {}:
        if known.get(name) and chance.random() < 0.8:
            path_parameters[name] = chance.choice(known[name])
    return path_parameters


@schemathesis.hook
def before_call(context, case, kwargs):
    caller = chance.choices(["admin", "carla", "paul"], [8, 2, 1])[0]
    case.headers["X-Auth-Token"] = token(caller)
    if case.method == "DELETE" and case.operation.path == "/accounts/{account}":
        case.path_parameters["account"] = new_account()


@schemathesis.hook
def after_call(context, case, response):
    statuses[response.status_code] += 1
    done = response.status_code in (200, 201)
    if done and (case.method == "DELETE" or case.method == "POST" and "whitelabel" in case.operation.path):
        furnish()
    if response.status_code == 401:
        sent = case.headers.get("X-Auth-Token")
        for caller in [caller for caller, token in tokens.items() if token == sent]:
            del tokens[caller]
