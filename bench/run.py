#!/usr/bin/env python3
"""Measures whole servers, one after the other, and prints Markdown tables: requests per second, latencies, memory, start-up.

Storefront on its embedded store and on CouchDB, with its cache and without, beside a plain actix-web handler that returns a
constant of the same size, and nginx with the same picture. Needs wrk, nginx, node, and the release build:

    cargo build --release --bins --example constant
    bench/run.py

Variables:
    BENCH_SECONDS      length of each measurement (4)
    BENCH_CONNECTIONS  with how many connections ("1 16 64")
    COUCHDB_URL        http://user:password@host:port of a CouchDB, instead of the tests' stand-in for one. What is created
                       there stays there; take one that's thrown away.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
CONNECTIONS = [int(count) for count in os.environ.get("BENCH_CONNECTIONS", "1 16 64").split()]

ACCOUNT, REALM, USER, PASSWORD, DOMAIN = "benchco", "bench.local", "admin", "secret123", "brand.bench.local"
APPS = 30
PATIENCE = 60


def say(words):
    print(words, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def ask(url, method="GET", data=None, token=None):
    """What a server answers to a request, which has to be a good answer: its body and its content type."""
    headers = {"Content-Type": "application/json"} if data is not None else {}
    if token:
        headers["X-Auth-Token"] = token
    body = None if data is None else json.dumps({"data": data}).encode()
    request = urllib.request.Request(url, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.read(), answer.headers["Content-Type"]


class Server:
    """A process that answers on a port; stopped when its block ends."""

    def __init__(self, command, url, alive, log):
        begin = time.monotonic()
        self.url, self.process = url, subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        while True:
            with contextlib.suppress(OSError):
                ask(url + alive)
                break
            if self.process.poll() is not None or time.monotonic() - begin > PATIENCE:
                self.__exit__()
                sys.exit(f"bench: {command[0]} doesn't come up; see {log.name}")
            time.sleep(0.002)
        self.startup = time.monotonic() - begin

    def memory(self):
        """Resident megabytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
        return f"{int(found[1]) / 1024:.1f} MB" if found else "not known"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def measure(url, connections, token=None):
    """Requests per second, median and 99th percentile, as wrk tells them; and what was wrong, if anything was."""
    command = ["wrk", "-t", str(min(connections, 2)), "-c", str(connections), "-d", f"{SECONDS}s", "--latency"]
    command += ["-H", f"X-Auth-Token: {token}"] if token else []
    report = subprocess.run([*command, url], check=True, capture_output=True, text=True, timeout=SECONDS + PATIENCE).stdout
    told = [re.search(pattern, report) for pattern in (r"Requests/sec:\s+(\S+)", r"\n\s+50%\s+(\S+)", r"\n\s+99%\s+(\S+)")]
    rate, median, slow = (found[1] for found in told)
    wrong = re.search(r"(Non-2xx or 3xx responses|Socket errors).*", report)
    return f"{float(rate):.0f}" + (f" ({wrong[0]})" if wrong else ""), median, slow


class Storefront:
    """Storefront on a store of its own, prepared: an account, thirty apps, a brand."""

    def __init__(self, name, store, work, flags=()):
        self.name, self.store, self.work, self.flags = name, store, work, flags
        self.log = open(work / f"{re.sub('[^a-z]+', '-', name.lower())}.log", "a")

    def sup(self, *words):
        command = [BUILT / "storefront", "sup", "crossbar_maintenance", *words, "--store", self.store]
        if subprocess.run(command, stdout=self.log, stderr=self.log, timeout=600).returncode:
            sys.exit(f"bench: {words[0]} fails; see {self.log.name}")

    def prepare(self):
        self.sup("create_account", ACCOUNT, REALM, USER, PASSWORD)
        self.sup("init_apps", self.work / "apps", "http://127.0.0.1/v2")
        with self.serve() as server:
            account, token = self.log_in(server)
            brand = {"domain": DOMAIN, "company_name": "Bench", "port": {"support_email": "help@bench.local"}}
            ask(f"{server.url}/v2/accounts/{account}/whitelabel", "PUT", brand, token)

    def serve(self):
        port = free_port()
        command = [BUILT / "storefront", "serve", "--store", self.store, "--listen", f"127.0.0.1:{port}", *self.flags]
        return Server(command, f"http://127.0.0.1:{port}", "/healthz", self.log)

    @staticmethod
    def log_in(server):
        """The account's id and a token."""
        credentials = hashlib.md5(f"{USER}:{PASSWORD}".encode()).hexdigest()
        login = {"credentials": credentials, "account_name": ACCOUNT}
        answer = json.loads(ask(f"{server.url}/v2/user_auth", "PUT", login)[0])
        return answer["data"]["account_id"], answer["auth_token"]

    @staticmethod
    def requests(server, account, token):
        """What is measured: a name, a path, and whether it takes a token."""
        apps = json.loads(ask(f"{server.url}/v2/accounts/{account}/apps_store", token=token)[0])["data"]
        assert len(apps) == APPS, len(apps)
        return {
            "apps list": (f"/v2/accounts/{account}/apps_store", True),
            "icon": (f"/v2/apps_store/{apps[0]['id']}/icon", False),
            "account": (f"/v2/accounts/{account}", True),
            "whitelabel by domain": (f"/v2/whitelabel/{DOMAIN}", False),
        }


