"""What an incremental audit judges again, and what it carries: one change at a time."""

# ruff: noqa: DTZ001 - wall time in Asia/Shanghai, as the contract wants it

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from compliance.engines.incremental import kept
from compliance.engines.incremental.proof import DIFFERENCES, proven_audit
from compliance.outputs import CARRIED
from compliance.verdicts.waivers import Waiver, seen
from tests.catalogs import NUMBER, Row
from tests.engines.one_change import OTHER, THIRD, judged, rows_of
from tests.nights import INCREMENTAL, START, World


def found(world: World) -> dict[str, set[str]]:
    """The rules that found something, by title."""
    assert world.last is not None
    rules: dict[str, set[str]] = {}
    for row in pq.read_table(world.last / "findings.parquet").to_pylist():
        rules.setdefault(row["title_id"], set()).add(row["rule"])
    return rules


def title(world: World, title_id: str) -> Row:
    return next(row for row in world.rows["titles"] if row["title_id"] == title_id)


def test_nothing_has_changed(world: World) -> None:
    assert judged(world.night()) == 0
    assert found(world) == {}


def test_a_revoked_number(world: World) -> None:
    world._edit("register", world.rows["register"][0], {"status": "revoked"})
    assert judged(world.night()) == 1
    assert found(world) == {"t1": {"permit-inactive"}}


def test_a_number_newly_reused_and_no_longer(world: World) -> None:
    world._edit("titles", title(world, "t2"), {"permit_number": NUMBER})
    assert judged(world.night()) == 2
    assert "number-on-several-titles" in found(world)["t2"]
    world._edit("titles", title(world, "t2"), {"permit_number": OTHER})
    world.night()
    assert found(world) == {}


def test_both_carry_a_number_that_the_register_has_lost(world: World) -> None:
    world._edit("titles", title(world, "t2"), {"permit_number": f"{NUMBER}　"})
    world.night(proven=False)
    assert "number-on-several-titles" not in found(world).get("t1", set())
    del world.rows["register"][0]
    assert judged(world.night()) == 2
    assert "number-on-several-titles" in found(world)["t1"]


def test_a_title_removed_frees_its_number(world: World) -> None:
    world.rows["titles"].append({**title(world, "t1"), "title_id": "t5", "name": "戊"})
    del world.rows["register"][0]
    world.night(proven=False)
    assert "number-on-several-titles" in found(world)["t1"]
    world.rows["titles"].pop()
    world.night()
    assert found(world) == {"t1": {"permit-unregistered"}}


def test_the_name_of_one_title_is_the_other_ones_affair(world: World) -> None:
    world.rows["titles"].append({**title(world, "t1"), "title_id": "t5"})
    del world.rows["register"][0]
    world.night(proven=False)
    assert "number-on-several-titles" not in found(world)["t1"]
    world._edit("titles", world.rows["titles"][-1], {"name": "改名"})
    world.night()
    assert "number-on-several-titles" in found(world)["t1"]


def test_a_label_deleted(world: World) -> None:
    del world.rows["labels"][2]
    assert judged(world.night()) == 1
    assert found(world) == {"t3": {"label-missing"}}


def test_an_episode_that_was_doubled(world: World) -> None:
    world.rows["episodes"].append(dict(world.rows["episodes"][1]))
    assert judged(world.night()) == 1


def test_a_platform_loses_its_licence(world: World) -> None:
    world.rows["platforms"][0]["av_licence"] = None
    assert judged(world.night()) == 3
    assert all("platform-unqualified" in rules for rules in found(world).values())


@pytest.mark.parametrize(("days_on", "fails"), [(0, False), (1, True)])
def test_a_licence_runs_out_at_midnight(world: World, days_on: int, fails: bool) -> None:
    world.day = date(2027, 5, 31)
    world.night(proven=False)
    world.day = date(2027, 6, 1) + timedelta(days_on)
    world.night()
    assert any("platform-unqualified" in rules for rules in found(world).values()) is fails


def test_a_regime_starts_at_midnight(world: World) -> None:
    """From 2026-09-01 on, a tier 2 begins at another amount; a draft without a day falls under the law of the day."""
    draft = {"status": "draft", "online_at": None, "investment_yuan": 900_000, "declared_tier": None}
    world._edit("titles", title(world, "t1"), draft)
    world.day = date(2026, 8, 31)
    world.night(proven=False)
    before = verdict(world, "t1")
    world.day = date(2026, 9, 1)
    world.night()
    assert before["regime"] != verdict(world, "t1")["regime"]


def verdict(world: World, title_id: str) -> Row:
    assert world.last is not None
    rows = pq.read_table(world.last / "verdicts.parquet").to_pylist()
    return next(row for row in rows if row["title_id"] == title_id)


DRAFT: Row = {"status": "draft", "online_at": None}


def test_a_draft_without_a_day_is_carried_over_an_ordinary_night(world: World) -> None:
    world._edit("titles", title(world, "t1"), DRAFT)
    world.night(proven=False)
    world.day += timedelta(1)
    assert judged(world.night()) == 0


