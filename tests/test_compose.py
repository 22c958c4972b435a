"""`docker-compose.yml` against the settings that there are."""

import re
from pathlib import Path

import pytest

from app.settings import Settings, env_name, load_settings
from tests.test_settings import PRODUCTION, put

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
PASSED = dict(re.findall(r"^ +(MINPLAN_\w+): (.+)$", COMPOSE, re.MULTILINE))
SETTINGS = {env_name(name) for name in Settings.model_fields}
DEVELOPMENT = {"MINPLAN_DATA_DIR", "MINPLAN_TODAY", "MINPLAN_MAIL_SINK_PORT"}
MADE_HERE = {
    "MINPLAN_ENVIRONMENT",
    "MINPLAN_DATABASE_URL",
    "MINPLAN_REDIS_URL",
    "MINPLAN_WORKER_METRICS_HOST",
    "MINPLAN_WORKER_METRICS_PORT",
}


def filled(given: dict[str, str]) -> dict[str, str]:
    """The variables as compose hands them over; required ones must be given."""

    def value(found: re.Match[str]) -> str:
        name, how = found.groups()
        return given[name] if how == "?" else given.get(name, "")

    return {
        name: re.sub(r"\$\{(\w+):([?-])[^}]*\}", value, text).strip('"')
        for name, text in PASSED.items()
    }


def test_compose_passes_on_every_setting_of_a_deployment_and_no_other() -> None:
    assert set(PASSED) == SETTINGS - DEVELOPMENT


def test_compose_passes_a_setting_on_under_its_own_name() -> None:
    other = {
        name: text
        for name, text in PASSED.items()
        if name not in MADE_HERE and not re.fullmatch(rf"\$\{{{name}:(-|\?set {name})\}}", text)
    }
    assert other == {}


def test_compose_starts_on_what_it_requires_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    secrets = {"POSTGRES_PASSWORD": "p", "VALKEY_PASSWORD": "v"}
    put(monkeypatch, filled(PRODUCTION | secrets))
    given = load_settings()
    assert given.is_production and given.public_base_url == PRODUCTION["MINPLAN_PUBLIC_BASE_URL"]
    assert not given.prints_letters and not given.sends_events
    left = {name for name, text in PASSED.items() if text == f"${{{name}:-}}"}
    changed = {
        name
        for name, field in Settings.model_fields.items()
        if env_name(name) in left and getattr(given, name) != field.default
    }
    assert changed == set()


def test_the_worker_has_a_folder_for_letters_that_its_user_can_write() -> None:
    worker = re.search(r"^  worker:\n((?:    .*\n|\n)+)", COMPOSE, re.MULTILINE)
    assert worker is not None
    mounted = re.search(r'volumes: \["letters:(/[^"]+)"\]', worker[1])
    assert mounted is not None
    assert re.search(r"^volumes:\n(?:  \w+:\n)*  letters:\n", COMPOSE, re.MULTILINE)
    # a named volume takes its owner from the folder of the image under it
    image = (ROOT / "Dockerfile").read_text()
    before_user = image.partition("\nUSER minplan\n")[0]
    assert f"install -d -o minplan -m 0700 {mounted[1]}" in before_user
