"""When an incremental audit carries nothing: it judges everything, and its notes say why."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from compliance.engines.incremental.kept import Unusable
from compliance.engines.incremental.state import open_state
from compliance.outputs import CARRIED
from tests.engines.one_change import judged
from tests.nights import FULL, World

FULL_BECAUSE: dict[str, tuple[Callable[[World], object], str]] = {
    "policy": (World.edit_policy, "the policy has changed"),
    "year": (lambda world: setattr(world, "day", date(2027, 1, 1)), "permit-year-implausible asks for the day"),
    "stale": (lambda world: setattr(world, "day", date(2026, 12, 20)), "stale systems"),
    "issuers": (lambda world: world.rows["platforms"][0].update(short_names="番茄,戊"), "issuers have changed"),
    "absent": (lambda world: world.rows.pop("dossiers"), "the catalog lacked"),
    "half": (lambda world: [world._edit("titles", row, {}) for row in world.rows["titles"]], "more than half"),
}


@pytest.mark.parametrize("case", FULL_BECAUSE)
def test_everything_is_judged_and_why_is_told(world: World, case: str) -> None:
    change, why = FULL_BECAUSE[case]
    change(world)
    note = world.night().notes[-1]
    assert note.startswith(FULL)
    assert why in note


def test_the_program_is_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.engines.incremental.circumstances.program_mark", lambda: "another")
    assert "another version" in world.night().notes[-1]


@pytest.mark.parametrize("name", ["rulings.parquet", "titles.parquet"])
def test_a_damaged_state_gives_way_to_a_full_audit(world: World, name: str) -> None:
    assert world.last is not None
    (world.last / CARRIED / name).write_bytes(b"PAR1 no more")
    note = world.night().notes[-1]
    assert note.startswith(FULL)
    assert "failed" in note


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "damaged"),
        ("{}", "damaged"),
        ('{"format": 0}', "another version"),
        ("[1]", "damaged"),
        (None, "left no state"),
    ],
)
def test_a_manifest_that_cannot_be_used(world: World, text: str | None, why: str) -> None:
    assert world.last is not None
    manifest = world.last / CARRIED / "manifest.json"
    if text is None:
        manifest.unlink()
    else:
        manifest.write_text(text)
    with pytest.raises(Unusable, match=why):
        open_state(world.last)


def test_the_state_of_another_run_is_not_used(world: World) -> None:
    assert world.last is not None
    summary = world.last / "summary.json"
    summary.write_text(json.dumps({**json.loads(summary.read_text()), "run_id": "another"}))
    with pytest.raises(Unusable, match="another run's"):
        open_state(world.last)


def test_evidence_in_another_order_is_compared_while_it_is_little(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.rows["labels"].reverse()
    assert judged(world.night()) == 0
    world.rows["labels"].reverse()
    monkeypatch.setattr("compliance.engines.incremental.evidence._FEW", 3)
    note = world.night(proven=False).notes[-1]
    assert note.startswith(FULL)
    assert "most rows of labels" in note