def storefront(subject, rows, processes):
    """Measures a Storefront; gives what it answered to each request."""
    answers = {}
    with subject.serve() as server:
        account, token = Storefront.log_in(server)
        requests = Storefront.requests(server, account, token)
        before = server.memory()
        for request, (path, known) in requests.items():
            used = token if known else None
            answers[request] = ask(server.url + path, token=used)
            for count in CONNECTIONS:
                say(f"{subject.name}: {request}, {count} connections")
                rows[request].append((subject.name, count, *measure(server.url + path, count, used)))
        processes.append((subject.name, f"{server.startup * 1000:.0f} ms", before, server.memory()))
    return answers


def constants(answers, rows, processes, work):
    """A plain actix-web handler with what Storefront answered."""
    name, port = "plain actix-web handler", free_port()
    files = []
    for nth, (body, kind) in enumerate(answers.values()):
        files += [kind, work / f"constant-{nth}"]
        files[-1].write_bytes(body)
    command = [BUILT / "examples" / "constant", f"127.0.0.1:{port}", *files]
    with Server(command, f"http://127.0.0.1:{port}", "/0", open(work / "constant.log", "a")) as server:
        before = server.memory()
        for nth, request in enumerate(answers):
            for count in CONNECTIONS:
                say(f"{name}: {request}, {count} connections")
                rows[request].append((name, count, *measure(f"{server.url}/{nth}", count)))
        processes.append((name, f"{server.startup * 1000:.0f} ms", before, server.memory()))


def nginx(answers, rows, work):
    """nginx with the picture as a file."""
    site, port = work / "nginx", free_port()
    site.mkdir()
    (site / "icon.png").write_bytes(answers["icon"][0])
    (site / "nginx.conf").write_text(
        f"""daemon off; worker_processes 2; pid {site}/pid; error_log stderr;
        events {{ worker_connections 256; }}
        http {{
          types {{ image/png png; }} sendfile on; access_log {site}/access.log;
          client_body_temp_path {site}/a; proxy_temp_path {site}/b; fastcgi_temp_path {site}/c;
          uwsgi_temp_path {site}/d; scgi_temp_path {site}/e;
          server {{ listen 127.0.0.1:{port}; root {site}; }}
        }}"""
    )
    # It gives up root's rights, and the directory is ours alone.
    for directory in (work, site):
        directory.chmod(0o755)
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", site / "nginx.conf", "-e", "stderr"]
    with Server(command, f"http://127.0.0.1:{port}", "/icon.png", open(work / "nginx.log", "a")) as server:
        for count in CONNECTIONS:
            say(f"nginx: icon, {count} connections")
            rows["icon"].append(("nginx", count, *measure(f"{server.url}/icon.png", count)))


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


@contextlib.contextmanager
def couchdb(work):
    """The URL of a CouchDB."""
    if url := os.environ.get("COUCHDB_URL"):
        yield url
        return
    port = free_port()
    command = ["node", ROOT / "tests/couchdb/standin.js", "--port", str(port), "--in-memory", "--admin", "admin:secret"]
    with Server(command, f"http://127.0.0.1:{port}", "/", open(work / "couchdb.log", "a")):
        yield f"http://admin:secret@127.0.0.1:{port}"


def main():
    for command, package in (("wrk", "wrk"), ("node", "nodejs"), ("nginx", "nginx")):
        if not shutil.which(command) and not pathlib.Path(f"/usr/sbin/{command}").exists():
            sys.exit(f"bench: {command} is missing; install the package {package}")
    for built in (BUILT / "storefront", BUILT / "examples" / "constant"):
        if not built.exists():
            sys.exit(f"bench: {built} isn't there; cargo build --release --bins --example constant")
    work = pathlib.Path(tempfile.mkdtemp(prefix="storefront-bench-"))
    (work / "apps").mkdir()
    subprocess.run([sys.executable, ROOT / "bench/make_apps.py", work / "apps", str(APPS)], check=True, stdout=subprocess.DEVNULL)
    rows = {request: [] for request in ("apps list", "icon", "account", "whitelabel by domain")}
    processes = []
    with couchdb(work) as couch:
        subjects = [
            Storefront("embedded", f"embedded:{work}/data", work),
            Storefront("CouchDB, cache", couch, work),
            Storefront("CouchDB, no cache", couch, work, ["--no-cache"]),
        ]
        for subject in subjects[:2]:
            say(f"{subject.name}: creating the account and {APPS} apps")
            subject.prepare()
        for subject in subjects:
            answers = storefront(subject, rows, processes)
    constants(answers, rows, processes, work)
    nginx(answers, rows, work)
    for request, measured in rows.items():
        print(f"### {request[0].upper() + request[1:]}, {len(answers[request][0])} bytes\n")
        table(("Server", "Connections", "Requests/s", "p50", "p99"), measured)
        print()
    table(("Server", "Start-up", "Resident before", "Resident after"), processes)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
