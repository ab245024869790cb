#!/usr/bin/env python3
"""Writes app packages to measure with: `make_apps.py FOLDER COUNT`. All bear the icon of the demo's accounts app (19 KB)."""

import json
import sys
from pathlib import Path

ICON = Path(__file__).resolve().parent.parent / "fixtures/demo/apps/accounts/metadata/icon/accounts.png"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def texts(title):
    return {
        "label": title,
        "description": f"{title} exists to be listed, as one of many, and to be as long as apps' texts usually are.",
        "extended_description": "A paragraph about what an app does takes four or five lines on the page. " * 4,
        "features": [f"Feature {n} of {title}" for n in range(1, 5)],
    }


def write(folder, number):
    name = f"bench-{LETTERS[number // 26]}{LETTERS[number % 26]}"
    title = f"Bench {number + 1}"
    app = {
        "name": name,
        "i18n": {language: texts(title) for language in ("en-US", "de-DE", "fr-FR")},
        "tags": ["reseller", "developer"],
        "icon": f"{name}.png",
        "api_url": "http://127.0.0.1:8000/v2",
        "author": "Storefront",
        "version": "1.0",
        "license": "Apache-2.0",
        "price": 0,
        "screenshots": [],
        "urls": {"documentation": f"https://docs.storefront.example/apps/{name}"},
        "phase": "gold",
        "masqueradable": True,
    }
    metadata = folder / name / "metadata"
    (metadata / "icon").mkdir(parents=True)
    (metadata / "icon" / app["icon"]).write_bytes(ICON.read_bytes())
    (metadata / "app.json").write_text(json.dumps(app, indent=2), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not 0 < int(sys.argv[2]) <= 26 * 26:
        sys.exit("usage: make_apps.py FOLDER COUNT (1 to 676)")
    for index in range(int(sys.argv[2])):
        write(Path(sys.argv[1]), index)
