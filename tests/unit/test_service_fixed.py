"""All workers answer by the policy, rules and tokens of the service's start, or not at all."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")
pytest.importorskip("granian", reason="the service's libraries are not installed")

from compliance import clock
from compliance.engines import program
from compliance.errors import ConfigurationError
from compliance.service.core import Service
from compliance.service.fixed import with_fixed
from compliance.service.serving import serve
from compliance.service.settings import ServiceSettings
from compliance.service.tokens import new_token
from tests.services import Place, make_place, running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("fixed"))


@pytest.fixture
def settings(place: Place, tmp_path: Path) -> ServiceSettings:
    """Those of a service that has a policy and tokens of its own."""
    policy, tokens = tmp_path / "own.toml", tmp_path / "tokens.json"
    policy.write_text("[waivers]\nlongest_days = 30\n")
    tokens.write_bytes((place.folder / "tokens.json").read_bytes())
    return with_fixed(place.settings(policy=policy, tokens=tokens, log=tmp_path / "decisions.sqlite"))


def worker(settings: ServiceSettings) -> None:
    Service(settings).log.close()


def test_a_worker_that_reads_the_same_serves(settings: ServiceSettings) -> None:
    assert settings.policy is not None
    settings.policy.write_text("# as before\n[waivers]\nlongest_days = 30\n")
    worker(settings)


def test_a_worker_that_reads_another_policy_does_not_serve(settings: ServiceSettings) -> None:
    assert settings.policy is not None
    settings.policy.write_text('[rules.off]\npermit-unregistered = "agreed"\n')
    with pytest.raises(ConfigurationError, match="start the service again"):
        worker(settings)


def test_a_worker_that_reads_other_tokens_does_not_serve(settings: ServiceSettings) -> None:
    new_token(settings.tokens, "another", ("decide",), clock.now() + timedelta(days=1))
    with pytest.raises(ConfigurationError, match="have changed since the service started"):
        worker(settings)


def test_a_worker_of_another_program_does_not_serve(settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "program_mark", lambda: "after an upgrade")
    with pytest.raises(ConfigurationError, match="this worker does not serve"):
        worker(settings)


def test_a_second_service_does_not_share_the_port(place: Place, tmp_path: Path) -> None:
    with running(place, log=tmp_path / "decisions.sqlite") as (address, process):
        host, _, port = address.removeprefix("http://").partition(":")
        second = place.settings(log=tmp_path / "decisions.sqlite")
        with pytest.raises(ConfigurationError, match="stop the service that holds it"):
            serve(second, host=host, port=int(port), workers=1)
        assert process.poll() is None


def test_a_worker_that_comes_back_to_other_tokens_ends_the_service(tmp_path: Path) -> None:
    place = make_place(tmp_path)
    with running(place) as (_, process):
        new_token(place.folder / "tokens.json", "another", ("decide",), clock.now() + timedelta(days=1))
        (child, *_) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        assert 0 != process.wait(timeout=60)
    (told,) = tmp_path.glob("serve-*.log")
    assert "start the service again" in told.read_text()
