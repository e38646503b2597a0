"""A rule that a policy comes to forbid waiving: what was granted before stands in the list, and counts no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from tests.catalogs import write_catalog
from tests.e2e.test_ledger_commands import AS_OF, gate
from tests.e2e.test_waiving import GRANT, GRANTED, UNTIL


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No configuration of the working folder or the environment, on the day that is judged."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    with time_machine.travel(GRANTED):
        yield


def configured(folder: Path, never: str) -> tuple[str, Path]:
    path = folder / "own.toml"
    path.write_text(f'out = "{folder / "out"}"\ncatalog = "{folder / "catalog"}"\n[waivers]\nnever = {never}\n')
    return "--config", path


def test_a_rule_that_may_no_longer_be_waived(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1"}], register=[{"status": "revoked"}])
    audit = ("audit", "--as-of", AS_OF, "--no-reports", "--incremental")
    lenient = configured(tmp_path, "[]")
    gate(*audit, *lenient, code=1)
    gate("waive", "add", "--title", "t1", "--rule", "permit-inactive", "--until", UNTIL, *GRANT, *lenient)
    gate(*audit, *lenient, code=0)
    strict = configured(tmp_path, '["permit-inactive"]')
    gate("check", "t1", "--as-of", AS_OF, *strict, code=1)
    gate(*audit, *strict, code=1)
    (listed,) = json.loads(gate("waive", "list", "--json", *strict))
    assert (listed["waiver_id"], listed["state"], listed["days_left"]) == ("W1", "not_honoured", 0)
    assert "not honoured" in gate("waive", "list", *strict)
