"""Makes the fuzzer somebody who may, and lets it find things: loaded by Schemathesis, see scripts/fuzz.

What a path names is mostly something that is there; who asks is mostly the superduper admin, whose own account is never
named, so that nothing the fuzzer does locks it out.
"""

import hashlib
import os
import random

import requests
import schemathesis

API = os.environ["FUZZ_API"]
APPLICATION = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
CALLERS = {
    "admin": ("Demo Master", "admin"),
    "carla": ("Demo Customer", "carla"),
    "paul": ("Demo Customer", "paul"),
}

chance = random.Random(int(os.environ.get("FUZZ_SEED", "1")))
tokens: dict[str, str | None] = {}


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
    body = None if data is None else {"data": data}
    answer = requests.request(method, f"{API}/{path}", json=body, headers={"X-Auth-Token": token("admin")}, timeout=30)
    return answer.json().get("data")


def new_account():
    name = f"Fuzzed {chance.getrandbits(64):x}"
    return ask("PUT", "accounts", {"name": name, "realm": name.replace(" ", "").lower() + ".example.com"})["id"]


def look_around():
    master = ask("GET", "token_auth")["account_id"]
    accounts = {account["name"]: account["id"] for account in ask("GET", f"accounts/{master}/descendants")}
    customer = accounts["Demo Customer"]
    users = {user["username"]: user["id"] for user in ask("GET", f"accounts/{customer}/users")}
    apps = ask("GET", f"accounts/{customer}/apps_store")
    ask("PUT", f"accounts/{customer}/whitelabel", {"domain": "brand.example.com", "company_name": "Brand"})
    alert = {"title": "t", "message": "m", "from": [], "to": [{"type": customer, "value": "all"}]}
    return {
        "account": [customer],
        "alert": [ask("PUT", f"accounts/{customer}/alerts", alert)["id"]],
        "app": [app["id"] for app in apps[:2]],
        "application": [APPLICATION],
        "domain": ["brand.example.com"],
        "key": ask("GET", "auth/keys"),
        "language": ["en-US", "de-DE"],
        "name": ["accounts", "users", "whitelabel", "app"],
        "number": ["0", "1"],
        "type": ["monster_ui"],
        "user": [users["paul"], users["carla"]],
    }


known = look_around()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    for name in path_parameters or {}:
        if name in known and chance.random() < 0.8:
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
    if response.status_code == 401:
        sent = case.headers.get("X-Auth-Token")
        for caller in [caller for caller, token in tokens.items() if token == sent]:
            del tokens[caller]
