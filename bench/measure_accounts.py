"""Measures a running server for bench/accounts.sh; with the file of results alone, prints them as a table."""

import hashlib
import http.client
import json
import random
import sys
import time


class Client:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=600)
        self.token = ""

    def send(self, method, path, data=None, expected=200):
        """Sends a request; returns the envelope and the milliseconds until it was there."""
        body = None if data is None else json.dumps({"data": data})
        headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != expected:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text), took

    def log_in(self, realm):
        hashed = hashlib.md5(b"admin:secret123").hexdigest()
        return self.send("PUT", "/v2/user_auth", {"credentials": hashed, "account_realm": realm}, 201)


def ready(address):
    for _ in range(1200):
        try:
            client = Client(address)
            client.connection.request("GET", "/healthz")
            if client.connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server didn't come up")


def account_id(number):
    return f"{(number + 1) * 0x9E3779B97F4A7C15 & (1 << 64) - 1:016x}{number:016x}"


def memory(process):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def measure(address, process, count, reseller, requests, results):
    count, requests = int(count), int(requests)
    ready(address)
    client = Client(address)
    envelope, _ = client.log_in("master.bench.local")
    client.token = envelope["auth_token"]
    master = envelope["data"]["account_id"]
    dice = random.Random(count)
    some = lambda: dice.randrange(50, count)
    actions = {
        "descendants of the master, a page": lambda n: client.send("GET", f"/v2/accounts/{master}/descendants"),
        "descendants of a reseller, a page": lambda n: client.send("GET", f"/v2/accounts/{reseller}/descendants"),
        "children of a reseller, a page": lambda n: client.send("GET", f"/v2/accounts/{reseller}/children"),
        "one account": lambda n: client.send("GET", f"/v2/accounts/{account_id(some())}"),
        "parents of one account": lambda n: client.send("GET", f"/v2/accounts/{account_id(some())}/parents"),
        "login of a user, his account's first": lambda n: client.log_in(f"a{some()}.bench.local"),
        "login of a user, later ones": lambda n: client.log_in(f"a{50 + n % 20}.bench.local"),
        "a new account below a reseller": lambda n: client.send(
            "PUT", f"/v2/accounts/{reseller}", {"name": f"New {count} {n}"}, 201
        ),
        "a change of one account": lambda n: client.send(
            "PATCH", f"/v2/accounts/{account_id(some())}", {"language": f"x{n}"}
        ),
    }
    rows = {}
    for name, act in actions.items():
        for n in range(20):
            act(n + 1_000_000)
        times = sorted(act(n)[1] for n in range(requests))
        rows[name] = [times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]]
        print(f"  {name}: {rows[name][0]:.2f} {rows[name][1]:.2f}", file=sys.stderr)
    with open(results, "a") as file:
        file.write(json.dumps({"count": count, "rows": rows, "memory": memory(process)}) + "\n")


def table(results):
    with open(results) as file:
        measured = [json.loads(line) for line in file]
    print("| p50 / p99 in ms | " + " | ".join(f"{one['count']:,} accounts" for one in measured) + " |")
    print("|---|" + "---:|" * len(measured))
    for name in measured[0]["rows"]:
        cells = [f"{one['rows'][name][0]:.2f} / {one['rows'][name][1]:.2f}" for one in measured]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("| resident memory afterwards | " + " | ".join(f"{one['memory']:.0f} MB" for one in measured) + " |")


if len(sys.argv) == 2:
    table(sys.argv[1])
else:
    measure(*sys.argv[1:])