@pytest.mark.parametrize(("days_on", "again"), [(0, 0), (1, 1), (2, 0)])
def test_a_draft_is_judged_again_on_the_day_its_number_is_issued(world: World, days_on: int, again: int) -> None:
    """It would come online today, and before the number is issued that is too early (`register_issued_late`)."""
    world._edit("titles", title(world, "t1"), DRAFT)
    world._edit("register", world.rows["register"][0], {"issued_on": world.day + timedelta(days_on)})
    world.night(proven=False)
    world.day += timedelta(1)
    assert judged(world.night()) == again


def test_a_finding_that_shows_the_day_shows_this_one(world: World) -> None:
    world._edit("titles", title(world, "t1"), {**DRAFT, "permit_number": None})
    world.night(proven=False)
    world.day += timedelta(1)
    assert judged(world.night()) == 1
    assert shown(world, "t1", "permit-missing")["online_on"] == world.day.isoformat()


def shown(world: World, title_id: str, rule: str) -> Row:
    """The evidence of one finding."""
    assert world.last is not None
    for row in pq.read_table(world.last / "findings.parquet").to_pylist():
        if (row["title_id"], row["rule"]) == (title_id, rule):
            return dict(json.loads(row["evidence"]))
    raise AssertionError(f"{rule} found nothing at {title_id}")


def test_a_placement_begins_and_ends(world: World) -> None:
    world._edit("titles", title(world, "t1"), {"online_at": datetime(2025, 10, 1)})
    world.rows["placements"] = rows_of(
        "placements",
        {
            "title_id": "t1",
            "slot": "first_screen",
            "starts_at": datetime(2026, 11, 22),
            "ends_at": datetime(2026, 11, 23),
        },
    )
    tiers = []
    for day in (21, 22, 23, 24):
        world.day = date(2026, 11, day)
        assert judged(world.night(proven=day == 24)) <= 1
        tiers.append(verdict(world, "t1")["tier"])
    assert tiers == [3, 1, 1, 3]


@pytest.mark.parametrize("scope", ["title", "platform", "producer"])
def test_a_waiver_is_given_and_expires(world: World, scope: str) -> None:
    del world.rows["labels"][2]
    world.night(proven=False)
    assert world.last is not None
    (finding,) = pq.read_table(world.last / "findings.parquet").to_pylist()
    of_title = {"permit": THIRD, "evidence": seen(json.loads(finding["evidence"]))} if scope == "title" else {}
    subject = {"title": "t3", "platform": "fanqie", "producer": "某某影视有限公司 "}[scope]
    world.waivers = [
        Waiver("W1", scope, subject, "label-missing", START + timedelta(1), "r", "t", "Li", "Wang", START, **of_title)
    ]
    decisions = []
    for passed in range(3):
        world.day = START + timedelta(passed)
        assert judged(world.night(proven=passed > 0)) == 1
        decisions.append(verdict(world, "t3")["decision"])
    assert decisions == ["allow", "allow", "block"]


def test_a_row_becomes_bad_and_good_again(world: World) -> None:
    world._edit("titles", title(world, "t1"), {"investment_yuan": -1})
    assert world.night().counts["quarantined"] == 1
    assert verdict(world, "t1")["decision"] == "hold"
    world._edit("titles", title(world, "t1"), {"investment_yuan": 1})
    world.night()
    assert verdict(world, "t1")["decision"] == "allow"


def test_in_a_database_too_rows_are_compared_that_have_no_watermark(world: World) -> None:
    world.in_database = True
    assert world.night().notes[-1].startswith(INCREMENTAL)  # files on the first night, a database from then on
    del world.rows["labels"][2]
    world.rows["episodes"][1]["media_hash"] = "h"
    world._edit("register", world.rows["register"][0], {"status": "revoked"})
    assert judged(world.night()) == 3
    assert found(world) == {"t1": {"permit-inactive"}, "t3": {"label-missing"}}
    assert judged(world.night()) == 0


@pytest.mark.parametrize("sound", [True, False])
def test_the_proof_finds_what_an_incremental_audit_misses(
    world: World, monkeypatch: pytest.MonkeyPatch, sound: bool
) -> None:
    """A change of the register that is not followed."""
    world._edit("register", world.rows["register"][0], {"status": "revoked"})
    catalog = world.export()
    folder = world.folder / "proven"
    folder.mkdir()
    request = replace(world.request(catalog, folder, incremental=True), incremental=False)
    if not sound:
        compared = kept.compare

        def forgetful(con: duckdb.DuckDBPyConnection, watched: kept.Watched, before: Path) -> None:
            compared(con, watched, before)
            con.execute(f"DELETE FROM {watched.relation}_changes")

        monkeypatch.setattr(kept, "compare", forgetful)
    summary = proven_audit(request, progress=lambda _: None)
    assert ("says the same" in summary.notes[-1]) is sound
    assert (summary.counts[DIFFERENCES] == 0) is sound
    assert json.loads((folder / "summary.json").read_text())["notes"][-1] == summary.notes[-1]
    assert verdicts(folder)["t1"] == "block"  # what is published is right
    assert (folder / CARRIED / "manifest.json").exists()
    assert not list(folder.glob(".proof*"))


def verdicts(folder: Path) -> dict[str, str]:
    rows = pq.read_table(folder / "verdicts.parquet", columns=["title_id", "decision"]).to_pylist()
    return {row["title_id"]: row["decision"] for row in rows}
