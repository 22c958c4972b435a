"""The clients are locked by version and content, and installed from whichever registry there is."""

import json
from pathlib import Path

HERE = Path(__file__).parent
LOCK = json.loads((HERE / "package-lock.json").read_text())
PACKAGES = {name: package for name, package in LOCK["packages"].items() if name}


def test_each_package_is_locked_by_the_hash_of_its_content() -> None:
    assert [name for name, one in PACKAGES.items() if "integrity" not in one] == []


def test_the_lock_names_no_registry() -> None:
    assert [name for name, one in PACKAGES.items() if "resolved" in one] == []


def test_what_is_asked_for_is_an_exact_version() -> None:
    asked = json.loads((HERE / "package.json").read_text())
    for name, version in asked["dependencies"].items():
        assert PACKAGES[f"node_modules/{name}"]["version"] == version
