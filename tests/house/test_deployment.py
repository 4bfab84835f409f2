"""What is deployed fits the program: settings it knows, files it needs, containers that may do little."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any

import pytest
import yaml

from server.settings import VARIABLES, load_settings
from tests.house.sources import ROOT

# Any: what YAML holds.
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROGRAMS = ("migrate", "node1", "node2")
LONGEST_STOP = 30  # seconds: more than `latchkey serve` gives its workers before it kills them
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROXY = (ROOT / "deploy" / "haproxy.cfg").read_text()


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SERVICES[request.param]


def test_containers_may_do_little(service: Mapping[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "/var/run/docker.sock" not in str(service.get("volumes"))


def test_images_have_a_version(service: Mapping[str, Any]) -> None:
    name, _, tag = str(service["image"]).rpartition(":")
    assert name
    assert tag
    assert tag != "latest"


def test_what_lasts_is_restarted_and_what_runs_once_is_not() -> None:
    once = {name for name, service in SERVICES.items() if service["restart"] == "no"}
    assert once == {"migrate"}
    assert {service["restart"] for name, service in SERVICES.items() if name not in once} == {"unless-stopped"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_settings_are_known_and_good(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secrets") / "master"
    secret.write_text("x" * 64)
    variables = {key: _interpolated(value) for key, value in SERVICES[name]["environment"].items()}
    assert set(variables) <= VARIABLES
    settings = load_settings({**variables, "LATCHKEY_SECRET_KEY_FILE": str(secret)})
    assert settings.public_url == "https://localhost"
    proxy = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    assert [str(network) for network in settings.trusted_proxies] == [f"{proxy}/32"]


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_are_files(name: str) -> None:
    given = SERVICES[name].get("environment", {})
    assert {key for key in given if re.search("PASSWORD|SECRET", key) and not key.endswith("_FILE")} == set()
    assert not any(re.search(r"://[^/@]*:[^/@]*@", str(value)) for value in given.values())
    for secret in SERVICES[name].get("secrets", ()):
        path = COMPOSE["secrets"][secret]["file"]
        assert path.startswith("./var/")  # which is in no repository and no image
        assert path.rpartition("/")[2] in (ROOT / "deploy" / "make-secrets").read_text()


def test_two_nodes_are_alike_and_stop_in_peace() -> None:
    node = SERVICES["node1"]
    assert node == SERVICES["node2"]
    assert int(node["stop_grace_period"].removesuffix("s")) >= LONGEST_STOP
    assert node["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert (ROOT / node["healthcheck"]["test"][-1].removeprefix("/srv/latchkey/")).exists()


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"proxy", "mailpit"}
    assert all(port.startswith("127.0.0.1:") for port in published["mailpit"])


def test_the_proxy_serves_the_nodes_and_passes_on_nobody_elses_word() -> None:
    nodes = {name for name in PROGRAMS if name != "migrate"}
    assert set(re.findall(r"^ +server (\w+) \1:9000$", PROXY, re.MULTILINE)) == nodes
    assert "http-check send meth GET uri /readyz" in PROXY
    assert "http-request del-header Forwarded" in PROXY
    assert {"For", "Host", "Proto"} == set(re.findall(r"set-header X-Forwarded-(\w+)", PROXY))


def test_the_image_gets_what_serving_reads_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    let_in = {line[1:] for line in lines if line[0] == "!"}
    assert lines[0] == "*"
    assert [path for path in let_in if not (ROOT / path).exists()] == []
    assert {"server", "web", "templates", "static", "locales", "migrations", "examples/demo.yaml"} <= let_in
    assert not any(fnmatch(path, pattern) for path in let_in for pattern in ("var*", ".git*", "tests*", ".venv*"))


def test_the_image_is_run_by_a_plain_user_without_a_shell_in_between() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert all(re.findall(rf"^{word} \[", DOCKERFILE, re.MULTILINE) for word in ("ENTRYPOINT", "CMD"))
    assert "--require-hashes" in DOCKERFILE
    secrets = (ROOT / "deploy" / "make-secrets").read_text()
    assert "node=10001 " in secrets
    assert f"proxy={SERVICES['proxy']['user'].partition(':')[0]} " in secrets


def _interpolated(value: str) -> str:
    """What Compose makes of `${NAME:-default}` when NAME is not set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
