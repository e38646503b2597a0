"""The decision service: every answer, and every refusal, as documented; nothing ever released by an error."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")

from litestar.testing import TestClient
from structlog.testing import capture_logs

from compliance.engines.single.deciding import Decider
from compliance.errors import ConfigurationError
from compliance.ledger.store import ledger_in
from compliance.ledger.waivers import grant, revoke
from compliance.policy import load_policy
from compliance.service.app import create_app
from compliance.service.tokens import load_tokens
from compliance.verdicts.waivers import Waiver
from tests.catalogs import NUMBER, ROW
from tests.services import AS_OF, Place, audit, make_place

Client = TestClient[Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("service"))


@pytest.fixture
def client(place: Place) -> Iterator[Client]:
    with TestClient(create_app(place.settings())) as opened:
        opened.headers.update(place.headers())
        yield opened


def test_one_title(client: Client, place: Place) -> None:
    answer = client.get("/v1/decisions/t1")
    run_id = (place.out / "current").resolve().name
    assert 200 == answer.status_code
    assert {
        "as_of": "2026-11-23",
        "state_run": run_id,
        "title_id": "t1",
        "decision": "allow",
        "stage": "on_air",
        "tier": 3,
        "regime": "nrta-2026-01",
        "permit": NUMBER,
        "findings": [],
    } == answer.json()


def test_an_unknown_id_is_held_with_a_reason(client: Client) -> None:
    answer = client.get("/v1/decisions/nobody")
    assert (200, "hold", "unknown_title") == (
        answer.status_code,
        answer.json()["decision"],
        answer.json()["reason"],
    )


def test_an_id_is_asked_for_as_it_is_written(client: Client) -> None:
    for written, title_id in (("%741", "t1"), ("%E5%89%A7", "剧"), ("a%3Fb", "a?b"), ("a%25b", "a%b"), ("a+b", "a+b")):
        answer = client.get(f"/v1/decisions/{written}")
        assert (200, title_id) == (answer.status_code, answer.json()["title_id"])
    batch = client.post("/v1/decisions", json={"title_ids": ["t1/", "a/b"]}).json()["decisions"]
    assert [("t1/", "unknown_title"), ("a/b", "unknown_title")] == [(one["title_id"], one["reason"]) for one in batch]


def test_the_language_of_remedies(client: Client) -> None:
    remedies = [
        client.get(f"/v1/decisions/foreign?lang={lang}").json()["findings"][0]["remedy"] for lang in ("zh", "en")
    ]
    assert [False, True] == [remedy.isascii() for remedy in remedies]


def test_a_batch_of_ids_and_rows_in_the_order_asked(client: Client) -> None:
    broken = {**ROW, "investment_yuan": -1}
    body = {"title_ids": ["foreign", "nobody", "t1"], "titles": [ROW, broken]}
    answer = client.post("/v1/decisions", json=body)
    decided = [(one["title_id"], one["decision"], one.get("reason")) for one in answer.json()["decisions"]]
    assert 200 == answer.status_code
    assert [
        ("foreign", "block", None),
        ("nobody", "hold", "unknown_title"),
        ("t1", "allow", None),
        ("new", "allow", None),
        ("new", "hold", "broken_row"),
    ] == decided


def test_a_failure_inside_holds_that_title_and_no_other(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = Decider.decide

    def failing(self: Decider, title_id: str) -> Any:
        if title_id == "foreign":
            raise ZeroDivisionError("a secret of the machine")
        return decide(self, title_id)

    monkeypatch.setattr(Decider, "decide", failing)
    answer = client.post("/v1/decisions", json={"title_ids": ["foreign", "t1"]})
    assert [("hold", "inner_error"), ("allow", None)] == [
        (one["decision"], one.get("reason")) for one in answer.json()["decisions"]
    ]
    assert "secret" not in answer.text


def test_a_stale_state_releases_nothing_and_is_not_ready(place: Place) -> None:
    with TestClient(create_app(place.settings(as_of=AS_OF + timedelta(days=2)))) as client:
        answer = client.get("/v1/decisions/t1", headers=place.headers()).json()
        assert ("hold", "stale_state") == (answer["decision"], answer["reason"])
        assert (503, 200) == (client.get("/ready").status_code, client.get("/health").status_code)


def test_a_state_of_a_day_to_come_releases_nothing_and_is_not_ready(place: Place) -> None:
    with capture_logs() as said, TestClient(create_app(place.settings(as_of=AS_OF - timedelta(days=1)))) as client:
        answer = client.get("/v1/decisions/t1?lang=en", headers=place.headers()).json()
        assert ("hold", "stale_state") == (answer["decision"], answer["reason"])
        assert "of a day to come" in answer["detail"]
        assert 503 == client.get("/ready").status_code
    assert ["2026-11-23"] == [entry["as_of"] for entry in said if entry["log_level"] == "warning"]


def test_without_a_state_nothing_is_answered(place: Place, tmp_path: Path) -> None:
    settings = place.settings(log=tmp_path / "decisions.sqlite", out=tmp_path / "empty", blocklist=tmp_path / "none")
    with TestClient(create_app(settings)) as client:
        for path in ("/v1/decisions/t1", "/v1/blocklist/current", "/ready", "/metrics"):
            assert 503 == client.get(path, headers=place.headers()).status_code
        assert 200 == client.get("/health").status_code


def test_a_new_audit_is_taken_up_while_the_service_runs(tmp_path: Path) -> None:
    place = make_place(tmp_path)
    with TestClient(create_app(place.settings(look_seconds=0.05))) as client:
        client.headers.update(place.headers())
        first = client.get("/v1/decisions/t1").json()["state_run"]
        second = audit(tmp_path)
        deadline = time.monotonic() + 20
        while client.get("/v1/decisions/t1").json()["state_run"] == first and time.monotonic() < deadline:
            time.sleep(0.05)
        assert second == client.get("/v1/decisions/t1").json()["state_run"]


def test_rules_and_block_list(client: Client) -> None:
    rules = client.get("/v1/rules?lang=en").json()
    assert {"permit-missing", "label-differs"} <= {rule["rule"] for rule in rules["rules"]}
    first = client.get("/v1/blocklist/current?limit=1").json()
    rest = client.get("/v1/blocklist/current", params={"after": first["next"]}).json()
    assert (1, 3, ["foreign"], "foreign") == (
        first["version"],
        first["count"],
        [entry["title_id"] for entry in first["entries"]],
        first["next"],
    )
    assert (["planned", "unlabelled"], None) == ([entry["title_id"] for entry in rest["entries"]], rest["next"])
    assert ["label-missing", "permit-missing"] == rest["entries"][0]["rules"]


def test_waivers_are_taken_up_while_the_service_runs(tmp_path: Path) -> None:
    place = make_place(tmp_path)
    ledger = ledger_in(place.out)
    asked = Waiver(
        waiver_id="",
        scope="platform",
        subject="fanqie",
        rule="label-missing",
        last_on=AS_OF + timedelta(days=10),
        reason="labels are being made",
        ticket="OPS-7",
        requested_by="Li",
        approved_by="Wang",
        granted_on=AS_OF,
    )
    with TestClient(create_app(place.settings(look_seconds=0.05))) as client:
        client.headers.update(place.headers())

        def decision_becomes(wanted: str) -> dict[str, Any]:
            deadline = time.monotonic() + 20
            while True:
                answer: dict[str, Any] = client.get("/v1/decisions/unlabelled").json()
                if answer["decision"] == wanted:
                    return answer
                assert time.monotonic() < deadline
                time.sleep(0.05)

        decision_becomes("block")
        waiver = grant(ledger, asked, load_policy().waivers, ["label-missing"])
        (finding,) = decision_becomes("allow")["findings"]
        assert ("warn", {"waiver": waiver.waiver_id, "until": "2026-12-03", "days_left": 11}) == (
            finding["action"],
            finding["waived"],
        )
        revoke(ledger, waiver.waiver_id, by="Wang", reason="no longer", on=AS_OF)
        decision_becomes("block")
        (place.out / "ledger" / "ledger.sqlite").write_bytes(b"no database at all" * 1000)
        time.sleep(0.2)
        decision_becomes("block")


def test_metrics_count_decisions_and_refusals(client: Client) -> None:
    client.get("/v1/decisions/t1")
    client.get("/v1/decisions/nobody")
    client.get("/v1/decisions/t1", headers={"Authorization": "Bearer x"})
    text = client.get("/metrics").text
    assert 'gate_decisions_total{decision="allow",reason=""} 1.0' in text
    assert 'gate_decisions_total{decision="hold",reason="unknown_title"} 1.0' in text
    assert 'gate_refused_total{status="401"} 1.0' in text


@pytest.mark.parametrize(("later", "age"), [(0, "0.0"), (3, "3.0"), (-1, "+Inf")])
def test_the_age_of_a_state_of_a_day_to_come_is_no_fresh_one(place: Place, later: int, age: str) -> None:
    with TestClient(create_app(place.settings(as_of=AS_OF + timedelta(days=later)))) as client:
        text = client.get("/metrics", headers=place.headers()).text
    assert f"\ngate_state_age_days {age}\n" in text


def test_the_file_of_tokens_holds_no_token(place: Place, tmp_path: Path) -> None:
    path = place.folder / "tokens.json"
    text = path.read_text(encoding="utf-8")
    assert not any(secret in text for secret in place.secrets.values())
    assert 0o600 == path.stat().st_mode & 0o777
    broken = tmp_path / "tokens.json"
    broken.write_text('[{"name": "x", "sha256": "gate_secret", "scopes": ["read"], "expires_at": "2027-01-01T00:00Z"}]')
    with pytest.raises(ConfigurationError) as caught:
        load_tokens(broken)
    assert "gate_secret" not in str(caught.value)
